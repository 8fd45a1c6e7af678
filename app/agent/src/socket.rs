//! The socket that the TV reads: newest state out, reports in. Several may listen; each is told by its peer uid.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use device::{MAX_LINE, Report, Said, State, lines};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, watch};

/// A reader that takes nothing for so long is let go.
const WRITE: Duration = Duration::from_secs(5);
/// Most readers at once. There is one TV; the rest are people and scripts.
const READERS: usize = 16;

/// The listening socket. Its file is removed when this is dropped.
#[derive(Debug)]
pub struct Door {
    listener: UnixListener,
    path: PathBuf,
    uids: Vec<u32>,
}

impl Door {
    /// Listens at `path`. Besides this process' own user, `tv` may connect.
    ///
    /// # Errors
    /// The socket cannot be made, or another agent listens there.
    pub fn open(path: &Path, tv: Option<u32>) -> io::Result<Self> {
        if path.exists() {
            if std::os::unix::net::UnixStream::connect(path).is_ok() {
                return Err(io::Error::new(io::ErrorKind::AddrInUse, "another agent listens on this socket"));
            }
            fs::remove_file(path)?;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let listener = UnixListener::bind(path)?;
        // Where another user may connect, the peer's uid decides.
        fs::set_permissions(path, Permissions::from_mode(if tv.is_some() { 0o666 } else { 0o600 }))?;
        let own = nix::unistd::geteuid().as_raw();
        Ok(Self { listener, path: path.to_owned(), uids: [own].into_iter().chain(tv).collect() })
    }

    /// Serves readers until it is dropped.
    pub async fn serve(&self, states: watch::Receiver<Said>, reports: mpsc::Sender<Report>) {
        let mut readers = tokio::task::JoinSet::new();
        loop {
            let stream = tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        tracing::warn!("the agent socket takes no reader: {error}");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        continue;
                    }
                },
                Some(_) = readers.join_next() => continue,
            };
            match stream.peer_cred() {
                Ok(peer) if self.uids.contains(&peer.uid()) && readers.len() < READERS => {
                    readers.spawn(attend(stream, states.clone(), reports.clone()));
                }
                Ok(peer) => tracing::warn!(uid = peer.uid(), "a reader of the agent socket is turned away"),
                Err(error) => tracing::warn!("a reader of the agent socket does not say who it is: {error}"),
            }
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

async fn attend(mut stream: UnixStream, mut states: watch::Receiver<Said>, reports: mpsc::Sender<Report>) {
    let (read, mut write) = stream.split();
    let mut read = BufReader::new(read);
    let mut line = Vec::new();
    states.mark_changed();
    loop {
        let room = (MAX_LINE + 1).saturating_sub(line.len()) as u64;
        let mut bounded = (&mut read).take(room);
        tokio::select! {
            changed = states.changed() => {
                if changed.is_err() {
                    return;
                }
                let said = states.borrow_and_update().clone();
                let encoded = match lines::encode(&said) {
                    Ok(encoded) => encoded,
                    Err(error) => {
                        tracing::error!("the TV cannot be told: {error}");
                        continue;
                    }
                };
                match tokio::time::timeout(WRITE, write.write_all(&encoded)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) | Err(_) => return,
                }
            }
            // `read_until` keeps in `line` what it has read when it is cancelled.
            length = bounded.read_until(b'\n', &mut line) => {
                match length {
                    Ok(0) | Err(_) => return,
                    Ok(_) if line.ends_with(b"\n") => {}
                    Ok(_) if line.len() > MAX_LINE => {
                        tracing::warn!("a reader of the agent socket sends an endless line and is let go");
                        return;
                    }
                    Ok(_) => continue,
                }
                match lines::decode::<Report>(&line) {
                    Ok(report) => if reports.send(report).await.is_err() { return },
                    Err(error) => tracing::warn!("{error}; it is skipped"),
                }
                line.clear();
            }
        }
    }
}

/// What the agent at `path` says: the newest state first, then each change, without access tokens.
#[derive(Debug)]
pub struct Listener(BufReader<UnixStream>);

impl Listener {
    /// Connects.
    ///
    /// # Errors
    /// No agent answers there.
    pub async fn connect(path: &Path) -> io::Result<Self> {
        Ok(Self(BufReader::new(UnixStream::connect(path).await?)))
    }

    /// The next state; waits for it.
    ///
    /// # Errors
    /// The agent ended, or says what is no state.
    pub async fn next(&mut self) -> io::Result<State> {
        let mut line = Vec::new();
        (&mut self.0).take(MAX_LINE as u64 + 1).read_until(b'\n', &mut line).await?;
        if line.is_empty() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the agent has ended"));
        }
        let Said { mut state, .. } = lines::decode(&line).map_err(io::Error::other)?;
        if let State::Live(live) = &mut state {
            live.access_token = "redacted".to_owned();
        }
        Ok(state)
    }
}

/// The newest state that the agent at `path` says, without its access token.
///
/// # Errors
/// No agent answers there.
pub async fn newest(path: &Path) -> io::Result<State> {
    let mut listener = Listener::connect(path).await?;
    tokio::time::timeout(WRITE, listener.next())
        .await
        .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "the agent says nothing"))?
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    fn removed(server: &str) -> Said {
        State::Removed { server: server.to_owned() }.into()
    }

    async fn line(read: &mut (impl AsyncBufReadExt + Unpin)) -> Vec<u8> {
        let mut line = Vec::new();
        tokio::time::timeout(WRITE, read.read_until(b'\n', &mut line)).await.unwrap().unwrap();
        line
    }

    #[tokio::test]
    async fn every_reader_hears_the_newest_state_and_each_change_and_may_report() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run/agent.sock");
        let door = Door::open(&path, None).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Door::open(&path, None).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        let (states, watched) = watch::channel(removed("first"));
        let (report, mut reports) = mpsc::channel(4);
        let talk = async {
            let mut readers = Vec::new();
            for _ in 0..2 {
                let mut reader = BufReader::new(UnixStream::connect(&path).await.unwrap());
                assert_eq!(lines::decode::<Said>(&line(&mut reader).await).unwrap(), removed("first"));
                readers.push(reader);
            }
            let mut script = Listener::connect(&path).await.unwrap();
            assert_eq!(script.next().await.unwrap(), removed("first").state);
            states.send_replace(removed("second"));
            assert_eq!(script.next().await.unwrap(), removed("second").state);
            for reader in &mut readers {
                assert_eq!(lines::decode::<Said>(&line(reader).await).unwrap(), removed("second"));
            }
            // Noise is skipped, and what follows it is heard.
            let alive = Report::Alive { frames: 7, width: 1, height: 1 };
            readers[0].write_all(b"noise\n{\"report\":\"from the future\"}\n").await.unwrap();
            readers[0].write_all(&lines::encode(&alive).unwrap()).await.unwrap();
            assert_eq!(reports.recv().await, Some(Report::Unknown));
            assert_eq!(reports.recv().await, Some(alive));
            // An endless line ends the connection, not the agent.
            let endless = vec![b'x'; MAX_LINE + 2];
            let _ = readers[1].write_all(&endless).await;
            assert_eq!(line(&mut readers[1]).await, b"");
            assert_eq!(newest(&path).await.unwrap(), removed("second").state);
        };
        tokio::select! {
            () = door.serve(watched, report) => {}
            () = talk => {}
        }
        drop(door);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn another_users_process_is_turned_away() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.sock");
        let mut door = Door::open(&path, Some(12_345)).unwrap();
        // Only the TV's user is left on the list, which this process is not.
        door.uids.retain(|uid| *uid == 12_345);
        let (_states, watched) = watch::channel(removed("secret"));
        let (report, _reports) = mpsc::channel(1);
        tokio::select! {
            () = door.serve(watched, report) => {}
            heard = newest(&path) => assert!(heard.is_err(), "{heard:?}"),
        }
    }

    #[tokio::test]
    async fn a_script_never_sees_the_access_token() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.sock");
        let door = Door::open(&path, None).unwrap();
        let live = State::Live(device::Live {
            server: "https://nexus.test".parse().unwrap(),
            proxy: None,
            trust: device::Trust::WebPki,
            board: "support".into(),
            access_token: "canary".into(),
            expires_at: jiff::Timestamp::UNIX_EPOCH,
            screen: "Support".into(),
            rotation: 0,
            clock_offset: 0,
        });
        let (_states, watched) = watch::channel(Said::from(live));
        let (report, _reports) = mpsc::channel(1);
        tokio::select! {
            () = door.serve(watched, report) => {}
            line = crate::run::state_line(&path) => {
                let line = line.unwrap();
                assert!(!line.contains("canary") && line.contains("redacted"), "{line}");
            }
        }
    }
}
