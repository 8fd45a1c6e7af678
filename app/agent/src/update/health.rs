//! What a device reports of itself.

use std::time::{Duration, Instant};

use device::fleet::{Health, UpdateState};
use nix::time::{ClockId, clock_gettime};
use tokio::sync::watch;
use updates::Version;

use super::Started;
use super::rules::Rules;
use crate::connection::SignedIn;
use crate::core::Now;

/// How often, where nothing changes.
pub(super) const REPORT: Duration = Duration::from_secs(60);

/// Reports, as long as it is polled, of a device that takes no updates.
pub async fn report_without_updates(mut session: watch::Receiver<Option<SignedIn>>) {
    loop {
        let current = session.borrow_and_update().clone();
        if let Some(current) = current {
            told(&current, &without_updates()).await;
            tokio::select! {
                () = tokio::time::sleep(REPORT) => {}
                changed = session.changed() => if changed.is_err() { return std::future::pending().await },
            }
        } else if session.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}

/// Reports when there is something new, and else now and then.
#[derive(Debug)]
pub(super) struct Reports {
    told: Option<UpdateState>,
    due: Instant,
}

impl Reports {
    pub(super) fn new() -> Self {
        Self { told: None, due: Instant::now() }
    }

    pub(super) const fn due(&self) -> Instant {
        self.due
    }

    pub(super) async fn tell(&mut self, session: Option<&SignedIn>, health: Health) {
        let now = Instant::now();
        if self.due > now && self.told.as_ref().is_some_and(|told| same_kind(told, &health.update)) {
            return;
        }
        self.due = now + REPORT;
        let Some(session) = session else { return };
        if told(session, &health).await {
            self.told = Some(health.update);
        }
    }
}

/// How a device is that takes updates.
pub(super) fn of(started: &Started, rules: &Rules, at: Now) -> Health {
    Health {
        version: started.version.clone(),
        compatible: Some(started.compatible.clone()),
        slot: Some(started.slot),
        uptime: uptime(),
        update: rules.state(at),
        failure: rules.failure().cloned(),
    }
}

#[expect(clippy::expect_used, reason = "cargo builds no package whose version does not parse")]
fn without_updates() -> Health {
    Health {
        version: Version::parse(env!("CARGO_PKG_VERSION")).expect("a version"),
        compatible: None,
        slot: None,
        uptime: uptime(),
        update: UpdateState::Unavailable,
        failure: None,
    }
}

/// Percents and seconds are news only now and then.
fn same_kind(one: &UpdateState, other: &UpdateState) -> bool {
    use UpdateState::{Installing, Unchecked};
    match (one, other) {
        (Installing { version: one, .. }, Installing { version: other, .. }) => one == other,
        (Unchecked { why: one, .. }, Unchecked { why: other, .. }) => one == other,
        _ => one == other,
    }
}

async fn told(session: &SignedIn, health: &Health) -> bool {
    match session.report(health).await {
        Ok(()) => true,
        Err(error) => {
            // A server that is older does not ask.
            tracing::debug!("the server does not hear how this device is: {error}");
            false
        }
    }
}

/// Seconds since the kernel's start.
fn uptime() -> u64 {
    clock_gettime(ClockId::CLOCK_BOOTTIME).map_or(0, |time| Duration::from(time).as_secs())
}
