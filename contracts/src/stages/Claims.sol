// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../interfaces/ISheaf.sol";
import {Payouts} from "../libraries/Payouts.sol";
import {Tokens} from "../libraries/Tokens.sol";
import {Transfers} from "../libraries/Transfers.sol";
import {Foundation} from "./Foundation.sol";

/// @title Money that goes out
/// @notice Accounts take what batches, escapes and refunds have credited to them.
abstract contract Claims is Foundation {
    using Payouts for Payouts.Ledger;
    using Tokens for Tokens.List;

    /// @inheritdoc ISheaf
    function claim(uint16 number, address recipient) external locked returns (uint256 amount) {
        return _claim(msg.sender, number, recipient);
    }

    /// @inheritdoc ISheaf
    function claimFor(address account, uint16 number) external locked returns (uint256 amount) {
        return _claim(account, number, account);
    }

    function _claim(address account, uint16 number, address recipient)
        private
        returns (uint256 amount)
    {
        address erc20 = _tokens.get(number).erc20;
        if (recipient == address(0) || recipient == address(this) || recipient == erc20) {
            revert InvalidRecipient(recipient);
        }
        Payout memory taken = _payouts.take(account, number, _tokens.allowance(number));
        _tokens.spend(number, taken.amount);
        amount = _tokens.release(number, taken.amount);
        uint256 bond = _tokens.release(ETHER, taken.bond);
        emit Claimed(account, number, recipient, taken.amount);
        if (bond != 0) Transfers.push(address(0), recipient, bond);
        if (amount != 0) Transfers.push(erc20, recipient, amount);
    }
}
