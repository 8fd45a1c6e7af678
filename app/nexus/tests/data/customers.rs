//! What customers wrote, and who they are, stands on boards and in no log line, however much is logged.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    search::Canary,
    serving::{Browser, Serving, eventually},
    stage::Installation,
};

const TOKEN: &str = "1-14-a-token-of-the-test";
const SUBJECT: &str = "Canary subject: the invoice of Ms Heron is wrong";
const CLIENT: &str = "Heron and Daughters, canaries";
const NAME: &str = "Henrietta Heron-Canary";
const EMAIL: &str = "henrietta@canary-heron.example";
const WRITER: &str = "another.writer@canary-heron.example";
const MALFORMED: &str = "Canary words where a date belongs";

/// A helpdesk whose answers are full of customers' words.
struct Helpdesk {
    url: String,
    /// Whether its answers cannot be read.
    is_broken: Arc<AtomicBool>,
    /// How many of them could not.
    unreadable: Arc<AtomicUsize>,
    /// Whether it was asked who somebody is.
    looked_up: Arc<AtomicBool>,
}

impl Helpdesk {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/rt", listener.local_addr().unwrap());
        let helpdesk = Self { url, is_broken: Arc::default(), unreadable: Arc::default(), looked_up: Arc::default() };
        let (is_broken, unreadable) = (helpdesk.is_broken.clone(), helpdesk.unreadable.clone());
        let looked_up = helpdesk.looked_up.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let lines = BufReader::new(connection.try_clone().unwrap()).lines().map_while(Result::ok);
                let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
                looked_up.fetch_or(head[0].contains("/user/"), Ordering::SeqCst);
                let mut body = answer(&head[0]).to_string();
                if is_broken.load(Ordering::SeqCst) && head[0].contains("/tickets?") {
                    body = match unreadable.fetch_add(1, Ordering::SeqCst) % 2 {
                        0 => format!("{{\"items\": [{{\"Subject\": \"{SUBJECT}"),
                        _ => json!({"items": SUBJECT}).to_string(),
                    };
                }
                let length = body.len();
                let kind = "Content-Type: application/json\r\nConnection: close";
                // The Broker may have gone away meanwhile.
                let _ = write!(connection, "HTTP/1.1 200 OK\r\n{kind}\r\nContent-Length: {length}\r\n\r\n{body}");
            }
        });
        helpdesk
    }
}

/// What it says to a request, by its first line.
fn answer(request: &str) -> Value {
    let hours_ago = |hours| (Timestamp::now() - SignedDuration::from_hours(hours)).to_string();
    let ticket = json!({
        "id": "7", "Subject": SUBJECT, "Status": "open", "Queue": {"id": "1"}, "Created": hours_ago(3),
        "LastUpdated": hours_ago(1), "Started": hours_ago(2), "Owner": {"id": "Nobody"},
        "Requestor": [{"id": EMAIL, "RealName": NAME, "EmailAddress": EMAIL, "Organization": CLIENT}],
    });
    let unreadable = json!({"id": "8", "Subject": SUBJECT, "Status": "open", "Created": MALFORMED});
    let written = json!({
        "id": "9", "ObjectId": "7", "Type": "Correspond", "Creator": {"id": WRITER}, "Created": hours_ago(1),
        "OldValue": "", "NewValue": "",
    });
    let items = match request {
        user if user.contains("/user/") => return json!({"Privileged": 0, "RealName": NAME}),
        queues if queues.contains("/queues/all") => {
            json!([{"id": "1", "Name": "General", "Lifecycle": "default", "SLADisabled": "1"}])
        }
        history if history.contains("/transactions?") => json!([written]),
        // In which class a status is.
        status if status.contains("Lifecycle") => json!([]),
        _ => json!([ticket, unreadable]),
    };
    json!({"items": items, "page": 1, "pages": 1})
}

#[test]
fn nothing_that_a_customer_wrote_and_nobody_of_them_is_in_a_log_line_logged_as_text() {
    search("text");
}

#[test]
fn nothing_that_a_customer_wrote_and_nobody_of_them_is_in_a_log_line_logged_as_json() {
    search("json");
}

fn search(format: &str) {
    let installation = Installation::new();
    let helpdesk = Helpdesk::start();
    installation.connect(&helpdesk.url, TOKEN);
    let settings = json!({
        "instance": "11111111-2222-4333-8444-555555555555", "team": "Support", "time_zone": "Etc/UTC",
        "desk": {"provider": "request_tracker"}, "boards": [{"id": "overview"}, {"id": "queue"}],
    });
    std::fs::write(installation.data().join("settings.json"), settings.to_string()).unwrap();
    let variables = [("NEXUS_LOG", "trace"), ("NEXUS_LOG_FORMAT", format), ("NEXUS_POLL_SECONDS", "1")];
    let serving = Serving::start(&installation, &variables);
    let browser = Browser::set_up(&installation, &serving);

    let words = [
        Canary::new("a subject", SUBJECT),
        Canary::new("a client", CLIENT),
        Canary::new("a customer's name", NAME),
        Canary::new("a customer's address", EMAIL),
        Canary::new("somebody who wrote", WRITER),
        Canary::new("what was in the place of a date", MALFORMED),
    ];
    // The same search finds on the board what it is there to show.
    eventually(|| {
        let board = browser.get("/api/v1/boards/queue/state").text;
        (words[0].is_in(board.as_bytes()) && words[1].is_in(board.as_bytes())).then_some(())
    });
    assert!(helpdesk.looked_up.load(Ordering::SeqCst), "a customer's address is in the path of a question");
    let client = format!("organization:{CLIENT}");
    let fields = [
        ("server", browser.origin.as_str()),
        ("name", "For the client"),
        ("board", "queue"),
        ("networks", ""),
        ("hours", "1"),
        ("uses", "1"),
        ("only", "some"),
        ("client", client.as_str()),
    ];
    let shared = browser.post("/admin/screens/links/share", &fields).text;
    assert!(shared.contains("It is shown this once"), "{shared}");
    helpdesk.is_broken.store(true, Ordering::SeqCst);
    eventually(|| (helpdesk.unreadable.load(Ordering::SeqCst) >= 2).then_some(()));
    for trouble in ["records that cannot be read", "the desk could not be read"] {
        eventually(|| serving.log().contains(trouble).then_some(()));
    }

    let log = serving.log();
    assert!(log.lines().count() > 100 && log.contains("TRACE"), "{} lines", log.lines().count());
    words.iter().for_each(|canary| canary.assert_not_in(log.as_bytes(), "the log"));
}
