// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title An ERC-20 that can be told to misbehave
contract HostileToken {
    enum Manner {
        Honest,
        ReturnsNothing,
        ReturnsFalse,
        ReturnsTwo,
        TakesFee,
        Reverts,
        Reenters,
        LosesBalance,
        HasNoBalance,
        ChargesSender,
        Blocks
    }

    error Refused();

    mapping(address account => uint256 amount) public balances;
    Manner public manner;

    /// An account that a token with a blocklist pays nothing to and takes nothing from.
    address private blocked;
    /// What a re-entrant token calls, and what came of it.
    address private target;
    bytes private attack;
    bytes public attackResult;
    bool public attackSucceeded;

    function mint(address account, uint256 amount) external {
        balances[account] += amount;
    }

    function behave(Manner manner_) external {
        manner = manner_;
    }

    function blockAccount(address account) external {
        manner = Manner.Blocks;
        blocked = account;
    }

    /// @notice Multiplies a balance by `percent` / 100, as rebasing tokens do.
    function rebase(address account, uint256 percent) external {
        balances[account] = balances[account] * percent / 100;
    }

    function reenter(address target_, bytes calldata attack_) external {
        manner = Manner.Reenters;
        target = target_;
        attack = attack_;
    }

    function balanceOf(address account) external view returns (uint256) {
        if (manner == Manner.HasNoBalance) revert Refused();
        return balances[account];
    }

    function transfer(address to, uint256 amount) external {
        move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        move(from, to, amount);
    }

    /// @dev Ends the call with the answer that the manner asks for.
    function move(address from, address to, uint256 amount) private {
        if (manner == Manner.Reverts) revert Refused();
        if (manner == Manner.ReturnsFalse) answer(0);
        bool refused = from == blocked || to == blocked;
        if (manner == Manner.Blocks && refused) revert Refused();
        if (manner == Manner.LosesBalance) {
            balances[to] -= 1;
            answer(1);
        }
        balances[from] -= manner == Manner.ChargesSender ? amount + amount / 10 : amount;
        balances[to] += manner == Manner.TakesFee ? amount - amount / 10 : amount;
        if (manner == Manner.Reenters) (attackSucceeded, attackResult) = target.call(attack);
        if (manner == Manner.ReturnsTwo) answer(2);
        if (manner != Manner.ReturnsNothing) answer(1);
    }

    function answer(uint256 word) private pure {
        assembly ("memory-safe") {
            mstore(0, word)
            return(0, 0x20)
        }
    }
}
