// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../../src/interfaces/ISheaf.sol";
import {PlainWords} from "./PlainWords.sol";
import {Rollup} from "./Rollup.sol";

/// @title A rollup with users who ask for things, and batches by anybody
abstract contract Requester is Rollup {
    address internal constant ALICE = address(0xa11ce);
    address internal constant STRANGER = address(0x57);
    address internal constant OTHER = address(0x58);
    uint64 internal constant FULL_LOAD = 64;

    /// @notice Queues a deposit of `units` of ether and returns the L1 words that consume it.
    function request(uint64 units) internal returns (bytes memory) {
        uint256 amount = uint256(units) * ETHER_SCALE;
        sheaf.depositEther{value: amount + sheaf.priceOfRequest()}(amount, OWNER);
        return PlainWords.pair(units, 5, 0, 0, PlainWords.owner(OWNER));
    }

    /// @notice Queues `count` deposits and returns the L1 words that consume them.
    function requests(uint64 count) internal returns (bytes memory words) {
        words = new bytes(64 * uint256(count));
        for (uint64 i = 0; i < count; i++) {
            copy(words, i, request(i + 1));
        }
    }

    /// @notice Queues an exit of `slot` by `account` and returns the L1 words that consume it and
    /// pay `units` of ether.
    function requestExit(address account, uint32 slot, uint64 units)
        internal
        returns (bytes memory)
    {
        uint64[5] memory key = keyOf(slot);
        uint256 value = sheaf.priceOfRequest() + uint256(BOND) * ETHER_SCALE;
        vm.deal(account, account.balance + value);
        vm.prank(account);
        sheaf.requestExit{value: value}(slot, key);
        return PlainWords.pair(units, 6, 0, slot, PlainWords.owner(ownerOf(key, account)));
    }

    /// @notice The key of a slot's owner.
    function keyOf(uint32 slot) internal pure returns (uint64[5] memory) {
        return [uint64(4), 5, 6, 7, slot];
    }

    /// @notice The pairs of L1 words from `start` up to `end`.
    function part(bytes memory pairs, uint256 start, uint256 end)
        internal
        pure
        returns (bytes memory words)
    {
        words = new bytes(64 * (end - start));
        for (uint256 i = 0; i < words.length; i++) {
            words[i] = pairs[64 * start + i];
        }
    }

    /// @notice Finalises the next batch with these L1 words as `sender`.
    function finaliseAs(address sender, bytes memory l1Words) internal {
        ISheaf.Batch memory batch = nextBatch();
        uint256[8] memory proof = prove(batch, l1Words, "");
        vm.prank(sender, sender);
        sheaf.finalise(batch, l1Words, "", proof);
    }

    /// @notice A batch with its own right proof is refused all the same, and nothing has changed.
    function refuse(address sender, bytes memory l1Words, bytes memory reason) internal {
        ISheaf.Batch memory batch = nextBatch();
        uint256[8] memory proof = prove(batch, l1Words, "");
        bytes32 before = keccak256(snapshot());
        expect(reason, sender);
        sheaf.finalise(batch, l1Words, "", proof);
        vm.assertEq(keccak256(snapshot()), before, "untouched");
    }

    function refuseEarly(address sender, bytes memory l1Words, uint256 silentAfter) internal {
        bytes4 selector = ISheaf.OperatorNotSilent.selector;
        refuse(sender, l1Words, abi.encodeWithSelector(selector, silentAfter));
    }

    function refuseUseless(address sender, bytes memory l1Words, uint64 consumed) internal {
        bytes4 selector = ISheaf.OverdueRequestLeft.selector;
        refuse(sender, l1Words, abi.encodeWithSelector(selector, consumed, FULL_LOAD));
    }

    /// @notice The next call comes from `sender`'s own transaction, and reverts.
    function expect(bytes memory reason, address sender) internal {
        vm.prank(sender, sender);
        vm.expectRevert(reason);
    }

    /// @notice What a refused batch must leave as it was.
    function snapshot() private view returns (bytes memory) {
        (uint64 head, uint64 tail) = sheaf.queue();
        (uint64 number, uint32 timestamp, uint64 servedAt, uint64 operatorAt,) = sheaf.progress();
        return abi.encode(sheaf.state(), head, tail, number, timestamp, servedAt, operatorAt);
    }

    function copy(bytes memory words, uint256 place, bytes memory pair) private pure {
        for (uint256 i = 0; i < 64; i++) {
            words[64 * place + i] = pair[i];
        }
    }
}
