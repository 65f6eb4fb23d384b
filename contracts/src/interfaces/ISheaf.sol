// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IVerifier} from "./IVerifier.sol";

/// @title The L1 side of a Sheaf rollup
/// @notice Keeps the escrow, the queue of requests and the last proven state. Code, verifier and
/// roles never change. `docs/protocol.md` says what every byte means.
interface ISheaf {
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
    /// consumed, and payouts that are not claimed yet.
    struct Token {
        address erc20;
        uint64 cap;
        uint128 scale;
        uint64 escrow;
    }

    /// @notice A deposit or an exit request.
    /// @param chain The hash chain of the queue after this request.
    /// @param sender The account that made the request; an exit pays this account.
    /// @param timestamp When the request was made, in Unix seconds.
    struct Request {
        bytes32 chain;
        address sender;
        uint64 timestamp;
    }

    /// @notice A token can be deposited from now on, for ever.
    event TokenListed(uint16 indexed token, address indexed erc20, uint128 scale, uint64 cap);

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
    event BatchFinalised(
        uint64 indexed number,
        bytes32 preState,
        bytes32 postState,
        uint32 timestamp,
        uint64 requests,
        bytes32 l1WordsHash,
        bytes32 dataHash
    );

    /// @notice A batch paid `amount` L2 units to `account`, who may claim them.
    event PayoutCredited(address indexed account, uint16 indexed token, uint64 amount);

    /// @notice `account` took `amount` L2 units out, to `recipient`.
    event Claimed(address indexed account, uint16 indexed token, address recipient, uint64 amount);

    /// @notice A call into the contract came while another was running.
    error Reentered();
    /// @notice A constructor argument cannot work: no code at the verifier, or no operator.
    error InvalidConfiguration();
    /// @notice With this delay, in seconds, others could finalise during a short outage.
    error SilenceDelayTooShort(uint64 delay, uint64 minimum);

    /// @notice Only `allowed` may do this.
    error Unauthorised(address sender, address allowed);
    /// @notice The list of tokens is full.
    error TooManyTokens();
    /// @notice There is no contract at this address.
    error NoCode(address erc20);
    /// @notice This contract is listed already.
    error AlreadyListed(address erc20, uint16 token);
    /// @notice The scale is zero, or the cap is zero or not below 2^62.
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
    /// @notice The recipient is the zero address, this contract or the contract of the token
    /// itself, from where no account could take the money.
    error InvalidRecipient(address recipient);

    /// @notice Only an account without code may finalise, by a transaction of its own, so that
    /// readers find the words in the transaction's input. Neither a contract nor an account that
    /// has delegated to a contract may finalise or be the operator.
    error NotExternallyOwned(address account);
    /// @notice No request is overdue: up to and including `silentAfter`, in Unix seconds, only the
    /// operator may finalise. `silentAfter` is 2^64 or later while no request waits.
    error OperatorNotSilent(uint256 silentAfter);
    /// @notice A batch of another account than the operator consumed fewer than `fullLoad` requests
    /// and left an overdue request.
    error OverdueRequestLeft(uint64 consumed, uint64 fullLoad);
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

    /// @notice Adds a token to the list, which only the lister may do. Tokens are never delisted.
    /// @param erc20 Its contract, which must exist.
    /// @param scale L1 units in one L2 unit, at least 1.
    /// @param cap The most that may be in escrow, in L2 units: 1 to 2^62 - 1.
    /// @return token The token's number.
    function listToken(address erc20, uint128 scale, uint64 cap) external returns (uint16 token);

    /// @notice Asks for the ether sent along to be credited on L2.
    /// @param owner The L2 address: three canonical field elements, not all zero.
    /// @return index The request's place in the queue, from 0.
    function depositEther(bytes24 owner) external payable returns (uint64 index);

    /// @notice Pulls an ERC-20, which the sender has approved, and asks for a credit on L2. The
    /// amount that arrives is credited, and must be a multiple of the token's scale.
    /// @param token The token's number, at least 1.
    /// @param amount The amount to pull, in the token's own units.
    /// @param owner The L2 address: three canonical field elements, not all zero.
    /// @return index The request's place in the queue, from 0.
    function depositToken(uint16 token, uint256 amount, bytes24 owner)
        external
        returns (uint64 index);

    /// @notice Asks for the whole balance of a slot to be paid to the sender. A slot that the key
    /// and the sender's address do not open pays nothing.
    /// @param slot The slot's index.
    /// @param key The encoding of the slot owner's key: five canonical field elements.
    /// @return index The request's place in the queue, from 0.
    function requestExit(uint32 slot, uint64[5] calldata key) external returns (uint64 index);

    /// @notice Proves the next batch: its data, its requests consumed, its payouts and its new
    /// state. The operator may always call. Another account may call while a request is overdue,
    /// and its batch must leave no request overdue, or consume a full load of requests. A request
    /// is overdue when more than `silenceDelay` seconds have passed since the request was made and
    /// since the operator's last batch with a full load. So the operator is silent only while a
    /// request is overdue. Idling, or working through a flood, is not silence.
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

    /// @notice Pays out everything that batches have credited to the sender in one token. Refuses a
    /// token that takes more from this contract than it sends.
    /// @param token The token's number.
    /// @param recipient Where to send it: not zero, not this contract, not the token's contract.
    /// @return amount The amount sent, in L1 units.
    function claim(uint16 token, address recipient) external returns (uint256 amount);

    /// @notice The State digest after the last batch.
    function state() external view returns (bytes32);

    /// @notice The last batch's number, the time it carried, and L1's time of the operator's last
    /// batch that consumed a full load of requests; zero before there is one.
    function progress() external view returns (uint64 number, uint32 timestamp, uint64 servedAt);

    /// @notice Requests consumed and requests made, since the beginning.
    function queue() external view returns (uint64 head, uint64 tail);

    /// @notice A request by its place in the queue; zeros if there is none.
    function request(uint64 index) external view returns (Request memory);

    /// @notice A listed token.
    function token(uint16 number) external view returns (Token memory);

    /// @notice How many tokens are listed, ether included.
    function tokens() external view returns (uint256);

    /// @notice The amount that `account` may claim, in L2 units.
    function pending(address account, uint16 token) external view returns (uint64);

    /// @notice The first three elements of Hash(Domain, chain id, this contract).
    function domain() external view returns (bytes24);

    /// @notice The contract that checks proofs.
    function verifier() external view returns (IVerifier);

    /// @notice The account that may finalise at any time.
    function operator() external view returns (address);

    /// @notice The account that may list tokens.
    function lister() external view returns (address);

    /// @notice Seconds that a request may wait before the request is overdue.
    function silenceDelay() external view returns (uint64);
}
