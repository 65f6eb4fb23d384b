// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../src/interfaces/ISheaf.sol";
import {PlainWords} from "./support/PlainWords.sol";
import {Rollup} from "./support/Rollup.sol";

/// @notice Batches whose data words travel as calldata. `SheafBlobs.t.sol` has those with blobs,
/// `SheafMoney.t.sol` deposits, exits, payouts and claims, `SheafSender.t.sol` who may finalise.
contract SheafTest is Rollup {
    function test_finalise_storesTheStateAndSaysSo(uint256 seed) external {
        bytes memory data = abi.encode(seed >> 8, draw(seed, 1) >> 8, draw(seed, 2) >> 8);
        ISheaf.Batch memory batch = nextBatch();
        uint256[8] memory proof = prove(batch, "", data);
        bytes32 pre = sheaf.state();
        vm.expectEmit(address(sheaf));
        emit ISheaf.BatchFinalised(
            1, pre, batch.postState, batch.timestamp, 0, keccak256(""), calldataReference(data)
        );
        vm.prank(OPERATOR, OPERATOR);
        sheaf.finalise(batch, "", data, proof);
        vm.assertEq(sheaf.state(), batch.postState, "state");
        (uint64 number, uint32 timestamp,,,) = sheaf.progress();
        vm.assertEq(number, 1, "number");
        vm.assertEq(timestamp, batch.timestamp, "timestamp");
    }

    function test_finalise_batchAfterBatch() external {
        for (uint256 i = 0; i < 3; i++) {
            finalise("", abi.encode(i));
        }
        (uint64 number,,,,) = sheaf.progress();
        vm.assertEq(number, 3, "number");
    }

    function test_finalise_refusesAProofOfAnythingElse(uint256 which) external {
        bytes memory data = abi.encode(uint256(1), uint256(2));
        bytes memory l1Words = PlainWords.pair(0, 4, 0, 0, 5);
        ISheaf.Batch memory batch = nextBatch();
        uint256[8] memory proof = prove(batch, l1Words, data);
        which = bound(which, 0, 6);
        if (which == 0) batch.postState ^= bytes32(uint256(1));
        if (which == 1) batch.chains ^= bytes32(uint256(1) << 255);
        if (which == 2) batch.timestamp += 1;
        if (which == 3) data[63] = 0x03;
        if (which == 4) data = abi.encode(uint256(1));
        if (which == 5) l1Words[63] = 0x06;
        if (which == 6) proof[7] = 1;
        expectRefusal(batch, l1Words, data, proof, abi.encodePacked(ISheaf.InvalidProof.selector));
    }

    function test_finalise_refusesAProofOfTheSameBatchAfterAnotherState() external {
        ISheaf.Batch memory batch = nextBatch();
        uint256[8] memory proof = prove(batch, "", abi.encode(1));
        finalise("", abi.encode(2));
        batch.number += 1;
        expectRefusal(
            batch, "", abi.encode(1), proof, abi.encodePacked(ISheaf.InvalidProof.selector)
        );
    }

    function test_finalise_refusesAnyNumberButTheNext(uint64 number) external {
        if (number == 2) number = 3;
        finalise("", "");
        ISheaf.Batch memory batch = nextBatch();
        batch.number = number;
        bytes4 selector = ISheaf.WrongNumber.selector;
        refuse(batch, "", "", abi.encodeWithSelector(selector, number, 2));
    }

    function test_finalise_timeMayStandStill() external {
        finalise("", "");
        finalise("", "");
    }

    function test_finalise_refusesTimeThatRunsBackwards() external {
        finalise("", "");
        ISheaf.Batch memory batch = nextBatch();
        batch.timestamp -= 1;
        bytes memory reason = abi.encodeWithSelector(
            ISheaf.InvalidTimestamp.selector,
            batch.timestamp,
            batch.timestamp + 1,
            block.timestamp + 15 minutes
        );
        refuse(batch, "", "", reason);
    }

    function test_finalise_takesATimeAQuarterOfAnHourAheadAndNoLater() external {
        ISheaf.Batch memory batch = nextBatch();
        uint256 latest = block.timestamp + 15 minutes;
        batch.timestamp = uint32(latest + 1);
        bytes4 selector = ISheaf.InvalidTimestamp.selector;
        refuse(batch, "", "", abi.encodeWithSelector(selector, latest + 1, 0, latest));
        batch.timestamp = uint32(latest);
        uint256[8] memory proof = prove(batch, "", "");
        vm.prank(OPERATOR, OPERATOR);
        sheaf.finalise(batch, "", "", proof);
    }

    function test_finalise_takesTheLargestStreams() external {
        bytes memory l1Words;
        for (uint256 i = 0; i < 512; i++) {
            l1Words = bytes.concat(l1Words, PlainWords.pair(0, 4, 0, 0, i));
        }
        finalise(l1Words, new bytes(4_096 * 32));
    }

    function test_finalise_refusesLargerStreams() external {
        bytes4 selector = ISheaf.InvalidStream.selector;
        bytes memory large = new bytes(4_097 * 32);
        bytes memory reason = abi.encodeWithSelector(selector, 4_097 * 32, 4_096);
        refuse(nextBatch(), "", large, reason);
        large = new bytes(1_026 * 32);
        reason = abi.encodeWithSelector(selector, 1_026 * 32, 1_024);
        refuse(nextBatch(), large, "", reason);
    }

    function test_finalise_refusesHalfAPairOfL1Words() external {
        bytes memory reason = abi.encodeWithSelector(ISheaf.InvalidStream.selector, 32, 1_024);
        refuse(nextBatch(), new bytes(32), "", reason);
    }

    function test_finalise_refusesPartsOfWords() external {
        bytes memory reason = abi.encodeWithSelector(ISheaf.InvalidStream.selector, 33, 4_096);
        refuse(nextBatch(), "", new bytes(33), reason);
    }

    function test_finalise_refusesWordsOf249Bits() external {
        bytes memory large = abi.encode(uint256(1) << 248);
        bytes memory reason = abi.encodePacked(ISheaf.WordTooLarge.selector);
        refuse(nextBatch(), "", large, reason);
        refuse(nextBatch(), bytes.concat(large, large), "", reason);
    }

    function test_finalise_refusesUnknownCodes(uint256 code) external {
        code = bound(code, 0, 15);
        if (code >= 4 && code <= 6) code = 7;
        bytes memory pair = PlainWords.pair(1, code, 0, 0, 5);
        uint256 a = PlainWords.wordAt(pair, 0);
        bytes4 selector = ISheaf.InvalidL1Word.selector;
        refuse(nextBatch(), pair, "", abi.encodeWithSelector(selector, a, 5));
    }

    function test_finalise_refusesARecipientThatIsNoAddress() external {
        bytes memory pair = PlainWords.pair(1, 4, 0, 0, 1 << 160);
        uint256 a = PlainWords.wordAt(pair, 0);
        bytes4 selector = ISheaf.InvalidL1Word.selector;
        refuse(nextBatch(), pair, "", abi.encodeWithSelector(selector, a, uint256(1) << 160));
    }

    /// @dev A batch with its own right proof is refused all the same, and nothing has changed.
    function refuse(
        ISheaf.Batch memory batch,
        bytes memory l1Words,
        bytes memory data,
        bytes memory reason
    ) private {
        expectRefusal(batch, l1Words, data, prove(batch, l1Words, data), reason);
    }

    function expectRefusal(
        ISheaf.Batch memory batch,
        bytes memory l1Words,
        bytes memory data,
        uint256[8] memory proof,
        bytes memory reason
    ) private {
        bytes32 state = sheaf.state();
        (uint64 number,,,,) = sheaf.progress();
        vm.prank(OPERATOR, OPERATOR);
        vm.expectRevert(reason);
        sheaf.finalise(batch, l1Words, data, proof);
        vm.assertEq(sheaf.state(), state, "state untouched");
        (uint64 after_,,,,) = sheaf.progress();
        vm.assertEq(after_, number, "number untouched");
    }
}
