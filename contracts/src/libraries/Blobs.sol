// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../interfaces/ISheaf.sol";
import {Words} from "./Words.sol";

/// @title A batch's data words in EIP-4844 blobs
/// @notice Word i of the stream is coefficient i modulo 4,096 of the polynomial of blob i / 4,096
/// (`docs/protocol.md`, section 8). So the stream's polynomial at z is the sum of
/// z^(4096 j) P_j(z), and the precompile of EIP-4844 confirms each P_j(z).
library Blobs {
    /// @notice The most blobs of one batch.
    uint256 internal constant MAX_BLOBS = 6;

    address private constant POINT_EVALUATION = address(0x0a);

    /// @notice The data reference: keccak256 of the number of blobs and their versioned hashes. The
    /// number is at least 1 here and 0 for calldata, so no reference names both.
    /// @param count The batch's blobs are the first `count` of the transaction.
    function dataReference(uint256 count) internal view returns (bytes32) {
        if (count == 0 || count > MAX_BLOBS) revert ISheaf.InvalidBlobCount(count, MAX_BLOBS);
        uint256[] memory values = new uint256[](count + 1);
        values[0] = count;
        for (uint256 i = 0; i < count; i++) {
            bytes32 versionedHash = blobhash(i);
            if (versionedHash == 0) revert ISheaf.MissingBlob(i);
            values[i + 1] = uint256(versionedHash);
        }
        return keccak256(abi.encodePacked(values));
    }

    /// @notice The stream's polynomial at `z`, modulo the scalar field of BLS12-381.
    /// @param z The point, below 2^248.
    function evaluate(ISheaf.Blob[] calldata blobs, uint256 z) internal view returns (uint256 y) {
        uint256 field = Words.FIELD;
        uint256 power = z;
        // z^4096: twelve squarings.
        for (uint256 i = 0; i < 12; i++) {
            power = mulmod(power, power, field);
        }
        for (uint256 i = blobs.length; i != 0; i--) {
            ISheaf.Blob calldata blob = blobs[i - 1];
            requireValue(blobhash(i - 1), z, blob);
            y = addmod(mulmod(y, power, field), blob.y, field);
        }
    }

    /// @dev EIP-4844: versioned hash, z, y, commitment and proof; the answer is the number of field
    /// elements of a blob and the field's order. The precompile refuses values that are not below
    /// the field's order.
    function requireValue(bytes32 versionedHash, uint256 z, ISheaf.Blob calldata blob)
        private
        view
    {
        (bool valid, bytes memory answer) =
            POINT_EVALUATION.staticcall(abi.encode(versionedHash, z, blob.y, blob.opening));
        if (!valid || answer.length != 64) revert ISheaf.WrongBlobValue(versionedHash);
    }
}
