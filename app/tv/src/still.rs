//! The wall in one picture, as soon as there is something to show: the agent is asked and the board fetched as for a
//! display. Nothing is reported but what the agent has to mend before there can be a board: a session that is refused, a
//! server that is not trusted.

use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use device::{Connection as Standing, Report, State};
use jiff::{Timestamp, tz::TimeZone};
use tokio::{runtime, sync::oneshot, time::timeout};

use crate::{
    app::{Action, App, Now},
    network::Network,
    view::{Connection, Screen},
};

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody says what to show.
    #[error(
        "no agent answers at {} within {} s; start nexus-agent, or name its socket with --socket", socket.display(),
        patience.as_secs()
    )]
    NoAgent {
        /// Where it was asked.
        socket: PathBuf,
        /// For how long.
        patience: Duration,
    },
    /// There is a start screen only.
    #[error("there is no board within {} s; network: {network}; server: {server}", patience.as_secs())]
    NoBoard {
        /// For how long it was waited for.
        patience: Duration,
        /// How far the network is, in the words of the start screen.
        network: String,
        /// How far the server is.
        server: String,
    },
    /// The program was asked to end.
    #[error("ended before there was anything to show")]
    Ended,
    /// The system gives no thread or no event queue.
    #[error("cannot start the network thread: {0}")]
    Network(#[from] io::Error),
}

/// What the agent at `socket` has the wall show, and the time that the wall tells: the live board, or a screen in place
/// of one. A start screen is waited for to end, for as long as there is `patience`. `zone` is the machine's.
///
/// # Errors
/// There is nothing but a start screen by then, or the program is asked to end.
pub fn take(socket: &Path, zone: TimeZone, patience: Duration) -> Result<(Screen, Timestamp), Error> {
    let (end, ended) = oneshot::channel();
    let mut network = Network::start(socket.to_owned(), move || {
        // Who waits for it may have what it waited for.
        let _ = end.send(());
    })?;
    runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
        tokio::select! {
            shown = shown(&mut network, socket, zone, patience) => shown,
            _ = ended => Err(Error::Ended),
        }
    })
}

async fn shown(
    network: &mut Network,
    socket: &Path,
    zone: TimeZone,
    patience: Duration,
) -> Result<(Screen, Timestamp), Error> {
    let mut app = App::new(zone);
    let started = Instant::now();
    let now = || Now { since_start: started.elapsed(), wall: Timestamp::now() };
    let waiting = async {
        while let Some(event) = network.events.recv().await {
            let now = now();
            for action in app.handle(event, now) {
                match action {
                    Action::Follow(live) => drop(network.target.send_replace(Some(*live))),
                    Action::Leave => drop(network.target.send_replace(None)),
                    Action::Report(connection @ (Standing::Refused | Standing::Untrusted)) => {
                        // An agent that is gone is noticed where its words end.
                        let _ = network.reports.try_send(Report::Connection { connection });
                    }
                    Action::Report(_) | Action::ReportAlive | Action::Rotate(_) | Action::ReduceMotion(_) => {}
                }
            }
            let screen = app.screen(now);
            if stands(&screen) {
                return Ok((screen, app.time(now)));
            }
        }
        Err(Error::Ended)
    };
    match timeout(patience, waiting).await {
        Ok(shown) => shown,
        Err(_) => Err(missing(&app, now(), socket, patience)),
    }
}

/// Whether somebody in front of it would not say that it is still starting.
fn stands(screen: &Screen) -> bool {
    match screen.state {
        State::Starting(_) | State::Unknown => false,
        State::Live(_) => screen.board.is_some() && screen.connection == Connection::Live,
        State::Pairing(_)
        | State::Updating(_)
        | State::Removed { .. }
        | State::Locked { .. }
        | State::Problem { .. } => true,
    }
}

fn missing(app: &App, now: Now, socket: &Path, patience: Duration) -> Error {
    match app.screen(now).state {
        State::Starting(startup) if app.has_heard() => {
            Error::NoBoard { patience, network: startup.network_text, server: startup.server_text }
        }
        State::Live(live) => Error::NoBoard {
            patience,
            network: "connected".to_owned(),
            server: format!("lost {} again", live.server.host_str().unwrap_or_default()),
        },
        _ => Error::NoAgent { socket: socket.to_owned(), patience },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use board::{Revision, sample, wire};
    use device::{Check, Live, Said, Startup, Trust};
    use tokio::sync::{mpsc, watch};

    use super::*;
    use crate::{agent, app::Event, stream};

    /// What is shown to somebody who hears these events, and has no time to wait for more.
    fn shown_after(events: Vec<Event>) -> Result<Screen, String> {
        shown_and_reported_after(events).0
    }

    /// The same, and what the agent hears of it.
    fn shown_and_reported_after(events: Vec<Event>) -> (Result<Screen, String>, Option<Report>) {
        let (send, received) = mpsc::channel(events.len().max(1));
        events.into_iter().for_each(|event| send.try_send(event).unwrap());
        let (target, _targets) = watch::channel(None);
        let (reports, mut reported) = mpsc::channel(1);
        let mut network = Network { events: received, target, reports };
        let shown = async { shown(&mut network, Path::new("/nowhere"), TimeZone::UTC, Duration::ZERO).await };
        let runtime = runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let shown = runtime.block_on(shown).map(|(screen, _)| screen).map_err(|error| error.to_string());
        (shown, reported.try_recv().ok())
    }

    fn says(state: State) -> Event {
        agent::Event::Said(Box::new(Said::from(state))).into()
    }

    fn live() -> Event {
        says(State::Live(Live {
            server: "https://nexus.example.com".parse().unwrap(),
            proxy: None,
            trust: Trust::WebPki,
            board: "overview".into(),
            access_token: String::new(),
            expires_at: sample::now(),
            screen: "Reception".into(),
            rotation: 0,
            clock_offset: 0,
        }))
    }

    fn opened() -> Event {
        stream::Event::Open { date: None }.into()
    }

    #[test]
    fn a_board_is_shown_once_it_has_come() {
        let board = wire::Event::Board(Box::new(sample::overview()));
        let came: Event = stream::Event::Changed { event: board, revision: Some(Revision(1)) }.into();
        let screen = shown_after(vec![live(), opened(), came]).unwrap();
        assert_eq!(screen.board.unwrap().id.0, "overview");
        let early = shown_after(vec![live(), opened()]).unwrap_err();
        assert!(early.ends_with("server: waiting for the board from nexus.example.com"), "{early}");
    }

    #[test]
    fn an_agent_whose_token_is_refused_hears_of_it_and_of_nothing_else() {
        let refused: Event = stream::Event::Lost(stream::Loss::Refused).into();
        let (shown, reported) = shown_and_reported_after(vec![live(), refused]);
        assert!(shown.is_err());
        assert_eq!(reported, Some(Report::Connection { connection: Standing::Refused }));
        let unreachable: Event = stream::Event::Lost(stream::Loss::Unreachable).into();
        assert_eq!(shown_and_reported_after(vec![live(), opened(), unreachable]).1, None);
    }

    #[test]
    fn a_screen_in_place_of_a_board_is_shown_at_once() {
        let removed = State::Removed { server: "nexus.example.com".into() };
        assert_eq!(shown_after(vec![says(removed.clone())]).unwrap().state, removed);
    }

    #[test]
    fn a_start_screen_is_no_picture_and_its_words_say_why() {
        let startup = Startup {
            network: Check::Done,
            network_text: "connected".into(),
            server: Check::Failed,
            server_text: "nexus.example.com is not answering, trying again".into(),
            version: "1".into(),
            screen: None,
        };
        let why = shown_after(vec![says(State::Starting(startup))]).unwrap_err();
        assert!(why.contains("network: connected; server: nexus.example.com is not answering"), "{why}");
        let why = shown_after(vec![agent::Event::Lost.into()]).unwrap_err();
        assert!(why.starts_with("no agent answers at /nowhere") && why.contains("--socket"), "{why}");
    }
}
