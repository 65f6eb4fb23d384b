// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Sheaf} from "../src/Sheaf.sol";
import {ISheaf} from "../src/interfaces/ISheaf.sol";
import {RequestQueue} from "../src/libraries/RequestQueue.sol";
import {PlainWords} from "./support/PlainWords.sol";
import {Requester} from "./support/Requester.sol";

/// @notice A contract that hands a batch on: the words that it passes need not be its input.
contract Relay {
    function pass(
        Sheaf sheaf,
        ISheaf.Batch calldata batch,
        bytes calldata l1Words,
        uint256[8] calldata proof
    ) external {
        sheaf.finalise(batch, l1Words, "", proof);
    }
}

/// @notice Who may finalise: the operator, and others only to answer what he left waiting too long.
contract SheafSenderTest is Requester {
    function test_others_onlyAfterARequestHasWaited(address sender) external {
        vm.assume(sender != OPERATOR && sender.code.length == 0);
        finalise("", "");
        bytes memory deposit = request(1);
        uint256 silentAfter = block.timestamp + SILENCE;
        vm.warp(silentAfter);
        refuseEarly(sender, deposit, silentAfter);
        vm.warp(silentAfter + 1);
        finaliseAs(sender, deposit);
        (uint64 number,, uint64 servedAt,,) = sheaf.progress();
        vm.assertEq(number, 2, "number");
        vm.assertEq(servedAt, 0, "the operator has done nothing");
        // Nothing waits any more, so nobody else has a right to be here.
        refuseEarly(sender, "", RequestQueue.NEVER + SILENCE);
        refuseEarly(OTHER, "", RequestQueue.NEVER + SILENCE);
        finalise("", "");
    }

    function test_others_neverWhileNothingWaits(uint64 wait) external {
        vm.warp(block.timestamp + bound(wait, 0, 100 * 365 days));
        refuseEarly(STRANGER, "", RequestQueue.NEVER + SILENCE);
        // A request from now on has its whole delay before it, and so has the operator.
        bytes memory deposit = request(1);
        vm.warp(block.timestamp + SILENCE);
        refuseEarly(STRANGER, deposit, block.timestamp);
    }

    function test_others_theNextRequestsOwnDelayCounts() external {
        bytes memory first = request(1);
        vm.warp(START + SILENCE / 2);
        bytes memory second = request(2);
        uint256 silentAfter = START + SILENCE / 2 + SILENCE;
        vm.warp(silentAfter);
        finalise(first, "");
        takenOnlyAfter(silentAfter, second);
    }

    function test_operator_mayAlwaysFinalise_butLessThanAFullLoadIsNoSignOfLife() external {
        bytes memory deposit = request(1);
        vm.warp(block.timestamp + SILENCE + 1);
        finalise("", "");
        finaliseAs(STRANGER, deposit);
    }

    function test_others_mustNotLeaveAnOverdueRequestAlone() external {
        bytes memory deposit = request(1);
        vm.warp(block.timestamp + SILENCE + 1);
        refuseUseless(STRANGER, "", 0);
        // Money that goes out consumes nothing.
        refuseUseless(STRANGER, PlainWords.pair(0, 4, 0, 0, 1), 0);
        finaliseAs(STRANGER, deposit);
    }

    function test_others_mustNotLeaveAnotherOverdueRequest() external {
        (bytes memory first, bytes memory second) = (request(1), request(2));
        vm.warp(START + 1);
        bytes memory third = request(3);
        vm.warp(START + 1 + SILENCE);
        refuseUseless(STRANGER, first, 1);
        finaliseAs(STRANGER, bytes.concat(first, second));
        // What is left becomes overdue a second later.
        refuseEarly(STRANGER, third, START + 1 + SILENCE);
        vm.warp(START + 2 + SILENCE);
        finaliseAs(STRANGER, third);
    }

    function test_others_mayLeaveOverdueRequestsBehindAFullLoad() external {
        bytes memory flood = requests(2 * FULL_LOAD + 1);
        vm.warp(block.timestamp + SILENCE + 1);
        refuseUseless(STRANGER, part(flood, 0, FULL_LOAD - 1), FULL_LOAD - 1);
        finaliseAs(STRANGER, part(flood, 0, FULL_LOAD));
        refuseUseless(OTHER, part(flood, FULL_LOAD, FULL_LOAD), 0);
        finaliseAs(OTHER, part(flood, FULL_LOAD, 2 * FULL_LOAD));
        finaliseAs(STRANGER, part(flood, 2 * FULL_LOAD, 2 * FULL_LOAD + 1));
        refuseEarly(STRANGER, "", RequestQueue.NEVER + SILENCE);
        (,, uint64 servedAt,,) = sheaf.progress();
        vm.assertEq(servedAt, 0, "their work is not the operator's");
    }

    /// @dev Idle batches leave the state, so that whoever has proven one can prove all the next.
    function test_others_cannotPlayTwoBatchesOutOfAStock() external {
        bytes memory own = request(1);
        vm.warp(START + SILENCE + 1);
        bytes32 pre = sheaf.state();
        ISheaf.Batch memory first = nextBatch();
        first.postState = pre;
        ISheaf.Batch memory second = nextBatch();
        second.postState = pre;
        second.number += 1;
        uint256[8] memory idle = proveAfter(pre, first, "", "");
        uint256[8] memory answer = proveAfter(pre, first, own, "");
        uint256[8] memory next = proveAfter(pre, second, "", "");
        expect(abi.encodeWithSelector(ISheaf.OverdueRequestLeft.selector, 0, FULL_LOAD), STRANGER);
        sheaf.finalise(first, "", "", idle);
        vm.prank(STRANGER, STRANGER);
        sheaf.finalise(first, own, "", answer);
        bytes4 early = ISheaf.OperatorNotSilent.selector;
        expect(abi.encodeWithSelector(early, RequestQueue.NEVER + SILENCE), STRANGER);
        sheaf.finalise(second, "", "", next);
        // Nor is anything gained by a new request: it has its delay, in which the operator goes on.
        request(2);
        expect(abi.encodeWithSelector(early, START + 1 + 2 * SILENCE), STRANGER);
        sheaf.finalise(second, "", "", next);
        finalise("", "");
        (uint64 number,,,,) = sheaf.progress();
        vm.assertEq(number, 2, "number");
    }

    function test_operator_isNotSilentWhileHeWorksThroughAFlood() external {
        bytes memory flood = requests(FULL_LOAD + 1);
        vm.warp(START + SILENCE / 2);
        ISheaf.Batch memory batch = nextBatch();
        batch.timestamp += 15 minutes;
        bytes memory served = part(flood, 0, FULL_LOAD);
        uint256[8] memory proof = prove(batch, served, "");
        vm.prank(OPERATOR, OPERATOR);
        sheaf.finalise(batch, served, "", proof);
        (,, uint64 servedAt,,) = sheaf.progress();
        vm.assertEq(servedAt, START + SILENCE / 2, "by L1's time, not by the batch's");
        uint256 silentAfter = START + SILENCE / 2 + SILENCE;
        bytes memory left = part(flood, FULL_LOAD, FULL_LOAD + 1);
        vm.warp(silentAfter);
        refuseEarly(STRANGER, left, silentAfter);
        vm.warp(silentAfter + 1);
        finaliseAs(STRANGER, left);
    }

    function test_operator_isSilentWhoTakesLessThanAFullLoadOutOfAFlood() external {
        bytes memory flood = requests(FULL_LOAD + 1);
        uint256 silentAfter = START + SILENCE;
        vm.warp(START + SILENCE / 2);
        finalise(part(flood, 0, FULL_LOAD - 1), "");
        bytes memory left = part(flood, FULL_LOAD - 1, FULL_LOAD + 1);
        vm.warp(silentAfter);
        refuseEarly(STRANGER, left, silentAfter);
        vm.warp(silentAfter + 1);
        finaliseAs(STRANGER, left);
        (,, uint64 servedAt,,) = sheaf.progress();
        vm.assertEq(servedAt, 0, "served at");
    }

    /// @dev An old full load never makes a younger request overdue earlier.
    function test_operator_hasTheDelayOfARequestThatCameAfterHisFullLoad() external {
        finalise(requests(FULL_LOAD), "");
        vm.warp(START + SILENCE);
        bytes memory deposit = request(1);
        uint256 silentAfter = START + 2 * SILENCE;
        takenOnlyAfter(silentAfter, deposit);
    }

    function test_finalise_refusesAContract() external {
        bytes memory deposit = request(1);
        vm.warp(block.timestamp + SILENCE + 1);
        Relay relay = new Relay();
        ISheaf.Batch memory batch = nextBatch();
        uint256[8] memory proof = prove(batch, deposit, "");
        bytes4 selector = ISheaf.NotExternallyOwned.selector;
        expect(abi.encodeWithSelector(selector, address(relay)), STRANGER);
        relay.pass(sheaf, batch, deposit, proof);
        vm.prank(STRANGER, STRANGER);
        sheaf.finalise(batch, deposit, "", proof);
    }

    /// @dev As a contract under construction would call: it has no code yet.
    function test_finalise_refusesAnybodyButTheOrigin() external {
        ISheaf.Batch memory batch = nextBatch();
        uint256[8] memory proof = prove(batch, "", "");
        vm.prank(OPERATOR, STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NotExternallyOwned.selector, OPERATOR));
        sheaf.finalise(batch, "", "", proof);
        vm.prank(OPERATOR, OPERATOR);
        sheaf.finalise(batch, "", "", proof);
    }

    /// @dev As an account that has delegated to code (EIP-7702) would call.
    function test_finalise_refusesAnAccountWithCode() external {
        bytes memory deposit = request(1);
        vm.warp(block.timestamp + SILENCE + 1);
        ISheaf.Batch memory batch = nextBatch();
        uint256[8] memory proof = prove(batch, deposit, "");
        address[2] memory senders = [OPERATOR, STRANGER];
        for (uint256 i = 0; i < 2; i++) {
            vm.etch(senders[i], abi.encodePacked(hex"ef0100", address(sheaf)));
            bytes4 selector = ISheaf.NotExternallyOwned.selector;
            expect(abi.encodeWithSelector(selector, senders[i]), senders[i]);
            sheaf.finalise(batch, deposit, "", proof);
        }
        vm.etch(OPERATOR, "");
        vm.prank(OPERATOR, OPERATOR);
        sheaf.finalise(batch, deposit, "", proof);
    }

    /// @dev A stranger's batch is refused at that time and taken a second later.
    function takenOnlyAfter(uint256 silentAfter, bytes memory l1Words) private {
        vm.warp(silentAfter);
        refuseEarly(STRANGER, l1Words, silentAfter);
        vm.warp(silentAfter + 1);
        finaliseAs(STRANGER, l1Words);
    }
}
