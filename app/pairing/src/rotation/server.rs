//! The server's end: the keys that it knows of one device, and what comes of a request under one of them.

use std::time::Instant;

use uuid::Uuid;

use super::{Refusal, Rotation};
use crate::message::{PublicKey, VERSION};
use crate::session::Nonces;

/// The shortest time between two rotations of one device, in seconds. It bounds how many keys there are to remember.
pub const AT_MOST_EVERY: i64 = 24 * 3600;

/// The keys of one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// Those of the generations before, the first one first.
    replaced: Vec<PublicKey>,
    present: PublicKey,
    /// Handed in, and not used yet.
    next: Option<PublicKey>,
    /// When the present key was first used, in seconds since 1970; `None` for the one that the device joined with.
    since: Option<i64>,
    /// The same by the clock by which nonces age, where it was in this run of the server.
    used_first_at: Option<Instant>,
    suspended: bool,
}

/// A device's wish to replace its key.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Which installation this is.
    pub instance: Uuid,
    /// The screen that the device fills.
    pub screen: Uuid,
    /// What it posts.
    pub rotation: &'a Rotation,
}

impl Keys {
    /// Of a device that joins with this key.
    #[must_use]
    pub const fn new(first: PublicKey) -> Self {
        Self::stored(Vec::new(), first, None, None, false)
    }

    /// As they were stored.
    #[must_use]
    pub const fn stored(
        replaced: Vec<PublicKey>,
        present: PublicKey,
        next: Option<PublicKey>,
        since: Option<i64>,
        suspended: bool,
    ) -> Self {
        Self { replaced, present, next, since, used_first_at: None, suspended }
    }

    /// The generation of the present key: how many there were before it.
    #[must_use]
    pub fn generation(&self) -> u32 {
        u32::try_from(self.replaced.len()).unwrap_or(u32::MAX)
    }

    /// The key that the device was last seen with.
    #[must_use]
    pub const fn present(&self) -> &PublicKey {
        &self.present
    }

    /// The key that was handed in, and not used yet.
    #[must_use]
    pub const fn next(&self) -> Option<&PublicKey> {
        self.next.as_ref()
    }

    /// When the present key was first used, in seconds since 1970; `None` for the one that the device joined with.
    #[must_use]
    pub const fn since(&self) -> Option<i64> {
        self.since
    }

    /// Whether two devices have this identity, so that neither of them gets anything.
    #[must_use]
    pub const fn is_suspended(&self) -> bool {
        self.suspended
    }

    /// Two devices have this identity.
    #[must_use]
    pub fn suspend(self) -> Self {
        Self { suspended: true, ..self }
    }

    /// Every key by which the device can be told, the likeliest first.
    pub fn all(&self) -> impl Iterator<Item = &PublicKey> {
        [&self.present].into_iter().chain(&self.next).chain(self.replaced.iter().rev())
    }

    /// A session is asked for under `key`, with a nonce that was given out then. Gives the keys to store before it is
    /// granted, where they change.
    ///
    /// # Errors
    /// It is not granted. On [`Refusal::Copied`], the screen is to be suspended.
    pub fn session(
        &self,
        key: &PublicKey,
        nonce_given_at: Instant,
        now: Instant,
        unix_now: i64,
    ) -> Result<Option<Self>, Refusal> {
        if self.all().all(|known| known != key) {
            return Err(Refusal::Signature);
        }
        if self.suspended {
            return Err(Refusal::Suspended);
        }
        if *key == self.present {
            return Ok(None);
        }
        if self.next.as_ref() != Some(key) {
            return Err(self.replaced(nonce_given_at));
        }
        let mut replaced = self.replaced.clone();
        replaced.push(self.present);
        let (since, used_first_at) = (Some(unix_now), Some(now));
        Ok(Some(Self { replaced, present: *key, next: None, since, used_first_at, suspended: false }))
    }

    /// A key is handed in that shall follow the present one. Gives the keys to store before that is confirmed, where
    /// they change. Until the key was used, another one may still take its place: a device may have lost the first.
    ///
    /// # Errors
    /// It is not taken. On [`Refusal::Copied`], the screen is to be suspended.
    pub fn rotate(
        &self,
        ask: &Ask<'_>,
        nonces: &mut Nonces,
        now: Instant,
        unix_now: i64,
    ) -> Result<Option<Self>, Refusal> {
        let Ask { instance, screen, rotation } = *ask;
        if rotation.version != VERSION {
            return Err(Refusal::Version);
        }
        let before = rotation.generation.checked_sub(1).ok_or(Refusal::Generation)?;
        let signer = self.of_generation(before).ok_or(Refusal::Generation)?;
        rotation.verify(instance, signer)?;
        let nonce_given_at = nonces.spend(rotation.nonce, now).map_err(|_| Refusal::StaleNonce)?;
        if rotation.screen != screen {
            return Err(Refusal::Screen);
        }
        if self.suspended {
            return Err(Refusal::Suspended);
        }
        if before != self.generation() {
            return Err(self.replaced(nonce_given_at));
        }
        if self.next == Some(rotation.next_key) {
            return Ok(None);
        }
        if self.all().any(|known| *known == rotation.next_key) {
            return Err(Refusal::Key);
        }
        if self.since.is_some_and(|since| (0..AT_MOST_EVERY).contains(&unix_now.saturating_sub(since))) {
            return Err(Refusal::TooSoon);
        }
        Ok(Some(Self { next: Some(rotation.next_key), ..self.clone() }))
    }

    fn of_generation(&self, generation: u32) -> Option<&PublicKey> {
        let index = usize::try_from(generation).ok()?;
        if index == self.replaced.len() { Some(&self.present) } else { self.replaced.get(index) }
    }

    /// What a request under a replaced key shows.
    fn replaced(&self, nonce_given_at: Instant) -> Refusal {
        // It may have been on its way while its own device went on.
        match self.used_first_at {
            Some(used_first_at) if nonce_given_at <= used_first_at => Refusal::StaleNonce,
            _ => Refusal::Copied,
        }
    }
}
