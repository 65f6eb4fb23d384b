// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../interfaces/ISheaf.sol";
import {Payouts} from "../libraries/Payouts.sol";
import {Roles} from "../libraries/Roles.sol";
import {Tokens} from "../libraries/Tokens.sol";
import {Foundation} from "./Foundation.sol";

/// @title Roles that move
/// @notice Handover in two steps, and the takeover of a silent operator's role.
abstract contract Succession is Foundation {
    using Payouts for Payouts.Ledger;
    using Roles for Roles.Operator;
    using Roles for Roles.Role;
    using Tokens for Tokens.List;

    /// @inheritdoc ISheaf
    function offerRole(RoleName role, address account) external locked {
        _role(role).offer(role, account);
    }

    /// @inheritdoc ISheaf
    function acceptRole(RoleName role) external locked {
        if (role == RoleName.Operator) _operator.acceptOperator();
        else _lister.accept(role);
    }

    /// @inheritdoc ISheaf
    function takeOver() external payable locked running {
        uint256 silentAfter = _silentAfter();
        if (block.timestamp <= silentAfter) revert OperatorNotSilent(silentAfter);
        uint256 earliest = progress.operatorAt + 2 * silenceDelay;
        if (block.timestamp <= earliest) revert TooEarlyToTakeOver(earliest);
        uint256 due = uint256(takeoverBond) * Tokens.ETHER_SCALE;
        if (msg.value < due) revert PriceNotPaid(msg.value, due);
        _tokens.lock(ETHER, due);
        // The delay starts anew, so that no third account takes over at once.
        progress.operatorAt = uint64(block.timestamp);
        if (_operator.lease(uint64(block.timestamp) + freezeDelay)) {
            _payouts.credit(msg.sender, ETHER, takeoverBond, 0);
        }
        _giveBack(due);
    }

    /// @inheritdoc ISheaf
    function endLease() external locked {
        address leaseholder = _operator.endLease();
        bool silent = block.timestamp > _silentAfter();
        address creditor = silent ? _operator.role.holder : leaseholder;
        progress.operatorAt = uint64(block.timestamp);
        _payouts.credit(creditor, ETHER, takeoverBond, 0);
        emit LeaseEnded(leaseholder, creditor);
    }

    function _role(RoleName name) private view returns (Roles.Role storage) {
        return name == RoleName.Operator ? _operator.role : _lister;
    }
}
