-- Where the balance of a slot moved: the index by which an account reads its history, the newest
-- first. One row for each entry of the log that takes from a slot or gives to it, written with its
-- block. What moved, the block's body says; a row that repeated it would cost five times as much to
-- write, in the one commit that everybody waits for.
CREATE TABLE movements (
    slot   INTEGER NOT NULL,
    block  INTEGER NOT NULL,
    -- The index of the entry among the block's.
    entry  INTEGER NOT NULL,
    PRIMARY KEY (slot, block, entry)
) STRICT, WITHOUT ROWID;
