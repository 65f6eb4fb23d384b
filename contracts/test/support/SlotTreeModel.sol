// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../../src/interfaces/ISheaf.sol";
import {PoseidonGoldilocks} from "../../src/libraries/PoseidonGoldilocks.sol";
import {PlainPoseidon} from "./PlainPoseidon.sol";

/// @title A tree of a few open slots, as the ledger has it, which says roots, paths and states
/// @notice Slots are open from 0 on. Each node is computed anew from the leaves below it, as
/// sections 5 and 6 of the protocol read.
abstract contract SlotTreeModel {
    struct Leaf {
        bytes24 owner;
        uint16 token;
        uint64 balance;
        uint32 nonce;
    }

    Leaf[] public leaves;
    bytes32[33] private emptyNodes;

    constructor() {
        for (uint256 height = 0; height < 32; height++) {
            emptyNodes[height + 1] = join(emptyNodes[height], emptyNodes[height]);
        }
    }

    /// @notice Opens the next slot.
    function open(Leaf calldata leaf) external returns (uint32 index) {
        index = uint32(leaves.length);
        leaves.push(leaf);
    }

    function setBalance(uint32 index, uint64 balance) external {
        leaves[index].balance = balance;
        leaves[index].nonce += 1;
    }

    function nextSlot() external view returns (uint64) {
        return uint64(leaves.length);
    }

    /// @notice What an escape says about a slot beside the owner.
    function slot(uint32 index) external view returns (ISheaf.Slot memory) {
        Leaf memory leaf = leaves[index];
        return ISheaf.Slot(index, leaf.token, leaf.balance, leaf.nonce);
    }

    function root() external view returns (bytes32) {
        return node(32, 0);
    }

    /// @notice From the leaf's own sibling up to the root's child.
    function siblings(uint32 index) external view returns (bytes32[32] memory path) {
        for (uint256 height = 0; height < 32; height++) {
            path[height] = node(height, (uint256(index) >> height) ^ 1);
        }
    }

    /// @notice The State digest of a rollup with this tree.
    function state(bytes24 domain) external view returns (bytes32) {
        uint256[] memory elements = new uint256[](8);
        PlainPoseidon.putDigest(elements, 0, node(32, 0));
        elements[4] = leaves.length;
        putOwner(elements, 5, domain);
        return hash(12, elements);
    }

    function hash(uint256 tag, uint256[] memory elements) internal pure virtual returns (bytes32);

    function node(uint256 height, uint256 index) private view returns (bytes32) {
        if (index << height >= leaves.length) return emptyNodes[height];
        if (height == 0) return leafDigest(leaves[index]);
        return join(node(height - 1, 2 * index), node(height - 1, 2 * index + 1));
    }

    function leafDigest(Leaf memory leaf) private pure returns (bytes32) {
        uint256[] memory elements = new uint256[](6);
        putOwner(elements, 0, leaf.owner);
        elements[3] = leaf.token;
        elements[4] = leaf.balance;
        elements[5] = leaf.nonce;
        return hash(1, elements);
    }

    function join(bytes32 left, bytes32 right) private pure returns (bytes32) {
        uint256[] memory elements = new uint256[](8);
        PlainPoseidon.putDigest(elements, 0, left);
        PlainPoseidon.putDigest(elements, 4, right);
        return hash(2, elements);
    }

    function putOwner(uint256[] memory elements, uint256 first, bytes24 owner) private pure {
        for (uint256 i = 0; i < 3; i++) {
            elements[first + i] = uint64(bytes8(owner << (64 * i)));
        }
    }
}

/// @notice Hashes as the definition reads.
contract PlainSlotTree is SlotTreeModel {
    function hash(uint256 tag, uint256[] memory elements) internal pure override returns (bytes32) {
        return PlainPoseidon.hash(tag, elements);
    }
}

/// @notice Hashes with the contract's fast form, for tests that need thousands of roots.
contract FastSlotTree is SlotTreeModel {
    function hash(uint256 tag, uint256[] memory elements) internal pure override returns (bytes32) {
        uint256[10] memory lanes;
        for (uint256 i = 0; i < elements.length; i++) {
            lanes[i] = elements[i];
        }
        (lanes[8], lanes[9]) = (tag, elements.length);
        return PoseidonGoldilocks.hash(lanes);
    }
}
