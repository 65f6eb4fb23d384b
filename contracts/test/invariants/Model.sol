// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../../src/interfaces/ISheaf.sol";
import {HostileToken} from "../support/HostileToken.sol";
import {PlainWords} from "../support/PlainWords.sol";
import {Rollup} from "../support/Rollup.sol";
import {FastSlotTree, SlotTreeModel} from "../support/SlotTreeModel.sol";

/// @title What the contract must think, kept in plain values beside it
/// @notice Four users with one slot for each token, an operator, and five tokens: ether, a token
/// of scale 1,000, one of scale 1 with an outflow limit, one of scale 10^38, and the second one
/// once more with scale 1.
abstract contract Model is Rollup {
    /// @param a The request's first word in the queue.
    /// @param chain The queue's chain after the request.
    struct Wish {
        bool isExit;
        uint16 token;
        uint64 units;
        uint32 slot;
        address sender;
        uint64 time;
        uint256 a;
        uint256 b;
        bytes32 chain;
        bool refunded;
    }

    struct Rights {
        address acting;
        address holder;
        address offered;
        uint64 leaseEnd;
    }

    uint256 internal constant USERS = 4;
    uint16 internal constant TOKENS = 5;
    uint16 internal constant LIMITED = 2;
    uint64 internal constant LIMIT = 500;
    uint64 internal constant FULL_LOAD = 64;
    uint256 internal constant NEVER = type(uint256).max / 2;

    /// Users, and the operator behind them.
    address[USERS + 1] public accounts;
    SlotTreeModel public tree;
    HostileToken[TOKENS] public contracts;
    uint128[TOKENS] public scales;

    uint256 public time = START;
    Wish[] internal wishes;
    uint64 public head;
    Rights public rights;

    uint64 public number;
    bytes32 public state;
    uint32 public timestamp;
    uint64 public servedAt;
    uint64 public operatorAt = uint64(START);
    bool public frozen;
    /// Whether the state is the tree's: thousands of roots would cost minutes.
    bool public exact;

    mapping(address account => mapping(uint16 token => ISheaf.Payout)) internal owed;
    mapping(uint16 token => uint64) public balances;
    mapping(uint16 token => uint64) public waiting;
    mapping(uint16 token => uint64) public moneyIn;
    mapping(uint16 token => uint64) public moneyOut;
    mapping(uint16 token => uint256) public shrunk;
    mapping(uint256 day => uint64) public leftToday;
    mapping(uint32 slot => uint256) public escapes;
    uint256 public surge;

    /// How often each action did what it is for, and what must not have happened.
    mapping(string action => uint256) public done;
    string[] public surprises;

    constructor() {
        setUp();
        state = sheaf.state();
        tree = new FastSlotTree();
        for (uint256 i = 0; i < USERS; i++) {
            accounts[i] = address(uint160(0x1001 + i));
        }
        accounts[USERS] = OPERATOR;
        rights = Rights(OPERATOR, OPERATOR, address(0), 0);
        scales = [uint128(10 ** 9), 1_000, 1, 10 ** 38, 1];
        (contracts[1], contracts[2]) = (new HostileToken(), new HostileToken());
        (contracts[3], contracts[4]) = (new HostileToken(), contracts[1]);
        for (uint16 token = 1; token < TOKENS; token++) {
            uint64 limit = token == LIMITED ? LIMIT : 0;
            vm.startPrank(LISTER);
            sheaf.listToken(address(contracts[token]), scales[token], 2 ** 60, limit);
            vm.stopPrank();
        }
        // Every user has a slot for every token.
        for (uint32 slot = 0; slot < USERS * TOKENS; slot++) {
            (address user, uint16 token) = (holderOf(slot), tokenOf(slot));
            tree.open(SlotTreeModel.Leaf(ownerOf(keyOf(user), user), token, 0, 0));
        }
    }

    function rollup() external view returns (address) {
        return address(sheaf);
    }

    function surpriseCount() external view returns (uint256) {
        return surprises.length;
    }

    function wishCount() public view returns (uint64) {
        return uint64(wishes.length);
    }

    function wish(uint64 index) external view returns (Wish memory) {
        return wishes[index];
    }

    function owedTo(address account, uint16 token) external view returns (ISheaf.Payout memory) {
        return owed[account][token];
    }

    /// @notice Until when, included, the operator is not silent if `next` requests are consumed.
    function silentAfter(uint64 next) public view returns (uint256) {
        if (next == wishes.length) return NEVER;
        uint64 oldest = wishes[next].time;
        return (oldest > servedAt ? oldest : servedAt) + SILENCE;
    }

    /// @notice When the exit was requested that has waited longest behind `next` requests.
    function oldestExit(uint64 next) public view returns (uint256) {
        for (uint256 i = next; i < wishes.length; i++) {
            if (wishes[i].isExit) return wishes[i].time;
        }
        return NEVER;
    }

    /// @notice Whether the contract must take a batch of `sender` that consumes up to `next`.
    function mayFinalise(address sender, uint64 next) public view returns (bool) {
        if (frozen) return false;
        bool full = next - head >= FULL_LOAD;
        if (sender == rights.acting) return full || time <= oldestExit(next) + 2 * SILENCE;
        return time > silentAfter(head) && (full || time <= silentAfter(next));
    }

    function holderOf(uint32 slot) public view returns (address) {
        return accounts[slot % USERS];
    }

    function tokenOf(uint32 slot) public pure returns (uint16) {
        return uint16(slot / USERS);
    }

    function keyOf(address user) public pure returns (uint64[5] memory) {
        return [uint64(1), 2, 3, 4, uint64(uint160(user))];
    }

    function leafOf(uint32 slot) internal view returns (SlotTreeModel.Leaf memory leaf) {
        (leaf.owner, leaf.token, leaf.balance, leaf.nonce) = tree.leaves(slot);
    }

    function surprise(string memory what) internal {
        surprises.push(what);
    }

    function join(Wish memory made) internal {
        bytes32 before = wishes.length == 0 ? bytes32(0) : wishes[wishes.length - 1].chain;
        made.chain = keccak256(abi.encode(before, made.a, made.b));
        made.time = uint64(time);
        wishes.push(made);
        waiting[made.token] += made.units;
        uint64 bond = made.isExit ? BOND : 0;
        waiting[0] += PRICE + bond;
        moneyIn[made.token] += made.units;
        moneyIn[0] += PRICE + bond;
    }

    /// @notice Credits the bond as it lies: beside the amount.
    function credit(address account, uint16 token, uint64 amount, uint64 bond) internal {
        owed[account][token].amount += amount;
        owed[account][token].bond += bond;
    }
}
