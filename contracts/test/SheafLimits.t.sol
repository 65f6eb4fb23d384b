// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../src/interfaces/ISheaf.sol";
import {Digests} from "../src/libraries/Digests.sol";
import {PlainWords} from "./support/PlainWords.sol";
import {Rollup} from "./support/Rollup.sol";

/// @notice What nodes and chains accept in one transaction, and the largest batches whose data
/// travel as calldata (`docs/protocol.md`, section 1).
/// @dev Every call is its own transaction here, so that nothing is warm that would be cold on L1.
/// forge-config: default.isolate = true
contract SheafLimitsTest is Rollup {
    /// The most gas that a transaction may ask for (EIP-7825).
    uint256 private constant GAS_CAP = 2 ** 24;
    /// Nodes refuse a larger transaction that carries no blobs.
    uint256 private constant TRANSACTION_BYTES = 131_072;
    /// What a transaction has besides the call: type, list and string headers, chain id, nonce, two
    /// fees, gas limit, recipient, value, access list and signature, each as long as it can be.
    uint256 private constant ENVELOPE = 160;

    /// The ledger's `CALLDATA_WORDS_MAX`, and L1 words that a batch has room for at the prices of
    /// Osaka (`contracts/rust/chain_limits.rs`).
    uint256 private constant WORDS = 4_074;
    uint256 private constant L1_WORDS = 768;

    /// What the submitter asks for over its estimate, in percent.
    uint256 private constant GAS_PERCENT = 120;
    /// More than the snapshot's `verify`, which the development verifier does not cost.
    uint256 private constant VERIFY_GAS = 250_000;

    function test_largestBatchOfWithdrawals_staysUnderTheCap() external {
        bytes memory l1Words = withdrawals(L1_WORDS / 2);
        finalise(l1Words, dense(WORDS - L1_WORDS));
        uint256 gas = vm.snapshotGasLastCall("Sheaf", "finalise, 384 first payouts, full data");
        vm.assertLt((gas + VERIFY_GAS) * GAS_PERCENT / 100, GAS_CAP, "gas");
    }

    function test_largestBatchOfExits_staysUnderTheCap() external {
        bytes memory l1Words = exits(L1_WORDS / 2);
        finalise(l1Words, dense(WORDS - L1_WORDS));
        uint256 gas = vm.snapshotGasLastCall("Sheaf", "finalise, 384 exits, full data");
        vm.assertLt((gas + VERIFY_GAS) * GAS_PERCENT / 100, GAS_CAP, "gas");
    }

    /// @dev Why the contract's own limit is not the one to fill.
    function test_asManyExitsAsTheContractTakes_exceedTheCap() external {
        bytes memory l1Words = exits(512);
        finalise(l1Words, dense(4_096));
        uint256 gas = vm.snapshotGasLastCall("Sheaf", "finalise, 512 exits, 4,096 data words");
        vm.assertLt(GAS_CAP, gas + VERIFY_GAS, "gas");
    }

    function test_largestBatch_fitsIntoATransaction() external view {
        uint256 bytesOfCall = callOf(WORDS - L1_WORDS).length;
        vm.assertLt(bytesOfCall + ENVELOPE, TRANSACTION_BYTES + 1, "bytes");
        // One word more would not.
        bytesOfCall = callOf(WORDS - L1_WORDS + 1).length;
        vm.assertLt(TRANSACTION_BYTES, bytesOfCall + ENVELOPE, "bytes");
    }

    function callOf(uint256 dataWords) private view returns (bytes memory) {
        uint256[8] memory proof;
        bytes memory l1Words = new bytes(32 * L1_WORDS);
        bytes memory data = new bytes(32 * dataWords);
        return abi.encodeCall(ISheaf.finalise, (nextBatch(), l1Words, data, proof));
    }

    /// @dev The owner that the key and an account open; outside, so that its memory is given back.
    function fastOwner(uint64[5] calldata key_, address account) external pure returns (bytes24) {
        return Digests.owner(key_, account);
    }

    /// @dev Each to an account that has never been paid.
    function withdrawals(uint256 count) private pure returns (bytes memory) {
        uint256[] memory list = new uint256[](2 * count);
        for (uint256 i = 0; i < count; i++) {
            list[2 * i] = PlainWords.word(1, 0, 0, 4);
            list[2 * i + 1] = uint160(draw(2, i));
        }
        return abi.encodePacked(list);
    }

    /// @dev Each asked for by, and paid to, an account that has never been paid.
    function exits(uint256 count) private returns (bytes memory) {
        uint64[5] memory key = [uint64(4), 5, 6, 7, 8];
        uint256[] memory list = new uint256[](2 * count);
        for (uint256 i = 0; i < count; i++) {
            address account = address(uint160(draw(3, i)));
            uint256 value = 2 * EXIT_FEE;
            vm.deal(account, value);
            vm.prank(account);
            sheaf.requestExit{value: value}(uint32(i), key);
            list[2 * i] = PlainWords.word(1, 0, 0, 6 + 2 ** 20 * i);
            list[2 * i + 1] = PlainWords.owner(this.fastOwner(key, account));
        }
        return abi.encodePacked(list);
    }

    /// @dev Words as full as they get.
    function dense(uint256 count) private pure returns (bytes memory) {
        bytes32[] memory list = new bytes32[](count);
        for (uint256 i = 0; i < count; i++) {
            list[i] = bytes32(draw(1, i) >> 8);
        }
        return abi.encodePacked(list);
    }
}
