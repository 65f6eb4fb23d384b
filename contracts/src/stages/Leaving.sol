// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../interfaces/ISheaf.sol";
import {Digests} from "../libraries/Digests.sol";
import {Payouts} from "../libraries/Payouts.sol";
import {RequestQueue} from "../libraries/RequestQueue.sol";
import {SlotTree} from "../libraries/SlotTree.sol";
import {Words} from "../libraries/Words.sol";
import {Foundation} from "./Foundation.sol";

/// @title The end of a rollup whose operator left exits unanswered
/// @notice Anyone freezes; then slots escape with a path in the last tree, and waiting requests are
/// refunded.
abstract contract Leaving is Foundation {
    using Payouts for Payouts.Ledger;
    using RequestQueue for RequestQueue.Queue;

    /// @inheritdoc ISheaf
    function freeze(bytes32 root, uint64 nextSlot) external locked running {
        uint256 earliest = _queue.oldestExitTimestamp() + freezeDelay;
        if (block.timestamp <= earliest) revert TooEarlyToFreeze(earliest);
        if (Digests.state(root, nextSlot, domain) != state) revert OtherState(state);
        progress.frozen = true;
        frozenRoot = root;
        emit Frozen(root, nextSlot);
    }

    /// @inheritdoc ISheaf
    function escape(
        Slot calldata slot,
        uint64[5] calldata key,
        address account,
        bytes32[32] calldata siblings
    ) external locked ended {
        bytes24 owner = Digests.owner(key, account);
        if (SlotTree.root(slot, owner, siblings) != frozenRoot) revert NotInTree(slot.index);
        if (escaped[slot.index]) revert EscapedAlready(slot.index);
        escaped[slot.index] = true;
        _payouts.credit(account, slot.token, slot.balance, 0);
        emit Escaped(slot.index, account, slot.token, slot.balance);
    }

    /// @inheritdoc ISheaf
    function refund(uint64 index, uint256 a, uint256 b) external locked ended {
        address sender = _queue.refund(index, a, b);
        if (Words.code(a) == Words.DEPOSIT) {
            _payouts.credit(sender, Words.token(a), Words.amount(a), 0);
            _payouts.credit(sender, ETHER, _firstPrice, 0);
        } else {
            _payouts.credit(sender, ETHER, _firstPrice + exitBond, 0);
        }
        emit Refunded(index, sender);
    }
}
