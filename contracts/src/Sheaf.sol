// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "./interfaces/ISheaf.sol";
import {IVerifier} from "./interfaces/IVerifier.sol";
import {Digests} from "./libraries/Digests.sol";
import {Payouts} from "./libraries/Payouts.sol";
import {PublicInputs} from "./libraries/PublicInputs.sol";
import {RequestQueue} from "./libraries/RequestQueue.sol";
import {Tokens} from "./libraries/Tokens.sol";
import {Transfers} from "./libraries/Transfers.sol";
import {Words} from "./libraries/Words.sol";

/// @title Sheaf
/// @notice See `ISheaf`. This file orders the steps, and the libraries have the rules. The contract
/// has no owner, no pause and no way to change its code.
contract Sheaf is ISheaf {
    using Payouts for Payouts.Ledger;
    using RequestQueue for RequestQueue.Queue;
    using Tokens for Tokens.List;

    /// @notice How far a batch's time may be ahead of L1's, in seconds: clocks differ.
    uint256 public constant MAX_CLOCK_LEAD = 15 minutes;

    /// @notice The shortest silence delay, in seconds. With a shorter delay others could finalise
    /// as soon as the operator's prover or node rests for a moment, and void what the operator has
    /// acknowledged.
    uint64 public constant MIN_SILENCE_DELAY = 1 hours;

    /// @notice Requests in one batch that count as work done, however many are left. So a flood of
    /// the queue makes no working operator silent, and a stand-in can clear a flood batch by batch.
    uint64 public constant FULL_LOAD = 64;

    struct Progress {
        uint64 number;
        uint32 timestamp;
        uint64 servedAt;
    }

    /// @inheritdoc ISheaf
    IVerifier public immutable verifier;
    /// @inheritdoc ISheaf
    address public immutable operator;
    /// @inheritdoc ISheaf
    address public immutable lister;
    /// @inheritdoc ISheaf
    uint64 public immutable silenceDelay;
    /// @inheritdoc ISheaf
    bytes24 public immutable domain;

    /// @inheritdoc ISheaf
    bytes32 public state;
    /// @inheritdoc ISheaf
    Progress public progress;

    RequestQueue.Queue private _queue;
    Tokens.List private _tokens;
    Payouts.Ledger private _payouts;
    bool private transient _entered;

    /// @dev One lock for the whole contract: a token's hook must not reach any function while the
    /// contract measures a balance.
    modifier locked() {
        if (_entered) revert Reentered();
        _entered = true;
        _;
        _entered = false;
    }

    /// @param verifier_ The contract that checks proofs, for ever.
    /// @param operator_ The account that may finalise at any time.
    /// @param lister_ The account that may list tokens; zero for no account.
    /// @param silenceDelay_ Seconds that a request may wait before the request is overdue.
    constructor(IVerifier verifier_, address operator_, address lister_, uint64 silenceDelay_) {
        if (address(verifier_).code.length == 0 || operator_ == address(0)) {
            revert InvalidConfiguration();
        }
        // Nothing could mend an operator with code later. An address that gets its code after the
        // deployment passes, and can finalise until then.
        if (operator_.code.length != 0) revert NotExternallyOwned(operator_);
        if (silenceDelay_ < MIN_SILENCE_DELAY) {
            revert SilenceDelayTooShort(silenceDelay_, MIN_SILENCE_DELAY);
        }
        verifier = verifier_;
        operator = operator_;
        lister = lister_;
        silenceDelay = silenceDelay_;
        domain = Digests.domain(block.chainid, address(this));
        state = Digests.firstState(domain);
        _tokens.listEther();
    }

    /// @inheritdoc ISheaf
    function listToken(address erc20, uint128 scale, uint64 cap) external locked returns (uint16) {
        if (msg.sender != lister) revert Unauthorised(msg.sender, lister);
        return _tokens.add(erc20, scale, cap);
    }

    /// @inheritdoc ISheaf
    function depositEther(bytes24 owner) external payable locked returns (uint64) {
        return _deposit(0, msg.value, owner);
    }

    /// @inheritdoc ISheaf
    function depositToken(uint16 number, uint256 amount, bytes24 owner)
        external
        locked
        returns (uint64)
    {
        address erc20 = _tokens.get(number).erc20;
        if (erc20 == address(0)) revert UnknownToken(number);
        return _deposit(number, Transfers.pull(erc20, msg.sender, amount), owner);
    }

    /// @inheritdoc ISheaf
    function requestExit(uint32 slot, uint64[5] calldata key)
        external
        locked
        returns (uint64 index)
    {
        bytes24 owner = Digests.owner(key, msg.sender);
        index = _queue.push(Words.exitWord(slot), Words.ownerWord(owner));
        emit ExitRequested(index, msg.sender, slot, owner);
    }

    /// @inheritdoc ISheaf
    function finalise(
        Batch calldata batch,
        bytes calldata l1Words,
        bytes calldata data,
        uint256[8] calldata proof
    ) external locked {
        _checkSender();
        bytes32 pre = state;
        _advance(batch);
        PublicInputs.Published memory published;
        published.l1Words = Words.count(l1Words, Words.MAX_L1_WORDS);
        Words.count(data, Words.MAX_DATA_WORDS);
        published.dataReference = keccak256(data);
        published.l1WordsHash = keccak256(l1Words);
        uint256 z = PublicInputs.point(pre, batch, published.dataReference, published.l1WordsHash);
        published.y = Words.evaluate(l1Words, z, Words.evaluate(data, z, 0));
        if (!verifier.verify(proof, PublicInputs.pack(pre, batch, z, published))) {
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

    /// @inheritdoc ISheaf
    function claim(uint16 number, address recipient) external locked returns (uint256 amount) {
        address erc20 = _tokens.get(number).erc20;
        if (recipient == address(0) || recipient == address(this) || recipient == erc20) {
            revert InvalidRecipient(recipient);
        }
        uint64 units = _payouts.take(msg.sender, number);
        amount = _tokens.release(number, units);
        emit Claimed(msg.sender, number, recipient, units);
        Transfers.push(erc20, recipient, amount);
    }

    /// @inheritdoc ISheaf
    function queue() external view returns (uint64 head, uint64 tail) {
        return (_queue.head, _queue.tail);
    }

    /// @inheritdoc ISheaf
    function request(uint64 index) external view returns (Request memory) {
        return _queue.requests[index];
    }

    /// @inheritdoc ISheaf
    function token(uint16 number) external view returns (Token memory) {
        return _tokens.get(number);
    }

    /// @inheritdoc ISheaf
    function tokens() external view returns (uint256) {
        return _tokens.tokens.length;
    }

    /// @inheritdoc ISheaf
    function pending(address account, uint16 number) external view returns (uint64) {
        return _payouts.pending[account][number];
    }

    /// @dev Queues a deposit of `received` L1 units that have arrived.
    function _deposit(uint16 number, uint256 received, bytes24 owner)
        private
        returns (uint64 index)
    {
        Digests.requireOwner(owner);
        uint64 units = _tokens.lock(number, received);
        index = _queue.push(Words.depositWord(number, units), Words.ownerWord(owner));
        emit DepositRequested(index, msg.sender, number, units, owner);
    }

    /// @dev Checks the caller. Readers look for the words in the input of the transaction itself; a
    /// caller with code could make up words as it runs and leave nothing readable behind. A
    /// contract under construction has no code yet, but is no origin. An account that has delegated
    /// to code (EIP-7702) is an origin, but has code.
    function _checkSender() private view {
        if (msg.sender != tx.origin || msg.sender.code.length != 0) {
            revert NotExternallyOwned(msg.sender);
        }
        if (msg.sender == operator) return;
        uint256 silentAfter = _silentAfter();
        if (block.timestamp <= silentAfter) revert OperatorNotSilent(silentAfter);
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
    /// stock of batches, proven in advance only to come first, is worthless.
    function _checkService(uint64 consumed) private {
        bool full = consumed >= FULL_LOAD;
        if (msg.sender == operator) {
            if (full) progress.servedAt = uint64(block.timestamp);
        } else if (!full && block.timestamp > _silentAfter()) {
            revert OverdueRequestLeft(consumed, FULL_LOAD);
        }
    }

    /// @dev The last second in which the operator is not silent, as the queue is now.
    function _silentAfter() private view returns (uint256) {
        uint256 oldest = _queue.oldestTimestamp();
        uint256 served = progress.servedAt;
        return (served > oldest ? served : oldest) + silenceDelay;
    }

    /// @dev Acts on proven L1 words: consumes requests from the head of the queue and credits
    /// payouts. A withdrawal pays the account that it names, an exit the sender of the request.
    /// @return next How many requests have been consumed since the beginning.
    /// @return consumed How many of them by this batch.
    function _settle(bytes calldata l1Words) private returns (uint64 next, uint64 consumed) {
        uint64 head = _queue.head;
        next = head;
        bytes32 chain = _queue.chainBefore(next);
        if (l1Words.length % 64 != 0) revert InvalidStream(l1Words.length, Words.MAX_L1_WORDS);
        for (uint256 offset = 0; offset < l1Words.length; offset += 64) {
            (uint256 a, uint256 b) = Words.pair(l1Words, offset);
            uint256 code = Words.code(a);
            if (code == Words.WITHDRAW) {
                if (b >> 160 != 0) revert InvalidL1Word(a, b);
                _payouts.credit(address(uint160(b)), Words.token(a), Words.amount(a));
            } else if (code == Words.DEPOSIT) {
                chain = RequestQueue.link(chain, a, b);
                next++;
            } else if (code == Words.EXIT) {
                chain = RequestQueue.link(chain, Words.exitRequest(a), b);
                address sender = _queue.requests[next].sender;
                _payouts.credit(sender, Words.token(a), Words.amount(a));
                next++;
            } else {
                revert InvalidL1Word(a, b);
            }
        }
        _queue.consume(next, chain);
        consumed = next - head;
    }
}
