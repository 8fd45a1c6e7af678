//! Joining by an access link, as the agent goes through it.

use std::time::Duration;

use pairing::DeviceKey;
use pairing::link::Refusal;
use pairing::link::device::{Foreign, Ready};
use pairing::message::Trust;
use pairing::session::Nonce;

use super::pair::{Pair, verify};
use super::{Action, Assurance, Body, Call, CallError, Core, INTERCEPTED_FOR, Now, Phase, Reply, Setup, Suspicion};
use crate::core::session::Session;
use crate::trust::{Untrusted, anchor_hash};

/// How long the screen says why its link was refused, before it shows a code.
pub const REFUSED_FOR: Duration = Duration::from_secs(60);

/// Where joining stands.
#[derive(Debug)]
pub(super) enum Join {
    /// The server shall name its anchor, to be held against the link's hash.
    Anchor,
    /// What the connection must verify against is settled; a nonce is to be had.
    Nonce(Box<Ready>),
    /// The key is to be posted.
    Exchange(Box<Ready>, Nonce),
}

/// What every connection must show that carries the key. Dates do not count against a pinned anchor, as nobody may tell
/// the time to a stick that does not know its server yet; against the public web's roots they do.
fn assurance(trust: &Trust) -> Assurance {
    match trust {
        Trust::Anchor(_) => Assurance::AnchoredAtSomeTime(trust.clone()),
        Trust::WebPki(_) => Assurance::Anchored(trust.clone()),
    }
}

impl Join {
    /// The call that is due.
    pub(super) fn call(&self, setup: &Setup, key: &DeviceKey) -> Option<Call> {
        let id = setup.link.as_ref()?.address().id();
        Some(match self {
            Self::Anchor => Call::Anchor(setup.before_pairing.clone()),
            Self::Nonce(ready) => Call::Nonce(assurance(ready.trust())),
            Self::Exchange(ready, nonce) => {
                let exchange = ready.exchange(key, setup.description.clone(), *nonce);
                Call::Exchange(id, Box::new(exchange), assurance(ready.trust()))
            }
        })
    }
}

impl Core {
    /// How a screen that belongs to nobody begins: it looks for a server where it knows none; then by its link where it has
    /// one that may still be taken, else by a code.
    pub(super) fn begin(&self) -> Phase {
        let Some(server) = &self.setup.server else { return Phase::Searching };
        let Some(holder) = &self.setup.link else { return Phase::Pairing(Pair::Asking(None)) };
        if holder.address().anchor().is_some() {
            return Phase::Joining(Join::Anchor);
        }
        // Without a hash, the server is the one that the operator's own authority vouches for, or the public web's.
        let trust = match &self.setup.before_pairing {
            Assurance::Anchored(trust) | Assurance::AnchoredAtSomeTime(trust) => Some(trust.clone()),
            Assurance::None => server.host_str().and_then(|host| host.parse().ok()).map(Trust::WebPki),
        };
        match trust.and_then(|trust| holder.unanchored(trust)) {
            Some(ready) => Phase::Joining(Join::Nonce(Box::new(ready))),
            None => Phase::Pairing(Pair::Asking(None)),
        }
    }

    pub(super) fn join_answered(
        &mut self,
        join: Join,
        result: Result<Box<Reply>, CallError>,
        now: Now,
        actions: &mut Vec<Action>,
    ) -> Phase {
        let reply = match result {
            Ok(reply) => reply,
            Err(error) => return self.join_failed(join, &error, now, actions),
        };
        let (presented, date) = (reply.presented, reply.date);
        match (join, reply.body) {
            (Join::Anchor, Body::Anchor(certificates)) => {
                let holder = self.setup.link.as_ref();
                let ready =
                    certificates.zip(holder).map_or(Err(Foreign), |(pem, holder)| holder.anchored(pem, anchor_hash));
                match ready {
                    Ok(ready) => Phase::Joining(Join::Nonce(Box::new(ready))),
                    Err(foreign) => intercepted(Suspicion::Interception(foreign.to_string()), now),
                }
            }
            (Join::Nonce(ready), Body::Nonce(nonce)) => Phase::Joining(Join::Exchange(ready, nonce)),
            (Join::Exchange(ready, _), Body::Joined(paired)) => {
                match ready.joined(*paired, |trust| verify(&presented, trust, now)) {
                    Ok(paired) => {
                        // This answer came over the anchor, so its date may be believed.
                        if let (Trust::Anchor(_), Some(date)) = (&paired.payload.trust, date) {
                            actions.push(Action::Clock(date));
                        }
                        actions.push(Action::Store(Box::new(paired.clone())));
                        self.finish_link(actions);
                        Phase::Paired(Box::new(Session::new(paired)))
                    }
                    Err(reason) => intercepted(Suspicion::from(&reason), now),
                }
            }
            _ => {
                self.nonsense(now);
                self.begin()
            }
        }
    }

    fn join_failed(&mut self, join: Join, error: &CallError, now: Now, actions: &mut Vec<Action>) -> Phase {
        match error {
            // The right server, or another one, but not over a connection that is its own.
            CallError::Untrusted(reason @ (Untrusted::Chain(_) | Untrusted::Host { .. })) => {
                intercepted(Suspicion::from(reason), now)
            }
            CallError::Refused { status: 408 | 429, .. } => Phase::Joining(join),
            CallError::Refused { status: 400..500, code } => match Refusal::from_code(code) {
                Some(Refusal::StaleNonce) => match join {
                    Join::Exchange(ready, _) | Join::Nonce(ready) => Phase::Joining(Join::Nonce(ready)),
                    Join::Anchor => Phase::Joining(join),
                },
                refusal => {
                    // From elsewhere it may be taken another time, and an older server may be brought up to date.
                    if !matches!(refusal, None | Some(Refusal::Elsewhere)) {
                        self.finish_link(actions);
                    }
                    Phase::NotJoined { until: now.instant + REFUSED_FOR, refusal }
                }
            },
            CallError::Refused { .. }
            | CallError::Silent(_)
            | CallError::UnknownName(_)
            | CallError::Malformed(_)
            | CallError::Untrusted(_) => Phase::Joining(join),
        }
    }

    /// The link is done with: its key is forgotten.
    pub(super) fn finish_link(&mut self, actions: &mut Vec<Action>) {
        if let Some(holder) = self.setup.link.take() {
            actions.push(Action::FinishLink(holder.address().id()));
        }
    }
}

pub(super) fn intercepted(suspicion: Suspicion, now: Now) -> Phase {
    Phase::Intercepted { until: now.instant + INTERCEPTED_FOR, suspicion }
}
