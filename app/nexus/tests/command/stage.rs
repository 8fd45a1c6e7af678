//! The command, and `nexus serve` up and running.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use nix::{errno::Errno, sys::signal::kill, unistd::Pid};
use tempfile::TempDir;

pub(crate) const PASSPHRASE: &str = "DASHBOARD_SECRET_PASSPHRASE";

pub(crate) fn nexus(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nexus"));
    command
        .env_clear()
        .env("NEXUS_DATA", folder)
        .env("NEXUS_LISTEN", "127.0.0.1:0")
        .env(PASSPHRASE, "a passphrase of the test");
    command
}

pub(crate) fn run(command: &mut Command) -> (Output, String) {
    let output = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output, said)
}

/// `nexus serve`, up and running.
pub(crate) struct Serving {
    pub(crate) supervisor: Child,
    pub(crate) console: Vec<String>,
    pub(crate) folder: TempDir,
}

impl Serving {
    pub(crate) fn start() -> Self {
        Self::start_as(|_| {})
    }

    /// The same, with something changed about the command.
    pub(crate) fn start_as(change: impl FnOnce(&mut Command)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = nexus(folder.path());
        change(&mut command);
        Self::of(&mut command, folder)
    }

    /// By this command, which keeps its data in `folder` or elsewhere.
    pub(crate) fn of(command: &mut Command, folder: TempDir) -> Self {
        let mut supervisor = command.arg("serve").stdout(Stdio::piped()).spawn().unwrap();
        let (said, lines) = mpsc::channel();
        let stdout = BufReader::new(supervisor.stdout.take().unwrap());
        // Read to the end, as a console does.
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).for_each(|line| drop(said.send(line))));
        let mut console = Vec::new();
        while !console.iter().any(|line: &String| line.starts_with("    ") || line.starts_with("Nexus serves")) {
            console.push(lines.recv_timeout(Duration::from_secs(20)).expect("the console goes on"));
        }
        Self { supervisor, console, folder }
    }

    pub(crate) fn id(&self) -> Pid {
        Pid::from_raw(self.supervisor.id().try_into().unwrap())
    }

    pub(crate) fn children(&self) -> Vec<Pid> {
        let path = format!("/proc/{0}/task/{0}/children", self.id());
        fs::read_to_string(path).unwrap().split_whitespace().map(|id| Pid::from_raw(id.parse().unwrap())).collect()
    }

    pub(crate) fn child(&self, role: &str) -> Pid {
        let is = |id: &Pid| arguments(*id).split('\0').any(|argument| argument == role);
        self.children().into_iter().find(is).expect("both children run")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.supervisor.kill().ok();
        self.supervisor.wait().ok();
    }
}

pub(crate) fn arguments(id: Pid) -> String {
    fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default()
}

pub(crate) fn is_gone(id: Pid) -> bool {
    // A zombie that nobody has waited for yet has no arguments.
    kill(id, None) == Err(Errno::ESRCH) || arguments(id).is_empty()
}

pub(crate) fn eventually(what: impl Fn() -> bool) -> bool {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(20) {
        if what() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}
