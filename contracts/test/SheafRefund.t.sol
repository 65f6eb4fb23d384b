// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../src/interfaces/ISheaf.sol";
import {PlainWords} from "./support/PlainWords.sol";
import {Drill} from "./support/Drill.sol";

/// @notice Refunds of requests that no batch consumed, and the whole drill.
contract SheafRefundTest is Drill {
    /// Requests that batches have consumed before each test.
    uint64 private constant CONSUMED = 3;

    function test_refund_givesBackADepositAndItsPrice() external {
        vm.deal(BOB, 1 ether);
        vm.prank(BOB);
        sheaf.depositEther{value: 7 * ETHER_SCALE + FEE}(7 * ETHER_SCALE, OWNER);
        erc20.mint(BOB, 8 * SCALE);
        vm.prank(BOB);
        sheaf.depositToken{value: FEE}(1, 8 * SCALE, OWNER);
        freezeRollup();
        vm.expectEmit(address(sheaf));
        emit ISheaf.Refunded(CONSUMED, BOB);
        refund(CONSUMED, PlainWords.pair(7, 5, 0, 0, PlainWords.owner(OWNER)));
        requirePending(BOB, 0, 7 + PRICE, 0);
        refund(CONSUMED + 1, PlainWords.pair(8, 5, 1, 0, PlainWords.owner(OWNER)));
        requirePending(BOB, 0, 7 + 2 * PRICE, 0);
        requirePending(BOB, 1, 8, 0);
    }

    function test_refund_givesBackAnExitsPriceAndBond() external {
        freezeRollup();
        refund(CONSUMED, exitWords(0, ALICE));
        requirePending(ALICE, 0, PRICE + BOND, 0);
    }

    /// @dev The words of an exit with an amount are a batch's, not the request's.
    function test_refund_refusesOtherWords() external {
        request(7);
        freezeRollup();
        uint256 owner = PlainWords.owner(OWNER);
        bytes memory other = abi.encodeWithSelector(ISheaf.OtherRequest.selector, CONSUMED);
        refuse(CONSUMED, PlainWords.pair(8, 5, 0, 0, owner), other);
        refuse(CONSUMED, PlainWords.pair(7, 5, 1, 0, owner), other);
        refuse(CONSUMED, PlainWords.pair(7, 6, 0, 0, owner), other);
        refuse(CONSUMED, PlainWords.pair(7, 5, 0, 0, owner + 1), other);
        refuse(CONSUMED, exitWords(0, ALICE), other);
        other = abi.encodeWithSelector(ISheaf.OtherRequest.selector, CONSUMED + 1);
        uint256 alice = PlainWords.owner(ownerOf(keyOf(0), ALICE));
        refuse(CONSUMED + 1, PlainWords.pair(40, 6, 0, 0, alice), other);
        refund(CONSUMED, PlainWords.pair(7, 5, 0, 0, owner));
        refund(CONSUMED + 1, exitWords(0, ALICE));
    }

    function test_refund_refusesASecondTime() external {
        bytes memory words = request(7);
        freezeRollup();
        refund(CONSUMED, words);
        bytes memory reason = abi.encodeWithSelector(ISheaf.RefundedAlready.selector, CONSUMED);
        refuse(CONSUMED, words, reason);
        requirePending(address(this), 0, 7 + PRICE, 0);
        vm.assertEq(sheaf.request(CONSUMED).sender, address(0), "the sender is gone");
        // The chain behind a refunded request is as it was.
        refund(CONSUMED + 1, exitWords(0, ALICE));
    }

    function test_refund_refusesARequestThatABatchConsumed() external {
        freezeRollup();
        uint256 owner = PlainWords.owner(OWNER);
        bytes memory reason = abi.encodeWithSelector(ISheaf.NotWaiting.selector, 2);
        refuse(2, PlainWords.pair(25, 5, 0, 0, owner), reason);
        reason = abi.encodeWithSelector(ISheaf.NotWaiting.selector, CONSUMED + 1);
        refuse(CONSUMED + 1, exitWords(0, ALICE), reason);
    }

    function test_claims_goOnWhenFrozen() external {
        bytes memory payout = PlainWords.pair(5, 4, 1, 0, uint160(STRANGER));
        tree.setBalance(1, 55);
        finaliseTree(payout);
        freezeRollup();
        sheaf.claimFor(STRANGER, 1);
        vm.assertEq(erc20.balances(STRANGER), 5 * SCALE, "paid");
    }

    /// @dev Everyone leaves, whatever the operator does, and nothing is left behind.
    function test_drill_theEscrowOfEveryTokenEndsAtZero() external {
        bytes memory first = request(11);
        bytes memory second = requestToken(12);
        bytes memory exit = requestExit(BOB, 1, 0);
        vm.warp(START + 2 * SILENCE + 1);
        vm.deal(OTHER, 1 ether);
        vm.prank(OTHER);
        sheaf.takeOver{value: 1 ether}();
        vm.warp(START + FREEZE + 1);
        freeze();
        for (uint32 slot = 0; slot < SLOTS; slot++) {
            escape(slot);
        }
        refund(CONSUMED, first);
        refund(CONSUMED + 1, second);
        refund(CONSUMED + 2, exit);
        // The bond of the takeover that served nobody goes to the holder of the role.
        vm.prank(OTHER);
        sheaf.endLease();
        address[4] memory accounts = [ALICE, BOB, address(this), OPERATOR];
        for (uint256 i = 0; i < 4; i++) {
            for (uint16 token = 0; token < 2; token++) {
                if (sheaf.pending(accounts[i], token).amount != 0) {
                    sheaf.claimFor(accounts[i], token);
                }
            }
        }
        vm.assertEq(sheaf.token(0).escrow, 0, "ether in escrow");
        vm.assertEq(sheaf.token(1).escrow, 0, "tokens in escrow");
        vm.assertEq(address(sheaf).balance, 0, "ether");
        vm.assertEq(erc20.balances(address(sheaf)), 0, "tokens");
        vm.assertEq(ALICE.balance, 40 * ETHER_SCALE, "Alice has what was in her slots");
        uint256 bobs = 25 * ETHER_SCALE + uint256(PRICE + BOND) * ETHER_SCALE;
        vm.assertEq(BOB.balance, bobs, "Bob has his ether, and price and bond back");
        vm.assertEq(erc20.balances(BOB), 60 * SCALE, "and his tokens");
        uint256 first_ = 3 * FEE + uint256(TAKEOVER_BOND) * ETHER_SCALE;
        vm.assertEq(OPERATOR.balance, first_, "the operator has three prices and the bond");
    }

    receive() external payable {}

    function refund(uint64 index, bytes memory words) private {
        (uint256 a, uint256 b) = (PlainWords.wordAt(words, 0), PlainWords.wordAt(words, 1));
        vm.prank(STRANGER);
        sheaf.refund(index, a, b);
    }

    function refuse(uint64 index, bytes memory words, bytes memory reason) private {
        (uint256 a, uint256 b) = (PlainWords.wordAt(words, 0), PlainWords.wordAt(words, 1));
        vm.expectRevert(reason);
        sheaf.refund(index, a, b);
    }

    function requirePending(address account, uint16 token, uint64 amount, uint64 bond)
        private
        view
    {
        vm.assertEq(sheaf.pending(account, token).amount, amount, "amount");
        vm.assertEq(sheaf.pending(account, token).bond, bond, "bond");
    }

    function exitWords(uint32 slot, address account) private pure returns (bytes memory) {
        return PlainWords.pair(0, 6, 0, slot, PlainWords.owner(ownerOf(keyOf(slot), account)));
    }
}
