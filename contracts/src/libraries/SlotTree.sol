// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../interfaces/ISheaf.sol";
import {Digests} from "./Digests.sol";
import {PoseidonGoldilocks} from "./PoseidonGoldilocks.sol";

/// @title The slot tree, as far as an escape needs it
/// @notice The leaf of a slot and the way from a leaf to the root (`docs/protocol.md`, section 5).
library SlotTree {
    uint256 private constant LEAF = 1;
    uint256 private constant NODE = 2;
    uint256 private constant DEPTH = 32;
    uint256 private constant MASK = 2 ** 64 - 1;

    /// @notice The root of a tree in which `slot` has this leaf and these siblings.
    /// @dev A sibling may have elements that are not canonical: such a sibling hashes like the
    /// canonical one, and nothing is read from it.
    /// @param owner What the slot's key and L1 address open.
    /// @param siblings From the leaf's own sibling up to the root's child.
    function root(ISheaf.Slot calldata slot, bytes24 owner, bytes32[DEPTH] calldata siblings)
        internal
        pure
        returns (bytes32 node)
    {
        node = leaf(slot, owner);
        uint256 index = slot.index;
        uint256[10] memory lanes;
        (lanes[8], lanes[9]) = (NODE, 8);
        for (uint256 height = 0; height < DEPTH; height++) {
            uint256 isRight = (index >> height) & 1;
            place(lanes, 4 * isRight, node);
            place(lanes, 4 - 4 * isRight, siblings[height]);
            node = PoseidonGoldilocks.hash(lanes);
        }
    }

    /// @dev Refuses an amount that no balance has. Without this check a balance plus the field's
    /// order would hash like the balance.
    function leaf(ISheaf.Slot calldata slot, bytes24 owner) private pure returns (bytes32) {
        if (slot.balance >> 62 != 0) revert ISheaf.InvalidBalance(slot.balance);
        uint256[10] memory lanes;
        Digests.placeOwner(lanes, 0, owner);
        lanes[3] = slot.token;
        lanes[4] = slot.balance;
        lanes[5] = slot.nonce;
        (lanes[8], lanes[9]) = (LEAF, 6);
        return PoseidonGoldilocks.hash(lanes);
    }

    /// @dev Writes a digest's four elements from place `first` on.
    function place(uint256[10] memory lanes, uint256 first, bytes32 digest) private pure {
        assembly ("memory-safe") {
            let target := add(lanes, shl(5, first))
            mstore(target, shr(192, digest))
            mstore(add(target, 0x20), and(shr(128, digest), MASK))
            mstore(add(target, 0x40), and(shr(64, digest), MASK))
            mstore(add(target, 0x60), and(digest, MASK))
        }
    }
}
