// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Groth16Verifier} from "../../src/Groth16Verifier.sol";
import {ISheaf} from "../../src/interfaces/ISheaf.sol";
import {Test} from "./Test.sol";

/// @title A batch with its real proof, made by the Rust side
/// @notice `circuits/examples/batch_fixture.rs` writes the file.
abstract contract BatchFixture is Test {
    struct Deposit {
        address sender;
        bytes24 owner;
        uint64 units;
    }

    struct Payout {
        address account;
        uint64 units;
    }

    uint256 internal constant DEPOSITS = 2;
    uint256 internal constant PAYOUTS = 2;

    Groth16Verifier.Key internal key;
    uint256[8] internal proof;
    uint256[7] internal inputs;

    /// @notice The key, the proof and its public inputs.
    function readProof() internal {
        string memory json = read();
        fill(key.alpha, numbers(json, ".vk.alpha", 2));
        fill(key.beta, numbers(json, ".vk.beta", 4));
        fill(key.gamma, numbers(json, ".vk.gamma", 4));
        fill(key.delta, numbers(json, ".vk.delta", 4));
        key.points = numbers(json, ".vk.points", 16);
        uint256[] memory list = numbers(json, ".proof", 8);
        for (uint256 i = 0; i < 8; i++) {
            proof[i] = list[i];
        }
        list = numbers(json, ".inputs", 7);
        for (uint256 i = 0; i < 7; i++) {
            inputs[i] = list[i];
        }
    }

    /// @notice What `finalise` is told beside the proof.
    function readCall()
        internal
        view
        returns (ISheaf.Batch memory batch, bytes memory l1Words, bytes memory data)
    {
        string memory json = read();
        batch = ISheaf.Batch({
            number: uint64(vm.parseJsonUint(json, ".batch.number")),
            postState: vm.parseJsonBytes32(json, ".batch.post_state"),
            chains: vm.parseJsonBytes32(json, ".batch.chains"),
            timestamp: uint32(vm.parseJsonUint(json, ".batch.timestamp"))
        });
        l1Words = vm.parseJsonBytes(json, ".l1_words");
        data = vm.parseJsonBytes(json, ".data");
    }

    /// @notice The deposits that the batch consumes, in order.
    function readDeposits() internal view returns (Deposit[DEPOSITS] memory deposits) {
        string memory json = read();
        for (uint256 i = 0; i < DEPOSITS; i++) {
            string memory place = string.concat(".l1.deposits[", vm.toString(i), "]");
            deposits[i] = Deposit({
                sender: vm.parseJsonAddress(json, string.concat(place, ".sender")),
                owner: bytes24(vm.parseJsonBytes(json, string.concat(place, ".owner"))),
                units: uint64(vm.parseJsonUint(json, string.concat(place, ".units")))
            });
        }
    }

    /// @notice The exit request that the batch consumes after the deposits.
    function readExit() internal view returns (address sender, uint32 slot, uint64[5] memory) {
        string memory json = read();
        sender = vm.parseJsonAddress(json, ".l1.exit.sender");
        slot = uint32(vm.parseJsonUint(json, ".l1.exit.slot"));
        uint256[] memory list = numbers(json, ".l1.exit.key", 5);
        uint64[5] memory elements;
        for (uint256 i = 0; i < 5; i++) {
            elements[i] = uint64(list[i]);
        }
        return (sender, slot, elements);
    }

    /// @notice What the batch credits.
    function readPayouts() internal view returns (Payout[PAYOUTS] memory payouts) {
        string memory json = read();
        for (uint256 i = 0; i < PAYOUTS; i++) {
            string memory place = string.concat(".l1.payouts[", vm.toString(i), "]");
            payouts[i] = Payout({
                account: vm.parseJsonAddress(json, string.concat(place, ".account")),
                units: uint64(vm.parseJsonUint(json, string.concat(place, ".units")))
            });
        }
    }

    function read() internal view returns (string memory) {
        return vm.readFile("fixtures/batch.json");
    }

    function numbers(string memory json, string memory path, uint256 count)
        private
        pure
        returns (uint256[] memory list)
    {
        list = vm.parseJsonUintArray(json, path);
        vm.assertEq(list.length, count, path);
    }

    function fill(uint256[2] storage target, uint256[] memory list) private {
        for (uint256 i = 0; i < 2; i++) {
            target[i] = list[i];
        }
    }

    function fill(uint256[4] storage target, uint256[] memory list) private {
        for (uint256 i = 0; i < 4; i++) {
            target[i] = list[i];
        }
    }
}
