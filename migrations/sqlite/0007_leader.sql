-- Which sequencer may write. Each start takes the next epoch, and a write transaction that begins in
-- an older one is refused: a process that slept while another took over changes nothing.
CREATE TABLE leader (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    epoch  INTEGER NOT NULL CHECK (epoch >= 0)
) STRICT;
INSERT INTO leader (one, epoch) VALUES (1, 0);

-- Whether a start has given the lease a whole lifetime since its worker was last heard: one start
-- may, because the worker could not be heard meanwhile; a second one may not, or starts in quick
-- succession would keep the job of a dead worker for ever.
ALTER TABLE jobs ADD COLUMN extended INTEGER NOT NULL DEFAULT 0 CHECK (extended IN (0, 1));
