//! A running server: started, looked at, stopped.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bridge::Broker;
use connectors::{Source, calendar::Subscription, webhook::Webhook};
use jiff::Timestamp;
use pairing::{Entropy, server::Registry, session::Nonces};
use tokio::{
    net::TcpListener,
    runtime::Handle,
    sync::{Notify, watch},
    task::{JoinHandle, spawn_blocking},
    time::{interval, timeout},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    Config, SetupCode,
    access::Gate,
    admin::{Credential, CredentialError, Familiar, Sessions},
    alerts,
    announce::{Announcement, Card},
    app::{App, Configured},
    boards::BoardsError,
    clock::SharedClock,
    commands::Commands,
    folder::{Folder, FolderError},
    live::{Figures, Live},
    on_call,
    operation::{Metrics, Observers, ObserversError, Readiness},
    poller::Poller,
    reading::Readings,
    scopes::Scopes,
    screens::Screens,
    serve::{self, Door},
    settings::{Follower, Settings},
    store::{Store, StoreError},
    strangers::{self, Strangers},
    throttle::Throttles,
    tls::{Anchor, Identity, TlsError},
    token::Mint,
    updates::{Fleet, Mirror},
    viewers::{SessionKey, Viewers},
    whole::Changes,
};

/// How often the certificate, and what is remembered of strangers, are looked after.
const HOUSEKEEPING: Duration = Duration::from_secs(3600);

/// How often `settings.json` is looked at.
const FOLLOW: Duration = Duration::from_secs(1);

/// How long the end of a poll is waited for.
const LAST_POLL: Duration = Duration::from_secs(1);

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The administrator's credential.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// Who may look at the metrics.
    #[error(transparent)]
    Observers(#[from] ObserversError),
    /// The boards of the settings.
    #[error(transparent)]
    Boards(#[from] BoardsError),
    /// The operating system gives no randomness.
    #[error(transparent)]
    Entropy(#[from] pairing::Unavailable),
    /// The address is taken, or not this machine's.
    #[error("cannot listen on {address}: {source}. Stop what listens there, or set another with {variable}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The variable that names it.
        variable: &'static str,
        /// What was seen.
        source: std::io::Error,
    },
}

/// A running server. Dropping it ends it without a word to anybody: see [`Server::stop`].
pub struct Server {
    app: Arc<App>,
    address: SocketAddr,
    plain_address: Option<SocketAddr>,
    routes: Vec<String>,
    serving: JoinHandle<()>,
    polling: JoinHandle<()>,
    housekeeping: JoinHandle<()>,
    following: JoinHandle<()>,
    watching: JoinHandle<()>,
    delivering: JoinHandle<()>,
    summarising: JoinHandle<()>,
    announcement: Option<Announcement>,
    _ends: DropGuard,
}

impl Server {
    /// Starts to serve, and to read the desk that `open` makes of the settings. It is called again whenever
    /// `settings.json` names another one.
    ///
    /// # Errors
    /// Something that it needs cannot be opened. Nothing is lost then.
    pub async fn start<S: Source + 'static>(
        config: Config,
        settings: Settings,
        open: impl FnMut(&Settings) -> S + Send + 'static,
        clock: SharedClock,
    ) -> Result<Self, StartError> {
        let folder = Folder::open(&config.data)?;
        let identity = Arc::new(Identity::open(&config.certificate, &config.names, &folder, clock.now())?);
        let credential = Arc::new(Credential::open(&folder)?);
        let observers = Observers::open(&config.observers)?;
        let store = Store::open(&folder).await?;
        let screens = Screens::load(store.clone()).await?;
        let fleet = Fleet::load(store.clone()).await?;
        let commands = Commands::load(store.clone(), clock.now()).await?;
        let mirror = Mirror::open(&folder)?;
        let familiar = Familiar::load(&store, clock.now()).await?;
        let sessions = Sessions::new(store.clone(), credential.clone());
        let card = Card::of(&config, settings.instance);
        let broker = Broker::new(config.broker_socket);
        let viewers = Viewers::new(store.clone(), SessionKey::new(broker.clone()), credential.clone());
        let gate =
            Gate { proxies: config.trusted_proxies, allowlist: config.read_allowlist, open_read: config.open_read };
        let epoch = u64::from_le_bytes(crate::random::bytes());
        let instance = settings.instance;
        let settings = Arc::new(settings);
        let follower = Follower::new(folder.clone(), settings.clone());
        let configured = Configured { desk: config.desk.clone(), time_zone: config.time_zone };
        let (listener, address) = listen(config.listen, "NEXUS_LISTEN").await?;
        let mut doors = vec![Door::tls(listener, identity.server_config()?)];
        let plain_address = match config.listen_http {
            Some(address) => {
                let (listener, address) = listen(address, "NEXUS_LISTEN_HTTP").await?;
                doors.push(Door::plain(listener));
                tracing::warn!(%address, "open boards are served over plain HTTP too: whoever is on the way reads them");
                Some(address)
            }
            None => None,
        };
        let calendar = Subscription::through(broker.clone());
        let webhook = Webhook::through(broker.clone());

        let app = Arc::new(App {
            pairings: Mutex::new(Registry::new(instance)),
            pairing_moved: Notify::new(),
            nonces: Mutex::new(Nonces::new(&Entropy::system()?, Instant::now())),
            folder,
            configured,
            broker,
            readings: Readings::new(settings.desk.clone()),
            names: config.names,
            https_port: address.port(),
            gate,
            clock,
            live: Arc::new(Live::new(epoch)),
            scopes: Scopes::default(),
            clients: watch::Sender::new(Vec::new()),
            warnings: watch::Sender::new(Vec::new()),
            identity,
            store,
            screens,
            fleet,
            commands,
            mirror,
            mint: Mint::new(),
            credential,
            sessions,
            viewers,
            throttles: Throttles::new(config.limits.patience),
            strangers: Strangers::new(),
            familiar,
            changes: Changes::default(),
            metrics: Metrics::new(),
            observers,
            readiness: Readiness::default(),
            alert_raised: Notify::new(),
            rota: watch::Sender::new(None),
            stopping: CancellationToken::new(),
            instance,
            settings: watch::Sender::new(settings),
        });
        app.follow_links().await?;
        let polling = Poller::new(app.clone(), open, config.desk.poll)?.run();
        let (router, routes) = app.router();
        let serving = serve::serve(doors, router, config.limits, app.gate.clone(), app.stopping.clone());
        tracing::info!(%address, "serving");
        Ok(Self {
            address,
            plain_address,
            routes,
            serving: tokio::spawn(serving),
            polling: spawn_blocking(move || Handle::current().block_on(polling)),
            housekeeping: tokio::spawn(keep_house(app.clone())),
            following: tokio::spawn(follow(app.clone(), follower)),
            watching: tokio::spawn(on_call::watch(app.clone(), calendar)),
            delivering: tokio::spawn(alerts::deliver(app.clone(), webhook)),
            summarising: tokio::spawn(strangers::summarise(app.clone())),
            announcement: Announcement::begin(config.announce, &card, address),
            _ends: app.stopping.clone().drop_guard(),
            app,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens for plain HTTP, if it does.
    pub fn plain_address(&self) -> Option<SocketAddr> {
        self.plain_address
    }

    /// Every path that it answers, as templates: `/api/v1/boards/{id}/state`.
    pub fn routes(&self) -> &[String] {
        &self.routes
    }

    /// The setup code, for as long as there is no password. For the console only.
    pub fn setup_code(&self) -> Option<SetupCode> {
        self.app.credential.setup_code()
    }

    /// What screens verify this server against.
    pub fn anchor(&self) -> &Anchor {
        self.app.identity.anchor()
    }

    /// What the server did since its start.
    pub fn figures(&self) -> Figures {
        self.app.live.figures()
    }

    /// When the certificate ends that new connections get.
    ///
    /// # Errors
    /// It does not read as one.
    pub fn certificate_ends_at(&self) -> Result<Timestamp, TlsError> {
        self.app.identity.validity().map(|(_, until)| until)
    }

    /// Renews the certificate where it is due; this happens by itself every hour. Says whether it did.
    ///
    /// # Errors
    /// A new certificate could not be made or read; the old one stays in use.
    pub fn renew_certificate(&self) -> Result<bool, TlsError> {
        self.app.identity.renew(self.app.clock.now())
    }

    /// Waits until a part of the server ends by itself, which it never should: the process is then to end, and to be
    /// started anew.
    pub async fn broken(&mut self) {
        tokio::select! {
            _ = &mut self.serving => {}
            _ = &mut self.polling => {}
            _ = &mut self.housekeeping => {}
            _ = &mut self.following => {}
            _ = &mut self.watching => {}
            _ = &mut self.delivering => {}
            _ = &mut self.summarising => {}
        }
    }

    /// Takes its announcement back, tells every stream to come back later, lets requests end, and closes the database.
    pub async fn stop(self) {
        if let Some(announcement) = self.announcement {
            announcement.end().await;
        }
        self.app.stopping.cancel();
        let tasks = [self.serving, self.housekeeping, self.following, self.watching, self.delivering, self.summarising];
        for task in tasks {
            // One that broke was already awaited, and says nothing new.
            if !task.is_finished() && task.await.is_err() {
                tracing::error!("a part of the server ended badly");
            }
        }
        // A long computation cannot be interrupted; what it would still have yielded is read again after the start.
        if !self.polling.is_finished() && timeout(LAST_POLL, self.polling).await.is_err() {
            tracing::info!("the desk was being read; that is left unfinished");
        }
        let _none_begins = self.app.changes.end().await;
        self.app.store.close().await;
        tracing::info!("stopped");
    }
}

async fn listen(address: SocketAddr, variable: &'static str) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { address, variable, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

async fn keep_house(app: Arc<App>) {
    let mut hourly = interval(HOUSEKEEPING);
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            _ = hourly.tick() => {}
        }
        match app.identity.renew(app.clock.now()) {
            Ok(true) => tracing::info!("the certificate was renewed"),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "the certificate could not be renewed; the old one stays in use"),
        }
        app.throttles.forget_old();
        if let Err(error) = app.follow_links().await {
            tracing::error!(%error, "the access links could not be read; boards are drawn for those of an hour ago");
        }
    }
}

/// Takes over what changes in `settings.json`.
async fn follow(app: Arc<App>, mut follower: Follower) {
    let mut looks = interval(FOLLOW);
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            _ = looks.tick() => {}
        }
        match follower.look() {
            Ok(Some(settings)) => drop(app.settings.send_replace(settings)),
            Ok(None) => {}
            Err(complaint) => tracing::error!("{complaint}"),
        }
    }
}
