//! Processes that play a part, and what they cost.

use std::{
    fs,
    io::{BufRead, BufReader, Lines, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Memory and processor time of processes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Measured {
    /// Proportional set size in bytes: pages that several share count once.
    pub(crate) memory: u64,
    /// Since their start.
    pub(crate) cpu: Duration,
}

/// This program once more, in another part; one line asks, one answers.
pub(crate) struct Part {
    child: Child,
    asks: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Part {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let asks = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, asks, answers }
    }

    pub(crate) fn hear(&mut self) -> String {
        self.answers.next().expect("a part of the bench ended early").unwrap()
    }

    pub(crate) fn ask(&mut self, question: &str) -> String {
        writeln!(self.asks.as_mut().unwrap(), "{question}").unwrap();
        self.hear()
    }

    pub(crate) fn measure(&self) -> Measured {
        measure(self.child.id())
    }

    /// Lets it end by itself.
    pub(crate) fn end(mut self) {
        drop(self.asks.take());
        self.child.wait().unwrap();
    }
}

/// What a process costs.
pub(crate) fn measure(id: u32) -> Measured {
    let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap();
    let memory = line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() * 1024;
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    // Behind the name, which may hold spaces: utime and stime are fields 14 and 15, in hundredths of a second (proc(5)).
    let fields = stat.rsplit_once(") ").unwrap().1.split(' ').collect::<Vec<_>>();
    let ticks = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Measured { memory, cpu: Duration::from_millis(ticks * 10) }
}

/// Allows as many open files as this user may have.
pub(crate) fn raise_limits() {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).unwrap();
}
