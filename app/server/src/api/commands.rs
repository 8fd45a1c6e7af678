//! The channel by which a paired device hears what it shall do, and says what became of it.

use std::{collections::HashSet, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    body::Body,
    extract::{State, rejection::JsonRejection},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use device::fleet::{Acknowledgement, COMMAND, MAX_REASON};
use futures_util::{Stream, stream::unfold};
use http::{HeaderMap, HeaderName, StatusCode, header};
use tokio::{
    sync::watch,
    time::{Instant, Interval, MissedTickBehavior, interval, sleep_until},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{ApiError, fleet::unfit, id::Id, openapi::messages, stream};
use crate::{app::App, clock::SharedClock, commands::is_alive, serve::Endless, store::Sent};

/// After a restart of the server devices come back within this time, each at an instant of its own.
const SPREAD: Duration = Duration::from_secs(30);

/// What this screen shall do, now and from now on.
///
/// Server-sent events: `command`, and `bye` before the server goes away or the token ends. A comment comes every five
/// seconds. The oldest that is not acknowledged comes first, over every stream anew; what comes twice is done once.
#[utoipa::path(
    get,
    path = "/api/v1/commands",
    tag = "updates",
    responses(
        (status = 200, description = "A stream that does not end by itself", body = String, content_type = "text/event-stream"),
        (status = 401, description = "No token, or one that is refused"),
    ),
    security(("screen" = []))
)]
pub(super) async fn listen(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, ApiError> {
    let (grant, entry) = app.device_grant(&headers)?;
    let left = grant.expires_at.duration_since(app.clock.now()).unsigned_abs();
    let mut heartbeat = interval(stream::HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let listening = Listening {
        open: app.commands.listen(entry.screen.id),
        given: HashSet::new(),
        clock: app.clock.clone(),
        heartbeat,
        expires: Instant::now() + left,
        removed: entry.ended.clone(),
        stopping: app.stopping.clone(),
        finished: false,
    };
    let kind = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    let endless = Endless { revoked: entry.ended.clone() };
    Ok((kind, Extension(endless), Body::from_stream(listening.events())).into_response())
}

/// What became of a command.
#[utoipa::path(
    post,
    path = "/api/v1/commands/{id}",
    tag = "updates",
    params(("id" = String, Path, description = "The command's id")),
    request_body = messages::Acknowledgement,
    responses(
        (status = 204, description = "It was heard; what is said twice counts once"),
        (status = 400, description = "The body is no JSON"),
        (status = 401, description = "No token, or one that is refused"),
        (status = 404, description = "This screen was given no such command, or long ago"),
        (status = 415, description = "The body is not `application/json`"),
        (status = 422, description = "The body is JSON, but not what belongs here"),
    ),
    security(("screen" = []))
)]
pub(super) async fn acknowledge(
    State(app): State<Arc<App>>,
    Id(id): Id,
    headers: HeaderMap,
    body: Result<Json<Acknowledgement>, JsonRejection>,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1]), ApiError> {
    let entry = app.device(&headers)?;
    let Json(outcome) = body?;
    if matches!(&outcome, Acknowledgement::Refused { why } if why.chars().count() > MAX_REASON) {
        return Err(unfit(format!("a text has at most {MAX_REASON} characters")));
    }
    let id = id.parse::<Uuid>().map_err(|_| ApiError::NOT_FOUND)?;
    match app.commands.end(entry.screen.id, id, &outcome).await? {
        true => Ok((StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, "no-store")])),
        false => Err(ApiError::NOT_FOUND),
    }
}

struct Listening {
    open: watch::Receiver<Vec<Sent>>,
    /// What was given over this stream.
    given: HashSet<Uuid>,
    clock: SharedClock,
    heartbeat: Interval,
    expires: Instant,
    removed: CancellationToken,
    stopping: CancellationToken,
    finished: bool,
}

impl Listening {
    fn events(self) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
        unfold(self, async |mut listening| Some((Ok(listening.next().await?), listening)))
    }

    async fn next(&mut self) -> Option<Bytes> {
        if self.finished || self.removed.is_cancelled() {
            return None;
        }
        loop {
            if let Some(event) = self.command() {
                return Some(event);
            }
            tokio::select! {
                biased;
                () = self.removed.cancelled() => return None,
                () = self.stopping.cancelled() => return self.bye(SPREAD),
                () = sleep_until(self.expires) => return self.bye(Duration::ZERO),
                changed = self.open.changed() => changed.ok()?,
                _ = self.heartbeat.tick() => return Some(Bytes::from_static(stream::SILENT)),
            }
        }
    }

    /// The oldest command that was not given yet.
    fn command(&mut self) -> Option<Bytes> {
        let now = self.clock.now();
        let open = self.open.borrow_and_update();
        let next = open.iter().find(|sent| is_alive(sent, now) && !self.given.contains(&sent.command.id))?;
        self.given.insert(next.command.id);
        // What was stored as JSON can be written as such.
        let data = serde_json::to_string(&next.command).ok()?;
        Some(Bytes::from(format!("event: {COMMAND}\ndata: {data}\n\n")))
    }

    fn bye(&mut self, spread: Duration) -> Option<Bytes> {
        self.finished = true;
        stream::bye(spread).map(Bytes::from)
    }
}
