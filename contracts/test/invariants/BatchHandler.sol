// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../../src/interfaces/ISheaf.sol";
import {PlainWords} from "../support/PlainWords.sol";
import {SlotTreeModel} from "../support/SlotTreeModel.sol";
import {Model} from "./Model.sol";

/// @title Batches, right ones and wrong ones, by the operator and by others
abstract contract BatchHandler is Model {
    /// @notice A right batch: it consumes some requests, moves balances on L2 and pays out.
    function finalise(uint256 seed, uint8 who, uint8 amount) external {
        address sender = who % 3 == 0 ? accounts[who % (USERS + 1)] : rights.acting;
        uint64 next = head + uint64(bound(amount, 0, min(wishCount() - head, 80)));
        // A tenth of the batches empty the queue as far as one batch can.
        if (seed % 10 == 0) next = head + uint64(min(wishCount() - head, 300));
        bool right = mayFinalise(sender, next);
        bytes memory words = right ? consume(sender, next) : requestWords(next);
        if (right) words = bytes.concat(words, moveAndPay(seed));
        ISheaf.Batch memory batch = batchAfter(seed);
        uint256[8] memory proof = prove(batch, words, "");
        vm.prank(sender, sender);
        (bool taken,) =
            address(sheaf).call(abi.encodeCall(ISheaf.finalise, (batch, words, "", proof)));
        if (taken != right) surprise(taken ? "a batch was taken" : "a batch was refused");
        if (taken) exact = seed % 3 == 0;
        if (taken) follow(sender, next, batch);
        else done["refused batch"]++;
    }

    /// @notice A batch of the operator that must be refused, whatever the time.
    function finaliseWrong(uint256 seed, uint8 kind) external {
        bytes memory words = requestWords(head + uint64(min(wishCount() - head, 3)));
        ISheaf.Batch memory batch = batchAfter(1);
        kind %= 6;
        // An invented request, more than were made, and one of another owner.
        if (kind == 0) words = PlainWords.pair(7, 5, 0, 0, seed >> 8);
        if (kind == 1) words = bytes.concat(words, words, PlainWords.pair(1, 6, 0, 0, 1));
        if (kind == 2 && words.length == 0) words = PlainWords.pair(1, 5, 0, 0, 1);
        else if (kind == 2) words[63] ^= 0x01;
        if (kind == 3) batch.number += 1;
        uint256[8] memory proof = prove(batch, words, "");
        if (kind == 4) proof[0] ^= 1;
        if (kind == 5) batch.postState ^= bytes32(uint256(1) << (seed % 256));
        vm.prank(rights.acting, rights.acting);
        (bool taken,) =
            address(sheaf).call(abi.encodeCall(ISheaf.finalise, (batch, words, "", proof)));
        if (taken) surprise("a wrong batch was taken");
        done["wrong batch"]++;
    }

    /// @dev What the contract must have noted after a batch.
    function follow(address sender, uint64 next, ISheaf.Batch memory batch) private {
        if (sender == rights.acting) {
            operatorAt = uint64(time);
            if (next - head >= FULL_LOAD) servedAt = uint64(time);
            if (oldestExit(head) + 2 * SILENCE < time) done["batch that binds the operator"]++;
        } else {
            done["batch of a stand-in"]++;
        }
        if (next != head) done["batch with requests"]++;
        (head, number, state) = (next, batch.number, batch.postState);
        timestamp = batch.timestamp;
        done["batch"]++;
    }

    /// @dev Consumes requests up to `next` in the model, and says with which words.
    function consume(address sender, uint64 next) private returns (bytes memory words) {
        words = new bytes(64 * (next - head));
        uint64 earned;
        for (uint64 i = head; i < next; i++) {
            Wish memory made = wishes[i];
            uint256 a = made.a;
            waiting[0] -= PRICE;
            earned += PRICE;
            if (made.isExit) {
                waiting[0] -= BOND;
                uint64 units = payExit(made);
                a = PlainWords.word(units, 0, 0, 0) | made.a | uint256(tokenOf(made.slot)) << 190;
                if (units == 0) earned += BOND;
            } else {
                waiting[made.token] -= made.units;
                add(made.slot, made.units);
            }
            put(words, i - head, a, made.b);
        }
        if (earned != 0) credit(sender, 0, earned, 0);
    }

    /// @dev An exit pays the sender what is in the slot, if it is the sender's.
    function payExit(Wish memory made) private returns (uint64 units) {
        if (holderOf(made.slot) != made.sender) return 0;
        uint16 token = tokenOf(made.slot);
        units = leafOf(made.slot).balance;
        if (units == 0) return 0;
        tree.setBalance(made.slot, 0);
        balances[token] -= units;
        credit(made.sender, token, units, BOND);
        done["exit that pays"]++;
    }

    /// @dev A transfer between two users, and perhaps a withdrawal to any account.
    function moveAndPay(uint256 seed) private returns (bytes memory words) {
        uint32 from = uint32(seed >> 8) % uint32(USERS * TOKENS);
        uint32 to = from / uint32(USERS) * uint32(USERS) + uint32(seed >> 40) % uint32(USERS);
        uint64 units = leafOf(from).balance / 3;
        if (units == 0) return "";
        tree.setBalance(from, leafOf(from).balance - units);
        tree.setBalance(to, leafOf(to).balance + units);
        if (seed % 2 == 0) return "";
        units = leafOf(to).balance / 2;
        if (units == 0) return "";
        tree.setBalance(to, leafOf(to).balance - units);
        uint16 token = tokenOf(to);
        address payee = accounts[(seed >> 80) % (USERS + 1)];
        balances[token] -= units;
        credit(payee, token, units, 0);
        done["withdrawal"]++;
        return PlainWords.pair(units, 4, token, 0, uint160(payee));
    }

    function batchAfter(uint256 seed) private view returns (ISheaf.Batch memory batch) {
        batch.number = number + 1;
        batch.postState = keccak256(abi.encode("post", number));
        if (seed % 3 == 0) batch.postState = tree.state(sheaf.domain());
        batch.chains = keccak256(abi.encode("chains", seed));
        batch.timestamp = uint32(time + seed % 15 minutes);
        if (batch.timestamp < timestamp) batch.timestamp = timestamp;
    }

    /// @dev The words of waiting requests as they were made.
    function requestWords(uint64 next) private view returns (bytes memory words) {
        words = new bytes(64 * (next - head));
        for (uint64 i = head; i < next; i++) {
            put(words, i - head, wishes[i].a, wishes[i].b);
        }
    }

    function add(uint32 slot, uint64 units) private {
        tree.setBalance(slot, leafOf(slot).balance + units);
        balances[tokenOf(slot)] += units;
    }

    function put(bytes memory words, uint256 place, uint256 a, uint256 b) private pure {
        assembly ("memory-safe") {
            let target := add(add(words, 0x20), shl(6, place))
            mstore(target, a)
            mstore(add(target, 0x20), b)
        }
    }

    function min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
