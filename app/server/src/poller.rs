//! Reads the desk every few seconds and publishes what changed.

mod pace;

use std::{sync::Arc, time::Duration};

use connectors::{PollError, Source};
use desk::Desk;
use jiff::SignedDuration;
use tokio::time::{Instant, sleep_until};

use crate::{app::App, boards::Boards, settings};
use pace::Pace;

/// How far back samples are loaded: the longest comparison is four weeks.
const HISTORY: SignedDuration = SignedDuration::from_hours(29 * 24);

pub(crate) struct Poller<S> {
    app: Arc<App>,
    source: S,
    pace: Pace,
    desk: Desk,
    boards: Boards,
}

impl<S: Source + 'static> Poller<S> {
    pub(crate) fn new(app: Arc<App>, source: S, boards: Boards, interval: Option<Duration>) -> Self {
        let interval = interval.unwrap_or(match app.settings.desk {
            // The demo costs nothing to read, and a board that shows it shall live.
            settings::Desk::Demo { .. } => Duration::from_secs(2),
            settings::Desk::RequestTracker => Duration::from_secs(20),
        });
        let mut desk = Desk::new();
        boards.watch(&mut desk);
        Self { app, source, pace: Pace::new(interval), desk, boards }
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
            let outcome = self.poll().await;
            let wait = self.pace.after(outcome.as_ref().err(), u64::from_le_bytes(crate::random::bytes()));
            if let Err(error) = outcome {
                tracing::warn!(%error, again_in_s = wait.as_secs(), "the desk could not be read");
            }
            self.refresh_until(started + wait).await;
        }
    }

    /// Gives the desk back what was sampled before this start.
    async fn remember(&mut self) {
        let now = self.app.clock.now();
        match self.app.store.history(&self.app.settings.desk, now - HISTORY).await {
            Ok(samples) => self.desk.restore(samples),
            Err(error) => tracing::error!(%error, "history could not be read; comparisons begin anew"),
        }
    }

    async fn poll(&mut self) -> Result<(), PollError> {
        let started = Instant::now();
        let batch = self.source.poll(self.app.clock.now()).await?;
        let polled = started.elapsed();
        let applied = self.desk.apply(batch);
        tracing::debug!(
            poll_us = micros(polled),
            apply_us = micros(started.elapsed() - polled),
            changed = applied.changed,
            removed = applied.removed,
            "polled"
        );
        Ok(())
    }

    /// Publishes now, and again every interval until then: waits and ages move on without the desk's help.
    async fn refresh_until(&mut self, until: Instant) {
        loop {
            self.refresh().await;
            let next = (Instant::now() + self.pace.interval()).min(until);
            sleep_until(next).await;
            if next == until {
                return;
            }
        }
    }

    async fn refresh(&mut self) {
        let started = Instant::now();
        let now = self.app.clock.now();
        let boards = self.boards.draw(&self.desk, now);
        let samples = self.desk.sample(now);
        let mut events = 0;
        for board in boards {
            match self.app.live.publish(board) {
                Ok(made) => events += made,
                Err(error) => tracing::error!(%error, "a board could not be published; the one before stays"),
            }
        }
        tracing::debug!(refresh_us = micros(started.elapsed()), events, "refreshed");
        if !samples.is_empty()
            && let Err(error) = self.app.store.keep_samples(&samples, now - HISTORY).await
        {
            tracing::error!(%error, "history could not be written");
        }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
