// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../interfaces/ISheaf.sol";

/// @title Who is operator and who is lister
/// @notice A role moves in two steps, so that no role ends at an address that nobody controls. The
/// operator's role can be leased to an account that has taken the role over from a silent operator.
library Roles {
    /// @param holder The account with the role; zero if nobody has the role.
    /// @param offered The account that may accept the role; zero if the role is not on offer.
    struct Role {
        address holder;
        address offered;
    }

    /// @param acting The account that finalises as the operator now: the leaseholder during a
    /// lease, otherwise the holder of the role.
    /// @param leaseEnd When the holder of the role may end the lease, in Unix seconds; zero without
    /// a lease.
    /// @param role The operator's role itself.
    struct Operator {
        address acting;
        uint64 leaseEnd;
        Role role;
    }

    /// @notice Offers a role to `account`; zero takes the offer back. Only the holder may.
    function offer(Role storage self, ISheaf.RoleName name, address account) internal {
        if (msg.sender != self.holder) revert ISheaf.Unauthorised(msg.sender, self.holder);
        self.offered = account;
        emit ISheaf.RoleOffered(name, account);
    }

    /// @notice Takes on a role that is offered to `msg.sender`.
    function accept(Role storage self, ISheaf.RoleName name) internal {
        if (msg.sender != self.offered) revert ISheaf.Unauthorised(msg.sender, self.offered);
        self.holder = msg.sender;
        self.offered = address(0);
        emit ISheaf.RoleAccepted(name, msg.sender);
    }

    /// @notice Makes `account` the operator until it takes part in a lease.
    function begin(Operator storage self, address account) internal {
        self.role.holder = account;
        self.acting = account;
    }

    /// @notice Takes on the operator's role. A lease goes on beside it.
    function acceptOperator(Operator storage self) internal {
        accept(self.role, ISheaf.RoleName.Operator);
        if (self.leaseEnd == 0) self.acting = msg.sender;
    }

    /// @notice Gives `msg.sender` a lease until `leaseEnd`.
    /// @return hadLease Whether the lease of another account ended by this.
    function lease(Operator storage self, uint64 leaseEnd) internal returns (bool hadLease) {
        hadLease = self.leaseEnd != 0;
        (self.acting, self.leaseEnd) = (msg.sender, leaseEnd);
        emit ISheaf.TakenOver(msg.sender, leaseEnd);
    }

    /// @notice Ends the lease: at any time by the leaseholder, and by the holder of the role from
    /// the lease's end on.
    /// @return leaseholder The account that had the lease.
    function endLease(Operator storage self) internal returns (address leaseholder) {
        uint64 leaseEnd = self.leaseEnd;
        leaseholder = self.acting;
        if (leaseEnd == 0) revert ISheaf.NoLease();
        bool isHolder = msg.sender == self.role.holder && block.timestamp >= leaseEnd;
        if (msg.sender != leaseholder && !isHolder) {
            revert ISheaf.LeaseNotOver(leaseEnd);
        }
        (self.acting, self.leaseEnd) = (self.role.holder, 0);
    }
}
