// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../../src/interfaces/ISheaf.sol";
import {HostileToken} from "../support/HostileToken.sol";
import {PlainWords} from "../support/PlainWords.sol";
import {BatchHandler} from "./BatchHandler.sol";

/// @title Everything that accounts do beside batches, in any order
/// @notice Each action foretells whether the contract takes it. What comes otherwise is a surprise.
contract Handler is BatchHandler {
    function pass(uint256 seconds_) external {
        seconds_ = seconds_ % 2 == 0 ? seconds_ % 2 hours : seconds_ % (3 * SILENCE);
        time += seconds_;
        vm.warp(time);
    }

    function depositEther(uint8 who, uint32 units, uint64 over) external {
        deposit(who, 0, 1 + units % 100_000, over);
    }

    function depositToken(uint8 who, uint8 token, uint16 units) external {
        deposit(who, 1 + token % (TOKENS - 1), 10 * (1 + uint64(units) % 1_000), 0);
    }

    /// @notice Many deposits at once, which lift the price; seldom, because they take long.
    function flood(uint8 who, uint8 count) external {
        if (count % 4 != 0) return;
        for (uint256 i = 0; i < count % 128; i++) {
            deposit(who, 0, 1, 0);
        }
    }

    function requestExit(uint8 who, uint8 which, bool own) external {
        uint32 slot = uint32(which % (USERS * TOKENS));
        address sender = own ? holderOf(slot) : accounts[who % USERS];
        uint256 price = sheaf.priceOfRequest();
        uint256 value = price + uint256(BOND) * ETHER_SCALE;
        uint64[5] memory key = keyOf(sender);
        vm.deal(sender, sender.balance + value);
        vm.prank(sender);
        (bool taken,) =
            address(sheaf).call{value: value}(abi.encodeCall(ISheaf.requestExit, (slot, key)));
        if (taken == frozen) surprise("an exit request");
        if (!taken) return;
        Wish memory made;
        (made.isExit, made.slot, made.sender) = (true, slot, sender);
        made.a = PlainWords.word(0, 0, 0, 6 + 2 ** 20 * uint256(slot));
        made.b = PlainWords.owner(ownersOf(sender));
        surge += price - FEE;
        join(made);
        done["exit request"]++;
    }

    function claim(uint8 who, uint8 which, uint8 recipient) external {
        address account = accounts[who % (USERS + 1)];
        uint16 token = which % TOKENS;
        bool forHim = recipient % 2 == 0;
        address to = forHim ? account : accounts[recipient % (USERS + 1)];
        ISheaf.Payout memory due = owed[account][token];
        uint64 allowance = allowanceOf(token);
        if (due.amount > allowance) due.amount = allowance;
        uint256 before = holding(to, token);
        vm.prank(forHim ? accounts[recipient % (USERS + 1)] : account);
        (bool taken,) = address(sheaf)
            .call(
                forHim
                    ? abi.encodeCall(ISheaf.claimFor, (account, token))
                    : abi.encodeCall(ISheaf.claim, (token, to))
            );
        bool nothing = due.amount == 0 && due.bond == 0;
        if (taken && nothing) surprise("a claim of nothing");
        if (!taken && !nothing && isHonest(token)) surprise("a claim was refused");
        if (!taken) return;
        owed[account][token].amount -= due.amount;
        owed[account][token].bond = 0;
        moneyOut[token] += due.amount;
        moneyOut[0] += due.bond;
        if (token == LIMITED) leftToday[time / 1 days] += due.amount;
        uint256 paid = uint256(due.amount) * scales[token];
        if (token == 0) paid += uint256(due.bond) * ETHER_SCALE;
        bool whole = holding(to, token) == before + paid;
        if (!whole && isHonest(token)) surprise("a claim paid another amount");
        done[due.bond == 0 ? "claim" : "claim with a bond"]++;
    }

    function behave(uint8 which, uint8 manner, uint8 who) external {
        uint16 token = 1 + which % (TOKENS - 1);
        HostileToken erc20 = contracts[token];
        manner %= 16;
        if (manner == 10) erc20.blockAccount(accounts[who % USERS]);
        else if (manner == uint8(HostileToken.Manner.Reenters)) attackWith(erc20, who);
        else if (manner > 10) erc20.behave(HostileToken.Manner.Honest);
        else erc20.behave(HostileToken.Manner(manner));
        done["manner"]++;
    }

    function rebase(uint8 which, uint8 percent) external {
        uint16 token = 1 + which % (TOKENS - 1);
        uint256 before = contracts[token].balances(address(sheaf));
        contracts[token].rebase(address(sheaf), 90 + percent % 21);
        uint256 after_ = contracts[token].balances(address(sheaf));
        if (after_ >= before) return;
        shrunk[token] += before - after_;
        // The same contract under another number.
        if (token == 1) shrunk[4] += before - after_;
        if (token == 4) shrunk[1] += before - after_;
        done["rebase"]++;
    }

    function offer(uint8 who, uint8 to) external {
        address sender = accounts[who % (USERS + 1)];
        address account = accounts[to % (USERS + 1)];
        vm.prank(sender);
        (bool taken,) = address(sheaf)
            .call(abi.encodeCall(ISheaf.offerRole, (ISheaf.RoleName.Operator, account)));
        if (taken != (sender == rights.holder)) surprise("an offer");
        if (taken) rights.offered = account;
    }

    function accept(uint8 who) external {
        address sender = who % 2 == 0 ? accounts[who % (USERS + 1)] : rights.offered;
        if (sender == address(0)) return;
        vm.prank(sender);
        (bool taken,) =
            address(sheaf).call(abi.encodeCall(ISheaf.acceptRole, (ISheaf.RoleName.Operator)));
        if (taken != (sender == rights.offered)) surprise("an acceptance");
        if (!taken) return;
        (rights.holder, rights.offered) = (sender, address(0));
        if (rights.leaseEnd == 0) rights.acting = sender;
        done["handover"]++;
    }

    function takeOver(uint8 who) external {
        address sender = accounts[who % USERS];
        uint256 value = uint256(TAKEOVER_BOND) * ETHER_SCALE;
        vm.deal(sender, sender.balance + value);
        vm.prank(sender);
        (bool taken,) = address(sheaf).call{value: value}(abi.encodeCall(ISheaf.takeOver, ()));
        bool right = !frozen && time > silentAfter(head) && time > operatorAt + 2 * SILENCE;
        if (taken != right) surprise("a takeover");
        if (!taken) return;
        moneyIn[0] += TAKEOVER_BOND;
        if (rights.leaseEnd != 0) credit(sender, 0, TAKEOVER_BOND, 0);
        (rights.acting, rights.leaseEnd) = (sender, uint64(time) + FREEZE);
        operatorAt = uint64(time);
        done["takeover"]++;
    }

    function endLease(uint8 who) external {
        address sender = who % 2 == 0 ? accounts[who % (USERS + 1)] : rights.acting;
        vm.prank(sender);
        (bool taken,) = address(sheaf).call(abi.encodeCall(ISheaf.endLease, ()));
        bool holderMay = sender == rights.holder && time >= rights.leaseEnd;
        bool right = rights.leaseEnd != 0 && (sender == rights.acting || holderMay);
        if (taken != right) surprise("the end of a lease");
        if (!taken) return;
        address creditor = time > silentAfter(head) ? rights.holder : rights.acting;
        credit(creditor, 0, TAKEOVER_BOND, 0);
        (rights.acting, rights.leaseEnd) = (rights.holder, 0);
        operatorAt = uint64(time);
        done["end of a lease"]++;
    }

    /// @notice A freeze, seldom with the wait that makes it possible.
    function freeze(uint8 patience) external {
        uint256 oldest = oldestExit(head);
        bool waits = patience % 4 == 0 && exact && oldest != NEVER && time <= oldest + FREEZE;
        if (waits) {
            // To the last second in which nobody may freeze, or to the one after.
            time = oldest + FREEZE + patience / 4 % 2;
            vm.warp(time);
        }
        bool late = !frozen && time > oldest + FREEZE;
        // The root is computed only where it decides.
        bytes32 root = late || waits ? tree.root() : bytes32(0);
        bytes memory call = abi.encodeCall(ISheaf.freeze, (root, tree.nextSlot()));
        (bool taken,) = address(sheaf).call(call);
        bool right = late && exact;
        if (taken != right) surprise("a freeze");
        if (!taken) return;
        frozen = true;
        done["freeze"]++;
    }

    function escape(uint8 which, uint8 who) external {
        uint32 slot = uint32(which % (USERS * TOKENS));
        address account = who % 8 == 0 ? accounts[who % USERS] : holderOf(slot);
        bytes32[32] memory path;
        if (frozen) path = tree.siblings(slot);
        bytes memory call =
            abi.encodeCall(ISheaf.escape, (tree.slot(slot), keyOf(account), account, path));
        (bool taken,) = address(sheaf).call(call);
        bool right = frozen && escapes[slot] == 0 && account == holderOf(slot);
        if (taken != right) surprise("an escape");
        if (!taken) return;
        escapes[slot]++;
        uint64 units = leafOf(slot).balance;
        balances[tokenOf(slot)] -= units;
        credit(account, tokenOf(slot), units, 0);
        done["escape"]++;
    }

    function refund(uint256 which, bool waits) external {
        if (wishes.length == 0) return;
        uint64 index = uint64(which % wishes.length);
        if (waits && head < wishes.length) index = head + uint64(which % (wishes.length - head));
        Wish memory made = wishes[index];
        (bool taken,) = address(sheaf).call(abi.encodeCall(ISheaf.refund, (index, made.a, made.b)));
        bool right = frozen && index >= head && !made.refunded;
        if (taken != right) surprise("a refund");
        if (!taken) return;
        wishes[index].refunded = true;
        uint64 bond = made.isExit ? BOND : 0;
        waiting[made.token] -= made.units;
        waiting[0] -= PRICE + bond;
        credit(made.sender, made.token, made.units, 0);
        credit(made.sender, 0, PRICE + bond, 0);
        done["refund"]++;
    }

    function deposit(uint8 who, uint16 token, uint64 units, uint256 over) private {
        address sender = accounts[who % USERS];
        uint256 price = sheaf.priceOfRequest();
        uint256 amount = uint256(units) * scales[token];
        uint256 value = price + over + (token == 0 ? amount : 0);
        vm.deal(sender, sender.balance + value);
        uint256 before = token == 0 ? 0 : contracts[token].balances(address(sheaf));
        if (token != 0) contracts[token].mint(sender, 2 * amount);
        bytes24 owner = ownersOf(sender);
        bytes memory call = token == 0
            ? abi.encodeCall(ISheaf.depositEther, (amount, owner))
            : abi.encodeCall(ISheaf.depositToken, (token, amount, owner));
        vm.prank(sender);
        (bool taken,) = address(sheaf).call{value: value}(call);
        bool full = wishes.length - head >= 2_048;
        if (taken && (frozen || full)) surprise("a deposit was taken");
        if (!taken && !frozen && !full && isHonest(token)) surprise("a deposit was refused");
        if (token != 0 && contracts[token].attackSucceeded()) surprise("a re-entrant token");
        if (!taken) return;
        if (token != 0) {
            units = uint64((contracts[token].balances(address(sheaf)) - before) / scales[token]);
        }
        Wish memory made;
        (made.token, made.units, made.sender) = (token, units, sender);
        made.slot = uint32(token * USERS + who % USERS);
        made.a = PlainWords.word(units, 0, 0, 5 + 16 * uint256(token));
        made.b = PlainWords.owner(owner);
        surge += price - FEE;
        join(made);
        done[token == 0 ? "deposit of ether" : "deposit of a token"]++;
    }

    /// @dev The token calls into the contract as it moves.
    function attackWith(HostileToken erc20, uint8 who) private {
        address account = accounts[who % USERS];
        bytes[4] memory attacks = [
            abi.encodeCall(ISheaf.claimFor, (account, who % TOKENS)),
            abi.encodeCall(ISheaf.claimFor, (account, 1)),
            abi.encodeCall(ISheaf.depositToken, (1, 10_000, ownersOf(account))),
            abi.encodeCall(ISheaf.endLease, ())
        ];
        erc20.reenter(address(sheaf), attacks[who % 4]);
    }

    function isHonest(uint16 token) private view returns (bool) {
        if (token == 0) return true;
        return contracts[token].manner() == HostileToken.Manner.Honest && shrunk[token] == 0;
    }

    function holding(address account, uint16 token) private view returns (uint256) {
        return token == 0 ? account.balance : contracts[token].balances(account);
    }

    function allowanceOf(uint16 token) private view returns (uint64) {
        return token == LIMITED ? LIMIT - leftToday[time / 1 days] : type(uint64).max;
    }

    /// @dev As the tree has it.
    function ownersOf(address user) private view returns (bytes24 owner) {
        (owner,,,) = tree.leaves(uint32(uint160(user) - 0x1001));
    }
}
