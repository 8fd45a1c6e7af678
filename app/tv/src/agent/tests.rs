use std::time::Duration;

use device::{Connection, Place, Report, Said, State};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
    sync::mpsc,
    time::timeout,
};

use super::{Event, follow};

/// An agent, and a TV that follows it.
struct Stage {
    _folder: tempfile::TempDir,
    listener: UnixListener,
    events: mpsc::Receiver<Event>,
    reports: mpsc::Sender<Report>,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("agent.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let (send, events) = mpsc::channel(8);
        let (reports, reported) = mpsc::channel(8);
        tokio::spawn(async move { follow(&socket, reported, send).await });
        Self { _folder: folder, listener, events, reports }
    }

    async fn accept(&self) -> BufReader<UnixStream> {
        BufReader::new(soon(self.listener.accept()).await.unwrap().0)
    }

    async fn event(&mut self) -> Event {
        soon(self.events.recv()).await.unwrap()
    }
}

async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(10), what).await.expect("within 10 s")
}

async fn say(agent: &mut BufReader<UnixStream>, line: &[u8]) {
    agent.get_mut().write_all(line).await.unwrap();
}

async fn hear(agent: &mut BufReader<UnixStream>) -> Report {
    let mut line = Vec::new();
    soon(agent.read_until(b'\n', &mut line)).await.unwrap();
    device::lines::decode(&line).unwrap()
}

fn removed() -> Event {
    Event::Said(Box::new(Said {
        place: Place { turned: 90, ..Place::default() },
        ..State::Removed { server: "nexus.example.com".into() }.into()
    }))
}

const REMOVED: &[u8] = b"{\"turned\":90,\"state\":\"removed\",\"server\":\"nexus.example.com\"}\n";

#[tokio::test]
async fn words_arrive_in_pieces_and_malformed_ones_are_skipped() {
    let mut stage = Stage::new();
    let mut agent = stage.accept().await;
    say(&mut agent, b"{\"state\":\"removed\"}\nnonsense\n{\"state\":\"dances\"}\n").await;
    assert_eq!(stage.event().await, Event::Said(Box::new(State::Unknown.into())));
    let (first, second) = REMOVED.split_at(20);
    say(&mut agent, first).await;
    stage.reports.send(Report::Alive { frames: 1, width: 2, height: 3 }).await.unwrap();
    assert_eq!(hear(&mut agent).await, Report::Alive { frames: 1, width: 2, height: 3 });
    say(&mut agent, second).await;
    assert_eq!(stage.event().await, removed());
}

#[tokio::test]
async fn an_agent_that_comes_back_hears_how_the_connection_stands() {
    let mut stage = Stage::new();
    let agent = stage.accept().await;
    drop(agent);
    assert_eq!(stage.event().await, Event::Lost);
    let refused = Report::Connection { connection: Connection::Refused };
    stage.reports.send(refused).await.unwrap();
    let mut agent = stage.accept().await;
    assert_eq!(hear(&mut agent).await, refused);
    say(&mut agent, REMOVED).await;
    assert_eq!(stage.event().await, removed());
}

#[tokio::test]
async fn a_line_without_end_closes_the_connection() {
    let mut stage = Stage::new();
    let mut agent = stage.accept().await;
    let _ = agent.get_mut().write_all(&vec![b'x'; device::MAX_LINE + 2]).await;
    assert_eq!(stage.event().await, Event::Lost);
    let mut agent = stage.accept().await;
    say(&mut agent, REMOVED).await;
    assert_eq!(stage.event().await, removed());
}

#[tokio::test]
async fn an_agent_that_is_not_there_yet_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("agent.sock");
    let (send, mut events) = mpsc::channel::<Event>(8);
    let (_reports, reported) = mpsc::channel(8);
    let path = socket.clone();
    tokio::spawn(async move { follow(&path, reported, send).await });
    assert_eq!(soon(events.recv()).await, Some(Event::Lost));
    let listener = UnixListener::bind(&socket).unwrap();
    let (stream, _) = soon(listener.accept()).await.unwrap();
    say(&mut BufReader::new(stream), REMOVED).await;
    while soon(events.recv()).await != Some(removed()) {}
}
