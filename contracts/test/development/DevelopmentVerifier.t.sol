// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {DevelopmentVerifier} from "../../src/development/DevelopmentVerifier.sol";
import {Test} from "../support/Test.sol";

contract DevelopmentVerifierTest is Test {
    function test_constructor_refusesOtherChains(uint64 chainId) external {
        if (chainId == 0 || chainId == 31_337) chainId = 1;
        vm.chainId(chainId);
        bytes4 selector = DevelopmentVerifier.NotADevelopmentChain.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, chainId));
        this.deploy();
    }

    /// @dev A call of its own: a refused `new` would end the test.
    function deploy() external {
        new DevelopmentVerifier();
    }

    function test_verify_takesTheProofOfItsInputsAlone(
        uint256[7] memory inputs,
        uint256 place,
        uint256 change
    ) external {
        DevelopmentVerifier verifier = new DevelopmentVerifier();
        uint256[8] memory proof;
        proof[0] = uint256(keccak256(abi.encodePacked("Sheaf development proof", inputs)));
        vm.assertTrue(verifier.verify(proof, inputs), "its proof");
        if (change == 0) change = 1;
        uint256[8] memory otherProof = proof;
        otherProof[bound(place, 0, 7)] ^= change;
        vm.assertFalse(verifier.verify(otherProof, inputs), "another proof");
        inputs[bound(place, 0, 6)] ^= change;
        vm.assertFalse(verifier.verify(proof, inputs), "other inputs");
    }
}
