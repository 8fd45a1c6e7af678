//! Commands to screens: given to whoever listens, until it says what became of them.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use device::fleet::{Acknowledgement, Command, Order};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use uuid::Uuid;

use crate::store::{Deed, Sent, Store, StoreError};

/// A command that no screen took within this time is not given any more: nobody wants a screen to restart days after.
const LIFE: SignedDuration = SignedDuration::from_mins(10);
/// For so long it is known what became of it.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 30);

/// The commands that have no answer yet, by screen. The database is the truth; this is what streams look at.
pub(crate) struct Commands {
    store: Store,
    open: Mutex<HashMap<Uuid, watch::Sender<Vec<Sent>>>>,
}

impl Commands {
    pub(crate) async fn load(store: Store, now: Timestamp) -> Result<Self, StoreError> {
        let commands = Self { open: Mutex::default(), store: store.clone() };
        for sent in store.open_commands(now).await? {
            commands.of(sent.screen).send_modify(|open| open.push(sent));
        }
        Ok(commands)
    }

    /// Gives a screen a command. What waits for it already is not given twice, as where somebody presses again.
    pub(crate) async fn give(&self, screen: Uuid, order: Order, deed: &Deed) -> Result<(), StoreError> {
        let of_screen = self.of(screen);
        if of_screen.borrow().iter().any(|sent| is_alive(sent, deed.at) && sent.command.order == order) {
            return Ok(());
        }
        let life = deed.at.saturating_add(LIFE).unwrap_or(Timestamp::MAX);
        let expires_at = match &order {
            Order::Message { until, .. } => life.min(*until),
            _ => life,
        };
        // As the database keeps it.
        let expires_at = Timestamp::from_millisecond(expires_at.as_millisecond()).unwrap_or(expires_at);
        let command = Command { id: Uuid::new_v4(), expires_at, order };
        let sent = Sent { screen, command, made_at: deed.at, outcome: None };
        let since = deed.at.checked_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
        self.store.add_command(&sent, since, deed).await?;
        of_screen.send_modify(|open| {
            open.retain(|before| is_alive(before, deed.at));
            open.push(sent);
        });
        Ok(())
    }

    /// What a screen has to do, and whatever is added.
    pub(crate) fn listen(&self, screen: Uuid) -> watch::Receiver<Vec<Sent>> {
        self.of(screen).subscribe()
    }

    /// A screen says what became of a command; says whether there was one.
    pub(crate) async fn end(&self, screen: Uuid, id: Uuid, outcome: &Acknowledgement) -> Result<bool, StoreError> {
        let known = self.store.end_command(screen, id, outcome).await?;
        self.of(screen).send_modify(|open| open.retain(|sent| sent.command.id != id));
        Ok(known)
    }

    /// A screen was removed.
    pub(crate) fn forget(&self, screen: Uuid) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&screen);
    }

    fn of(&self, screen: Uuid) -> watch::Sender<Vec<Sent>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).entry(screen).or_default().clone()
    }
}

/// Whether a command is still to be given.
pub(crate) fn is_alive(sent: &Sent, now: Timestamp) -> bool {
    now < sent.command.expires_at
}
