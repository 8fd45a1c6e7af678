//! `scripts/run`, as somebody types it who has just cloned Nexus: headless, in a window, and with a real helpdesk.
//!
//! It builds the optimised programs, so these journeys are for `scripts/test --all`, one after the other.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use journeys::{
    picture::{Picture, Pixels},
    process::{Process, wait_for},
    stick::{place, texts},
    tracker::Tracker,
};

/// Packages and an optimised build, on a slow machine.
const BUILT: Duration = Duration::from_secs(40 * 60);
/// A board changes with every poll, and its clock with every minute.
const CHANGE: Duration = Duration::from_secs(70);
/// A program that fell is up again, and has drawn.
const RECOVERY: Duration = Duration::from_secs(30);
/// The script leaves the time between two polls as it is for everybody: 20 s. Two of them, and what the helpdesk takes.
const A_POLL_OF_EVERYBODYS: Duration = Duration::from_secs(45);
/// What Ctrl-C may take.
const END: Duration = Duration::from_secs(15);

/// The script, running in the checkout that these tests are of.
struct Run {
    script: Process,
}

impl Run {
    /// Types it with a free port, and waits for the live board. Without a display, unless `display` names one.
    fn typed(arguments: &[&str], display: Option<&str>) -> Self {
        let others = states();
        assert!(others.is_empty(), "{others:?} are of another run: end it, or remove them where it was killed");
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap();
        // Who runs tests in the background ignores Ctrl-C, and so would everything that they start.
        let mut command = Command::new("env");
        command.arg("--default-signal=INT").arg(checkout().join("scripts/run"));
        command.args(["--yes", "--port", &free.port().to_string()]).args(arguments);
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").envs(display.map(|display| ("DISPLAY", display)));
        let mut run = Self { script: Process::start("scripts/run", &mut command) };
        let live = wait_for(BUILT, "the live board", || {
            let ended = run.script.has_ended();
            (run.says("== live") || ended).then_some(ended)
        });
        assert_eq!(live, Some(false), "{}", run.script.output());
        run
    }

    fn says(&self, words: &str) -> bool {
        self.script.output().contains(words)
    }

    /// The folder of this run, which goes with it.
    fn state(&self) -> PathBuf {
        states().pop().expect("a run keeps its state in target/run while it lasts")
    }

    fn wait_for_words(&self, words: &str, patience: Duration) {
        let file = self.state().join("texts");
        let seen = || texts(&file).iter().any(|text| text.contains(words)).then_some(());
        wait_for(patience, words, seen).unwrap_or_else(|| panic!("never {words:?} but {:#?}", texts(&file)));
    }

    fn wait_for_no_words(&self, words: &str, patience: Duration) {
        let file = self.state().join("texts");
        // A file that is being written anew has no words at all.
        let gone = || {
            let texts = texts(&file);
            (!texts.is_empty() && !texts.iter().any(|text| text.contains(words))).then_some(())
        };
        wait_for(patience, words, gone).unwrap_or_else(|| panic!("{words:?} stays: {:#?}", texts(&file)));
    }

    /// Ends one of its programs as a fault would.
    fn kill(&self, program: &str) {
        let process = processes_of(&self.state()).into_iter().find(|(_, command)| command.contains(program));
        let (id, _) = process.unwrap_or_else(|| panic!("{program} does not run"));
        assert!(Command::new("kill").args(["-KILL", &id.to_string()]).status().unwrap().success());
    }

    /// Presses Ctrl-C; nothing may be left.
    fn ends_without_a_trace(mut self) {
        let state = self.state();
        let sockets = sockets_of(&state);
        assert!(sockets.is_dir(), "{} is no folder", sockets.display());
        self.script.signal("INT");
        assert!(self.script.wait_for_end(END), "{}", self.script.output());
        assert_eq!(processes_of(&state), Vec::new(), "programs are left");
        assert_eq!(states(), Vec::<PathBuf>::new(), "files are left");
        assert!(!sockets.exists(), "sockets are left");
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // A failed journey leaves nothing either: killed, the script could not end its programs.
        if !self.script.has_ended() {
            self.script.signal("INT");
            let _ = wait_for(END, "the end", || self.script.has_ended().then_some(()));
        }
    }
}

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("this crate lies in tests/journeys").to_owned()
}

fn picture() -> PathBuf {
    checkout().join("target/run/tv.png")
}

fn states() -> Vec<PathBuf> {
    let entries = fs::read_dir(checkout().join("target/run")).into_iter().flatten();
    entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

/// The processes whose command line or environment names a folder: id and command line.
fn processes_of(folder: &Path) -> Vec<(u32, String)> {
    let folder = folder.to_str().unwrap();
    let ids = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let named = ids.filter_map(|id: u32| {
        let read =
            |file: &str| fs::read(format!("/proc/{id}/{file}")).map(|text| String::from_utf8_lossy(&text).into_owned());
        let command = read("cmdline").ok()?.replace('\0', " ");
        let environment = read("environ").unwrap_or_default();
        (command.contains(folder) || environment.contains(folder)).then_some((id, command))
    });
    named.collect()
}

/// The folder of the sockets through which the programs of a run speak, as the agent was told it.
fn sockets_of(state: &Path) -> PathBuf {
    let processes = processes_of(state);
    let told = processes.iter().find_map(|(_, command)| command.split(" --socket ").nth(1)?.split(' ').next());
    Path::new(told.expect("the agent has a socket")).parent().unwrap().to_owned()
}

#[test]
#[ignore = "builds with optimisation"]
fn without_a_display_it_keeps_a_picture_current_heals_itself_and_leaves_nothing() {
    let run = Run::typed(&["--size", "1280x720"], None);
    assert!(run.says("There is no display here"), "{}", run.script.output());
    run.wait_for_words("updated", RECOVERY);
    let first = fs::read(picture()).unwrap();
    let size = Picture::read(&picture()).unwrap().size();
    assert_eq!(size, (1280, 720));
    let renewed = |was: &[u8]| wait_for(CHANGE, "another picture", || (fs::read(picture()).ok()? != was).then_some(()));
    renewed(&first).expect("the picture is kept current");

    for program in ["nexus-tv", "nexus-agent"] {
        run.kill(program);
        let name = program.trim_start_matches("nexus-");
        let said = format!("The {name} ended (exit status 137) and is started again.");
        wait_for(RECOVERY, &said, || run.says(&said).then_some(()))
            .unwrap_or_else(|| panic!("{}", run.script.output()));
        let fallen = fs::read(picture()).unwrap();
        renewed(&fallen).expect("the picture is kept current after a fall");
        run.wait_for_words("updated", RECOVERY);
    }
    run.ends_without_a_trace();
}

#[test]
#[ignore = "builds with optimisation"]
fn with_a_display_the_board_is_in_a_window() {
    let mut server = Command::new("Xvfb");
    server.args(["-displayfd", "1", "-screen", "0", "1920x1080x24", "-nolisten", "tcp"]);
    let server = Process::start("Xvfb", &mut server);
    let display = wait_for(RECOVERY, "a display", || Some(format!(":{}", server.output().lines().next()?)));
    let display = display.expect("Xvfb prints the number of its display");
    let run = Run::typed(&[], Some(&display));
    assert!(run.says("in the window \"Nexus\""), "{}", run.script.output());
    run.wait_for_words("updated", RECOVERY);

    let shot = run.state().join("window.png");
    let written = wait_for(RECOVERY, "a board in the window", || {
        let place = place(&run.state().join("texts"), "updated")?;
        let mut import = Command::new("import");
        import.args(["-display", &display, "-window", "root", "-depth", "8", "-define", "png:color-type=2"]);
        let taken = import.arg(&shot).stderr(Stdio::null()).status().ok()?.success();
        (taken && Picture::read(&shot)?.cut(place).are_written_on()).then_some(())
    });
    assert!(written.is_some(), "the display shows something else");
    run.ends_without_a_trace();
}

#[test]
#[ignore = "builds with optimisation"]
fn with_a_display_that_cannot_be_used_it_says_so_and_keeps_a_picture() {
    let run = Run::typed(&[], Some(":4711"));
    assert!(run.says("The display :4711 cannot be used: "), "{}", run.script.output());
    run.wait_for_words("updated", RECOVERY);
    assert_eq!(Picture::read(&picture()).unwrap().size(), (1920, 1080));
    run.ends_without_a_trace();
}

#[test]
#[ignore = "builds with optimisation"]
fn with_a_real_request_tracker_its_tickets_are_on_the_board() {
    let tracker = Tracker::from_environment().expect("`scripts/test` starts one and names its folder in NEXUS_TEST_RT");
    let token = std::env::var_os("NEXUS_TEST_RT").map(|folder| Path::new(&folder).join("reader-token")).unwrap();
    let (url, token) = (tracker.url.as_str(), token.to_str().unwrap());
    let run = Run::typed(&["--desk", "rt", "--rt-url", url, "--rt-token-file", token, "--board", "queue"], None);
    run.wait_for_words("updated", RECOVERY);
    let client = format!("newcomer-{}.example", std::process::id());
    let ticket = tracker.create("The first thing that a newcomer sees", &format!("jo@{client}"));
    let created = Instant::now();
    run.wait_for_words(&client, A_POLL_OF_EVERYBODYS.saturating_sub(created.elapsed()));
    let place = place(&run.state().join("texts"), &client).unwrap();
    let drawn = wait_for(RECOVERY, "letters", || {
        Picture::read(&picture()).map(|picture| picture.cut(place)).filter(Pixels::are_written_on)
    });
    assert!(drawn.is_some(), "the client is not in the picture");
    tracker.set_status(ticket, "resolved");
    run.wait_for_no_words(&client, A_POLL_OF_EVERYBODYS);
    run.ends_without_a_trace();
}
