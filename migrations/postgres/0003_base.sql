-- A database that was rebuilt from L1 has no log before the batch up to which L1 was read: the log
-- begins after `block`, on the slots after `batch`. A database without a row has its whole log.
CREATE TABLE base (
    one    BIGINT PRIMARY KEY CHECK (one = 1),
    batch  BIGINT NOT NULL CHECK (batch >= 0),
    block  BIGINT NOT NULL CHECK (block >= 0)
);

-- The slots after that batch, in order: owner 24 bytes, token 2, balance 8, nonce 4, big-endian.
CREATE TABLE base_slots (
    part   BIGINT PRIMARY KEY CHECK (part >= 0),
    slots  BYTEA NOT NULL CHECK (octet_length(slots) % 38 = 0)
);
