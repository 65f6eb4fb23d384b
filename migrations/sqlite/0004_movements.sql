-- What moved the balance of a slot: the history of an account, read a page at a time, the newest
-- first. One row for each entry of the log that takes from a slot or gives to it, written with its
-- block. It repeats what the blocks' bodies say, because a body cannot be searched.
CREATE TABLE movements (
    slot         INTEGER NOT NULL,
    block        INTEGER NOT NULL,
    -- The index of the entry among the block's.
    entry        INTEGER NOT NULL,
    kind         TEXT NOT NULL
                 CHECK (kind IN ('sent', 'received', 'withdrawn', 'deposited', 'exited')),
    -- NULL for an exit, which takes whatever the slot holds.
    amount       INTEGER,
    fee          INTEGER,
    -- How many recipients a payment has.
    payments     INTEGER,
    -- The slot on the other side, where there is exactly one.
    other_slot   INTEGER,
    -- Where a withdrawal goes on L1.
    recipient    BLOB CHECK (length(recipient) = 20),
    -- What caused it: a signed transaction or a request of L1.
    id           BLOB CHECK (length(id) = 32),
    request      INTEGER,
    CHECK ((kind = 'exited') = (amount IS NULL)),
    CHECK ((kind IN ('sent', 'withdrawn')) = (fee IS NOT NULL)),
    CHECK ((kind IN ('deposited', 'exited')) = (request IS NOT NULL)),
    CHECK ((id IS NULL) = (request IS NOT NULL)),
    PRIMARY KEY (slot, block, entry)
) STRICT, WITHOUT ROWID;
