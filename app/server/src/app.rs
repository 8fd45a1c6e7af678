//! What every request handler shares.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
};
use board::BoardId;
use http::{HeaderMap, header};
use pairing::{server::Registry, session::Nonces};
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    access,
    admin::{Credential, Sessions, cookie},
    api::{self, ApiError},
    body,
    clock::SharedClock,
    config::{OpenRead, PublicName},
    headers,
    live::Live,
    on_call::Rota,
    screens::{Attendance, Screens},
    serve::{Peer, limit_time},
    settings::Settings,
    store::Store,
    throttle::Throttles,
    tls::Identity,
    token::Mint,
};

pub(crate) struct App {
    /// Who this server is; the same for as long as it runs.
    pub(crate) instance: Uuid,
    /// What an administrator chose, as it was last accepted.
    pub(crate) settings: watch::Sender<Arc<Settings>>,
    pub(crate) names: Vec<PublicName>,
    pub(crate) open_read: OpenRead,
    pub(crate) clock: SharedClock,
    pub(crate) live: Arc<Live>,
    pub(crate) identity: Arc<Identity>,
    pub(crate) store: Store,
    pub(crate) screens: Screens,
    pub(crate) pairings: Mutex<Registry>,
    /// Told whenever a device gave its verdict.
    pub(crate) pairing_moved: Notify,
    pub(crate) nonces: Mutex<Nonces>,
    pub(crate) mint: Mint,
    pub(crate) credential: Credential,
    pub(crate) sessions: Sessions,
    pub(crate) throttles: Throttles,
    /// Told whenever there is an alert in the outbox.
    pub(crate) alert_raised: Notify,
    /// Who is on call, where there is a calendar.
    pub(crate) rota: watch::Sender<Option<Arc<Rota>>>,
    /// Cancelled when the server goes away.
    pub(crate) stopping: CancellationToken,
}

/// Who reads a board, and for how long it may.
pub(crate) struct Reader {
    pub(crate) expires: Option<Instant>,
    pub(crate) removed: CancellationToken,
    /// A screen's presence while it reads.
    pub(crate) attendance: Option<Attendance>,
}

impl App {
    /// What an administrator chose, as it is now.
    pub(crate) fn settings(&self) -> Arc<Settings> {
        self.settings.borrow().clone()
    }

    /// Every route, behind what holds for all of them.
    pub(crate) fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .merge(api::routes())
            .merge(crate::admin::routes())
            .fallback(async || ApiError::NOT_FOUND)
            .method_not_allowed_fallback(async || ApiError::METHOD_NOT_ALLOWED)
            .layer(middleware::from_fn_with_state(self.clone(), check_host))
            .layer(middleware::from_fn(body::read_first))
            .layer(middleware::from_fn(limit_time))
            .layer(middleware::map_response(headers::secure))
            .with_state(self.clone())
    }

    /// Whether this request may read the board: with a screen's token, as a signed-in administrator, or openly.
    pub(crate) async fn reader(&self, headers: &HeaderMap, peer: Peer, board: &BoardId) -> Result<Reader, ApiError> {
        if let Some(authorization) = headers.get(header::AUTHORIZATION) {
            // A token that is refused is never made up for by open read: a removed screen must hear of it.
            let token = authorization.to_str().ok().and_then(|value| value.strip_prefix("Bearer "));
            return self.screen(token.unwrap_or_default(), board);
        }
        let now = self.clock.now();
        if let Some(token) = cookie::session(headers)
            && let Some((expires_at, removed)) = self.sessions.read_by(&cookie::hash(&token), now).await?
        {
            let expires = Instant::now() + expires_at.duration_since(now).unsigned_abs();
            return Ok(Reader { expires: Some(expires), removed, attendance: None });
        }
        if access::may_read_openly(self.open_read, peer.0.ip(), headers) {
            return Ok(Reader { expires: None, removed: CancellationToken::new(), attendance: None });
        }
        Err(ApiError::NOT_SIGNED_IN)
    }

    fn screen(&self, token: &str, board: &BoardId) -> Result<Reader, ApiError> {
        let now = self.clock.now();
        let grant = self.mint.read(token, now).ok_or(ApiError::TOKEN_REFUSED)?;
        let entry = self.screens.find(grant.screen).ok_or(ApiError::TOKEN_REFUSED)?;
        if entry.screen.board != board.0 {
            return Err(ApiError::OTHER_BOARD);
        }
        let expires = Instant::now() + grant.expires_at.duration_since(now).unsigned_abs();
        Ok(Reader { expires: Some(expires), removed: entry.ended.clone(), attendance: Some(entry.attend()) })
    }
}

/// Refuses names that are not ours. See [`access::names_this_server`].
async fn check_host(State(app): State<Arc<App>>, request: Request, next: Next) -> Result<Response, ApiError> {
    let named = request
        .uri()
        .authority()
        .map(http::uri::Authority::as_str)
        .or_else(|| request.headers().get(header::HOST).and_then(|host| host.to_str().ok()))
        .unwrap_or_default();
    if access::names_this_server(named, &app.names) { Ok(next.run(request).await) } else { Err(ApiError::UNKNOWN_HOST) }
}
