//! The start screen.

use device::{Check, Startup};

use super::generated::{Check as Shape, StartLine};

/// Its three lines. The first is true by being seen.
pub(super) fn lines(startup: &Startup) -> Vec<StartLine> {
    let line = |name: &str, check, text: &str| StartLine { check, name: name.into(), text: text.into() };
    vec![
        line("Screen", Shape::Done, "ready"),
        line("Network", shape(startup.network), &startup.network_text),
        line("Server", shape(startup.server), &startup.server_text),
    ]
}

/// While the agent itself has not spoken yet.
pub(super) fn before_the_agent() -> Startup {
    Startup {
        network: Check::Waiting,
        network_text: "starting".into(),
        server: Check::Waiting,
        server_text: String::new(),
        version: env!("CARGO_PKG_VERSION").into(),
        screen: None,
    }
}

fn shape(check: Check) -> Shape {
    match check {
        Check::Done => Shape::Done,
        Check::Waiting => Shape::Waiting,
        Check::Failed => Shape::Failed,
    }
}
