//! The server through its public doors: real TLS on loopback, a made-up desk and a clock that can be moved.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    missing_docs,
    unreachable_pub,
    reason = "a test may fail loudly and explains itself"
)]

mod admin;
mod alerts;
mod announce;
mod arrangement;
mod attacks;
mod audit;
mod boards;
mod browser;
mod choices;
mod confinement;
mod crash;
mod desk;
mod endless;
mod farewell;
mod files;
mod headers;
mod input;
mod keys;
mod links;
mod made_up;
mod on_call;
mod one_time;
mod openapi;
mod operation;
mod pages;
mod pairings;
mod panics;
mod plain;
mod proxies;
mod rules;
mod settings;
mod shares;
mod stage;
mod stick;
mod streams;
mod tls;
mod tracker;
mod updates;
mod viewers;
mod web;
mod whole;
mod words;
