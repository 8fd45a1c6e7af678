//! What an administrator chooses, section by section, each a short form.
//!
//! `settings.json` can be changed by hand and by `nexus connect` as well. So a form says what it showed ([`seen`]), and
//! where its section holds something else by now, nothing is saved: the newer values are shown beside the entered ones.

mod alerts;
mod amount;
mod board;
pub(super) mod boards;
mod general;
pub(super) mod secrets;
mod thresholds;
mod updates;
mod words;

use std::sync::Arc;

use ::board::BoardId;
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State, rejection::FormRejection},
    response::{IntoResponse, Redirect, Response},
};
use data_encoding::HEXLOWER;
use http::StatusCode;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{
    desk::unreadable,
    form::{Errors, Field, Values, mark},
    page::{failed, incomplete, page, problem},
    signed_in::SignedIn,
};
use crate::{
    app::App,
    serve::Peer,
    settings::{BoardSettings, Settings, SettingsError},
    store::Action,
};

/// A part of the settings with a form of its own.
#[derive(Clone, Debug)]
enum Section {
    /// Team, zone and hours.
    General,
    /// How a board looks and what it is about.
    Board(BoardId),
    /// When a board's values need people.
    Thresholds(BoardId),
    /// What the helpdesk's words mean.
    Words,
    /// Which alerts are raised.
    Alerts,
    /// When screens take which release.
    Updates,
}

/// What a section's form shows.
struct Shown {
    title: String,
    intro: String,
    fields: Vec<Field>,
    rows: Vec<thresholds::Row>,
    /// Names to choose from while typing one.
    zones: Vec<String>,
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    shown: Shown,
    action: String,
    back: &'static str,
    place: &'static str,
    seen: String,
    state: SaveState,
}

/// What became of the form that was sent, if one was.
enum SaveState {
    Unsent,
    Saved,
    Wrong,
    Overtaken,
}

/// What follows the `?`.
#[derive(Deserialize)]
pub(super) struct Asked {
    saved: Option<String>,
}

/// What the form sends: pairs, because the fields of thresholds are many.
type Sent = Result<Form<Vec<(String, String)>>, FormRejection>;

/// `GET /admin/settings`
pub(super) async fn general(State(app): State<Arc<App>>, _: SignedIn, Query(asked): Query<Asked>) -> Response {
    form(&app, &Section::General, &asked)
}

/// `POST /admin/settings`
pub(super) async fn save_general(State(app): State<Arc<App>>, by: SignedIn, peer: Peer, sent: Sent) -> Response {
    save(&app, Section::General, &by, peer, sent).await
}

/// `GET /admin/settings/boards/{id}`
pub(super) async fn board(
    State(app): State<Arc<App>>,
    _: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    form(&app, &Section::Board(BoardId(id)), &asked)
}

/// `POST /admin/settings/boards/{id}`
pub(super) async fn save_board(
    State(app): State<Arc<App>>,
    by: SignedIn,
    peer: Peer,
    Path(id): Path<String>,
    sent: Sent,
) -> Response {
    save(&app, Section::Board(BoardId(id)), &by, peer, sent).await
}

/// `GET /admin/settings/boards/{id}/thresholds`
pub(super) async fn thresholds(
    State(app): State<Arc<App>>,
    _: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    form(&app, &Section::Thresholds(BoardId(id)), &asked)
}

/// `POST /admin/settings/boards/{id}/thresholds`
pub(super) async fn save_thresholds(
    State(app): State<Arc<App>>,
    by: SignedIn,
    peer: Peer,
    Path(id): Path<String>,
    sent: Sent,
) -> Response {
    save(&app, Section::Thresholds(BoardId(id)), &by, peer, sent).await
}

/// `GET /admin/desk/words`
pub(super) async fn words(State(app): State<Arc<App>>, _: SignedIn, Query(asked): Query<Asked>) -> Response {
    form(&app, &Section::Words, &asked)
}

/// `POST /admin/desk/words`
pub(super) async fn save_words(State(app): State<Arc<App>>, by: SignedIn, peer: Peer, sent: Sent) -> Response {
    save(&app, Section::Words, &by, peer, sent).await
}

/// `GET /admin/alerts/rules`
pub(super) async fn rules(State(app): State<Arc<App>>, _: SignedIn, Query(asked): Query<Asked>) -> Response {
    form(&app, &Section::Alerts, &asked)
}

/// `POST /admin/alerts/rules`
pub(super) async fn save_rules(State(app): State<Arc<App>>, by: SignedIn, peer: Peer, sent: Sent) -> Response {
    save(&app, Section::Alerts, &by, peer, sent).await
}

/// `GET /admin/updates/rules`
pub(super) async fn update_rules(State(app): State<Arc<App>>, _: SignedIn, Query(asked): Query<Asked>) -> Response {
    form(&app, &Section::Updates, &asked)
}

/// `POST /admin/updates/rules`
pub(super) async fn save_update_rules(State(app): State<Arc<App>>, by: SignedIn, peer: Peer, sent: Sent) -> Response {
    save(&app, Section::Updates, &by, peer, sent).await
}

fn form(app: &App, section: &Section, asked: &Asked) -> Response {
    let settings = match read(app) {
        Ok(settings) => settings,
        Err(error) => return unreadable(&error),
    };
    let Some(values) = section.values(&settings) else { return section.gone() };
    let state = if asked.saved.is_some() { SaveState::Saved } else { SaveState::Unsent };
    let shown = section.shown(app, &settings, &values, &Errors::new());
    section.page(StatusCode::OK, shown, seen(&values), state)
}

/// Why a form was not saved.
enum Unsaved {
    Settings(SettingsError),
    Wrong(Errors),
    /// The section holds something else than the form showed.
    Overtaken(Box<Settings>),
    /// What the section is about is not there any more.
    Gone,
}

impl From<SettingsError> for Unsaved {
    fn from(error: SettingsError) -> Self {
        Self::Settings(error)
    }
}

async fn save(app: &Arc<App>, section: Section, by: &SignedIn, peer: Peer, sent: Sent) -> Response {
    let Ok(Form(pairs)) = sent else { return incomplete() };
    let sent = Values::sent(pairs);
    let (wanted, to_change) = (section.clone(), sent.clone());
    let zone = app.configured.time_zone.clone();
    let changed = app
        .change_settings(move |settings| {
            let now = wanted.values(&settings).ok_or(Unsaved::Gone)?;
            if seen(&now) != to_change.text("seen") {
                return Err(Unsaved::Overtaken(Box::new(settings)));
            }
            wanted.apply(&to_change, settings, zone.is_some()).map_err(Unsaved::Wrong)
        })
        .await;
    match changed {
        Ok(_) => {
            let (name, at) = (section.name(), app.clock.now());
            match app.store.record(by.admin.name(), Action::SettingsChanged, &name, peer.0.ip(), at).await {
                Ok(()) => Redirect::to(&format!("{}?saved=1", section.path())).into_response(),
                Err(error) => failed(&error),
            }
        }
        Err(Unsaved::Settings(error)) => unreadable(&error),
        Err(Unsaved::Gone) => section.gone(),
        Err(Unsaved::Wrong(errors)) => {
            let settings = app.settings();
            let shown = section.shown(app, &settings, &sent, &errors);
            section.page(StatusCode::UNPROCESSABLE_ENTITY, shown, sent.text("seen").to_owned(), SaveState::Wrong)
        }
        Err(Unsaved::Overtaken(settings)) => {
            let Some(now) = section.values(&settings) else { return section.gone() };
            let mut shown = section.shown(app, &settings, &now, &Errors::new());
            shown.compare(&now, &sent);
            section.page(StatusCode::CONFLICT, shown, seen(&now), SaveState::Overtaken)
        }
    }
}

fn read(app: &App) -> Result<Settings, SettingsError> {
    Settings::read(&app.folder)?.ok_or_else(|| SettingsError::gone(&app.folder))
}

/// What a form says it showed: a digest, since it only has to be compared.
fn seen(values: &Values) -> String {
    let mut digest = Sha256::new();
    for (name, text) in &values.0 {
        for part in [name, text] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
    }
    HEXLOWER.encode(&digest.finalize()[..16])
}

impl Section {
    /// For the audit log.
    fn name(&self) -> String {
        match self {
            Self::General => "general".to_owned(),
            Self::Board(id) => format!("board {}", id.0),
            Self::Thresholds(id) => format!("thresholds of {}", id.0),
            Self::Words => "words of the desk".to_owned(),
            Self::Alerts => "alerts".to_owned(),
            Self::Updates => "updates".to_owned(),
        }
    }

    fn path(&self) -> String {
        match self {
            Self::General => "/admin/settings".to_owned(),
            Self::Board(id) => format!("/admin/settings/boards/{}", id.0),
            Self::Thresholds(id) => format!("/admin/settings/boards/{}/thresholds", id.0),
            Self::Words => "/admin/desk/words".to_owned(),
            Self::Alerts => "/admin/alerts/rules".to_owned(),
            Self::Updates => "/admin/updates/rules".to_owned(),
        }
    }

    /// What is said where these settings have nothing of it.
    fn gone(&self) -> Response {
        match self {
            Self::Words => problem(
                StatusCode::NOT_FOUND,
                "No helpdesk is connected",
                "What the words of Request Tracker mean can be said once it is connected, under Desk.",
            ),
            _ => problem(StatusCode::NOT_FOUND, "There is no such board", "The boards are listed under Settings."),
        }
    }

    /// What the form holds by these settings; `None` where they have nothing of it.
    fn values(&self, settings: &Settings) -> Option<Values> {
        let find = |id: &BoardId| settings.boards.iter().find(|board| board.id == *id);
        match self {
            Self::General => Some(general::values(settings)),
            Self::Board(id) => find(id).map(board::values),
            Self::Thresholds(id) => find(id).map(|board| thresholds::values(&board.thresholds)),
            Self::Words => words::values(&settings.desk),
            Self::Alerts => Some(alerts::values(&settings.alerts)),
            Self::Updates => Some(updates::values(&settings.updates)),
        }
    }

    fn shown(&self, app: &App, settings: &Settings, values: &Values, errors: &Errors) -> Shown {
        let title = |id: &BoardId| {
            let board = settings.boards.iter().find(|board| board.id == *id);
            board.map_or_else(|| id.0.clone(), |board| board.title(&settings.team))
        };
        let mut shown = match self {
            Self::General => general::shown(app, settings, values),
            Self::Board(id) => board::shown(title(id), values),
            Self::Thresholds(id) => thresholds::shown(title(id), values),
            Self::Words => words::shown(values),
            Self::Alerts => alerts::shown(values),
            Self::Updates => updates::shown(&settings.time_zone, values),
        };
        mark(shown.all(), errors);
        shown
    }

    /// The settings with what was entered, where that makes sense.
    fn apply(&self, values: &Values, settings: Settings, zone_is_configured: bool) -> Result<Settings, Errors> {
        let id = match self {
            Self::General => return general::apply(values, settings, zone_is_configured),
            Self::Words => return words::apply(values, settings),
            Self::Alerts => return Ok(Settings { alerts: alerts::apply(values)?, ..settings }),
            Self::Updates => return Ok(Settings { updates: updates::apply(values)?, ..settings }),
            Self::Board(id) | Self::Thresholds(id) => id,
        };
        let change = |board: BoardSettings| match self {
            _ if board.id != *id => Ok(board),
            Self::Thresholds(_) => thresholds::apply(values, board),
            _ => board::apply(values, board),
        };
        let titles = settings.titles();
        let boards = settings.boards.into_iter().map(change).collect::<Result<_, _>>()?;
        let changed = Settings { boards, ..settings };
        let taken =
            changed.titles().into_iter().zip(&titles).any(|(now, before)| now != *before && titles.contains(&now));
        if taken { Err(boards::name_is_taken()) } else { Ok(changed) }
    }

    fn page(&self, status: StatusCode, shown: Shown, seen: String, state: SaveState) -> Response {
        let (back, place) = match self {
            Self::General => ("/admin/settings", "general"),
            Self::Words => ("/admin/desk", "desk"),
            Self::Alerts => ("/admin/alerts", "alerts"),
            Self::Updates => ("/admin/updates", "updates"),
            _ => ("/admin/settings/boards", "boards"),
        };
        page(status, &SettingsPage { shown, action: self.path(), back, place, seen, state })
    }
}

impl Shown {
    fn all(&mut self) -> impl Iterator<Item = &mut Field> {
        let cells = self.rows.iter_mut().flat_map(|row| [&mut row.warn, &mut row.critical]);
        self.fields.iter_mut().chain(cells)
    }

    /// Puts beside each newer value what had been entered instead.
    fn compare(&mut self, now: &Values, entered: &Values) {
        let told = |values: &Values, id: &str, is_box: bool| match is_box {
            true if values.is_ticked(id) => "ticked".to_owned(),
            true => "not ticked".to_owned(),
            false if values.text(id).is_empty() => "nothing".to_owned(),
            false => values.text(id).to_owned(),
        };
        for field in self.all() {
            let ids = field.inputs();
            let is_box = field.is_box();
            if ids.iter().any(|(id, _)| told(now, id, is_box) != told(entered, id, is_box)) {
                let parts = ids.iter().map(|(id, label)| match label.is_empty() {
                    true => told(entered, id, is_box),
                    false => format!("{label} {}", told(entered, id, is_box)),
                });
                field.yours = Some(parts.collect::<Vec<_>>().join(", "));
            }
        }
    }
}
