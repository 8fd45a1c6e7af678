//! One pairing at the server: the states, and what moves it from one to the next.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use ed25519_dalek::{Signature, VerifyingKey};
use uuid::Uuid;

use super::{
    Admin, AnswerError, AttemptId, COMPARE_WITHIN, CreateError, Failure, LIFETIME, Offer, REMEMBERED, Registration,
    Stage, VERDICT_WITHIN,
};
use crate::message::{
    Answer, Create, MAX_ANCHOR, Outcome, PairingId, Payload, PublicValue, Sealed, Tag, Trust, VERSION, Verdict,
};
use crate::schedule::{self, Context, Digits, Keys};
use crate::{Code, Entropy, Nameplate, Pake};

pub(super) struct Exchange {
    pub(super) address: IpAddr,
    pub(super) nameplate: Nameplate,
    pub(super) create: Create,
    key: VerifyingKey,
    /// Who typed the code, and the attempt's handle and offer.
    pub(super) attempt: Option<(AttemptId, Admin, Offer)>,
    state: State,
    /// When the state ends by itself.
    until: Instant,
}

enum State {
    Open,
    Answered { answer: Answer, device: Uuid, keys: Box<Keys>, transcript: [u8; 32] },
    Comparing { device: Uuid, digits: Digits },
    Approved { device: Uuid },
    Registered { device: Uuid },
    Closed(Failure),
}

impl Exchange {
    pub(super) fn new(
        create: Create,
        nameplate: Nameplate,
        address: IpAddr,
        now: Instant,
    ) -> Result<Self, CreateError> {
        if create.version != VERSION {
            return Err(CreateError::Version { theirs: create.version });
        }
        let key = VerifyingKey::from_bytes(create.device_key.as_bytes())
            .ok()
            .filter(|key| !key.is_weak())
            .ok_or(CreateError::DeviceKey)?;
        Ok(Self { address, nameplate, create, key, attempt: None, state: State::Open, until: now + LIFETIME })
    }

    /// What time alone changes.
    pub(super) fn pass(&mut self, now: Instant) {
        if now < self.until {
            return;
        }
        let failure = match self.state {
            State::Open => Failure::Expired,
            State::Answered { .. } => Failure::Silent,
            State::Comparing { .. } => Failure::Declined,
            State::Approved { .. } | State::Registered { .. } | State::Closed(_) => return,
        };
        self.enter(State::Closed(failure), self.until, REMEMBERED);
    }

    /// Whether it can still come to something, and so counts towards the limits.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.state, State::Open | State::Answered { .. } | State::Comparing { .. } | State::Approved { .. })
    }

    /// Whether the code can be typed.
    pub(super) const fn is_waiting(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// Whether nobody needs to know of it any more.
    pub(super) fn is_forgotten(&self, now: Instant) -> bool {
        now >= self.until && !matches!(self.state, State::Open | State::Answered { .. } | State::Comparing { .. })
    }

    pub(super) fn ends_in(&self, now: Instant) -> Duration {
        self.until.saturating_duration_since(now)
    }

    /// An admin typed a code: spends the guess.
    pub(super) fn answer<P: Pake>(
        &mut self,
        pairing: &PairingId,
        code: &Code,
        instance: Uuid,
        attempt: (AttemptId, Admin, Offer),
        entropy: &Entropy,
        now: Instant,
    ) -> Result<(), AnswerError> {
        let (_, _, offer) = &attempt;
        if let Trust::Anchor(pem) = &offer.trust
            && pem.len() > MAX_ANCHOR
        {
            return Err(AnswerError::AnchorTooLong);
        }
        let payload = Payload { instance, trust: offer.trust.clone(), screen: offer.screen.clone() };
        #[expect(clippy::expect_used, reason = "the payload is strings and numbers, which always serialise")]
        let payload = serde_json::to_vec(&payload).expect("a payload serialises");
        self.attempt = Some(attempt);
        let identity = schedule::device_identity(&self.create.device_key);
        let (pake, public) = P::start_server(code.secret(), &identity, schedule::SERVER, entropy);
        let Ok((shared, public)) = pake
            .finish(self.create.pake.as_bytes())
            .map_err(|_| ())
            .and_then(|shared| Ok((shared, PublicValue::try_from(public.as_slice()).map_err(|_| ())?)))
        else {
            self.enter(State::Closed(Failure::Invalid), now, REMEMBERED);
            return Ok(());
        };
        let keys = Keys::derive(
            &Context {
                pairing,
                nameplate: self.nameplate,
                device_key: &self.create.device_key,
                description: &self.create.description,
                device_public: self.create.pake.as_bytes(),
                server_public: public.as_bytes(),
            },
            &shared,
        );
        let Ok(sealed) = Sealed::new(keys.seal(&payload)) else { return Err(AnswerError::AnchorTooLong) };
        let answer = Answer { pake: public, tag: keys.server_tag(sealed.as_bytes()), sealed };
        let device = uuid::Builder::from_random_bytes(entropy.draw("device id")).into_uuid();
        let transcript = keys.transcript(&instance, &payload);
        self.enter(State::Answered { answer, device, keys: Box::new(keys), transcript }, now, VERDICT_WITHIN);
        Ok(())
    }

    /// The device gives its verdict. A verdict that nobody waits for changes nothing.
    pub(super) fn verdict(&mut self, verdict: &Verdict, now: Instant) {
        let State::Answered { device, keys, transcript, .. } = &self.state else { return };
        let device = *device;
        match verdict {
            Verdict::Refused { tag } if *tag == keys.untrusted_tag() => {
                self.enter(State::Closed(Failure::Untrusted), now, REMEMBERED);
            }
            Verdict::Refused { .. } => self.enter(State::Closed(Failure::WrongCode), now, REMEMBERED),
            Verdict::Confirmed { tag, signature } if self.is_right(*tag, signature.as_bytes(), keys, transcript) => {
                self.enter(State::Comparing { device, digits: keys.digits() }, now, COMPARE_WITHIN);
            }
            Verdict::Confirmed { .. } => self.enter(State::Closed(Failure::Invalid), now, REMEMBERED),
        }
    }

    fn is_right(&self, tag: Tag, signature: &[u8; 64], keys: &Keys, transcript: &[u8; 32]) -> bool {
        let signed = schedule::signed(transcript);
        tag == keys.device_tag(transcript) && self.key.verify_strict(&signed, &Signature::from_bytes(signature)).is_ok()
    }

    /// The admin says that the digits are the same. Can be said again until the registration is stored.
    pub(super) fn approve(&mut self, now: Instant) -> Option<Registration> {
        let (State::Comparing { device, .. } | State::Approved { device }) = self.state else { return None };
        let (_, _, offer) = self.attempt.as_ref()?;
        let registration = Registration {
            device,
            key: self.create.device_key,
            description: self.create.description.clone(),
            address: self.address,
            screen: offer.screen.clone(),
        };
        self.enter(State::Approved { device }, now, REMEMBERED);
        Some(registration)
    }

    /// The registration is stored.
    pub(super) fn registered(&mut self, now: Instant) -> bool {
        let State::Approved { device } = self.state else { return false };
        self.enter(State::Registered { device }, now, REMEMBERED);
        true
    }

    /// The admin says no.
    pub(super) fn decline(&mut self, now: Instant) -> bool {
        let declined = matches!(self.state, State::Answered { .. } | State::Comparing { .. });
        if declined {
            self.enter(State::Closed(Failure::Declined), now, REMEMBERED);
        }
        declined
    }

    /// What the device hears.
    pub(super) fn outcome(&self) -> Outcome {
        match &self.state {
            State::Open => Outcome::Waiting,
            State::Answered { answer, .. } => Outcome::Answered(answer.clone()),
            State::Comparing { .. } | State::Approved { .. } => Outcome::Comparing,
            State::Registered { device } => Outcome::Registered { device: *device },
            State::Closed(_) => Outcome::Closed,
        }
    }

    /// What the admin sees.
    pub(super) const fn stage(&self) -> Stage {
        match &self.state {
            State::Open | State::Answered { .. } => Stage::WaitingForDevice,
            State::Comparing { digits, .. } => Stage::Compare(*digits),
            State::Approved { .. } => Stage::Approved,
            State::Registered { device } => Stage::Registered(*device),
            State::Closed(failure) => Stage::Failed(*failure),
        }
    }

    fn enter(&mut self, state: State, now: Instant, lasting: Duration) {
        self.state = state;
        self.until = now + lasting;
    }
}
