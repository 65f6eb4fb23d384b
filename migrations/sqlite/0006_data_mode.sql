-- How the data words of a batch travel to L1. Until now there was one way. Which names there are, the
-- program says and not a CHECK: SQLite could not take another name into it without writing the table
-- anew.
ALTER TABLE batches ADD COLUMN data_mode TEXT NOT NULL DEFAULT 'calldata';
