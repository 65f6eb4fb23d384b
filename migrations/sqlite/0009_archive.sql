-- Blocks of batches that are final for long may be moved to archive files. A batch then names blocks
-- that have no row, so the columns first_block and last_block lose their REFERENCES. SQLite takes a
-- constraint away only with the table: batches, of which there are few, are copied. The references to
-- batches are checked at the end of the transaction, when the table is there again.
PRAGMA defer_foreign_keys = ON;
CREATE TABLE batches_before AS SELECT * FROM batches;
DROP TABLE batches;
CREATE TABLE batches (
    number          INTEGER PRIMARY KEY CHECK (number > 0),
    state           TEXT NOT NULL CHECK (state IN ('sealed', 'proven', 'submitted', 'finalised')),
    timestamp       INTEGER NOT NULL,
    first_block     INTEGER NOT NULL,
    last_block      INTEGER NOT NULL,
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
    data_mode       TEXT NOT NULL,
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
INSERT INTO batches (number, state, timestamp, first_block, last_block, first_request, requests,
    transactions, entries, data_words, l1_words, pre_state, post_state, post_root, next_slot,
    data_mode, sealed_ms, proven_ms, submitted_ms, finalised_ms, public_inputs, l1_transaction,
    l1_block, gas_used)
SELECT number, state, timestamp, first_block, last_block, first_request, requests,
    transactions, entries, data_words, l1_words, pre_state, post_state, post_root, next_slot,
    data_mode, sealed_ms, proven_ms, submitted_ms, finalised_ms, public_inputs, l1_transaction,
    l1_block, gas_used
FROM batches_before;
DROP TABLE batches_before;
-- The oldest batch of a state, without reading all that are final.
CREATE INDEX batches_by_state ON batches (state, number);
-- The batch of an archived block, whose row is gone.
CREATE INDEX batches_by_last_block ON batches (last_block);

-- The archive files, about consecutive blocks from the first block on. A row is written together
-- with the first deletion of blocks that the file has.
CREATE TABLE archived (
    first_block  INTEGER PRIMARY KEY CHECK (first_block > 0),
    last_block   INTEGER NOT NULL,
    -- The last bytes of the file: another file under the same name is refused.
    checksum     BLOB NOT NULL CHECK (length(checksum) = 32),
    -- Where the file was written, to be shown to a person who looks for the file.
    folder       TEXT NOT NULL,
    CHECK (last_block >= first_block)
) STRICT;
