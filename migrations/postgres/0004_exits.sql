-- What each exit has paid, in L2 units, by the number of its request: the log does not say it. Of
-- batches that an earlier version has sealed there are no rows.
CREATE TABLE exits (
    request  BIGINT PRIMARY KEY CHECK (request >= 0),
    amount   BIGINT NOT NULL CHECK (amount >= 0)
);
