// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../interfaces/ISheaf.sol";

/// @title Deposits and exit requests in the order they were made
/// @notice A hash chain over the requests' L1 words (`docs/protocol.md`, section 10). A batch shows
/// that it consumed requests from the head by reproducing the chain; each request keeps the chain's
/// value after it, so that any number can be consumed at once. Requests lie in a ring, whose places
/// are reused: writing to a used place costs a quarter of writing to a new one, and nobody can make
/// the queue grow without a bound.
library RequestQueue {
    /// @notice In Unix seconds, later than L1 can say.
    uint256 internal constant NEVER = 2 ** 64;

    /// @notice Places of the ring.
    uint64 internal constant PLACES = 4_096;
    /// @notice The most requests that wait at once. One place keeps the chain before the head.
    uint64 internal constant MAX_WAITING = PLACES - 1;
    /// @notice The most requests that may wait already when a deposit is taken, so that deposits
    /// cannot keep exits out.
    uint64 internal constant MAX_BEFORE_DEPOSIT = PLACES / 2 - 1;
    /// @notice The price of a request doubles with every so many requests that wait.
    uint64 internal constant DOUBLING = 256;

    /// @param head How many requests batches have consumed.
    /// @param tail How many requests there are.
    /// @param exitHead How many of the consumed requests were exits.
    /// @param exitTail How many of all requests were exits.
    /// @param ring Request `index` in place `index` modulo PLACES.
    /// @param exitTimes When exit number i was requested, in Unix seconds, at i modulo PLACES.
    struct Queue {
        uint64 head;
        uint64 tail;
        uint64 exitHead;
        uint64 exitTail;
        ISheaf.Request[PLACES] ring;
        uint64[PLACES] exitTimes;
    }

    /// @notice Appends a deposit with the words `a` and `b` by `msg.sender`.
    function pushDeposit(Queue storage self, uint256 a, uint256 b) internal returns (uint64) {
        return push(self, a, b, MAX_BEFORE_DEPOSIT);
    }

    /// @notice Appends an exit request with the words `a` and `b` by `msg.sender`.
    function pushExit(Queue storage self, uint256 a, uint256 b) internal returns (uint64 index) {
        index = push(self, a, b, MAX_WAITING - 1);
        uint64 exit = self.exitTail;
        self.exitTimes[exit % PLACES] = uint64(block.timestamp);
        self.exitTail = exit + 1;
    }

    /// @notice Moves the head to `next`, if `chain`, computed from the batch's words, is the
    /// queue's.
    /// @param exits How many of the consumed requests are exits.
    function consume(Queue storage self, uint64 next, uint64 exits, bytes32 chain) internal {
        uint64 head = self.head;
        if (next == head) return;
        if (next > self.tail || chain != chainBefore(self, next)) {
            revert ISheaf.RequestsMismatch(head, next - head);
        }
        self.head = next;
        self.exitHead += exits;
    }

    /// @notice Takes a waiting request out for a refund, once.
    /// @param a The request's first word, which the chain confirms.
    /// @param b The request's second word.
    /// @return sender The account that made the request.
    function refund(Queue storage self, uint64 index, uint256 a, uint256 b)
        internal
        returns (address sender)
    {
        if (index < self.head || index >= self.tail) revert ISheaf.NotWaiting(index);
        ISheaf.Request storage waiting = self.ring[index % PLACES];
        if (link(chainBefore(self, index), a, b) != waiting.chain) {
            revert ISheaf.OtherRequest(index);
        }
        sender = waiting.sender;
        if (sender == address(0)) revert ISheaf.RefundedAlready(index);
        waiting.sender = address(0);
    }

    /// @notice When the request that has waited longest was made, in Unix seconds. NEVER if
    /// none waits.
    function oldestTimestamp(Queue storage self) internal view returns (uint256) {
        if (self.head == self.tail) return NEVER;
        return self.ring[self.head % PLACES].timestamp;
    }

    /// @notice When the exit request that has waited longest was made, in Unix seconds. NEVER if
    /// none waits.
    function oldestExitTimestamp(Queue storage self) internal view returns (uint256) {
        if (self.exitHead == self.exitTail) return NEVER;
        return self.exitTimes[self.exitHead % PLACES];
    }

    /// @notice By which power of two the price of the next request is above the first price.
    function doublings(Queue storage self) internal view returns (uint64) {
        return (self.tail - self.head) / DOUBLING;
    }

    /// @notice A request that is still in the ring; zeros for any other.
    function get(Queue storage self, uint64 index)
        internal
        view
        returns (ISheaf.Request memory request)
    {
        uint64 tail = self.tail;
        if (index < tail && tail - index <= PLACES) request = self.ring[index % PLACES];
    }

    /// @notice The sender of request `index`, which waits.
    function senderOf(Queue storage self, uint64 index) internal view returns (address) {
        return self.ring[index % PLACES].sender;
    }

    /// @notice The chain before request `index`, which is the head or later.
    function chainBefore(Queue storage self, uint64 index) internal view returns (bytes32) {
        return index == 0 ? bytes32(0) : self.ring[(index - 1) % PLACES].chain;
    }

    /// @notice The chain after a request with the words `a` and `b`.
    function link(bytes32 chain, uint256 a, uint256 b) internal pure returns (bytes32 next) {
        assembly ("memory-safe") {
            let p := mload(0x40)
            mstore(p, chain)
            mstore(add(p, 0x20), a)
            mstore(add(p, 0x40), b)
            next := keccak256(p, 0x60)
        }
    }

    /// @param mostBefore The most requests that may wait already.
    function push(Queue storage self, uint256 a, uint256 b, uint64 mostBefore)
        private
        returns (uint64 index)
    {
        index = self.tail;
        uint64 waiting = index - self.head;
        if (waiting > mostBefore) revert ISheaf.QueueFull(waiting);
        self.ring[index % PLACES] = ISheaf.Request({
            chain: link(chainBefore(self, index), a, b),
            sender: msg.sender,
            timestamp: uint64(block.timestamp)
        });
        self.tail = index + 1;
    }
}
