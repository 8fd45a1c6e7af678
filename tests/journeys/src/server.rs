//! `nexus serve` on a data folder of its own.

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use jiff::Timestamp;
use reqwest::blocking::Client;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    admin::{Admin, client},
    clock::Clock,
    process::{Process, program, wait_for},
    tracker::Tracker,
};

const PATIENCE: Duration = Duration::from_secs(60);
/// Seconds between two polls of the helpdesk.
pub const POLL: u64 = 4;

/// An installation: it keeps its data while the server is stopped and started.
pub struct Server {
    folder: TempDir,
    address: SocketAddr,
    passphrase: String,
    names: String,
    /// Further variables of its environment.
    variables: Vec<(&'static str, String)>,
    /// By how many seconds its clock is off.
    clock: i64,
    /// Whether it logs every poll, as JSON.
    logs_polls: bool,
    /// The vendor's `root.json`, by which updates are verified.
    vendor: Option<PathBuf>,
    process: Option<Process>,
}

impl Server {
    /// A new installation, not started yet.
    pub fn installed() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        Self::installed_at(free.expect("loopback has a free port"))
    }

    /// A new installation that listens where another one did, not started yet.
    pub fn installed_at(address: SocketAddr) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let passphrase = "a passphrase for one journey".to_owned();
        let names = "localhost".to_owned();
        let variables = Vec::new();
        Self { folder, address, passphrase, names, variables, clock: 0, logs_polls: false, vendor: None, process: None }
    }

    /// From the next start on, screens may reach it by this name or address too.
    pub fn is_also(&mut self, name: &str) {
        self.names = format!("{},{name}", self.names);
    }

    /// From the next start on it has this variable in its environment.
    pub fn set(&mut self, variable: &'static str, value: &str) {
        self.variables.push((variable, value.to_owned()));
    }

    /// From the next start on its clock is off by so many seconds.
    pub fn set_clock(&mut self, seconds: i64) {
        self.clock = seconds;
    }

    /// From now on updates are taken from the vendor with this `root.json`.
    pub fn trust_vendor(&mut self, root: &Path) {
        self.vendor = Some(root.to_owned());
    }

    /// Takes over the vendor's repository from a folder, whether this server runs or not.
    pub fn import_updates(&self, repository: &Path) {
        let imported = self.nexus().args(["updates", "import"]).arg(repository).output();
        let imported = imported.expect("nexus updates can be run");
        assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    }

    /// From the next start on it logs every poll; see [`Server::polls`].
    pub fn log_polls(&mut self) {
        self.logs_polls = true;
    }

    /// One with the demo desk, started.
    pub fn with_demo_desk() -> Self {
        let mut server = Self::installed();
        server.start();
        server
    }

    /// One that reads `tracker`, started.
    pub fn with(tracker: &Tracker) -> Self {
        let mut server = Self::installed();
        server.connect(tracker);
        server.start();
        server
    }

    /// Connects `tracker` with the token of somebody who may only read, whether this server runs or not.
    pub fn connect(&self, tracker: &Tracker) {
        let token = self.folder.path().join("token");
        std::fs::write(&token, tracker.reader_token()).expect("the token can be written");
        let connected = self
            .nexus()
            .args(["connect", "request-tracker", "--url", &tracker.url, "--token-file"])
            .arg(&token)
            .output()
            .expect("nexus connect can be run");
        assert!(connected.status.success(), "{}", String::from_utf8_lossy(&connected.stderr));
    }

    /// Starts it, and waits until it serves.
    pub fn start(&mut self) {
        self.process = Some(Process::start("nexus serve", self.nexus().arg("serve")));
        let authority = self.authority();
        let served = wait_for(PATIENCE, "the server", || {
            let answer = authority.exists().then(|| self.client().get(self.url("/healthz")).send())?;
            answer.ok().filter(|answer| answer.status().is_success())
        });
        assert!(served.is_some(), "it does not serve:\n{}", self.output());
    }

    /// Starts it with something wrong; what it printed when it gave up.
    pub fn refuse_to_start(&mut self) -> String {
        let mut process = Process::start("nexus serve", self.nexus().arg("serve"));
        assert!(!process.wait_for_end(PATIENCE), "it started:\n{}", process.output());
        process.output()
    }

    /// From the next start on it is given another passphrase; the one before.
    pub fn use_passphrase(&mut self, another: &str) -> String {
        std::mem::replace(&mut self.passphrase, another.to_owned())
    }

    /// Waits until it has logged `words`.
    pub fn wait_for_log(&self, words: &str) {
        let logged = wait_for(PATIENCE, words, || self.output().contains(words).then_some(()));
        assert!(logged.is_some(), "it never logged {words:?}:\n{}", self.output());
    }

    /// The polls of the helpdesk that it has logged.
    pub fn polls(&self) -> Vec<Poll> {
        self.output().lines().filter_map(|line| Poll::read(&serde_json::from_str(line).ok()?)).collect()
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.process().kill();
    }

    /// Stops it as an operator would.
    pub fn stop(&mut self) {
        self.process().signal("TERM");
        self.process().wait_for_end(PATIENCE);
    }

    /// The first administrator, signed in with the console's setup code.
    pub fn admin(&self) -> Admin {
        Admin::set_up(&self.url(""), self.client(), &self.setup_code())
    }

    /// The code that a new installation prints to its console.
    pub fn setup_code(&self) -> String {
        let printed = wait_for(PATIENCE, "a setup code", || {
            let output = self.output();
            let (_, code) = output.split_once("enter this setup code:")?;
            code.split_whitespace().next().map(str::to_owned)
        });
        printed.unwrap_or_else(|| panic!("no setup code:\n{}", self.output()))
    }

    /// A client that trusts it, with its idea of the time.
    pub fn client(&self) -> Client {
        client(&self.authority(), self.clock)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address with `path`.
    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }

    /// The certificate of its private authority.
    pub fn authority(&self) -> PathBuf {
        self.data().join("pki/authority.pem")
    }

    /// Its data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What it printed.
    pub fn output(&self) -> String {
        self.process.as_ref().map(Process::output).unwrap_or_default()
    }

    fn process(&mut self) -> &mut Process {
        self.process.as_mut().expect("the journey started the server")
    }

    fn nexus(&self) -> Command {
        let mut command = Command::new(program("nexus"));
        command.env_remove("NEXUS_CONFIG").env_remove("NEXUS_LOG");
        command
            .env("NEXUS_DATA", self.data())
            .env("NEXUS_LISTEN", self.address.to_string())
            .env("NEXUS_NAMES", &self.names)
            .env("NEXUS_POLL_SECONDS", POLL.to_string());
        command.env("DASHBOARD_SECRET_PASSPHRASE", &self.passphrase);
        command.envs(self.variables.iter().map(|(variable, value)| (variable, value)));
        if let Some(root) = &self.vendor {
            command.env("NEXUS_UPDATES_ROOT", root);
        }
        if self.logs_polls {
            command.env("NEXUS_LOG", "info,server::poller=debug").env("NEXUS_LOG_FORMAT", "json");
        }
        if self.clock != 0 {
            // In the data folder, because the server's process can read nowhere else.
            std::fs::create_dir_all(self.data()).expect("a folder can be made");
            Clock::new(&self.data(), self.clock).rule(&mut command);
        }
        command
    }
}

/// One reading of the helpdesk, as the server measured it.
#[derive(Clone, Copy, Debug)]
pub struct Poll {
    /// When the helpdesk was asked.
    pub began: Timestamp,
    /// How long it took to answer.
    pub took: Duration,
}

impl Poll {
    fn read(line: &Value) -> Option<Self> {
        let took = |field: &str| line[field].as_u64().map(Duration::from_micros);
        let (took, applying) = (took("poll_us")?, took("apply_us")?);
        let logged: Timestamp = line["timestamp"].as_str()?.parse().ok()?;
        Some(Self { began: logged - took - applying, took })
    }
}

/// Whether `folder` holds nothing that others than its owner may read.
pub fn is_owner_only(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().all(|entry| {
        let Ok(metadata) = entry.metadata() else { return false };
        let private = metadata.permissions().mode() & 0o077 == 0;
        private && (!metadata.is_dir() || is_owner_only(&entry.path()))
    })
}
