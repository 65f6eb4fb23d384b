-- The blobs of batches that another database has sealed, as they were read and checked when this
-- one was made from L1: the words of each, without the zeros that fill it up. A blob is named by its
-- content, so a row of a reading that was interrupted is as good as any other.
CREATE TABLE kept_blobs (
    versioned_hash  BYTEA PRIMARY KEY CHECK (octet_length(versioned_hash) = 32),
    words           BYTEA NOT NULL CHECK (octet_length(words) % 32 = 0)
);
