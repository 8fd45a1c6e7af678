//! What is asked and what is not, with a real DNS server, real TLS, and servers that behave badly.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail loudly")]

mod addresses;
mod corpus;
mod limits;
mod names;
