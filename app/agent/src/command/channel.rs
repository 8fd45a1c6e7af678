//! The way to the server: hears commands, and tells what became of them.

use std::time::Duration;

use board::wire::{self, Decoder, Item, Message};
use device::fleet::{Acknowledgement, COMMAND, Command};
use futures_util::TryStreamExt as _;
use pairing::Entropy;
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::connection::SignedIn;
use crate::core::{CallError, full_jitter};

/// A server that says nothing for so long is lost; it says something every five seconds.
const SILENCE: Duration = Duration::from_secs(15);
/// The shortest and the longest time after which a server may want to see its screens again.
const COME_BACK: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(60));

/// What became of a command, for the server.
pub(super) type Outcome = (Uuid, Acknowledgement);

/// How a connection ended.
struct Ended {
    words: String,
    /// Whether the server had said anything.
    served: bool,
    /// After how long it wants to see this screen again, if it said so.
    come_back: Option<Duration>,
}

impl Ended {
    fn because(words: impl Into<String>, served: bool) -> Self {
        Self { words: words.into(), served, come_back: None }
    }
}

/// Hears commands for as long as it is polled and somebody takes them, over one connection after the other.
pub(super) async fn listen(mut session: watch::Receiver<Option<SignedIn>>, heard: mpsc::Sender<Command>) {
    let mut failures = 0_u32;
    loop {
        let Some(current) = session.borrow_and_update().clone() else {
            failures = 0;
            if session.changed().await.is_err() {
                return;
            }
            continue;
        };
        let ended = tokio::select! {
            ended = hear(&current, &heard) => ended,
            () = is_over(&mut session, &current) => continue,
        };
        failures = if ended.served { 1 } else { failures.saturating_add(1) };
        let wait = ended.come_back.unwrap_or_else(|| jitter(failures));
        tracing::debug!(?wait, "no commands are heard: {}", ended.words);
        tokio::select! {
            () = sleep(wait) => {}
            () = is_over(&mut session, &current) => {}
        }
    }
}

/// One connection, from its start to its end.
async fn hear(session: &SignedIn, heard: &mpsc::Sender<Command>) -> Ended {
    let mut stream = match timeout(SILENCE, session.commands()).await {
        Ok(Ok(stream)) => std::pin::pin!(stream),
        Ok(Err(error)) => return Ended::because(error.to_string(), false),
        Err(_) => return Ended::because("the server does not answer", false),
    };
    let (mut decoder, mut items, mut served) = (Decoder::default(), Vec::new(), false);
    loop {
        let pushed = match timeout(SILENCE, stream.try_next()).await {
            Ok(Ok(Some(bytes))) => decoder.push(&bytes, &mut items),
            Ok(Ok(None)) => return Ended::because("the server ended it", served),
            Ok(Err(error)) => return Ended::because(error.to_string(), served),
            Err(_) => return Ended::because("the server has fallen silent", served),
        };
        for item in items.drain(..) {
            served = true;
            let Item::Message(message) = item else { continue };
            let command = match read(&message) {
                Some(Said::Command(command)) => command,
                Some(Said::Bye(after)) => {
                    return Ended { come_back: Some(after), ..Ended::because("the server goes away", served) };
                }
                None => continue,
            };
            if heard.send(command).await.is_err() {
                return Ended::because("nobody listens any more", served);
            }
        }
        if let Err(error) = pushed {
            return Ended::because(error.to_string(), served);
        }
    }
}

/// What a server says on the stream.
#[derive(Debug, PartialEq)]
enum Said {
    Command(Command),
    /// It goes away, and wants to see this screen again after so long.
    Bye(Duration),
}

/// What an event says; `None` for one that this version does not know, or that does not read.
fn read(message: &Message) -> Option<Said> {
    if message.name == COMMAND {
        let command = serde_json::from_str(&message.data);
        let passed_over = |error: &_| tracing::warn!("a command does not read as one and is passed over: {error}");
        return command.inspect_err(passed_over).ok().map(Said::Command);
    }
    match wire::Event::from_fields(&message.name, &message.data) {
        Ok(Some(wire::Event::Bye(bye))) => {
            Some(Said::Bye(Duration::from_millis(bye.after_ms).clamp(COME_BACK.0, COME_BACK.1)))
        }
        _ => None,
    }
}

/// Tells the server what became of one command after the other.
pub(super) async fn tell(
    mut session: watch::Receiver<Option<SignedIn>>,
    mut outcome: watch::Receiver<Option<Outcome>>,
    told: mpsc::Sender<Uuid>,
) {
    let mut failures = 0_u32;
    loop {
        let (current, next) = (session.borrow_and_update().clone(), outcome.borrow_and_update().clone());
        let (Some(current), Some((id, acknowledgement))) = (current, next) else {
            failures = 0;
            let changed = tokio::select! {
                changed = session.changed() => changed,
                changed = outcome.changed() => changed,
            };
            if changed.is_err() {
                return;
            }
            continue;
        };
        match current.acknowledge(id, &acknowledgement).await {
            // A server that does not know it, or does not understand, will not later either.
            Ok(()) | Err(CallError::Refused { status: 400 | 404 | 422, .. }) => {
                failures = 0;
                if told.send(id).await.is_err() || outcome.changed().await.is_err() {
                    return;
                }
            }
            Err(error) => {
                failures = failures.saturating_add(1);
                tracing::debug!(%id, "the server does not hear what became of a command: {error}");
                sleep(jitter(failures)).await;
            }
        }
    }
}

/// Returns once there is no session with this server any more. A new token of the same one does not end what goes on.
async fn is_over(session: &mut watch::Receiver<Option<SignedIn>>, current: &SignedIn) {
    loop {
        if session.changed().await.is_err() {
            return std::future::pending().await;
        }
        if session.borrow_and_update().as_ref().is_none_or(|newer| !newer.is_with_the_server_of(current)) {
            return;
        }
    }
}

fn jitter(failures: u32) -> Duration {
    // Without randomness nothing else of the agent works either.
    Entropy::system().map_or(COME_BACK.1, |entropy| full_jitter(failures, &entropy))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use device::fleet::Order;
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;

    fn says(name: &str, data: &str) -> Option<Said> {
        read(&Message { name: name.to_owned(), data: data.to_owned(), id: None })
    }

    #[test]
    fn a_server_that_goes_away_says_when_to_come_back_within_reason() {
        for (after_ms, millis) in [(0, 200), (7_000, 7_000), (u64::MAX, 60_000)] {
            let after = Duration::from_millis(millis);
            assert_eq!(says("bye", &json!({ "after_ms": after_ms }).to_string()), Some(Said::Bye(after)));
        }
    }

    #[test]
    fn a_command_is_heard_and_what_is_none_is_passed_over() {
        let command = Command { id: Uuid::from_u128(7), expires_at: Timestamp::UNIX_EPOCH, order: Order::Identify };
        assert_eq!(says(COMMAND, &json!(command).to_string()), Some(Said::Command(command)));
        for (name, data) in [(COMMAND, "{}"), (COMMAND, ""), ("bye", "soon"), ("message", "{}"), ("fireworks", "1")] {
            assert_eq!(says(name, data), None, "{name} {data}");
        }
    }
}
