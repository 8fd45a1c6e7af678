//! How a device and a server come to know each other, by one-time code or by [access link](link), and the device
//! sessions that follow, with the [rotation] of the device's key; both ends of it. No I/O.
//!
//! A person types a short code from the screen into the admin interface, and both ends know each other, even on a
//! hostile LAN, with a self-signed server or behind a reverse proxy. Everything here is a function of (state, message,
//! now); the clock is handed in as [`std::time::Instant`], randomness as [`Entropy`].
//!
//! # The order of the exchange
//!
//! ```text
//! TV/agent (device)                          server                                admin
//!    │  device::Opening::new                    │                                     │
//!    ├─ Create {device key, PAKE A, what} ─────►│ Registry::create                    │
//!    │◄─ Created {pairing id, nameplate} ───────┤   (10 minutes; 3 per address, 1000) │
//!    │  Opening::created → Open; shows code     │                                     │
//!    ├─ poll ──────────────────────────────────►│                                     │
//!    │◄─ Outcome::Waiting ──────────────────────┤◄───────────── types the code ───────┤
//!    │                                          │ Registry::answer: completes the PAKE│
//!    │                                          │   (30 seconds from here)            │
//!    ├─ poll ──────────────────────────────────►│                                     │
//!    │◄─ Outcome::Answered {PAKE B, tag, sealed}┤                                     │
//!    │  Open::answered checks the tag           │                                     │
//!    │  Offered::check: does the connection in  │                                     │
//!    │    use verify against the anchor?        │                                     │
//!    ├─ Verdict::Confirmed {tag, signature} ───►│ Registry::verdict checks both       │
//!    │  shows two digits                        ├───────────── shows two digits ─────►│
//!    │                                          │◄──────────── they are the same ─────┤
//!    │                                          │ Registry::approve → Registration,   │
//!    │                                          │   stored, Registry::registered      │
//!    ├─ poll ──────────────────────────────────►│                                     │
//!    │◄─ Outcome::Registered {device} ──────────┤                                     │
//! ```
//!
//! The server speaks first because the admin's guess must be spent whether or not the device likes it. The digits
//! come after the device's confirmation: before that, the server does not know that both ends hold one key, and
//! the admin would compare noise. Nothing is registered before all of: tag, signature, admin. From the verdict on,
//! the device speaks over TLS that is verified strictly against the anchor.
//!
//! A wrong code makes the server's tag wrong. The device then answers [`message::Verdict::Refused`] with a random
//! tag and shows a new code. A device that refuses because of an untrusted connection sends the same message with
//! a true tag: whoever does not hold the key cannot tell one from the other, so a guess buys one bit, once, and
//! the code is burned. [`message::Outcome::Closed`] carries no reason for the same cause.
//!
//! # Attacks, defences, and the tests that prove them
//!
//! | attack | defence | test (`tests/pairing/attacks.rs`) |
//! |---|---|---|
//! | TLS-terminating man in the middle | the anchor comes through the PAKE; the connection must verify against it | `a_man_in_the_middle_with_its_own_certificate_is_refused`; over real TLS in `agent` |
//! | guessing the code | one guess by a signed-in admin, then it is burned | `a_wrong_code_burns_the_nameplate` |
//! | learning from a refusal | all refusals look alike | `a_refusal_says_nothing_to_whoever_lacks_the_key` |
//! | replay of any message | fresh PAKE values, pairing id in the transcript, states that move one way | `a_replayed_…` |
//! | unknown key share | the device key is a PAKE identity, in the transcript, and signs | `a_stolen_create_with_another_key_registers_nobody`, `somebody_elses_key_cannot_be_registered` |
//! | reflection | the two sides have different roles, keys and labels | `a_reflected_…` |
//! | burning codes as a stranger | device calls need the pairing id, answers need an [`server::Admin`] | `a_stranger_cannot_burn_a_code` |
//! | tampering with description, nameplate, payload | all are in the transcript | `a_tampered_…`, `swapped_nameplates_register_nobody` |
//! | late answers | nameplates end after ten minutes, answers after 30 seconds | `an_expired_nameplate_…`, `silence_after_the_answer_…` |
//! | "please add our screen" | the admin compares two digits with the TV on the wall | `nothing_is_registered_before_the_admin_compared_the_digits` |

mod code;
pub mod device;
pub mod discovery;
mod entropy;
mod key;
pub mod link;
pub mod message;
mod pake;
pub mod rotation;
mod schedule;
pub mod server;
pub mod session;

pub use code::{Code, CodeError, Nameplate, Secret};
pub use entropy::{Entropy, Unavailable};
pub use key::{DeviceKey, KeyError, MachineKey, SealedKey};
pub use pake::{Pake, PakeError, Shared, Spake2};
pub use schedule::Digits;
