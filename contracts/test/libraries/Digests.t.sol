// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../../src/interfaces/ISheaf.sol";
import {Digests} from "../../src/libraries/Digests.sol";
import {PoseidonGoldilocks} from "../../src/libraries/PoseidonGoldilocks.sol";
import {PlainPoseidon} from "../support/PlainPoseidon.sol";
import {Test} from "../support/Test.sol";

contract DigestsHarness {
    function owner(uint64[5] calldata key, address account) external pure returns (bytes24) {
        return Digests.owner(key, account);
    }

    function domain(uint256 chainId, address sheaf) external pure returns (bytes24) {
        return Digests.domain(chainId, sheaf);
    }

    function firstState(bytes24 domain_) external pure returns (bytes32) {
        return Digests.firstState(domain_);
    }

    function state(bytes32 root, uint64 nextSlot, bytes24 domain_) external pure returns (bytes32) {
        return Digests.state(root, nextSlot, domain_);
    }

    function requireOwner(bytes24 value) external pure {
        Digests.requireOwner(value);
    }
}

contract DigestsTest is Test {
    uint64 private constant P = uint64(PoseidonGoldilocks.P);
    DigestsHarness private digests = new DigestsHarness();

    function test_emptyRoot_isThirtyTwoHashesFromZero() external pure {
        bytes32 node;
        for (uint256 height = 0; height < 32; height++) {
            uint256[] memory children = new uint256[](8);
            PlainPoseidon.putDigest(children, 0, node);
            PlainPoseidon.putDigest(children, 4, node);
            node = PlainPoseidon.hash(2, children);
        }
        vm.assertEq(Digests.EMPTY_ROOT, node, "root");
    }

    /// forge-config: default.fuzz.runs = 32
    function test_owner_hashesKeyAndAddress(uint256 seed, address account) external view {
        uint64[5] memory key;
        uint256[] memory elements = new uint256[](8);
        for (uint256 i = 0; i < 5; i++) {
            key[i] = uint64(draw(seed, i) % P);
            elements[i] = key[i];
        }
        PlainPoseidon.putAddress(elements, account);
        bytes24 expected = bytes24(PlainPoseidon.hash(3, elements));
        vm.assertEq(bytes32(digests.owner(key, account)), bytes32(expected), "owner");
    }

    function test_owner_refusesKeysThatAreNotCanonical(uint256 place, uint64 excess) external {
        uint64[5] memory key;
        uint64 element = P + excess % (type(uint64).max - P + 1);
        key[bound(place, 0, 4)] = element;
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NotCanonical.selector, element));
        digests.owner(key, address(1));
    }

    /// forge-config: default.fuzz.runs = 32
    function test_domain_hashesChainAndContract(uint256 chainId, address sheaf) external view {
        uint256[] memory elements = new uint256[](8);
        for (uint256 i = 0; i < 5; i++) {
            elements[i] = (chainId / 2 ** (62 * i)) % 2 ** 62;
        }
        PlainPoseidon.putAddress(elements, sheaf);
        bytes24 expected = bytes24(PlainPoseidon.hash(4, elements));
        vm.assertEq(bytes32(digests.domain(chainId, sheaf)), bytes32(expected), "domain");
    }

    /// forge-config: default.fuzz.runs = 32
    function test_firstState_hashesTheEmptyTree(uint256 seed) external view {
        uint256[] memory elements = new uint256[](8);
        PlainPoseidon.putDigest(elements, 0, Digests.EMPTY_ROOT);
        uint256 packed;
        for (uint256 i = 5; i < 8; i++) {
            elements[i] = draw(seed, i) % P;
            packed = packed << 64 | elements[i];
        }
        bytes32 expected = PlainPoseidon.hash(12, elements);
        vm.assertEq(digests.firstState(bytes24(uint192(packed))), expected, "state");
    }

    /// forge-config: default.fuzz.runs = 32
    function test_state_hashesRootSlotsAndDomain(uint256 seed) external view {
        uint256[] memory elements = new uint256[](8);
        uint256 packed;
        for (uint256 i = 0; i < 8; i++) {
            elements[i] = draw(seed, i) % P;
            if (i == 4) elements[i] %= 2 ** 32 + 1;
            if (i < 4) packed = packed << 64 | elements[i];
        }
        bytes32 root = bytes32(packed);
        packed = elements[5] << 128 | elements[6] << 64 | elements[7];
        bytes24 domain = bytes24(uint192(packed));
        bytes32 expected = PlainPoseidon.hash(12, elements);
        vm.assertEq(digests.state(root, uint64(elements[4]), domain), expected, "state");
    }

    /// @dev Such a root, or number of slots, would have the digest of the canonical one.
    function test_state_refusesElementsThatAreNotCanonical(uint256 place, uint64 excess) external {
        uint64 element = P + excess % (type(uint64).max - P + 1);
        bytes32 root = bytes32(uint256(element) << (64 * bound(place, 0, 3)));
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NotCanonical.selector, element));
        digests.state(root, 1, bytes24(0));
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NotCanonical.selector, element));
        digests.state(bytes32(0), element, bytes24(0));
    }

    function test_requireOwner_takesCanonicalElements(uint256 seed) external view {
        uint192 packed;
        for (uint256 i = 0; i < 3; i++) {
            packed = packed << 64 | uint192(draw(seed, i) % P);
        }
        digests.requireOwner(bytes24(packed));
        uint192 largest = uint192(P - 1);
        digests.requireOwner(bytes24(largest << 128 | largest << 64 | largest));
    }

    function test_requireOwner_refusesZerosOnly() external {
        vm.expectRevert(ISheaf.ZeroOwner.selector);
        digests.requireOwner(bytes24(0));
        for (uint256 i = 0; i < 3; i++) {
            digests.requireOwner(bytes24(uint192(1) << uint192(64 * i)));
        }
    }

    function test_requireOwner_refusesOthers(uint256 place, uint64 excess) external {
        uint64 element = P + excess % (type(uint64).max - P + 1);
        uint192 packed = uint192(element) << uint192(64 * bound(place, 0, 2));
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NotCanonical.selector, element));
        digests.requireOwner(bytes24(packed));
    }
}
