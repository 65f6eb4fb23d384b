// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../../src/interfaces/ISheaf.sol";
import {SlotTree} from "../../src/libraries/SlotTree.sol";
import {FastSlotTree, PlainSlotTree, SlotTreeModel} from "../support/SlotTreeModel.sol";
import {Test} from "../support/Test.sol";

contract SlotTreeHarness {
    function root(ISheaf.Slot calldata slot, bytes24 owner, bytes32[32] calldata siblings)
        external
        pure
        returns (bytes32)
    {
        return SlotTree.root(slot, owner, siblings);
    }
}

contract SlotTreeTest is Test {
    uint64 private constant P = 0xffffffff00000001;

    SlotTreeHarness private harness = new SlotTreeHarness();
    SlotTreeModel private tree = new PlainSlotTree();

    function test_root_ofEverySlotIsTheTrees() external {
        SlotTreeModel fast = new FastSlotTree();
        for (uint32 i = 0; i < 5; i++) {
            SlotTreeModel.Leaf memory leaf = SlotTreeModel.Leaf({
                owner: ownerFrom(i),
                token: uint16(draw(i, 4)),
                balance: uint64(draw(i, 5) >> 194),
                nonce: uint32(draw(i, 6))
            });
            tree.open(leaf);
            fast.open(leaf);
        }
        bytes32 root = tree.root();
        vm.assertEq(fast.root(), root, "the fast form");
        vm.assertEq(fast.state(ownerFrom(9)), tree.state(ownerFrom(9)), "state");
        for (uint32 i = 0; i < 5; i++) {
            bytes32[32] memory path = tree.siblings(i);
            vm.assertEq(harness.root(tree.slot(i), ownerFrom(i), path), root, "root");
            bytes32 another = harness.root(tree.slot(i), ownerFrom(i + 1), path);
            vm.assertNotEq(another, root, "another owner");
        }
    }

    /// @dev At the last place of all, every sibling is on the left.
    function test_root_readsEveryBitOfTheIndex(uint8 height) external view {
        bytes32[32] memory path;
        for (uint256 i = 0; i < 32; i++) {
            path[i] = bytes32(draw(7, i) & (type(uint256).max / (2 ** 64 - 1) * (2 ** 62 - 1)));
        }
        ISheaf.Slot memory slot = ISheaf.Slot(type(uint32).max, 1, 2, 3);
        bytes32 last = harness.root(slot, ownerFrom(1), path);
        slot.index ^= uint32(1) << (height % 32);
        vm.assertNotEq(harness.root(slot, ownerFrom(1), path), last, "another place");
    }

    function test_root_refusesABalanceThatNobodyHas(uint64 balance) external {
        bytes32[32] memory path;
        ISheaf.Slot memory slot = ISheaf.Slot(1, 1, balance, 3);
        if (balance < 2 ** 62) {
            harness.root(slot, ownerFrom(1), path);
            if (balance > type(uint64).max - P) return;
            slot.balance = balance + P;
        }
        vm.expectRevert(abi.encodeWithSelector(ISheaf.InvalidBalance.selector, slot.balance));
        harness.root(slot, ownerFrom(1), path);
    }

    function ownerFrom(uint256 seed) private pure returns (bytes24) {
        uint256 packed;
        for (uint256 i = 0; i < 3; i++) {
            packed = packed << 64 | draw(seed, i) % P;
        }
        return bytes24(uint192(packed));
    }
}
