//! The device daemon of a stick: finds the server, pairs by a one-time code, keeps sessions alive and tells the TV
//! what to say.
//!
//! The rules are in [`core`], a state machine without I/O and with a made-up clock; [`clock`] and
//! [`takeover`] are plain functions too. Around them are the edges: [`connection`] (HTTP over TLS), [`folder`] (what survives a power
//! cut), [`discovery`] (who says in the network that he is a server), [`network`] and [`hardware`] (what this machine is
//! and has), [`machine`] (what it shall be), [`setup`] (`nexus.toml` as a file), [`socket`] (the TV's end), and [`run`],
//! which joins them. Beside them, each with rules of its own, [`update`] follows updates, and [`command`] what
//! administrators want of the screen.
//!
//! Two decisions that the rules leave open:
//!
//! - A screen that was **removed** says so for [`core::REMOVED_FOR`] and then shows a new code, under a new device
//!   key. A restart shows the code at once.
//! - `nexus.toml` names the server, or else the pairing does, or else it is looked for. A stored pairing counts for the
//!   address it was made with: another address in `nexus.toml` means that the operator wants another server, and the
//!   screen pairs with it.

pub mod clock;
pub mod command;
pub mod connection;
pub mod core;
pub mod discovery;
pub mod folder;
pub mod hardware;
pub mod machine;
pub mod network;
pub mod run;
pub mod setup;
pub mod socket;
pub mod takeover;
pub mod trust;
pub mod update;
mod watchdog;
