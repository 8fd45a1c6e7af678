//! Commands beside the rules of the agent: they use its session, and lie over what it tells the TV.

use device::Over;
use tokio::sync::{mpsc, watch};

use super::Places;
use super::updates::RESTART;
use crate::command::{Stored, World};
use crate::connection::SignedIn;

/// Follows commands.
pub(super) async fn follow(
    places: &Places,
    session: watch::Receiver<Option<SignedIn>>,
    shown: watch::Sender<Over>,
    update: mpsc::Sender<()>,
) {
    let boot = std::fs::read_to_string(&places.boot).unwrap_or_else(|error| {
        tracing::warn!("whether the machine was restarted cannot be told: {}: {error}", places.boot.display());
        String::new()
    });
    World {
        session,
        shown,
        update,
        // Whose machine is not set by this program, that is not restarted by it either.
        restart: places.machine.is_some().then(|| places.socket.with_file_name(RESTART)),
        boot: boot.trim().to_owned(),
        store: Stored::of(&places.state),
    }
    .follow()
    .await;
}
