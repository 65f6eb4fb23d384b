-- The batch of an L1 transaction, for whoever has only the transaction's hash.
CREATE INDEX batches_by_l1_transaction ON batches (l1_transaction);
