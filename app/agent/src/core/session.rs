//! Sessions: a nonce, an assertion, a token; a fresh one before the old one ends; another key once a month; the time,
//! where the clock is off.

use std::sync::Arc;
use std::time::{Duration, Instant};

use device::Live;
use jiff::{SignedDuration, Timestamp};
use pairing::device::Paired;
use pairing::message::Trust;
use pairing::rotation::device::Ring;
use pairing::session::{MAX_TOKEN_SECONDS, Nonce, Token, TokenRequest, assert};
use pairing::{DeviceKey, Entropy};

use super::{Action, Assurance, Body, Call, CallError, Contact, Core, Now, Phase, REMOVED_FOR, Reply, backoff};
use crate::trust::Untrusted;

/// A token that is younger than this and refused was refused by the server that gave it.
const FRESH: Duration = Duration::from_secs(5);
/// A token is renewed after two thirds of its life, but not more often than this.
const RENEW_AT_MOST_EVERY: Duration = Duration::from_secs(10);
/// How long a screen that is shut out waits at least before it asks again.
const SHUT_OUT: Duration = Duration::from_secs(5);
/// And up to how many seconds more, as a power of two.
const SHUT_OUT_SPREAD: u32 = 4;

/// A paired device's session.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) paired: Paired,
    pub(super) live: Option<Live>,
    step: Step,
    given_at: Option<Instant>,
    /// When to renew a token that holds.
    renew_at: Option<Instant>,
    /// How many fresh tokens the server refused in a row.
    refusals: u32,
    /// The time was asked since the last success, so that a certificate that truly ended is no loop.
    asked_time: bool,
    /// Why the server grants nothing, where a person must help.
    pub(super) shut_out: Option<ShutOut>,
}

/// Why the server grants a paired screen nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShutOut {
    /// Two devices use its identity.
    Suspended,
    /// None of the device's keys is known.
    Unknown,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Nonce,
    Token(Nonce),
    Rotate(Nonce),
    Time,
}

impl Session {
    pub(super) const fn new(paired: Paired) -> Self {
        Self {
            paired,
            live: None,
            step: Step::Nonce,
            given_at: None,
            renew_at: None,
            refusals: 0,
            asked_time: false,
            shut_out: None,
        }
    }

    /// Whether another token is on its way already.
    pub(super) const fn is_renewing(&self) -> bool {
        self.renew_at.is_none()
    }

    /// The server refuses the token to the TV: another one is due. Gives how many fresh ones were refused in a row.
    pub(super) fn refused(&mut self, now: Instant) -> Option<u32> {
        let fresh = self.given_at.is_some_and(|given| now.duration_since(given) < FRESH);
        self.refusals = if fresh { self.refusals.saturating_add(1) } else { 0 };
        self.step = Step::Nonce;
        self.renew_at = None;
        fresh.then_some(self.refusals)
    }

    pub(super) const fn renew_at(&self) -> Option<Instant> {
        self.renew_at
    }

    fn trust(&self) -> &Trust {
        &self.paired.payload.trust
    }

    /// The call that is due.
    pub(super) fn call(&mut self, ring: &mut Ring, now: Now, entropy: &Entropy) -> Option<Call> {
        let anchored = Assurance::Anchored(self.trust().clone());
        Some(match self.step {
            Step::Nonce => Call::Nonce(anchored),
            Step::Time => Call::Time(Assurance::AnchoredAtSomeTime(self.trust().clone())),
            Step::Rotate(nonce) => match ring.rotate(&self.paired, nonce, now.instant) {
                Some(rotation) => Call::Rotate(Box::new(rotation), anchored),
                None => {
                    self.step = Step::Nonce;
                    Call::Nonce(anchored)
                }
            },
            Step::Token(nonce) => {
                let (device, instance) = (self.paired.device, self.paired.payload.instance);
                let entropy = entropy.split("assertion");
                match assert(ring.signing(), device, instance, nonce, now.trusted.as_second(), &entropy) {
                    Ok(assertion) => Call::Token(TokenRequest::new(assertion), anchored),
                    Err(error) => {
                        tracing::error!("{error}");
                        return None;
                    }
                }
            }
        })
    }
}

impl Core {
    pub(super) fn session_answered(
        &mut self,
        mut session: Box<Session>,
        result: Result<Box<Reply>, CallError>,
        now: Now,
        entropy: &Entropy,
        actions: &mut Vec<Action>,
    ) -> Phase {
        let reply = match result {
            Ok(reply) => reply,
            Err(error) => return self.session_failed(session, &error, now, entropy, actions),
        };
        let pinned_date = reply.date.filter(|_| matches!(session.trust(), Trust::Anchor(_)));
        if let Some(date) = pinned_date {
            actions.push(Action::Clock(date));
        }
        match (session.step, reply.body) {
            (Step::Nonce, Body::Nonce(nonce)) => {
                session.asked_time = false;
                session.step =
                    if self.ring.wants_to_rotate(now.instant) { Step::Rotate(nonce) } else { Step::Token(nonce) };
            }
            // The next session shows whether it was taken.
            (Step::Rotate(_), Body::Rotated(_)) => session.step = Step::Nonce,
            (Step::Token(_), Body::Token(token)) => {
                session.step = Step::Nonce;
                let trusted = pinned_date.unwrap_or(now.trusted);
                self.take(&mut session, *token, trusted, now, actions);
                self.look_at_keys(&session, trusted, now, entropy, actions);
            }
            (Step::Time, Body::Time) => session.step = Step::Nonce,
            (Step::Nonce | Step::Token(_) | Step::Rotate(_) | Step::Time, _) => {
                session.step = Step::Nonce;
                self.failures += 1;
                self.due = now.instant + backoff::full_jitter(self.failures, entropy);
            }
        }
        Phase::Paired(session)
    }

    fn take(&mut self, session: &mut Session, token: Token, trusted: Timestamp, now: Now, actions: &mut Vec<Action>) {
        let seconds = token.expires_in.min(MAX_TOKEN_SECONDS);
        let lifetime = Duration::from_secs(seconds.into());
        let renew_at = now.instant + (lifetime / 3 * 2).max(RENEW_AT_MOST_EVERY);
        self.due = renew_at;
        session.renew_at = Some(renew_at);
        session.given_at = Some(now.instant);
        session.shut_out = None;
        let Some(server) = self.setup.server.clone() else { return };
        session.live = Some(Live {
            server,
            proxy: self.setup.proxy.clone(),
            trust: match session.trust() {
                Trust::WebPki(_) => device::Trust::WebPki,
                Trust::Anchor(pem) => device::Trust::Anchor(pem.clone()),
            },
            board: token.screen.board.to_string(),
            access_token: token.access_token,
            expires_at: trusted.saturating_add(SignedDuration::from_secs(seconds.into())).unwrap_or(Timestamp::MAX),
            screen: token.screen.name.to_string(),
            rotation: self.setup.rotation,
            clock_offset: 0,
        });
        if session.paired.payload.screen != token.screen {
            session.paired.payload.screen = token.screen;
            actions.push(Action::Store(Box::new(session.paired.clone())));
        }
    }

    /// A session was granted: what that means for the keys.
    fn look_at_keys(
        &mut self,
        session: &Session,
        trusted: Timestamp,
        now: Now,
        entropy: &Entropy,
        actions: &mut Vec<Action>,
    ) {
        if self.ring.granted(trusted.as_second(), now.instant, entropy) {
            actions.push(Action::StoreKeys { device: session.paired.device, ring: Box::new(self.ring.clone()) });
        }
        if self.ring.wants_to_rotate(now.instant) {
            self.due = now.instant;
        }
    }

    fn session_failed(
        &mut self,
        mut session: Box<Session>,
        error: &CallError,
        now: Now,
        entropy: &Entropy,
        actions: &mut Vec<Action>,
    ) -> Phase {
        let step = std::mem::replace(&mut session.step, Step::Nonce);
        match error {
            CallError::Refused { code, .. } if code == "unknown_device" => {
                let key = Arc::new(DeviceKey::draw(&entropy.split("device key")));
                self.ring = Ring::new(key.clone());
                actions.push(Action::Forget(key));
                return Phase::Removed { until: now.instant + REMOVED_FOR };
            }
            CallError::Refused { code, .. } if code == "suspended" => {
                (session.live, session.renew_at) = (None, None);
                self.shut_out(&mut session, ShutOut::Suspended, now, entropy);
            }
            CallError::Refused { code, .. } if code == "invalid_assertion" && matches!(step, Step::Token(_)) => {
                if self.ring.unknown() {
                    self.answers(now.instant);
                } else {
                    self.shut_out(&mut session, ShutOut::Unknown, now, entropy);
                }
            }
            // Once at once, as it is the server's restart; then with patience.
            CallError::Refused { code, .. } if code == "stale_nonce" && self.failures == 1 => self.due = now.instant,
            CallError::Refused { status: 400..=407 | 409..=428 | 430..=499, .. } if matches!(step, Step::Rotate(_)) => {
                // An older server, or one that has its reasons. The token holds as long as it would have.
                self.ring.declined();
                self.answers(session.renew_at.unwrap_or(now.instant));
            }
            CallError::Untrusted(Untrusted::Time(_)) if matches!(session.trust(), Trust::Anchor(_)) => {
                if session.asked_time {
                    session.asked_time = false;
                } else {
                    session.asked_time = true;
                    session.step = Step::Time;
                    self.due = now.instant;
                }
            }
            _ => {}
        }
        Phase::Paired(session)
    }

    /// The refusal was an answer like any other, and the next call is due then.
    fn answers(&mut self, due: Instant) {
        (self.failures, self.contact, self.due) = (0, Contact::Answers, due);
    }

    /// The server grants nothing until somebody helps, which may be at any time.
    fn shut_out(&mut self, session: &mut Session, why: ShutOut, now: Now, entropy: &Entropy) {
        session.shut_out = Some(why);
        self.due = now.instant + SHUT_OUT + backoff::full_jitter(SHUT_OUT_SPREAD, entropy);
    }
}
