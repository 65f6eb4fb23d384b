// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../interfaces/ISheaf.sol";

/// @title The seven numbers that a batch's proof is about
/// @notice The point at which the streams are evaluated, and how states, chains and the evaluation
/// are packed (`docs/protocol.md`, sections 8 and 9).
library PublicInputs {
    /// @notice What is published with a batch.
    /// @param dataReference What names the data words: `calldataReference`, or
    /// `Blobs.dataReference`.
    /// @param l1WordsHash keccak256 of the L1 words.
    /// @param l1Words How many L1 words there are.
    /// @param z The point at which the streams are evaluated.
    /// @param y Both streams, the L1 words first, evaluated at z.
    struct Published {
        bytes32 dataReference;
        bytes32 l1WordsHash;
        uint256 l1Words;
        uint256 z;
        uint256 y;
    }

    /// @notice The data reference of words in calldata: keccak256 of the number of blobs, zero, and
    /// keccak256 of the words.
    function calldataReference(bytes calldata data) internal pure returns (bytes32) {
        return keccak256(abi.encode(uint256(0), keccak256(data)));
    }

    /// @notice The point z: 248 bits that are fixed only after every published byte, both
    /// commitments and the header. If z left one of them out, the publisher could still choose that
    /// part so that a false stream agrees at z.
    function point(bytes32 pre, ISheaf.Batch calldata batch, bytes32 dataReference, bytes32 l1Hash)
        internal
        pure
        returns (uint256)
    {
        bytes32 digest = keccak256(
            abi.encode(
                dataReference,
                l1Hash,
                pre,
                batch.postState,
                batch.chains,
                uint256(batch.number),
                uint256(batch.timestamp)
            )
        );
        return uint256(digest) >> 8;
    }

    /// @notice The public inputs. Each is below the order of BN254's scalar field: inputs 0 to 3
    /// have 192 bits, 4 and 5 have 248, and 6 has 75.
    /// @param pre The State digest before the batch.
    function pack(bytes32 pre, ISheaf.Batch calldata batch, Published memory published)
        internal
        pure
        returns (uint256[7] memory inputs)
    {
        bytes32 post = batch.postState;
        bytes32 chains = batch.chains;
        inputs[0] = three(element(pre, 0), element(pre, 1), element(pre, 2));
        inputs[1] = three(element(pre, 3), element(post, 0), element(post, 1));
        inputs[2] = three(element(post, 2), element(post, 3), element(chains, 0));
        inputs[3] = three(element(chains, 1), element(chains, 2), element(chains, 3));
        inputs[4] = published.z;
        inputs[5] = published.y & (2 ** 248 - 1);
        inputs[6] = published.y >> 248 | uint256(batch.timestamp) << 32 | published.l1Words << 64;
    }

    function three(uint256 a, uint256 b, uint256 c) private pure returns (uint256) {
        return a | b << 64 | c << 128;
    }

    function element(bytes32 digest, uint256 i) private pure returns (uint256) {
        return uint64(uint256(digest) >> (192 - 64 * i));
    }
}
