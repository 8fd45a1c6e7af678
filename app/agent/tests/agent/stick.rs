//! A stick: the agent, with a folder of its own.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use agent::discovery::{Lan, System};
use agent::run::{Places, run};
use agent::socket::newest;
use device::{Connection, Live, Over, Pairing, Report, Said, State, lines};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::task::JoinHandle;

use crate::site::PATIENCE;

/// A network for multicast DNS in which nobody is yet.
pub fn network() -> u16 {
    std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A stick: an agent with a folder of its own.
pub struct Stick {
    folder: Arc<tempfile::TempDir>,
    /// The port of multicast DNS on this machine alone.
    network: u16,
    task: JoinHandle<()>,
}

impl Stick {
    pub fn start(server: &str, more: &str) -> Self {
        Self::run(Arc::new(tempfile::tempdir().unwrap()), network(), server, more)
    }

    /// One whose set-up partition cannot be mounted.
    pub fn without_set_up() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let partition = folder.path().join("not-mounted");
        Self::run_in(Places { setup_partition: Some(partition), ..places(&folder) }, folder, network())
    }

    /// One that nobody told about a server, and that looks for one in this network.
    pub fn in_network(network: u16) -> Self {
        Self::run(Arc::new(tempfile::tempdir().unwrap()), network, "", "")
    }

    /// Another one with a copy of this one's card.
    pub fn copied(&self, server: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        std::fs::create_dir(&state).unwrap();
        for file in std::fs::read_dir(self.folder()).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), state.join(file.file_name())).unwrap();
        }
        Self::run(Arc::new(folder), network(), server, "")
    }

    /// A month passes for its key, while the agent does not run.
    pub async fn a_month_later(mut self, server: &str) -> Self {
        self.task.abort();
        assert!((&mut self.task).await.unwrap_err().is_cancelled());
        let path = self.folder().join("rotation.json");
        let mut ring: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        ring["since"] = (ring["since"].as_i64().unwrap() - 30 * 24 * 3600).into();
        std::fs::write(&path, ring.to_string()).unwrap();
        Self::run(self.folder.clone(), self.network, server, "")
    }

    /// Ends the agent and starts another one on the same folder, perhaps with another set-up.
    pub async fn restart(mut self, server: &str, more: &str) -> Self {
        self.task.abort();
        assert!((&mut self.task).await.unwrap_err().is_cancelled());
        Self::run(self.folder.clone(), self.network, server, more)
    }

    fn run(folder: Arc<tempfile::TempDir>, network: u16, server: &str, more: &str) -> Self {
        let stick = Self::run_in(places(&folder), folder, network);
        stick.write(server, more);
        stick
    }

    fn run_in(places: Places, folder: Arc<tempfile::TempDir>, network: u16) -> Self {
        let resolv_conf = folder.path().join("resolv.conf");
        let finder = Arc::new(Lan { port: network, loopback: true, resolv_conf, names: System });
        Self { folder, network, task: tokio::spawn(async move { run(&places, finder).await.unwrap() }) }
    }

    /// Writes `nexus.toml`; no server where that is empty.
    pub fn write(&self, server: &str, more: &str) {
        let server = if server.is_empty() { String::new() } else { format!("server = \"{server}\"\n") };
        std::fs::write(self.folder.path().join("nexus.toml"), server + more).unwrap();
    }

    pub fn setup(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("nexus.toml")).unwrap()
    }

    pub fn machine(&self, name: &str) -> PathBuf {
        self.folder.path().join("machine").join(name)
    }

    /// The TV says that its server refuses it; waits until the agent takes that for the removal that it is.
    pub async fn refused(&self) {
        let refused = Report::Connection { connection: Connection::Refused };
        let mut tv = UnixStream::connect(self.socket()).await.unwrap();
        // A refusal that comes right after the token is answered with patience; this is the patience of one second.
        tv.write_all(&lines::encode(&refused).unwrap()).await.unwrap();
        self.until(|state| matches!(state, State::Removed { .. }).then_some(())).await;
    }

    /// The machine is in its so many-th run, for an agent that is started from then on.
    pub fn runs(&self, times: usize) {
        std::fs::write(self.folder.path().join("boot"), format!("run-{times}\n")).unwrap();
    }

    /// The file that restarts the machine when it appears.
    pub fn wish(&self) -> PathBuf {
        self.folder.path().join("restart")
    }

    /// Waits until the TV is told of something over what it shows.
    pub async fn over<T>(&self, mut wanted: impl FnMut(Over) -> Option<T>) -> T {
        tokio::time::timeout(PATIENCE, async {
            let mut tv = BufReader::new(UnixStream::connect(self.socket()).await.unwrap());
            loop {
                let mut line = Vec::new();
                tv.read_until(b'\n', &mut line).await.unwrap();
                if let Some(found) = wanted(lines::decode::<Said>(&line).unwrap().over) {
                    return found;
                }
            }
        })
        .await
        .unwrap()
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("agent.sock")
    }

    pub fn folder(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Waits for a state.
    pub async fn until<T>(&self, mut wanted: impl FnMut(State) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        let mut last = None;
        loop {
            if let Ok(state) = newest(&self.socket()).await {
                last = Some(state.clone());
                if let Some(found) = wanted(state) {
                    return found;
                }
            }
            assert!(Instant::now() < end, "the stick says {last:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn code(&self) -> Pairing {
        self.until(|state| match state {
            State::Pairing(pairing) => Some(pairing),
            _ => None,
        })
        .await
    }

    /// What the screen says once it is suspended.
    pub async fn suspended(&self) -> String {
        self.until(|state| match state {
            State::Locked { headline, happened, remedy } => {
                Some([headline, happened.join(" "), remedy.join(" ")].join(" "))
            }
            _ => None,
        })
        .await
    }

    pub async fn live(&self) -> Live {
        self.until(|state| match state {
            State::Live(live) => Some(live),
            _ => None,
        })
        .await
    }
}

/// Where a stick has its files.
fn places(folder: &tempfile::TempDir) -> Places {
    Places {
        config: folder.path().join("nexus.toml"),
        setup_partition: None,
        state: folder.path().join("state"),
        machine_key: None,
        time_synchronized: folder.path().join("time-synchronized"),
        machine: Some(folder.path().join("machine")),
        socket: folder.path().join("agent.sock"),
        tv_uid: None,
        boards: None,
        boot: folder.path().join("boot"),
        updates: None,
    }
}

impl Drop for Stick {
    fn drop(&mut self) {
        self.task.abort();
    }
}
