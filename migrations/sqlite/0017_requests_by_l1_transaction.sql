-- The requests of an L1 transaction, for whoever has only its hash, and the batch of a request.
CREATE INDEX requests_by_l1_transaction ON requests (l1_transaction);
CREATE INDEX batches_by_first_request ON batches (first_request, number);
