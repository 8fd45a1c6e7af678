//! The one way out of the server, to desks, calendars, webhooks and whatever else an administrator names.
//!
//! An address that somebody typed may lead anywhere: to this host, to a cloud's metadata, or to a name that changes its
//! mind between check and use (server-side request forgery, CWE-918). So a [`Destination`] is a URL that was judged by a
//! [`Policy`], a [`Client`] resolves its name once, judges what comes out, and connects to those very addresses; it
//! follows no redirects, uses no proxy of the environment, and bounds size, time and kind of what it reads.
//!
//! Of the server, only this crate depends on an HTTP client (`deny.toml` sees to that), and nothing else may connect to
//! anybody by TCP or speak HTTP as a client (`clippy.toml`), so there is no way around it. The server's own process cannot
//! even try: see `server::confinement`.

mod address;
mod client;
mod destination;
mod policy;
mod resolve;

pub use address::{Kind, Special, kind};
pub use client::{Answer, Client, Failure, Limits, Unusable};
pub use destination::Destination;
pub use policy::{Policy, Refusal};
pub use reqwest::dns::{Addrs, Name, Resolve, Resolving};
