-- Bodies of blocks begin with the version of their format, one byte. All that were written without
-- it are of version 1 otherwise. Every body is rewritten once, in the transaction of this migration,
-- so that the program knows bodies with a version only; a log of 1 GB needs 2 GB more meanwhile.
-- SQLite's || gives text with the bytes of both: the cast makes a blob of them and changes none.
UPDATE blocks SET body = CAST(X'01' || body AS BLOB);
