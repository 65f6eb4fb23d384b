// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Sheaf} from "../src/Sheaf.sol";
import {ISheaf} from "../src/interfaces/ISheaf.sol";
import {Drill} from "./support/Drill.sol";
import {HostileToken} from "./support/HostileToken.sol";
import {PlainWords} from "./support/PlainWords.sol";

/// @notice What a lister can mend, the outflow limit, and claims for others.
contract SheafTokensTest is Drill {
    uint64 private constant LIMIT = 10;
    uint256 private constant DAY = 20_900 days;

    function test_raiseCap_onlyByTheLister(address sender) external {
        vm.assume(sender != LISTER);
        vm.prank(sender);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.Unauthorised.selector, sender, LISTER));
        sheaf.raiseCap(1, 2_000_000);
        vm.prank(LISTER);
        sheaf.raiseCap(1, 2_000_000);
        vm.assertEq(sheaf.token(1).cap, 2_000_000, "cap");
    }

    function test_raiseCap_letsMoreIn() external {
        uint64 left = 1_000_000 - sheaf.token(1).escrow;
        erc20.mint(address(this), 10_000_000 * SCALE);
        requestToken(left);
        bytes4 selector = ISheaf.CapExceeded.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, 1, 1_000_000, 1, 1_000_000));
        sheaf.depositToken{value: FEE}(1, SCALE, OWNER);
        vm.prank(LISTER);
        sheaf.raiseCap(1, 1_000_001);
        requestToken(1);
        vm.assertEq(sheaf.token(1).escrow, 1_000_001, "escrow");
    }

    /// @dev Balances under the wrong scale stay what they are; new deposits take the new number.
    function test_relisting_withAnotherScaleTakesANewNumber() external {
        vm.prank(LISTER);
        vm.assertEq(sheaf.listToken(address(erc20), 1, 1_000_000, 0), 2, "number");
        sheaf.depositToken{value: FEE}(2, 77, OWNER);
        vm.assertEq(sheaf.token(1).escrow, 60, "old escrow");
        vm.assertEq(sheaf.token(2).escrow, 77, "new escrow");
        vm.assertEq(erc20.balances(address(sheaf)), 60 * SCALE + 77, "both are backed");
        uint128[2] memory scales = [SCALE, 1];
        for (uint16 i = 0; i < 2; i++) {
            vm.prank(LISTER);
            bytes4 selector = ISheaf.AlreadyListed.selector;
            vm.expectRevert(abi.encodeWithSelector(selector, address(erc20), i + 1));
            sheaf.listToken(address(erc20), scales[i], 1_000_000, 0);
        }
        credit(STRANGER, 1, 3);
        credit(STRANGER, 2, 4);
        sheaf.claimFor(STRANGER, 1);
        sheaf.claimFor(STRANGER, 2);
        vm.assertEq(erc20.balances(STRANGER), 3 * SCALE + 4, "each by its scale");
    }

    function test_outflowLimit_delaysAndNeverTakesAway() external {
        uint16 token = listLimited();
        credit(STRANGER, token, 25);
        for (uint256 day = 0; day < 3; day++) {
            vm.warp(DAY + day * 1 days);
            uint64 expected = day < 2 ? LIMIT : 5;
            vm.assertEq(sheaf.claimFor(STRANGER, token), expected, "today's part");
            uint64 left = sheaf.pending(STRANGER, token).amount;
            vm.assertEq(left, day < 2 ? 25 - LIMIT * (day + 1) : 0, "the rest is kept");
            if (day == 2) break;
            vm.warp(DAY + day * 1 days + 1 days - 1);
            vm.expectRevert(abi.encodeWithSelector(ISheaf.OutflowSpent.selector, token));
            sheaf.claimFor(STRANGER, token);
        }
        bytes4 selector = ISheaf.NothingToClaim.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, STRANGER, token));
        sheaf.claimFor(STRANGER, token);
    }

    function test_outflowLimit_isForAllAccountsTogetherAndOneToken() external {
        uint16 token = listLimited();
        credit(STRANGER, token, 7);
        credit(OTHER, token, 7);
        credit(OTHER, 1, 50);
        vm.warp(DAY);
        sheaf.claimFor(STRANGER, token);
        vm.assertEq(sheaf.claimFor(OTHER, token), 3, "what is left of the limit");
        vm.assertEq(sheaf.pending(OTHER, token).amount, 4, "kept");
        vm.assertEq(sheaf.claimFor(OTHER, 1), 50 * SCALE, "no limit on another token");
        vm.warp(DAY + 1 days);
        vm.assertEq(sheaf.claimFor(OTHER, token), 4, "the next day");
    }

    /// @dev A claim that fails has spent nothing of the limit.
    function test_outflowLimit_isNotSpentByAClaimThatFails() external {
        uint16 token = listLimited();
        credit(STRANGER, token, LIMIT);
        HostileToken limited = HostileToken(sheaf.token(token).erc20);
        limited.behave(HostileToken.Manner.ReturnsFalse);
        vm.warp(DAY);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.TokenCallFailed.selector, address(limited)));
        sheaf.claimFor(STRANGER, token);
        limited.behave(HostileToken.Manner.Honest);
        vm.assertEq(sheaf.claimFor(STRANGER, token), LIMIT, "all of it");
    }

    function test_outflowLimit_ofEtherHoldsBackAmountsButNotBonds() external {
        ISheaf.Configuration memory decided = configuration();
        decided.etherOutflowLimit = LIMIT;
        sheaf = new Sheaf(decided);
        bytes memory words = bytes.concat(request(25), requestExit(ALICE, 1, 25));
        finalise(words, "");
        vm.warp(DAY);
        uint256 before = ALICE.balance;
        sheaf.claimFor(ALICE, 0);
        uint256 first = uint256(LIMIT + BOND) * ETHER_SCALE;
        vm.assertEq(ALICE.balance - before, first, "the limit, and the whole bond");
        vm.assertEq(sheaf.pending(ALICE, 0).amount, 25 - LIMIT, "kept");
        vm.assertEq(sheaf.pending(ALICE, 0).bond, 0, "the bond once");
        vm.expectRevert(abi.encodeWithSelector(ISheaf.OutflowSpent.selector, 0));
        sheaf.claimFor(ALICE, 0);
        vm.warp(DAY + 1 days);
        vm.assertEq(sheaf.claimFor(ALICE, 0), LIMIT * ETHER_SCALE, "the next day");
    }

    function test_claimFor_paysTheAccountAndNobodyElse() external {
        credit(ALICE, 1, 5);
        vm.expectEmit(address(sheaf));
        emit ISheaf.Claimed(ALICE, 1, ALICE, 5);
        vm.prank(STRANGER);
        vm.assertEq(sheaf.claimFor(ALICE, 1), 5 * SCALE, "amount");
        vm.assertEq(erc20.balances(ALICE), 5 * SCALE, "the account");
        vm.assertEq(erc20.balances(STRANGER), 0, "not the sender");
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NothingToClaim.selector, ALICE, 1));
        sheaf.claimFor(ALICE, 1);
    }

    /// @dev The bond of an exit in tokens is ether, and comes with the tokens.
    function test_claimFor_bringsTheBondOfAnExitInTokens() external {
        bytes memory exit = requestExit(ALICE, 1, 0);
        uint256 owner = PlainWords.wordAt(exit, 1);
        finaliseTree(PlainWords.pair(60, 6, 1, 1, owner));
        uint256 before = ALICE.balance;
        vm.prank(STRANGER);
        sheaf.claimFor(ALICE, 1);
        vm.assertEq(erc20.balances(ALICE), 60 * SCALE, "tokens");
        vm.assertEq(ALICE.balance - before, uint256(BOND) * ETHER_SCALE, "bond");
    }

    function test_claimFor_refusesAccountsThatCouldNeverTakeTheMoney() external {
        credit(address(sheaf), 1, 5);
        credit(address(erc20), 1, 5);
        address[2] memory accounts = [address(sheaf), address(erc20)];
        for (uint256 i = 0; i < 2; i++) {
            bytes4 selector = ISheaf.InvalidRecipient.selector;
            vm.expectRevert(abi.encodeWithSelector(selector, accounts[i]));
            sheaf.claimFor(accounts[i], 1);
        }
    }

    function listLimited() private returns (uint16 token) {
        HostileToken limited = new HostileToken();
        limited.mint(address(this), 1_000);
        vm.prank(LISTER);
        token = sheaf.listToken(address(limited), 1, 1_000_000, LIMIT);
        vm.assertEq(sheaf.token(token).outflowLimit, LIMIT, "limit");
        sheaf.depositToken{value: FEE}(token, 100, OWNER);
        finaliseTree(PlainWords.pair(100, 5, token, 0, PlainWords.owner(OWNER)));
    }

    function credit(address account, uint16 token, uint64 units) private {
        (uint64 head, uint64 tail) = sheaf.queue();
        bytes memory words = PlainWords.pair(units, 4, token, 0, uint160(account));
        if (head != tail) {
            bytes memory deposit = PlainWords.pair(77, 5, 2, 0, PlainWords.owner(OWNER));
            words = bytes.concat(deposit, words);
        }
        finaliseTree(words);
    }
}
