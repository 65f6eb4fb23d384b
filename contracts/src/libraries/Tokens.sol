// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../interfaces/ISheaf.sol";

/// @title The tokens that can be deposited, and the escrow of each
/// @notice Token 0 is ether. Escrow is counted in L2 units and capped below 2^62, so no sum of
/// balances on L2 can wrap. The library moves no money.
library Tokens {
    /// @notice Amounts on L2 have 62 bits.
    uint64 internal constant MAX_CAP = 2 ** 62 - 1;
    uint256 internal constant MAX_TOKENS = 2 ** 16;
    uint128 internal constant ETHER_SCALE = 10 ** 9;

    /// @notice What has left in one day under a limit.
    /// @param day Days since 1970.
    /// @param units L2 units that have left on that day.
    struct Outflow {
        uint64 day;
        uint64 units;
    }

    /// @param tokens Tokens by number.
    /// @param numbers The number of a listed contract, by scale; zero for others, since 0 is ether.
    /// @param outflows What has left lately, by number, of tokens with a limit.
    struct List {
        ISheaf.Token[] tokens;
        mapping(address erc20 => mapping(uint128 scale => uint16 number)) numbers;
        mapping(uint16 number => Outflow) outflows;
    }

    /// @notice Lists ether, first of all.
    function listEther(List storage self, uint64 outflowLimit) internal {
        append(self, address(0), ETHER_SCALE, MAX_CAP, outflowLimit);
    }

    /// @notice Lists a contract under the next number. A contract that is listed already can be
    /// listed again with another scale, because a wrong scale cannot be changed under balances.
    function add(List storage self, address erc20, uint128 scale, uint64 cap, uint64 outflowLimit)
        internal
        returns (uint16 number)
    {
        if (erc20.code.length == 0) revert ISheaf.NoCode(erc20);
        uint16 listed = self.numbers[erc20][scale];
        if (listed != 0) revert ISheaf.AlreadyListed(erc20, listed);
        if (scale == 0 || cap == 0 || cap > MAX_CAP) revert ISheaf.InvalidListing(scale, cap);
        if (self.tokens.length == MAX_TOKENS) revert ISheaf.TooManyTokens();
        number = append(self, erc20, scale, cap, outflowLimit);
        self.numbers[erc20][scale] = number;
    }

    /// @notice Raises a token's cap.
    function raiseCap(List storage self, uint16 number, uint64 cap) internal {
        ISheaf.Token storage token = get(self, number);
        if (cap <= token.cap || cap > MAX_CAP) revert ISheaf.InvalidListing(token.scale, cap);
        token.cap = cap;
        emit ISheaf.CapRaised(number, cap);
    }

    /// @notice The token with this number.
    function get(List storage self, uint16 number) internal view returns (ISheaf.Token storage) {
        if (number >= self.tokens.length) revert ISheaf.UnknownToken(number);
        return self.tokens[number];
    }

    /// @notice Takes `received` L1 units into escrow.
    /// @return units The same in L2 units: 1 to 2^62 - 1.
    function lock(List storage self, uint16 number, uint256 received)
        internal
        returns (uint64 units)
    {
        ISheaf.Token storage token = get(self, number);
        uint128 scale = token.scale;
        uint256 quotient = received / scale;
        if (quotient == 0 || quotient > MAX_CAP || received % scale != 0) {
            revert ISheaf.InvalidAmount(received, scale);
        }
        // Fits: the quotient is at most MAX_CAP here.
        units = uint64(quotient);
        uint64 escrow = token.escrow;
        if (units > token.cap - escrow) {
            revert ISheaf.CapExceeded(number, escrow, units, token.cap);
        }
        token.escrow = escrow + units;
    }

    /// @notice Releases `units` L2 units from escrow.
    /// @return amount The same in L1 units.
    function release(List storage self, uint16 number, uint64 units)
        internal
        returns (uint256 amount)
    {
        ISheaf.Token storage token = get(self, number);
        token.escrow -= units;
        amount = uint256(units) * token.scale;
    }

    /// @notice The most L2 units that may be claimed now.
    function allowance(List storage self, uint16 number) internal view returns (uint64) {
        uint64 limit = get(self, number).outflowLimit;
        if (limit == 0) return type(uint64).max;
        Outflow storage outflow = self.outflows[number];
        return outflow.day == block.timestamp / 1 days ? limit - outflow.units : limit;
    }

    /// @notice Counts `units` that leave, at most the allowance, against the limit.
    function spend(List storage self, uint16 number, uint64 units) internal {
        if (get(self, number).outflowLimit == 0) return;
        Outflow storage outflow = self.outflows[number];
        uint64 today = uint64(block.timestamp / 1 days);
        uint64 before = outflow.day == today ? outflow.units : 0;
        (outflow.day, outflow.units) = (today, before + units);
    }

    function append(
        List storage self,
        address erc20,
        uint128 scale,
        uint64 cap,
        uint64 outflowLimit
    ) private returns (uint16 number) {
        number = uint16(self.tokens.length);
        self.tokens
            .push(
                ISheaf.Token({
                    erc20: erc20, cap: cap, scale: scale, escrow: 0, outflowLimit: outflowLimit
                })
            );
        emit ISheaf.TokenListed(number, erc20, scale, cap, outflowLimit);
    }
}
