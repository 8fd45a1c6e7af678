//! The rules of updates: (state, event, now) → (state, actions).
//!
//! ```text
//!           ┌───────────────────── held, nothing newer, failed ◄──────────────────┐
//!           ▼                                                                     │
//! start ► Resting ──due──► Looking ──► Asking ──granted──► Waiting ──turn and window──► Installing
//!    │                                   ▲                   │                     │
//!    │                                   └──every quarter───-┘                     ▼
//!    └─ a new slot was started ► OnTrial ──proven──► Resting         Installed ──window──► Restarting
//! ```
//!
//! Nothing happens to a screen outside its window: writing and restarting follow one another, and what the window does not
//! hold waits for the next one. A release that could not be installed is tried again after an hour, then four, then a day.
//! One that was started and did not show that it works is not tried again; the next one is.

mod exchange;
mod remembered;
mod told;

use std::time::{Duration, Instant};

use device::fleet::{Candidates, Slot, Turn, Window};
use jiff::{SignedDuration, Timestamp};
use updates::{Manifest, Version};

pub use exchange::{Action, Event, Shown};
use remembered::Again;

use super::{Attempt, Record, Stage, Started};
use crate::core::Now;

/// How often is looked for releases: a few kilobytes from the own server.
const LOOK: Duration = Duration::from_secs(60 * 60);
/// How soon after a look that brought nothing.
const LOOK_AGAIN: Duration = Duration::from_secs(15 * 60);
/// How often the server is asked whose turn it is, as long as it is not this screen's.
const ASK: Duration = Duration::from_secs(15 * 60);
/// How often is looked whether a new system has shown that it works.
const PROVEN: Duration = Duration::from_secs(5);
/// Longest time that an action may take to be answered, where it is repeated then.
const RESTART: Duration = Duration::from_secs(5 * 60);
/// The state of a device's updates.
#[derive(Debug)]
pub struct Rules {
    started: Started,
    record: Record,
    phase: Phase,
    signed_in: bool,
    /// A person does not want to wait for turn or window.
    hurry: bool,
    /// When something is due next.
    due: Instant,
    /// When metadata was fresh last, or the start.
    fresh_at: Instant,
    /// Why the last look brought nothing.
    blind: Option<String>,
    /// Whether there was a look that brought something.
    looked: bool,
    /// What the server said of the newest release, where it holds it back.
    held: Option<(Version, String)>,
    shown: Shown,
}

#[derive(Debug)]
enum Phase {
    Resting,
    Looking,
    Asking(Vec<Manifest>),
    Waiting { releases: Vec<Manifest>, release: Box<Manifest>, eligible_at: Timestamp, window: Option<Window> },
    Installing { release: Box<Manifest>, window: Option<Window>, percent: u8 },
    Installed { version: Version, slot: Slot, window: Option<Window> },
    Activating { version: Version, slot: Slot },
    Restarting { version: Version },
    OnTrial { version: Version },
}

impl Rules {
    /// The rules after a start of the machine, or of the agent, with what was stored; and what is to be done first.
    #[must_use]
    pub fn new(started: Started, record: Record, now: Now) -> (Self, Vec<Action>) {
        let mut rules = Self {
            phase: Phase::Resting,
            signed_in: false,
            hurry: false,
            due: now.instant,
            fresh_at: now.instant,
            blind: None,
            looked: false,
            held: None,
            shown: Shown::default(),
            started,
            record,
        };
        let mut actions = Vec::new();
        rules.begin(now, &mut actions);
        (rules, actions)
    }

    /// Takes up what an attempt left.
    fn begin(&mut self, now: Now, actions: &mut Vec<Action>) {
        match self.record.attempt.take() {
            // Power may have failed before it was stored that the slot was activated.
            Some(Attempt { version, slot, stage: Stage::Installed | Stage::Activated })
                if slot == self.started.slot && version == self.started.version =>
            {
                self.attempt(version.clone(), slot, Stage::Activated, actions);
                self.phase = Phase::OnTrial { version };
            }
            Some(Attempt { version, stage: Stage::Activated, .. }) => {
                let reason = self.started.left.as_deref().unwrap_or("it did not come so far that it could say why");
                let reason = format!("it was started and did not show that it works: {reason}");
                self.failed(version, reason, Again::Never, now, actions);
                // From now on it is passed over without being looked at.
                actions.push(Action::Activate(self.started.slot));
                // What else there is is not known since the start.
                self.due = now.instant;
            }
            // What was cut off is begun anew; RAUC knows what is written already, and fetches the rest.
            Some(_) => self.store(actions),
            None if !self.started.proven => self.phase = Phase::OnTrial { version: self.started.version.clone() },
            None => {}
        }
    }

    /// Takes an event and says what is to be done.
    pub fn handle(&mut self, event: Event, now: Now) -> Vec<Action> {
        let mut actions = Vec::new();
        match event {
            Event::Tick => {}
            Event::SignedIn(signed_in) => self.signed_in = signed_in,
            Event::UpdateNow => self.update_now(now),
            Event::Looked(result) => self.looked(result, now, &mut actions),
            Event::Turned(result) => self.turned(result, now),
            Event::Progress(now_at) => {
                if let Phase::Installing { percent, .. } = &mut self.phase {
                    *percent = now_at.min(100);
                }
            }
            Event::Installed(result) => self.installed(result, now, &mut actions),
            Event::Activated(result) => self.activated(result, now, &mut actions),
            Event::Proven(result) => self.proven(result, now, &mut actions),
        }
        self.pass(now, &mut actions);
        let shown = self.screen(now);
        if shown != self.shown {
            self.shown = shown;
            actions.push(Action::Show(shown));
        }
        actions
    }

    /// When time alone will change something, at the latest.
    #[must_use]
    pub fn wake_at(&self, now: Now) -> Instant {
        let opens = match &self.phase {
            Phase::Waiting { eligible_at, window, .. } => Some(opens_at(*eligible_at, *window)),
            Phase::Installed { window: Some(window), .. } => Some(window.opens_at),
            _ => None,
        };
        let opens = opens.and_then(|opens| Duration::try_from(now.trusted.duration_until(opens)).ok());
        // Nothing is due for who cannot ask anybody.
        let due = if matches!(self.phase, Phase::Resting) && !self.signed_in { now.instant + ASK } else { self.due };
        opens.filter(|left| !left.is_zero()).map_or(due, |left| due.min(now.instant + left))
    }

    fn update_now(&mut self, now: Now) {
        self.hurry = true;
        if let Some(failure) = &mut self.record.failure {
            failure.again_at = Some(Timestamp::MIN);
        }
        if matches!(self.phase, Phase::Resting | Phase::Waiting { .. }) {
            self.phase = Phase::Resting;
            self.due = now.instant;
        }
    }

    fn looked(&mut self, result: Result<Vec<Manifest>, String>, now: Now, actions: &mut Vec<Action>) {
        if !matches!(self.phase, Phase::Looking) {
            return;
        }
        self.phase = Phase::Resting;
        let releases = match result {
            Ok(releases) => releases,
            Err(why) => {
                self.blind = Some(why);
                self.due = now.instant + LOOK_AGAIN;
                self.hurry = false;
                return;
            }
        };
        (self.looked, self.blind, self.fresh_at) = (true, None, now.instant);
        let mut newer: Vec<_> = releases.into_iter().filter(|release| self.is_newer(release)).collect();
        newer.sort_by(|one, other| other.version.cmp(&one.version));
        let obstacle = newer.first().and_then(|newest| Some((newest.version.clone(), self.obstacle(newest, now)?)));
        newer.retain(|release| self.obstacle(release, now).is_none());
        if newer.is_empty() {
            self.held = obstacle;
            self.rest(LOOK, now);
        } else {
            self.ask(newer, now, actions);
        }
    }

    fn is_newer(&self, release: &Manifest) -> bool {
        release.compatible == self.started.compatible && release.version > self.started.version
    }

    /// Why this machine does not take a newer release, whoever grants it.
    fn obstacle(&self, release: &Manifest, now: Now) -> Option<String> {
        let (needs, has) = (release.minimum_boot, self.started.boot);
        if needs > has {
            return Some(format!(
                "it needs version {needs} of what starts the slots, and this screen has {has}: write a newer image to its disk"
            ));
        }
        let failure = self.record.failure.as_ref().filter(|failure| failure.what.version == release.version)?;
        match failure.again_at {
            None => Some("it was started here and did not work".to_owned()),
            Some(again) if again > now.trusted => {
                Some(format!("it could not be installed, and is tried again from {again:.0} on"))
            }
            Some(_) => None,
        }
    }

    fn ask(&mut self, releases: Vec<Manifest>, now: Now, actions: &mut Vec<Action>) {
        actions.push(Action::Ask(Candidates {
            compatible: self.started.compatible.clone(),
            running: self.started.version.clone(),
            seed: self.record.seed,
            versions: releases.iter().map(|release| release.version.clone()).collect(),
        }));
        self.phase = Phase::Asking(releases);
        self.due = now.instant + ASK;
    }

    fn turned(&mut self, result: Result<Turn, String>, now: Now) {
        let Phase::Asking(releases) = std::mem::replace(&mut self.phase, Phase::Resting) else { return };
        let newest = releases.first().map(|release| release.version.clone());
        let hold = |why: String| newest.map(|version| (version, why));
        match result {
            Ok(Turn::Granted { version, eligible_at, window }) => {
                let Some(release) = releases.iter().find(|release| release.version == version).cloned() else {
                    self.held = hold(format!("the server grants {version}, which is not published for this screen"));
                    self.rest(ASK, now);
                    return;
                };
                self.held = None;
                let (eligible_at, window) = if self.hurry { (Timestamp::MIN, None) } else { (eligible_at, window) };
                self.phase = Phase::Waiting { releases, release: Box::new(release), eligible_at, window };
                self.due = now.instant + ASK;
            }
            Ok(Turn::Held { why }) => {
                self.held = hold(why);
                self.rest(ASK, now);
            }
            Err(why) => {
                self.held = hold(format!("the server was not heard: {why}"));
                self.rest(ASK, now);
            }
        }
    }

    fn installed(&mut self, result: Result<(), String>, now: Now, actions: &mut Vec<Action>) {
        let Phase::Installing { release, window, .. } = std::mem::replace(&mut self.phase, Phase::Resting) else {
            return;
        };
        match result {
            Ok(()) => {
                let slot = self.started.slot.other();
                self.attempt(release.version.clone(), slot, Stage::Installed, actions);
                self.phase = Phase::Installed { version: release.version, slot, window };
                self.due = now.instant + ASK;
            }
            Err(reason) => self.failed(release.version, reason, Again::Later, now, actions),
        }
    }

    fn activated(&mut self, result: Result<(), String>, now: Now, actions: &mut Vec<Action>) {
        let Phase::Activating { version, slot } = &self.phase else { return };
        let (version, slot) = (version.clone(), *slot);
        match result {
            Ok(()) => {
                // Not before: what was not activated and does not run has not failed.
                self.attempt(version.clone(), slot, Stage::Activated, actions);
                self.phase = Phase::Restarting { version };
                self.due = now.instant + RESTART;
                actions.push(Action::Restart);
            }
            Err(reason) => self.failed(version, reason, Again::Later, now, actions),
        }
    }

    fn proven(&mut self, result: Result<bool, String>, now: Now, actions: &mut Vec<Action>) {
        if !matches!(self.phase, Phase::OnTrial { .. }) {
            return;
        }
        match result {
            Ok(true) => {
                self.started.proven = true;
                (self.record.attempt, self.record.failure) = (None, None);
                self.store(actions);
                self.rest(Duration::ZERO, now);
            }
            Ok(false) => {}
            Err(why) => tracing::warn!("whether this system has shown that it works is not known: {why}"),
        }
    }

    /// What time alone changes.
    fn pass(&mut self, now: Now, actions: &mut Vec<Action>) {
        let due = self.due <= now.instant;
        match &mut self.phase {
            Phase::Resting if due && self.signed_in => {
                self.phase = Phase::Looking;
                self.due = now.instant + LOOK_AGAIN;
                actions.push(Action::Look(self.started.compatible.clone()));
            }
            // The answer never came.
            Phase::Looking | Phase::Asking(_) if due => self.rest(Duration::ZERO, now),
            Phase::Waiting { release, eligible_at, window, .. }
                if *eligible_at <= now.trusted && is_open(*window, now.trusted) =>
            {
                let (release, window) = (release.clone(), *window);
                self.attempt(release.version.clone(), self.started.slot.other(), Stage::Installing, actions);
                actions.push(Action::Install(release.clone()));
                self.phase = Phase::Installing { release, window, percent: 0 };
            }
            Phase::Waiting { releases, .. } if due => {
                let releases = std::mem::take(releases);
                self.ask(releases, now, actions);
            }
            Phase::Installed { version, slot, window } if self.hurry || is_open(*window, now.trusted) => {
                let (version, slot) = (version.clone(), *slot);
                actions.push(Action::Activate(slot));
                self.phase = Phase::Activating { version, slot };
                self.due = now.instant + RESTART;
            }
            Phase::Installed { window: Some(window), .. } if window.closes_at <= now.trusted => {
                // The next day's, until the server says otherwise.
                let day = SignedDuration::from_hours(24);
                window.opens_at = window.opens_at.saturating_add(day).unwrap_or(Timestamp::MAX);
                window.closes_at = window.closes_at.saturating_add(day).unwrap_or(Timestamp::MAX);
            }
            Phase::Restarting { .. } if due => {
                self.due = now.instant + RESTART;
                actions.push(Action::Restart);
            }
            Phase::OnTrial { .. } if due => {
                self.due = now.instant + PROVEN;
                actions.push(Action::Prove);
            }
            _ => {}
        }
        if matches!(self.phase, Phase::Installed { .. } | Phase::Installing { .. }) && due {
            self.due = now.instant + ASK;
        }
    }

    fn rest(&mut self, long: Duration, now: Now) {
        self.phase = Phase::Resting;
        self.hurry = false;
        self.due = now.instant + long;
    }
}

/// When it is a screen's turn and its window is open, too.
fn opens_at(eligible_at: Timestamp, window: Option<Window>) -> Timestamp {
    window.map_or(eligible_at, |window| window.opens_at.max(eligible_at))
}

fn is_open(window: Option<Window>, at: Timestamp) -> bool {
    window.is_none_or(|window| window.opens_at <= at && at < window.closes_at)
}

#[cfg(test)]
mod tests;
