//! Runs where `NEXUS_TEST_RT` names the folder of a Request Tracker that `scripts/request-tracker` started:
//! it is written to. The connector reads as a user who may only see tickets, and whose time zone is not UTC.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use broker::{Connection, Id};
use connectors::request_tracker::{Options, RequestTracker};
use connectors::{Mapping, Source};
use desk::{Agent, AgentId, Batch, ClockState, Priority, Status, Ticket};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};
use vault::{Cost, Passphrase, Vault};

/// One at a time: what one writes, the other would read.
static TRACKER: Mutex<()> = Mutex::const_new(());

/// A desk that writes to RT as root, beside the connector that reads.
struct Desk {
    client: reqwest::Client,
    url: String,
    token: String,
    source: RequestTracker,
    tickets: BTreeMap<String, Ticket>,
    agents: Vec<Agent>,
    _folder: tempfile::TempDir,
    _alone: MutexGuard<'static, ()>,
}

impl Desk {
    async fn open() -> Self {
        let alone = TRACKER.lock().await;
        let tracker = std::env::var_os("NEXUS_TEST_RT").expect("NEXUS_TEST_RT names a Request Tracker's folder");
        let read = |name: &str| std::fs::read_to_string(Path::new(&tracker).join(name)).unwrap().trim().to_owned();
        let (url, token, reader) = (read("url"), read("token"), read("reader-token"));

        let folder = tempfile::tempdir().unwrap();
        let (secrets, socket) = (folder.path().join("secrets.json"), folder.path().join("run/broker.sock"));
        let passphrase = || Some(Passphrase::new("a test's own".into()).unwrap());
        let vault = Vault::new(&secrets, passphrase()).with_cost(Cost::new(4, 8, 1).unwrap());
        let connection = Connection::request_tracker(&url.parse().unwrap(), reader.into(), None).unwrap();
        broker::connect(&vault, &Id::request_tracker(), &connection).unwrap();
        // Nothing is connected over the socket here.
        let trial = broker::Trial { path: "", query: "", elsewhere: "", judge: |_, _| Ok(()) };
        let options = broker::Options { secrets, socket: socket.clone(), passphrase: passphrase(), trial, peer: None };
        tokio::spawn(broker::serve(options, std::future::pending()));
        let door = bridge::Broker::new(&socket);
        while door.health().await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(door.connections().await.unwrap()[0].usable);

        let mut options = Options::default();
        options.pace.requests_per_minute = 6000;
        let source = RequestTracker::new(door.connection("request-tracker"), options);
        // An error says that the other test was first.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            client,
            url,
            token,
            source,
            tickets: BTreeMap::new(),
            agents: Vec::new(),
            _folder: folder,
            _alone: alone,
        }
    }

    async fn write(&self, method: &str, path: &str, body: Value) -> Value {
        let request = self.client.request(method.parse().unwrap(), format!("{}/REST/2.0/{path}", self.url));
        let answer = request.header("Authorization", format!("token {}", self.token)).json(&body).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn create(&self, body: Value) -> String {
        self.write("POST", "ticket", body).await["id"].as_str().unwrap().to_owned()
    }

    async fn set(&self, id: &str, body: Value) {
        self.write("PUT", &format!("ticket/{id}"), body).await;
    }

    async fn poll_at(&mut self, now: Timestamp) -> Batch {
        let batch = self.source.poll(now).await.unwrap();
        for ticket in &batch.tickets {
            self.tickets.insert(ticket.id.0.clone(), ticket.clone());
        }
        if let Some(agents) = &batch.agents {
            self.agents.clone_from(agents);
        }
        for id in &batch.removed {
            self.tickets.remove(&id.0);
        }
        batch
    }

    async fn poll(&mut self) -> Batch {
        self.poll_at(Timestamp::now()).await
    }
}

fn ids(batch: &Batch) -> Vec<&str> {
    batch.tickets.iter().map(|ticket| ticket.id.0.as_str()).collect()
}

#[tokio::test]
#[ignore = "writes to a Request Tracker that scripts/request-tracker started"]
async fn what_happens_in_request_tracker_is_seen_by_the_next_poll() {
    let mut desk = Desk::open().await;
    // Service levels are off by default.
    desk.write("PUT", "queue/1", json!({"SLADisabled": 0})).await;

    let first = desk.poll().await;
    assert!(first.groups.unwrap().iter().any(|group| group.name == "General"));
    assert!(first.capabilities.sla && !first.capabilities.presence && !first.capabilities.ratings);
    assert_eq!(ids(&desk.poll().await), [""; 0], "nothing happened, though the overlap was read again");

    let printer = desk
        .create(json!({"Queue": "General", "Subject": "Printer offline", "Requestor": "ann@harbour.example",
                       "Priority": 60, "SLA": "4h", "Content": "It is off."}))
        .await;
    let batch = desk.poll().await;
    assert_eq!(ids(&batch), [printer.as_str()]);
    let ticket = &desk.tickets[&printer];
    assert_eq!(
        (ticket.subject.as_str(), ticket.status, ticket.priority),
        ("Printer offline", Status::New, Priority::Normal)
    );
    assert_eq!((&ticket.assignee, ticket.solved_at, ticket.agent_replies), (&None, None, 0));
    assert_eq!(ticket.group.as_ref().unwrap().0, "1");
    assert_eq!(ticket.client.as_ref().unwrap().0, "domain:harbour.example");
    assert_eq!((ticket.clocks.len(), ticket.clocks[0].state), (1, ClockState::Running));
    let goal = ticket.clocks[0].due_at.duration_since(ticket.created_at).as_mins();
    assert!((239..=241).contains(&goal), "four hours, not {goal} min");

    desk.write(
        "POST",
        &format!("ticket/{printer}/correspond"),
        json!({"Content": "On it.", "ContentType": "text/plain"}),
    )
    .await;
    desk.write("POST", &format!("ticket/{printer}/comment"), json!({"Content": "Hm.", "ContentType": "text/plain"}))
        .await;
    desk.set(&printer, json!({"Owner": "root"})).await;
    let batch = desk.poll().await;
    assert_eq!(ids(&batch), [printer.as_str()]);
    assert!(desk.agents.iter().any(|agent| agent.id.0 == "root" && agent.name == "Enoch Root"));
    let ticket = &desk.tickets[&printer];
    assert_eq!((ticket.status, &ticket.assignee), (Status::Open, &Some(AgentId("root".to_owned()))));
    assert_eq!(ticket.agent_replies, 1, "a comment is no public reply");
    assert_eq!(ticket.last_agent, Some(AgentId("root".to_owned())));
    assert!(!ticket.opened_by_agent_reply && ticket.last_requester_at.is_some(), "root opened it for the requestor");
    assert!(ticket.first_reply_at.is_some());

    for (status, meaning) in [("stalled", Status::Pending), ("resolved", Status::Solved), ("open", Status::Open)] {
        desk.set(&printer, json!({"Status": status})).await;
        desk.poll().await;
        let ticket = &desk.tickets[&printer];
        assert_eq!((ticket.status, ticket.reopens), (meaning, u32::from(status == "open")), "{status}");
        assert_eq!(ticket.solved_at.is_some(), status != "stalled");
    }
    desk.set(&printer, json!({"Status": "resolved"})).await;
    desk.poll().await;
    let ticket = &desk.tickets[&printer];
    assert_eq!((ticket.status, ticket.clocks[0].state, ticket.reopens), (Status::Solved, ClockState::Met, 1));
    desk.set(&printer, json!({"Status": "rejected"})).await;
    desk.poll().await;
    assert_eq!(desk.tickets[&printer].status, Status::Closed);
    assert!(desk.tickets[&printer].closed_at.is_some());

    // RT's searches never show a deleted ticket, so it is missed only when the lists are compared.
    let (junk, kept) = (desk.create(json!({"Queue": "General", "Subject": "Junk"})).await, printer);
    let now = Timestamp::now();
    assert_eq!(ids(&desk.poll_at(now).await), [junk.as_str()]);
    desk.set(&junk, json!({"Status": "deleted"})).await;
    let batch = desk.poll_at(now + SignedDuration::from_mins(3)).await;
    assert_eq!(batch.removed.iter().map(|id| id.0.as_str()).collect::<Vec<_>>(), [junk.as_str()]);
    assert!(desk.tickets.contains_key(&kept) && !desk.tickets.contains_key(&junk));
}

#[tokio::test]
#[ignore = "writes to a Request Tracker that scripts/request-tracker started"]
async fn what_an_administrator_says_of_statuses_is_asked_for_as_request_tracker_understands_it() {
    let mut desk = Desk::open().await;
    let mut tickets = Vec::new();
    for status in ["stalled", "rejected"] {
        let id = desk.create(json!({"Queue": "General", "Subject": status, "Requestor": "ann@harbour.example"})).await;
        desk.set(&id, json!({"Status": status})).await;
        tickets.push(id);
    }
    let now = Timestamp::now();
    desk.poll_at(now).await;
    let [stalled, rejected] = &tickets[..] else { unreachable!("two were made") };
    let told = |desk: &Desk, id: &str| (desk.tickets[id].status, desk.tickets[id].solved_at.is_some());
    assert_eq!([told(&desk, stalled), told(&desk, rejected)], [(Status::Pending, false), (Status::Closed, true)]);

    let statuses = [("Stalled", Status::Solved), ("rejected", Status::Hold), ("it's", Status::Open)];
    let statuses = statuses.map(|(name, meaning)| (name.to_owned(), meaning)).into();
    desk.source.remap(&Mapping { statuses, ..Mapping::default() });
    desk.poll_at(now + SignedDuration::from_secs(20)).await;
    assert_eq!([told(&desk, stalled), told(&desk, rejected)], [(Status::Solved, true), (Status::Hold, false)]);
    let batch = desk.poll_at(now + SignedDuration::from_mins(4)).await;
    assert!(!batch.removed.iter().any(|id| tickets.contains(&id.0)), "{:?}", batch.removed);
}
