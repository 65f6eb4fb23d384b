//! The program as its users see it, whole rollups as processes, and the rules of the house.

#[expect(dead_code, reason = "the sequencer's own tests use the rest")]
#[path = "../../../sequencer/tests/it/rollup.rs"]
mod rollup;

#[expect(dead_code, reason = "the sequencer's own tests use the rest")]
#[path = "../../../sequencer/tests/it/database.rs"]
mod database;

#[expect(dead_code, reason = "the sequencer's own tests use the rest")]
#[path = "../../../sequencer/tests/it/postgres/server/mod.rs"]
mod postgres;

#[expect(dead_code, reason = "the sequencer's own tests use the rest")]
#[path = "../../../sequencer/tests/it/l1/anvil.rs"]
mod anvil;

mod archive;
mod ceremony;
mod deploy;
mod house;
mod keys;
mod listed_token;
mod logging;
mod processes;
mod refusals;
mod wallet;
mod workers;
