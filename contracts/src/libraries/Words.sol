// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../interfaces/ISheaf.sol";

/// @title The two streams of 31-byte words that a batch publishes
/// @notice Shape, fields and evaluation of words (`docs/protocol.md`, sections 7 and 8). A word is
/// four limbs of 62 bits, lowest first, published as 32 bytes of which the first is zero.
library Words {
    /// @notice The order of the BLS12-381 scalar field, in which streams are evaluated. Blobs use
    /// the same field, so that calldata and blobs need one circuit.
    uint256 internal constant FIELD =
        0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001;

    uint256 internal constant MAX_DATA_WORDS = 4_096;
    uint256 internal constant MAX_L1_WORDS = 1_024;

    /// @dev Codes of entries in the low four bits of a word's highest limb.
    uint256 internal constant WITHDRAW = 4;
    uint256 internal constant DEPOSIT = 5;
    uint256 internal constant EXIT = 6;

    /// @dev Where the highest limb starts, and within it the slot.
    uint256 private constant TOP_LIMB = 186;
    uint256 private constant SLOT = TOP_LIMB + 20;
    uint256 private constant LIMB_MASK = 2 ** 62 - 1;

    /// @notice How many words a stream has; refuses parts of words and more than `maximum` words.
    function count(bytes calldata stream, uint256 maximum) internal pure returns (uint256 words) {
        words = stream.length / 32;
        if (stream.length % 32 != 0 || words > maximum) {
            revert ISheaf.InvalidStream(stream.length, maximum);
        }
    }

    /// @notice Continues an evaluation at `z`, with `stream` before the words that gave `y`: the
    /// sum of word i times z^i, plus z^n times `y`, modulo FIELD. Refuses a word of more than 248
    /// bits.
    /// @dev Horner's rule from the last word to the first, eight words a turn. `y` stays below
    /// FIELD + 2^248 < 2^256, so that nothing wraps between two products.
    /// @param stream A whole number of words.
    /// @param z The point, below 2^248.
    /// @param y A value below FIELD.
    function evaluate(bytes calldata stream, uint256 z, uint256 y)
        internal
        pure
        returns (uint256 value)
    {
        uint256 union;
        assembly ("memory-safe") {
            let r := FIELD
            let start := stream.offset
            let end := add(start, stream.length)
            // A first part of fewer than eight words leaves whole turns of 256 bytes.
            for { let turns := sub(end, and(stream.length, 0xff)) } gt(end, turns) {} {
                end := sub(end, 0x20)
                let w := calldataload(end)
                union := or(union, w)
                y := add(mulmod(y, z, r), w)
            }
            for {} gt(end, start) {} {
                end := sub(end, 0x100)
                let w := calldataload(add(end, 0xe0))
                let u := w
                y := add(mulmod(y, z, r), w)
                w := calldataload(add(end, 0xc0))
                u := or(u, w)
                y := add(mulmod(y, z, r), w)
                w := calldataload(add(end, 0xa0))
                u := or(u, w)
                y := add(mulmod(y, z, r), w)
                w := calldataload(add(end, 0x80))
                u := or(u, w)
                y := add(mulmod(y, z, r), w)
                w := calldataload(add(end, 0x60))
                u := or(u, w)
                y := add(mulmod(y, z, r), w)
                w := calldataload(add(end, 0x40))
                u := or(u, w)
                y := add(mulmod(y, z, r), w)
                w := calldataload(add(end, 0x20))
                u := or(u, w)
                y := add(mulmod(y, z, r), w)
                w := calldataload(end)
                union := or(union, or(u, w))
                y := add(mulmod(y, z, r), w)
            }
            value := mod(y, r)
        }
        if (union >> 248 != 0) revert ISheaf.WordTooLarge();
    }

    /// @notice The pair of words that starts `offset` bytes into a stream of pairs.
    function pair(bytes calldata stream, uint256 offset)
        internal
        pure
        returns (uint256 a, uint256 b)
    {
        a = uint256(bytes32(stream[offset:offset + 32]));
        b = uint256(bytes32(stream[offset + 32:offset + 64]));
    }

    /// @notice The code of an L1 word A.
    function code(uint256 a) internal pure returns (uint256) {
        return (a >> TOP_LIMB) & 15;
    }

    /// @notice The token of an L1 word A.
    function token(uint256 a) internal pure returns (uint16) {
        return uint16(a >> (TOP_LIMB + 4));
    }

    /// @notice The amount of an L1 word A, in L2 units.
    function amount(uint256 a) internal pure returns (uint64) {
        return uint64(a & LIMB_MASK);
    }

    /// @notice An exit's word A as it was requested: without the amount and token that the batch
    /// paid.
    function exitRequest(uint256 a) internal pure returns (uint256) {
        return exitWord(uint32(a >> SLOT));
    }

    /// @notice The word A of a request to exit `slot`.
    function exitWord(uint32 slot) internal pure returns (uint256) {
        return uint256(slot) << SLOT | EXIT << TOP_LIMB;
    }

    /// @notice The word A of a deposit.
    function depositWord(uint16 token_, uint64 amount_) internal pure returns (uint256) {
        return uint256(token_) << (TOP_LIMB + 4) | DEPOSIT << TOP_LIMB | amount_;
    }

    /// @notice The word B of an owner: the low 62 bits of its elements, then their high bits
    /// together.
    function ownerWord(bytes24 owner) internal pure returns (uint256 word) {
        for (uint256 i = 0; i < 3; i++) {
            uint256 element = uint64(uint192(owner) >> (128 - 64 * i));
            word |= (element & LIMB_MASK) << (62 * i);
            word |= (element >> 62) << (TOP_LIMB + 2 * i);
        }
    }
}
