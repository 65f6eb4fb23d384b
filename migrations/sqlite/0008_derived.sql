-- The log is apart from what can be derived from it. The places of transactions and movements, the
-- slots after a batch and the witnesses of batches are made from the blocks and kept in files beside
-- the database, or in memory: an acknowledgement waits for the row of its block and nothing else.
DROP INDEX blocks_by_batch;
DROP TABLE transactions;
DROP TABLE movements;
DROP TABLE slots;
DROP TABLE witnesses;

-- What a batch publishes on L1 beside the values in its row: large, read by the submission and by
-- people who ask for words, and therefore not in the row.
CREATE TABLE published (
    batch       INTEGER PRIMARY KEY REFERENCES batches (number),
    chains      BLOB NOT NULL CHECK (length(chains) = 32),
    data_words  BLOB NOT NULL CHECK (length(data_words) % 32 = 0),
    l1_words    BLOB NOT NULL CHECK (length(l1_words) % 32 = 0)
) STRICT;
