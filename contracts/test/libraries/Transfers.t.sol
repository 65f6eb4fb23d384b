// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../../src/interfaces/ISheaf.sol";
import {Transfers} from "../../src/libraries/Transfers.sol";
import {HostileToken} from "../support/HostileToken.sol";
import {Test} from "../support/Test.sol";

contract TransfersHarness {
    function pull(address erc20, address from, uint256 amount) external returns (uint256) {
        return Transfers.pull(erc20, from, amount);
    }

    function push(address erc20, address to, uint256 amount) external {
        Transfers.push(erc20, to, amount);
    }
}

contract EtherRefuser {
    bool public refuses;

    error No();

    function refuse(bool refuses_) external {
        refuses = refuses_;
    }

    receive() external payable {
        if (refuses) revert No();
    }
}

contract TransfersTest is Test {
    address private constant USER = address(0xa11ce);

    TransfersHarness private transfers;
    HostileToken private token;

    function setUp() external {
        transfers = new TransfersHarness();
        token = new HostileToken();
        token.mint(USER, 1_000);
        token.mint(address(transfers), 1_000);
        vm.deal(address(transfers), 1_000);
    }

    function test_pull_saysWhatArrived() external {
        vm.assertEq(pull(HostileToken.Manner.Honest), 100, "honest");
        vm.assertEq(pull(HostileToken.Manner.ReturnsNothing), 100, "returns nothing");
        vm.assertEq(pull(HostileToken.Manner.TakesFee), 90, "takes a fee");
        vm.assertEq(token.balances(address(transfers)), 1_290, "balance");
    }

    function test_pull_refusesTokensThatFail() external {
        refusePull(HostileToken.Manner.ReturnsFalse);
        refusePull(HostileToken.Manner.ReturnsTwo);
        refusePull(HostileToken.Manner.Reverts);
        refusePull(HostileToken.Manner.LosesBalance);
        refusePull(HostileToken.Manner.HasNoBalance);
        vm.etch(address(token), "");
        refusePull();
    }

    function test_push_sendsTokens() external {
        push(HostileToken.Manner.Honest);
        push(HostileToken.Manner.ReturnsNothing);
        push(HostileToken.Manner.TakesFee);
        vm.assertEq(token.balances(address(transfers)), 700, "balance");
        vm.assertEq(token.balances(USER), 1_290, "recipient");
    }

    function test_push_refusesATokenThatTakesItsFeeFromTheSender() external {
        token.behave(HostileToken.Manner.ChargesSender);
        bytes4 selector = ISheaf.TokenTookMore.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, address(token), 100, 110));
        transfers.push(address(token), USER, 100);
        vm.assertEq(token.balances(address(transfers)), 1_000, "nothing left");
        // Below ten there is no fee, and the same token is as good as any.
        transfers.push(address(token), USER, 9);
        vm.assertEq(token.balances(address(transfers)), 991, "the amount left");
    }

    function test_push_toItselfTakesNothing() external {
        transfers.push(address(token), address(transfers), 100);
        vm.assertEq(token.balances(address(transfers)), 1_000, "balance");
    }

    function test_push_refusesTokensThatFail() external {
        refusePush(HostileToken.Manner.ReturnsFalse);
        refusePush(HostileToken.Manner.ReturnsTwo);
        refusePush(HostileToken.Manner.Reverts);
        refusePush(HostileToken.Manner.HasNoBalance);
        vm.etch(address(token), "");
        refusePush();
    }

    function test_push_sendsEther() external {
        EtherRefuser recipient = new EtherRefuser();
        transfers.push(address(0), address(recipient), 400);
        vm.assertEq(address(recipient).balance, 400, "recipient");
        vm.assertEq(address(transfers).balance, 600, "balance");
    }

    function test_push_reportsRefusedEther() external {
        EtherRefuser recipient = new EtherRefuser();
        recipient.refuse(true);
        bytes4 selector = ISheaf.EtherRefused.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, address(recipient)));
        transfers.push(address(0), address(recipient), 400);
    }

    function pull(HostileToken.Manner manner) private returns (uint256) {
        token.behave(manner);
        return transfers.pull(address(token), USER, 100);
    }

    function refusePull(HostileToken.Manner manner) private {
        token.behave(manner);
        refusePull();
    }

    function refusePull() private {
        bytes4 selector = ISheaf.TokenCallFailed.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, address(token)));
        transfers.pull(address(token), USER, 100);
    }

    function push(HostileToken.Manner manner) private {
        token.behave(manner);
        transfers.push(address(token), USER, 100);
    }

    function refusePush(HostileToken.Manner manner) private {
        token.behave(manner);
        refusePush();
    }

    function refusePush() private {
        bytes4 selector = ISheaf.TokenCallFailed.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, address(token)));
        transfers.push(address(token), USER, 100);
    }
}
