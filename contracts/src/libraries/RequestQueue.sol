// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../interfaces/ISheaf.sol";

/// @title Deposits and exit requests in the order they were made
/// @notice A hash chain over the requests' L1 words (`docs/protocol.md`, section 10). A batch shows
/// that it consumed requests from the head by reproducing the chain; each request keeps the chain's
/// value after it, so that any number can be consumed at once.
library RequestQueue {
    /// @notice In Unix seconds, later than L1 can say.
    uint256 internal constant NEVER = 2 ** 64;

    /// @param head How many requests batches have consumed.
    /// @param tail How many requests there are.
    /// @param requests Each request by its place. A consumed request stays, because the chain of
    /// the next request starts from it.
    struct Queue {
        uint64 head;
        uint64 tail;
        mapping(uint64 index => ISheaf.Request) requests;
    }

    /// @notice Appends a request with the words `a` and `b` by `msg.sender`.
    function push(Queue storage self, uint256 a, uint256 b) internal returns (uint64 index) {
        index = self.tail;
        self.requests[index] = ISheaf.Request({
            chain: link(chainBefore(self, index), a, b),
            sender: msg.sender,
            timestamp: uint64(block.timestamp)
        });
        self.tail = index + 1;
    }

    /// @notice Moves the head to `next`, if `chain`, computed from the batch's words, is the
    /// queue's.
    function consume(Queue storage self, uint64 next, bytes32 chain) internal {
        uint64 head = self.head;
        if (next == head) return;
        if (next > self.tail || chain != self.requests[next - 1].chain) {
            revert ISheaf.RequestsMismatch(head, next - head);
        }
        self.head = next;
    }

    /// @notice When the request that has waited longest was made, in Unix seconds. NEVER if
    /// none waits.
    function oldestTimestamp(Queue storage self) internal view returns (uint256) {
        if (self.head == self.tail) return NEVER;
        return self.requests[self.head].timestamp;
    }

    /// @notice The chain before request `index`.
    function chainBefore(Queue storage self, uint64 index) internal view returns (bytes32) {
        return index == 0 ? bytes32(0) : self.requests[index - 1].chain;
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
}
