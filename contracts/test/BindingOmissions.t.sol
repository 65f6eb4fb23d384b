// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../src/interfaces/ISheaf.sol";
import {PublicInputs} from "../src/libraries/PublicInputs.sol";
import {PlainWords} from "./support/PlainWords.sol";
import {Test} from "./support/Test.sol";

/// @title Why z is a hash of so many things
/// @notice A model of the whole argument. The prover commits to two streams (`chains`), the
/// publisher publishes two streams, and the contract believes they are the same because they agree
/// at z. Each test leaves one part out of what is hashed or compared, and solves for a false stream
/// that the weakened rule believes; its twin shows that the real rule does not.
contract BindingOmissionsTest is Test {
    uint256 private constant NOTHING = 0;
    uint256 private constant DATA = 1;
    uint256 private constant L1_WORDS = 2;
    uint256 private constant CHAINS = 4;
    uint256 private constant NUMBER = 8;
    uint256 private constant COUNT = 16;

    uint256 private constant FIELD = PlainWords.FIELD;
    bytes32 private constant PRE = bytes32(uint256(11));

    /// What a prover commits to, or what a publisher publishes.
    struct Streams {
        bytes l1Words;
        bytes data;
    }

    function test_model_isTheRealPoint() external view {
        Streams memory honest = streams();
        ISheaf.Batch memory batch = header(honest, 1);
        uint256 z = this.realPoint(batch, honest);
        vm.assertEq(pointWithout(NOTHING, batch, honest), z, "z");
    }

    function test_honestStreams_areBelievedByEveryRule() external pure {
        Streams memory honest = streams();
        for (uint256 omitted = 0; omitted <= COUNT; omitted++) {
            vm.assertTrue(believes(omitted, header(honest, 1), honest, honest), "honest");
        }
    }

    function test_withoutData_thePublisherChoosesTheData() external pure {
        Streams memory committed = streams();
        ISheaf.Batch memory batch = header(committed, 1);
        Streams memory published = streams();
        uint256 z = pointWithout(DATA, batch, published);
        published.data = solve(published.data, z);
        requireForgery(DATA, batch, committed, published);
    }

    function test_withoutL1Words_thePublisherChoosesThePayouts() external pure {
        Streams memory committed = streams();
        ISheaf.Batch memory batch = header(committed, 1);
        Streams memory published = streams();
        uint256 z = pointWithout(L1_WORDS, batch, published);
        published.l1Words = solve(published.l1Words, z);
        requireForgery(L1_WORDS, batch, committed, published);
    }

    function test_withoutChains_theProverChoosesWhatHeProves() external pure {
        Streams memory published = streams();
        // The header is not known before the commitment is, but this z does not look at it.
        uint256 z = pointWithout(CHAINS, header(published, 1), published);
        Streams memory committed = streams();
        committed.data = solve(committed.data, z);
        requireForgery(CHAINS, header(committed, 1), committed, published);
    }

    function test_withoutCount_dataWordsBecomePayouts() external pure {
        Streams memory committed = streams();
        ISheaf.Batch memory batch = header(committed, 1);
        Streams memory published;
        published.l1Words = bytes.concat(committed.l1Words, committed.data);
        requireForgery(COUNT, batch, committed, published);
    }

    /// @dev The number is no public input: only z holds a proof to it.
    function test_withoutNumber_aProofServesTwoBatches() external pure {
        Streams memory honest = streams();
        uint256 first = pointWithout(NUMBER, header(honest, 1), honest);
        uint256 second = pointWithout(NUMBER, header(honest, 2), honest);
        vm.assertEq(first, second, "the same statement twice");
        first = pointWithout(NOTHING, header(honest, 1), honest);
        second = pointWithout(NOTHING, header(honest, 2), honest);
        vm.assertNotEq(bytes32(first), bytes32(second), "two statements");
    }

    function realPoint(ISheaf.Batch calldata batch, Streams calldata published)
        external
        pure
        returns (uint256)
    {
        bytes32 data = keccak256(published.data);
        return PublicInputs.point(PRE, batch, data, keccak256(published.l1Words));
    }

    function requireForgery(
        uint256 omitted,
        ISheaf.Batch memory batch,
        Streams memory committed,
        Streams memory published
    ) private pure {
        bytes32 claimed = keccak256(abi.encode(published));
        vm.assertNotEq(claimed, keccak256(abi.encode(committed)), "it must be another stream");
        vm.assertTrue(believes(omitted, batch, committed, published), "the weakened rule");
        vm.assertFalse(believes(NOTHING, batch, committed, published), "the real rule");
    }

    /// @dev What contract and proof check together, except for the parts omitted.
    function believes(
        uint256 omitted,
        ISheaf.Batch memory batch,
        Streams memory committed,
        Streams memory published
    ) private pure returns (bool) {
        if (batch.chains != commitment(committed)) return false;
        if (omitted & COUNT == 0 && committed.l1Words.length != published.l1Words.length) {
            return false;
        }
        uint256 z = pointWithout(omitted, batch, published);
        bytes memory proven = bytes.concat(committed.l1Words, committed.data);
        bytes memory seen = bytes.concat(published.l1Words, published.data);
        return PlainWords.evaluate(proven, z) == PlainWords.evaluate(seen, z);
    }

    function pointWithout(uint256 omitted, ISheaf.Batch memory batch, Streams memory published)
        private
        pure
        returns (uint256)
    {
        bytes memory parts;
        if (omitted & DATA == 0) parts = bytes.concat(parts, keccak256(published.data));
        if (omitted & L1_WORDS == 0) parts = bytes.concat(parts, keccak256(published.l1Words));
        parts = bytes.concat(parts, PRE, batch.postState);
        if (omitted & CHAINS == 0) parts = bytes.concat(parts, batch.chains);
        if (omitted & NUMBER == 0) parts = bytes.concat(parts, bytes32(uint256(batch.number)));
        return uint256(keccak256(bytes.concat(parts, bytes32(uint256(batch.timestamp))))) >> 8;
    }

    /// @dev Another stream of words below 2^248 with the same value at z. It draws a new second
    /// word until the first word that makes up for it is short enough: one draw in 116 is.
    function solve(bytes memory stream, uint256 z) private pure returns (bytes memory other) {
        uint256 second = PlainWords.wordAt(stream, 1);
        for (uint256 n = 0; n < 4_000; n++) {
            uint256 candidate = draw(z, n) >> 8;
            uint256 change = addmod(second, FIELD - candidate, FIELD);
            uint256 first = addmod(PlainWords.wordAt(stream, 0), mulmod(change, z, FIELD), FIELD);
            if (first >> 248 != 0) continue;
            other = bytes.concat(stream);
            assembly ("memory-safe") {
                mstore(add(other, 0x20), first)
                mstore(add(other, 0x40), candidate)
            }
            return other;
        }
    }

    function streams() private pure returns (Streams memory) {
        return Streams({
            l1Words: bytes.concat(
                PlainWords.pair(500, 4, 1, 0, 0xa11ce), PlainWords.pair(7, 5, 0, 0, 123)
            ),
            data: bytes.concat(
                PlainWords.pair(500, 4, 0, 3, PlainWords.word(1, 0, 0, 3 + 16 * 9)),
                PlainWords.pair(7, 5, 0, 8, PlainWords.word(1, 0, 0, 7 + 16 * 2))
            )
        });
    }

    function header(Streams memory committed, uint64 number)
        private
        pure
        returns (ISheaf.Batch memory)
    {
        return ISheaf.Batch({
            number: number,
            postState: bytes32(uint256(12)),
            chains: commitment(committed),
            timestamp: 1_800_000_000
        });
    }

    /// @dev Stands in for Hash(Chains, D, L): all that matters here is that it binds both streams.
    function commitment(Streams memory committed) private pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(committed.data), keccak256(committed.l1Words)));
    }
}
