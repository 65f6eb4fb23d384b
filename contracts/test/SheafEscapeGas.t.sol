// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../src/interfaces/ISheaf.sol";
import {Digests} from "../src/libraries/Digests.sol";
import {SlotTree} from "../src/libraries/SlotTree.sol";
import {Requester} from "./support/Requester.sol";

/// @notice What leaving a frozen rollup costs, each call as a transaction of its own.
/// forge-config: default.isolate = true
contract SheafEscapeGasTest is Requester {
    /// What an escape may cost in all: base cost, calldata and execution.
    uint256 private constant BOUND = 1_000_000;
    uint64 private constant NEXT_SLOT = 2 ** 31;

    function test_escape() external {
        uint64[5] memory key;
        for (uint256 i = 0; i < 5; i++) {
            key[i] = element(draw(1, i));
        }
        address account = address(uint160(draw(2, 0)));
        ISheaf.Slot memory slot =
            ISheaf.Slot({index: 0x35a6_c96b, token: 513, balance: 2 ** 61 + 5, nonce: 70_000});
        bytes32[32] memory siblings;
        for (uint256 i = 0; i < 32; i++) {
            uint256 node;
            for (uint256 j = 0; j < 4; j++) {
                node = node << 64 | element(draw(3 + i, j));
            }
            siblings[i] = bytes32(node);
        }
        bytes32 root = this.rootOf(slot, ownerOf(key, account), siblings);
        freezeAt(root);
        sheaf.escape(slot, key, account, siblings);
        uint256 gas = vm.snapshotGasLastCall("Sheaf", "escape");
        vm.assertLt(gas, BOUND + 1, "bound");
        bytes memory call = abi.encodeCall(ISheaf.escape, (slot, key, account, siblings));
        uint256 calldataGas = costOf(call);
        vm.snapshotValue("Sheaf", "escape, of which calldata", calldataGas);
        vm.snapshotValue("Sheaf", "escape, of which execution", gas - 21_000 - calldataGas);
    }

    function rootOf(ISheaf.Slot calldata slot, bytes24 owner, bytes32[32] calldata siblings)
        external
        pure
        returns (bytes32)
    {
        return SlotTree.root(slot, owner, siblings);
    }

    function stateOf(bytes32 root) external view returns (bytes32) {
        return Digests.state(root, NEXT_SLOT, sheaf.domain());
    }

    function freezeAt(bytes32 root) private {
        ISheaf.Batch memory batch = nextBatch();
        batch.postState = this.stateOf(root);
        uint256[8] memory proof = prove(batch, "", "");
        vm.prank(OPERATOR, OPERATOR);
        sheaf.finalise(batch, "", "", proof);
        bytes memory deposit = request(5);
        bytes memory exit = requestExit(ALICE, 7, 0);
        vm.warp(START + FREEZE + 1);
        sheaf.freeze(root, NEXT_SLOT);
        vm.snapshotGasLastCall("Sheaf", "freeze");
        (uint256 a, uint256 b) = abi.decode(deposit, (uint256, uint256));
        sheaf.refund(0, a, b);
        vm.snapshotGasLastCall("Sheaf", "refund, deposit");
        (a, b) = abi.decode(exit, (uint256, uint256));
        sheaf.refund(1, a, b);
        vm.snapshotGasLastCall("Sheaf", "refund, exit");
    }

    /// @dev 4 gas for a zero byte, 16 for another.
    function costOf(bytes memory call) private pure returns (uint256 gas) {
        for (uint256 i = 0; i < call.length; i++) {
            gas += call[i] == 0 ? 4 : 16;
        }
    }

    function element(uint256 random) private pure returns (uint64) {
        return uint64(random % 0xffffffff00000001);
    }
}
