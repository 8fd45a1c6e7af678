//! The team: who is on, who carries what, who is on call.

use super::{HOUR, MINUTE, after, before, board, grid, overview, panel, queue};
use crate::{
    Board, Form, Panel, Value,
    form::{Arrangement, Bars, Context, Entry, Leaderboard, Limit, Stat, Term},
};

/// The people behind the desk, with simulated data.
pub fn team() -> Board {
    let layout = grid(
        &[],
        &[
            ("agent-status", [0, 0, 6, 8]),
            ("agent-load", [6, 0, 6, 4]),
            ("leaderboard", [6, 4, 3, 4]),
            ("on-call", [9, 4, 3, 4]),
        ],
    );
    let load = Bars {
        limit: Some(Limit { label: "limit".into(), value: 20 }),
        ..queue::bars(Arrangement::Rows, &[("Tomás R", 18), ("Jonas P", 16), ("Amara O", 14), ("Mei L", 11)])
    };
    let panels = vec![
        panel("agent-status", "Who’s on", Form::Roster(overview::who_is_on())),
        panel("agent-load", "Workload", Form::Bars(load)),
        Panel {
            short_title: Some("Solved".into()),
            ..panel("leaderboard", "Solved today", Form::Leaderboard(solved()))
        },
        panel("on-call", "On call", Form::Stat(on_call())),
    ];
    Board { demo: true, ..board("team", "Service desk · Team", layout, panels) }
}

fn solved() -> Leaderboard {
    let entry = |(index, (name, solved)): (usize, &(&str, i64))| Entry {
        rank: index as u32 + 1,
        name: (*name).into(),
        value: Value::Count(*solved),
    };
    let solved = [("Mia K", 19), ("Priya S", 17), ("Noor H", 14), ("Sam W", 12)];
    Leaderboard { entries: solved.iter().enumerate().map(entry).collect() }
}

fn on_call() -> Stat {
    let until = after(3 * HOUR + 28 * MINUTE);
    let words = |before: &str, value| Some(Context { before: before.into(), value: Some(value), after: String::new() });
    Stat {
        value: Value::Text("Amara O".into()),
        context: words("until", Value::At(until)),
        wide_context: None,
        trace: None,
        term: Some(Term { from: before(4 * HOUR + 32 * MINUTE), until }),
        next: words("then", Value::Text("Jonas P".into())),
    }
}
