// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IVerifier} from "./IVerifier.sol";

/// @title The L1 side of a Sheaf rollup
/// @notice Keeps the escrow, the queue of requests and the last proven state. Code and
/// verifier never change. `docs/protocol.md` says what every byte means.
interface ISheaf {
    /// @notice A role that can move from account to account.
    enum RoleName {
        Operator,
        Lister
    }

    /// @notice What a deployment decides once. Amounts of ether are in L2 units, 10^9 wei.
    /// @param verifier The contract that checks proofs, for ever.
    /// @param keyHash What the verifier's key hash must be.
    /// @param operator The account that may finalise at any time.
    /// @param lister The account that may list tokens; zero for no account.
    /// @param silenceDelay Seconds that a request may wait before the request is overdue.
    /// @param freezeDelay Seconds that an exit request may wait before anyone may freeze the
    /// rollup: at least four silence delays.
    /// @param requestPrice The price of a request while fewer than 256 wait: 1 to 2^40.
    /// @param exitBond What an exit request leaves until the exit pays: at most 2^40.
    /// @param takeoverBond What an account leaves that takes over the operator's role: 1 to 2^50.
    /// @param etherOutflowLimit The most ether that may be claimed in one day; zero for no limit.
    struct Configuration {
        IVerifier verifier;
        bytes32 keyHash;
        address operator;
        address lister;
        uint64 silenceDelay;
        uint64 freezeDelay;
        uint64 requestPrice;
        uint64 exitBond;
        uint64 takeoverBond;
        uint64 etherOutflowLimit;
    }

    /// @notice The claims of a batch beside its two streams of words.
    /// @param number The batch's number, from 1.
    /// @param postState The State digest after the batch.
    /// @param chains Hash(Chains, D, L): the commitment to both streams that the proof opens.
    /// @param timestamp Unix seconds, one for the whole batch.
    struct Batch {
        uint64 number;
        bytes32 postState;
        bytes32 chains;
        uint32 timestamp;
    }

    /// @notice A token that can be deposited.
    /// @param erc20 Its contract; zero for ether.
    /// @param cap The most that may be in escrow, in L2 units, below 2^62.
    /// @param scale L1 units in one L2 unit.
    /// @param escrow The users' money now, in L2 units: balances on L2, deposits that no batch has
    /// consumed, and payouts that are not claimed yet; for ether, prices and bonds, too.
    /// @param outflowLimit The most L2 units that may be claimed in one day; zero for no limit.
    struct Token {
        address erc20;
        uint64 cap;
        uint128 scale;
        uint64 escrow;
        uint64 outflowLimit;
    }

    /// @notice A deposit or an exit request.
    /// @param chain The hash chain of the queue after this request.
    /// @param sender The account that made the request; an exit pays this account. Zero after a
    /// refund.
    /// @param timestamp When the request was made, in Unix seconds.
    struct Request {
        bytes32 chain;
        address sender;
        uint64 timestamp;
    }

    /// @notice What an account may claim in one token.
    /// @param amount L2 units of the token.
    /// @param bond L2 units of ether: bonds of exits that have paid.
    struct Payout {
        uint64 amount;
        uint64 bond;
    }

    /// @notice One blob's part of a stream of data words.
    /// @param y The blob's polynomial at the batch's point.
    /// @param opening EIP-4844's KZG commitment and proof for `y`, 48 bytes each.
    struct Blob {
        uint256 y;
        bytes32[3] opening;
    }

    /// @notice An open slot, as its leaf has it.
    /// @param index The slot's place in the tree.
    /// @param balance In L2 units, below 2^62.
    struct Slot {
        uint32 index;
        uint16 token;
        uint64 balance;
        uint32 nonce;
    }

    /// @notice A token can be deposited from now on, for ever.
    event TokenListed(
        uint16 indexed token, address indexed erc20, uint128 scale, uint64 cap, uint64 outflowLimit
    );

    /// @notice More of a token may be in escrow from now on.
    event CapRaised(uint16 indexed token, uint64 cap);

    /// @notice A deposit joined the queue.
    event DepositRequested(
        uint64 indexed index,
        address indexed sender,
        uint16 indexed token,
        uint64 amount,
        bytes24 owner
    );

    /// @notice An exit request joined the queue. `owner` is what the sender's key and address open.
    event ExitRequested(
        uint64 indexed index, address indexed sender, uint32 indexed slot, bytes24 owner
    );

    /// @notice A batch was proven; `requests` requests have been consumed since the beginning.
    /// `dataReference` names calldata, or the blobs of the transaction.
    event BatchFinalised(
        uint64 indexed number,
        bytes32 preState,
        bytes32 postState,
        uint32 timestamp,
        uint64 requests,
        bytes32 l1WordsHash,
        bytes32 dataReference
    );

    /// @notice `account` may claim `amount` more L2 units of a token, and `bond` of ether.
    event PayoutCredited(address indexed account, uint16 indexed token, uint64 amount, uint64 bond);

    /// @notice `account` took `amount` L2 units out, to `recipient`.
    event Claimed(address indexed account, uint16 indexed token, address recipient, uint64 amount);

    /// @notice The rollup has ended. `root` is the last root, against which slots escape.
    event Frozen(bytes32 root, uint64 nextSlot);
    /// @notice A slot's balance was credited to the L1 address of the slot's owner.
    event Escaped(
        uint32 indexed slot, address indexed account, uint16 indexed token, uint64 amount
    );
    /// @notice A request that no batch consumed was refunded to its sender.
    event Refunded(uint64 indexed index, address indexed sender);

    /// @notice The holder of a role offers the role to `account`; zero takes the offer back.
    event RoleOffered(RoleName indexed role, address indexed account);
    /// @notice A role has moved to `account`.
    event RoleAccepted(RoleName indexed role, address indexed account);
    /// @notice `account` is the operator, at least until `leaseEnd` in Unix seconds.
    event TakenOver(address indexed account, uint64 leaseEnd);
    /// @notice The lease of `account` has ended, and its bond has been credited to `creditor`.
    event LeaseEnded(address indexed account, address indexed creditor);

    /// @notice A call into the contract came while another was running.
    error Reentered();
    /// @notice A constructor argument cannot work: no code at the verifier, no operator, a freeze
    /// delay below four silence delays, or a price or bond outside its range.
    error InvalidConfiguration();
    /// @notice The verifier checks proofs against another key.
    error OtherKey(bytes32 keyHash, bytes32 expected);
    /// @notice The rollup is frozen: only claims, escapes and refunds are left.
    error RollupFrozen();
    /// @notice The rollup is not frozen.
    error NotFrozen();
    /// @notice No exit request has waited for the freeze delay: up to and including `after_`, in
    /// Unix seconds, nobody may freeze.
    error TooEarlyToFreeze(uint256 after_);
    /// @notice The root and the number of slots are not those of the last State digest.
    error OtherState(bytes32 state);
    /// @notice No leaf with these values is in the last tree at this place.
    error NotInTree(uint32 slot);
    /// @notice No balance is that large.
    error InvalidBalance(uint64 balance);
    /// @notice The slot has escaped before.
    error EscapedAlready(uint32 slot);
    /// @notice No request with this index waits.
    error NotWaiting(uint64 index);
    /// @notice The request has other words.
    error OtherRequest(uint64 index);
    /// @notice The request was refunded before.
    error RefundedAlready(uint64 index);
    /// @notice Too many requests wait already.
    error QueueFull(uint64 waiting);
    /// @notice The ether sent along is less than amount, price and bond together, in wei.
    error PriceNotPaid(uint256 paid, uint256 due);
    /// @notice With this delay, in seconds, others could finalise during a short outage.
    error SilenceDelayTooShort(uint64 delay, uint64 minimum);

    /// @notice Only `allowed` may do this.
    error Unauthorised(address sender, address allowed);
    /// @notice The list of tokens is full.
    error TooManyTokens();
    /// @notice There is no contract at this address.
    error NoCode(address erc20);
    /// @notice This contract is listed already with this scale.
    error AlreadyListed(address erc20, uint16 token);
    /// @notice The scale is zero, or the cap is zero, not below 2^62, or no rise.
    error InvalidListing(uint128 scale, uint64 cap);
    /// @notice No token has this number, or it is ether where an ERC-20 is needed.
    error UnknownToken(uint16 token);

    /// @notice The amount received is zero, not a multiple of the token's scale, or too large.
    error InvalidAmount(uint256 amount, uint128 scale);
    /// @notice The deposit would lift the escrow over the token's cap.
    error CapExceeded(uint16 token, uint64 escrow, uint64 amount, uint64 cap);
    /// @notice A field element is not below 2^64 - 2^32 + 1.
    error NotCanonical(uint64 element);
    /// @notice No key opens the owner of zeros, which is the value of a variable that was never
    /// set.
    error ZeroOwner();
    /// @notice The token's contract reverted, returned false, or vanished.
    error TokenCallFailed(address erc20);
    /// @notice Sending `amount` took `taken` from this contract's balance. The difference is not
    /// the sender's: it backs the balances of others.
    error TokenTookMore(address erc20, uint256 amount, uint256 taken);
    /// @notice The recipient refused the ether.
    error EtherRefused(address recipient);
    /// @notice There is nothing to claim.
    error NothingToClaim(address account, uint16 token);
    /// @notice The token's limit for today is spent; what is left can be claimed tomorrow (UTC).
    error OutflowSpent(uint16 token);
    /// @notice The recipient is the zero address, this contract or the contract of the token
    /// itself, from where no account could take the money.
    error InvalidRecipient(address recipient);

    /// @notice Only an account without code may finalise with calldata, by a transaction of its
    /// own, so that readers find the words in the transaction's input. A contract, or an account
    /// that has delegated to a contract, may finalise with blobs.
    error NotExternallyOwned(address account);
    /// @notice No request is overdue: up to and including `silentAfter`, in Unix seconds, only the
    /// operator may finalise. `silentAfter` is 2^64 or later while no request waits.
    error OperatorNotSilent(uint256 silentAfter);
    /// @notice A batch consumed fewer than `fullLoad` requests and left an overdue request: any of
    /// them if another account than the operator finalises, an exit request of twice the silence
    /// delay if the operator does.
    error OverdueRequestLeft(uint64 consumed, uint64 fullLoad);
    /// @notice The operator has finalised lately: up to and including `after_`, in Unix seconds,
    /// nobody may take over.
    error TooEarlyToTakeOver(uint256 after_);
    /// @notice Nobody has a lease on the operator's role.
    error NoLease();
    /// @notice Until `leaseEnd`, in Unix seconds, only the leaseholder may end the lease.
    error LeaseNotOver(uint64 leaseEnd);
    /// @notice A batch has no blob, or too many.
    error InvalidBlobCount(uint256 blobs, uint256 maximum);
    /// @notice The transaction has no blob at this place.
    error MissingBlob(uint256 place);
    /// @notice The blob's polynomial does not have this value at the batch's point.
    error WrongBlobValue(bytes32 versionedHash);
    /// @notice The batch is not the next one.
    error WrongNumber(uint64 number, uint64 expected);
    /// @notice The batch's time is before its predecessor's, or too far in the future.
    error InvalidTimestamp(uint32 timestamp, uint32 earliest, uint256 latest);
    /// @notice A stream is no whole number of words, or has too many.
    error InvalidStream(uint256 bytesLength, uint256 maximumWords);
    /// @notice A published word does not fit into 31 bytes.
    error WordTooLarge();
    /// @notice The first word of a pair of L1 words has no known code, or its second is no address.
    error InvalidL1Word(uint256 a, uint256 b);
    /// @notice The L1 words do not consume the queue from its head, in order.
    error RequestsMismatch(uint64 head, uint64 consumed);
    /// @notice The proof does not prove this batch.
    error InvalidProof();

    /// @notice Adds a token to the list, which only the lister may do. Tokens are never delisted. A
    /// contract can be listed again with another scale, under another number.
    /// @param erc20 Its contract, which must exist.
    /// @param scale L1 units in one L2 unit, at least 1.
    /// @param cap The most that may be in escrow, in L2 units: 1 to 2^62 - 1.
    /// @param outflowLimit The most L2 units that may be claimed in one day; zero for no limit.
    /// @return token The token's number.
    function listToken(address erc20, uint128 scale, uint64 cap, uint64 outflowLimit)
        external
        returns (uint16 token);

    /// @notice Raises a token's cap, which only the lister may do.
    function raiseCap(uint16 token, uint64 cap) external;

    /// @notice Asks for `amount` wei of the ether sent along to be credited on L2. The sender pays
    /// the price of a request on top and gets back what is above both.
    /// @param amount In wei, a multiple of ether's scale.
    /// @param owner The L2 address: three canonical field elements, not all zero.
    /// @return index The request's place in the queue, from 0.
    function depositEther(uint256 amount, bytes24 owner) external payable returns (uint64 index);

    /// @notice Pulls an ERC-20, which the sender has approved, and asks for a credit on L2. The
    /// amount that arrives is credited, and must be a multiple of the token's scale. The sender
    /// pays the price of a request in ether and gets back what is above.
    /// @param token The token's number, at least 1.
    /// @param amount The amount to pull, in the token's own units.
    /// @param owner The L2 address: three canonical field elements, not all zero.
    /// @return index The request's place in the queue, from 0.
    function depositToken(uint16 token, uint256 amount, bytes24 owner)
        external
        payable
        returns (uint64 index);

    /// @notice Asks for the whole balance of a slot to be paid to the sender. A slot that the key
    /// and the sender's address do not open pays nothing. The sender pays the price of a request
    /// and the bond in ether and gets back what is above. The bond comes back with the payout if
    /// the exit pays more than zero.
    /// @param slot The slot's index.
    /// @param key The encoding of the slot owner's key: five canonical field elements.
    /// @return index The request's place in the queue, from 0.
    function requestExit(uint32 slot, uint64[5] calldata key)
        external
        payable
        returns (uint64 index);

    /// @notice Proves the next batch: its data, its requests consumed, its payouts and its new
    /// state. The operator may always call. Another account may call while a request is overdue,
    /// and its batch must leave no request overdue, or consume a full load of requests. A request
    /// is overdue when more than `silenceDelay` seconds have passed since the request was made and
    /// since the operator's last batch with a full load. So the operator is silent only while a
    /// request is overdue. Idling, or working through a flood, is not silence. The operator's batch
    /// must consume a full load, or leave no exit request that has waited for more than twice the
    /// silence delay. Whoever calls is credited the price of each request that the batch consumes,
    /// and the bonds of exits that pay nothing.
    /// @dev The sender must have no code and have signed the transaction, so that the words are in
    /// its input.
    /// @param batch The batch's claims.
    /// @param l1Words The stream of L1 words, 32 bytes each.
    /// @param data The stream of data words, 32 bytes each, from which readers rebuild the state.
    /// @param proof See `IVerifier`.
    function finalise(
        Batch calldata batch,
        bytes calldata l1Words,
        bytes calldata data,
        uint256[8] calldata proof
    ) external;

    /// @notice The same with the data in the first blobs of the transaction: 1 to 6. The sender may
    /// be a contract.
    /// @param blobs The values of the blobs' polynomials at the batch's point, in order.
    function finaliseBlobs(
        Batch calldata batch,
        bytes calldata l1Words,
        Blob[] calldata blobs,
        uint256[8] calldata proof
    ) external;

    /// @notice Pays out what the sender may claim in one token, up to the token's limit for today,
    /// and the bonds beside it. Refuses a token that takes more from this contract than it sends.
    /// @param token The token's number.
    /// @param recipient Where to send it: not zero, not this contract, not the token's contract.
    /// @return amount The amount of the token sent, in L1 units.
    function claim(uint16 token, address recipient) external returns (uint256 amount);

    /// @notice Pays out what `account` may claim to `account` itself, whoever asks.
    function claimFor(address account, uint16 token) external returns (uint256 amount);

    /// @notice Ends the rollup, if an exit request has waited for longer than the freeze delay.
    /// Then slots can escape, waiting requests are refunded, claims go on, and nothing else is
    /// left.
    /// @param root The root of the last State digest.
    /// @param nextSlot The number of open slots of the last State digest.
    function freeze(bytes32 root, uint64 nextSlot) external;

    /// @notice Credits the balance of a slot of the frozen rollup to the L1 address in the slot's
    /// owner, once, whoever calls.
    /// @param slot The slot as its leaf in the last tree has it.
    /// @param key The key of the slot's owner: five canonical field elements.
    /// @param account The L1 address of the slot's owner.
    /// @param siblings The siblings on the way from the leaf to the root.
    function escape(
        Slot calldata slot,
        uint64[5] calldata key,
        address account,
        bytes32[32] calldata siblings
    ) external;

    /// @notice Credits a waiting request of the frozen rollup to its sender, once, whoever calls:
    /// the amount of a deposit, the price, and the bond of an exit.
    /// @param index The request's place in the queue.
    /// @param a The request's first L1 word.
    /// @param b The request's second L1 word.
    function refund(uint64 index, uint256 a, uint256 b) external;

    /// @notice Offers a role, which the sender holds, to `account`; zero takes the offer back.
    function offerRole(RoleName role, address account) external;

    /// @notice Takes on a role that is offered to the sender.
    function acceptRole(RoleName role) external;

    /// @notice Takes over the operator's role, with the bond as the ether sent along. Possible
    /// while a request is overdue and the operator has finalised nothing for more than twice the
    /// silence delay. If there was a lease, the sender is credited that lease's bond.
    function takeOver() external payable;

    /// @notice Ends a lease. The leaseholder may at any time, the holder of the role from the end
    /// of the lease on. The bond is credited to the leaseholder or, while a request is overdue, to
    /// the holder of the role.
    function endLease() external;

    /// @notice The State digest after the last batch.
    function state() external view returns (bytes32);

    /// @notice Where the rollup stands.
    /// @return number The last batch's number.
    /// @return timestamp The time that the last batch carried.
    /// @return servedAt L1's time of the operator's last batch that consumed a full load of
    /// requests; zero before there is one.
    /// @return operatorAt L1's time of the operator's last batch, of the last takeover, of the last
    /// end of a lease or of the deployment, whichever is latest. A handover leaves the time as it
    /// is: a silent operator could escape a takeover by handing the role round.
    /// @return frozen Whether the rollup is frozen.
    function progress()
        external
        view
        returns (uint64 number, uint32 timestamp, uint64 servedAt, uint64 operatorAt, bool frozen);

    /// @notice Requests consumed and requests made, since the beginning.
    function queue() external view returns (uint64 head, uint64 tail);

    /// @notice A request by its place in the queue. The last 4,096 requests are kept; zeros for any
    /// other.
    function request(uint64 index) external view returns (Request memory);

    /// @notice What the next request costs, in wei, beside the bond of an exit.
    function priceOfRequest() external view returns (uint256);

    /// @notice What an exit request leaves until the exit pays, in L2 units of ether.
    function exitBond() external view returns (uint64);

    /// @notice What a takeover costs until the lease ends, in L2 units of ether.
    function takeoverBond() external view returns (uint64);

    /// @notice A listed token.
    function token(uint16 number) external view returns (Token memory);

    /// @notice How many tokens are listed, ether included.
    function tokens() external view returns (uint256);

    /// @notice What `account` may claim in one token.
    function pending(address account, uint16 token) external view returns (Payout memory);

    /// @notice The first three elements of Hash(Domain, chain id, this contract).
    function domain() external view returns (bytes24);

    /// @notice The contract that checks proofs.
    function verifier() external view returns (IVerifier);

    /// @notice The account that may finalise at any time: a leaseholder, if there is one.
    function operator() external view returns (address);

    /// @notice Since when and for whom the operator's role is leased.
    /// @return holder The account that holds the role and may end the lease.
    /// @return leaseEnd From when on, in Unix seconds; zero without a lease.
    function lease() external view returns (address holder, uint64 leaseEnd);

    /// @notice The account that may list tokens; zero for no account.
    function lister() external view returns (address);

    /// @notice Seconds that a request may wait before the request is overdue.
    function silenceDelay() external view returns (uint64);

    /// @notice Seconds that an exit request may wait before anyone may freeze the rollup.
    function freezeDelay() external view returns (uint64);

    /// @notice The L1 block of the deployment, from which readers start.
    function firstBlock() external view returns (uint64);

    /// @notice The root of the frozen rollup; zero before the freeze.
    function frozenRoot() external view returns (bytes32);

    /// @notice Whether a slot of the frozen rollup has escaped.
    function escaped(uint32 slot) external view returns (bool);
}
