//! Updates beside the rules of the agent: they use its session, and show themselves above what it tells the TV.

use std::io;
use std::path::Path;
use std::time::Duration;

use device::{Over, Said, State};
use tokio::sync::{mpsc, watch};

use super::{Places, RunError};
use crate::connection::SignedIn;
use crate::update::mirror::Mirror;
use crate::update::rauc::{self, Rauc};
use crate::update::rules::Shown;
use crate::update::stored::Stored;
use crate::update::{World, report_without_updates};

/// The vendor's key set in the folder of updates.
const ROOT: &str = "root.json";
/// In the state folder: what is known of the repository.
const KEPT: &str = "updates";
/// Beside the socket: the certificates of the mirror, and the file that restarts the machine.
const CA: &str = "mirror.pem";
pub(super) const RESTART: &str = "restart";
/// How long is waited for a system bus that is not there yet.
const BUS: Duration = Duration::from_secs(5);

/// Tells the TV what the rules say, or that an update is under way: that is true whatever else is. And what lies over it,
/// and how long nothing was heard of updates.
pub(super) async fn above(
    mut states: watch::Receiver<Said>,
    mut updates: watch::Receiver<Shown>,
    mut over: watch::Receiver<Over>,
    told: &watch::Sender<Said>,
) {
    loop {
        let said = states.borrow_and_update().clone();
        let Shown { updating, unchecked_days } = *updates.borrow_and_update();
        let state = updating.map_or(said.state, State::Updating);
        told.send_replace(Said { over: over.borrow_and_update().clone(), unchecked_days, state, ..said });
        let changed = tokio::select! {
            changed = states.changed() => changed,
            changed = updates.changed() => changed,
            changed = over.changed() => changed,
        };
        if changed.is_err() {
            return std::future::pending().await;
        }
    }
}

/// Follows updates, at once where one is `wanted`; where this machine takes none, the server is told so, and nobody hears
/// that wish.
pub(super) async fn follow(
    places: &Places,
    session: watch::Receiver<Option<SignedIn>>,
    shown: watch::Sender<Shown>,
    wanted: mpsc::Receiver<()>,
) -> Result<(), RunError> {
    let Some(root) = places.updates.as_deref().and_then(root) else {
        drop(wanted);
        report_without_updates(session).await;
        return Ok(());
    };
    let beside = |name: &str| places.socket.with_file_name(name);
    let machine = rauc_service(rauc::Places {
        command_line: "/proc/cmdline".into(),
        os_release: "/etc/os-release".into(),
        restart: beside(RESTART),
        reasons: "/data/slots".into(),
    })
    .await;
    let store = Stored::of(&places.state);
    let record = store.read()?;
    let source = Mirror { session: session.clone(), root, kept: places.state.join(KEPT), ca: beside(CA) };
    World { source, machine, store, session, shown }.follow(record, wanted).await;
    Ok(())
}

/// The vendor's root. An image that was built without keys has none, and that is no error.
fn root(folder: &Path) -> Option<Vec<u8>> {
    match std::fs::read(folder.join(ROOT)) {
        Ok(root) => Some(root),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            tracing::error!("there are no updates: {}: {error}", folder.join(ROOT).display());
            None
        }
    }
}

async fn rauc_service(places: rauc::Places) -> Rauc {
    loop {
        let connected = async { Rauc::new(&zbus::Connection::system().await?, places.clone()).await };
        match connected.await {
            Ok(rauc) => return rauc,
            Err(error) => tracing::warn!("there are no updates yet: the system bus: {error}"),
        }
        tokio::time::sleep(BUS).await;
    }
}
