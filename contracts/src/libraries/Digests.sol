// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../interfaces/ISheaf.sol";
import {PoseidonGoldilocks} from "./PoseidonGoldilocks.sol";

/// @title The rollup's own hashes that L1 computes
/// @notice Owner, domain and first state (`docs/protocol.md`, sections 2, 3 and 10).
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
        uint256[8] memory elements;
        for (uint256 i = 0; i < 5; i++) {
            requireCanonical(key[i]);
            elements[i] = key[i];
        }
        limbs(elements, 5, uint160(account));
        return bytes24(PoseidonGoldilocks.hash(OWNER, 8, elements));
    }

    /// @notice The domain, which binds signatures to one rollup.
    function domain(uint256 chainId, address sheaf) internal pure returns (bytes24) {
        uint256[8] memory elements;
        limbs(elements, 0, chainId);
        limbs(elements, 5, uint160(sheaf));
        return bytes24(PoseidonGoldilocks.hash(DOMAIN, 8, elements));
    }

    /// @notice The State digest before the first batch.
    function firstState(bytes24 domain_) internal pure returns (bytes32) {
        uint256[8] memory elements;
        for (uint256 i = 0; i < 4; i++) {
            elements[i] = uint64(uint256(EMPTY_ROOT) >> (192 - 64 * i));
        }
        for (uint256 i = 0; i < 3; i++) {
            elements[5 + i] = uint64(uint192(domain_) >> (128 - 64 * i));
        }
        return PoseidonGoldilocks.hash(STATE, 8, elements);
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
    function limbs(uint256[8] memory elements, uint256 first, uint256 value) private pure {
        for (uint256 i = first; value != 0; i++) {
            elements[i] = value & LIMB_MASK;
            value >>= 62;
        }
    }
}
