//! What every request handler shares.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
};
use board::BoardId;
use connectors::Warning;
use desk::Client;
use http::{HeaderMap, Version, header};
use pairing::{server::Registry, session::Nonces};
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    access::{self, Gate, Verdict, gate},
    admin::{Credential, Familiar, Sessions, cookie},
    api::{self, ApiError},
    body,
    clock::SharedClock,
    commands::Commands,
    config::{DeskChoice, PublicName},
    folder::Folder,
    headers,
    live::Live,
    on_call::Rota,
    operation::{self, Metrics, Observers, Readiness},
    plain,
    reading::Readings,
    routes::Routes,
    scopes::Scopes,
    screens::{Attendance, Entry, Screens},
    serve::{Peer, limit_time},
    settings::{Settings, SettingsError},
    store::{Purpose, Sight, Store, StoreError},
    strangers::Strangers,
    throttle::Throttles,
    tls::Identity,
    token::{Grant, Mint},
    updates::{Fleet, Mirror},
    viewers::{self, Viewers},
    whole::{self, Changes},
};

pub(crate) struct App {
    /// Who this server is; the same for as long as it runs.
    pub(crate) instance: Uuid,
    /// What an administrator chose, as it was last accepted.
    pub(crate) settings: watch::Sender<Arc<Settings>>,
    /// Where the settings are kept.
    pub(crate) folder: Folder,
    /// What the configuration says of the desk and the time zone; it wins over the settings at every start.
    pub(crate) configured: Configured,
    /// The door to the process that keeps secrets.
    pub(crate) broker: bridge::Broker,
    /// How reading the desk goes.
    pub(crate) readings: Readings,
    pub(crate) names: Vec<PublicName>,
    /// Where it listens for HTTPS.
    pub(crate) https_port: u16,
    pub(crate) gate: Gate,
    pub(crate) clock: SharedClock,
    /// The boards as they are for everybody who may see all of them.
    pub(crate) live: Arc<Live>,
    pub(crate) scopes: Scopes,
    /// The clients that the desk knows.
    pub(crate) clients: watch::Sender<Vec<Client>>,
    /// What is amiss with the desk though it is read, as the last poll found it.
    pub(crate) warnings: watch::Sender<Vec<Warning>>,
    pub(crate) identity: Arc<Identity>,
    pub(crate) store: Store,
    pub(crate) screens: Screens,
    /// How the screens say that they are.
    pub(crate) fleet: Fleet,
    /// What they shall do.
    pub(crate) commands: Commands,
    /// What is offered to them as updates.
    pub(crate) mirror: Mirror,
    pub(crate) pairings: Mutex<Registry>,
    /// Told whenever a device gave its verdict.
    pub(crate) pairing_moved: Notify,
    pub(crate) nonces: Mutex<Nonces>,
    pub(crate) mint: Mint,
    pub(crate) credential: Arc<Credential>,
    pub(crate) sessions: Sessions,
    pub(crate) viewers: Viewers,
    pub(crate) throttles: Throttles,
    /// Who was refused lately.
    pub(crate) strangers: Strangers,
    /// From where administrators come.
    pub(crate) familiar: Familiar,
    /// What is being changed.
    pub(crate) changes: Changes,
    pub(crate) metrics: Metrics,
    pub(crate) observers: Observers,
    pub(crate) readiness: Readiness,
    /// Told whenever there is an alert in the outbox.
    pub(crate) alert_raised: Notify,
    /// Who is on call, where there is a calendar.
    pub(crate) rota: watch::Sender<Option<Arc<Rota>>>,
    /// Cancelled when the server goes away.
    pub(crate) stopping: CancellationToken,
}

/// What the configuration says about things that are settings too.
pub(crate) struct Configured {
    pub(crate) desk: DeskChoice,
    pub(crate) time_zone: Option<String>,
}

/// Who reads a board, and for how long it may.
pub(crate) struct Reader {
    /// The boards as this reader may see them.
    pub(crate) live: Arc<Live>,
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

    /// Changes `settings.json` as [`Settings::change`] does; what is changed takes effect within seconds.
    pub(crate) async fn change_settings<E: From<SettingsError> + Send + 'static>(
        &self,
        change: impl FnOnce(Settings) -> Result<Settings, E> + Send + 'static,
    ) -> Result<Settings, E> {
        let folder = self.folder.clone();
        // Another process may hold the file for a moment.
        match tokio::task::spawn_blocking(move || Settings::change(&folder, change)).await {
            Ok(changed) => changed,
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        }
    }

    /// Every route, behind what holds for all of them; and the routes' paths.
    pub(crate) fn router(self: &Arc<Self>) -> (Router, Vec<String>) {
        let routes = Routes::new()
            .merge(api::routes())
            .merge(crate::admin::routes())
            .merge(viewers::routes())
            .merge(crate::web::routes())
            .merge(operation::routes());
        let (router, paths) = routes.into_parts();
        let router = router
            .fallback(async || ApiError::NOT_FOUND)
            .method_not_allowed_fallback(async || ApiError::METHOD_NOT_ALLOWED)
            .layer(middleware::from_fn_with_state(self.clone(), whole::run_to_the_end))
            .layer(middleware::from_fn_with_state(self.clone(), plain::check))
            .layer(middleware::from_fn_with_state(self.clone(), check_host))
            .layer(middleware::from_fn_with_state(self.clone(), gate::refuse_strangers))
            .layer(middleware::from_fn_with_state(self.clone(), gate::know_client))
            .layer(middleware::from_fn(body::read_first))
            .layer(middleware::from_fn(limit_time))
            .layer(middleware::from_fn_with_state(self.clone(), operation::observe))
            .layer(middleware::from_fn(headers::secure))
            .with_state(self.clone());
        (router, paths)
    }

    /// Whether this request may read the board: with a screen's token, as a signed-in administrator, by a
    /// viewer's session, or openly.
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
            return Ok(Reader { live: self.live.clone(), expires: Some(expires), removed, attendance: None });
        }
        if let Some(token) = viewers::cookie::session(headers)
            && let Some(right) = self.viewers.read_by(&token, peer.0.ip(), now).await?
        {
            let expires = Instant::now() + right.expires_at.duration_since(now).unsigned_abs();
            let live = self.seen_by(right.sight.as_ref(), board)?;
            return Ok(Reader { live, expires: Some(expires), removed: right.ended, attendance: None });
        }
        // Before it is looked whether there is a passcode: one that is set meanwhile ends this reading.
        let removed = self.viewers.open();
        match self.gate.stranger(peer.0, self.credential.has_passcode()) {
            Verdict::Reads => Ok(Reader { live: self.live.clone(), expires: None, removed, attendance: None }),
            Verdict::NeedsPasscode => Err(ApiError::PASSCODE_NEEDED),
            Verdict::Closed => Err(ApiError::NOT_SIGNED_IN),
        }
    }

    /// The boards as the holder of a session may see them, if the one that is asked for is among them.
    fn seen_by(&self, sight: Option<&Sight>, board: &BoardId) -> Result<Arc<Live>, ApiError> {
        let Some(sight) = sight else { return Ok(self.live.clone()) };
        if !sight.boards.contains(&board.0) {
            return Err(ApiError::OTHER_BOARD);
        }
        match &sight.clients {
            None => Ok(self.live.clone()),
            Some(clients) => self.scopes.boards_for(clients).ok_or(ApiError::UNKNOWN_BOARD),
        }
    }

    /// Lets boards be drawn for the clients of every link that is open; to be called whenever links change.
    pub(crate) async fn follow_links(&self) -> Result<(), StoreError> {
        let now = self.clock.now().as_second();
        let links = self.store.links().await?;
        let open = links.into_iter().filter(|link| !link.issued.revoked && now < link.issued.terms.expires_at);
        let clients = open.filter_map(|link| match link.purpose {
            Purpose::Browsers(sight) => sight.clients,
            Purpose::Screens { .. } => None,
        });
        self.scopes.replace(clients.collect());
        Ok(())
    }

    /// The screen whose device asks, by its access token and nothing else.
    pub(crate) fn device(&self, headers: &HeaderMap) -> Result<Arc<Entry>, ApiError> {
        self.device_grant(headers).map(|(_, entry)| entry)
    }

    /// The same, and until when.
    pub(crate) fn device_grant(&self, headers: &HeaderMap) -> Result<(Grant, Arc<Entry>), ApiError> {
        let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        self.holder(token.unwrap_or_default())
    }

    /// What a token grants, and the screen that holds it, if that is still there and not suspended.
    fn holder(&self, token: &str) -> Result<(Grant, Arc<Entry>), ApiError> {
        let grant = self.mint.read(token, self.clock.now()).ok_or(ApiError::TOKEN_REFUSED)?;
        let entry = self.screens.find(grant.screen).filter(|entry| !entry.screen.keys.is_suspended());
        entry.map(|entry| (grant, entry)).ok_or(ApiError::TOKEN_REFUSED)
    }

    fn screen(&self, token: &str, board: &BoardId) -> Result<Reader, ApiError> {
        let now = self.clock.now();
        let (grant, entry) = self.holder(token)?;
        if entry.screen.board != board.0 {
            return Err(ApiError::OTHER_BOARD);
        }
        let expires = Instant::now() + grant.expires_at.duration_since(now).unsigned_abs();
        let (live, removed) = (self.live.clone(), entry.ended.clone());
        Ok(Reader { live, expires: Some(expires), removed, attendance: Some(entry.attend()) })
    }
}

/// Refuses names that are not ours. See [`access::names_this_server`].
async fn check_host(State(app): State<Arc<App>>, request: Request, next: Next) -> Result<Response, ApiError> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = hosts.next();
    // RFC 9112 section 3.2: of two, somebody on the way may have gone by the other one.
    if hosts.next().is_some() || (host.is_none() && request.version() == Version::HTTP_11) {
        return Err(ApiError::NOT_ONE_HOST);
    }
    let named = request
        .uri()
        .authority()
        .map(http::uri::Authority::as_str)
        .or_else(|| host.and_then(|host| host.to_str().ok()))
        .unwrap_or_default();
    if access::names_this_server(named, &app.names) { Ok(next.run(request).await) } else { Err(ApiError::UNKNOWN_HOST) }
}
