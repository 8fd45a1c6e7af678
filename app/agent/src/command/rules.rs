//! The rules of commands: (state, event, now) → (state, actions).
//!
//! A command is known by its id. One that is new is done, and remembered before; one that is known is acknowledged again,
//! with the outcome that it had. A restart is done once the machine runs anew, so that its outcome is told after it.

use std::time::{Duration, Instant};

use device::fleet::{Acknowledgement, Command, MAX_REASON, Order, is_message};
use device::{Message, Over};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::core::Now;

/// For how long a screen says which one it is: long enough to look at each in a room.
pub const IDENTIFY: Duration = Duration::from_secs(20);
/// Within which a machine that was told to restart has done so.
pub const RESTART: Duration = Duration::from_secs(5 * 60);
/// How many commands are remembered. The server gives none again after minutes.
const REMEMBERED: usize = 32;

/// What is remembered across restarts: the newest commands, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    commands: Vec<Known>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    id: Uuid,
    #[serde(flatten)]
    fate: Fate,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
enum Fate {
    /// It is begun.
    Begun,
    /// The machine was told to restart, in this run of it.
    Restarting { boot: String },
    /// It is over, and the server does not know yet, or not any more.
    Over { outcome: Acknowledgement },
    /// It is over, and the server knows.
    Told { outcome: Acknowledgement },
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Time went by.
    Tick,
    /// Whether the screen is signed in.
    SignedIn(bool),
    /// The server gave a command, perhaps again.
    Heard(Command),
    /// Whether what [`Action::Do`] asks for could be begun, and else why not.
    Begun(Uuid, Result<(), String>),
    /// The server heard what became of a command.
    Told(Uuid),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Store the record, before anything that follows is done; where that fails, what follows is not.
    Store(Record),
    /// Lay this over what is shown.
    Show(Over),
    /// Begin something.
    Do(Uuid, Deed),
}

/// What is begun outside the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Look for an update.
    UpdateNow,
    /// Restart the machine.
    Restart,
}

/// The state of a device's commands.
#[derive(Debug)]
pub struct Rules {
    record: Record,
    /// Which run of the machine this is.
    boot: String,
    /// Until when it has to have restarted, where it was told to.
    restarts_by: Instant,
    identify_until: Option<Instant>,
    message: Option<Message>,
    shown: Over,
}

impl Rules {
    /// The rules after a start of the agent, in the run of the machine that `boot` names.
    #[must_use]
    pub fn new(mut record: Record, boot: String, now: Now) -> Self {
        for known in &mut record.commands {
            match &known.fate {
                Fate::Restarting { boot: told_in } if *told_in != boot => {
                    known.fate = Fate::Over { outcome: Acknowledgement::Done };
                }
                // The power failed in between, or the agent ended: nobody knows how far it came.
                Fate::Begun => known.fate = refused("this screen was interrupted"),
                Fate::Restarting { .. } | Fate::Over { .. } | Fate::Told { .. } => {}
            }
        }
        Self {
            record,
            boot,
            restarts_by: now.instant + RESTART,
            identify_until: None,
            message: None,
            shown: Over::default(),
        }
    }

    /// Takes an event and says what is to be done.
    pub fn handle(&mut self, event: Event, now: Now) -> Vec<Action> {
        let before = self.record.clone();
        let mut deed = None;
        match event {
            // What a server wants on the wall ends with its session.
            Event::SignedIn(false) => (self.identify_until, self.message) = (None, None),
            Event::Tick | Event::SignedIn(true) => {}
            Event::Heard(command) => deed = self.heard(command, now),
            Event::Begun(id, result) => self.begun(id, result, now),
            Event::Told(id) => {
                if let Some(known) = self.known(id)
                    && let Fate::Over { outcome } = &known.fate
                {
                    known.fate = Fate::Told { outcome: outcome.clone() };
                }
            }
        }
        self.pass(now);
        let mut actions = Vec::new();
        if self.record != before {
            actions.push(Action::Store(self.record.clone()));
        }
        let over = Over { identify: self.identify_until.is_some(), message: self.message.clone() };
        if over != self.shown {
            self.shown = over.clone();
            actions.push(Action::Show(over));
        }
        actions.extend(deed);
        actions
    }

    /// When time alone will change something.
    #[must_use]
    pub fn wake_at(&self, now: Now) -> Option<Instant> {
        let message = self.message.as_ref().map(|message| {
            now.instant + Duration::try_from(now.trusted.duration_until(message.until)).unwrap_or_default()
        });
        let restart = self.restarting().then_some(self.restarts_by);
        [self.identify_until, message, restart].into_iter().flatten().min()
    }

    /// The oldest outcome that the server does not know.
    #[must_use]
    pub fn untold(&self) -> Option<(Uuid, Acknowledgement)> {
        self.record.commands.iter().find_map(|known| match &known.fate {
            Fate::Over { outcome } => Some((known.id, outcome.clone())),
            _ => None,
        })
    }

    fn heard(&mut self, command: Command, now: Now) -> Option<Action> {
        let Command { id, expires_at, order } = command;
        if let Some(known) = self.known(id) {
            // The server asks again, so it did not hear the answer.
            if let Fate::Told { outcome } = &known.fate {
                known.fate = Fate::Over { outcome: outcome.clone() };
            }
            return None;
        }
        let done = Fate::Over { outcome: Acknowledgement::Done };
        let (fate, deed) = match order {
            _ if expires_at <= now.trusted => (Fate::Over { outcome: Acknowledgement::Expired }, None),
            Order::Identify => {
                self.identify_until = Some(now.instant + IDENTIFY);
                (done, None)
            }
            Order::Message { text, .. } if !is_message(&text) => {
                (refused("this screen has no room for such a message"), None)
            }
            Order::Message { text, until } => {
                self.message = Some(Message { text, until });
                (done, None)
            }
            Order::UpdateNow => (Fate::Begun, Some(Action::Do(id, Deed::UpdateNow))),
            Order::Reboot => {
                self.restarts_by = now.instant + RESTART;
                (Fate::Restarting { boot: self.boot.clone() }, Some(Action::Do(id, Deed::Restart)))
            }
            Order::Unknown => (refused("this screen\u{2019}s version does not know how to do that"), None),
        };
        self.record.commands.push(Known { id, fate });
        let surplus = self.record.commands.len().saturating_sub(REMEMBERED);
        self.record.commands.drain(..surplus);
        deed
    }

    fn begun(&mut self, id: Uuid, result: Result<(), String>, now: Now) {
        let Some(known) = self.known(id) else { return };
        match (&known.fate, result) {
            (Fate::Begun | Fate::Restarting { .. }, Err(why)) => known.fate = refused(&why),
            (Fate::Begun, Ok(())) => known.fate = Fate::Over { outcome: Acknowledgement::Done },
            (Fate::Restarting { .. }, Ok(())) => self.restarts_by = now.instant + RESTART,
            (Fate::Over { .. } | Fate::Told { .. }, _) => {}
        }
    }

    /// What time alone changes.
    fn pass(&mut self, now: Now) {
        self.identify_until.take_if(|until| *until <= now.instant);
        self.message.take_if(|message| message.until <= now.trusted);
        if self.restarts_by <= now.instant {
            for known in &mut self.record.commands {
                if matches!(known.fate, Fate::Restarting { .. }) {
                    known.fate = refused("the machine did not restart, although it was told to");
                }
            }
        }
    }

    fn restarting(&self) -> bool {
        self.record.commands.iter().any(|known| matches!(known.fate, Fate::Restarting { .. }))
    }

    fn known(&mut self, id: Uuid) -> Option<&mut Known> {
        self.record.commands.iter_mut().find(|known| known.id == id)
    }
}

fn refused(why: &str) -> Fate {
    Fate::Over { outcome: Acknowledgement::Refused { why: why.chars().take(MAX_REASON).collect() } }
}

#[cfg(test)]
mod tests;
