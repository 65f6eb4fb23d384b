-- A database that was rebuilt from L1 has no log before the batch up to which L1 was read: the log
-- begins after `block`, on the slots after `batch`. A database without a row has its whole log.
CREATE TABLE base (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    batch  INTEGER NOT NULL CHECK (batch >= 0),
    block  INTEGER NOT NULL CHECK (block >= 0)
) STRICT;

-- The slots after that batch, in order: owner 24 bytes, token 2, balance 8, nonce 4, big-endian.
CREATE TABLE base_slots (
    part   INTEGER PRIMARY KEY CHECK (part >= 0),
    slots  BLOB NOT NULL CHECK (length(slots) % 38 = 0)
) STRICT;
