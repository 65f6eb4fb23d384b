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
        list.listEther(0);
    }

    function add(address erc20, uint128 scale, uint64 cap, uint64 outflowLimit)
        external
        returns (uint16)
    {
        return list.add(erc20, scale, cap, outflowLimit);
    }

    function raiseCap(uint16 number, uint64 cap) external {
        list.raiseCap(number, cap);
    }

    function allowance(uint16 number) external view returns (uint64) {
        return list.allowance(number);
    }

    function spend(uint16 number, uint64 units) external {
        list.spend(number, units);
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
        emit ISheaf.TokenListed(1, erc20, scale, cap, 0);
        vm.assertEq(tokens.add(erc20, scale, cap, 0), 1, "number");
        requireToken(1, erc20, scale, cap, 0);
        vm.assertEq(tokens.add(address(new HostileToken()), 1, 1, 0), 2, "next number");
    }

    function test_add_refusesAnAddressWithoutCode() external {
        vm.expectRevert(abi.encodeWithSelector(ISheaf.NoCode.selector, address(77)));
        tokens.add(address(77), 1, 1, 0);
    }

    function test_add_refusesAContractTwiceWithTheSameScale() external {
        tokens.add(erc20, 1, 1, 0);
        refuseAgain(1, 1);
    }

    /// @dev A wrong scale cannot be mended under balances, but under a new number.
    function test_add_takesAContractAgainWithAnotherScale() external {
        tokens.add(erc20, 1, 1, 0);
        tokens.lock(1, 1);
        vm.assertEq(tokens.add(erc20, 2, 2, 0), 2, "new number");
        requireToken(1, erc20, 1, 1, 1);
        requireToken(2, erc20, 2, 2, 0);
        refuseAgain(2, 2);
    }

    /// @dev Nor does a third scale make the first one new.
    function test_add_refusesEveryScaleThatTheContractIsListedWith() external {
        tokens.add(erc20, 1, 1, 0);
        tokens.add(erc20, 2, 1, 0);
        refuseAgain(1, 1);
        refuseAgain(2, 2);
        vm.assertEq(tokens.add(address(new HostileToken()), 2, 1, 0), 3, "another contract");
    }

    function test_raiseCap_raisesAndSaysSo() external {
        tokens.add(erc20, 1, 5, 0);
        vm.expectEmit(address(tokens));
        emit ISheaf.CapRaised(1, 6);
        tokens.raiseCap(1, 6);
        tokens.lock(1, 6);
        tokens.raiseCap(1, MAX_CAP);
        requireToken(1, erc20, 1, MAX_CAP, 6);
    }

    function test_raiseCap_refusesWhatIsNoRiseOrTooHigh() external {
        tokens.add(erc20, 3, 5, 0);
        uint64[4] memory caps = [uint64(0), 4, 5, MAX_CAP + 1];
        for (uint256 i = 0; i < 4; i++) {
            vm.expectRevert(abi.encodeWithSelector(ISheaf.InvalidListing.selector, 3, caps[i]));
            tokens.raiseCap(1, caps[i]);
        }
        vm.expectRevert(abi.encodeWithSelector(ISheaf.UnknownToken.selector, 2));
        tokens.raiseCap(2, 9);
    }

    function test_allowance_isForADay(uint64 limit, uint64 first) external {
        limit = uint64(bound(limit, 1, MAX_CAP));
        first = uint64(bound(first, 0, limit));
        uint256 midnight = 20_000 days;
        vm.warp(midnight);
        tokens.add(erc20, 1, MAX_CAP, limit);
        vm.assertEq(tokens.allowance(1), limit, "unspent");
        tokens.spend(1, first);
        vm.assertEq(tokens.allowance(1), limit - first, "the rest");
        vm.warp(midnight + 1 days - 1);
        vm.assertEq(tokens.allowance(1), limit - first, "the same day");
        tokens.spend(1, limit - first);
        vm.assertEq(tokens.allowance(1), 0, "spent");
        vm.warp(midnight + 1 days);
        vm.assertEq(tokens.allowance(1), limit, "the next day");
        tokens.spend(1, first);
        vm.assertEq(tokens.allowance(1), limit - first, "the next day's rest");
    }

    function test_allowance_withoutALimitIsEverything() external {
        tokens.add(erc20, 1, MAX_CAP, 0);
        tokens.spend(1, MAX_CAP);
        vm.assertEq(tokens.allowance(1), type(uint64).max, "no limit");
    }

    function test_add_refusesAnImpossibleScaleOrCap() external {
        vm.expectRevert(abi.encodeWithSelector(ISheaf.InvalidListing.selector, 0, 1));
        tokens.add(erc20, 0, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.InvalidListing.selector, 1, 0));
        tokens.add(erc20, 1, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.InvalidListing.selector, 1, MAX_CAP + 1));
        tokens.add(erc20, 1, MAX_CAP + 1, 0);
    }

    function test_add_refusesMoreThanNumbersReach() external {
        // The list's length is the harness's first storage slot.
        vm.store(address(tokens), bytes32(0), bytes32(uint256(2 ** 16)));
        vm.expectRevert(ISheaf.TooManyTokens.selector);
        tokens.add(erc20, 1, 1, 0);
        vm.store(address(tokens), bytes32(0), bytes32(uint256(2 ** 16 - 1)));
        vm.assertEq(tokens.add(erc20, 1, 1, 0), 2 ** 16 - 1, "last number");
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
        tokens.add(erc20, scale, MAX_CAP, 0);
        vm.assertEq(tokens.lock(1, uint256(units) * scale), units, "units");
        requireToken(1, erc20, scale, MAX_CAP, units);
        vm.assertEq(tokens.release(1, part), uint256(part) * scale, "amount");
        requireToken(1, erc20, scale, MAX_CAP, units - part);
    }

    function test_lock_refusesZeroAndPartsOfUnits(uint128 scale, uint256 received) external {
        scale = uint128(bound(scale, 2, 10 ** 30));
        received = bound(received, 0, uint256(scale) * 1000);
        if (received != 0 && received % scale == 0) received += 1;
        tokens.add(erc20, scale, MAX_CAP, 0);
        bytes4 selector = ISheaf.InvalidAmount.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, received, scale));
        tokens.lock(1, received);
    }

    function test_lock_refusesHugeAmounts(uint256 received) external {
        received = bound(received, 2 ** 62, type(uint256).max);
        tokens.add(erc20, 1, MAX_CAP, 0);
        vm.expectRevert(abi.encodeWithSelector(ISheaf.InvalidAmount.selector, received, 1));
        tokens.lock(1, received);
        vm.assertEq(tokens.lock(1, 2 ** 62 - 1), 2 ** 62 - 1, "largest");
    }

    function test_lock_fillsTheCapAndNoMore(uint64 cap, uint64 first) external {
        cap = uint64(bound(cap, 2, MAX_CAP));
        first = uint64(bound(first, 1, cap - 1));
        tokens.add(erc20, 1, cap, 0);
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

    function refuseAgain(uint128 scale, uint16 number) private {
        vm.expectRevert(abi.encodeWithSelector(ISheaf.AlreadyListed.selector, erc20, number));
        tokens.add(erc20, scale, 1, 0);
    }

    function requireToken(
        uint16 number,
        address contract_,
        uint128 scale,
        uint64 cap,
        uint64 escrow
    ) private view {
        ISheaf.Token memory expected = ISheaf.Token({
            erc20: contract_, cap: cap, scale: scale, escrow: escrow, outflowLimit: 0
        });
        bytes memory actual = abi.encode(tokens.get(number));
        vm.assertEq(actual, abi.encode(expected), "token");
    }
}
