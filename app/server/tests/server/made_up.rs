//! A desk that says what the test wants, in place of a helpdesk.

use std::sync::{
    Arc, Mutex, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use connectors::{Mapping, PollError, Source, Warning, request_tracker::RequestTracker};
use desk::{Batch, Capabilities, Client, ClientId, Replies, Ticket, TicketId};
use jiff::{SignedDuration, Timestamp};

/// The desk of a test: so many open tickets, or out of order.
#[derive(Clone, Default)]
pub struct Desk {
    open: Arc<Mutex<usize>>,
    broken: Arc<AtomicBool>,
    silent: Arc<AtomicBool>,
    /// Whether its tickets have clients.
    clients: Arc<AtomicBool>,
    /// When its tickets came in; the first poll sets it.
    since: Arc<OnceLock<Timestamp>>,
    /// What its words mean, as it was told last. Its tickets' status is called "open".
    mapping: Arc<Mutex<Mapping>>,
}

impl Desk {
    pub fn set_open(&self, count: usize) {
        *self.open.lock().unwrap() = count;
    }

    pub fn break_down(&self) {
        self.broken.store(true, Ordering::Relaxed);
    }

    /// From now on it takes a question, and never answers.
    pub fn fall_silent(&self) {
        self.silent.store(true, Ordering::Relaxed);
    }

    /// From now on every other ticket is of Acme, the rest of Globex, and says so.
    pub fn name_clients(&self) {
        self.clients.store(true, Ordering::Relaxed);
    }

    /// What its words mean, as it was told last.
    pub fn mapping(&self) -> Mapping {
        self.mapping.lock().unwrap().clone()
    }

    pub fn mend(&self) {
        self.broken.store(false, Ordering::Relaxed);
    }
}

impl Source for Desk {
    fn provider(&self) -> &'static str {
        "Test Desk"
    }

    async fn poll(&mut self, now: Timestamp) -> Result<Batch, PollError> {
        if self.silent.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        if self.broken.load(Ordering::Relaxed) {
            return Err(PollError::Unreachable { provider: "Test Desk", reason: "broken".to_owned() });
        }
        let open = *self.open.lock().unwrap();
        let mut tickets = (0..open).map(|number| ticket(number, *self.since.get_or_init(|| now))).collect::<Vec<_>>();
        if let Some(meaning) = self.mapping.lock().unwrap().statuses.get("open") {
            tickets.iter_mut().for_each(|ticket| ticket.status = *meaning);
        }
        let named = self.clients.load(Ordering::Relaxed);
        if named {
            for (ticket, client) in tickets.iter_mut().zip(["acme", "globex"].into_iter().cycle()) {
                ticket.client = Some(ClientId(client.to_owned()));
                ticket.subject = format!("A subject of {client}");
            }
        }
        let client = |id: &str, name: &str| Client { id: ClientId(id.to_owned()), name: name.to_owned() };
        Ok(Batch {
            read_at: now,
            tickets,
            removed: (open..1000).map(id).collect(),
            agents: None,
            groups: None,
            clients: if named { vec![client("acme", "Acme & Sons"), client("globex", "Globex")] } else { Vec::new() },
            activity: Vec::new(),
            complete_since: None,
            capabilities: Capabilities { sla: false, presence: false, replies: Replies::Absent, ratings: false },
        })
    }

    fn remap(&mut self, mapping: &Mapping) {
        *self.mapping.lock().unwrap() = mapping.clone();
    }

    fn warnings(&self) -> Vec<Warning> {
        Vec::new()
    }
}

/// What a server of a test reads: a made-up desk, or whatever the Broker is connected to.
pub enum Read {
    MadeUp(Desk),
    Real(Box<RequestTracker>),
}

impl Source for Read {
    fn provider(&self) -> &'static str {
        match self {
            Self::MadeUp(desk) => desk.provider(),
            Self::Real(desk) => desk.provider(),
        }
    }

    async fn poll(&mut self, now: Timestamp) -> Result<Batch, PollError> {
        match self {
            Self::MadeUp(desk) => desk.poll(now).await,
            Self::Real(desk) => desk.poll(now).await,
        }
    }

    fn remap(&mut self, mapping: &Mapping) {
        match self {
            Self::MadeUp(desk) => desk.remap(mapping),
            Self::Real(desk) => desk.remap(mapping),
        }
    }

    fn warnings(&self) -> Vec<Warning> {
        match self {
            Self::MadeUp(desk) => desk.warnings(),
            Self::Real(desk) => desk.warnings(),
        }
    }
}

fn id(number: usize) -> TicketId {
    TicketId(number.to_string())
}

fn ticket(number: usize, since: Timestamp) -> Ticket {
    let came = since - SignedDuration::from_mins(30);
    Ticket { updated_at: since, ..Ticket::new(number.to_string(), "A secret subject", came) }
}
