// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IVerifier} from "../interfaces/IVerifier.sol";

/// @title Accepts development proofs, which prove nothing
/// @notice For tests that need hundreds of batches. The maker of a development proof has checked
/// the witnesses with `ledger` instead of proving them. The contract cannot be deployed on any
/// chain but 31337.
contract DevelopmentVerifier is IVerifier {
    /// @notice This is no development chain.
    error NotADevelopmentChain(uint256 chainId);

    uint256 private constant DEVELOPMENT_CHAIN = 31_337;

    constructor() {
        if (block.chainid != DEVELOPMENT_CHAIN) revert NotADevelopmentChain(block.chainid);
    }

    /// @inheritdoc IVerifier
    /// @dev There is no key: the hash of the words that open each development proof.
    function keyHash() external pure returns (bytes32) {
        return keccak256("Sheaf development proof");
    }

    /// @inheritdoc IVerifier
    /// @dev A development proof of `inputs` is keccak256("Sheaf development proof" and inputs, 32
    /// bytes each), then seven zeros: the proof is valid for these inputs alone.
    function verify(uint256[8] calldata proof, uint256[7] calldata inputs)
        external
        pure
        returns (bool)
    {
        uint256 tail =
            proof[1] | proof[2] | proof[3] | proof[4] | proof[5] | proof[6] | proof[7];
        bytes32 expected = keccak256(abi.encodePacked("Sheaf development proof", inputs));
        return bytes32(proof[0]) == expected && tail == 0;
    }
}
