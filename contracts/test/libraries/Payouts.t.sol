// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../../src/interfaces/ISheaf.sol";
import {Payouts} from "../../src/libraries/Payouts.sol";
import {Test} from "../support/Test.sol";

contract PayoutsHarness {
    using Payouts for Payouts.Ledger;

    Payouts.Ledger private ledger;

    function credit(address account, uint16 token, uint64 amount, uint64 bond) external {
        ledger.credit(account, token, amount, bond);
    }

    function take(address account, uint16 token, uint64 allowance)
        external
        returns (ISheaf.Payout memory)
    {
        return ledger.take(account, token, allowance);
    }

    function pending(address account, uint16 token) external view returns (ISheaf.Payout memory) {
        return ledger.pending[account][token];
    }
}

contract PayoutsTest is Test {
    uint64 private constant ALL = type(uint64).max;

    PayoutsHarness private payouts = new PayoutsHarness();

    function test_take_givesWhatWasCredited(address account, uint16 token, uint64 a, uint64 b)
        external
    {
        a = uint64(bound(a, 1, 2 ** 61));
        b = uint64(bound(b, 1, 2 ** 61));
        vm.expectEmit(address(payouts));
        emit ISheaf.PayoutCredited(account, token, a, 0);
        payouts.credit(account, token, a, 0);
        vm.expectEmit(address(payouts));
        emit ISheaf.PayoutCredited(account, token, b, 7);
        payouts.credit(account, token, b, 7);
        payouts.credit(account, token, b, 8);
        requireTaken(payouts.take(account, token, ALL), a + 2 * b, 15);
        requireTaken(payouts.pending(account, token), 0, 0);
    }

    function test_take_refusesASecondTime() external {
        payouts.credit(address(1), 2, 3, 4);
        payouts.take(address(1), 2, ALL);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NothingToClaim.selector, address(1), 2));
        payouts.take(address(1), 2, ALL);
    }

    function test_take_refusesAnotherAccountOrToken() external {
        payouts.credit(address(1), 2, 3, 4);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NothingToClaim.selector, address(2), 2));
        payouts.take(address(2), 2, ALL);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NothingToClaim.selector, address(1), 3));
        payouts.take(address(1), 3, ALL);
        requireTaken(payouts.pending(address(1), 2), 3, 4);
    }

    function test_credit_ofZeroLeavesNothingToTake() external {
        payouts.credit(address(1), 2, 0, 0);
        // An exit that paid nothing brings no bond back.
        payouts.credit(address(1), 2, 0, 9);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NothingToClaim.selector, address(1), 2));
        payouts.take(address(1), 2, ALL);
    }

    function test_take_leavesWhatIsAboveTheAllowance(uint64 amount, uint64 allowance) external {
        amount = uint64(bound(amount, 2, 2 ** 62));
        allowance = uint64(bound(allowance, 1, amount - 1));
        payouts.credit(address(1), 2, amount, 5);
        requireTaken(payouts.take(address(1), 2, allowance), allowance, 5);
        requireTaken(payouts.pending(address(1), 2), amount - allowance, 0);
        requireTaken(payouts.take(address(1), 2, ALL), amount - allowance, 0);
    }

    function test_take_withoutAllowanceGivesTheBondAndThenSaysWhy() external {
        payouts.credit(address(1), 2, 3, 4);
        requireTaken(payouts.take(address(1), 2, 0), 0, 4);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.OutflowSpent.selector, 2));
        payouts.take(address(1), 2, 0);
        requireTaken(payouts.pending(address(1), 2), 3, 0);
    }

    function requireTaken(ISheaf.Payout memory payout, uint64 amount, uint64 bond) private pure {
        vm.assertEq(payout.amount, amount, "amount");
        vm.assertEq(payout.bond, bond, "bond");
    }
}
