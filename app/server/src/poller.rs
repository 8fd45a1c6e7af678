//! Reads the desk every few seconds and publishes what changed.

mod pace;

use std::{sync::Arc, time::Duration};

use board::SimulatedTime;
use connectors::{PollError, Source};
use desk::Desk;
use jiff::SignedDuration;
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    alerts::Raising,
    app::App,
    boards::{self, Boards, BoardsError},
    settings::{self, Settings},
};
use pace::Pace;

/// How far back samples are loaded: the longest comparison is four weeks.
const HISTORY: SignedDuration = SignedDuration::from_hours(29 * 24);

/// Reads whatever desk the settings name.
pub(crate) struct Poller<S, O> {
    app: Arc<App>,
    changes: watch::Receiver<Arc<Settings>>,
    /// Makes a source by the settings.
    open: O,
    /// Time between two polls, where the configuration says so.
    interval: Option<Duration>,
    settings: Arc<Settings>,
    source: S,
    pace: Pace,
    shown: Shown,
    /// The desk of a new source, which is shown once it has answered.
    next: Option<Shown>,
    /// What raises alerts, where the desk is a real one.
    raising: Option<Raising>,
}

/// A desk, and the boards that show it.
struct Shown {
    desk: Desk,
    boards: Boards,
    /// How the desk's time ran when it was last asked.
    simulated: Option<SimulatedTime>,
}

impl Shown {
    fn new(settings: &Settings, source: &impl Source) -> Result<Self, BoardsError> {
        let boards = Boards::new(settings, source.provider())?;
        let mut desk = Desk::new();
        boards.watch(&mut desk);
        Ok(Self { desk, boards, simulated: None })
    }

    /// Publishes what is different now, and keeps samples if they are history: what a desk told that is no longer asked
    /// does not belong to the history of the new one.
    async fn refresh(&mut self, app: &App, instant: boards::Instant, is_history: bool) {
        let started = Instant::now();
        let events = self.publish(app, instant);
        tracing::debug!(refresh_us = micros(started.elapsed()), events, "refreshed");
        let samples = if is_history { self.desk.sample(instant.now()) } else { Vec::new() };
        if !samples.is_empty()
            && let Err(error) = app.store.keep_samples(&samples, instant.now() - HISTORY).await
        {
            tracing::error!(%error, "history could not be written");
        }
    }

    fn publish(&mut self, app: &App, instant: boards::Instant) -> usize {
        self.boards.limit_to(&app.scopes.wanted(), &mut self.desk);
        let rota = app.rota.borrow().clone();
        let boards = self.boards.draw(&self.desk, instant, rota.as_deref());
        let everybodys = boards.iter().filter(|(clients, _)| clients.is_none());
        let ids = everybodys.map(|(_, board)| board.id.clone()).collect::<Vec<_>>();
        app.live.keep_only(&ids);
        app.scopes.keep_only(&ids);
        let mut events = 0;
        for (clients, board) in boards {
            let live = match &clients {
                None => Some(app.live.clone()),
                // Gone meanwhile: nobody reads it.
                Some(clients) => app.scopes.boards_for(clients),
            };
            match live.map_or(Ok(0), |live| live.publish(board)) {
                Ok(made) => events += made,
                Err(error) => tracing::error!(%error, "a board could not be published; the one before stays"),
            }
        }
        events
    }
}

impl<S: Source + 'static, O: FnMut(&Settings) -> S + Send> Poller<S, O> {
    /// Publishes every board, as yet without data.
    ///
    /// # Errors
    /// A board cannot be drawn by the settings.
    pub(crate) fn new(app: Arc<App>, mut open: O, interval: Option<Duration>) -> Result<Self, BoardsError> {
        let mut changes = app.settings.subscribe();
        let settings = changes.borrow_and_update().clone();
        let source = open(&settings);
        let pace = pace(&settings, interval);
        let shown = Shown::new(&settings, &source)?;
        let mut poller =
            Self { app, changes, open, interval, settings, source, pace, shown, next: None, raising: None };
        let instant = poller.instant();
        poller.shown.publish(&poller.app, instant);
        Ok(poller)
    }

    /// Polls until the server stops. To be run on a thread of its own: to read and draw a large desk takes a while, and
    /// nobody else shall wait for that.
    pub(crate) async fn run(mut self) {
        let stopping = self.app.stopping.clone();
        tokio::select! {
            () = stopping.cancelled() => {}
            () = self.poll_forever() => {}
        }
    }

    async fn poll_forever(&mut self) {
        self.remember().await;
        loop {
            let started = Instant::now();
            let Some(polled) = self.poll().await else {
                self.follow().await;
                continue;
            };
            let outcome = polled.map(|batch| self.take_in(batch, started));
            self.app.metrics.polled(started.elapsed(), outcome.is_ok());
            self.app.warnings.send_replace(self.source.warnings());
            match &outcome {
                Ok(()) => self.app.readings.went_well(self.app.clock.now()),
                Err(error) => self.app.readings.failed(self.app.clock.now(), error.to_string()),
            }
            let wait = self.pace.after(outcome.as_ref().err(), u64::from_le_bytes(crate::random::bytes()));
            if let Err(error) = outcome {
                tracing::warn!(%error, again_in_s = wait.as_secs(), "the desk could not be read");
            }
            self.refresh_until(started + wait).await;
        }
    }

    /// Reads the desk once; `None` where the settings name another desk before it has answered. Meanwhile the boards go
    /// on: one poll can take minutes, of a slow desk or of one that makes its readers wait.
    async fn poll(&mut self) -> Option<Result<desk::Batch, PollError>> {
        let Self { app, changes, settings, source, pace, shown, next, raising, .. } = self;
        let reading = source.poll(app.clock.now());
        tokio::pin!(reading);
        loop {
            tokio::select! {
                polled = &mut reading => return Some(polled),
                () = other_desk(changes, settings) => return None,
                () = sleep(pace.interval()) => {
                    let instant = boards::Instant::simulated(shown.simulated, app.clock.now());
                    shown.refresh(app, instant, next.is_none()).await;
                    if let (Some(raising), None) = (raising.as_mut(), next.as_ref()) {
                        raising.look(app, settings, &shown.desk, instant.now()).await;
                    }
                }
            }
        }
    }

    fn take_in(&mut self, batch: desk::Batch, started: Instant) {
        if let Some(next) = self.next.take() {
            tracing::info!(provider = self.source.provider(), "the desk is read from now on");
            self.shown = next;
        }
        let polled = started.elapsed();
        let applied = self.shown.desk.apply(batch);
        self.app.clients.send_if_modified(|known| {
            let clients = self.shown.desk.clients();
            let other = *known != clients;
            *known = clients;
            other
        });
        tracing::debug!(
            poll_us = micros(polled),
            apply_us = micros(started.elapsed() - polled),
            changed = applied.changed,
            removed = applied.removed,
            "polled"
        );
    }

    /// Publishes now, and again every interval until then: waits and ages move on without the desk's help. Ends early
    /// where changed settings ask for the desk to be read.
    async fn refresh_until(&mut self, until: Instant) {
        loop {
            self.refresh().await;
            let next = (Instant::now() + self.pace.interval()).min(until);
            tokio::select! {
                () = sleep_until(next) => {}
                () = self.app.scopes.changed() => {}
                () = other_settings(&mut self.changes, &self.settings) => {
                    if self.follow().await {
                        return;
                    }
                }
            }
            if Instant::now() >= until {
                return;
            }
        }
    }

    /// Takes over changed settings. Says whether the desk is to be read at once, because they name another one, or say
    /// something else of its words.
    async fn follow(&mut self) -> bool {
        let settings = self.changes.borrow_and_update().clone();
        let before = std::mem::replace(&mut self.settings, settings);
        let other = !self.settings.read_like(&before);
        let mapping = self.settings.desk.mapping();
        let remapped = !other && mapping != before.desk.mapping();
        if remapped {
            tracing::info!("the desk's words mean something else from now on");
            self.source.remap(&mapping);
        }
        let taken_over = if other { self.change_source(&before).await } else { self.rearrange() };
        if let Err(error) = taken_over {
            tracing::error!(%error, "the boards stay as they were");
        }
        other || remapped
    }

    /// Another source: what the one before has told stays on the boards until the new one has answered, and is marked
    /// as stale where it is about another desk.
    async fn change_source(&mut self, before: &Settings) -> Result<(), BoardsError> {
        let source = (self.open)(&self.settings);
        let next = Shown::new(&self.settings, &source)?;
        tracing::info!(provider = source.provider(), "the settings name another desk, which is read now");
        (self.source, self.pace) = (source, pace(&self.settings, self.interval));
        self.next = Some(next);
        self.app.readings.begin(self.settings.desk.clone());
        self.app.warnings.send_replace(Vec::new());
        if self.settings.desk.identity() != before.desk.identity() {
            self.shown.boards.supersede();
            self.refresh().await;
        }
        self.remember().await;
        Ok(())
    }

    /// The same desk on other boards.
    fn rearrange(&mut self) -> Result<(), BoardsError> {
        let shown = self.next.as_mut().unwrap_or(&mut self.shown);
        let boards = Boards::new(&self.settings, self.source.provider())?;
        shown.boards.unwatch(&mut shown.desk);
        boards.watch(&mut shown.desk);
        shown.boards = boards;
        tracing::info!("the boards are as the changed settings say");
        Ok(())
    }

    /// Gives the desk back what was sampled before this start.
    async fn remember(&mut self) {
        let now = boards::Instant::of(&self.source, self.app.clock.now()).now();
        match self.app.store.history(&self.settings.desk, now - HISTORY).await {
            Ok(samples) => self.next.as_mut().unwrap_or(&mut self.shown).desk.restore(samples),
            Err(error) => tracing::error!(%error, "history could not be read; comparisons begin anew"),
        }
        self.raising = Raising::resume(&self.app, &self.settings).await.unwrap_or_else(|error| {
            tracing::error!(%error, "what was told could not be read; there are no alerts until the next start");
            None
        });
    }

    async fn refresh(&mut self) {
        let instant = self.instant();
        self.shown.refresh(&self.app, instant, self.next.is_none()).await;
        if let (Some(raising), None) = (self.raising.as_mut(), self.next.as_ref()) {
            raising.look(&self.app, &self.settings, &self.shown.desk, instant.now()).await;
        }
    }

    /// The time of the desk that is shown. One that is no longer read goes on in the time that it had.
    fn instant(&mut self) -> boards::Instant {
        let now = self.app.clock.now();
        if self.next.is_some() {
            return boards::Instant::simulated(self.shown.simulated, now);
        }
        let instant = boards::Instant::of(&self.source, now);
        self.shown.simulated = instant.simulated;
        instant
    }
}

/// Waits until the settings name another desk than `before`.
async fn other_desk(changes: &mut watch::Receiver<Arc<Settings>>, before: &Settings) {
    until(changes, |settings| !settings.read_like(before)).await;
}

/// Waits until the settings are others than `before`.
async fn other_settings(changes: &mut watch::Receiver<Arc<Settings>>, before: &Settings) {
    until(changes, |settings| **settings != *before).await;
}

async fn until(changes: &mut watch::Receiver<Arc<Settings>>, holds: impl FnMut(&Arc<Settings>) -> bool) {
    // An error means that the server is gone, which ends the poller anyway.
    if changes.wait_for(holds).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn pace(settings: &Settings, interval: Option<Duration>) -> Pace {
    Pace::new(interval.unwrap_or(match settings.desk {
        // The demo costs nothing to read, and a board that shows it shall live.
        settings::Desk::Demo(_) => Duration::from_secs(2),
        settings::Desk::RequestTracker(_) => Duration::from_secs(20),
    }))
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
