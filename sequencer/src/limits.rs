//! Every bound of the sequencer: each queue, loop, body, cache and wait has one. Bounds that an
//! operator may choose are in `config`, with their defaults here. Bounds that the protocol fixes
//! are in the ledger.

use std::time::Duration;

use sheaf_ledger::limits::PAYMENTS_MAX;

// --- HTTP ----------------------------------------------------------------------------------

/// Bytes of a request body on the public routes: an array of transactions fits.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of a body that takes no place while it arrives: a transaction, or some 30 in an array.
/// All connections together keep 16 MB of such bodies.
pub const SMALL_BODY_BYTES_MAX: u64 = 16 * 1024;
/// Larger bodies that arrive, or wait to be read, at one time: 64 MB, or 256 MB where workers send
/// the largest proofs.
pub const LARGE_BODIES_MAX: usize = 64;
/// Larger bodies of transactions that are read at one time. More would keep the processors from
/// everything else, and fewer would not use them.
pub const LARGE_BODIES_READ_MAX: usize = 4;
/// Bytes of a proof that a worker hands in. A plonky2 proof is about 150 kB.
pub const PROOF_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Transactions in one request.
pub const TRANSACTIONS_PER_REQUEST_MAX: usize = 1_024;
/// How long a request may take before it is answered with 408: longer than
/// `ACKNOWLEDGEMENT_TIMEOUT`.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a client waits for its transaction to become durable before the API answers that the
/// transaction is on its way.
pub const ACKNOWLEDGEMENT_TIMEOUT: Duration = Duration::from_secs(10);
/// Batches in one page of the list.
pub const BATCHES_PER_PAGE_MAX: u32 = 100;
/// Blocks in one page of the list.
pub const BLOCKS_PER_PAGE_MAX: u32 = 100;
/// Transactions in one page of an account's history, of a block or of a batch.
pub const TRANSACTIONS_PER_PAGE_MAX: u32 = 100;
/// Entries of the log that are read for one page of an account's history. Beyond that number the
/// page ends early, after some 40 ms.
pub const ENTRIES_PER_PAGE_MAX: usize = 65_536;
/// Payments of a page of a block's or a batch's transactions. The transaction that goes beyond them
/// is the last one of its page: with the largest transfer, 1.7 MB of JSON.
pub const PAYMENTS_PER_PAGE_MAX: usize = 16_384;
/// Data words and pairs of L1 words in one page of a batch's words.
pub const WORDS_PER_PAGE_MAX: u32 = 1_000;
/// Pages of history that are read at one time. Each keeps a decoded block of some MB, and each uses
/// a connection to the database that others need, too.
pub const HISTORY_READS_MAX: usize = 2;
/// Readers of history, those that wait for their turn included.
pub const HISTORY_READERS_MAX: usize = 64;
/// How long a reader of history waits for its turn.
pub const HISTORY_PATIENCE: Duration = Duration::from_secs(2);
/// How long a question for a slot's path waits, for its turn and for the tree after the newest
/// final batch. Making the tree of a million slots takes some 3 s.
pub const PATH_PATIENCE: Duration = Duration::from_secs(8);
/// How many batches what is kept of the final state may be behind the newest final one, to be
/// brought there batch by batch. Beyond that number it is made anew from the newest snapshot.
pub const FINAL_BATCHES_AGAIN_MAX: u64 = 256;
/// How long an account's answer waits for the balances after the newest final batch, their reading
/// included. Without them the answer comes all the same.
pub const FINAL_ACCOUNTS_PATIENCE: Duration = Duration::from_secs(1);
/// Requests that the contract's queue may have and no block has consumed: the contract takes fewer.
pub const REQUESTS_PENDING_MAX: usize = 4_096;
/// Calls to an L1 node at one time for what one address may claim.
pub const PAYOUT_CALLS_MAX: usize = 8;
/// Entries of blocks that are not sealed, beyond which nobody is told what they will pay: more than
/// four of the largest batches.
pub const PAYOUT_ENTRIES_MAX: usize = 131_072;
/// Slots listed of one account, the latest opened.
pub const SLOTS_PER_ACCOUNT_MAX: usize = 256;
/// How long ordering may take to answer before the process counts as stalled.
pub const HEALTH_TIMEOUT: Duration = Duration::from_secs(2);
/// Events kept for subscribers that read slowly or come back. A subscriber that falls further
/// behind gets the number of lost events.
pub const EVENTS_KEPT: usize = 1_024;
/// Transactions and movements of the events that are kept: at most 32 MB. Events with more are
/// forgotten earlier.
pub const EVENT_RECORDS_KEPT: usize = 1_048_576;
/// Ids of transactions in one event: 70 kB of JSON.
pub const EVENT_IDS_MAX: usize = 1_024;
/// Events that a subscriber does not want, one after another, after which it is told where the
/// stream is: a connection that is lost then resumes there, and not where nothing is kept any more.
pub const EVENTS_SKIPPED_MAX: u32 = 256;
/// Subscribers to events at one time.
pub const EVENT_SUBSCRIBERS_MAX: usize = 256;
/// How long a client may take to send a request's head, and how long an idle connection lasts.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// The least pace at which a client sends a request's body and takes an answer.
pub const TRANSFER_BYTES_PER_SECOND_MIN: u64 = 64 * 1024;
/// How far a client may fall behind that pace, or how long it may stand still.
pub const TRANSFER_PATIENCE: Duration = Duration::from_secs(5);
/// Bytes that a connection reads ahead, and the longest head of a request.
pub const CONNECTION_BUFFER_BYTES_MAX: usize = 64 * 1024;
/// Connections at one time, of all addresses. A further connection gets the place of another, or is
/// refused at once.
pub const CONNECTIONS_MAX: usize = 1_024;
/// How long a connection that waits for its client keeps its place when connections are used up.
/// Many round trips, so that an ordinary request is over by then.
pub const CONNECTION_PATIENCE: Duration = Duration::from_secs(1);
/// Connections and other holders of places that were told to leave and have not left yet.
pub const LEAVING_MAX: usize = 64;
/// Connections without a place that are answered at one time. Further ones are closed.
pub const REFUSALS_MAX: usize = 64;
/// How long such a connection may take to send a request and to take its refusal.
pub const REFUSAL_TIMEOUT: Duration = Duration::from_secs(1);
/// When a client that was refused may come back: where the client needs what is in use for moments,
/// where a condition has to end first, and where the process restarts.
pub const RETRY_SOON: Duration = Duration::from_secs(1);
pub const RETRY_LATER: Duration = Duration::from_secs(10);
pub const RETRY_AFTER_RESTART: Duration = Duration::from_secs(5);
/// Connections of one address, unless the operator says otherwise. Further connections are refused.
/// Below `EVENT_SUBSCRIBERS_MAX`, so that no address can take every stream of events.
pub const CONNECTIONS_PER_ADDRESS_DEFAULT: usize = 128;
/// The pause after a connection could not be accepted, for lack of a file descriptor for instance.
pub const ACCEPT_PAUSE: Duration = Duration::from_secs(1);
/// Failures in a row to accept a connection, each followed by that pause, which the process
/// survives.
pub const ACCEPT_FAILURES_MAX: u32 = 60;
/// Requests that one address may send a second, and in one burst, unless the operator says
/// otherwise. A request may carry an array of transactions, so no honest sender needs more.
pub const REQUESTS_PER_SECOND_DEFAULT: u32 = 2_000;
/// Addresses that each have an allowance of their own. Further addresses share one allowance.
pub const RATED_ADDRESSES_MAX: usize = 65_536;
/// Connections to the listener of metrics.
pub const EXPORTER_CONNECTIONS_MAX: usize = 32;
/// How often the recorder of metrics empties its buffers.
pub const METRICS_INTERVAL: Duration = Duration::from_secs(5);
/// How long open connections may last after the process was told to stop.
pub const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);
/// How long all stages together may take to end in order, open connections included.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(15);

// --- Admission -----------------------------------------------------------------------------

/// Payments of all transactions between the API and the mempool, those in admission included. When
/// the intake is full, clients are told to come back. A payment takes 40 bytes and a transaction
/// some 300 more, so the intake takes at most 22 MB.
pub const INTAKE_PAYMENTS_MAX: usize = 65_536;
/// Transactions between the API and admission. When the queue is full, clients are told to come
/// back.
pub const ADMISSION_QUEUE: usize = 16_384;
/// Transactions of one connection between the API and admission: four of the largest requests.
pub const LANE_QUEUE_MAX: usize = 4_096;
/// Transactions that admission takes from one connection before it takes from the next one. One
/// that has sent no valid signature yet gets no more in a turn.
pub const LANE_TURN_MAX: usize = 64;
/// Wrong signatures of one connection within `WRONG_SIGNATURES_PERIOD`, after which its
/// transactions are refused until the period is over, without verifying them.
pub const WRONG_SIGNATURES_MAX: u32 = 32;
pub const WRONG_SIGNATURES_PERIOD: Duration = Duration::from_secs(10);
/// Connections whose signatures are remembered. When there are more, all are forgotten.
pub const LANES_REMEMBERED_MAX: usize = 8_192;
/// Transactions whose signatures are verified together.
pub const ADMISSION_BATCH_MAX: usize = 1_024;
/// Decoded public keys that admission keeps for later signatures: about 170 bytes each.
pub const DECODED_KEYS_MAX: usize = 65_536;
/// Transactions between admission and the mempool.
pub const ORDERING_QUEUE: usize = 16_384;
/// Refused transactions, and transactions that are not durable yet, whose state the API remembers.
pub const TRACKED_TRANSACTIONS_MAX: usize = 131_072;

// --- Mempool -------------------------------------------------------------------------------

/// Payments of ready transactions, of all owners: 16 full batches, at most 22 MB.
pub const READY_PAYMENTS_MAX: usize = 65_536;
/// Payments of held transactions, of all owners. `READY_PAYMENTS_MAX` does not count them.
pub const HELD_PAYMENTS_MAX: usize = 32_768;
/// Payments of one owner's transactions, ready and held, over all its slots: about a full batch.
pub const WAITING_PAYMENTS_PER_OWNER_MAX: usize = 4_096;
/// Payments of one owner's held transactions, over all its slots: an array of the most transactions
/// that one request may send, or the largest transfer.
pub const HELD_PAYMENTS_PER_OWNER_MAX: usize = 1_024;
/// How far a transaction's nonce may exceed the slot's nonce. A transaction with a larger nonce is
/// refused rather than held.
pub const NONCE_GAP_MAX: u32 = 2_048;
/// How long a transaction is held for the nonces before it.
pub const HOLD_TIMEOUT: Duration = Duration::from_secs(60);
/// Clients that wait for one and the same transaction.
pub const WAITERS_PER_TRANSACTION_MAX: usize = 4;

// --- Ordering and execution ----------------------------------------------------------------

/// Lists of L1's requests between the inbox and ordering.
pub const INBOX_QUEUE: usize = 1;
/// Commands that wait for ordering.
pub const COMMAND_QUEUE: usize = 1_024;
/// Transactions that ordering takes into the mempool at most before it makes the next block.
pub const ENTRIES_PER_TURN_MAX: usize = 4_096;
/// Transactions executed last whose ids the engine remembers: more than are executed and not yet
/// durable.
pub const EXECUTED_IDS_MAX: usize = 65_536;
/// How often ordering looks at the clock when nothing else happens.
pub const ORDERING_INTERVAL: Duration = Duration::from_millis(50);
/// Batches closed and not yet sealed beyond which ordering waits for sealing.
pub const UNSEALED_BATCHES_MAX: u64 = 256;
/// Batches closed and not yet final at which ordering opens no further batch, unless the operator
/// says otherwise. Each such batch keeps its witness and its proofs, some 5 MB. Proving so many
/// batches takes 17 hours on two cores.
pub const NOT_FINAL_BATCHES_DEFAULT: u64 = 256;
/// How far a batch's time may be ahead of L1's: the contract's `MAX_CLOCK_LEAD`.
pub const BATCH_LEAD_MAX: Duration = Duration::from_secs(15 * 60);
/// How far this machine's clock may be ahead of L1's when a batch is opened: well below
/// `BATCH_LEAD_MAX`.
pub const CLOCK_LEAD_MAX: Duration = Duration::from_secs(5 * 60);
/// How often the operator's balance on L1 is read.
pub const OPERATOR_ACCOUNT_INTERVAL: Duration = Duration::from_secs(15);
/// Batches below which the operator's account counts as low.
pub const OPERATOR_BATCHES_LOW: u64 = 20;
/// How often L1 is asked for its time.
pub const L1_CLOCK_INTERVAL: Duration = Duration::from_secs(2);
/// How often the contract's list of tokens is read.
pub const TOKENS_INTERVAL: Duration = Duration::from_secs(60);
/// Tokens of the list that are shown.
pub const TOKENS_LISTED_MAX: u16 = 1_024;
/// How often requests are looked for that are not confirmed yet.
pub const UNCONFIRMED_INTERVAL: Duration = Duration::from_secs(2);
/// Requests of L1 that one block takes at most.
pub const REQUESTS_PER_BLOCK_MAX: usize = 256;
/// How often the inbox table is read.
pub const INBOX_INTERVAL: Duration = Duration::from_millis(100);
/// Data words that a batch keeps free for its end: for each of four pots, a word to open a slot and
/// a word to collect the fees.
pub const CLOSING_DATA_WORDS: usize = 8;
/// Effects of the smallest block that is applied in partitions. Sharing out a smaller block costs
/// more than its threads save (docs/decisions/0002-blocks.md).
pub const PARALLEL_EFFECTS_MIN: usize = 32_768;

// --- Log -----------------------------------------------------------------------------------

/// Executed blocks that wait for the log. When the queue is full, ordering waits and the next block
/// grows. The queue is short, so that one block contains the transactions that arrived while the
/// disk was busy.
pub const LOG_QUEUE: usize = 2;
/// Blocks that one commit makes durable at most.
pub const BLOCKS_PER_COMMIT_MAX: usize = 8;
/// Blocks that are read at a time when the log is run or indexed again.
pub const BLOCKS_PER_READ_MAX: u32 = 64;
/// Connections that read.
pub const READ_CONNECTIONS_MAX: u32 = 4;
/// How long a connection to the database waits for another's lock before it gives up. Two such
/// waits are shorter than `ACKNOWLEDGEMENT_TIMEOUT`: the log may wait behind another writer that
/// waits too, and still fails before its clients stop waiting. Those clients are told that the
/// outcome is not known, never that their transaction is on its way.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(4);

// --- Derived from the log ------------------------------------------------------------------

/// Places of transactions and movements in memory that are written to disk as one run: those of
/// 65,536 transfers to one recipient each.
pub const INDEX_RUN_RECORDS: usize = 196_608;
/// Places in memory beyond which the log waits until a run is written: some 60 MB.
pub const INDEX_RECENT_RECORDS_MAX: usize = 4 * INDEX_RUN_RECORDS;
/// Transactions in one row of what waits to be executed again: about 1 MB.
pub const AGAIN_PER_ROW: usize = 1_024;
/// Slots in one row of a rebuilt database's base: 2.5 MB.
pub const BASE_SLOTS_PER_ROW: usize = 65_536;
/// Entries after which the slots are written as a snapshot, if there are no more slots than that: a
/// start runs as many entries again in less than a second.
pub const SNAPSHOT_ENTRIES_MIN: u64 = 262_144;
/// Snapshots that wait to be written.
pub const SNAPSHOT_QUEUE: usize = 1;
/// Bytes of bodies in one archive file, and the blocks of one file. Archiving keeps one file in
/// memory, and reading one block of a file reads little of the file.
pub const ARCHIVE_FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
pub const ARCHIVE_FILE_BLOCKS_MAX: usize = 65_536;
/// Archived blocks whose rows one database transaction deletes.
pub const ARCHIVED_PER_TRANSACTION_MAX: usize = 4_096;
/// Witnesses in memory, each some 5 MB.
pub const WITNESSES_KEPT: usize = 8;

// --- Sealing and jobs ----------------------------------------------------------------------

/// By how much the threads of sealing are nicer than the others, of 19: they get a tenth of a
/// processor that both want.
pub const SEALING_NICENESS: i32 = 10;
/// Batches between two parts of sealing.
pub const SEALING_QUEUE: usize = 1;
/// How often sealing looks for a closed batch when no new block wakes it.
pub const SEALING_INTERVAL: Duration = Duration::from_secs(1);
/// How long a fee quote is honoured.
pub const QUOTE_LIFETIME: Duration = Duration::from_secs(60);
/// How long a lease lasts without a heartbeat, unless the operator says otherwise.
pub const LEASE_LIFETIME_DEFAULT: Duration = Duration::from_secs(30);
/// Failures, invalid proofs included, after which a job is quarantined.
pub const JOB_FAILURES_MAX: u32 = 5;
/// Lapses of leases after which a job is quarantined. A killed worker says nothing about its job,
/// so the limit is high; but a job that crashes every worker must stop being handed out.
pub const JOB_LAPSES_MAX: u32 = 64;
/// Bytes of a worker's name and of the reason it gives for a failure.
pub const WORKER_TEXT_BYTES_MAX: usize = 256;
/// How many times within the lifetime of a lease the sequencer looks for lapsed leases.
pub const SWEEPS_PER_LEASE: u32 = 6;
/// Proofs of workers that are verified at one time; more wait for their turn.
pub const VERIFICATIONS_MAX: usize = 4;
/// Quarantined jobs that the status lists. The status counts all of them.
pub const QUARANTINED_SHOWN_MAX: u32 = 16;
/// The newest finalised batches whose witness can be made again, and whose words, proofs and L1
/// transaction are kept, to prove or send a batch again if L1 forgets it. Of older batches, the
/// blocks, the row and the final proof are kept.
pub const FINALISED_WITNESSES_KEPT: u64 = 16;

/// How long a start waits for the process that uses the database to end, and how often it looks.
pub const LEADER_LOCK_PATIENCE: Duration = Duration::from_secs(3);
pub const LEADER_LOCK_INTERVAL: Duration = Duration::from_millis(20);
/// How often a leader on PostgreSQL tells the server that it is there.
pub const LEADER_HEARTBEAT: Duration = Duration::from_secs(1);
/// How long such a leader may say nothing before the server gives its turn away.
pub const LEADER_SILENCE_MAX: Duration = Duration::from_secs(4);
/// How long a transaction on PostgreSQL may wait for its process before the server ends it. The
/// next leader waits for it, so this is shorter than `BUSY_TIMEOUT`.
pub const TRANSACTION_SILENCE_MAX: Duration = Duration::from_secs(3);
/// How often a follower looks for new blocks, and whether it is its turn to lead.
pub const FOLLOW_INTERVAL: Duration = Duration::from_millis(250);

const _: () = assert!(ACKNOWLEDGEMENT_TIMEOUT.as_secs() < REQUEST_TIMEOUT.as_secs());
const _: () = assert!(2 * BUSY_TIMEOUT.as_secs() < ACKNOWLEDGEMENT_TIMEOUT.as_secs());
const _: () =
    assert!(SHUTDOWN_TIMEOUT.as_secs() + 2 * BUSY_TIMEOUT.as_secs() < STOP_TIMEOUT.as_secs());
const _: () = assert!(TRANSACTION_SILENCE_MAX.as_millis() < BUSY_TIMEOUT.as_millis());
const _: () = assert!(2 * LEADER_HEARTBEAT.as_millis() < LEADER_SILENCE_MAX.as_millis());
const _: () = assert!(TRANSFER_PATIENCE.as_secs() < REQUEST_TIMEOUT.as_secs());
const _: () = assert!(PATH_PATIENCE.as_secs() < REQUEST_TIMEOUT.as_secs());
const _: () = assert!(HISTORY_READS_MAX < READ_CONNECTIONS_MAX as usize);
const _: () = assert!(CONNECTIONS_PER_ADDRESS_DEFAULT < EVENT_SUBSCRIBERS_MAX);
const _: () = assert!((EVENTS_SKIPPED_MAX as usize) < EVENTS_KEPT);
const _: () = assert!(EVENT_SUBSCRIBERS_MAX < CONNECTIONS_MAX);
const _: () = assert!(TRANSACTIONS_PER_REQUEST_MAX <= ADMISSION_QUEUE);
const _: () = assert!(WAITING_PAYMENTS_PER_OWNER_MAX < READY_PAYMENTS_MAX);
const _: () = assert!(HELD_PAYMENTS_PER_OWNER_MAX < HELD_PAYMENTS_MAX);
const _: () = assert!(PAYMENTS_MAX <= HELD_PAYMENTS_PER_OWNER_MAX);
// The shortest payment in JSON has some 70 bytes, so the largest request fits into an empty intake.
const _: () = assert!(BODY_BYTES_MAX / 64 <= INTAKE_PAYMENTS_MAX);

// --- L1 ------------------------------------------------------------------------------------

/// How long one request to the L1 node may take.
pub const L1_CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// How long every L1 node may be silent before the process ends.
pub const L1_OUTAGE_MAX: Duration = Duration::from_secs(15 * 60);
/// How long a start waits for L1 before it serves what the database has, without a comparison.
pub const L1_START_PATIENCE: Duration = Duration::from_secs(5);
/// L1 blocks by which a node may be behind another one that answers. A node further behind is not
/// asked: on Ethereum, two minutes.
pub const L1_BEHIND_MAX: u64 = 10;
/// How often every one of several L1 nodes is asked how far it is.
pub const L1_PROBE_INTERVAL: Duration = Duration::from_secs(15);
/// The first pause before a request is repeated; each later pause is twice as long.
pub const L1_PAUSE_MIN: Duration = Duration::from_millis(250);
/// The longest such pause.
pub const L1_PAUSE_MAX: Duration = Duration::from_secs(8);
/// How often L1 is asked for something new.
pub const L1_POLL_INTERVAL: Duration = Duration::from_millis(500);
/// L1 blocks whose events are requested at once: nodes limit the size of their answers.
pub const L1_BLOCKS_PER_QUERY_MAX: u64 = 1_000;
/// Batches that are sent to L1 without waiting for each other. Nodes keep at most 16 transactions
/// with blobs of one account.
pub const SUBMISSIONS_IN_FLIGHT_MAX: u64 = 8;
/// L1 blocks that may be mined without a submission before its fee is raised.
pub const SUBMISSION_PATIENCE_BLOCKS: u64 = 5;
/// Submissions of one batch that may fail on L1 before the process ends.
pub const SUBMISSION_FAILURES_MAX: usize = 3;
/// The highest fee that a submission may offer, in wei per gas: 500 gwei.
pub const SUBMISSION_FEE_MAX: u128 = 500_000_000_000;
/// The highest fee of a replacement, as a multiple of the fee that the node estimates: a submission
/// that offers so much is not waiting for want of a fee.
pub const SUBMISSION_ABOVE_MARKET_MAX: u128 = 8;
/// The least fee of a replacement, in percent of the replaced fee; nodes refuse less than 110.
pub const SUBMISSION_BUMP_PERCENT: u128 = 125;
/// The same for blob gas.
pub const SUBMISSION_BLOB_FEE_MAX: u128 = 500_000_000_000;
/// What a submission offers for blob gas, in percent of the fee of L1's newest block: the fee rises
/// by an eighth a block at most, so the offer is enough for five blocks.
pub const SUBMISSION_BLOB_FEE_PERCENT: u128 = 200;
/// The least that a submission offers for blob gas: 1 gwei, at most 0.0001 ether a blob.
pub const SUBMISSION_BLOB_FEE_MIN: u128 = 1_000_000_000;
/// The least fees of a replacement with blobs, in percent: nodes ask for twice each fee.
pub const SUBMISSION_BLOBS_BUMP_PERCENT: u128 = 200;
/// The gas limit of a submission, in percent of the gas that the node estimates.
pub const SUBMISSION_GAS_PERCENT: u64 = 120;
