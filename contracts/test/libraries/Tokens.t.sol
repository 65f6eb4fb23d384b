// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../../src/interfaces/ISheaf.sol";
import {Tokens} from "../../src/libraries/Tokens.sol";
import {HostileToken} from "../support/HostileToken.sol";
import {Test} from "../support/Test.sol";

contract TokensHarness {
    using Tokens for Tokens.List;

    Tokens.List private list;

    constructor() {
        list.listEther();
    }

    function add(address erc20, uint128 scale, uint64 cap) external returns (uint16) {
        return list.add(erc20, scale, cap);
    }

    function lock(uint16 number, uint256 received) external returns (uint64) {
        return list.lock(number, received);
    }

    function release(uint16 number, uint64 units) external returns (uint256) {
        return list.release(number, units);
    }

    function get(uint16 number) external view returns (ISheaf.Token memory) {
        return list.get(number);
    }
}

contract TokensTest is Test {
    uint64 private constant MAX_CAP = 2 ** 62 - 1;

    TokensHarness private tokens;
    address private erc20;

    function setUp() external {
        tokens = new TokensHarness();
        erc20 = address(new HostileToken());
    }

    function test_ether_isTokenZero() external view {
        requireToken(0, address(0), 10 ** 9, MAX_CAP, 0);
    }

    function test_add_givesTheNextNumber(uint128 scale, uint64 cap) external {
        scale = uint128(bound(scale, 1, type(uint128).max));
        cap = uint64(bound(cap, 1, MAX_CAP));
        vm.expectEmit(address(tokens));
        emit ISheaf.TokenListed(1, erc20, scale, cap);
        vm.assertEq(tokens.add(erc20, scale, cap), 1, "number");
        requireToken(1, erc20, scale, cap, 0);
        vm.assertEq(tokens.add(address(new HostileToken()), 1, 1), 2, "next number");
    }

    function test_add_refusesAnAddressWithoutCode() external {
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NoCode.selector, address(77)));
        tokens.add(address(77), 1, 1);
    }

    function test_add_refusesAContractTwice() external {
        tokens.add(erc20, 1, 1);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.AlreadyListed.selector, erc20, 1));
        tokens.add(erc20, 2, 2);
    }

    function test_add_refusesAnImpossibleScaleOrCap() external {
        vm.expectRevert(abi.encodeWithSelector(ISheaf.InvalidListing.selector, 0, 1));
        tokens.add(erc20, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.InvalidListing.selector, 1, 0));
        tokens.add(erc20, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.InvalidListing.selector, 1, MAX_CAP + 1));
        tokens.add(erc20, 1, MAX_CAP + 1);
    }

    function test_add_refusesMoreThanNumbersReach() external {
        // The list's length is the harness's first storage slot.
        vm.store(address(tokens), bytes32(0), bytes32(uint256(2 ** 16)));
        vm.expectRevert(ISheaf.TooManyTokens.selector);
        tokens.add(erc20, 1, 1);
        vm.store(address(tokens), bytes32(0), bytes32(uint256(2 ** 16 - 1)));
        vm.assertEq(tokens.add(erc20, 1, 1), 2 ** 16 - 1, "last number");
    }

    function test_get_refusesAnUnlistedNumber(uint16 number) external {
        if (number == 0) number = 1;
        vm.expectRevert(abi.encodeWithSelector(ISheaf.UnknownToken.selector, number));
        tokens.get(number);
    }

    function test_lock_thenRelease(uint128 scale, uint64 units, uint64 part) external {
        scale = uint128(bound(scale, 1, type(uint128).max));
        units = uint64(bound(units, 1, MAX_CAP));
        part = uint64(bound(part, 0, units));
        tokens.add(erc20, scale, MAX_CAP);
        vm.assertEq(tokens.lock(1, uint256(units) * scale), units, "units");
        requireToken(1, erc20, scale, MAX_CAP, units);
        vm.assertEq(tokens.release(1, part), uint256(part) * scale, "amount");
        requireToken(1, erc20, scale, MAX_CAP, units - part);
    }

    function test_lock_refusesZeroAndPartsOfUnits(uint128 scale, uint256 received) external {
        scale = uint128(bound(scale, 2, 10 ** 30));
        received = bound(received, 0, uint256(scale) * 1000);
        if (received != 0 && received % scale == 0) received += 1;
        tokens.add(erc20, scale, MAX_CAP);
        bytes4 selector = ISheaf.InvalidAmount.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, received, scale));
        tokens.lock(1, received);
    }

    function test_lock_refusesHugeAmounts(uint256 received) external {
        received = bound(received, 2 ** 62, type(uint256).max);
        tokens.add(erc20, 1, MAX_CAP);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.InvalidAmount.selector, received, 1));
        tokens.lock(1, received);
        vm.assertEq(tokens.lock(1, 2 ** 62 - 1), 2 ** 62 - 1, "largest");
    }

    function test_lock_fillsTheCapAndNoMore(uint64 cap, uint64 first) external {
        cap = uint64(bound(cap, 2, MAX_CAP));
        first = uint64(bound(first, 1, cap - 1));
        tokens.add(erc20, 1, cap);
        tokens.lock(1, first);
        uint64 over = cap - first + 1;
        if (over <= MAX_CAP) {
            bytes4 selector = ISheaf.CapExceeded.selector;
            vm.expectRevert(abi.encodeWithSelector(selector, 1, first, over, cap));
            tokens.lock(1, over);
        }
        tokens.lock(1, cap - first);
        requireToken(1, erc20, 1, cap, cap);
    }

    function test_release_refusesMoreThanIsHeld() external {
        tokens.lock(0, 5 * 10 ** 9);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        tokens.release(0, 6);
        vm.assertEq(tokens.release(0, 5), 5 * 10 ** 9, "all of it");
    }

    function requireToken(
        uint16 number,
        address contract_,
        uint128 scale,
        uint64 cap,
        uint64 escrow
    ) private view {
        ISheaf.Token memory expected =
            ISheaf.Token({erc20: contract_, cap: cap, scale: scale, escrow: escrow});
        bytes memory actual = abi.encode(tokens.get(number));
        vm.assertEq(actual, abi.encode(expected), "token");
    }
}
