//! Our server in a process of its own, on a desk of which one panel changes each second.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use connectors::{Mapping, PollError, Source, Warning};
use data_encoding::BASE64;
use desk::{Batch, Capabilities, Replies, Ticket};
use jiff::{SignedDuration, Timestamp};
use server::{Clock, Config, Folder, Server, Settings, SystemClock, tls::Anchor};

use crate::{Target, process::Part, stamp};

/// A board with the panel of the oldest tickets, which shows their subjects.
const PATH: &str = "/api/v1/boards/queue/events";
const TICKETS: usize = 4;

/// Our server as the bench sees it.
pub(crate) struct BoardServer {
    pub(crate) process: Part,
    pub(crate) target: Target,
    pub(crate) setup_code: String,
}

impl BoardServer {
    pub(crate) fn start() -> Self {
        let mut process = Part::start(&["serve"]);
        let hello = process.hear();
        let [address, setup_code, anchor] = hello.split(' ').collect::<Vec<_>>()[..] else { panic!("{hello}") };
        let anchor = String::from_utf8(BASE64.decode(anchor.as_bytes()).unwrap()).unwrap();
        let target = Target { address: address.parse().unwrap(), path: PATH, anchor };
        Self { target, setup_code: setup_code.to_owned(), process }
    }

    /// From the next poll on, subjects have so many letters beside their stamp.
    pub(crate) fn lengthen_subjects(&mut self, length: usize) {
        self.process.ask(&length.to_string());
    }

    pub(crate) fn stop(self) {
        self.process.end();
    }
}

/// The process of the server: says where it is, then takes lengths of subjects.
pub(crate) async fn serve() {
    let folder = tempfile::tempdir().unwrap();
    let strings = BTreeMap::from([
        ("NEXUS_LISTEN", "127.0.0.1:0"),
        ("NEXUS_CONNECTIONS", "100000"),
        ("NEXUS_CONNECTIONS_PER_ADDRESS", "100000"),
        ("NEXUS_POLL_SECONDS", "1"),
    ]);
    let mut config = Config::read(&strings, None).unwrap();
    config.data = folder.path().to_owned();
    let clock = Arc::new(SystemClock);
    let settings = Settings::open(&Folder::open(&config.data).unwrap(), &config, clock.now()).unwrap();
    let length = Arc::new(AtomicUsize::new(0));
    let desk = Desk { length: length.clone(), since: clock.now() - SignedDuration::from_hours(1) };
    let server = Server::start(config, settings, move |_| desk.clone(), clock).await.unwrap();
    while server.figures().events_encoded < 3 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let Anchor::Certificates(pem) = server.anchor() else { unreachable!("a private authority") };
    let code = server.setup_code().expect("a new installation");
    println!("{} {} {}", server.address(), code.expose(), BASE64.encode(pem.as_bytes()));
    for line in std::io::stdin().lines() {
        length.store(line.unwrap().parse().unwrap(), Ordering::Relaxed);
        println!("so be it");
    }
    server.stop().await;
}

/// Few old tickets; the subject of one is the time of the poll.
#[derive(Clone)]
struct Desk {
    length: Arc<AtomicUsize>,
    since: Timestamp,
}

impl Source for Desk {
    fn provider(&self) -> &'static str {
        "Bench Desk"
    }

    async fn poll(&mut self, now: Timestamp) -> Result<Batch, PollError> {
        let padding = "m".repeat(self.length.load(Ordering::Relaxed));
        Ok(Batch {
            read_at: now,
            tickets: (0..TICKETS).map(|number| self.ticket(number, &padding)).collect(),
            complete_since: None,
            removed: Vec::new(),
            agents: None,
            groups: None,
            clients: Vec::new(),
            activity: Vec::new(),
            capabilities: Capabilities { sla: false, presence: false, replies: Replies::Absent, ratings: false },
        })
    }

    fn remap(&mut self, _: &Mapping) {}

    fn warnings(&self) -> Vec<Warning> {
        Vec::new()
    }
}

impl Desk {
    fn ticket(&self, number: usize, padding: &str) -> Ticket {
        let subject = if number == 0 { stamp::now() } else { "a ticket".to_owned() };
        Ticket::new(number.to_string(), format!("{subject} {padding}"), self.since)
    }
}
