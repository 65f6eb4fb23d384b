// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../interfaces/ISheaf.sol";
import {Blobs} from "../libraries/Blobs.sol";
import {Payouts} from "../libraries/Payouts.sol";
import {PublicInputs} from "../libraries/PublicInputs.sol";
import {RequestQueue} from "../libraries/RequestQueue.sol";
import {Words} from "../libraries/Words.sol";
import {Foundation} from "./Foundation.sol";

/// @title Batches
/// @notice A batch is checked, proven and settled: requests consumed, payouts credited.
abstract contract Batches is Foundation {
    using Payouts for Payouts.Ledger;
    using RequestQueue for RequestQueue.Queue;

    /// @notice How far a batch's time may be ahead of L1's, in seconds: clocks differ.
    uint256 public constant MAX_CLOCK_LEAD = 15 minutes;

    /// @notice Requests in one batch that count as work done, however many are left. So a flood of
    /// the queue makes no working operator silent, and a stand-in can clear a flood batch by batch.
    uint64 public constant FULL_LOAD = 64;

    /// @inheritdoc ISheaf
    function finalise(
        Batch calldata batch,
        bytes calldata l1Words,
        bytes calldata data,
        uint256[8] calldata proof
    ) external locked running {
        _requireReadable();
        Words.count(data, Words.MAX_DATA_WORDS);
        PublicInputs.Published memory published =
            _publish(batch, l1Words, PublicInputs.calldataReference(data));
        published.y = Words.evaluate(data, published.z, 0);
        _finalise(batch, l1Words, published, proof);
    }

    /// @inheritdoc ISheaf
    function finaliseBlobs(
        Batch calldata batch,
        bytes calldata l1Words,
        Blob[] calldata blobs,
        uint256[8] calldata proof
    ) external locked running {
        PublicInputs.Published memory published =
            _publish(batch, l1Words, Blobs.dataReference(blobs.length));
        published.y = Blobs.evaluate(blobs, published.z);
        _finalise(batch, l1Words, published, proof);
    }

    /// @dev Checks that the words are in the input of the transaction itself, where readers look
    /// for them: a caller with code could make up words as it runs and leave nothing readable
    /// behind. A contract under construction has no code yet, but is no origin. An account that has
    /// delegated to code (EIP-7702) is an origin, but has code.
    function _requireReadable() private view {
        if (msg.sender != tx.origin || msg.sender.code.length != 0) {
            revert NotExternallyOwned(msg.sender);
        }
    }

    /// @dev Checks who finalises and that the batch follows the last one.
    /// @return published What is published with the batch, with z, but without y.
    function _publish(Batch calldata batch, bytes calldata l1Words, bytes32 dataReference)
        private
        returns (PublicInputs.Published memory published)
    {
        if (msg.sender != _operator.acting) {
            uint256 silentAfter = _silentAfter();
            if (block.timestamp <= silentAfter) revert OperatorNotSilent(silentAfter);
        }
        _advance(batch);
        published.l1Words = Words.count(l1Words, Words.MAX_L1_WORDS);
        published.dataReference = dataReference;
        published.l1WordsHash = keccak256(l1Words);
        published.z = PublicInputs.point(state, batch, dataReference, published.l1WordsHash);
    }

    /// @dev Checks the proof of the batch and acts on its words.
    /// @param published What is published with the batch; y is that of the data words alone.
    function _finalise(
        Batch calldata batch,
        bytes calldata l1Words,
        PublicInputs.Published memory published,
        uint256[8] calldata proof
    ) private {
        bytes32 pre = state;
        published.y = Words.evaluate(l1Words, published.z, published.y);
        if (!verifier.verify(proof, PublicInputs.pack(pre, batch, published))) {
            revert InvalidProof();
        }
        state = batch.postState;
        (uint64 requests, uint64 consumed) = _settle(l1Words);
        _checkService(consumed);
        emit BatchFinalised(
            batch.number,
            pre,
            batch.postState,
            batch.timestamp,
            requests,
            published.l1WordsHash,
            published.dataReference
        );
    }

    /// @dev Checks that the batch follows the last one in number and time.
    function _advance(Batch calldata batch) private {
        Progress memory last = progress;
        if (batch.number != last.number + 1) revert WrongNumber(batch.number, last.number + 1);
        uint256 latest = block.timestamp + MAX_CLOCK_LEAD;
        if (batch.timestamp < last.timestamp || batch.timestamp > latest) {
            revert InvalidTimestamp(batch.timestamp, last.timestamp, latest);
        }
        last.number = batch.number;
        last.timestamp = batch.timestamp;
        progress = last;
    }

    /// @dev Checks how many requests a batch has consumed. The operator's full load is stored. The
    /// batch of another account must cure the delay that gave the account its right, so that a
    /// stock of batches, proven in advance only to come first, is worthless. From twice that delay
    /// on, the operator's batch must cure the delay of exits, too, so that idle batches cannot void
    /// the proofs of others.
    function _checkService(uint64 consumed) private {
        bool full = consumed >= FULL_LOAD;
        uint256 overdueAfter;
        if (msg.sender == _operator.acting) {
            progress.operatorAt = uint64(block.timestamp);
            if (full) progress.servedAt = uint64(block.timestamp);
            overdueAfter = _queue.oldestExitTimestamp() + 2 * silenceDelay;
        } else {
            overdueAfter = _silentAfter();
        }
        if (!full && block.timestamp > overdueAfter) {
            revert OverdueRequestLeft(consumed, FULL_LOAD);
        }
    }

    /// @dev Acts on proven L1 words: consumes requests from the head of the queue and credits
    /// payouts. A withdrawal pays the account that it names, an exit the sender of the request,
    /// with the bond. Whoever finalises is credited the first price of each request and the bonds
    /// of exits that pay nothing.
    /// @return next How many requests have been consumed since the beginning.
    /// @return consumed How many of them by this batch.
    function _settle(bytes calldata l1Words) private returns (uint64 next, uint64 consumed) {
        uint64 head = _queue.head;
        next = head;
        uint64 exits;
        uint64 bonds;
        bytes32 chain = _queue.chainBefore(next);
        if (l1Words.length % 64 != 0) revert InvalidStream(l1Words.length, Words.MAX_L1_WORDS);
        for (uint256 offset = 0; offset < l1Words.length; offset += 64) {
            (uint256 a, uint256 b) = Words.pair(l1Words, offset);
            uint256 code = Words.code(a);
            if (code == Words.WITHDRAW) {
                if (b >> 160 != 0) revert InvalidL1Word(a, b);
                _payouts.credit(address(uint160(b)), Words.token(a), Words.amount(a), 0);
            } else if (code == Words.DEPOSIT) {
                chain = RequestQueue.link(chain, a, b);
                next++;
            } else if (code == Words.EXIT) {
                chain = RequestQueue.link(chain, Words.exitRequest(a), b);
                uint64 amount = Words.amount(a);
                if (amount == 0) bonds += exitBond;
                _payouts.credit(_queue.senderOf(next), Words.token(a), amount, exitBond);
                exits++;
                next++;
            } else {
                revert InvalidL1Word(a, b);
            }
        }
        _queue.consume(next, exits, chain);
        consumed = next - head;
        _payouts.credit(msg.sender, ETHER, consumed * _firstPrice + bonds, 0);
    }
}
