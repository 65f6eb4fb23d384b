// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../src/interfaces/ISheaf.sol";
import {Digests} from "../src/libraries/Digests.sol";
import {PublicInputs} from "../src/libraries/PublicInputs.sol";
import {Words} from "../src/libraries/Words.sol";
import {Test} from "./support/Test.sol";

/// @title What the ledger writes down and the contract must compute too
/// @notice Reads `ledger/vectors/`, which the ledger's own tests keep fresh.
contract GoldenVectorsTest is Test {
    /// The longest list that is looked for in a vector, so that no broken file can loop.
    uint256 private constant MAX_EXAMPLES = 64;

    function test_domainAndFirstState() external view {
        string memory json = read("tree.json");
        uint256 chainId = vm.parseJsonUint(json, ".chain_id");
        bytes24 domain = Digests.domain(chainId, vm.parseJsonAddress(json, ".contract"));
        bytes32 state = vm.parseJsonBytes32(json, ".first_state");
        vm.assertEq(Digests.firstState(domain), state, "first state");
        string[] memory elements = vm.parseJsonStringArray(json, ".domain");
        for (uint256 i = 0; i < 3; i++) {
            uint64 element = uint64(bytes8(domain << (64 * i)));
            string memory expected = string.concat("0x", elements[i]);
            vm.assertEq(element, vm.parseUint(expected), "domain");
        }
        bytes24 another = Digests.domain(chainId + 1, vm.parseJsonAddress(json, ".contract"));
        vm.assertNotEq(Digests.firstState(another), state, "another chain");
    }

    function test_emptyRoot() external view {
        bytes32[] memory roots = vm.parseJsonBytes32Array(read("tree.json"), ".empty_subtrees");
        vm.assertEq(roots.length, 33, "heights");
        vm.assertEq(Digests.EMPTY_ROOT, roots[32], "root");
    }

    function test_ownersOfKeysAndAddresses() external view {
        string memory json = read("transactions.json");
        uint256 seen;
        for (; seen < MAX_EXAMPLES; seen++) {
            string memory place = item(".examples", seen);
            if (!vm.keyExistsJson(json, place)) break;
            bytes memory key = vm.parseJsonBytes(json, string.concat(place, ".signed.key"));
            address account = vm.parseJsonAddress(json, string.concat(place, ".signed.l1_address"));
            bytes24 owner = bytes24(vm.parseJsonBytes(json, string.concat(place, ".owner_bytes")));
            bytes24 actual = this.ownerOf(elementsOf(key), account);
            vm.assertEq(bytes32(actual), bytes32(owner), "owner");
            actual = this.ownerOf(elementsOf(key), address(uint160(account) + 1));
            vm.assertNotEq(bytes32(actual), bytes32(owner), "another account");
        }
        vm.assertLt(0, seen, "examples");
    }

    function test_l1Words() external view {
        string memory json = read("words.json");
        uint256 seen;
        for (; seen < MAX_EXAMPLES; seen++) {
            string memory place = item(".l1", seen);
            if (!vm.keyExistsJson(json, place)) break;
            checkPair(json, place);
        }
        vm.assertLt(0, seen, "examples");
    }

    function test_binding() external view {
        string memory json = read("binding.json");
        bytes memory l1Words = abi.encodePacked(vm.parseJsonBytes32Array(json, ".l1_words"));
        bytes memory data = abi.encodePacked(vm.parseJsonBytes32Array(json, ".data_words"));
        bytes32 dataReference = vm.parseJsonBytes32(json, ".data_reference");
        bytes32 l1Reference = vm.parseJsonBytes32(json, ".l1_reference");
        vm.assertEq(this.referenceOf(data), dataReference, "data reference");
        vm.assertEq(keccak256(l1Words), l1Reference, "L1 words");
        ISheaf.Batch memory batch = ISheaf.Batch({
            number: uint64(vm.parseJsonUint(json, ".number")),
            postState: vm.parseJsonBytes32(json, ".post"),
            chains: vm.parseJsonBytes32(json, ".chains"),
            timestamp: uint32(vm.parseJsonUint(json, ".timestamp"))
        });
        bytes32 pre = vm.parseJsonBytes32(json, ".pre");
        bytes32 z = vm.parseJsonBytes32(json, ".z");
        bytes32 y = vm.parseJsonBytes32(json, ".y");
        vm.assertEq(bytes32(this.pointOf(pre, batch, dataReference, l1Reference)), z, "z");
        vm.assertEq(bytes32(this.evaluate(l1Words, data, uint256(z))), y, "y");
        data[40] ^= 0x01;
        vm.assertNotEq(bytes32(this.evaluate(l1Words, data, uint256(z))), y, "another y");
        batch.number += 1;
        vm.assertNotEq(
            bytes32(this.pointOf(pre, batch, dataReference, l1Reference)), z, "another z"
        );
    }

    function ownerOf(uint64[5] calldata key, address account) external pure returns (bytes24) {
        return Digests.owner(key, account);
    }

    function referenceOf(bytes calldata data) external pure returns (bytes32) {
        return PublicInputs.calldataReference(data);
    }

    function pointOf(
        bytes32 pre,
        ISheaf.Batch calldata batch,
        bytes32 dataReference,
        bytes32 l1Reference
    ) external pure returns (uint256) {
        return PublicInputs.point(pre, batch, dataReference, l1Reference);
    }

    function evaluate(bytes calldata l1Words, bytes calldata data, uint256 z)
        external
        pure
        returns (uint256)
    {
        return Words.evaluate(l1Words, z, Words.evaluate(data, z, 0));
    }

    /// @dev One example of `words.json`: the fields of A, and for requests the words in the queue.
    function checkPair(string memory json, string memory place) private pure {
        bytes32[] memory words = vm.parseJsonBytes32Array(json, string.concat(place, ".words"));
        uint256 a = uint256(words[0]);
        uint64 amount = uint64(vm.parseJsonUint(json, string.concat(place, ".amount")));
        uint16 token = uint16(vm.parseJsonUint(json, string.concat(place, ".token")));
        vm.assertEq(Words.amount(a), amount, "amount");
        vm.assertEq(Words.token(a), token, "token");
        if (Words.code(a) == Words.WITHDRAW) {
            address recipient = vm.parseJsonAddress(json, string.concat(place, ".recipient"));
            vm.assertEq(uint256(words[1]), uint160(recipient), "recipient");
            return;
        }
        bytes24 owner = bytes24(vm.parseJsonBytes(json, string.concat(place, ".owner")));
        vm.assertEq(Words.ownerWord(owner), uint256(words[1]), "owner");
        bytes32[] memory request = vm.parseJsonBytes32Array(json, string.concat(place, ".request"));
        vm.assertEq(request[1], words[1], "requested owner");
        if (Words.code(a) == Words.DEPOSIT) {
            vm.assertEq(Words.depositWord(token, amount), a, "deposit");
            vm.assertEq(request[0], words[0], "requested deposit");
        } else {
            vm.assertEq(Words.code(a), Words.EXIT, "code");
            uint32 slot = uint32(vm.parseJsonUint(json, string.concat(place, ".slot")));
            vm.assertEq(Words.exitWord(slot), uint256(request[0]), "exit");
            vm.assertEq(Words.exitRequest(a), uint256(request[0]), "requested exit");
        }
    }

    /// @dev A key of 40 bytes: five elements of 8 little-endian bytes.
    function elementsOf(bytes memory key) private pure returns (uint64[5] memory elements) {
        vm.assertEq(key.length, 40, "key");
        for (uint256 i = 0; i < 40; i++) {
            elements[i / 8] |= uint64(uint8(key[i])) << uint64(8 * (i % 8));
        }
    }

    function item(string memory list, uint256 index) private pure returns (string memory) {
        return string.concat(list, "[", vm.toString(index), "]");
    }

    function read(string memory name) private view returns (string memory) {
        return vm.readFile(string.concat("../ledger/vectors/", name));
    }
}
