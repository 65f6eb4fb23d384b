-- Proving work. A worker holds a job while its lease lasts; `attempt` is the fencing token: an
-- answer that carries an older one is refused. Only the database's caller reads the clock.
CREATE TABLE jobs (
    id              INTEGER PRIMARY KEY,
    batch           INTEGER NOT NULL REFERENCES batches (number),
    step            TEXT NOT NULL,
    -- The last step of its batch: its proof is the one that goes to L1.
    final           INTEGER NOT NULL CHECK (final IN (0, 1)),
    state           TEXT NOT NULL
                    CHECK (state IN ('waiting', 'ready', 'leased', 'done', 'quarantined')),
    -- Steps it needs that are not done.
    waits_for       INTEGER NOT NULL CHECK (waits_for >= 0),
    attempt         INTEGER NOT NULL DEFAULT 0,
    -- Attempts that failed since the job was last put into the queue, and those whose worker
    -- vanished: a machine that dies says nothing about the job.
    failures        INTEGER NOT NULL DEFAULT 0,
    lapses          INTEGER NOT NULL DEFAULT 0,
    worker          TEXT,
    -- When it was last leased: how long its proof took.
    leased_ms       INTEGER,
    lease_until_ms  INTEGER,
    failure         TEXT,
    proof           BLOB,
    done_ms         INTEGER,
    UNIQUE (batch, step),
    CHECK ((state = 'leased') = (lease_until_ms IS NOT NULL)),
    CHECK ((state = 'done') = (proof IS NOT NULL))
) STRICT;
-- Also the oldest ready one: within a state, SQLite orders by id.
CREATE INDEX jobs_by_state ON jobs (state);
CREATE INDEX jobs_leased ON jobs (lease_until_ms) WHERE state = 'leased';

-- Whose proofs a step takes as inputs, in order.
CREATE TABLE job_needs (
    job       INTEGER NOT NULL REFERENCES jobs (id),
    position  INTEGER NOT NULL,
    needs     INTEGER NOT NULL REFERENCES jobs (id),
    PRIMARY KEY (job, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_needs_by_need ON job_needs (needs);

-- The oldest batch of a state, without reading all that are final.
CREATE INDEX batches_by_state ON batches (state, number);
