//! Adding a board: one of the ready-made ones, under a name of its own.

use std::{collections::BTreeSet, sync::Arc};

use ::board::BoardId;
use askama::Template;
use axum::{Form, extract::State, response::Response};
use http::StatusCode;

use super::{
    super::{
        super::{
            desk::unreadable,
            form::{Errors, Field, Values, mark},
            page::{failed, incomplete, page},
            signed_in::SignedIn,
        },
        Sent, Unsaved, board,
    },
    back, gone, name_is_taken, record,
};
use crate::{
    app::App,
    panels::PRESETS,
    serve::Peer,
    settings::{BoardSettings, Settings},
    store::{Purpose, StoreError},
};

#[derive(Template)]
#[template(path = "add_board.html")]
struct AddPage {
    fields: Vec<Field>,
    is_wrong: bool,
}

/// `GET /admin/settings/add-board`
pub(in crate::admin) async fn form(_: SignedIn) -> Response {
    let mut values = Values::default();
    values.put("preset", PRESETS.first().map_or("", |preset| preset.id));
    shown(StatusCode::OK, &values, &Errors::new())
}

/// `POST /admin/settings/add-board`
pub(in crate::admin) async fn add(State(app): State<Arc<App>>, by: SignedIn, peer: Peer, sent: Sent) -> Response {
    let Ok(Form(pairs)) = sent else { return incomplete() };
    let sent = Values::sent(pairs);
    let named = match named_elsewhere(&app).await {
        Ok(named) => named,
        Err(error) => return failed(&error),
    };
    let values = sent.clone();
    let changed = app.change_settings(move |settings| with_another(settings, &values, &named)).await;
    match changed {
        Ok(settings) => {
            let id = settings.boards.last().map(|board| board.id.0.clone()).unwrap_or_default();
            match record(&app, &by, peer, format!("board {id} added")).await {
                Ok(()) => back(&[("added", &id)]),
                Err(error) => failed(&error),
            }
        }
        Err(Unsaved::Settings(error)) => unreadable(&error),
        Err(Unsaved::Wrong(errors)) => shown(StatusCode::UNPROCESSABLE_ENTITY, &sent, &errors),
        Err(Unsaved::Overtaken(_) | Unsaved::Gone) => gone(),
    }
}

fn shown(status: StatusCode, values: &Values, errors: &Errors) -> Response {
    let layouts = PRESETS.iter().map(|preset| (preset.id, preset.about)).collect::<Vec<_>>();
    let mut fields = vec![
        board::name_field(values),
        Field::choice("preset", "Layout", "Which panels it has, and where they stand.", &layouts, values),
    ];
    mark(fields.iter_mut(), errors);
    page(status, &AddPage { fields, is_wrong: !errors.is_empty() })
}

fn with_another(
    mut settings: Settings,
    values: &Values,
    named_elsewhere: &BTreeSet<String>,
) -> Result<Settings, Unsaved> {
    let wrong = |field: &str, error: String| Unsaved::Wrong(Errors::from([(field.to_owned(), error)]));
    let name = board::name(values).map_err(|error| wrong("name", error))?;
    let preset = PRESETS.iter().find(|preset| preset.id == values.text("preset"));
    let preset = preset.ok_or_else(|| wrong("preset", "Choose one of the layouts.".to_owned()))?;
    if settings.titles().contains(&preset.title(&settings.team, name.as_deref())) {
        return Err(Unsaved::Wrong(name_is_taken()));
    }
    let is_taken = |id: &str| named_elsewhere.contains(id) || settings.boards.iter().any(|board| board.id.0 == id);
    let id = free_id(name.as_deref().unwrap_or(preset.id), is_taken);
    let own = (id != preset.id).then(|| preset.id.to_owned());
    settings.boards.push(BoardSettings { id: BoardId(id), preset: own, name, ..BoardSettings::new(preset.id) });
    Ok(settings)
}

/// What screens and links call their boards, those among them that are not there any more. A new board is called
/// otherwise: it shall not be shown to who was let in to another one.
async fn named_elsewhere(app: &App) -> Result<BTreeSet<String>, StoreError> {
    let mut named = app.screens.list().iter().map(|entry| entry.screen.board.clone()).collect::<BTreeSet<_>>();
    for link in app.store.links().await? {
        match link.purpose {
            Purpose::Screens { board } => named.extend([board]),
            Purpose::Browsers(sight) => named.extend(sight.boards),
        }
    }
    Ok(named)
}

/// Characters of a new board's name in URLs, before a number that tells it from others.
const LONGEST: usize = 48;

/// A name in URLs that looks like this one, and is free.
fn free_id(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let words = name.to_lowercase();
    let words = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut plain = words.collect::<Vec<_>>().join("-");
    plain.truncate(LONGEST);
    let plain = if plain.is_empty() { "board" } else { &plain };
    let numbered = (2_u64..).map(|number| format!("{plain}-{number}"));
    std::iter::once(plain.to_owned()).chain(numbered).find(|id| !is_taken(id)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_a_board_is_called_its_name_in_urls_is_plain_and_free(
            name in "\\PC{0,60}",
            taken in proptest::collection::btree_set("[a-z]{1,3}(-[0-9])?", 0..8),
        ) {
            let id = free_id(&name, |id| taken.contains(id));
            prop_assert!(!taken.contains(&id) && (1..=64).contains(&id.len()));
            prop_assert!(id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
        }
    }

    #[test]
    fn a_name_in_urls_looks_like_the_name() {
        let free = |name| free_id(name, |id| id == "front-desk");
        assert_eq!(free("Front Desk"), "front-desk-2");
        assert_eq!(free("VIP & Partners "), "vip-partners");
        assert_eq!(free("早番"), "board");
    }
}
