// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {PoseidonGoldilocks} from "../../src/libraries/PoseidonGoldilocks.sol";
import {PlainPoseidon} from "../support/PlainPoseidon.sol";
import {Test} from "../support/Test.sol";

contract PoseidonHarness {
    function hash(uint256 tag, uint256 count, uint256[8] memory elements)
        external
        pure
        returns (bytes32)
    {
        uint256[10] memory lanes;
        for (uint256 i = 0; i < 8; i++) {
            lanes[i] = elements[i];
        }
        (lanes[8], lanes[9]) = (tag, count);
        return PoseidonGoldilocks.hash(lanes);
    }
}

contract PoseidonGoldilocksTest is Test {
    uint256 private constant P = PoseidonGoldilocks.P;
    PoseidonHarness private harness = new PoseidonHarness();

    function test_plainForm_givesThePublishedVectors() external pure {
        uint256[12] memory state;
        PlainPoseidon.permute(state);
        vm.assertEq(state[0], 0x3c18a9786cb0b359, "zeros, first lane");
        vm.assertEq(state[11], 0x1792b1c4342109d7, "zeros, last lane");
        for (uint256 i = 0; i < 12; i++) {
            state[i] = P - 1;
        }
        PlainPoseidon.permute(state);
        vm.assertEq(state[0], 0xbe0085cfc57a8357, "minus ones, first lane");
        vm.assertEq(state[11], 0xe28e96f1ae5e60d3, "minus ones, last lane");
    }

    /// forge-config: default.fuzz.runs = 32
    function test_hash_equalsThePlainForm(uint256 seed, uint256 count, uint256 tag) external view {
        compare(bound(tag, 0, 255), bound(count, 0, 8), seed);
    }

    function test_hash_equalsThePlainForm_whenLanesAreLargest() external view {
        uint256[8] memory elements;
        uint256[] memory list = new uint256[](8);
        for (uint256 i = 0; i < 8; i++) {
            elements[i] = P - 1;
            list[i] = P - 1;
        }
        bytes32 plain = PlainPoseidon.hash(P - 1, list);
        vm.assertEq(harness.hash(P - 1, 8, elements), plain, "digest");
    }

    function test_hash_separatesTagsAndCounts() external view {
        uint256[8] memory zeros;
        bytes32 digest = harness.hash(2, 8, zeros);
        vm.assertNotEq(digest, harness.hash(3, 8, zeros), "tags");
        vm.assertNotEq(digest, harness.hash(2, 7, zeros), "counts");
    }

    function test_hash_gas() external {
        uint256[8] memory elements;
        harness.hash(2, 8, elements);
        vm.snapshotGasLastCall("PoseidonGoldilocks", "hash, with the call around it");
    }

    function compare(uint256 tag, uint256 count, uint256 seed) private view {
        uint256[8] memory elements;
        uint256[] memory list = new uint256[](count);
        for (uint256 i = 0; i < count; i++) {
            elements[i] = draw(seed, i) % P;
            list[i] = elements[i];
        }
        vm.assertEq(harness.hash(tag, count, elements), PlainPoseidon.hash(tag, list), "digest");
    }
}
