// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../../src/interfaces/ISheaf.sol";
import {RequestQueue} from "../../src/libraries/RequestQueue.sol";
import {Test} from "../support/Test.sol";

contract RequestQueueHarness {
    using RequestQueue for RequestQueue.Queue;

    RequestQueue.Queue private queue;

    function push(uint256 a, uint256 b) external returns (uint64) {
        return queue.push(a, b);
    }

    function consume(uint64 next, bytes32 chain) external {
        queue.consume(next, chain);
    }

    function oldestTimestamp() external view returns (uint256) {
        return queue.oldestTimestamp();
    }

    function ends() external view returns (uint64, uint64) {
        return (queue.head, queue.tail);
    }

    function request(uint64 index) external view returns (ISheaf.Request memory) {
        return queue.requests[index];
    }
}

contract RequestQueueTest is Test {
    RequestQueueHarness private queue;

    function setUp() external {
        queue = new RequestQueueHarness();
    }

    function test_push_extendsTheChain(uint256 seed) external {
        vm.warp(1_800_000_000);
        for (uint64 i = 0; i < 4; i++) {
            vm.prank(address(uint160(100 + i)));
            vm.assertEq(queue.push(draw(seed, 2 * i), draw(seed, 2 * i + 1)), i, "index");
            ISheaf.Request memory request = queue.request(i);
            vm.assertEq(request.chain, chainAfter(seed, i + 1), "chain");
            vm.assertEq(request.sender, address(uint160(100 + i)), "sender");
            vm.assertEq(request.timestamp, 1_800_000_000, "timestamp");
        }
        requireEnds(0, 4);
    }

    function test_consume_anyNumberFromTheHead(uint256 seed, uint64 first, uint64 second) external {
        fill(seed, 6);
        first = uint64(bound(first, 0, 6));
        second = uint64(bound(second, first, 6));
        queue.consume(first, chainAfter(seed, first));
        requireEnds(first, 6);
        queue.consume(second, chainAfter(seed, second));
        requireEnds(second, 6);
    }

    function test_consume_refusesAnotherChain(uint256 seed, uint64 next, uint64 other) external {
        fill(seed, 6);
        next = uint64(bound(next, 1, 6));
        other = uint64(bound(other, 0, 6));
        if (other == next) other = next - 1;
        bytes32 chain = chainAfter(seed, other);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.RequestsMismatch.selector, 0, next));
        queue.consume(next, chain);
        requireEnds(0, 6);
    }

    function test_consume_refusesMoreThanThereAre() external {
        fill(1, 2);
        queue.consume(2, chainAfter(1, 2));
        vm.expectRevert(abi.encodeWithSelector(ISheaf.RequestsMismatch.selector, 2, 1));
        queue.consume(3, bytes32(0));
        requireEnds(2, 2);
    }

    function test_oldestTimestamp_isTheHeadsOrNever() external {
        vm.assertEq(queue.oldestTimestamp(), RequestQueue.NEVER, "empty");
        vm.warp(1_800_000_000);
        fill(1, 1);
        vm.warp(1_800_000_060);
        queue.push(draw(1, 2), draw(1, 3));
        vm.assertEq(queue.oldestTimestamp(), 1_800_000_000, "the first");
        queue.consume(1, chainAfter(1, 1));
        vm.assertEq(queue.oldestTimestamp(), 1_800_000_060, "the second");
        queue.consume(2, chainAfter(1, 2));
        vm.assertEq(queue.oldestTimestamp(), RequestQueue.NEVER, "consumed");
    }

    function fill(uint256 seed, uint64 count) private {
        for (uint64 i = 0; i < count; i++) {
            queue.push(draw(seed, 2 * i), draw(seed, 2 * i + 1));
        }
    }

    function chainAfter(uint256 seed, uint64 count) private pure returns (bytes32 chain) {
        for (uint64 i = 0; i < count; i++) {
            chain = keccak256(abi.encode(chain, draw(seed, 2 * i), draw(seed, 2 * i + 1)));
        }
    }

    function requireEnds(uint64 head, uint64 tail) private view {
        (uint64 h, uint64 t) = queue.ends();
        vm.assertEq(h, head, "head");
        vm.assertEq(t, tail, "tail");
    }
}
