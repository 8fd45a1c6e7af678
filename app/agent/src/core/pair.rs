//! Pairing, as the agent goes through it.

use std::time::Instant;

use jiff::Timestamp;
use pairing::device::{Confirmed, Open, Opening};
use pairing::message::{Answer, Outcome, PairingId, Trust, Verdict};
use pairing::server::{COMPARE_WITHIN, VERDICT_WITHIN};
use pairing::{DeviceKey, Entropy};

use super::join::intercepted;
use super::{Action, Assurance, Body, Call, CallError, Contact, Core, Now, POLL, Phase, Reply, Setup, Suspicion};
use crate::core::session::Session;
use crate::trust::{Presented, Untrusted};

/// Where pairing stands.
#[derive(Debug)]
pub(super) enum Pair {
    /// A pairing is to be opened, or is being opened.
    Asking(Option<Box<Opening>>),
    /// The code is on the screen.
    Showing(Box<Showing>),
    /// The server did not know the code, or the connection does not verify: it is told, once.
    Refusing { pairing: PairingId, verdict: Verdict, intercepted: Option<Suspicion> },
    /// The device said yes, or is saying it, and waits for the admin.
    Confirming(Box<Confirming>),
}

#[derive(Debug)]
pub(super) struct Showing {
    pub(super) open: Open,
    pub(super) shown: Shown,
}

/// What the TV shows of a code, in the TV's clock.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) code: String,
    pub(super) issued_at: Timestamp,
    pub(super) expires_at: Timestamp,
    /// Whether the connection that the code came by verified by web PKI.
    pub(super) web_pki: bool,
}

#[derive(Debug)]
pub(super) struct Confirming {
    pub(super) confirmed: Confirmed,
    pub(super) shown: Shown,
    /// Until the server has heard it.
    verdict: Option<Verdict>,
    give_up: Instant,
}

impl Pair {
    /// When this comes to an end by itself.
    pub(super) fn until(&self) -> Option<Instant> {
        match self {
            Self::Asking(_) | Self::Refusing { .. } => None,
            Self::Showing(showing) => Some(showing.open.expires_at()),
            Self::Confirming(confirming) => Some(confirming.give_up),
        }
    }

    /// The call that is due.
    pub(super) fn call(&mut self, setup: &Setup, key: &DeviceKey, entropy: &Entropy) -> Option<Call> {
        let before = || setup.before_pairing.clone();
        Some(match self {
            Self::Asking(opening) => {
                let (started, create) = Opening::new(key, setup.description.clone(), &entropy.split("opening"));
                *opening = Some(Box::new(started));
                Call::Create(Box::new(create), before())
            }
            Self::Showing(showing) => Call::Poll(showing.open.pairing().clone(), before()),
            Self::Refusing { pairing, verdict, .. } => Call::Verdict(pairing.clone(), verdict.clone(), before()),
            Self::Confirming(confirming) => {
                // From here on strictly against the anchor, whatever was trusted before.
                let pairing = confirming.confirmed.pairing().clone();
                let anchored = Assurance::Anchored(confirming.confirmed.payload().trust.clone());
                match &confirming.verdict {
                    Some(verdict) => Call::Verdict(pairing, verdict.clone(), anchored),
                    None => Call::Poll(pairing, anchored),
                }
            }
        })
    }
}

impl Core {
    pub(super) fn pairing_answered(
        &mut self,
        pair: Pair,
        result: Result<Box<Reply>, CallError>,
        now: Now,
        actions: &mut Vec<Action>,
    ) -> Phase {
        let again = Phase::Pairing(Pair::Asking(None));
        // A server that was restarted knows nothing of it any more; nothing is lost but the code.
        let gone = matches!(result, Err(CallError::Refused { status: 404, .. }));
        if gone && !matches!(pair, Pair::Asking(_)) {
            self.due = now.instant;
            return again;
        }
        match (pair, result) {
            (Pair::Asking(Some(opening)), Ok(reply)) => {
                let Body::Created(created) = reply.body else { return self.nonsense(now) };
                let Ok(open) = opening.created(created, now.instant) else { return self.nonsense(now) };
                let host: Option<Trust> = reply.presented.host.to_str().parse().ok().map(Trust::WebPki);
                let web_pki = host.is_some_and(|host| reply.presented.verify(&host, now.trusted).is_ok());
                let left = open.expires_at().saturating_duration_since(now.instant);
                let shown = Shown {
                    code: open.code().shown(),
                    issued_at: now.system,
                    expires_at: now.system.saturating_add(left).unwrap_or(Timestamp::MAX),
                    web_pki,
                };
                self.due = now.instant + POLL;
                Phase::Pairing(Pair::Showing(Box::new(Showing { open, shown })))
            }
            (Pair::Asking(_), _) => again,
            (Pair::Showing(showing), Ok(reply)) => match &reply.body {
                Body::Outcome(Outcome::Waiting) => {
                    self.due = now.instant + POLL;
                    Phase::Pairing(Pair::Showing(showing))
                }
                Body::Outcome(Outcome::Answered(answer)) => {
                    Phase::Pairing(self.judge(*showing, answer, &reply, now, actions))
                }
                Body::Outcome(Outcome::Closed) => again,
                _ => self.nonsense(now),
            },
            (Pair::Refusing { intercepted: Some(suspicion), .. }, _) => intercepted(suspicion, now),
            // Heard or not: silence counts as a failed guess at the server, too.
            (Pair::Refusing { .. }, _) => {
                self.due = now.instant;
                again
            }
            (Pair::Confirming(mut confirming), Ok(reply)) => match reply.body {
                Body::Outcome(Outcome::Comparing) => {
                    confirming.verdict = None;
                    self.due = now.instant + POLL;
                    Phase::Pairing(Pair::Confirming(confirming))
                }
                Body::Outcome(Outcome::Registered { device }) => {
                    let paired = confirming.confirmed.registered(device);
                    actions.push(Action::Store(Box::new(paired.clone())));
                    // A person was quicker; what would join again once this screen is removed is not kept.
                    self.finish_link(actions);
                    Phase::Paired(Box::new(Session::new(paired)))
                }
                Body::Outcome(Outcome::Closed) => again,
                _ => self.nonsense(now),
            },
            (waiting @ (Pair::Showing(_) | Pair::Confirming(_)), Err(_)) => Phase::Pairing(waiting),
        }
    }

    /// The server says what no server says at this point: start over, with patience.
    pub(super) fn nonsense(&mut self, now: Now) -> Phase {
        self.contact = Contact::Fails(CallError::Malformed("an answer that is none to this call".to_owned()));
        self.due = now.instant + POLL;
        Phase::Pairing(Pair::Asking(None))
    }

    /// An admin typed a code: is it ours, and is the connection the server's own?
    fn judge(&self, showing: Showing, answer: &Answer, reply: &Reply, now: Now, actions: &mut Vec<Action>) -> Pair {
        let pairing = showing.open.pairing().clone();
        let offered = match showing.open.answered(self.ring.present(), answer) {
            Ok(offered) => offered,
            Err(verdict) => return Pair::Refusing { pairing, verdict, intercepted: None },
        };
        match offered.check(|trust| verify(&reply.presented, trust, now)) {
            Ok((confirmed, verdict)) => {
                // This answer came over the anchor, so its date may be believed.
                if let (Trust::Anchor(_), Some(date)) = (&confirmed.payload().trust, reply.date) {
                    actions.push(Action::Clock(date));
                }
                let give_up = now.instant + VERDICT_WITHIN + COMPARE_WITHIN;
                let verdict = Some(verdict);
                Pair::Confirming(Box::new(Confirming { confirmed, shown: showing.shown, verdict, give_up }))
            }
            Err((reason, verdict)) => Pair::Refusing { pairing, verdict, intercepted: Some(Suspicion::from(&reason)) },
        }
    }
}

/// Whether the connection verifies against the anchor that came through the PAKE. A pinned anchor may tell the time
/// to a stick whose clock is off, so there the validity dates alone do not make it fail.
pub(super) fn verify(presented: &Presented, trust: &Trust, now: Now) -> Result<(), Untrusted> {
    match (presented.verify(trust, now.trusted), trust) {
        (Err(Untrusted::Time(reason)), Trust::Anchor(_)) => {
            let time = presented.valid_at(now.trusted, build_time::built_at());
            presented.verify(trust, time.ok_or(Untrusted::Time(reason))?)
        }
        (verified, _) => verified,
    }
}
