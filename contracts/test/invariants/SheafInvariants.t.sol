// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Sheaf} from "../../src/Sheaf.sol";
import {ISheaf} from "../../src/interfaces/ISheaf.sol";
import {Test} from "../support/Test.sol";
import {Handler} from "./Handler.sol";
import {Model} from "./Model.sol";

/// @notice What holds after any calls by anybody in any order, with tokens of every manner.
contract SheafInvariantsTest is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    uint16 private constant TOKENS = 5;
    uint256 private constant ACCOUNTS = 5;
    uint64 private constant PRICE = 100_000;
    uint64 private constant TAKEOVER_BOND = 1_000_000_000;
    uint256 private constant ETHER_SCALE = 10 ** 9;
    uint64 private constant LIMIT = 500;
    uint16 private constant LIMITED = 2;

    Handler private handler;
    Sheaf private sheaf;
    mapping(string action => uint256) private total;

    function setUp() external {
        handler = new Handler();
        sheaf = Sheaf(handler.rollup());
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory list) {
        list = new FuzzSelector[](1);
        list[0] = FuzzSelector(address(handler), actions());
    }

    function invariant_everything() external view {
        nothingSurprises();
        escrowIsBalancesPayoutsAndRequests();
        escrowIsWhatCameInAndDidNotLeave();
        etherIsBackedToTheWei();
        tokensAreBacked();
        escrowStaysWithinCaps();
        payoutsAreWhatIsOwed();
        queueIsWhatWasAsked();
        queueIsBounded();
        stateMovesByProofsAlone();
        serviceIsNoted();
        slotsEscapeOnce();
        frozenIsForEver();
        priceFollowsTheQueue();
        operatorIsWhoeverHasTheRoleOrTheLease();
        outflowKeepsItsLimit();
    }

    /// @dev A fixed walk, so that the walks of the invariants cannot be idle unnoticed.
    function test_handler_isNotIdle() external {
        bytes4[] memory calls = actions();
        for (uint256 i = 0; i < 12_000; i++) {
            if (handler.frozen() && i % 500 == 0) {
                this.invariant_everything();
                tally();
                handler = new Handler();
                sheaf = Sheaf(handler.rollup());
            }
            if (i % 25 == 0) this.invariant_everything();
            bytes4 selector = calls[draw(1, i) % calls.length];
            bytes memory data =
                abi.encodePacked(selector, draw(2, i) >> 248, draw(3, i) >> 248, draw(4, i) >> 248);
            if (selector == Handler.pass.selector || selector == bytes4(calls[0])) {
                data = abi.encodePacked(selector, draw(2, i), draw(3, i) >> 248, draw(4, i) >> 248);
            }
            if (selector == Handler.refund.selector || selector == Handler.requestExit.selector) {
                data = abi.encodePacked(
                    selector, draw(2, i) >> 248, draw(3, i) >> 255, draw(4, i) >> 255
                );
            }
            (bool done,) = address(handler).call(data);
            vm.assertTrue(done, "an action of the handler reverted");
        }
        this.invariant_everything();
        tally();
        string[19] memory list = names();
        for (uint256 i = 0; i < list.length; i++) {
            vm.assertLt(2, total[list[i]], list[i]);
        }
    }

    function tally() private {
        string[19] memory list = names();
        for (uint256 i = 0; i < list.length; i++) {
            total[list[i]] += handler.done(list[i]);
        }
    }

    /// @dev What the handler counts.
    function names() private pure returns (string[19] memory) {
        return [
            "batch",
            "batch with requests",
            "batch of a stand-in",
            "batch that binds the operator",
            "refused batch",
            "wrong batch",
            "exit request",
            "exit that pays",
            "withdrawal",
            "deposit of ether",
            "deposit of a token",
            "claim",
            "claim with a bond",
            "takeover",
            "end of a lease",
            "handover",
            "escape",
            "refund",
            "freeze"
        ];
    }

    function actions() private pure returns (bytes4[] memory list) {
        list = new bytes4[](28);
        list[0] = bytes4(keccak256("finalise(uint256,uint8,uint8)"));
        (list[1], list[2], list[3], list[4]) = (list[0], list[0], list[0], list[0]);
        list[5] = bytes4(keccak256("finaliseWrong(uint256,uint8)"));
        (list[6], list[7]) = (Handler.depositEther.selector, Handler.depositToken.selector);
        (list[8], list[9]) = (Handler.depositToken.selector, Handler.flood.selector);
        (list[10], list[11]) = (Handler.requestExit.selector, Handler.requestExit.selector);
        (list[12], list[13]) = (Handler.claim.selector, Handler.claim.selector);
        (list[14], list[15]) = (Handler.behave.selector, Handler.rebase.selector);
        (list[16], list[17]) = (Handler.offer.selector, Handler.accept.selector);
        (list[18], list[19]) = (Handler.takeOver.selector, Handler.endLease.selector);
        (list[20], list[21]) = (Handler.freeze.selector, Handler.pass.selector);
        (list[22], list[23]) = (Handler.escape.selector, Handler.refund.selector);
        (list[24], list[25]) = (Handler.escape.selector, Handler.escape.selector);
        (list[26], list[27]) = (Handler.freeze.selector, Handler.refund.selector);
    }

    function nothingSurprises() private view {
        if (handler.surpriseCount() != 0) vm.assertTrue(false, handler.surprises(0));
    }

    function escrowIsBalancesPayoutsAndRequests() private view {
        (,,, uint64 leaseEnd) = handler.rights();
        for (uint16 token = 0; token < TOKENS; token++) {
            uint256 sum = uint256(handler.balances(token)) + handler.waiting(token);
            if (token == 0 && leaseEnd != 0) sum += TAKEOVER_BOND;
            for (uint256 i = 0; i < ACCOUNTS; i++) {
                sum += sheaf.pending(handler.accounts(i), token).amount;
                if (token == 0) sum += bonds(handler.accounts(i));
            }
            vm.assertEq(sheaf.token(token).escrow, sum, "escrow");
        }
    }

    function escrowIsWhatCameInAndDidNotLeave() private view {
        for (uint16 token = 0; token < TOKENS; token++) {
            uint256 left = handler.moneyIn(token) - handler.moneyOut(token);
            vm.assertEq(sheaf.token(token).escrow, left, "in and out");
        }
    }

    function etherIsBackedToTheWei() private view {
        uint256 escrow = uint256(sheaf.token(0).escrow) * ETHER_SCALE;
        vm.assertEq(address(sheaf).balance, escrow + handler.surge(), "ether");
    }

    /// @dev Numbers 1 and 4 are one contract. What a token took away itself does not count.
    function tokensAreBacked() private view {
        for (uint16 token = 1; token < TOKENS; token++) {
            uint256 due = uint256(sheaf.token(token).escrow) * handler.scales(token);
            if (token == 1) due += uint256(sheaf.token(4).escrow) * handler.scales(4);
            if (token == 4) due += uint256(sheaf.token(1).escrow) * handler.scales(1);
            uint256 there = handler.contracts(token).balances(address(sheaf));
            vm.assertLt(due, there + handler.shrunk(token) + 1, "tokens");
        }
    }

    function escrowStaysWithinCaps() private view {
        for (uint16 token = 0; token < TOKENS; token++) {
            ISheaf.Token memory listed = sheaf.token(token);
            vm.assertLt(listed.escrow, uint256(listed.cap) + 1, "cap");
        }
    }

    function payoutsAreWhatIsOwed() private view {
        for (uint256 i = 0; i < ACCOUNTS; i++) {
            address account = handler.accounts(i);
            for (uint16 token = 0; token < TOKENS; token++) {
                ISheaf.Payout memory actual = sheaf.pending(account, token);
                ISheaf.Payout memory expected = handler.owedTo(account, token);
                vm.assertEq(actual.amount, expected.amount, "amount owed");
                vm.assertEq(actual.bond, expected.bond, "bond owed");
            }
        }
    }

    /// @dev The first and the last request that wait, and one between.
    function queueIsWhatWasAsked() private view {
        (uint64 head, uint64 tail) = sheaf.queue();
        vm.assertEq(head, handler.head(), "head");
        vm.assertEq(tail, handler.wishCount(), "tail");
        if (head == tail) return;
        uint64[3] memory places = [head, tail - 1, head + uint64(draw(tail, head) % (tail - head))];
        for (uint256 i = 0; i < 3; i++) {
            ISheaf.Request memory actual = sheaf.request(places[i]);
            Model.Wish memory made = handler.wish(places[i]);
            vm.assertEq(actual.chain, made.chain, "chain");
            vm.assertEq(actual.timestamp, made.time, "time");
            address sender = made.refunded ? address(0) : made.sender;
            vm.assertEq(actual.sender, sender, "sender");
        }
    }

    function queueIsBounded() private view {
        (uint64 head, uint64 tail) = sheaf.queue();
        vm.assertLt(head, uint256(tail) + 1, "head");
        vm.assertLt(tail - head, 4_096, "waiting");
    }

    function stateMovesByProofsAlone() private view {
        (uint64 number, uint32 timestamp,,,) = sheaf.progress();
        vm.assertEq(number, handler.number(), "number");
        vm.assertEq(timestamp, handler.timestamp(), "timestamp");
        vm.assertEq(sheaf.state(), handler.state(), "state");
    }

    function serviceIsNoted() private view {
        (,, uint64 servedAt, uint64 operatorAt,) = sheaf.progress();
        vm.assertEq(servedAt, handler.servedAt(), "served at");
        vm.assertEq(operatorAt, handler.operatorAt(), "operator at");
    }

    function slotsEscapeOnce() private view {
        for (uint32 slot = 0; slot < 20; slot++) {
            uint256 times = handler.escapes(slot);
            vm.assertLt(times, 2, "once");
            vm.assertEq(sheaf.escaped(slot), times == 1, "escaped");
        }
    }

    function frozenIsForEver() private view {
        (,,,, bool frozen) = sheaf.progress();
        vm.assertEq(frozen, handler.frozen(), "frozen");
        vm.assertEq(sheaf.frozenRoot() != 0, frozen, "root");
    }

    function priceFollowsTheQueue() private view {
        uint256 waiting = handler.wishCount() - handler.head();
        uint256 price = PRICE * ETHER_SCALE * 2 ** (waiting / 256);
        vm.assertEq(sheaf.priceOfRequest(), price, "price");
    }

    function operatorIsWhoeverHasTheRoleOrTheLease() private view {
        (address acting, address holder,, uint64 leaseEnd) = handler.rights();
        vm.assertEq(sheaf.operator(), acting, "acting");
        (address holder_, uint64 leaseEnd_) = sheaf.lease();
        vm.assertEq(holder_, holder, "holder");
        vm.assertEq(leaseEnd_, leaseEnd, "lease end");
        if (leaseEnd == 0) vm.assertEq(acting, holder, "without a lease");
    }

    function outflowKeepsItsLimit() private view {
        uint64 left = handler.leftToday(handler.time() / 1 days);
        vm.assertLt(left, LIMIT + 1, "limit");
        vm.assertEq(sheaf.token(LIMITED).outflowLimit, LIMIT, "for ever");
    }

    function bonds(address account) private view returns (uint256 sum) {
        for (uint16 token = 0; token < TOKENS; token++) {
            sum += sheaf.pending(account, token).bond;
        }
    }
}
