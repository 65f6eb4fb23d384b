-- What each exit has paid, in L2 units, by the number of its request: the log does not say it. Of
-- batches that an earlier version has sealed there are no rows.
CREATE TABLE exits (
    request  INTEGER PRIMARY KEY CHECK (request >= 0),
    amount   INTEGER NOT NULL CHECK (amount >= 0)
) STRICT;
