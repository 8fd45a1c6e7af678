//! Updates: what the mirror offers, how each release fares, and when screens take it.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use jiff::{Timestamp, tz::TimeZone};
use updates::{Manifest, Wave};

use super::{
    page::{failed, page},
    signed_in::SignedIn,
};
use crate::{
    app::App,
    group::Group,
    settings::Updates,
    updates::{Rules, State as MirrorState},
};

#[derive(Template)]
#[template(path = "updates.html")]
struct UpdatesPage {
    newest: String,
    releases: Vec<Row>,
    from: String,
    looked_at: String,
    fresh_until: String,
    /// Whether screens believe the mirror no more.
    stale: bool,
    failure: String,
    rules: Vec<(&'static str, String)>,
    paused: bool,
}

struct Row {
    name: String,
    published: String,
    size: String,
    waves: String,
    running: usize,
    failed: usize,
    halted: bool,
    newest: bool,
}

/// `GET /admin/updates`
pub(super) async fn show(State(app): State<Arc<App>>, _: SignedIn) -> Response {
    match app.mirror.state() {
        Ok(state) => page(StatusCode::OK, &shown(&app, &state, app.clock.now())),
        Err(error) => failed(&error),
    }
}

fn shown(app: &App, state: &MirrorState, now: Timestamp) -> UpdatesPage {
    let settings = app.settings();
    let tallies = app.fleet.tallies();
    let rules = Rules {
        updates: &settings.updates,
        zone: &TimeZone::UTC,
        held: false,
        group: None,
        releases: state.releases(),
        tallies: &tallies,
    };
    let newest = state.newest();
    let row = |release: &Manifest| {
        let tally = tallies.get(&release.version).copied().unwrap_or_default();
        Row {
            name: format!("{} for {}", release.version, release.compatible),
            published: app.worded(release.published_at),
            size: format!("{} MB", release.bundle.size.div_ceil(1_000_000)),
            waves: waves(release, settings.updates.at_once),
            running: tally.running,
            failed: tally.failed,
            halted: rules.halted(&release.version).is_some(),
            newest: newest.contains(&release),
        }
    };
    let offered = state.offered.as_ref();
    let names = newest.iter().map(|release| format!("{} for {}", release.version, release.compatible));
    UpdatesPage {
        newest: names.collect::<Vec<_>>().join(", "),
        releases: state.releases().iter().map(row).collect(),
        from: offered.map(|offered| offered.from.clone()).unwrap_or_default(),
        looked_at: state.looked_at.map(|at| app.worded(at)).unwrap_or_default(),
        fresh_until: offered.map(|offered| app.worded(offered.fresh_until)).unwrap_or_default(),
        stale: offered.is_some_and(|offered| offered.fresh_until <= now),
        failure: state.failure.clone().unwrap_or_default(),
        rules: words(app, &settings.updates, &settings.time_zone),
        paused: settings.updates.paused,
    }
}

fn waves(release: &Manifest, at_once: bool) -> String {
    if at_once {
        return "all at once".to_owned();
    }
    let wave = |Wave { percent, hours }: &Wave| match hours {
        0 => format!("{percent} % at once"),
        hours => format!("{percent} % after {hours} h"),
    };
    Vec::from(release.waves.clone()).iter().map(wave).collect::<Vec<_>>().join(", ")
}

fn words(app: &App, updates: &Updates, zone: &str) -> Vec<(&'static str, String)> {
    let time = |time: jiff::civil::Time| time.strftime("%H:%M").to_string();
    let window = updates.window.map_or_else(
        || "As soon as it is installed".to_owned(),
        |hours| format!("Between {} and {}, {zone}", time(hours.from), time(hours.to)),
    );
    let pin = updates.pin.as_ref().map_or_else(|| "The newest".to_owned(), |pin| format!("{pin} and no other"));
    vec![
        ("Updates", if updates.paused { "Paused" } else { "On" }.to_owned()),
        ("Version", pin),
        ("Groups", groups(app, updates)),
        ("A screen restarts", window),
        ("Order", if updates.at_once { "All at once" } else { "In the waves of each release" }.to_owned()),
        ("Halted", format!("When more than {} % of the screens that tried cannot take it", updates.halt_percent)),
    ]
}

/// Whose turn it is by group, with the number of screens: a name that nobody has shows itself there.
fn groups(app: &App, updates: &Updates) -> String {
    if updates.groups.is_empty() {
        return "All screens".to_owned();
    }
    let screens = app.screens.list();
    let count = |group: &Group| match screens.iter().filter(|entry| entry.screen.group.as_ref() == Some(group)).count()
    {
        1 => format!("{group} (1 screen)"),
        many => format!("{group} ({many} screens)"),
    };
    format!("Only {}", updates.groups.iter().map(count).collect::<Vec<_>>().join(", "))
}
