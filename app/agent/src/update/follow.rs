//! Joins the rules of updates to the world: asks, installs and restarts as they say, and reports how the device is.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::health::{self, Reports};
use super::rules::{Action, Event, Rules, Shown};
use super::{BootFlow, Installer, Record, Started, UpdateSource};
use crate::connection::SignedIn;

/// How long is waited before something is asked again that should always answer.
const AGAIN: Duration = Duration::from_secs(30);

/// Where the record is kept.
pub trait Store {
    /// Stores it, so that it is there after a power cut.
    ///
    /// # Errors
    /// The disk, in words.
    fn store(&self, record: &Record) -> Result<(), String>;
}

/// What the updates of a device have to do with.
#[derive(Debug)]
pub struct World<S, M, R> {
    /// Where updates come from.
    pub source: S,
    /// The other slot, and the boot loader.
    pub machine: M,
    /// The record.
    pub store: R,
    /// The session, whenever there is one.
    pub session: watch::Receiver<Option<SignedIn>>,
    /// What the display shows of updates.
    pub shown: watch::Sender<Shown>,
}

type Task<'a> = Pin<Box<dyn Future<Output = Event> + Send + 'a>>;

impl<S, M, R> World<S, M, R>
where
    S: UpdateSource + Sync,
    M: Installer + BootFlow + Sync,
    R: Store + Sync,
{
    /// Follows updates for as long as the future is polled. `wanted` is heard when somebody does not want to wait.
    pub async fn follow(mut self, record: Record, mut wanted: mpsc::Receiver<()>) {
        let started = self.started().await;
        let (mut rules, first) = Rules::new(started.clone(), record, SignedIn::now(None));
        let (percents, mut percent) = mpsc::channel(4);
        let mut session = self.session.clone();
        session.mark_changed();
        let world = &self;
        let mut tasks: Vec<Task<'_>> = Vec::new();
        let mut actions = first;
        let mut reports = Reports::new();
        loop {
            for action in actions {
                tasks.extend(world.task(action, &percents));
            }
            let current = session.borrow().clone();
            let at = SignedIn::now(current.as_ref());
            reports.tell(current.as_ref(), health::of(&started, &rules, at)).await;
            let wake = rules.wake_at(at).min(reports.due());
            let event = tokio::select! {
                () = tokio::time::sleep_until(wake.into()) => Event::Tick,
                _ = session.changed() => Event::SignedIn(session.borrow_and_update().is_some()),
                Some(()) = wanted.recv() => Event::UpdateNow,
                Some(percent) = percent.recv() => Event::Progress(percent),
                event = first_of(&mut tasks) => event,
            };
            let at = SignedIn::now(session.borrow().as_ref());
            actions = rules.handle(event, at);
        }
    }

    /// How the machine was started; what should know it may still be starting itself.
    async fn started(&mut self) -> Started {
        loop {
            match self.machine.started().await {
                Ok(started) => return started,
                Err(why) => tracing::warn!("there are no updates yet: {why}"),
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Does what the rules say, as far as that takes no time; the rest is a task.
    fn task<'a>(&'a self, action: Action, percents: &mpsc::Sender<u8>) -> Option<Task<'a>> {
        match action {
            Action::Show(shown) => {
                self.shown.send_replace(shown);
                None
            }
            Action::Store(record) => {
                if let Err(why) = self.store.store(&record) {
                    tracing::error!("how the update stands cannot be stored: {why}");
                }
                None
            }
            Action::Look(compatible) => {
                Some(Box::pin(async move { Event::Looked(self.source.releases(&compatible).await) }))
            }
            Action::Ask(candidates) => {
                Some(Box::pin(async move { Event::Turned(self.source.turn(&candidates).await) }))
            }
            Action::Install(release) => {
                tracing::info!(version = %release.version, "a release is installed");
                let percents = percents.clone();
                Some(Box::pin(async move {
                    // One that is not taken at once is followed by another.
                    let progress = |percent| _ = percents.try_send(percent);
                    Event::Installed(match self.source.origin(&release) {
                        Ok(origin) => self.machine.install(&release, &origin, progress).await,
                        Err(why) => Err(why),
                    })
                }))
            }
            Action::Activate(slot) => {
                tracing::info!(?slot, "is the next to be started");
                Some(Box::pin(async move { Event::Activated(self.machine.activate(slot).await) }))
            }
            Action::Prove => Some(Box::pin(async move { Event::Proven(self.machine.proven().await) })),
            Action::Restart => Some(Box::pin(async move {
                if let Err(why) = self.machine.restart().await {
                    tracing::error!("the machine cannot be restarted: {why}");
                }
                Event::Tick
            })),
        }
    }
}

/// The first event that a task brings; for ever where there is none.
async fn first_of(tasks: &mut Vec<Task<'_>>) -> Event {
    if tasks.is_empty() {
        return std::future::pending().await;
    }
    let (event, which, _) = futures_util::future::select_all(tasks.iter_mut()).await;
    drop(tasks.swap_remove(which));
    event
}

#[cfg(test)]
mod tests;
