// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../../src/interfaces/ISheaf.sol";
import {RequestQueue} from "../../src/libraries/RequestQueue.sol";
import {Test} from "../support/Test.sol";

contract RequestQueueHarness {
    using RequestQueue for RequestQueue.Queue;

    RequestQueue.Queue private queue;

    function pushDeposit(uint256 a, uint256 b) external returns (uint64) {
        return queue.pushDeposit(a, b);
    }

    function pushExit(uint256 a, uint256 b) external returns (uint64) {
        return queue.pushExit(a, b);
    }

    function consume(uint64 next, uint64 exits, bytes32 chain) external {
        queue.consume(next, exits, chain);
    }

    function refund(uint64 index, uint256 a, uint256 b) external returns (address) {
        return queue.refund(index, a, b);
    }

    function oldest() external view returns (uint256, uint256) {
        return (queue.oldestTimestamp(), queue.oldestExitTimestamp());
    }

    function doublings() external view returns (uint64) {
        return queue.doublings();
    }

    function ends() external view returns (uint64, uint64) {
        return (queue.head, queue.tail);
    }

    function request(uint64 index) external view returns (ISheaf.Request memory) {
        return queue.get(index);
    }

    function senderOf(uint64 index) external view returns (address) {
        return queue.senderOf(index);
    }
}

contract RequestQueueTest is Test {
    uint256 private constant START = 1_800_000_000;
    uint64 private constant PLACES = RequestQueue.PLACES;

    RequestQueueHarness private queue;

    function setUp() external {
        vm.warp(START);
        queue = new RequestQueueHarness();
    }

    function test_push_extendsTheChain(uint256 seed) external {
        for (uint64 i = 0; i < 4; i++) {
            vm.prank(address(uint160(100 + i)));
            vm.assertEq(queue.pushDeposit(draw(seed, 2 * i), draw(seed, 2 * i + 1)), i, "index");
            ISheaf.Request memory request = queue.request(i);
            vm.assertEq(request.chain, chainAfter(seed, i + 1), "chain");
            vm.assertEq(request.sender, address(uint160(100 + i)), "sender");
            vm.assertEq(queue.senderOf(i), address(uint160(100 + i)), "sender alone");
            vm.assertEq(request.timestamp, START, "timestamp");
        }
        requireEnds(0, 4);
    }

    function test_push_aDepositAndAnExitChainAlike(uint256 seed) external {
        queue.pushExit(draw(seed, 0), draw(seed, 1));
        queue.pushDeposit(draw(seed, 2), draw(seed, 3));
        queue.pushExit(draw(seed, 4), draw(seed, 5));
        vm.assertEq(queue.request(2).chain, chainAfter(seed, 3), "chain");
    }

    function test_consume_anyNumberFromTheHead(uint256 seed, uint64 first, uint64 second) external {
        fill(seed, 6);
        first = uint64(bound(first, 0, 6));
        second = uint64(bound(second, first, 6));
        queue.consume(first, 0, chainAfter(seed, first));
        requireEnds(first, 6);
        queue.consume(second, 0, chainAfter(seed, second));
        requireEnds(second, 6);
    }

    function test_consume_refusesAnotherChain(uint256 seed, uint64 next, uint64 other) external {
        fill(seed, 6);
        next = uint64(bound(next, 1, 6));
        other = uint64(bound(other, 0, 6));
        if (other == next) other = next - 1;
        bytes32 chain = chainAfter(seed, other);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.RequestsMismatch.selector, 0, next));
        queue.consume(next, 0, chain);
        requireEnds(0, 6);
    }

    function test_consume_refusesMoreThanThereAre() external {
        fill(1, 2);
        queue.consume(2, 0, chainAfter(1, 2));
        vm.expectRevert(abi.encodeWithSelector(ISheaf.RequestsMismatch.selector, 2, 1));
        queue.consume(3, 0, bytes32(0));
        requireEnds(2, 2);
    }

    /// @dev The place of a request that does not exist yet still has the chain of an old one.
    function test_consume_refusesARoundAsManyRequests() external {
        fill(1, 5);
        queue.consume(5, 0, chainAfter(1, 5));
        bytes32 chain = chainAfter(1, 4);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.RequestsMismatch.selector, 5, PLACES - 1));
        queue.consume(PLACES + 4, 0, chain);
        requireEnds(5, 5);
    }

    function test_oldestTimestamp_isTheHeadsOrNever() external {
        requireOldest(RequestQueue.NEVER, RequestQueue.NEVER);
        queue.pushDeposit(draw(1, 0), draw(1, 1));
        requireOldest(START, RequestQueue.NEVER);
        vm.warp(START + 60);
        queue.pushExit(draw(1, 2), draw(1, 3));
        vm.warp(START + 90);
        queue.pushExit(draw(1, 4), draw(1, 5));
        requireOldest(START, START + 60);
        queue.consume(1, 0, chainAfter(1, 1));
        requireOldest(START + 60, START + 60);
        queue.consume(2, 1, chainAfter(1, 2));
        requireOldest(START + 90, START + 90);
        vm.warp(START + 120);
        queue.pushDeposit(draw(1, 6), draw(1, 7));
        queue.consume(3, 1, chainAfter(1, 3));
        requireOldest(START + 120, RequestQueue.NEVER);
        queue.consume(4, 0, chainAfter(1, 4));
        requireOldest(RequestQueue.NEVER, RequestQueue.NEVER);
    }

    function test_request_isZerosForOthers() external {
        fill(1, 2);
        requireZeros(2);
        requireZeros(PLACES);
        requireZeros(PLACES + 1);
        requireZeros(type(uint64).max);
    }

    function test_refund_givesTheSenderOnce() external {
        vm.prank(address(77));
        queue.pushDeposit(1, 2);
        vm.prank(address(78));
        queue.pushExit(3, 4);
        vm.assertEq(queue.refund(1, 3, 4), address(78), "the second");
        vm.assertEq(queue.refund(0, 1, 2), address(77), "the first");
        for (uint64 i = 0; i < 2; i++) {
            vm.expectRevert(abi.encodeWithSelector(ISheaf.RefundedAlready.selector, i));
            queue.refund(i, 2 * i + 1, 2 * i + 2);
        }
    }

    function test_refund_refusesOtherWords(uint256 bit) external {
        fill(1, 2);
        uint256 flip = 1 << (bit % 256);
        for (uint64 i = 0; i < 2; i++) {
            (uint256 a, uint256 b) = (draw(1, 2 * i), draw(1, 2 * i + 1));
            vm.expectRevert(abi.encodeWithSelector(ISheaf.OtherRequest.selector, i));
            queue.refund(i, a ^ flip, b);
            vm.expectRevert(abi.encodeWithSelector(ISheaf.OtherRequest.selector, i));
            queue.refund(i, a, b ^ flip);
            queue.refund(i, a, b);
        }
    }

    function test_refund_refusesWhatDoesNotWait() external {
        fill(1, 3);
        queue.consume(1, 0, chainAfter(1, 1));
        uint64[3] memory places = [uint64(0), 3, PLACES + 1];
        for (uint256 i = 0; i < 3; i++) {
            vm.expectRevert(abi.encodeWithSelector(ISheaf.NotWaiting.selector, places[i]));
            queue.refund(places[i], draw(1, 2), draw(1, 3));
        }
        queue.refund(1, draw(1, 2), draw(1, 3));
    }

    function fill(uint256 seed, uint64 count) private {
        for (uint64 i = 0; i < count; i++) {
            queue.pushDeposit(draw(seed, 2 * i), draw(seed, 2 * i + 1));
        }
    }

    function chainAfter(uint256 seed, uint64 count) private pure returns (bytes32 chain) {
        for (uint64 i = 0; i < count; i++) {
            chain = keccak256(abi.encode(chain, draw(seed, 2 * i), draw(seed, 2 * i + 1)));
        }
    }

    function requireZeros(uint64 index) private view {
        ISheaf.Request memory zeros;
        vm.assertEq(abi.encode(queue.request(index)), abi.encode(zeros), "no request");
    }

    function requireOldest(uint256 any, uint256 exit) private view {
        (uint256 oldest, uint256 oldestExit) = queue.oldest();
        vm.assertEq(oldest, any, "oldest");
        vm.assertEq(oldestExit, exit, "oldest exit");
    }

    function requireEnds(uint64 head, uint64 tail) private view {
        (uint64 h, uint64 t) = queue.ends();
        vm.assertEq(h, head, "head");
        vm.assertEq(t, tail, "tail");
    }
}
