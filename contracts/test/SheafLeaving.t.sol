// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../src/interfaces/ISheaf.sol";
import {RequestQueue} from "../src/libraries/RequestQueue.sol";
import {Drill} from "./support/Drill.sol";

/// @notice The freeze, and the escapes after it. `SheafRefund.t.sol` has the refunds.
contract SheafLeavingTest is Drill {
    function test_freeze_opensTheLastState() external {
        requestExit(ALICE, 0, 0);
        vm.warp(START + FREEZE + 1);
        bytes32 root = tree.root();
        vm.expectEmit(address(sheaf));
        emit ISheaf.Frozen(root, SLOTS);
        vm.prank(STRANGER);
        sheaf.freeze(root, SLOTS);
        vm.assertEq(sheaf.frozenRoot(), root, "root");
        (,,,, bool frozen) = sheaf.progress();
        vm.assertTrue(frozen, "frozen");
    }

    function test_freeze_refusesUntilAnExitHasWaitedLongEnough() external {
        requestExit(ALICE, 0, 0);
        vm.warp(START + FREEZE);
        refuseFreeze(abi.encodeWithSelector(ISheaf.TooEarlyToFreeze.selector, START + FREEZE));
        vm.warp(START + FREEZE + 1);
        freeze();
    }

    function test_freeze_isNotForDeposits() external {
        request(1);
        vm.warp(START + 100 * FREEZE);
        uint256 never = RequestQueue.NEVER + FREEZE;
        refuseFreeze(abi.encodeWithSelector(ISheaf.TooEarlyToFreeze.selector, never));
    }

    function test_freeze_isNotForExitsThatWereAnswered() external {
        bytes memory first = requestExit(ALICE, 0, 0);
        vm.warp(START + FREEZE);
        bytes memory second = requestExit(BOB, 1, 0);
        vm.warp(START + FREEZE + 1);
        finaliseTree(first);
        uint256 earliest = START + 2 * FREEZE;
        refuseFreeze(abi.encodeWithSelector(ISheaf.TooEarlyToFreeze.selector, earliest));
        vm.warp(earliest + 1);
        finaliseTree(second);
        uint256 never = RequestQueue.NEVER + FREEZE;
        refuseFreeze(abi.encodeWithSelector(ISheaf.TooEarlyToFreeze.selector, never));
    }

    function test_freeze_refusesAnotherRootOrNumberOfSlots(uint256 bit) external {
        requestExit(ALICE, 0, 0);
        vm.warp(START + FREEZE + 1);
        bytes32 root = tree.root();
        // The lowest bit of an element: the element stays canonical.
        bytes32 other = root ^ bytes32(uint256(1) << (64 * (bit % 4)));
        bytes memory reason = abi.encodeWithSelector(ISheaf.OtherState.selector, sheaf.state());
        vm.expectRevert(reason);
        sheaf.freeze(other, SLOTS);
        vm.expectRevert(reason);
        sheaf.freeze(root, SLOTS + 1);
        vm.expectRevert(reason);
        sheaf.freeze(root, 0);
        freeze();
    }

    /// @dev A number plus the field's order hashes like the number, and a root has four numbers.
    function test_freeze_refusesNumbersThatAreNotCanonical(uint256 place) external {
        requestExit(ALICE, 0, 0);
        vm.warp(START + FREEZE + 1);
        bytes32 root = tree.root();
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NotCanonical.selector, P + SLOTS));
        sheaf.freeze(root, P + SLOTS);
        place = 64 * (place % 4);
        uint256 others = ~(uint256(type(uint64).max) << place);
        bytes32 odd = bytes32((uint256(root) & others) | (uint256(P) << place));
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NotCanonical.selector, P));
        sheaf.freeze(odd, SLOTS);
        freeze();
    }

    function test_frozen_isForEver() external {
        freezeRollup();
        bytes32 root = sheaf.frozenRoot();
        ISheaf.Batch memory batch = nextBatch();
        uint256[8] memory proof = prove(batch, "", "");
        bytes[9] memory calls = [
            abi.encodeCall(ISheaf.finalise, (batch, "", "", proof)),
            abi.encodeCall(ISheaf.finaliseBlobs, (batch, "", new ISheaf.Blob[](1), proof)),
            abi.encodeCall(ISheaf.depositEther, (ETHER_SCALE, OWNER)),
            abi.encodeCall(ISheaf.depositToken, (1, SCALE, OWNER)),
            abi.encodeCall(ISheaf.requestExit, (0, keyOf(0))),
            abi.encodeCall(ISheaf.listToken, (address(erc20), 1, 1, 0)),
            abi.encodeCall(ISheaf.raiseCap, (1, 2_000_000)),
            abi.encodeCall(ISheaf.freeze, (root, SLOTS)),
            abi.encodeCall(ISheaf.takeOver, ())
        ];
        address[4] memory senders = [OPERATOR, LISTER, ALICE, STRANGER];
        for (uint256 i = 0; i < calls.length; i++) {
            for (uint256 j = 0; j < senders.length; j++) {
                vm.prank(senders[j], senders[j]);
                (bool accepted, bytes memory reason) = address(sheaf).call(calls[i]);
                vm.assertFalse(accepted, "frozen");
                bytes memory expected = abi.encodePacked(ISheaf.RollupFrozen.selector);
                vm.assertEq(reason, expected, "another reason");
            }
        }
    }

    function test_escapeAndRefund_refusedWhileTheRollupRuns() external {
        requestExit(ALICE, 0, 0);
        vm.warp(START + FREEZE + 1);
        (ISheaf.Slot memory leaf, bytes32[32] memory path) = (tree.slot(0), tree.siblings(0));
        vm.expectRevert(ISheaf.NotFrozen.selector);
        sheaf.escape(leaf, keyOf(0), ALICE, path);
        vm.expectRevert(ISheaf.NotFrozen.selector);
        sheaf.refund(3, 0, 0);
    }

    function test_escape_creditsTheAddressInTheOwner() external {
        freezeRollup();
        vm.expectEmit(address(sheaf));
        emit ISheaf.PayoutCredited(BOB, 1, 60, 0);
        vm.expectEmit(address(sheaf));
        emit ISheaf.Escaped(1, BOB, 1, 60);
        escape(1);
        vm.assertTrue(sheaf.escaped(1), "escaped");
        vm.assertFalse(sheaf.escaped(0), "no other");
        vm.assertEq(sheaf.pending(BOB, 1).amount, 60, "credited");
        vm.prank(BOB);
        vm.assertEq(sheaf.claim(1, BOB), 60 * SCALE, "claimed");
        vm.assertEq(erc20.balances(BOB), 60 * SCALE, "paid");
    }

    function test_escape_refusesASecondTime() external {
        freezeRollup();
        for (uint32 slot = 0; slot < SLOTS; slot++) {
            escape(slot);
            refuse(
                slot, tree.slot(slot), abi.encodeWithSelector(ISheaf.EscapedAlready.selector, slot)
            );
        }
        vm.assertEq(sheaf.pending(ALICE, 0).amount, 40, "once");
    }

    function test_escape_refusesAnotherPath(uint256 height, uint256 bit) external {
        freezeRollup();
        (ISheaf.Slot memory leaf, bytes32[32] memory path) = (tree.slot(1), tree.siblings(1));
        path[height % 32] ^= bytes32(uint256(1) << (bit % 256));
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NotInTree.selector, 1));
        sheaf.escape(leaf, keyOf(1), BOB, path);
    }

    function test_escape_refusesAnotherLeaf() external {
        freezeRollup();
        for (uint32 slot = 0; slot < SLOTS; slot++) {
            bytes memory reason = abi.encodeWithSelector(ISheaf.NotInTree.selector, slot);
            ISheaf.Slot memory leaf = tree.slot(slot);
            leaf.balance += 1;
            refuse(slot, leaf, reason);
            leaf = tree.slot(slot);
            leaf.token += 1;
            refuse(slot, leaf, reason);
            leaf = tree.slot(slot);
            leaf.nonce += 1;
            refuse(slot, leaf, reason);
            leaf = tree.slot(slot);
            leaf.index ^= 2;
            refuse(slot, leaf, abi.encodeWithSelector(ISheaf.NotInTree.selector, slot ^ 2));
            // The bits of a place in the tree are all there are.
            leaf.index = slot | 2 ** 31;
            reason = abi.encodeWithSelector(ISheaf.NotInTree.selector, leaf.index);
            refuse(slot, leaf, reason);
        }
    }

    /// @dev A node must not pass for a leaf, nor a slot that is not open for one with money.
    function test_escape_refusesASlotThatIsNotOpen() external {
        freezeRollup();
        ISheaf.Slot memory leaf;
        leaf.index = SLOTS;
        bytes32[32] memory path = tree.siblings(SLOTS);
        uint64[5] memory zeros;
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NotInTree.selector, SLOTS));
        sheaf.escape(leaf, zeros, address(0), path);
    }

    function test_escape_refusesAnotherOwner() external {
        freezeRollup();
        (ISheaf.Slot memory leaf, bytes32[32] memory path) = (tree.slot(1), tree.siblings(1));
        bytes memory reason = abi.encodeWithSelector(ISheaf.NotInTree.selector, 1);
        vm.expectRevert(reason);
        sheaf.escape(leaf, keyOf(2), BOB, path);
        vm.expectRevert(reason);
        sheaf.escape(leaf, keyOf(1), STRANGER, path);
        uint64[5] memory key = keyOf(1);
        key[0] += P;
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NotCanonical.selector, key[0]));
        sheaf.escape(leaf, key, BOB, path);
        escape(1);
    }

    /// @dev A balance plus the field's order hashes like the balance, and is worth much more.
    function test_escape_refusesABalanceThatNobodyHas() external {
        freezeRollup();
        for (uint32 slot = 0; slot < SLOTS; slot++) {
            ISheaf.Slot memory leaf = tree.slot(slot);
            leaf.balance += P;
            bytes4 selector = ISheaf.InvalidBalance.selector;
            refuse(slot, leaf, abi.encodeWithSelector(selector, leaf.balance));
            leaf.balance = 2 ** 62;
            refuse(slot, leaf, abi.encodeWithSelector(selector, leaf.balance));
            escape(slot);
        }
    }

    /// @dev Such a sibling is the same node, written in another way: nothing is gained by it.
    function test_escape_withASiblingThatIsNotCanonicalCountsOnce() external {
        freezeRollup();
        (ISheaf.Slot memory leaf, bytes32[32] memory path) = (tree.slot(0), tree.siblings(0));
        // No node has an element of zero here but the empty leaf's, which slot 0 has not.
        for (uint256 i = 0; i < 4; i++) {
            uint64 element = uint64(uint256(path[2]) >> (64 * i));
            if (element < type(uint64).max - P) {
                path[2] = bytes32(uint256(path[2]) + (uint256(P) << (64 * i)));
            }
        }
        sheaf.escape(leaf, keyOf(0), ALICE, path);
        refuse(0, leaf, abi.encodeWithSelector(ISheaf.EscapedAlready.selector, 0));
        vm.assertEq(sheaf.pending(ALICE, 0).amount, 40, "once");
    }

    function test_escape_ofNothingCreditsNothing() external {
        freezeRollup();
        escape(3);
        vm.assertTrue(sheaf.escaped(3), "escaped");
        vm.assertEq(sheaf.pending(ALICE, 0).amount, 0, "nothing");
    }

    /// @dev Against the last root, not the one before.
    function test_escape_isAgainstTheLastState() external {
        ISheaf.Slot memory old = tree.slot(0);
        bytes32[32] memory oldPath = tree.siblings(0);
        tree.setBalance(0, 10);
        tree.setBalance(2, 55);
        finaliseTree("");
        freezeRollup();
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NotInTree.selector, 0));
        sheaf.escape(old, keyOf(0), ALICE, oldPath);
        escape(0);
        vm.assertEq(sheaf.pending(ALICE, 0).amount, 10, "what is left");
    }

    function refuse(uint32 slot, ISheaf.Slot memory leaf, bytes memory reason) private {
        bytes32[32] memory path = tree.siblings(slot);
        vm.expectRevert(reason);
        sheaf.escape(leaf, keyOf(slot), holderOf(slot), path);
    }

    function refuseFreeze(bytes memory reason) private {
        (bytes32 root, uint64 nextSlot) = (tree.root(), tree.nextSlot());
        vm.expectRevert(reason);
        sheaf.freeze(root, nextSlot);
    }
}
