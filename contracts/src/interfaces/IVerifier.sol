// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title The proof system as the rollup sees it
interface IVerifier {
    /// @notice Says whether `proof` proves the statement that `inputs` name.
    /// @dev An implementation refuses an input that is not below the scalar field's order, so that
    /// no statement has two encodings.
    /// @param proof A Groth16 proof over BN254 as EIP-197 lays points out: A (x, y), B (x
    /// imaginary, x real, y imaginary, y real), C (x, y).
    /// @param inputs The seven public inputs of `docs/protocol.md`, section 9.
    function verify(uint256[8] calldata proof, uint256[7] calldata inputs)
        external
        view
        returns (bool);

    /// @notice What names the verifying key: keccak256 of its encoding (`docs/protocol.md`,
    /// section 9).
    function keyHash() external view returns (bytes32);
}
