// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISheaf} from "../interfaces/ISheaf.sol";
import {IVerifier} from "../interfaces/IVerifier.sol";
import {Digests} from "../libraries/Digests.sol";
import {Payouts} from "../libraries/Payouts.sol";
import {RequestQueue} from "../libraries/RequestQueue.sol";
import {Roles} from "../libraries/Roles.sol";
import {Tokens} from "../libraries/Tokens.sol";
import {Transfers} from "../libraries/Transfers.sol";

/// @title What every stage shares
/// @notice What the deployment decided, the storage, the locks, and what the money of a request is.
abstract contract Foundation is ISheaf {
    using Payouts for Payouts.Ledger;
    using RequestQueue for RequestQueue.Queue;
    using Roles for Roles.Operator;
    using Tokens for Tokens.List;

    /// @notice The shortest silence delay, in seconds. With a shorter delay others could finalise
    /// as soon as the operator's prover or node rests for a moment, and void what the operator has
    /// acknowledged.
    uint64 public constant MIN_SILENCE_DELAY = 1 hours;

    /// @dev The number of ether in the list of tokens.
    uint16 internal constant ETHER = 0;
    /// @dev The largest price and exit bond, and the largest bond of a takeover, in L2 units.
    uint64 private constant MAX_PRICE = 2 ** 40;
    uint64 private constant MAX_TAKEOVER_BOND = 2 ** 50;

    struct Progress {
        uint64 number;
        uint32 timestamp;
        uint64 servedAt;
        uint64 operatorAt;
        bool frozen;
    }

    /// @inheritdoc ISheaf
    IVerifier public immutable verifier;
    /// @inheritdoc ISheaf
    uint64 public immutable silenceDelay;
    /// @inheritdoc ISheaf
    uint64 public immutable freezeDelay;
    /// @inheritdoc ISheaf
    uint64 public immutable exitBond;
    /// @inheritdoc ISheaf
    uint64 public immutable takeoverBond;
    /// @inheritdoc ISheaf
    uint64 public immutable firstBlock;
    /// @inheritdoc ISheaf
    bytes24 public immutable domain;
    /// @dev The price of a request while few wait, in L2 units of ether.
    uint64 internal immutable _firstPrice;

    /// @inheritdoc ISheaf
    bytes32 public state;
    /// @inheritdoc ISheaf
    Progress public progress;
    /// @inheritdoc ISheaf
    bytes32 public frozenRoot;
    /// @inheritdoc ISheaf
    mapping(uint32 slot => bool) public escaped;

    Roles.Operator internal _operator;
    Roles.Role internal _lister;
    RequestQueue.Queue internal _queue;
    Tokens.List internal _tokens;
    Payouts.Ledger internal _payouts;
    bool private transient _entered;

    /// @dev One lock for the whole contract: a token's hook must not reach any function while the
    /// contract measures a balance.
    modifier locked() {
        if (_entered) revert Reentered();
        _entered = true;
        _;
        _entered = false;
    }

    modifier running() {
        if (progress.frozen) revert RollupFrozen();
        _;
    }

    modifier ended() {
        if (!progress.frozen) revert NotFrozen();
        _;
    }

    constructor(Configuration memory configuration) {
        _check(configuration);
        verifier = configuration.verifier;
        silenceDelay = configuration.silenceDelay;
        freezeDelay = configuration.freezeDelay;
        exitBond = configuration.exitBond;
        takeoverBond = configuration.takeoverBond;
        _firstPrice = configuration.requestPrice;
        firstBlock = uint64(block.number);
        domain = Digests.domain(block.chainid, address(this));
        state = Digests.firstState(domain);
        progress.operatorAt = uint64(block.timestamp);
        _operator.begin(configuration.operator);
        _lister.holder = configuration.lister;
        _tokens.listEther(configuration.etherOutflowLimit);
    }

    /// @inheritdoc ISheaf
    function queue() external view returns (uint64 head, uint64 tail) {
        return (_queue.head, _queue.tail);
    }

    /// @inheritdoc ISheaf
    function request(uint64 index) external view returns (Request memory) {
        return _queue.get(index);
    }

    /// @inheritdoc ISheaf
    function priceOfRequest() public view returns (uint256) {
        return (uint256(_firstPrice) << _queue.doublings()) * Tokens.ETHER_SCALE;
    }

    /// @inheritdoc ISheaf
    function token(uint16 number) external view returns (Token memory) {
        return _tokens.get(number);
    }

    /// @inheritdoc ISheaf
    function tokens() external view returns (uint256) {
        return _tokens.tokens.length;
    }

    /// @inheritdoc ISheaf
    function pending(address account, uint16 number) external view returns (Payout memory) {
        return _payouts.pending[account][number];
    }

    /// @inheritdoc ISheaf
    function operator() external view returns (address) {
        return _operator.acting;
    }

    /// @inheritdoc ISheaf
    function lease() external view returns (address holder, uint64 leaseEnd) {
        return (_operator.role.holder, _operator.leaseEnd);
    }

    /// @inheritdoc ISheaf
    function lister() external view returns (address) {
        return _lister.holder;
    }

    /// @dev The last second in which the operator is not silent, as the queue is now.
    function _silentAfter() internal view returns (uint256) {
        uint256 oldest = _queue.oldestTimestamp();
        uint256 served = progress.servedAt;
        return (served > oldest ? served : oldest) + silenceDelay;
    }

    /// @dev Sends back what the sender has sent above `due` wei.
    function _giveBack(uint256 due) internal {
        if (msg.value > due) Transfers.push(address(0), msg.sender, msg.value - due);
    }

    function _check(Configuration memory configuration) private view {
        IVerifier checker = configuration.verifier;
        uint64 delay = configuration.silenceDelay;
        if (delay < MIN_SILENCE_DELAY) revert SilenceDelayTooShort(delay, MIN_SILENCE_DELAY);
        uint64 longest = type(uint32).max;
        bool possible = address(checker).code.length != 0 && configuration.operator != address(0)
            && configuration.freezeDelay <= longest && delay <= configuration.freezeDelay / 4
            && configuration.requestPrice != 0 && configuration.requestPrice <= MAX_PRICE
            && configuration.exitBond <= MAX_PRICE && configuration.takeoverBond != 0
            && configuration.takeoverBond <= MAX_TAKEOVER_BOND;
        if (!possible) revert InvalidConfiguration();
        bytes32 keyHash = checker.keyHash();
        if (keyHash != configuration.keyHash) revert OtherKey(keyHash, configuration.keyHash);
    }
}
