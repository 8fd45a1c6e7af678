//! The pages: which boards there are, and one board.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use board::{Board, BoardId, wire::EventId};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;

use super::{
    fragment,
    refused::{refused, written},
    theme,
};
use crate::{
    api::{self, ApiError},
    app::App,
    live::Dialect,
    serve::Peer,
};

#[derive(Template)]
#[template(path = "board/page.html")]
struct BoardPage<'a> {
    board: &'a Board,
    theme: &'a str,
    at: EventId,
    body: String,
}

#[derive(Template)]
#[template(path = "board/list.html")]
struct ListPage {
    boards: Vec<(BoardId, String)>,
}

/// `GET /`: administrators go on to their pages, and so does whoever sets up a new server; everybody else to the boards.
pub(super) async fn start(State(app): State<Arc<App>>, peer: Peer, headers: HeaderMap) -> Response {
    let administrator = app.credential.setup_code().is_some() || app.is_administrator(&headers, peer).await;
    Redirect::to(if administrator { "/admin" } else { "/b" }).into_response()
}

/// `GET /b`: the boards that the reader may read.
pub(super) async fn list(State(app): State<Arc<App>>, peer: Peer, headers: HeaderMap) -> Response {
    let mut boards = Vec::new();
    let mut refusal = ApiError::UNKNOWN_BOARD;
    for chosen in &app.settings().boards {
        match app.reader(&headers, peer, &chosen.id).await.map(|reader| reader.live.snapshot(&chosen.id)) {
            Ok(Some(snapshot)) => boards.push((chosen.id.clone(), snapshot.board().title.clone())),
            Ok(None) => {}
            Err(error) => refusal = error,
        }
    }
    if boards.is_empty() {
        return refused(refusal, "/b");
    }
    never_stored(written(StatusCode::OK, ListPage { boards }.render()))
}

/// `GET /b/{id}`
pub(super) async fn page(
    State(app): State<Arc<App>>,
    peer: Peer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let id = BoardId(id);
    let snapshot = match app.reader(&headers, peer, &id).await.map(|reader| reader.live.snapshot(&id)) {
        Ok(Some(snapshot)) => snapshot,
        Ok(None) => return refused(ApiError::UNKNOWN_BOARD, "/b"),
        Err(error) => return refused(error, &format!("/b/{}", id.0)),
    };
    never_stored(written(StatusCode::OK, whole(snapshot.board(), snapshot.id(), app.clock.now())))
}

/// `GET /b/{id}/events`: as the API's stream, with HTML in the place of JSON.
pub(super) async fn events(
    State(app): State<Arc<App>>,
    peer: Peer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    api::stream_of(&app, peer, id, headers, Dialect::Html).await
}

/// The page of `board`, whose state is that of the event `at`.
pub(super) fn whole(board: &Board, at: EventId, now: Timestamp) -> Result<String, askama::Error> {
    BoardPage { theme: theme::name(board.theme), at, body: fragment::board(board, now)?, board }.render()
}

/// What a board says belongs into no cache.
fn never_stored(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}
