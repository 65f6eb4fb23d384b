// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../interfaces/ISheaf.sol";
import {Digests} from "../libraries/Digests.sol";
import {RequestQueue} from "../libraries/RequestQueue.sol";
import {Tokens} from "../libraries/Tokens.sol";
import {Transfers} from "../libraries/Transfers.sol";
import {Words} from "../libraries/Words.sol";
import {Foundation} from "./Foundation.sol";

/// @title Money that comes in, and requests
/// @notice Tokens are listed, deposits and exit requests join the queue, and each pays its price.
abstract contract Requests is Foundation {
    using RequestQueue for RequestQueue.Queue;
    using Tokens for Tokens.List;

    /// @inheritdoc ISheaf
    function listToken(address erc20, uint128 scale, uint64 cap, uint64 outflowLimit)
        external
        locked
        running
        returns (uint16)
    {
        _onlyLister();
        return _tokens.add(erc20, scale, cap, outflowLimit);
    }

    /// @inheritdoc ISheaf
    function raiseCap(uint16 number, uint64 cap) external locked running {
        _onlyLister();
        _tokens.raiseCap(number, cap);
    }

    /// @inheritdoc ISheaf
    function depositEther(uint256 amount, bytes24 owner)
        external
        payable
        locked
        running
        returns (uint64 index)
    {
        uint256 due = _charge(amount, 0);
        index = _deposit(ETHER, amount, owner);
        _giveBack(due);
    }

    /// @inheritdoc ISheaf
    function depositToken(uint16 number, uint256 amount, bytes24 owner)
        external
        payable
        locked
        running
        returns (uint64 index)
    {
        address erc20 = _tokens.get(number).erc20;
        if (erc20 == address(0)) revert UnknownToken(number);
        uint256 due = _charge(0, 0);
        index = _deposit(number, Transfers.pull(erc20, msg.sender, amount), owner);
        _giveBack(due);
    }

    /// @inheritdoc ISheaf
    function requestExit(uint32 slot, uint64[5] calldata key)
        external
        payable
        locked
        running
        returns (uint64 index)
    {
        bytes24 owner = Digests.owner(key, msg.sender);
        uint256 due = _charge(0, exitBond);
        index = _queue.pushExit(Words.exitWord(slot), Words.ownerWord(owner));
        emit ExitRequested(index, msg.sender, slot, owner);
        _giveBack(due);
    }

    function _onlyLister() private view {
        if (msg.sender != _lister.holder) revert Unauthorised(msg.sender, _lister.holder);
    }

    /// @dev Takes the price of a request, and `bond`, out of the ether sent along. The first price
    /// and the bond go into escrow, for whoever will be credited them. What a long queue adds to
    /// the price stays in the contract for ever: an operator who was paid this surge could flood
    /// the queue for nothing.
    /// @param amount What else the ether is for, in wei.
    /// @param bond In L2 units.
    /// @return due Everything together, in wei.
    function _charge(uint256 amount, uint64 bond) private returns (uint256 due) {
        uint256 fixedPart = uint256(_firstPrice + bond) * Tokens.ETHER_SCALE;
        uint256 price = priceOfRequest();
        due = price + uint256(bond) * Tokens.ETHER_SCALE;
        if (msg.value < due || msg.value - due < amount) {
            revert PriceNotPaid(msg.value, due);
        }
        due += amount;
        _tokens.lock(ETHER, fixedPart);
    }

    /// @dev Queues a deposit of `received` L1 units that have arrived.
    function _deposit(uint16 number, uint256 received, bytes24 owner)
        private
        returns (uint64 index)
    {
        Digests.requireOwner(owner);
        uint64 units = _tokens.lock(number, received);
        index = _queue.pushDeposit(Words.depositWord(number, units), Words.ownerWord(owner));
        emit DepositRequested(index, msg.sender, number, units, owner);
    }
}
