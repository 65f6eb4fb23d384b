// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Words and streams written as the protocol reads, to compare the fast forms with
library PlainWords {
    uint256 internal constant FIELD =
        0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001;

    /// @notice A word of four limbs of 62 bits.
    function word(uint256 w0, uint256 w1, uint256 w2, uint256 w3) internal pure returns (uint256) {
        return w0 + 2 ** 62 * w1 + 2 ** 124 * w2 + 2 ** 186 * w3;
    }

    /// @notice A pair of L1 words: amount, code, token, slot, then B.
    function pair(uint256 amount, uint256 code, uint256 token, uint256 slot, uint256 b)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(word(amount, 0, 0, code + 16 * token + 2 ** 20 * slot), b);
    }

    /// @notice The word B of an owner given as 24 bytes.
    function owner(bytes24 packed) internal pure returns (uint256) {
        uint256 o0 = uint64(bytes8(packed));
        uint256 o1 = uint64(bytes8(packed << 64));
        uint256 o2 = uint64(bytes8(packed << 128));
        uint256 high = o0 / 2 ** 62 + 4 * (o1 / 2 ** 62) + 16 * (o2 / 2 ** 62);
        return word(o0 % 2 ** 62, o1 % 2 ** 62, o2 % 2 ** 62, high);
    }

    /// @notice The sum of word i times z^i.
    function evaluate(bytes memory stream, uint256 z) internal pure returns (uint256 y) {
        uint256 power = 1;
        for (uint256 i = 0; i < stream.length / 32; i++) {
            y = addmod(y, mulmod(wordAt(stream, i), power, FIELD), FIELD);
            power = mulmod(power, z, FIELD);
        }
    }

    /// @notice Word i of a stream.
    function wordAt(bytes memory stream, uint256 i) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(add(stream, 0x20), shl(5, i)))
        }
    }
}
