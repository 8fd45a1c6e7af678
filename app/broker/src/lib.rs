//! The process that keeps durable credentials and uses them on behalf of others.
//!
//! A connection (base address, strategy and credential) is sealed as one entry of the vault, so
//! nobody can send the credential to another host by changing a setting. Whoever wants to speak to
//! the provider asks the signing proxy on a Unix socket; the Broker adds the credential, sends the
//! request to the sealed address and to nothing else, and answers with what came back. No answer
//! ever carries a credential. Two secrets leave: the server's own key for the sessions of its viewers, which lies here so
//! that no backup of the server's files has it in the clear; and, once, a fresh key of one-time codes, to be shown.
//!
//! A [`Trial`] tries a connection, [`connect`] stores it, [`serve()`] is the process. A running Broker notices what `connect`
//! stored at the next request.
//!
//! # The wire
//!
//! HTTP/1.1 over a Unix socket of mode 0600, for peers of the same user; or for those of one other user that is named.
//!
//! | request | answer |
//! |---|---|
//! | `GET /health` | `{"status": "ok", "passphrase": true}` |
//! | `GET /connections` | `{"connections": [{"id", "base_url", "usable", "code"?, "message"?}]}` |
//! | `PUT /connections/{id}` with `{"address", "credential", "ca_certificate"?, "allow_in_clear"?}` | 204, once it was tried and stored |
//! | `POST /connections/{id}/trial` with the same | 204 where it works; nothing is stored |
//! | `POST /connections/{id}/test` | 204 where the stored one works |
//! | `DELETE /connections/{id}` | `{"removed": true}` |
//! | `GET /secrets` | `{"secrets": [{"name", "set"}]}`, all that there may be |
//! | `PUT /secrets/{name}` with `{"value"}` | 204, once it is stored |
//! | `DELETE /secrets/{name}` | `{"removed": true}` |
//! | `POST /session-key` | `{"key"}`, base64 of the server's key for sessions of viewers; drawn when first asked for |
//! | `POST /one-time-codes` | `{"key"}`, base32 of a fresh key for one-time codes, which counts once it is confirmed |
//! | `POST /one-time-codes/confirmation` with `{"code"}` | `{"valid"}` |
//! | `POST /one-time-codes/check` with `{"code", "spend"?}` | `{"valid"}`; a code that is spent is not valid again |
//! | `DELETE /one-time-codes` | `{"removed": true}` |
//! | `GET /connections/{id}/proxy/{path}?{query}` | status, `Content-Type`, `Date`, `ETag`, `Retry-After` and body of the provider |
//! | `GET /calendar` | the on-call calendar, without its own address in it |
//! | `GET /webhook` | `{"set": true, "revision"}`: which one, without where it leads |
//! | `POST /webhook/deliveries` with `Webhook-Id` | `{"status", "retry_after"?}` of the receiver, who got the body signed |
//!
//! An answer of the Broker itself, and never one of the provider, has the header
//! `Nexus-Broker-Error` with a code, and the body `{"code", "message"}`.

mod address;
mod api;
mod body;
mod calendar;
mod connection;
mod connections;
mod endpoint;
mod error;
mod one_time;
mod proxy;
mod secret;
mod secrets;
mod serve;
mod session_key;
mod store;
mod trial;
mod upstream;
mod webhook;

pub use address::BaseUrl;
pub use calendar::attempt_calendar;
pub use connection::{Connection, Id, Strategy};
pub use endpoint::Endpoint;
pub use error::Error;
pub use one_time::forget_one_time_codes;
pub use secret::Secret;
pub use serve::{Options, serve};
pub use store::{connect, disconnect, set_calendar, set_webhook};
pub use trial::{Trial, Verdict};
pub use upstream::Failure;
pub use webhook::{Delivered, SigningKey, attempt_webhook};
