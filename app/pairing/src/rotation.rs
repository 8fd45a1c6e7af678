//! Rotation: a device replaces its key every month, so that a copied card does not stay a second screen for good. Both
//! ends of it.
//!
//! What seals the key lies on the same card, so a copied card is a copied device, and nobody can tell the two apart
//! until one of them replaces the key. From then on the other one holds a key of an earlier generation. Who asks for
//! anything under a key whose successor has been used shows that there are two, and the server suspends the screen.
//!
//! ```text
//! device                                                server
//!    │  device::Ring, generation n                         │ server::Keys, generation n
//!    │  Ring::granted: the key is a month old; the next    │
//!    │    one is drawn, and stored beside it               │
//!    ├─ POST /api/v1/nonces ──────────────────────────────►│
//!    │◄─ Fresh {nonce} ────────────────────────────────────┤
//!    ├─ POST /api/v1/keys, Rotation {n + 1, both sign} ───►│ Keys::rotate: the next key is stored;
//!    │◄─ Rotated ──────────────────────────────────────────┤   the present one still counts
//!    ├─ session under the next key ───────────────────────►│ Keys::session: the next key becomes the present one,
//!    │◄─ Token ────────────────────────────────────────────┤   and the one before is replaced; stored as one
//!    │  Ring::granted: the same here, stored               │
//!    ·                                                     ·
//!    │  the other device: session under a replaced key ───►│ Keys::session: Refusal::Copied
//! ```
//!
//! # What can be lost, and why nobody is locked out
//!
//! Between the drawing and the token under the next key, the device has both and tries the next one first. It falls back
//! to the present one only where the server says that it does not know the next one, and so has not replaced anything.
//!
//! | what is lost | the device holds | the server holds | what happens |
//! |---|---|---|---|
//! | power, before the next key is stored | n | n | another one is drawn |
//! | power after that, or the request | n and next | n | next is unknown, n holds; handed in again |
//! | the answer, or power after the request | n and next | n and next | next is tried, and taken |
//! | power at the server before it stored next | n and next | n | as where the request is lost |
//! | power at the server before it stored that next was used | n and next | n and next | as where the answer is lost |
//! | the token, or power before the device stored that it was given | n and next | n + 1 | next is tried, and holds |
//! | the server's last month: it was put back from a backup | n + 1, and n before it | n | n + 1 is unknown, n holds; handed in again |
//!
//! A request that was slow on its way proves nothing: what was asked for with a nonce from before the successor was
//! first used is only told to ask again.
//!
//! # Attacks, defences, and the tests that prove them
//!
//! | attack | defence | test (`tests/pairing/rotation.rs`) |
//! |---|---|---|
//! | a copied card as a second screen | generations | `a_copied_folder_is_noticed_whichever_of_the_two_rotates_first` |
//! | the same, and both rotate at once | the next key that is used first counts | `two_that_rotate_at_once_are_noticed` |
//! | the same, and the copy rotates until nobody remembers the first key | every replaced key is kept, and a day lies between two rotations | `replaced_keys_are_never_forgotten_and_a_day_lies_between_rotations` |
//! | replay of a rotation | a nonce of the server, which is spent | `a_replayed_rotation_changes_nothing` |
//! | a rotation by who holds no key, or half of what it takes | both keys sign all of it | `a_rotation_is_signed_by_both_keys`, `a_changed_rotation_is_refused` |
//! | an earlier generation handed in once more | it is as much a proof as a session is | `a_rolled_back_generation_gives_the_copy_away` |
//! | one screen's rotation for another | the screen, the device and the server are signed | `a_rotation_for_another_screen_or_server_is_refused` |
//! | a stranger who wants a screen suspended | nothing is judged before a signature and a fresh nonce | `a_stranger_and_a_replay_suspend_nobody` |

pub mod device;
pub mod server;

use ed25519_dalek::{Signature as Signed, VerifyingKey};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::message::{PublicKey, Signature, VERSION};
use crate::schedule;
use crate::session::Nonce;

/// Device → server, `POST /api/v1/keys`: the key that shall follow the present one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// [`VERSION`].
    pub version: u8,
    /// The device.
    pub device: Uuid,
    /// The screen that it fills.
    pub screen: Uuid,
    /// The generation of the next key: one more than that of the present one.
    pub generation: u32,
    /// The next key.
    pub next_key: PublicKey,
    /// A fresh nonce of the server.
    pub nonce: Nonce,
    /// By the present key, over all of the above, the installation and the present key.
    pub by_present: Signature,
    /// By the next key, over the same.
    pub by_next: Signature,
}

impl Rotation {
    /// What both keys sign: a label that no other signature of them begins with, then a digest of everything.
    fn signed(&self, instance: Uuid, present: &PublicKey) -> Vec<u8> {
        let digest = schedule::digest(&[
            b"nexus rotation v1",
            &[self.version],
            instance.as_bytes(),
            self.device.as_bytes(),
            self.screen.as_bytes(),
            &self.generation.to_be_bytes(),
            present.as_bytes(),
            self.next_key.as_bytes(),
            self.nonce.to_string().as_bytes(),
        ]);
        [b"nexus rotation signature v1".as_slice(), &digest].concat()
    }

    fn verify(&self, instance: Uuid, present: &PublicKey) -> Result<(), Refusal> {
        let signed = self.signed(instance, present);
        for (key, signature) in [(present, &self.by_present), (&self.next_key, &self.by_next)] {
            let key = VerifyingKey::from_bytes(key.as_bytes()).map_err(|_| Refusal::Signature)?;
            // Strict verification refuses weak keys, too.
            let signature = Signed::from_bytes(signature.as_bytes());
            key.verify_strict(&signed, &signature).map_err(|_| Refusal::Signature)?;
        }
        Ok(())
    }
}

/// Server → device: the next key is stored, and becomes the present one with the first session under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotated {
    /// The generation of the next key.
    pub generation: u32,
}

/// Why a session is not granted, or a key not taken. The words are for the log and the API; what a screen says is the
/// agent's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another version of the exchange.
    #[error("this server speaks version {VERSION} of the exchange")]
    Version,
    /// No such device.
    #[error("this device was removed, or never paired with this server")]
    UnknownDevice,
    /// It is not by a key that this server knows of the device, or not by both keys.
    #[error("the device does not prove that it holds its keys")]
    Signature,
    /// The nonce is too old, spent, not this server's, or from before another key was used.
    #[error("the nonce is too old or was used; ask for another one")]
    StaleNonce,
    /// The device fills another screen.
    #[error("the device does not fill that screen")]
    Screen,
    /// It is not the generation that follows.
    #[error("that generation of the device's key does not follow the one that this server knows")]
    Generation,
    /// The key was in use before.
    #[error("the next key must be a new one")]
    Key,
    /// The present key is too young to be replaced.
    #[error("the device's key was replaced less than a day ago; it is replaced once a month")]
    TooSoon,
    /// Another device replaced this key: two have one identity. The screen is to be suspended.
    #[error(
        "another device uses the identity of this one, so its screen is suspended; an administrator has to remove it"
    )]
    Copied,
    /// The screen was suspended before.
    #[error(
        "this device's screen is suspended, because two devices use its identity; an administrator has to remove it"
    )]
    Suspended,
}

impl Refusal {
    /// The `code` of the API error.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Version => "other_version",
            Self::UnknownDevice => "unknown_device",
            Self::Signature => "invalid_signature",
            Self::StaleNonce => "stale_nonce",
            Self::Screen => "other_screen",
            Self::Generation => "other_generation",
            Self::Key => "used_key",
            Self::TooSoon => "too_soon",
            // Which of the two devices gave it away is not for the devices to know.
            Self::Copied | Self::Suspended => "suspended",
        }
    }
}
