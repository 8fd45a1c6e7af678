//! Applies a connection's credential to a request without ever holding a durable one.
//!
//! A [`Broker`] is the door to the process that holds the credentials: an HTTP server on a Unix socket.
//! A [`Connection`] reads from one provider through the Broker's signing proxy, which adds the
//! credential; nothing secret ever comes out of it. It retries what is worth retrying, with
//! backoff and full jitter, and tells its caller apart what is not.
//!
//! What an administrator types passes once, on its way in ([`Broker::connect`], [`Broker::set_secret`]).

mod broker;
mod connection;
mod error;
mod one_time;
mod patience;
mod response;
mod session_key;
mod wire;
mod write;

pub use broker::{Broker, Delivered, Health, Listed, Webhook};
pub use connection::Connection;
pub use error::Error;
pub use patience::{Outcome, Patience, Streak};
pub use response::Response;
pub use write::{KnownSecret, Wanted};
