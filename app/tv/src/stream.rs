//! The board's event stream: connects, verifies, reads, comes back.
//!
//! What arrives is only told ([`Event`]); what it means for the wall is [`crate::app`]'s business.

mod backoff;
mod session;
mod tls;

use std::{sync::Arc, time::Duration};

use board::{Revision, wire};
use device::Live;
use jiff::Timestamp;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

use backoff::Backoff;
pub(crate) use backoff::PROVEN;
use session::Session;

/// What the stream tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The verified server speaks: the connection lives.
    Open {
        /// The server's time, where it told it.
        date: Option<Timestamp>,
    },
    /// A change of the board.
    Changed {
        /// What changed.
        event: wire::Event,
        /// The board's revision after it.
        revision: Option<Revision>,
    },
    /// There is no connection; the next one is on its way.
    Lost(Loss),
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Nobody answers, or the connection broke.
    Unreachable,
    /// Nothing came for so long that the connection must be dead: 12 s, where the server says something every 5 s.
    Silent,
    /// The server said that it goes away.
    Bye,
    /// What answers is not the server that the screen was paired with: its certificate does not verify.
    Untrusted,
    /// The server refuses the access token.
    Refused,
    /// The server has no such board.
    NoBoard,
    /// What came is not a board's event stream.
    Malformed,
}

/// How long a stream may say nothing.
const SILENCE: Duration = Duration::from_secs(12);

/// The longest wait that a server may ask for.
const LONGEST_BYE: Duration = Duration::from_secs(5 * 60);

/// Follows the board that `target` names, until nobody asks any more.
///
/// A new access token is used for the next connection; another server, trust or board ends the present one.
pub async fn follow<E: From<Event>>(mut target: watch::Receiver<Option<Live>>, events: mpsc::Sender<E>) {
    loop {
        let Some(live) = target.borrow_and_update().clone() else {
            if target.changed().await.is_err() {
                return;
            }
            continue;
        };
        tokio::select! {
            end = follow_one(&live, target.clone(), &events) => if end.is_none() { return },
            changed = superseded(target.clone(), &live) => if changed.is_none() { return },
        }
    }
}

/// Follows one board on one server; `None` once nobody listens.
async fn follow_one<E: From<Event>>(
    first: &Live,
    mut target: watch::Receiver<Option<Live>>,
    events: &mpsc::Sender<E>,
) -> Option<()> {
    let clock = Arc::new(tls::Clock::default());
    let mut session = match Session::new(first, clock.clone()) {
        Ok(session) => session,
        Err(error) => {
            tracing::error!("cannot connect to {}: {error}", first.server);
            events.send(Event::Lost(Loss::Untrusted).into()).await.ok()?;
            // Only the agent can bring another anchor, and that supersedes this one.
            return std::future::pending().await;
        }
    };
    let mut backoff = Backoff::default();
    loop {
        let Some(live) = target.borrow_and_update().clone() else {
            // `superseded` ends this.
            return std::future::pending().await;
        };
        clock.set(live.clock_offset);
        let ended = session.run(&live.access_token, SILENCE, events).await?;
        let wait = ended.come_back.min(LONGEST_BYE) + backoff.after(ended.served);
        if ended.loss == Loss::Malformed {
            tracing::warn!(
                "cannot read what {} sends: {}. Is the server of the same release as this screen?",
                live.server,
                ended.words
            );
        }
        tracing::info!("no stream from {}: {}; trying again in {} ms", live.server, ended.words, wait.as_millis());
        events.send(Event::Lost(ended.loss).into()).await.ok()?;
        wait_or_token(Instant::now() + wait, &mut target, &live).await?;
    }
}

/// Waits, but no longer than until the agent brings another token or another correction of the clock.
async fn wait_or_token(until: Instant, target: &mut watch::Receiver<Option<Live>>, tried: &Live) -> Option<()> {
    loop {
        tokio::select! {
            () = sleep_until(until) => return Some(()),
            changed = target.changed() => {
                changed.ok()?;
                let same = |live: &Live| {
                    (&live.access_token, live.clock_offset) == (&tried.access_token, tried.clock_offset)
                };
                if !target.borrow().as_ref().is_some_and(same) {
                    return Some(());
                }
            }
        }
    }
}

/// Comes back when another board or server is asked for; `None` once nobody asks any more.
async fn superseded(mut target: watch::Receiver<Option<Live>>, followed: &Live) -> Option<()> {
    let same = |live: &Live| {
        (&live.server, &live.proxy, &live.trust, &live.board)
            == (&followed.server, &followed.proxy, &followed.trust, &followed.board)
    };
    target.wait_for(|target| !target.as_ref().is_some_and(same)).await.ok().map(|_| ())
}

#[cfg(test)]
mod tests;
