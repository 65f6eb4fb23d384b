// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../../src/interfaces/ISheaf.sol";
import {PublicInputs} from "../../src/libraries/PublicInputs.sol";
import {PlainWords} from "../support/PlainWords.sol";
import {Rollup} from "../support/Rollup.sol";

contract PublicInputsHarness {
    function point(bytes32 pre, ISheaf.Batch calldata batch, bytes32 data, bytes32 l1Words)
        external
        pure
        returns (uint256)
    {
        return PublicInputs.point(pre, batch, data, l1Words);
    }

    function calldataReference(bytes calldata data) external pure returns (bytes32) {
        return PublicInputs.calldataReference(data);
    }

    function pack(bytes32 pre, ISheaf.Batch calldata batch, PublicInputs.Published memory published)
        external
        pure
        returns (uint256[7] memory)
    {
        return PublicInputs.pack(pre, batch, published);
    }
}

contract PublicInputsTest is Rollup {
    PublicInputsHarness private harness = new PublicInputsHarness();

    function test_pack_followsTheProtocol(
        bytes32 pre,
        ISheaf.Batch memory batch,
        uint256 seed,
        uint256 words
    ) external view {
        bytes memory l1Words;
        for (uint256 i = 0; i < 2 * (words % 4); i++) {
            l1Words = bytes.concat(l1Words, bytes32(draw(seed, i) >> 8));
        }
        bytes memory data = abi.encode(seed >> 8, draw(seed, 100) >> 8);
        bytes32 dataReference = harness.calldataReference(data);
        uint256 z = harness.point(pre, batch, dataReference, keccak256(l1Words));
        PublicInputs.Published memory published = PublicInputs.Published({
            dataReference: dataReference,
            l1WordsHash: keccak256(l1Words),
            l1Words: l1Words.length / 32,
            z: z,
            y: PlainWords.evaluate(bytes.concat(l1Words, data), z)
        });
        uint256[7] memory expected = publicInputs(pre, batch, l1Words, data);
        requireSame(harness.pack(pre, batch, published), expected);
    }

    /// @dev The inputs hold these by themselves, whatever z leaves out.
    function test_pack_tellsStatesChainsTimeCountsAndThePoint(uint256 seed, uint8 bit)
        external
        view
    {
        ISheaf.Batch memory batch = batchFrom(seed);
        bytes32 pre = bytes32(draw(seed, 9));
        PublicInputs.Published memory published;
        published.y = draw(seed, 10) % PlainWords.FIELD;
        bytes32 flip = bytes32(uint256(1) << bit);
        bytes32[7] memory seen;
        seen[0] = packed(pre, batch, published);
        seen[1] = packed(pre ^ flip, batch, published);
        batch.postState ^= flip;
        seen[2] = packed(pre, batch, published);
        batch.chains ^= flip;
        seen[3] = packed(pre, batch, published);
        batch.timestamp ^= uint32(1) << (bit % 32);
        seen[4] = packed(pre, batch, published);
        published.l1Words ^= 1 << (bit % 10);
        seen[5] = packed(pre, batch, published);
        published.z ^= 1 << (bit % 248);
        seen[6] = packed(pre, batch, published);
        for (uint256 i = 0; i < 7; i++) {
            for (uint256 j = 0; j < i; j++) {
                vm.assertNotEq(seen[i], seen[j], "inputs");
            }
        }
    }

    function test_point_changesWithEveryPart(uint256 seed, uint8 bit) external view {
        ISheaf.Batch memory batch = batchFrom(seed);
        bytes32[3] memory part = [bytes32(seed), bytes32(draw(seed, 5)), bytes32(draw(seed, 6))];
        bytes32 flip = bytes32(uint256(1) << bit);
        bytes32[8] memory seen;
        seen[0] = pointOf(part, batch);
        for (uint256 i = 0; i < 3; i++) {
            part[i] ^= flip;
            seen[1 + i] = pointOf(part, batch);
        }
        batch.postState ^= flip;
        seen[4] = pointOf(part, batch);
        batch.chains ^= flip;
        seen[5] = pointOf(part, batch);
        batch.number ^= uint64(1) << (bit % 64);
        seen[6] = pointOf(part, batch);
        batch.timestamp ^= uint32(1) << (bit % 32);
        seen[7] = pointOf(part, batch);
        for (uint256 i = 0; i < 8; i++) {
            for (uint256 j = 0; j < i; j++) {
                vm.assertNotEq(seen[i], seen[j], "point");
            }
        }
    }

    function batchFrom(uint256 seed) private pure returns (ISheaf.Batch memory) {
        return ISheaf.Batch({
            number: uint64(draw(seed, 1)),
            postState: bytes32(draw(seed, 2)),
            chains: bytes32(draw(seed, 3)),
            timestamp: uint32(draw(seed, 4))
        });
    }

    function packed(bytes32 pre, ISheaf.Batch memory batch, PublicInputs.Published memory published)
        private
        view
        returns (bytes32)
    {
        return keccak256(abi.encode(harness.pack(pre, batch, published)));
    }

    function pointOf(bytes32[3] memory part, ISheaf.Batch memory batch)
        private
        view
        returns (bytes32)
    {
        return bytes32(harness.point(part[0], batch, part[1], part[2]));
    }

    function requireSame(uint256[7] memory actual, uint256[7] memory expected) private pure {
        for (uint256 i = 0; i < 7; i++) {
            vm.assertEq(actual[i], expected[i], "input");
        }
    }
}
