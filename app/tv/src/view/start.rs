//! The start screen.

use device::{Check, Live, Startup};
use tv_components::{Check as Shape, StartLine};

use super::Connection;

/// Its three lines. The first is true by being seen.
pub(super) fn lines(startup: &Startup) -> Vec<StartLine> {
    let line = |name: &str, check, text: &str| StartLine { check, name: name.into(), text: text.into() };
    vec![
        line("Screen", Shape::Done, "ready"),
        line("Network", shape(startup.network), &startup.network_text),
        line("Server", shape(startup.server), &startup.server_text),
    ]
}

/// While the board itself has not come yet.
pub(super) fn before_the_board(live: &Live, connection: Connection) -> Startup {
    let server = live.server.host_str().unwrap_or(live.server.as_str());
    Startup {
        network: Check::Done,
        network_text: "connected".into(),
        server: if connection == Connection::Lost { Check::Failed } else { Check::Waiting },
        server_text: match connection {
            Connection::Lost => format!("{server} does not answer, trying again"),
            Connection::Live => format!("fetching the board from {server}"),
        },
        version: env!("CARGO_PKG_VERSION").into(),
        screen: Some(live.screen.clone()),
    }
}

fn shape(check: Check) -> Shape {
    match check {
        Check::Done => Shape::Done,
        Check::Waiting => Shape::Waiting,
        Check::Failed => Shape::Failed,
    }
}
