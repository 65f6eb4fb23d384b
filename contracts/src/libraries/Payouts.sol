// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../interfaces/ISheaf.sol";

/// @title Payouts that users have not claimed yet
/// @notice Batches credit, and users claim, so no recipient can make a batch fail. The library
/// moves no money.
library Payouts {
    /// @param pending What an account may claim, by account and token. The bond of an exit lies
    /// beside the exit's payout, so that a batch writes one word of storage for both.
    struct Ledger {
        mapping(address account => mapping(uint16 token => ISheaf.Payout)) pending;
    }

    /// @notice Adds to the payouts that `account` may claim. Neither sum can reach 2^64, because
    /// every unit is in a token's escrow, which stays below 2^62.
    /// @param amount L2 units of the token.
    /// @param bond L2 units of ether: the bond of an exit that has paid.
    function credit(Ledger storage self, address account, uint16 token, uint64 amount, uint64 bond)
        internal
    {
        if (amount == 0) return;
        ISheaf.Payout storage payout = self.pending[account][token];
        payout.amount += amount;
        if (bond != 0) payout.bond += bond;
        emit ISheaf.PayoutCredited(account, token, amount, bond);
    }

    /// @notice Takes what `account` may claim.
    /// @param allowance The most L2 units of the token that may leave now; the rest stays.
    /// @return taken The amount, up to `allowance`, and the whole bond.
    function take(Ledger storage self, address account, uint16 token, uint64 allowance)
        internal
        returns (ISheaf.Payout memory taken)
    {
        ISheaf.Payout storage payout = self.pending[account][token];
        taken = payout;
        if (taken.amount | taken.bond == 0) revert ISheaf.NothingToClaim(account, token);
        if (taken.amount > allowance) taken.amount = allowance;
        if (taken.amount | taken.bond == 0) revert ISheaf.OutflowSpent(token);
        payout.amount -= taken.amount;
        payout.bond = 0;
    }
}
