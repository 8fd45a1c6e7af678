//! A TV stick: agent and TV as two processes, and what is on its wall.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    admin::Admin,
    clock::Clock,
    picture::{Area, Picture, Pixels},
    process::{Process, program, wait_for},
};

/// Part of what the header of a live board says: "updated 8 s ago".
pub const LIVE: &str = "updated";
/// Part of what it says once the server is lost.
pub const LOST: &str = "reconnecting";

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
    clock: Option<Clock>,
    /// The device daemon.
    pub agent: Process,
    /// The renderer.
    pub tv: Process,
}

impl Stick {
    /// A new stick that was told about `server` (`https://…`) by its `nexus.toml`.
    pub fn plugged_in(server: &str) -> Self {
        Self::with_setup(&format!("server = \"{server}\"\n"))
    }

    /// One whose clock is off by so many seconds, and can be set.
    pub fn plugged_in_with_clock(server: &str, seconds: i64) -> Self {
        Self::start(&format!("server = \"{server}\"\n"), Some(seconds))
    }

    /// A new stick with the given `nexus.toml`.
    pub fn with_setup(setup: &str) -> Self {
        Self::start(setup, None)
    }

    /// Another stick, with a copy of this one's card.
    pub fn copied(&self) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let state = folder.path().join("state");
        fs::create_dir(&state).expect("it can be made");
        fs::copy(self.folder.path().join("nexus.toml"), folder.path().join("nexus.toml")).expect("it can be copied");
        for file in fs::read_dir(self.folder.path().join("state")).expect("a stick has its state") {
            let file = file.expect("it can be read");
            fs::copy(file.path(), state.join(file.file_name())).expect("it can be copied");
        }
        let (agent, tv) = (start_agent(&folder, None), start_tv(&folder, None));
        Self { folder, clock: None, agent, tv }
    }

    /// Starts the agent again when its key is a month older, and waits until it has replaced it.
    ///
    /// # Panics
    /// It never was granted a session, or does not replace its key.
    pub fn replace_key(&mut self) {
        self.agent.kill();
        let path = self.folder.path().join("state/rotation.json");
        let read = || serde_json::from_slice::<Value>(&fs::read(&path).ok()?).ok();
        let mut keys = read().expect("a stick that was granted a session wrote down when");
        let since = keys["since"].as_i64().expect("seconds");
        keys["since"] = (since - 30 * 24 * 3600).into();
        fs::write(&path, keys.to_string()).expect("it can be written");
        self.restart_agent();
        let replaced =
            wait_for(PATIENCE, "another key", || read().filter(|keys| keys["since"].as_i64() >= Some(since)));
        assert!(replaced.is_some(), "{}", self.agent.output());
    }

    fn start(setup: &str, off: Option<i64>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        fs::write(folder.path().join("nexus.toml"), setup).expect("it can be written");
        let clock = off.map(|seconds| Clock::new(folder.path(), seconds));
        let agent = start_agent(&folder, clock.as_ref());
        let tv = start_tv(&folder, clock.as_ref());
        Self { folder, clock, agent, tv }
    }

    /// Sets the clock of one that was plugged in with a clock, under its running programs.
    ///
    /// # Panics
    /// It goes by this machine's clock.
    pub fn set_clock(&self, seconds: i64) {
        self.clock.as_ref().expect("it was plugged in with a clock of its own").set(seconds);
    }

    /// What the agent tells those who ask it (`nexus-agent state`); `None` where it does not answer.
    pub fn agent_state(&self) -> Option<Value> {
        let mut command = Command::new(program("nexus-agent"));
        let asked = command.arg("state").arg("--socket").arg(self.folder.path().join("agent.sock")).output();
        let answer = asked.expect("nexus-agent can be run");
        answer.status.success().then(|| serde_json::from_slice(&answer.stdout).expect("a state is JSON"))
    }

    /// The `nexus.toml` as it is now.
    pub fn setup(&self) -> String {
        fs::read_to_string(self.folder.path().join("nexus.toml")).expect("the stick keeps its nexus.toml")
    }

    /// Pairs it under `name` with `board`, as a person in front of it and an administrator would.
    pub fn pair(&self, admin: &Admin, name: &str, board: &str) {
        admin.add_screen(&self.code(), name, board, || self.digits());
    }

    /// The pairing code, once the wall shows it.
    pub fn code(&self) -> String {
        self.wait_until("the pairing code", PATIENCE, |wall| {
            wall.iter().find(|text| text.len() > 10 && text.split('-').count() == 3).cloned()
        })
    }

    /// The two digits that are to be compared, once the wall shows them.
    pub fn digits(&self) -> String {
        self.wait_until("two digits", PATIENCE, |wall| {
            wall.iter().find(|text| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).cloned()
        })
    }

    /// Every text that is drawn now.
    pub fn wall(&self) -> Vec<String> {
        texts(&self.texts())
    }

    /// Whether some text on the wall contains `words`.
    pub fn tells(&self, words: &str) -> bool {
        self.wall().iter().any(|text| text.contains(words))
    }

    /// Where on the wall `words` stand; `None` where they do not.
    pub fn place(&self, words: &str) -> Option<Area> {
        place(&self.texts(), words)
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
        self.agent = start_agent(&self.folder, self.clock.as_ref());
    }

    /// Starts the TV again, after it was killed.
    pub fn restart_tv(&mut self) {
        // What the old one left must not pass for what the new one draws.
        let _ = fs::remove_file(self.texts());
        self.tv = start_tv(&self.folder, self.clock.as_ref());
    }

    fn texts(&self) -> PathBuf {
        self.folder.path().join("texts")
    }
}

/// Every text in a TV's file of texts (`nexus-tv --texts`).
pub fn texts(file: &Path) -> Vec<String> {
    written(file).into_iter().map(|written| written.text).collect()
}

/// Where `words` stand by a TV's file of texts; `None` where they do not.
pub fn place(file: &Path, words: &str) -> Option<Area> {
    let written = written(file).into_iter().find(|written| written.text.contains(words))?;
    Some(Area { x: written.x, y: written.y, width: written.width, height: written.height })
}

fn written(file: &Path) -> Vec<Written> {
    let texts = fs::read_to_string(file).unwrap_or_default();
    texts.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn start_agent(folder: &TempDir, clock: Option<&Clock>) -> Process {
    let mut command = at(clock, "nexus-agent");
    command.arg("--config").arg(folder.path().join("nexus.toml"));
    command.arg("--state-dir").arg(folder.path().join("state"));
    command.arg("--socket").arg(folder.path().join("agent.sock"));
    // The clock of the machine that tests is set, and the one of the journey is not.
    command.arg("--time-synchronized").arg(folder.path().join("time-synchronized"));
    Process::start("nexus-agent", &mut command)
}

fn start_tv(folder: &TempDir, clock: Option<&Clock>) -> Process {
    let mut command = at(clock, "nexus-tv");
    command.arg("--socket").arg(folder.path().join("agent.sock"));
    command.arg("--live-snapshot").arg(folder.path().join("wall.png")).args(["--size", "1280x720"]);
    command.arg("--texts").arg(folder.path().join("texts"));
    Process::start("nexus-tv", &mut command)
}

fn at(clock: Option<&Clock>, name: &str) -> Command {
    let mut command = Command::new(program(name));
    if let Some(clock) = clock {
        clock.rule(&mut command);
    }
    command
}
