//! The event stream: beginning, resuming, slow readers, farewell.

use std::time::{Duration, Instant};

use board::wire::Event;
use reqwest::{Client, Response};

use crate::stage::{Setup, Stage, count, open_tickets, within};

const EVENTS: &str = "/api/v1/boards/overview/events";

/// Reads events off a response.
pub struct Events {
    response: Response,
    text: String,
}

/// One event, or a comment.
#[derive(Debug)]
pub enum Item {
    Event { id: Option<String>, event: Event },
    Comment,
}

impl Events {
    pub fn new(response: Response) -> Self {
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    pub async fn open(client: &Client, stage: &Stage, last: Option<&str>) -> Self {
        let mut request = client.get(stage.url(EVENTS));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        Self::new(within(request.send()).await.unwrap())
    }

    /// The next item; `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<Item> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let item = read(block);
                self.text = rest.to_owned();
                return Some(item);
            }
            let chunk = within(self.response.chunk()).await.ok().flatten()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    pub async fn event(&mut self) -> (String, Event) {
        loop {
            match self.next().await.expect("the stream goes on") {
                Item::Event { id: Some(id), event } => return (id, event),
                Item::Event { id: None, event } => panic!("{event:?}"),
                Item::Comment => {}
            }
        }
    }

    /// The next event about the panel of open tickets with this count; how many others were in between.
    async fn until(&mut self, open: i64) -> (String, usize) {
        let mut others = 0;
        loop {
            let (id, event) = self.event().await;
            let shown = match &event {
                Event::Board(board) => open_tickets(board),
                Event::Panel(panel) if panel.id.0 == "open-tickets" => count(panel),
                _ => None,
            };
            if shown == Some(open) {
                return (id, others);
            }
            others += 1;
        }
    }
}

fn read(block: &str) -> Item {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    match (field("event"), field("data")) {
        (Some(name), Some(data)) => {
            let event = Event::from_fields(name, data).unwrap().unwrap();
            Item::Event { id: field("id").map(str::to_owned), event }
        }
        _ => {
            assert!(block.starts_with(':'), "{block}");
            Item::Comment
        }
    }
}

#[tokio::test]
async fn a_stream_begins_with_the_board_and_goes_on_with_what_changes() {
    let stage = Stage::start().await;
    let mut events = Events::open(&stage.client(), &stage, None).await;
    let (_, first) = events.event().await;
    assert!(matches!(first, Event::Board(_)));
    events.until(3).await;
    stage.desk.set_open(5);
    let asked = Instant::now();
    events.until(5).await;
    assert!(asked.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_reader_that_comes_back_gets_only_what_changed_in_the_meantime() {
    let stage = Stage::start().await;
    stage.board_when(|board| open_tickets(board) == Some(3)).await;
    let mut events = Events::open(&stage.client(), &stage, None).await;
    let (last, _) = events.event().await;
    drop(events);

    stage.desk.set_open(6);
    stage.board_when(|board| open_tickets(board) == Some(6)).await;
    let mut events = Events::open(&stage.client(), &stage, Some(&last)).await;
    let (_, event) = events.event().await;
    assert!(matches!(event, Event::Panel(_)), "{event:?}");

    for foreign in ["0.1", "nonsense", &last.replace('.', "0.")] {
        let mut events = Events::open(&stage.client(), &stage, Some(foreign)).await;
        assert!(matches!(events.event().await.1, Event::Board(_)), "{foreign}");
    }
}

#[tokio::test]
async fn a_reader_that_comes_back_and_missed_nothing_hears_at_once_that_it_is_connected() {
    let stage = Setup { open: 0, ..Setup::new() }.start().await;
    stage.settled(0).await;
    let (last, _) = Events::open(&stage.client(), &stage, None).await.event().await;
    let asked = Instant::now();
    let mut events = Events::open(&stage.client(), &stage, Some(&last)).await;
    assert!(matches!(events.next().await, Some(Item::Comment)));
    assert!(asked.elapsed() < Duration::from_secs(4), "the comment of a quiet stream came after {:?}", asked.elapsed());
}

#[tokio::test]
async fn a_quiet_stream_shows_every_five_seconds_that_it_lives() {
    let stage = Setup { open: 0, ..Setup::new() }.start().await;
    let mut events = Events::open(&stage.client(), &stage, None).await;
    let mut comments = Vec::new();
    while comments.len() < 2 {
        if matches!(events.next().await.unwrap(), Item::Comment) {
            comments.push(Instant::now());
        }
    }
    let between = comments[1] - comments[0];
    assert!((4.0..=6.5).contains(&between.as_secs_f64()), "{between:?}");
}

#[tokio::test]
async fn a_change_is_encoded_once_for_all_readers() {
    let stage = Stage::start().await;
    stage.settled(3).await;
    // A connection for each, as screens have.
    let client = stage.client_builder().http1_only().build().unwrap();
    let mut readers = Vec::new();
    for _ in 0..40 {
        readers.push(Events::open(&client, &stage, None).await);
    }
    for reader in &mut readers {
        reader.until(3).await;
    }
    assert_eq!(stage.server.figures().streams, 40);
    let before = stage.server.figures().events_encoded;
    stage.desk.set_open(7);
    for reader in &mut readers {
        reader.until(7).await;
    }
    let encoded = stage.server.figures().events_encoded - before;
    // The one change shows in some of the panels of five boards; forty readers add nothing to that.
    assert!((1..=30).contains(&encoded), "{encoded}");
}

#[tokio::test]
async fn a_slow_reader_skips_to_the_newest() {
    const CHANGES: usize = 150;
    let stage = Stage::start().await;
    // So small a window that the server cannot push what is not read.
    let slow = stage.client_builder().http2_initial_stream_window_size(8 * 1024).build().unwrap();
    let mut events = Events::open(&slow, &stage, None).await;
    events.until(3).await;
    for open in 10..10 + CHANGES {
        stage.desk.set_open(open);
        stage.board_when(|board| open_tickets(board) == Some(open as i64)).await;
    }
    let last = (10 + CHANGES - 1) as i64;
    let (_, others) = events.until(last).await;
    assert!(others < CHANGES, "{others} events for {CHANGES} changes of at least two panels each");
}

#[tokio::test]
async fn a_server_that_goes_away_tells_its_readers_when_to_come_back() {
    let stage = Stage::start().await;
    let mut events = Events::open(&stage.client(), &stage, None).await;
    events.until(3).await;
    let stopping = tokio::spawn(stage.server.stop());
    let bye = loop {
        match events.next().await.unwrap() {
            Item::Event { id: None, event: Event::Bye(bye) } => break bye,
            _ => continue,
        }
    };
    assert!(bye.after_ms <= 1000, "{bye:?}");
    assert!(events.next().await.is_none());
    within(stopping).await.unwrap();
}

#[tokio::test]
async fn a_stream_is_compressed_for_those_who_ask_event_by_event() {
    let stage = Stage::start().await;
    stage.settled(3).await;
    let ask = || stage.client().get(stage.url(EVENTS)).header("accept-encoding", "gzip, deflate, br");
    let mut response = within(ask().send()).await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    assert_eq!(response.headers()["vary"], "accept-encoding");

    let (mut wire, mut text) = (Vec::new(), String::new());
    let mut changed = false;
    while !text.contains("event: panel") {
        wire.extend_from_slice(&within(response.chunk()).await.unwrap().expect("the stream goes on"));
        text = inflated(&wire);
        if text.ends_with("\n\n") && !changed {
            assert!(text.starts_with("event: board\n"), "{text}");
            assert!(wire.len() * 2 < text.len(), "{} bytes for {}", wire.len(), text.len());
            stage.desk.set_open(8);
            changed = true;
        }
    }
    let stopping = tokio::spawn(stage.server.stop());
    while let Some(chunk) = within(response.chunk()).await.unwrap() {
        wire.extend_from_slice(&chunk);
    }
    let mut whole = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&wire[..]), &mut whole).unwrap();
    assert!(whole.contains("event: bye"), "the end is there, and the sum is right");
    within(stopping).await.unwrap();
}

/// As much of a gzip stream as has come.
fn inflated(wire: &[u8]) -> String {
    let mut text = Vec::new();
    // The end is missing, which is no wonder.
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(wire), &mut text).ok();
    String::from_utf8(text).unwrap()
}
