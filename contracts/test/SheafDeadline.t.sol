// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../src/interfaces/ISheaf.sol";
import {PlainWords} from "./support/PlainWords.sol";
import {Requester} from "./support/Requester.sol";

/// @notice The deadline that binds the operator, too: two delays after an exit was requested.
contract SheafDeadlineTest is Requester {
    /// @dev The attack of decision 0005: whenever a stand-in has a proof, the operator finalises an
    /// idle batch first, and the proof is void. After two delays, the attack is over.
    function test_operator_cannotVoidAStandInsProofs() external {
        uint256 time = START;
        for (uint64 round = 0; round < 20; round++) {
            bytes memory exit = requestExit(ALICE, uint32(round), 0);
            time += 2 * SILENCE + 1;
            vm.warp(time);
            (ISheaf.Batch memory batch, uint256[8] memory proof) = proven(exit);
            refuseUseless(OPERATOR, "", 0);
            refuseUseless(OPERATOR, PlainWords.pair(0, 4, 0, 0, 1), 0);
            vm.prank(STRANGER, STRANGER);
            sheaf.finalise(batch, exit, "", proof);
            (uint64 number,,,,) = sheaf.progress();
            vm.assertEq(number, round + 1, "no proof is lost");
        }
    }

    /// @dev The twin: within the second delay, the operator still comes first.
    function test_operator_mayVoidAProofWithinTheSecondDelay() external {
        bytes memory exit = requestExit(ALICE, 1, 0);
        vm.warp(START + SILENCE + 1);
        (ISheaf.Batch memory batch, uint256[8] memory proof) = proven(exit);
        finalise("", "");
        expect(abi.encodeWithSelector(ISheaf.WrongNumber.selector, 1, 2), STRANGER);
        sheaf.finalise(batch, exit, "", proof);
    }

    /// @dev A batch that was proven before an outage, and before the exit was requested.
    function test_operator_hasTheSecondDelayForWhatWasProvenBefore() external {
        (ISheaf.Batch memory batch, uint256[8] memory proof) = proven("");
        requestExit(ALICE, 1, 0);
        vm.warp(START + 2 * SILENCE);
        vm.prank(OPERATOR, OPERATOR);
        sheaf.finalise(batch, "", "", proof);
        vm.assertEq(sheaf.state(), batch.postState, "landed");
    }

    function test_operator_isBoundASecondAfterTheSecondDelay() external {
        (ISheaf.Batch memory batch, uint256[8] memory proof) = proven("");
        bytes memory exit = requestExit(ALICE, 1, 0);
        vm.warp(START + 2 * SILENCE + 1);
        bytes4 selector = ISheaf.OverdueRequestLeft.selector;
        expect(abi.encodeWithSelector(selector, 0, FULL_LOAD), OPERATOR);
        sheaf.finalise(batch, "", "", proof);
        finaliseAs(OPERATOR, exit);
        finaliseAs(OPERATOR, "");
    }

    function test_operator_mustReachTheExitBehindDeposits() external {
        bytes memory deposits = requests(3);
        bytes memory exit = requestExit(ALICE, 1, 0);
        vm.warp(START + 2 * SILENCE + 1);
        refuseUseless(OPERATOR, deposits, 3);
        finaliseAs(OPERATOR, bytes.concat(deposits, exit));
    }

    function test_operator_mayLeaveTheExitBehindAFullLoad() external {
        bytes memory flood = requests(2 * FULL_LOAD);
        bytes memory exit = requestExit(ALICE, 1, 0);
        vm.warp(START + 2 * SILENCE + 1);
        refuseUseless(OPERATOR, part(flood, 0, FULL_LOAD - 1), FULL_LOAD - 1);
        finaliseAs(OPERATOR, part(flood, 0, FULL_LOAD));
        // His full load keeps others out for a delay, but does not free him.
        refuseUseless(OPERATOR, "", 0);
        refuseUseless(OPERATOR, part(flood, FULL_LOAD, 2 * FULL_LOAD - 1), FULL_LOAD - 1);
        finaliseAs(OPERATOR, part(flood, FULL_LOAD, 2 * FULL_LOAD));
        refuseUseless(OPERATOR, "", 0);
        finaliseAs(OPERATOR, exit);
    }

    function test_operator_mayLeaveAYoungerExit() external {
        bytes memory first = requestExit(ALICE, 1, 0);
        vm.warp(START + SILENCE);
        bytes memory second = requestExit(ALICE, 2, 0);
        vm.warp(START + 2 * SILENCE + 1);
        refuseUseless(OPERATOR, "", 0);
        finaliseAs(OPERATOR, first);
        vm.warp(START + 3 * SILENCE);
        finaliseAs(OPERATOR, "");
        vm.warp(START + 3 * SILENCE + 1);
        refuseUseless(OPERATOR, "", 0);
        finaliseAs(OPERATOR, second);
    }

    /// @dev Only exits bind the operator: a deposit can be refunded, and freezes nothing.
    function test_operator_isNotBoundByDeposits() external {
        bytes memory deposit = request(1);
        vm.warp(START + 100 * SILENCE);
        finaliseAs(OPERATOR, "");
        finaliseAs(STRANGER, deposit);
    }

    function test_leaseholder_isBoundLikeTheOperator() external {
        bytes memory exit = requestExit(ALICE, 1, 0);
        vm.warp(START + 2 * SILENCE + 1);
        vm.deal(STRANGER, 1 ether);
        vm.prank(STRANGER);
        sheaf.takeOver{value: 1 ether}();
        refuseUseless(STRANGER, "", 0);
        refuseUseless(OPERATOR, "", 0);
        finaliseAs(STRANGER, exit);
        finaliseAs(STRANGER, "");
    }

    /// @dev The next batch with these L1 words.
    function proven(bytes memory l1Words)
        private
        view
        returns (ISheaf.Batch memory batch, uint256[8] memory proof)
    {
        batch = nextBatch();
        proof = prove(batch, l1Words, "");
    }
}
