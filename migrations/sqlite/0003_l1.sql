-- What was read from L1 and what was sent there.

-- The contract's queue, in its order. The watcher inserts requests and moves its cursor in one
-- transaction; ordering takes them from the head.
CREATE TABLE requests (
    number          INTEGER PRIMARY KEY CHECK (number >= 0),
    kind            TEXT NOT NULL CHECK (kind IN ('deposit', 'exit')),
    owner           BLOB NOT NULL CHECK (length(owner) = 24),
    token           INTEGER,
    amount          INTEGER,
    slot            INTEGER,
    l1_block        INTEGER NOT NULL,
    l1_transaction  BLOB NOT NULL CHECK (length(l1_transaction) = 32),
    CHECK ((kind = 'deposit') = (token IS NOT NULL)),
    CHECK ((kind = 'deposit') = (amount IS NOT NULL)),
    CHECK ((kind = 'exit') = (slot IS NOT NULL))
) STRICT;

-- The newest L1 block whose requests are in the table above.
CREATE TABLE l1_cursor (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    block INTEGER NOT NULL,
    hash  BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- Signed L1 transactions, stored before they are sent. Several with one nonce are replacements.
-- Whether one of them is on L1 is not written here: the contract itself is asked.
CREATE TABLE submissions (
    hash            BLOB PRIMARY KEY CHECK (length(hash) = 32),
    batch           INTEGER NOT NULL REFERENCES batches (number),
    nonce           INTEGER NOT NULL,
    max_fee         BLOB NOT NULL CHECK (length(max_fee) = 16),
    raw             BLOB NOT NULL,
    created_ms      INTEGER NOT NULL,
    sent_ms         INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX submissions_by_batch ON submissions (batch, nonce);
