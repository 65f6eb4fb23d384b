// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Groth16Verifier} from "../../src/Groth16Verifier.sol";
import {Test} from "./Test.sol";

/// @title A Groth16 key and proof made by the Rust side
/// @notice `circuits/examples/groth16_fixture.rs` writes the file.
abstract contract Groth16Fixture is Test {
    Groth16Verifier.Key internal key;
    uint256[8] internal proof;
    uint256[7] internal inputs;

    function readFixture() internal {
        string memory json = vm.readFile("fixtures/groth16.json");
        fill(key.alpha, numbers(json, ".vk.alpha", 2));
        fill(key.beta, numbers(json, ".vk.beta", 4));
        fill(key.gamma, numbers(json, ".vk.gamma", 4));
        fill(key.delta, numbers(json, ".vk.delta", 4));
        key.points = numbers(json, ".vk.points", 16);
        uint256[] memory list = numbers(json, ".proof", 8);
        for (uint256 i = 0; i < 8; i++) {
            proof[i] = list[i];
        }
        list = numbers(json, ".inputs", 7);
        for (uint256 i = 0; i < 7; i++) {
            inputs[i] = list[i];
        }
    }

    function numbers(string memory json, string memory path, uint256 count)
        private
        pure
        returns (uint256[] memory list)
    {
        list = vm.parseJsonUintArray(json, path);
        vm.assertEq(list.length, count, path);
    }

    function fill(uint256[2] storage target, uint256[] memory list) private {
        for (uint256 i = 0; i < 2; i++) {
            target[i] = list[i];
        }
    }

    function fill(uint256[4] storage target, uint256[] memory list) private {
        for (uint256 i = 0; i < 4; i++) {
            target[i] = list[i];
        }
    }
}
