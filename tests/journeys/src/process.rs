//! A program under test: started with its output kept, ended when dropped.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// The path of one of our programs, beside the test's own.
///
/// # Panics
/// It was not built; `scripts/test` does so.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    let path = test.ancestors().nth(2).expect("a test lies in target/PROFILE/deps").join(name);
    assert!(path.exists(), "{} is missing: run `cargo build --bins` first", path.display());
    path
}

/// A running program.
pub struct Process {
    name: String,
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Process {
    /// Starts `command`, keeping every line of its output.
    pub fn start(name: &str, command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        let lines = Arc::new(Mutex::new(Vec::new()));
        let outputs: [Box<dyn Read + Send>; 2] = [
            Box::new(child.stdout.take().expect("its output is piped")),
            Box::new(child.stderr.take().expect("its output is piped")),
        ];
        for output in outputs {
            let lines = Arc::clone(&lines);
            thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    lines.lock().expect("no reader panics").push(line);
                }
            });
        }
        Self { name: name.to_owned(), child, lines }
    }

    /// Everything that it has printed.
    pub fn output(&self) -> String {
        self.lines.lock().expect("no reader panics").join("\n")
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        // A process that ended by itself cannot be killed; that is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends a signal: `STOP`, `CONT`, `TERM`.
    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .args([format!("-{signal}").as_ref() as &OsStr, self.child.id().to_string().as_ref()])
            .status();
        assert!(sent.is_ok_and(|status| status.success()), "{} takes no signal", self.name);
    }

    /// Waits until it has ended by itself; whether it ended well.
    ///
    /// # Panics
    /// It does not within `patience`.
    pub fn wait_for_end(&mut self, patience: Duration) -> bool {
        wait_for(patience, "the end", || self.child.try_wait().ok().flatten())
            .unwrap_or_else(|| panic!("{} does not end:\n{}", self.name, self.output()))
            .success()
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("---- {} printed ----\n{}", self.name, self.output());
        }
        self.kill();
    }
}

/// Asks `look` again and again until it finds something; `None` when `patience` has run out.
pub fn wait_for<T>(patience: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if Instant::now() > deadline {
            eprintln!("waited {patience:?} for {what} in vain");
            return None;
        }
        thread::sleep(Duration::from_millis(50));
    }
}
