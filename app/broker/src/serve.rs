//! The Broker's process.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use axum::serve::Listener;
use tokio::net::unix::SocketAddr;
use tokio::net::{UnixListener, UnixStream};
use vault::{Passphrase, Vault};

use crate::store::Store;
use crate::{Error, Trial, api};

/// What the Broker needs to run.
#[derive(Debug)]
pub struct Options {
    /// The vault's file, `secrets.json`.
    pub secrets: PathBuf,
    /// The socket to listen on. Its folder is made if it is missing (0700).
    pub socket: PathBuf,
    /// The passphrase. Without it the Broker runs, says so, and refuses every use.
    pub passphrase: Option<Passphrase>,
    /// How a connection to Request Tracker is tried.
    pub trial: Trial,
    /// The user whose processes may ask, by number, where that is another one than this process's own.
    pub peer: Option<u32>,
}

/// Runs the Broker until `shutdown` ends, then lets requests under way finish and removes the socket.
///
/// It listens as soon as the socket exists. A missing passphrase, a damaged `secrets.json` and
/// connections that cannot be opened are logged at the start and answered with a code; they do not
/// stop it, and it notices by itself when they are mended.
pub async fn serve(options: Options, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
    let store = Store::new(Vault::new(options.secrets, options.passphrase));
    report(&store).await;
    let listener = listen(&options.socket, options.peer).await?;
    tracing::info!(socket = %options.socket.display(), "the Broker listens");
    let served = axum::serve(KnownUsers { listener, peer: options.peer }, api::router(store, options.trial))
        .with_graceful_shutdown(shutdown)
        .await;
    if let Err(error) = std::fs::remove_file(&options.socket) {
        tracing::warn!(socket = %options.socket.display(), %error, "the socket could not be removed");
    }
    served.map_err(Error::Serve)
}

async fn report(store: &Store) {
    if !store.has_passphrase() {
        tracing::warn!(
            "there is no passphrase, so no secret can be stored or used; set DASHBOARD_SECRET_PASSPHRASE, keep a copy of it, and start again"
        );
        return;
    }
    let ids = match store.ids().await {
        Ok(ids) => ids,
        Err(error) => return tracing::error!("{error}"),
    };
    for id in ids {
        match store.upstream(&id).await {
            Ok(_) => tracing::info!(connection = %id, "ready"),
            Err(error) => tracing::error!(connection = %id, "{error}"),
        }
    }
}

async fn listen(path: &Path, peer: Option<u32>) -> Result<UnixListener, Error> {
    let failed = |reason| Error::Socket { path: path.to_owned(), reason };
    if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
        vault::file::make_folder(folder)?;
    }
    match UnixStream::connect(path).await {
        Ok(_) => return Err(Error::SocketTaken(path.to_owned())),
        // Left behind by a Broker that was killed.
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => std::fs::remove_file(path).map_err(failed)?,
        Err(_) => {}
    }
    let listener = UnixListener::bind(path).map_err(failed)?;
    // A mode can name no other user; who connects is looked at.
    let mode = if peer.is_some() { 0o666 } else { 0o600 };
    std::fs::set_permissions(path, Permissions::from_mode(mode)).map_err(failed)?;
    Ok(listener)
}

/// Accepts peers of our own user only, of the one that was named, and root. Without another user the socket's mode says the
/// same, but only from a moment after it was made.
struct KnownUsers {
    listener: UnixListener,
    peer: Option<u32>,
}

impl Listener for KnownUsers {
    type Io = UnixStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (UnixStream, SocketAddr) {
        let known = [Some(nix::unistd::geteuid().as_raw()), Some(0), self.peer];
        loop {
            let (stream, address) = Listener::accept(&mut self.listener).await;
            match stream.peer_cred() {
                Ok(peer) if known.contains(&Some(peer.uid())) => return (stream, address),
                Ok(peer) => tracing::warn!(user = peer.uid(), "a process of another user was turned away"),
                Err(error) => tracing::warn!(%error, "a process that cannot be identified was turned away"),
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
