// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../interfaces/ISheaf.sol";

/// @title Moving ether and ERC-20s, whatever they return
/// @notice A token may return true, or nothing. A token that returns false, reverts or has vanished
/// is refused. These functions call foreign code, so callers must have locked the contract.
library Transfers {
    /// @notice Pulls up to `amount` from `from`, who has approved it.
    /// @return received The growth of this contract's balance: less than `amount` if the token
    /// takes a fee.
    function pull(address erc20, address from, uint256 amount) internal returns (uint256 received) {
        uint256 before = balance(erc20);
        call(erc20, abi.encodeWithSelector(TRANSFER_FROM, from, address(this), amount));
        uint256 afterwards = balance(erc20);
        if (afterwards < before) revert ISheaf.TokenCallFailed(erc20);
        received = afterwards - before;
    }

    /// @notice Sends `amount` of an ERC-20, or of ether if `erc20` is zero, to `to`. An ERC-20 that
    /// takes its fee from the sender is refused, because the money of others would pay the fee.
    function push(address erc20, address to, uint256 amount) internal {
        if (erc20 != address(0)) {
            uint256 before = balance(erc20);
            call(erc20, abi.encodeWithSelector(TRANSFER, to, amount));
            uint256 afterwards = balance(erc20);
            if (before > afterwards && before - afterwards > amount) {
                revert ISheaf.TokenTookMore(erc20, amount, before - afterwards);
            }
            return;
        }
        bool sent;
        // Copies nothing back: a recipient cannot make its sender pay for a long answer.
        assembly ("memory-safe") {
            sent := call(gas(), to, amount, 0, 0, 0, 0)
        }
        if (!sent) revert ISheaf.EtherRefused(to);
    }

    bytes4 private constant TRANSFER = bytes4(keccak256("transfer(address,uint256)"));
    bytes4 private constant TRANSFER_FROM =
        bytes4(keccak256("transferFrom(address,address,uint256)"));
    bytes4 private constant BALANCE_OF = bytes4(keccak256("balanceOf(address)"));

    function call(address erc20, bytes memory data) private {
        bool success;
        assembly ("memory-safe") {
            mstore(0, 0)
            success := call(gas(), erc20, 0, add(data, 0x20), mload(data), 0, 0x20)
            // An answer must be the word true; no answer is accepted if the token has code.
            switch returndatasize()
            case 0 { success := and(success, gt(extcodesize(erc20), 0)) }
            default {
                success := and(success, and(gt(returndatasize(), 0x1f), eq(mload(0), 1)))
            }
        }
        if (!success) revert ISheaf.TokenCallFailed(erc20);
    }

    function balance(address erc20) private view returns (uint256 amount) {
        bytes memory data = abi.encodeWithSelector(BALANCE_OF, address(this));
        bool success;
        assembly ("memory-safe") {
            success := staticcall(gas(), erc20, add(data, 0x20), mload(data), 0, 0x20)
            success := and(success, gt(returndatasize(), 0x1f))
            amount := mload(0)
        }
        if (!success) revert ISheaf.TokenCallFailed(erc20);
    }
}
