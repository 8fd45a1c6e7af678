//! All pairings that are open now, in memory: a restart closes them, and the screens show new codes.

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;
use std::time::Instant;

use uuid::Uuid;

use super::exchange::Exchange;
use super::{Admin, AnswerError, Attempt, AttemptError, CreateError, LIFETIME, Offer, Registration, UnknownPairing};
use crate::message::{Create, Created, FieldError, Octets, Outcome, PairingId, Verdict};
use crate::{Code, Entropy, Nameplate, Pake, Spake2};

/// Most pairings that are open at once.
pub const MAX_OPEN: usize = 1000;
/// Most pairings that are open at once from one IPv4 address or one IPv6 /64.
pub const MAX_OPEN_PER_NETWORK: usize = 3;

/// The admin's handle on an attempt to add a screen. Useless without that admin's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptId(Octets<16>);

impl fmt::Display for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for AttemptId {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        text.parse().map(Self)
    }
}

/// The open pairings of one installation.
pub struct Registry<P: Pake = Spake2> {
    instance: Uuid,
    exchanges: HashMap<PairingId, Exchange>,
    pake: PhantomData<fn() -> P>,
}

impl<P: Pake> Registry<P> {
    /// No pairings yet. `instance` is the installation's id.
    #[must_use]
    pub fn new(instance: Uuid) -> Self {
        Self { instance, exchanges: HashMap::new(), pake: PhantomData }
    }

    /// Device: opens a pairing. `from` is the device's address as the server sees it.
    ///
    /// # Errors
    /// The request is of another version or its key unusable, or too many are open.
    pub fn create(
        &mut self,
        create: Create,
        from: IpAddr,
        entropy: &Entropy,
        now: Instant,
    ) -> Result<Created, CreateError> {
        self.pass(now);
        let ends_first = |exchanges: &mut dyn Iterator<Item = &Exchange>| {
            exchanges.map(|exchange| exchange.ends_in(now)).min().unwrap_or_default()
        };
        if self.open().filter(|exchange| network(exchange.address) == network(from)).count() >= MAX_OPEN_PER_NETWORK {
            let mut same = self.open().filter(|exchange| network(exchange.address) == network(from));
            return Err(CreateError::TooManyFromNetwork { retry_after: ends_first(&mut same) });
        }
        if self.open().count() >= MAX_OPEN {
            return Err(CreateError::TooMany { retry_after: ends_first(&mut self.open()) });
        }
        let nameplate = self.free_nameplate(entropy);
        let pairing = PairingId::new(entropy.draw("pairing id"));
        self.exchanges.insert(pairing.clone(), Exchange::new(create, nameplate, from, now)?);
        let lifetime_seconds = u32::try_from(LIFETIME.as_secs()).unwrap_or(u32::MAX);
        Ok(Created { pairing, nameplate, lifetime_seconds })
    }

    /// Device: how does it stand?
    ///
    /// # Errors
    /// There is no such pairing.
    pub fn poll(&mut self, pairing: &PairingId, now: Instant) -> Result<Outcome, UnknownPairing> {
        let exchange = self.exchanges.get_mut(pairing).ok_or(UnknownPairing)?;
        exchange.pass(now);
        Ok(exchange.outcome())
    }

    /// Device: its verdict on the answer. Said twice, it counts once; where none is due, nothing changes.
    ///
    /// # Errors
    /// There is no such pairing.
    pub fn verdict(&mut self, pairing: &PairingId, verdict: &Verdict, now: Instant) -> Result<Outcome, UnknownPairing> {
        let exchange = self.exchanges.get_mut(pairing).ok_or(UnknownPairing)?;
        exchange.pass(now);
        exchange.verdict(verdict, now);
        Ok(exchange.outcome())
    }

    /// Admin: typed a code. The guess is spent, whatever comes of it.
    ///
    /// # Errors
    /// No screen waits with that nameplate, or the offer cannot be sent. No guess is spent then.
    pub fn answer(
        &mut self,
        admin: &Admin,
        code: &Code,
        offer: Offer,
        entropy: &Entropy,
        now: Instant,
    ) -> Result<AttemptId, AnswerError> {
        self.pass(now);
        let (pairing, exchange) = self
            .exchanges
            .iter_mut()
            .find(|(_, exchange)| exchange.is_waiting() && exchange.nameplate == code.nameplate())
            .ok_or(AnswerError::NotWaiting)?;
        let attempt = AttemptId(Octets::new(entropy.draw("attempt id")));
        exchange.answer::<P>(pairing, code, self.instance, (attempt, admin.clone(), offer), entropy, now)?;
        Ok(attempt)
    }

    /// Admin: how does the attempt stand?
    ///
    /// # Errors
    /// There is no such attempt of this admin.
    pub fn attempt(&mut self, admin: &Admin, id: AttemptId, now: Instant) -> Result<Attempt, AttemptError> {
        let exchange = self.find(admin, id, now)?;
        let (_, _, offer) = exchange.attempt.as_ref().ok_or(AttemptError::Unknown)?;
        Ok(Attempt {
            address: exchange.address,
            description: exchange.create.description.clone(),
            screen: offer.screen.clone(),
            stage: exchange.stage(),
        })
    }

    /// Admin: the digits are the same. Store what this gives, then call [`Self::registered`]; where storing failed,
    /// the admin can approve again.
    ///
    /// # Errors
    /// There is no such attempt of this admin, or nothing to compare.
    pub fn approve(&mut self, admin: &Admin, id: AttemptId, now: Instant) -> Result<Registration, AttemptError> {
        self.find(admin, id, now)?.approve(now).ok_or(AttemptError::NotComparing)
    }

    /// The registration is stored: the device may be told.
    ///
    /// # Errors
    /// There is no such attempt of this admin, or it was not approved.
    pub fn registered(&mut self, admin: &Admin, id: AttemptId, now: Instant) -> Result<(), AttemptError> {
        if self.find(admin, id, now)?.registered(now) { Ok(()) } else { Err(AttemptError::NotComparing) }
    }

    /// Admin: the digits differ, or it was a mistake. Burns the code.
    ///
    /// # Errors
    /// There is no such attempt of this admin, or it is over.
    pub fn decline(&mut self, admin: &Admin, id: AttemptId, now: Instant) -> Result<(), AttemptError> {
        if self.find(admin, id, now)?.decline(now) { Ok(()) } else { Err(AttemptError::NotComparing) }
    }

    fn find(&mut self, admin: &Admin, id: AttemptId, now: Instant) -> Result<&mut Exchange, AttemptError> {
        let exchange = self
            .exchanges
            .values_mut()
            .find(|exchange| exchange.attempt.as_ref().is_some_and(|(known, by, _)| *known == id && by == admin))
            .ok_or(AttemptError::Unknown)?;
        exchange.pass(now);
        Ok(exchange)
    }

    fn open(&self) -> impl Iterator<Item = &Exchange> {
        self.exchanges.values().filter(|exchange| exchange.is_open())
    }

    fn pass(&mut self, now: Instant) {
        self.exchanges.retain(|_, exchange| {
            exchange.pass(now);
            !exchange.is_forgotten(now)
        });
    }

    /// A random nameplate that no open pairing has: of three digits, as long as at most half of those are taken.
    fn free_nameplate(&self, entropy: &Entropy) -> Nameplate {
        let taken: std::collections::HashSet<Nameplate> = self.open().map(|exchange| exchange.nameplate).collect();
        let (first, count) = if taken.len() < 450 { (Nameplate::MIN, 900) } else { (1000, 9000) };
        let start = u64::from_be_bytes(entropy.draw("nameplate")) % count;
        #[expect(clippy::expect_used, reason = "at most 1000 are taken of 9000, and at most 449 of 900")]
        (0..count)
            .filter_map(|step| Nameplate::new(first + u16::try_from((start + step) % count).ok()?))
            .find(|nameplate| !taken.contains(nameplate))
            .expect("more nameplates than open pairings")
    }
}

impl<P: Pake> fmt::Debug for Registry<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("pairings", &self.exchanges.len()).finish_non_exhaustive()
    }
}

/// What counts as one address: an IPv4 address, also in its IPv6 clothes, or an IPv6 /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}
