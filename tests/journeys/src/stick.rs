//! A TV stick: agent and TV as two processes, and what is on its wall.

use std::{
    fs,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use serde::Deserialize;
use tempfile::TempDir;

use crate::{
    admin::Admin,
    picture::{Area, Picture, Pixels},
    process::{Process, program, wait_for},
};

const PATIENCE: Duration = Duration::from_secs(60);

/// A line of the TV's file of texts.
#[derive(Deserialize)]
struct Written {
    text: String,
    x: f32,
    y: f32,
    width: f32,
    height: f32,
}

/// A stick with a wall of its own. Its state outlives restarts of its programs.
pub struct Stick {
    folder: TempDir,
    clock: Option<&'static str>,
    /// The device daemon.
    pub agent: Process,
    /// The renderer.
    pub tv: Process,
}

impl Stick {
    /// A new stick that was told about `server` (`https://…`) by its `nexus.toml`.
    pub fn plugged_in(server: &str) -> Self {
        Self::plugged_in_with_clock(server, None)
    }

    /// One whose clock is off by so much, in the words of faketime: `+1y`.
    pub fn plugged_in_with_clock(server: &str, clock: Option<&'static str>) -> Self {
        Self::with_setup(&format!("server = \"{server}\"\n"), clock)
    }

    /// A new stick with the given `nexus.toml`.
    pub fn with_setup(setup: &str, clock: Option<&'static str>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        fs::write(folder.path().join("nexus.toml"), setup).expect("it can be written");
        let agent = start_agent(&folder, clock);
        let tv = start_tv(&folder, clock);
        Self { folder, clock, agent, tv }
    }

    /// The `nexus.toml` as it is now.
    pub fn setup(&self) -> String {
        fs::read_to_string(self.folder.path().join("nexus.toml")).expect("the stick keeps its nexus.toml")
    }

    /// Pairs it under `name` with `board`, as a person in front of it and an administrator would.
    pub fn pair(&self, admin: &Admin, name: &str, board: &str) {
        let code = self.wait_until("the pairing code", PATIENCE, |wall| {
            wall.iter().find(|text| text.len() > 10 && text.split('-').count() == 3).cloned()
        });
        admin.add_screen(&code, name, board, || {
            self.wait_until("two digits", PATIENCE, |wall| {
                wall.iter().find(|text| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).cloned()
            })
        });
    }

    /// Every text that is drawn now.
    pub fn wall(&self) -> Vec<String> {
        self.written().into_iter().map(|written| written.text).collect()
    }

    fn written(&self) -> Vec<Written> {
        let texts = fs::read_to_string(self.texts()).unwrap_or_default();
        texts.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Where on the wall `words` stand; `None` where they do not.
    pub fn place(&self, words: &str) -> Option<Area> {
        let written = self.written().into_iter().find(|written| written.text.contains(words))?;
        Some(Area { x: written.x, y: written.y, width: written.width, height: written.height })
    }

    /// Waits until the wall shows what `find` looks for.
    ///
    /// # Panics
    /// It does not within `patience`.
    pub fn wait_until<T>(&self, what: &str, patience: Duration, find: impl Fn(&[String]) -> Option<T>) -> T {
        wait_for(patience, what, || find(&self.wall()))
            .unwrap_or_else(|| panic!("the wall never shows {what}; it shows {:#?}", self.wall()))
    }

    /// Waits until some text on the wall contains `words`; how long it took.
    pub fn wait_for_words(&self, words: &str, patience: Duration) -> Duration {
        let start = Instant::now();
        self.wait_until(words, patience, |wall| wall.iter().any(|text| text.contains(words)).then_some(()));
        start.elapsed()
    }

    /// Waits until no text on the wall contains `words`; how long it took.
    pub fn wait_for_no_words(&self, words: &str, patience: Duration) -> Duration {
        let start = Instant::now();
        let what = format!("a wall without {words:?}");
        self.wait_until(&what, patience, |wall| {
            (!wall.is_empty() && !wall.iter().any(|text| text.contains(words))).then_some(())
        });
        start.elapsed()
    }

    /// The picture on the wall.
    ///
    /// # Panics
    /// There is none.
    pub fn picture(&self) -> Picture {
        let path = self.folder.path().join("wall.png");
        wait_for(PATIENCE, "a picture", || Picture::read(&path)).unwrap_or_else(|| panic!("{}", self.tv.output()))
    }

    /// Waits until the pixels of an area are as `wanted`.
    ///
    /// # Panics
    /// They are not within `patience`.
    pub fn wait_for_pixels(
        &self,
        what: &str,
        area: Area,
        patience: Duration,
        wanted: impl Fn(&Pixels) -> bool,
    ) -> Pixels {
        let found = wait_for(patience, what, || Some(self.picture().cut(area)).filter(|pixels| wanted(pixels)));
        found.unwrap_or_else(|| panic!("the pixels at {area:?} never are {what}"))
    }

    /// Starts the agent again, after it was killed.
    pub fn restart_agent(&mut self) {
        self.agent = start_agent(&self.folder, self.clock);
    }

    /// Starts the TV again, after it was killed.
    pub fn restart_tv(&mut self) {
        // What the old one left must not pass for what the new one draws.
        let _ = fs::remove_file(self.texts());
        self.tv = start_tv(&self.folder, self.clock);
    }

    fn texts(&self) -> PathBuf {
        self.folder.path().join("texts")
    }
}

fn start_agent(folder: &TempDir, clock: Option<&str>) -> Process {
    let mut command = at(clock, "nexus-agent");
    command.arg("--config").arg(folder.path().join("nexus.toml"));
    command.arg("--state-dir").arg(folder.path().join("state"));
    command.arg("--socket").arg(folder.path().join("agent.sock"));
    Process::start("nexus-agent", &mut command)
}

fn start_tv(folder: &TempDir, clock: Option<&str>) -> Process {
    let mut command = at(clock, "nexus-tv");
    command.arg("--socket").arg(folder.path().join("agent.sock"));
    command.arg("--live-snapshot").arg(folder.path().join("wall.png")).args(["--size", "1280x720"]);
    command.arg("--texts").arg(folder.path().join("texts"));
    Process::start("nexus-tv", &mut command)
}

/// A program, under a clock that is off. (The `faketime` command would stand between it and its end.)
fn at(clock: Option<&str>, name: &str) -> Command {
    let mut command = Command::new(program(name));
    if let Some(clock) = clock {
        // Only the wall clock is wrong on a stick that woke up in the past; its monotonic clock runs as ever.
        command.env("LD_PRELOAD", faketime()).env("FAKETIME", clock).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }
    command
}

/// Debian's libfaketime, in the folder of this machine's architecture.
fn faketime() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").expect("every machine has /usr/lib");
    let mut libraries = folders.flatten().map(|folder| folder.path().join("faketime/libfaketime.so.1"));
    libraries.find(|library| library.exists()).expect("the package faketime is installed; `scripts/test` does so")
}
