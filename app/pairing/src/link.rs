//! Access links: a device joins without a person, within what an admin set beforehand. Both ends of it.
//!
//! A link reads `https://host[:port]/s/<id>#<key>.<anchor hash>`. The id is public: the server finds the link by it.
//! The key, 256 random bits, is what counts; it stands behind the `#`, where nothing that follows a link ever sends
//! it, and the server keeps only a hash of it. The [anchor hash](AnchorHash) says which server is meant; a link
//! without one means whoever the public web's roots vouch for.
//!
//! ```text
//! device                                             server
//!    │  device::Holder                                  │ server::Issued (of the id)
//!    ├─ GET  /api/v1/anchor ───────────────────────────►│  only where the link has an anchor hash;
//!    │◄─ Anchor {certificates} ─────────────────────────┤  from anybody, but it must have that hash
//!    │  Holder::anchored → device::Ready                │
//!    ╞═ from here on over a connection that verifies against Ready::trust ═╡
//!    ├─ POST /api/v1/nonces ───────────────────────────►│
//!    │◄─ Fresh {nonce} ─────────────────────────────────┤
//!    ├─ POST /api/v1/links/{id}, Exchange ─────────────►│  server::judge → New or Again; a new one is stored
//!    │◄─ device::Paired ────────────────────────────────┤    together with the use that it takes
//!    │  Ready::joined: does the connection in use       │
//!    │    verify against the trust that was named?      │
//! ```
//!
//! Only a [`device::Ready`] can make an [`Exchange`], and there is none before it is settled what the connection must
//! verify against: a program cannot send the key to somebody else by mistake.
//!
//! The answer can be lost on its way. A device that asks again, with the same key pair and a fresh nonce, is told the
//! same once more and takes no second use.
//!
//! # Attacks, defences, and the tests that prove them
//!
//! | attack | defence | test (`tests/pairing/links.rs`) |
//! |---|---|---|
//! | man in the middle with a certificate of his own | the key is posted only over a connection that verifies against the hashed anchor | `a_foreign_anchor_gets_no_exchange`; over real TLS in `agent` |
//! | guessing a key | 256 random bits, compared in constant time; unknown links and wrong keys look alike | `a_wrong_key_and_an_unknown_link_are_told_apart_by_nobody` |
//! | replay of an exchange | the signature covers a nonce of the server, which is spent | `a_replayed_exchange_is_refused` |
//! | registering somebody else's key, or changing what the device says | the device key signs all of it | `a_tampered_exchange_is_refused` |
//! | using a link once more | each use is counted | `a_link_admits_as_many_devices_as_it_has_uses` |
//! | using a link that was found later | expiry, revocation | `an_expired_or_revoked_link_admits_nobody` |
//! | using a link from elsewhere | the networks that it is for | `a_link_admits_only_from_its_networks` |
//! | learning about links from refusals | the reason is told only to who holds the key | `a_wrong_key_and_an_unknown_link_are_told_apart_by_nobody` |
//! | reading the key in a log, a URL or a backup of the server | it travels in a body only, prints as nothing, and is stored as a hash | `a_key_is_not_printed` |

mod address;
pub mod device;
mod exchange;
mod secret;
pub mod server;

pub use address::{Address, AddressError};
pub use exchange::{Anchor, Exchange, Refusal};
pub use secret::{AnchorHash, Key, KeyHash};

use crate::message::Octets;

/// By which the server finds a link. Public.
pub type Id = Octets<9>;
