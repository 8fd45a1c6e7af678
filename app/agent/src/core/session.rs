//! Sessions: a nonce, an assertion, a token; a fresh one before the old one ends; the time, where the clock is off.

use std::sync::Arc;
use std::time::{Duration, Instant};

use device::Live;
use jiff::{SignedDuration, Timestamp};
use pairing::device::Paired;
use pairing::message::Trust;
use pairing::session::{MAX_TOKEN_SECONDS, Nonce, Token, TokenRequest, assert};
use pairing::{DeviceKey, Entropy};

use super::{Action, Assurance, Body, Call, CallError, Core, Now, Phase, REMOVED_FOR, Reply, backoff};
use crate::trust::Untrusted;

/// A token that is younger than this and refused was refused by the server that gave it.
const FRESH: Duration = Duration::from_secs(5);
/// A token is renewed after two thirds of its life, but not more often than this.
const RENEW_AT_MOST_EVERY: Duration = Duration::from_secs(10);

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
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Nonce,
    Token(Nonce),
    Time,
}

impl Session {
    pub(super) const fn new(paired: Paired) -> Self {
        Self { paired, live: None, step: Step::Nonce, given_at: None, renew_at: None, refusals: 0, asked_time: false }
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
    pub(super) fn call(&mut self, key: &DeviceKey, now: Now, entropy: &Entropy) -> Option<Call> {
        let anchored = Assurance::Anchored(self.trust().clone());
        Some(match self.step {
            Step::Nonce => Call::Nonce(anchored),
            Step::Time => Call::Time(Assurance::AnchoredAtSomeTime(self.trust().clone())),
            Step::Token(nonce) => {
                let (device, instance) = (self.paired.device, self.paired.payload.instance);
                let entropy = entropy.split("assertion");
                match assert(key, device, instance, nonce, now.trusted.as_second(), &entropy) {
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
                session.step = Step::Token(nonce);
            }
            (Step::Token(_), Body::Token(token)) => {
                session.step = Step::Nonce;
                self.take(&mut session, *token, pinned_date.unwrap_or(now.trusted), now, actions);
            }
            (Step::Time, Body::Time) => session.step = Step::Nonce,
            (Step::Nonce | Step::Token(_) | Step::Time, _) => {
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
        session.live = Some(Live {
            server: self.setup.server.clone(),
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

    fn session_failed(
        &mut self,
        mut session: Box<Session>,
        error: &CallError,
        now: Now,
        entropy: &Entropy,
        actions: &mut Vec<Action>,
    ) -> Phase {
        session.step = Step::Nonce;
        match error {
            CallError::Refused { code, .. } if code == "unknown_device" => {
                self.key = Arc::new(DeviceKey::draw(&entropy.split("device key")));
                actions.push(Action::Forget(self.key.clone()));
                return Phase::Removed { until: now.instant + REMOVED_FOR };
            }
            // Once at once, as it is the server's restart; then with patience.
            CallError::Refused { code, .. } if code == "stale_nonce" && self.failures == 1 => self.due = now.instant,
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
}
