-- The L1 account that made a request, which an exit pays. Of requests that an earlier version read
-- from L1 it is not known.
ALTER TABLE requests ADD COLUMN sender BYTEA CHECK (octet_length(sender) = 20);
