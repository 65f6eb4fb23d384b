// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../src/interfaces/ISheaf.sol";
import {RequestQueue} from "../src/libraries/RequestQueue.sol";
import {Requester} from "./support/Requester.sol";

/// @notice Roles that move in two steps, and the takeover with a lease.
contract SheafRolesTest is Requester {
    ISheaf.RoleName private constant OPERATOR_ROLE = ISheaf.RoleName.Operator;
    ISheaf.RoleName private constant LISTER_ROLE = ISheaf.RoleName.Lister;
    uint256 private constant TAKEOVER = uint256(TAKEOVER_BOND) * 10 ** 9;

    function setUp() public override {
        super.setUp();
        vm.deal(STRANGER, 100 ether);
        vm.deal(OTHER, 100 ether);
    }

    function test_operator_handsOverInTwoSteps() external {
        vm.expectEmit(address(sheaf));
        emit ISheaf.RoleOffered(OPERATOR_ROLE, ALICE);
        offer(OPERATOR, OPERATOR_ROLE, ALICE);
        vm.assertEq(sheaf.operator(), OPERATOR, "an offer moves nothing");
        finaliseAs(OPERATOR, "");
        vm.expectEmit(address(sheaf));
        emit ISheaf.RoleAccepted(OPERATOR_ROLE, ALICE);
        accept(ALICE, OPERATOR_ROLE);
        requireOperator(ALICE, ALICE, 0);
        finaliseAs(ALICE, "");
        refuseEarly(OPERATOR, "", RequestQueue.NEVER + SILENCE);
        refuseOffer(OPERATOR, OPERATOR_ROLE, ALICE);
    }

    /// @dev Otherwise a silent operator could hand the role round and never be taken over.
    function test_handover_isNoSignOfLife() external {
        request(1);
        vm.warp(START + 2 * SILENCE);
        offer(OPERATOR, OPERATOR_ROLE, ALICE);
        accept(ALICE, OPERATOR_ROLE);
        vm.warp(START + 2 * SILENCE + 1);
        takeOver(STRANGER);
        requireOperator(STRANGER, ALICE, uint64(START) + 2 * SILENCE + 1 + FREEZE);
    }

    function test_lister_handsOverInTwoSteps() external {
        offer(LISTER, LISTER_ROLE, ALICE);
        vm.assertEq(sheaf.lister(), LISTER, "an offer moves nothing");
        accept(ALICE, LISTER_ROLE);
        vm.assertEq(sheaf.lister(), ALICE, "lister");
        requireOperator(OPERATOR, OPERATOR, 0);
        vm.prank(LISTER);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.Unauthorised.selector, LISTER, ALICE));
        sheaf.listToken(address(sheaf), 1, 1, 0);
        vm.prank(ALICE);
        sheaf.listToken(address(sheaf), 1, 1, 0);
    }

    function test_offer_canBeTakenBackOrGivenToAnother() external {
        offer(OPERATOR, OPERATOR_ROLE, ALICE);
        offer(OPERATOR, OPERATOR_ROLE, OTHER);
        refuseAccept(ALICE, OPERATOR_ROLE, OTHER);
        offer(OPERATOR, OPERATOR_ROLE, address(0));
        refuseAccept(OTHER, OPERATOR_ROLE, address(0));
        requireOperator(OPERATOR, OPERATOR, 0);
    }

    function test_accept_onlyOnceAndOnlyTheRoleOnOffer() external {
        offer(OPERATOR, OPERATOR_ROLE, ALICE);
        refuseAccept(ALICE, LISTER_ROLE, address(0));
        refuseAccept(STRANGER, OPERATOR_ROLE, ALICE);
        accept(ALICE, OPERATOR_ROLE);
        refuseAccept(ALICE, OPERATOR_ROLE, address(0));
    }

    function test_offer_onlyByTheHolder(address sender) external {
        vm.assume(sender != OPERATOR && sender != LISTER);
        refuseOffer(sender, OPERATOR_ROLE, OPERATOR);
        refuseOffer(sender, LISTER_ROLE, LISTER);
        refuseOffer(LISTER, OPERATOR_ROLE, OPERATOR);
        refuseOffer(OPERATOR, LISTER_ROLE, LISTER);
    }

    function test_takeOver_givesALease() external {
        bytes memory exit = requestExit(ALICE, 1, 0);
        uint256 time = START + 2 * SILENCE + 1;
        vm.warp(time);
        vm.expectEmit(address(sheaf));
        emit ISheaf.TakenOver(STRANGER, uint64(time) + FREEZE);
        takeOver(STRANGER);
        requireOperator(STRANGER, OPERATOR, uint64(time) + FREEZE);
        vm.assertEq(STRANGER.balance, 100 ether - TAKEOVER, "the bond, and no more");
        vm.assertEq(sheaf.token(0).escrow, PRICE + BOND + TAKEOVER_BOND, "in escrow");
        finaliseAs(STRANGER, exit);
        finaliseAs(STRANGER, "");
        refuseEarly(OPERATOR, "", RequestQueue.NEVER + SILENCE);
    }

    function test_takeOver_refusedWhileNothingIsOverdue() external {
        vm.warp(START + 100 * SILENCE);
        bytes4 selector = ISheaf.OperatorNotSilent.selector;
        refuseTakeOver(abi.encodeWithSelector(selector, RequestQueue.NEVER + SILENCE));
        request(1);
        vm.warp(START + 101 * SILENCE);
        refuseTakeOver(abi.encodeWithSelector(selector, START + 101 * SILENCE));
        vm.warp(START + 101 * SILENCE + 1);
        takeOver(STRANGER);
    }

    /// @dev The operator is at work, though the work leaves something overdue.
    function test_takeOver_refusedForTwoDelaysAfterAnyBatchOfTheOperator() external {
        request(1);
        uint256 last = START + SILENCE;
        vm.warp(last);
        finaliseAs(OPERATOR, "");
        vm.warp(last + 2 * SILENCE);
        refuseTakeOver(
            abi.encodeWithSelector(ISheaf.TooEarlyToTakeOver.selector, last + 2 * SILENCE)
        );
        vm.warp(last + 2 * SILENCE + 1);
        takeOver(STRANGER);
    }

    /// @dev The batch of a stand-in is no sign of life of the operator.
    function test_takeOver_countsTheOperatorsBatchesAlone() external {
        bytes memory first = request(1);
        vm.warp(START + SILENCE);
        request(2);
        vm.warp(START + SILENCE + 1);
        finaliseAs(STRANGER, first);
        vm.warp(START + 2 * SILENCE + 1);
        takeOver(STRANGER);
    }

    function test_takeOver_refusesTooLittle() external {
        request(1);
        vm.warp(START + 2 * SILENCE + 1);
        vm.prank(STRANGER);
        bytes4 selector = ISheaf.PriceNotPaid.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, TAKEOVER - 1, TAKEOVER));
        sheaf.takeOver{value: TAKEOVER - 1}();
        vm.prank(STRANGER);
        sheaf.takeOver{value: TAKEOVER}();
    }

    function test_takeOver_theSecondGetsTheFirstOnesBond() external {
        request(1);
        uint256 time = START + 2 * SILENCE + 1;
        vm.warp(time);
        takeOver(STRANGER);
        // The leaseholder has two delays, too.
        vm.warp(time + 2 * SILENCE);
        vm.prank(OTHER);
        vm.expectRevert(
            abi.encodeWithSelector(ISheaf.TooEarlyToTakeOver.selector, time + 2 * SILENCE)
        );
        sheaf.takeOver{value: TAKEOVER}();
        time += 2 * SILENCE + 1;
        vm.warp(time);
        takeOver(OTHER);
        requireOperator(OTHER, OPERATOR, uint64(time) + FREEZE);
        vm.assertEq(sheaf.pending(OTHER, 0).amount, TAKEOVER_BOND, "the first bond");
        vm.assertEq(sheaf.pending(STRANGER, 0).amount, 0, "is lost");
        vm.assertEq(sheaf.token(0).escrow, 1 + PRICE + 2 * TAKEOVER_BOND, "escrow");
    }

    function test_endLease_byTheLeaseholderAtAnyTime() external {
        bytes memory deposit = request(1);
        vm.warp(START + 2 * SILENCE + 1);
        takeOver(STRANGER);
        finaliseAs(STRANGER, deposit);
        vm.expectEmit(address(sheaf));
        emit ISheaf.LeaseEnded(STRANGER, STRANGER);
        endLease(STRANGER);
        requireOperator(OPERATOR, OPERATOR, 0);
        vm.assertEq(sheaf.pending(STRANGER, 0).amount, TAKEOVER_BOND + PRICE, "bond and price");
        (,,, uint64 operatorAt,) = sheaf.progress();
        vm.assertEq(operatorAt, START + 2 * SILENCE + 1, "the operator has two delays again");
    }

    function test_endLease_byTheHolderFromTheEndOn() external {
        bytes memory deposit = request(1);
        uint256 time = START + 2 * SILENCE + 1;
        vm.warp(time);
        takeOver(STRANGER);
        finaliseAs(STRANGER, deposit);
        vm.warp(time + FREEZE - 1);
        refuseEndLease(OPERATOR, time + FREEZE);
        vm.warp(time + FREEZE);
        refuseEndLease(OTHER, time + FREEZE);
        endLease(OPERATOR);
        requireOperator(OPERATOR, OPERATOR, 0);
        vm.assertEq(sheaf.pending(STRANGER, 0).amount, TAKEOVER_BOND + PRICE, "bond and price");
        finaliseAs(OPERATOR, "");
    }

    /// @dev Nobody ends a lease for its holder: it goes on until then.
    function test_lease_goesOnUntilSomebodyEndsIt() external {
        bytes memory deposit = request(1);
        vm.warp(START + 2 * SILENCE + 1);
        takeOver(STRANGER);
        vm.warp(START + 100 * FREEZE);
        finaliseAs(STRANGER, deposit);
        finaliseAs(STRANGER, "");
    }

    function test_endLease_whileARequestIsOverdue_theBondIsTheHolders() external {
        request(1);
        vm.warp(START + 2 * SILENCE + 1);
        takeOver(STRANGER);
        vm.expectEmit(address(sheaf));
        emit ISheaf.LeaseEnded(STRANGER, OPERATOR);
        endLease(STRANGER);
        vm.assertEq(sheaf.pending(OPERATOR, 0).amount, TAKEOVER_BOND, "bond");
        vm.assertEq(sheaf.pending(STRANGER, 0).amount, 0, "nothing");
    }

    function test_endLease_refusedWithoutALease() external {
        address[3] memory senders = [OPERATOR, STRANGER, LISTER];
        for (uint256 i = 0; i < 3; i++) {
            vm.prank(senders[i]);
            vm.expectRevert(ISheaf.NoLease.selector);
            sheaf.endLease();
        }
    }

    function test_endLease_onlyOnce() external {
        bytes memory deposit = request(1);
        vm.warp(START + 2 * SILENCE + 1);
        takeOver(STRANGER);
        finaliseAs(STRANGER, deposit);
        endLease(STRANGER);
        vm.prank(STRANGER);
        vm.expectRevert(ISheaf.NoLease.selector);
        sheaf.endLease();
    }

    /// @dev The operator lost the rights, but not the role.
    function test_lease_takesTheOperatorsRightsButNotTheRole() external {
        bytes memory deposit = request(1);
        vm.warp(START + 2 * SILENCE + 1);
        takeOver(STRANGER);
        refuseUseless(OPERATOR, "", 0);
        refuseOffer(STRANGER, OPERATOR_ROLE, OPERATOR);
        finaliseAs(STRANGER, deposit);
        offer(OPERATOR, OPERATOR_ROLE, ALICE);
        accept(ALICE, OPERATOR_ROLE);
        requireOperator(STRANGER, ALICE, uint64(START) + 2 * SILENCE + 1 + FREEZE);
        endLease(STRANGER);
        requireOperator(ALICE, ALICE, 0);
    }

    /// @dev A stand-in's right to answer is not the operator's right to idle, hand over or lease.
    function test_standIn_hasNoRightsOfTheOperator() external {
        bytes memory deposit = request(1);
        vm.warp(START + SILENCE + 1);
        refuseUseless(STRANGER, "", 0);
        refuseOffer(STRANGER, OPERATOR_ROLE, OPERATOR);
        finaliseAs(STRANGER, deposit);
        requireOperator(OPERATOR, OPERATOR, 0);
        refuseEarly(STRANGER, "", RequestQueue.NEVER + SILENCE);
    }

    /// @dev The silent operator may come back by a takeover, with a bond like anybody's.
    function test_takeOver_byTheOperatorItself() external {
        bytes memory deposit = request(1);
        vm.warp(START + 2 * SILENCE + 1);
        vm.deal(OPERATOR, TAKEOVER);
        takeOver(OPERATOR);
        requireOperator(OPERATOR, OPERATOR, uint64(START) + 2 * SILENCE + 1 + FREEZE);
        finaliseAs(OPERATOR, deposit);
        endLease(OPERATOR);
        vm.assertEq(sheaf.pending(OPERATOR, 0).amount, TAKEOVER_BOND + PRICE, "back");
    }

    function takeOver(address sender) private {
        vm.prank(sender);
        sheaf.takeOver{value: sender.balance}();
    }

    function refuseTakeOver(bytes memory reason) private {
        vm.prank(STRANGER);
        vm.expectRevert(reason);
        sheaf.takeOver{value: TAKEOVER}();
    }

    function endLease(address sender) private {
        vm.prank(sender);
        sheaf.endLease();
    }

    function refuseEndLease(address sender, uint256 leaseEnd) private {
        vm.prank(sender);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.LeaseNotOver.selector, leaseEnd));
        sheaf.endLease();
    }

    function offer(address sender, ISheaf.RoleName role, address account) private {
        vm.prank(sender);
        sheaf.offerRole(role, account);
    }

    function refuseOffer(address sender, ISheaf.RoleName role, address holder) private {
        vm.prank(sender);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.Unauthorised.selector, sender, holder));
        sheaf.offerRole(role, sender);
    }

    function accept(address sender, ISheaf.RoleName role) private {
        vm.prank(sender);
        sheaf.acceptRole(role);
    }

    function refuseAccept(address sender, ISheaf.RoleName role, address offered) private {
        vm.prank(sender);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.Unauthorised.selector, sender, offered));
        sheaf.acceptRole(role);
    }

    function requireOperator(address acting, address holder, uint64 leaseEnd) private view {
        vm.assertEq(sheaf.operator(), acting, "acting");
        (address holder_, uint64 leaseEnd_) = sheaf.lease();
        vm.assertEq(holder_, holder, "holder");
        vm.assertEq(leaseEnd_, leaseEnd, "lease end");
    }
}
