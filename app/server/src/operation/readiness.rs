//! Whether the server can do what it is there for, looked at and not assumed.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;
use serde::Serialize;
use tokio::{
    sync::Mutex,
    task::spawn_blocking,
    time::{Instant, timeout},
};

use crate::{app::App, folder::Folder};

/// A look holds for so long, whoever asks: strangers must not make the server write to its disk at will.
const HOLDS: Duration = Duration::from_secs(2);

/// What does not answer by then does not answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// From then on boards show their data as stale.
const RECENT: SignedDuration = SignedDuration::from_secs(300);

/// The file by which the data folder is proved to be writable.
const PROBE: &str = "writable";

/// Looks after what the server needs.
#[derive(Default)]
pub(crate) struct Readiness {
    last: Mutex<Option<(Instant, Arc<Report>)>>,
}

/// What was found.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Whether all checks are well.
    pub(crate) ready: bool,
    checks: Vec<Check>,
}

/// The part of a report that is for everybody.
#[derive(Serialize)]
pub(crate) struct Verdict {
    ready: bool,
}

#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    state: State,
    /// What is wrong, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ok,
    Failed,
}

impl Report {
    /// What strangers hear.
    pub(crate) fn verdict(&self) -> Verdict {
        Verdict { ready: self.ready }
    }
}

impl Readiness {
    /// The newest report; a new look where the last one is too old. One looks at a time.
    pub(crate) async fn report(&self, app: &App) -> Arc<Report> {
        let mut last = self.last.lock().await;
        if let Some((at, report)) = &*last
            && at.elapsed() < HOLDS
        {
            return report.clone();
        }
        let report = Arc::new(Self::look(app).await);
        *last = Some((Instant::now(), report.clone()));
        report
    }

    async fn look(app: &App) -> Report {
        let (database, folder, broker) = tokio::join!(
            in_time(async { app.store.answers().await.map_err(|error| error.to_string()) }),
            in_time(folder_is_writable(&app.folder)),
            in_time(async { app.broker.health().await.map(drop).map_err(|error| error.to_string()) }),
        );
        let checks = vec![
            Check::new("database", database),
            Check::new("data_folder", folder),
            Check::new("broker", broker),
            Check::new("certificate", certificate_holds(app)),
            Check::new("helpdesk", helpdesk_was_read(app)),
        ];
        Report { ready: checks.iter().all(|check| check.state == State::Ok), checks }
    }
}

async fn folder_is_writable(folder: &Folder) -> Result<(), String> {
    let folder = folder.clone();
    let tried = spawn_blocking(move || {
        folder.write(PROBE, b"")?;
        folder.remove(PROBE)
    });
    match tried.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(format!("{error}; make room, or give the folder back to the server's user")),
        Err(error) => Err(error.to_string()),
    }
}

impl Check {
    fn new(name: &'static str, found: Result<(), String>) -> Self {
        match found {
            Ok(()) => Self { name, state: State::Ok, reason: None },
            Err(reason) => Self { name, state: State::Failed, reason: Some(reason) },
        }
    }
}

fn certificate_holds(app: &App) -> Result<(), String> {
    let (from, until) = app.identity.validity().map_err(|error| error.to_string())?;
    let now = app.clock.now();
    match (from..until).contains(&now) {
        true => Ok(()),
        false => Err(format!(
            "it holds from {from:.0} to {until:.0}; renew the files of tls.certificate and tls.key, or set this machine's clock"
        )),
    }
}

fn helpdesk_was_read(app: &App) -> Result<(), String> {
    match app.readings.now().well_at {
        Some(at) if app.clock.now().duration_since(at) < RECENT => Ok(()),
        Some(at) => Err(format!("it was last read at {at:.0}; the log says why not since")),
        None => Err("it was not read since the start; where that does not change, the log says why".to_owned()),
    }
}

async fn in_time(what: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    timeout(PATIENCE, what).await.unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())))
}
