// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../src/interfaces/ISheaf.sol";
import {PlainWords} from "./support/PlainWords.sol";
import {Requester} from "./support/Requester.sol";

/// @notice The bounded ring, the price that rises, and where prices and bonds go.
contract SheafQueueTest is Requester {
    uint64 private constant PLACES = 4_096;

    function test_price_doublesWithEvery256ThatWait() external {
        for (uint64 count = 0; count < 1_024; count++) {
            if (count % 256 == 0 || count % 256 == 255) {
                uint256 price = FEE * 2 ** (count / 256);
                vm.assertEq(sheaf.priceOfRequest(), price, "price");
                refuseDeposit(price - 1, price);
            }
            deposit();
        }
        finaliseDeposits(512);
        vm.assertEq(sheaf.priceOfRequest(), 4 * FEE, "512 fewer");
        finaliseDeposits(512);
        vm.assertEq(sheaf.priceOfRequest(), FEE, "none waits");
    }

    function test_deposits_stopAtHalfTheRingAndExitsGoOn() external {
        for (uint256 i = 0; i < PLACES / 2; i++) {
            deposit();
        }
        uint256 price = sheaf.priceOfRequest();
        vm.assertEq(price, FEE * 2 ** 8, "price");
        vm.expectRevert(abi.encodeWithSelector(ISheaf.QueueFull.selector, PLACES / 2));
        sheaf.depositEther{value: price + ETHER_SCALE}(ETHER_SCALE, OWNER);
        exit();
        vm.expectRevert(abi.encodeWithSelector(ISheaf.QueueFull.selector, PLACES / 2 + 1));
        sheaf.depositEther{value: price + ETHER_SCALE}(ETHER_SCALE, OWNER);
        finaliseDeposits(2);
        deposit();
    }

    function test_exits_stopBeforeTheLastPlace() external {
        for (uint256 i = 0; i < PLACES - 1; i++) {
            exit();
        }
        uint256 price = sheaf.priceOfRequest();
        vm.assertEq(price, FEE * 2 ** 15, "the highest price");
        uint256 value = price + uint256(BOND) * ETHER_SCALE;
        vm.expectRevert(abi.encodeWithSelector(ISheaf.QueueFull.selector, PLACES - 1));
        sheaf.requestExit{value: value}(0, keyOf(0));
        (uint64 head, uint64 tail) = sheaf.queue();
        vm.assertEq(tail - head, PLACES - 1, "waiting");
        // All of them can be answered, and paid.
        bytes memory one = PlainWords.pair(1, 6, 0, 0, ownerWord());
        finalise(repeat(one, 512), "");
        vm.assertEq(sheaf.pending(address(this), 0).bond, 512 * BOND, "bonds");
        exit();
    }

    /// @dev Half a ring of requests again and again: every place is used more than once.
    function test_ring_goesRoundWithTheRightChain() external {
        bytes32 chain;
        bytes memory words = depositWords();
        uint64 made;
        for (uint256 round = 0; round < 19; round++) {
            for (uint256 i = 0; i < 500; i++) {
                deposit();
                chain = keccak256(bytes.concat(chain, words));
                made++;
            }
            vm.assertEq(sheaf.request(made - 1).chain, chain, "chain");
            finaliseDeposits(500);
        }
        (uint64 head, uint64 tail) = sheaf.queue();
        vm.assertEq(head, made, "head");
        vm.assertEq(tail, made, "tail");
        vm.assertLt(2 * PLACES, made, "twice round");
        ISheaf.Request memory zeros;
        bytes memory gone = abi.encode(sheaf.request(made - PLACES - 1));
        vm.assertEq(gone, abi.encode(zeros), "overwritten");
        vm.assertEq(sheaf.request(made - PLACES).sender, address(this), "the oldest that is kept");
    }

    function test_deposit_payBackWhatIsTooMuch() external {
        vm.deal(ALICE, 1 ether);
        vm.prank(ALICE);
        sheaf.depositEther{value: 1 ether}(5 * ETHER_SCALE, OWNER);
        vm.assertEq(ALICE.balance, 1 ether - 5 * ETHER_SCALE - FEE, "deposit");
        vm.deal(ALICE, 1 ether);
        vm.prank(ALICE);
        sheaf.requestExit{value: 1 ether}(1, keyOf(1));
        vm.assertEq(ALICE.balance, 1 ether - EXIT_FEE, "exit");
        requireBacking(0);
    }

    function test_requests_refuseTooLittle() external {
        refuseDeposit(0, FEE);
        refuseDeposit(FEE - 1, FEE);
        bytes4 selector = ISheaf.PriceNotPaid.selector;
        uint256 value = FEE + ETHER_SCALE - 1;
        vm.expectRevert(abi.encodeWithSelector(selector, value, FEE));
        sheaf.depositEther{value: value}(ETHER_SCALE, OWNER);
        // An amount that would wrap together with the price.
        vm.expectRevert(abi.encodeWithSelector(selector, value, FEE));
        sheaf.depositEther{value: value}(type(uint256).max, OWNER);
        vm.expectRevert(abi.encodeWithSelector(selector, EXIT_FEE - 1, EXIT_FEE));
        sheaf.requestExit{value: EXIT_FEE - 1}(1, keyOf(1));
        vm.expectRevert(abi.encodeWithSelector(selector, FEE, EXIT_FEE));
        sheaf.requestExit{value: FEE}(1, keyOf(1));
        (, uint64 tail) = sheaf.queue();
        vm.assertEq(tail, 0, "no request");
        vm.assertEq(sheaf.token(0).escrow, 0, "no escrow");
    }

    /// @dev Nobody is credited the surge, the operator least of all.
    function test_surge_staysLocked() external {
        uint256 surge;
        for (uint256 i = 0; i < 600; i++) {
            surge += sheaf.priceOfRequest() - FEE;
            deposit();
        }
        requireBacking(surge);
        finaliseDeposits(512);
        finaliseDeposits(88);
        vm.assertEq(sheaf.pending(OPERATOR, 0).amount, 600 * PRICE, "first prices alone");
        requireBacking(surge);
        vm.prank(OPERATOR);
        sheaf.claim(0, OPERATOR);
        vm.assertEq(OPERATOR.balance, 600 * FEE, "paid");
        requireBacking(surge);
    }

    function test_bond_comesBackWithAnExitThatPays() external {
        request(30);
        bytes memory paying = requestExit(ALICE, 1, 30);
        finalise(bytes.concat(PlainWords.pair(30, 5, 0, 0, PlainWords.owner(OWNER)), paying), "");
        vm.assertEq(sheaf.pending(ALICE, 0).amount, 30, "payout");
        vm.assertEq(sheaf.pending(ALICE, 0).bond, BOND, "bond");
        vm.assertEq(sheaf.pending(OPERATOR, 0).amount, 2 * PRICE, "prices");
        uint256 before = ALICE.balance;
        vm.prank(ALICE);
        vm.assertEq(sheaf.claim(0, ALICE), 30 * ETHER_SCALE, "amount");
        uint256 paid = uint256(30 + BOND) * ETHER_SCALE;
        vm.assertEq(ALICE.balance - before, paid, "both");
        requireBacking(0);
    }

    function test_bond_ofAnExitThatPaysNothingGoesToWhoeverFinalised() external {
        bytes memory idle = requestExit(ALICE, 1, 0);
        bytes memory second = requestExit(ALICE, 2, 0);
        vm.warp(START + SILENCE + 1);
        finaliseAs(STRANGER, bytes.concat(idle, second));
        vm.assertEq(sheaf.pending(ALICE, 0).amount, 0, "no payout");
        vm.assertEq(sheaf.pending(ALICE, 0).bond, 0, "no bond");
        vm.assertEq(sheaf.pending(STRANGER, 0).amount, 2 * (PRICE + BOND), "prices and bonds");
        vm.assertEq(sheaf.pending(OPERATOR, 0).amount, 0, "not the operator");
        requireBacking(0);
    }

    /// @dev A batch without requests brings its sender nothing.
    function test_price_isForConsumedRequestsAlone() external {
        request(5);
        finalise(PlainWords.pair(1, 4, 0, 0, uint160(ALICE)), "");
        vm.assertEq(sheaf.pending(OPERATOR, 0).amount, 0, "nothing");
    }

    receive() external payable {}

    /// @dev The contract has the escrow of ether in full, and the surge, and not a wei more.
    function requireBacking(uint256 surge) private view {
        uint256 escrow = uint256(sheaf.token(0).escrow) * ETHER_SCALE;
        vm.assertEq(address(sheaf).balance, escrow + surge, "backing");
    }

    function refuseDeposit(uint256 value, uint256 due) private {
        vm.expectRevert(abi.encodeWithSelector(ISheaf.PriceNotPaid.selector, value, due));
        sheaf.depositEther{value: value}(ETHER_SCALE, OWNER);
    }

    function deposit() private {
        uint256 value = sheaf.priceOfRequest() + ETHER_SCALE;
        sheaf.depositEther{value: value}(ETHER_SCALE, OWNER);
    }

    function exit() private {
        uint256 value = sheaf.priceOfRequest() + uint256(BOND) * ETHER_SCALE;
        sheaf.requestExit{value: value}(0, keyOf(0));
    }

    function finaliseDeposits(uint256 count) private {
        finalise(repeat(depositWords(), count), "");
    }

    function depositWords() private pure returns (bytes memory) {
        return PlainWords.pair(1, 5, 0, 0, PlainWords.owner(OWNER));
    }

    function ownerWord() private view returns (uint256) {
        return PlainWords.owner(ownerOf(keyOf(0), address(this)));
    }

    function repeat(bytes memory pair, uint256 count) private pure returns (bytes memory words) {
        words = new bytes(64 * count);
        (uint256 a, uint256 b) = (PlainWords.wordAt(pair, 0), PlainWords.wordAt(pair, 1));
        for (uint256 i = 0; i < count; i++) {
            assembly ("memory-safe") {
                let place := add(add(words, 0x20), shl(6, i))
                mstore(place, a)
                mstore(add(place, 0x20), b)
            }
        }
    }
}
