//! What the command does to a data folder, and that no secret leaves it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    missing_docs,
    reason = "a test may fail loudly and explains itself"
)]

mod backup;
mod canaries;
mod customers;
mod isolation;
mod keys;
mod owner;
mod screen;
mod search;
mod serving;
mod stage;
