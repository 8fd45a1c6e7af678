//! Commands: what an administrator wants of this screen, heard from its server, done once, and acknowledged.
//!
//! [`rules`] decide, without I/O and with a clock that is handed in; the channel hears commands and tells what became of
//! them. Both ends may lose each other at any time, and the machine its power: what came is remembered under its id before
//! it is done, and an outcome until the server has heard it.

mod channel;
pub mod rules;
mod stored;

use std::path::PathBuf;
use std::time::Instant;

use device::Over;
use tokio::sync::{mpsc, watch};

use crate::connection::SignedIn;
use crate::core::Now;
use rules::{Action, Deed, Event, Rules};
pub use stored::Stored;

/// What the commands have to do with.
#[derive(Debug)]
pub struct World {
    /// The session, whenever there is one.
    pub session: watch::Receiver<Option<SignedIn>>,
    /// What lies over what the TV shows.
    pub shown: watch::Sender<Over>,
    /// The wish for an update; nobody hears it where this machine takes none.
    pub update: mpsc::Sender<()>,
    /// A file that restarts the machine when it appears; none where that is not this program's to do.
    pub restart: Option<PathBuf>,
    /// Which run of the machine this is, as its kernel names it.
    pub boot: String,
    /// What is remembered.
    pub store: Stored,
}

impl World {
    /// Follows commands for as long as the future is polled.
    pub async fn follow(self) {
        let (hear, heard) = mpsc::channel(4);
        let (outcome, to_tell) = watch::channel(None);
        let (tell, told) = mpsc::channel(4);
        let (listens, tells) = (self.session.clone(), self.session.clone());
        tokio::select! {
            () = channel::listen(listens, hear) => {}
            () = channel::tell(tells, to_tell, tell) => {}
            () = self.attend(heard, &outcome, told) => {}
        }
    }

    async fn attend(
        mut self,
        mut heard: mpsc::Receiver<device::fleet::Command>,
        outcome: &watch::Sender<Option<channel::Outcome>>,
        mut told: mpsc::Receiver<uuid::Uuid>,
    ) {
        let mut rules = Rules::new(self.store.read(), self.boot.clone(), self.now());
        self.session.mark_changed();
        let mut event = Event::Tick;
        loop {
            self.carry_out(&mut rules, event);
            outcome.send_if_modified(|outcome| {
                let next = rules.untold();
                let news = *outcome != next;
                *outcome = next;
                news
            });
            let wake = rules.wake_at(self.now());
            event = tokio::select! {
                () = until(wake) => Event::Tick,
                changed = self.session.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    Event::SignedIn(self.session.borrow_and_update().is_some())
                }
                Some(command) = heard.recv() => Event::Heard(command),
                Some(id) = told.recv() => Event::Told(id),
            };
        }
    }

    /// Gives the event to the rules and does what they say. How that went is an event of its own.
    fn carry_out(&self, rules: &mut Rules, event: Event) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            let mut stored = Ok(());
            for action in rules.handle(event, self.now()) {
                match action {
                    Action::Store(record) => {
                        stored = self.store.store(&record);
                        if let Err(why) = &stored {
                            tracing::error!("what became of commands cannot be stored: {why}");
                        }
                    }
                    Action::Show(over) => drop(self.shown.send_replace(over)),
                    Action::Do(id, deed) => {
                        // What is forgotten would be done again.
                        let done = stored.clone().and_then(|()| self.begin(deed));
                        tracing::info!(%id, ?deed, ?done, "an administrator commands");
                        events.push(Event::Begun(id, done));
                    }
                }
            }
        }
    }

    fn begin(&self, deed: Deed) -> Result<(), String> {
        match deed {
            Deed::UpdateNow => match self.update.try_send(()) {
                // One that waits to be heard is as good as two.
                Ok(()) | Err(mpsc::error::TrySendError::Full(())) => Ok(()),
                Err(mpsc::error::TrySendError::Closed(())) => {
                    Err("this screen takes no updates: its image was built without a vendor\u{2019}s keys".to_owned())
                }
            },
            Deed::Restart => {
                let wish = self.restart.as_ref().ok_or("this computer is not its agent\u{2019}s to restart")?;
                std::fs::write(wish, "").map_err(|error| format!("{}: {error}", wish.display()))
            }
        }
    }

    fn now(&self) -> Now {
        SignedIn::now(self.session.borrow().as_ref())
    }
}

async fn until(wake: Option<Instant>) {
    match wake {
        Some(wake) => tokio::time::sleep_until(wake.into()).await,
        None => std::future::pending().await,
    }
}
