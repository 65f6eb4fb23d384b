-- What a rollup must never lose. Amounts are L2 units below 2^62, so they fit SQLite's integers.
-- Digests, owners and addresses are blobs as the protocol encodes them. Times that end in _ms are
-- Unix milliseconds of this machine and decide nothing; a batch's timestamp is Unix seconds and is
-- part of the protocol.

-- Which rollup this file belongs to: a second one must not be mixed in.
CREATE TABLE rollup (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    chain_id    BLOB NOT NULL CHECK (length(chain_id) = 32),
    contract    BLOB NOT NULL CHECK (length(contract) = 20)
) STRICT;

-- The log. A block is acknowledged when its row is durable, and replayed from its body.
CREATE TABLE blocks (
    number        INTEGER PRIMARY KEY CHECK (number > 0),
    batch         INTEGER NOT NULL CHECK (batch > 0),
    timestamp     INTEGER NOT NULL,
    executed_ms   INTEGER NOT NULL,
    transactions  INTEGER NOT NULL,
    -- Why this block is the last of its batch; NULL while the batch is open.
    closes        TEXT CHECK (closes IN ('size', 'age', 'request')),
    body          BLOB NOT NULL
) STRICT;
CREATE INDEX blocks_by_batch ON blocks (batch, number);
CREATE UNIQUE INDEX one_last_block_of_a_batch ON blocks (batch) WHERE closes IS NOT NULL;

-- Where each transaction stands in the log.
CREATE TABLE transactions (
    id         BLOB PRIMARY KEY CHECK (length(id) = 32),
    block      INTEGER NOT NULL REFERENCES blocks (number),
    -- Its index among the block's transactions.
    position   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What L1 will see. Sealing writes the row, the slots and the jobs in one transaction.
CREATE TABLE batches (
    number          INTEGER PRIMARY KEY CHECK (number > 0),
    state           TEXT NOT NULL CHECK (state IN ('sealed', 'proven', 'submitted', 'finalised')),
    timestamp       INTEGER NOT NULL,
    first_block     INTEGER NOT NULL REFERENCES blocks (number),
    last_block      INTEGER NOT NULL REFERENCES blocks (number),
    first_request   INTEGER NOT NULL,
    requests        INTEGER NOT NULL,
    transactions    INTEGER NOT NULL,
    entries         INTEGER NOT NULL,
    data_words      INTEGER NOT NULL,
    l1_words        INTEGER NOT NULL,
    pre_state       BLOB NOT NULL CHECK (length(pre_state) = 32),
    post_state      BLOB NOT NULL CHECK (length(post_state) = 32),
    post_root       BLOB NOT NULL CHECK (length(post_root) = 32),
    next_slot       INTEGER NOT NULL,
    sealed_ms       INTEGER NOT NULL,
    proven_ms       INTEGER,
    submitted_ms    INTEGER,
    finalised_ms    INTEGER,
    -- What the proof is verified against on L1, 32 bytes each, in order.
    public_inputs   BLOB CHECK (length(public_inputs) % 32 = 0),
    l1_transaction  BLOB CHECK (length(l1_transaction) = 32),
    -- Where on L1 it is final, and what that has cost.
    l1_block        INTEGER,
    gas_used        INTEGER,
    CHECK (last_block >= first_block)
) STRICT;

-- The witness of a batch: large, read by provers only, and therefore not in the row above.
CREATE TABLE witnesses (
    batch  INTEGER PRIMARY KEY REFERENCES batches (number),
    body   BLOB NOT NULL
) STRICT;

-- The slots after the newest sealed batch: a restart begins here and replays the blocks after it.
CREATE TABLE slots (
    slot     INTEGER PRIMARY KEY CHECK (slot >= 0),
    owner    BLOB NOT NULL CHECK (length(owner) = 24),
    token    INTEGER NOT NULL,
    balance  INTEGER NOT NULL CHECK (balance >= 0),
    nonce    INTEGER NOT NULL
) STRICT;
