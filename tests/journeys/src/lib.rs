//! What journeys are made of: a server, sticks, a cable between them, an administrator and a real helpdesk.
//!
//! A journey starts the programs that `scripts/test` has built, and looks at nothing but what people see: the
//! wall, the admin pages, the helpdesk's own interface.
#![allow(clippy::expect_used, clippy::missing_panics_doc, reason = "this is test code: a panic is a failed journey")]
#![allow(clippy::disallowed_methods, reason = "a cable leads on to a server of the journey")]
#![allow(clippy::print_stderr, reason = "a failed journey shows what the programs printed")]

pub mod admin;
pub mod cable;
pub mod clock;
pub mod picture;
pub mod process;
pub mod server;
pub mod stick;
pub mod tracker;
pub mod unchecked;
