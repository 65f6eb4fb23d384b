// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../../src/interfaces/ISheaf.sol";
import {Payouts} from "../../src/libraries/Payouts.sol";
import {Test} from "../support/Test.sol";

contract PayoutsHarness {
    using Payouts for Payouts.Ledger;

    Payouts.Ledger private ledger;

    function credit(address account, uint16 token, uint64 amount) external {
        ledger.credit(account, token, amount);
    }

    function take(address account, uint16 token) external returns (uint64) {
        return ledger.take(account, token);
    }

    function pending(address account, uint16 token) external view returns (uint64) {
        return ledger.pending[account][token];
    }
}

contract PayoutsTest is Test {
    PayoutsHarness private payouts = new PayoutsHarness();

    function test_take_givesWhatWasCredited(address account, uint16 token, uint64 a, uint64 b)
        external
    {
        a = uint64(bound(a, 1, 2 ** 61));
        b = uint64(bound(b, 1, 2 ** 61));
        vm.expectEmit(address(payouts));
        emit ISheaf.PayoutCredited(account, token, a);
        payouts.credit(account, token, a);
        payouts.credit(account, token, b);
        vm.assertEq(payouts.take(account, token), a + b, "taken");
        vm.assertEq(payouts.pending(account, token), 0, "left");
    }

    function test_take_refusesASecondTime() external {
        payouts.credit(address(1), 2, 3);
        payouts.take(address(1), 2);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NothingToClaim.selector, address(1), 2));
        payouts.take(address(1), 2);
    }

    function test_take_refusesAnotherAccountOrToken() external {
        payouts.credit(address(1), 2, 3);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NothingToClaim.selector, address(2), 2));
        payouts.take(address(2), 2);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NothingToClaim.selector, address(1), 3));
        payouts.take(address(1), 3);
        vm.assertEq(payouts.pending(address(1), 2), 3, "untouched");
    }

    function test_credit_ofZeroLeavesNothingToTake() external {
        payouts.credit(address(1), 2, 0);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NothingToClaim.selector, address(1), 2));
        payouts.take(address(1), 2);
    }
}
