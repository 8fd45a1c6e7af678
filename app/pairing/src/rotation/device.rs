//! The device's end: its key, and the ones before and after it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Rotation;
use crate::device::Paired;
use crate::message::{Octets, PublicKey, VERSION};
use crate::session::Nonce;
use crate::{DeviceKey, Entropy, KeyError, MachineKey, SealedKey};

/// The longest that a key is in use, in seconds.
pub const LONGEST: i64 = 30 * DAY;
/// By how much less it may be, so that sticks that were paired on one day do not rotate on one day.
pub const SPREAD: i64 = 3 * DAY;
const DAY: i64 = 24 * 3600;
/// How long a run of the device keeps a new key at least, whatever becomes of the clock.
const REST: Duration = Duration::from_hours(24);
/// How long it waits before it hands a key in once more.
const AGAIN: Duration = Duration::from_hours(1);

/// The keys of one device: the present one, the one before, and the next one once it is drawn.
///
/// Whatever changes here is to be stored before the next call is made; the calls that return `bool` say when.
#[derive(Clone, Debug)]
pub struct Ring {
    /// Of the present key.
    generation: u32,
    before: Option<Arc<DeviceKey>>,
    present: Arc<DeviceKey>,
    next: Option<Arc<DeviceKey>>,
    /// Since when the present key is in use, by the device's idea of the time in seconds since 1970.
    since: Option<i64>,
    /// Under which key the next session is asked for.
    trying: Which,
    /// Whether the server has just shown that it goes by the present key.
    agreed: bool,
    /// Nothing is drawn or handed in before this.
    rests_until: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Before,
    Present,
    Next,
}

impl Ring {
    /// Of a device that joins, or is about to join, with this key.
    #[must_use]
    pub const fn new(key: Arc<DeviceKey>) -> Self {
        Self {
            generation: 0,
            before: None,
            present: key,
            next: None,
            since: None,
            trying: Which::Present,
            agreed: false,
            rests_until: None,
        }
    }

    /// The key that a device pairs with, and that counts until the next one does.
    #[must_use]
    pub const fn present(&self) -> &Arc<DeviceKey> {
        &self.present
    }

    /// The generation of the present key.
    #[must_use]
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    /// The key under which the next session is to be asked for.
    #[must_use]
    pub fn signing(&self) -> &DeviceKey {
        let other = match self.trying {
            Which::Before => self.before.as_ref(),
            Which::Present => None,
            Which::Next => self.next.as_ref(),
        };
        other.unwrap_or(&self.present)
    }

    /// The server granted a session under [`Self::signing`]. `clock` is the device's idea of the time in seconds since
    /// 1970. Says whether the ring is to be stored.
    pub fn granted(&mut self, clock: i64, now: Instant, entropy: &Entropy) -> bool {
        self.agreed = true;
        match std::mem::replace(&mut self.trying, Which::Present) {
            Which::Next => self.promote(clock, now),
            Which::Before => self.step_back(clock),
            Which::Present => self.look_at_the_clock(clock, now, entropy),
        }
    }

    /// The server does not know the key of [`Self::signing`]. Says whether there is another one to try.
    pub const fn unknown(&mut self) -> bool {
        self.agreed = false;
        let (trying, left) = match self.trying {
            Which::Next => (Which::Present, true),
            Which::Present if self.before.is_some() => (Which::Before, true),
            Which::Present | Which::Before => (self.first(), false),
        };
        self.trying = trying;
        left
    }

    /// Whether the next key is to be handed in.
    #[must_use]
    pub fn wants_to_rotate(&self, now: Instant) -> bool {
        self.next.is_some() && self.agreed && self.trying == Which::Present && self.is_rested(now)
    }

    /// What to post, where [`Self::wants_to_rotate`]. Whether it arrived or not, the next key is tried first from here on.
    pub fn rotate(&mut self, paired: &Paired, nonce: Nonce, now: Instant) -> Option<Rotation> {
        if !self.wants_to_rotate(now) {
            return None;
        }
        let next = self.next.as_ref()?;
        let mut rotation = Rotation {
            version: VERSION,
            device: paired.device,
            screen: paired.payload.screen.id,
            generation: self.generation.checked_add(1)?,
            next_key: next.public(),
            nonce,
            by_present: Octets::new([0; 64]),
            by_next: Octets::new([0; 64]),
        };
        let signed = rotation.signed(paired.payload.instance, &self.present.public());
        (rotation.by_present, rotation.by_next) = (self.present.sign(&signed), next.sign(&signed));
        self.trying = Which::Next;
        self.rests_until = Some(now + AGAIN);
        Some(rotation)
    }

    /// The server said that it does not take the key that was posted. It is handed in again later.
    pub const fn declined(&mut self) {
        self.trying = Which::Present;
    }

    /// Seals the keys for the state folder, for the device of this id.
    #[must_use]
    pub fn seal(&self, device: Uuid, machine: &MachineKey, entropy: &Entropy) -> SealedRing {
        let labels = ["before", "present", "next"];
        let keys = [self.before.as_ref(), Some(&self.present), self.next.as_ref()];
        let sealed = labels.iter().zip(keys).filter_map(|(label, key)| Some(key?.seal(machine, &entropy.split(label))));
        SealedRing {
            format: SealedRing::FORMAT.to_owned(),
            device,
            first: self.generation.saturating_sub(u32::from(self.before.is_some())),
            since: self.since,
            keys: sealed.collect(),
        }
    }

    /// The server took the next key.
    fn promote(&mut self, clock: i64, now: Instant) -> bool {
        let Some(next) = self.next.take() else { return false };
        self.before = Some(std::mem::replace(&mut self.present, next));
        self.generation = self.generation.saturating_add(1);
        self.since = Some(clock);
        self.rests_until = Some(now + REST);
        true
    }

    /// The server has forgotten the present key, and goes by the one before: it was put back from a backup.
    fn step_back(&mut self, clock: i64) -> bool {
        let Some(before) = self.before.take() else { return false };
        self.next = Some(std::mem::replace(&mut self.present, before));
        self.generation = self.generation.saturating_sub(1);
        self.since = Some(clock);
        self.rests_until = None;
        true
    }

    fn look_at_the_clock(&mut self, clock: i64, now: Instant, entropy: &Entropy) -> bool {
        let Some(since) = self.since.filter(|since| *since <= clock) else {
            // It was never written down, or the clock was ahead then: as if the key were new now.
            self.since = Some(clock);
            return true;
        };
        let is_due = clock.saturating_sub(since) >= lifetime(&self.present.public());
        if !is_due || self.next.is_some() || !self.is_rested(now) {
            return false;
        }
        self.next = Some(Arc::new(DeviceKey::draw(&entropy.split("next device key"))));
        true
    }

    fn is_rested(&self, now: Instant) -> bool {
        self.rests_until.is_none_or(|until| now >= until)
    }

    /// Which key is tried before the others.
    const fn first(&self) -> Which {
        if self.next.is_some() { Which::Next } else { Which::Present }
    }
}

/// For how long a key is in use. It follows from the key, so it is the same after a restart.
fn lifetime(key: &PublicKey) -> i64 {
    let [a, b, c, d, ..] = *key.as_bytes();
    LONGEST - i64::from(u32::from_le_bytes([a, b, c, d])) % SPREAD
}

/// The keys of a device as they lie in the state folder, one generation after the other. Which of them is the present one,
/// the file of the device's key says: with it, replacing one file moves from one generation to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedRing {
    format: String,
    device: Uuid,
    /// The generation of the first of the keys.
    first: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<i64>,
    keys: Vec<SealedKey>,
}

impl SealedRing {
    const FORMAT: &'static str = "nexus-key-ring-1";
    /// Before, present and next.
    const MOST: usize = 3;

    /// The device whose keys these are, by the server that it was paired with. A device that joins anew begins anew.
    #[must_use]
    pub const fn device(&self) -> Uuid {
        self.device
    }

    /// Opens the keys, of which `present` is the present one.
    ///
    /// # Errors
    /// Another format, another machine, damage, or `present` is none of them.
    pub fn open(&self, present: DeviceKey, machine: &MachineKey) -> Result<Ring, KeyError> {
        if self.format != Self::FORMAT || self.keys.len() > Self::MOST {
            return Err(KeyError::Format);
        }
        let keys = self.keys.iter().map(|key| key.open(machine).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
        let place = keys.iter().position(|key| key.public() == present.public()).ok_or(KeyError::Ring)?;
        let generation = u32::try_from(place).ok().and_then(|place| self.first.checked_add(place));
        let mut ring = Ring {
            generation: generation.ok_or(KeyError::Ring)?,
            before: place.checked_sub(1).and_then(|before| keys.get(before)).cloned(),
            next: keys.get(place + 1).cloned(),
            since: self.since,
            ..Ring::new(Arc::new(present))
        };
        ring.trying = ring.first();
        Ok(ring)
    }
}
