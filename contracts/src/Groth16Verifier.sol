// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IVerifier} from "./interfaces/IVerifier.sol";

/// @title Groth16 over BN254 for one verifying key with seven public inputs
/// @notice Checks e(A, B) = e(alpha, beta) e(X, gamma) e(C, delta), with X the key's combination of
/// the inputs (Groth, eprint 2016/260). The key is fixed at deployment. Keys under which anyone
/// could forge proofs are refused.
contract Groth16Verifier is IVerifier {
    /// @notice A verifying key with points as EIP-197 lays them out: G1 as x, y; G2 as x imaginary,
    /// x real, y imaginary, y real.
    /// @param points X at all inputs zero, then the point of each input: two numbers each.
    struct Key {
        uint256[2] alpha;
        uint256[4] beta;
        uint256[4] gamma;
        uint256[4] delta;
        uint256[] points;
    }

    /// @notice The key has another number of points than the inputs need.
    error WrongPointCount(uint256 numbers, uint256 expected);
    /// @notice A point of the key is zero, off its curve, outside its group, or in the key twice.
    error InvalidKeyPoint();
    /// @notice Two of beta, gamma and delta, or delta and the generator, are equal or opposite.
    /// Under such a key, two pairings merge, and anyone can solve the equation.
    error RelatedKeyPoints();
    /// @notice The contract that stores the key could not be created.
    error KeyNotStored();

    /// @notice keccak256 of the key as `abi.encode(Key)` gives it, to compare with the circuits'
    /// own.
    bytes32 public immutable keyHash;

    /// @dev A contract whose code is STOP and then the key in the order that `verify` reads it:
    /// points, alpha, beta, gamma, delta. Reading code costs less than reading storage.
    address private immutable _key;

    uint256 private constant INPUTS = 7;
    /// @dev Orders of BN254's scalar field and base field.
    uint256 private constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
    uint256 private constant Q = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;
    /// @dev Bytes of the key in code: 8 points of 64, alpha of 64 and three G2 points of 128.
    uint256 private constant KEY_BYTES = 960;

    constructor(Key memory key) {
        if (key.points.length != 2 * (INPUTS + 1)) {
            revert WrongPointCount(key.points.length, 2 * (INPUTS + 1));
        }
        _requirePoints(key);
        bool related = _sameOrOpposite(key.beta, key.gamma) || _sameOrOpposite(key.beta, key.delta)
            || _sameOrOpposite(key.gamma, key.delta) || _sameOrOpposite(key.delta, _generator());
        if (related) revert RelatedKeyPoints();
        bytes memory code = bytes.concat(
            abi.encodePacked(key.points), abi.encode(key.alpha, key.beta, key.gamma, key.delta)
        );
        keyHash = keccak256(abi.encode(key));
        _key = _store(code);
    }

    /// @inheritdoc IVerifier
    function verify(uint256[8] calldata proof, uint256[INPUTS] calldata inputs)
        external
        view
        returns (bool valid)
    {
        address key = _key;
        assembly ("memory-safe") {
            // Adds `scalar` times the point at `base` to the point at `sum`; `work` is 128 bytes.
            function accumulate(work, sum, base, scalar) -> ok {
                mcopy(work, base, 0x40)
                mstore(add(work, 0x40), scalar)
                ok := staticcall(gas(), 7, work, 0x60, work, 0x40)
                mcopy(add(work, 0x40), sum, 0x40)
                ok := and(ok, staticcall(gas(), 6, work, 0x80, sum, 0x40))
            }

            // The key, then 128 bytes to work in, then the four pairs of the pairing's input.
            let base := mload(0x40)
            extcodecopy(key, base, 1, KEY_BYTES)
            let work := add(base, KEY_BYTES)
            let pairs := add(work, 0x80)

            // X, in place of the key's first point.
            valid := 1
            for { let i := 0 } lt(i, INPUTS) { i := add(i, 1) } {
                let input := calldataload(add(inputs, shl(5, i)))
                valid := and(valid, lt(input, R))
                valid := and(valid, accumulate(work, base, add(base, shl(6, add(i, 1))), input))
            }

            // (-A, B). A's y is below the field's order, so that zero has one encoding; zeros are
            // refused.
            let y := calldataload(add(proof, 0x20))
            valid := and(valid, lt(y, Q))
            valid := and(valid, gt(or(calldataload(proof), y), 0))
            calldatacopy(pairs, proof, 0xc0)
            mstore(add(pairs, 0x20), sub(Q, y))
            let bx := or(mload(add(pairs, 0x40)), mload(add(pairs, 0x60)))
            let by := or(mload(add(pairs, 0x80)), mload(add(pairs, 0xa0)))
            valid := and(valid, gt(or(bx, by), 0))
            // (alpha, beta), which are adjacent in the key.
            mcopy(add(pairs, 0xc0), add(base, 0x200), 0xc0)
            // (X, gamma).
            mcopy(add(pairs, 0x180), base, 0x40)
            mcopy(add(pairs, 0x1c0), add(base, 0x2c0), 0x80)
            // (C, delta).
            calldatacopy(add(pairs, 0x240), add(proof, 0xc0), 0x40)
            valid := and(valid, gt(or(mload(add(pairs, 0x240)), mload(add(pairs, 0x260))), 0))
            mcopy(add(pairs, 0x280), add(base, 0x340), 0x80)

            // The precompile refuses numbers not below the field's order, points off the curve and
            // points of G2 outside the group.
            valid := and(valid, staticcall(gas(), 8, pairs, 0x300, work, 0x20))
            valid := and(valid, and(eq(returndatasize(), 0x20), eq(mload(work), 1)))
        }
    }

    /// @dev Refuses a key with a zero, invalid or repeated point. The precompiles check validity. A
    /// precompile that refuses burns all gas of its call, so the first refusal ends the check.
    function _requirePoints(Key memory key) private view {
        uint256[2] memory one = [uint256(1), 2];
        bool zero = (key.alpha[0] | key.alpha[1]) == 0 || _isZero(key.beta) || _isZero(key.gamma)
            || _isZero(key.delta);
        if (zero) revert InvalidKeyPoint();
        (bool paired,) =
            address(8).staticcall(abi.encode(key.alpha, key.beta, one, key.gamma, one, key.delta));
        if (!paired) revert InvalidKeyPoint();
        for (uint256 i = 0; i <= INPUTS; i++) {
            uint256 x = key.points[2 * i];
            uint256 y = key.points[2 * i + 1];
            if ((x | y) == 0) revert InvalidKeyPoint();
            for (uint256 j = 0; j < i; j++) {
                bool same = x == key.points[2 * j] && y == key.points[2 * j + 1];
                if (same) revert InvalidKeyPoint();
            }
            (bool added,) = address(6).staticcall(abi.encode(x, y, one));
            if (!added) revert InvalidKeyPoint();
        }
    }

    /// @dev Creates a contract whose code is STOP and then `data`.
    function _store(bytes memory data) private returns (address holder) {
        // PUSH2 length, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN: return what follows these
        // bytes.
        bytes memory creation =
            abi.encodePacked(hex"61", uint16(data.length + 1), hex"80600a5f395ff3", hex"00", data);
        assembly ("memory-safe") {
            holder := create(0, add(creation, 0x20), mload(creation))
        }
        if (holder == address(0)) revert KeyNotStored();
    }

    /// @dev On the curve, just a point and its opposite have the same x.
    function _sameOrOpposite(uint256[4] memory a, uint256[4] memory b) private pure returns (bool) {
        return a[0] == b[0] && a[1] == b[1];
    }

    function _isZero(uint256[4] memory point) private pure returns (bool) {
        return (point[0] | point[1] | point[2] | point[3]) == 0;
    }

    /// @dev The generator of G2 in EIP-197.
    function _generator() private pure returns (uint256[4] memory) {
        return [
            0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2,
            0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed,
            0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b,
            0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa
        ];
    }
}
