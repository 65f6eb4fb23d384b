// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../interfaces/ISheaf.sol";
import {PoseidonGoldilocks} from "./PoseidonGoldilocks.sol";

/// @title The rollup's own hashes that L1 computes
/// @notice Owner, domain and State (`docs/protocol.md`, sections 2, 3 and 10).
library Digests {
    /// @notice The root of a slot tree in which no slot is open: 32 times Hash(Node, x, x) from
    /// zero.
    bytes32 internal constant EMPTY_ROOT =
        0x2e2b52d518aaf781f43bf30cc76049016c71e8533dde8a9ebb890fc81f8a777e;

    uint256 private constant OWNER = 3;
    uint256 private constant DOMAIN = 4;
    uint256 private constant STATE = 12;

    uint256 private constant LIMB_MASK = 2 ** 62 - 1;

    /// @notice The owner that a key and an L1 address open.
    /// @param key Five field elements; refuses one that is not canonical.
    function owner(uint64[5] calldata key, address account) internal pure returns (bytes24) {
        uint256[10] memory lanes;
        for (uint256 i = 0; i < 5; i++) {
            requireCanonical(key[i]);
            lanes[i] = key[i];
        }
        limbs(lanes, 5, uint160(account));
        (lanes[8], lanes[9]) = (OWNER, 8);
        return bytes24(PoseidonGoldilocks.hash(lanes));
    }

    /// @notice The domain, which binds signatures to one rollup.
    function domain(uint256 chainId, address sheaf) internal pure returns (bytes24) {
        uint256[10] memory lanes;
        limbs(lanes, 0, chainId);
        limbs(lanes, 5, uint160(sheaf));
        (lanes[8], lanes[9]) = (DOMAIN, 8);
        return bytes24(PoseidonGoldilocks.hash(lanes));
    }

    /// @notice The State digest before the first batch.
    function firstState(bytes24 domain_) internal pure returns (bytes32) {
        return state(EMPTY_ROOT, 0, domain_);
    }

    /// @notice The State digest of a slot tree.
    /// @dev Refuses a root with an element that is not canonical, because such a root has the same
    /// digest as the canonical root.
    /// @param root The tree's root.
    /// @param nextSlot How many slots are open, at most 2^32.
    function state(bytes32 root, uint64 nextSlot, bytes24 domain_) internal pure returns (bytes32) {
        requireCanonical(nextSlot);
        uint256[10] memory lanes;
        for (uint256 i = 0; i < 4; i++) {
            uint64 element = uint64(uint256(root) >> (192 - 64 * i));
            requireCanonical(element);
            lanes[i] = element;
        }
        lanes[4] = nextSlot;
        placeOwner(lanes, 5, domain_);
        (lanes[8], lanes[9]) = (STATE, 8);
        return PoseidonGoldilocks.hash(lanes);
    }

    /// @notice Writes the three elements of an owner, or of a domain, from place `first` on.
    function placeOwner(uint256[10] memory lanes, uint256 first, bytes24 owner_) internal pure {
        for (uint256 i = 0; i < 3; i++) {
            lanes[first + i] = uint64(uint192(owner_) >> (128 - 64 * i));
        }
    }

    /// @notice Refuses an owner that no key can open: zeros, or an element that is not canonical.
    function requireOwner(bytes24 owner_) internal pure {
        if (owner_ == 0) revert ISheaf.ZeroOwner();
        for (uint256 i = 0; i < 3; i++) {
            requireCanonical(uint64(uint192(owner_) >> (128 - 64 * i)));
        }
    }

    function requireCanonical(uint64 element) private pure {
        if (element >= PoseidonGoldilocks.P) revert ISheaf.NotCanonical(element);
    }

    /// @dev Writes `value` as limbs of 62 bits, lowest first, from place `first` until the rest is
    /// zero. Callers leave room: 5 places for 256 bits, 3 for 160.
    function limbs(uint256[10] memory lanes, uint256 first, uint256 value) private pure {
        for (uint256 i = first; value != 0; i++) {
            lanes[i] = value & LIMB_MASK;
            value >>= 62;
        }
    }
}
