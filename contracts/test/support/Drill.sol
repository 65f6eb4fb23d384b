// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../../src/interfaces/ISheaf.sol";
import {HostileToken} from "./HostileToken.sol";
import {PlainWords} from "./PlainWords.sol";
import {Requester} from "./Requester.sol";
import {FastSlotTree, SlotTreeModel} from "./SlotTreeModel.sol";

/// @title A rollup with balances in a real tree, as somebody must leave it
/// @notice Slot 0 is Alice's with 40 units of ether, slot 1 Bob's with 60 of token 1, slot 2 Bob's
/// with 25 of ether, slot 3 Alice's with nothing.
abstract contract Drill is Requester {
    address internal constant BOB = address(0xb0b);
    uint128 internal constant SCALE = 1_000;
    uint32 internal constant SLOTS = 4;
    uint64 internal constant P = 0xffffffff00000001;

    SlotTreeModel internal tree;
    HostileToken internal erc20;

    function setUp() public virtual override {
        super.setUp();
        tree = new FastSlotTree();
        erc20 = new HostileToken();
        erc20.mint(address(this), 1_000_000 * SCALE);
        vm.prank(LISTER);
        sheaf.listToken(address(erc20), SCALE, 1_000_000, 0);
        openSlot(ALICE, 0, 40);
        openSlot(BOB, 1, 60);
        openSlot(BOB, 0, 25);
        openSlot(ALICE, 0, 0);
        bytes memory deposits = bytes.concat(request(40), requestToken(60), request(25));
        finaliseTree(deposits);
    }

    /// @notice Finalises a batch whose state is the tree's.
    function finaliseTree(bytes memory l1Words) internal {
        ISheaf.Batch memory batch = nextBatch();
        batch.postState = tree.state(sheaf.domain());
        uint256[8] memory proof = prove(batch, l1Words, "");
        vm.prank(OPERATOR, OPERATOR);
        sheaf.finalise(batch, l1Words, "", proof);
    }

    /// @notice Requests an exit at START and freezes when nobody has answered.
    function freezeRollup() internal {
        requestExit(ALICE, 0, 0);
        vm.warp(START + FREEZE + 1);
        freeze();
    }

    function freeze() internal {
        sheaf.freeze(tree.root(), tree.nextSlot());
    }

    /// @notice Sends the slot's leaf and path, as a stranger.
    function escape(uint32 slot) internal {
        (ISheaf.Slot memory leaf, address account) = (tree.slot(slot), holderOf(slot));
        bytes32[32] memory path = tree.siblings(slot);
        vm.prank(STRANGER);
        sheaf.escape(leaf, keyOf(slot), account, path);
    }

    function requestToken(uint64 units) internal returns (bytes memory) {
        sheaf.depositToken{value: sheaf.priceOfRequest()}(1, units * SCALE, OWNER);
        return PlainWords.pair(units, 5, 1, 0, PlainWords.owner(OWNER));
    }

    function openSlot(address account, uint16 token, uint64 balance) internal {
        bytes24 owner = ownerOf(keyOf(uint32(tree.nextSlot())), account);
        tree.open(SlotTreeModel.Leaf({owner: owner, token: token, balance: balance, nonce: 3}));
    }

    /// @notice The L1 address in the owner of a slot.
    function holderOf(uint32 slot) internal pure returns (address) {
        return slot == 0 || slot == 3 ? ALICE : BOB;
    }
}
