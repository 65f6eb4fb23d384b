// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../interfaces/ISheaf.sol";

/// @title Payouts that users have not claimed yet
/// @notice Batches credit, and users claim, so no recipient can make a batch fail. The library
/// moves no money.
library Payouts {
    /// @param pending L2 units by account and token. An account's sum cannot reach 2^64, because
    /// every unit is in the token's escrow, which stays below 2^62.
    struct Ledger {
        mapping(address account => mapping(uint16 token => uint64 amount)) pending;
    }

    /// @notice Adds `amount` L2 units to the payouts that `account` may claim.
    function credit(Ledger storage self, address account, uint16 token, uint64 amount) internal {
        if (amount == 0) return;
        self.pending[account][token] += amount;
        emit ISheaf.PayoutCredited(account, token, amount);
    }

    /// @notice Empties the payouts that `account` may claim.
    /// @return amount L2 units, at least 1.
    function take(Ledger storage self, address account, uint16 token)
        internal
        returns (uint64 amount)
    {
        amount = self.pending[account][token];
        if (amount == 0) revert ISheaf.NothingToClaim(account, token);
        self.pending[account][token] = 0;
    }
}
