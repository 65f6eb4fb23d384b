-- What another database had acknowledged and L1 does not have: it is executed again on this one, and
-- deleted then. JSON lists of signed transactions, in order, each beside the number of requests of L1
-- that the other log had consumed, which payments may spend.
CREATE TABLE again (
    part          INTEGER PRIMARY KEY CHECK (part >= 0),
    requests      INTEGER NOT NULL CHECK (requests >= 0),
    transactions  BLOB NOT NULL
) STRICT;
