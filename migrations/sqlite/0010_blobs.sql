-- What names a batch's data words on L1. NULL for the batches of older versions, whose words are
-- calldata, named by their hash.
ALTER TABLE batches ADD COLUMN data_reference BLOB CHECK (length(data_reference) = 32);
-- The blobs of batches whose data words are in blobs. Their content follows from the words in
-- `published`, which are kept for such batches: Ethereum forgets blobs after 18 days.
CREATE TABLE blobs (
    batch           INTEGER NOT NULL REFERENCES batches (number),
    position        INTEGER NOT NULL CHECK (position >= 0),
    versioned_hash  BLOB NOT NULL CHECK (length(versioned_hash) = 32),
    PRIMARY KEY (batch, position)
) STRICT;
CREATE INDEX blobs_by_hash ON blobs (versioned_hash);
