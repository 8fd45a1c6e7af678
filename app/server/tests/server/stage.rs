//! A server on a free port, with a desk that does what the test says.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, Once,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use broker::{Trial, Verdict};
use connectors::{
    Mapping, PollError,
    request_tracker::{self, RequestTracker},
};
use jiff::{SignedDuration, Timestamp};
use server::{Clock, Config, Folder, Server, Settings, StartError, config::Announce, settings, tls::Anchor};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use vault::{Cost, Passphrase, Vault};

use crate::made_up::{Desk, Read};

/// As `nexus` composes it.
const TRIAL: Trial = Trial {
    path: request_tracker::TRIAL.0,
    query: request_tracker::TRIAL.1,
    elsewhere: request_tracker::ELSEWHERE,
    judge: |status, body| {
        request_tracker::judge_trial(status, body).map_err(|error| match &error {
            PollError::Unreachable { .. } => Verdict::Silent(error.to_string()),
            PollError::Refused { .. } => Verdict::Refused(error.to_string()),
            _ => Verdict::Unexpected(error.to_string()),
        })
    },
};

/// The machine's clock, moved by what the test says.
#[derive(Default)]
pub struct MovedClock {
    seconds: AtomicI64,
}

impl MovedClock {
    pub fn advance(&self, by: SignedDuration) {
        self.seconds.fetch_add(by.as_secs(), Ordering::Relaxed);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_secs(self.seconds.load(Ordering::Relaxed))
    }
}

fn passphrase() -> Passphrase {
    Passphrase::new("correct horse".into()).unwrap()
}

/// A Broker in the place where the server on this data folder expects it.
pub fn broker_options(data: &Path, passphrase: Option<Passphrase>) -> broker::Options {
    broker::Options {
        secrets: data.join("secrets.json"),
        socket: data.join("run/broker.sock"),
        passphrase,
        trial: TRIAL,
        peer: None,
    }
}

/// Runs a Broker until the test ends, and its door.
async fn running(options: broker::Options) -> bridge::Broker {
    let door = bridge::Broker::new(&options.socket);
    tokio::spawn(broker::serve(options, std::future::pending()));
    within(async {
        while door.health().await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    door
}

/// A running server and everything around it.
pub struct Stage {
    pub server: Server,
    /// The desk that a new installation reads.
    pub desk: Desk,
    /// The desk that is read once the settings name Request Tracker.
    pub tracker: Desk,
    pub clock: Arc<MovedClock>,
    pub folder: Arc<TempDir>,
    broker: Option<JoinHandle<()>>,
    words: Option<&'static str>,
    variables: BTreeMap<&'static str, &'static str>,
}

/// How a server is to be started.
pub struct Setup {
    pub variables: BTreeMap<&'static str, &'static str>,
    pub clock: Arc<MovedClock>,
    pub folder: Arc<TempDir>,
    pub open: usize,
    /// After which time connections are ended over which nothing is asked, where it is not the usual one.
    pub idle: Option<Duration>,
    /// How many times as often as usual strangers may try.
    pub patience: u32,
    /// Where it is announced: nowhere, as a rule.
    pub announce: Announce,
    /// Whether Request Tracker is read by way of the Broker, once the settings name it.
    pub real_tracker: bool,
}

impl Setup {
    pub fn new() -> Self {
        let variables = BTreeMap::from([("NEXUS_LISTEN", "127.0.0.1:0")]);
        Self {
            variables,
            clock: Arc::default(),
            folder: Arc::new(tempfile::tempdir().unwrap()),
            open: 3,
            idle: None,
            patience: 1,
            announce: Announce::Nowhere,
            real_tracker: false,
        }
    }

    pub fn with(mut self, variable: &'static str, value: &'static str) -> Self {
        self.variables.insert(variable, value);
        self
    }

    /// The vault of the Broker that runs beside this server.
    pub fn vault(&self) -> Vault {
        let data = self.folder.path().join("data");
        std::fs::create_dir_all(&data).unwrap();
        Vault::new(data.join("secrets.json"), Some(passphrase())).with_cost(Cost::new(1, 1, 1).unwrap())
    }

    /// Starts a Broker beside this server; it outlives restarts of the server.
    pub async fn serve_broker(&self) {
        running(broker_options(&self.folder.path().join("data"), Some(passphrase()))).await;
    }

    pub async fn start(self) -> Stage {
        self.try_start().await.unwrap()
    }

    /// What a server says that cannot start.
    pub async fn fails_to_start(self) -> String {
        self.try_start().await.err().unwrap().to_string()
    }

    /// With a Broker beside it, as `nexus serve` starts one.
    pub async fn start_with_broker(self) -> Stage {
        self.start_beside(Some("correct horse")).await
    }

    pub async fn start_with_broker_without_passphrase(self) -> Stage {
        self.start_beside(None).await
    }

    async fn start_beside(self, words: Option<&'static str>) -> Stage {
        let passphrase = words.map(|words| Passphrase::new(words.into()).unwrap());
        let options = broker_options(&self.folder.path().join("data"), passphrase);
        let broker = tokio::spawn(async { broker::serve(options, std::future::pending()).await.unwrap() });
        // In the data folder whatever the variables say: see `try_start`.
        Stage { broker: Some(broker), words, ..self.start().await }
    }

    pub async fn try_start(self) -> Result<Stage, StartError> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| rustls::crypto::aws_lc_rs::default_provider().install_default().unwrap());

        let mut config = Config::read(&self.variables, None).unwrap();
        config.data = self.folder.path().join("data");
        config.broker_socket = config.data.join("run/broker.sock");
        config.desk.poll = Some(Duration::from_millis(25));
        config.limits.idle = self.idle.unwrap_or(config.limits.idle);
        config.limits.patience = self.patience;
        config.announce = self.announce;
        let settings = Settings::open(&Folder::open(&config.data)?, &config, self.clock.now()).unwrap();
        let desk = Desk::default();
        desk.set_open(self.open);
        let tracker = Desk::default();
        let desks = (desk.clone(), tracker.clone());
        let real = self.real_tracker.then(|| bridge::Broker::new(&config.broker_socket));
        let open = move |settings: &Settings| match (&settings.desk, &real) {
            (settings::Desk::Demo(_), _) => Read::MadeUp(desks.0.clone()),
            (settings::Desk::RequestTracker(_), None) => Read::MadeUp(desks.1.clone()),
            (settings::Desk::RequestTracker(connected), Some(broker)) => {
                let mapping = connected.mapping.clone();
                let options = request_tracker::Options { mapping, ..request_tracker::Options::default() };
                Read::Real(Box::new(RequestTracker::new(broker.connection("request-tracker"), options)))
            }
        };
        let server = Server::start(config, settings, open, self.clock.clone()).await?;
        Ok(Stage {
            server,
            desk,
            tracker,
            clock: self.clock,
            folder: self.folder,
            broker: None,
            words: None,
            variables: self.variables,
        })
    }
}

impl Stage {
    pub async fn start() -> Self {
        Setup::new().start().await
    }

    /// Runs a Broker beside the server until the test ends, and its door.
    pub async fn broker(&self, passphrase: Option<&str>) -> bridge::Broker {
        let passphrase = passphrase.map(|words| Passphrase::new(words.into()).unwrap());
        running(broker_options(&self.data(""), passphrase)).await
    }

    /// The same installation, stopped and started again with its Broker.
    pub async fn restart(self) -> Self {
        let Self { server, clock, folder, broker, words, variables, .. } = self;
        server.stop().await;
        if let Some(broker) = broker {
            broker.abort();
            assert!(broker.await.unwrap_err().is_cancelled());
        }
        Setup { clock, folder, variables, ..Setup::new() }.start_beside(words).await
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.server.address().port())
    }

    /// Over plain HTTP, where the stage was set up for it.
    pub fn plain_url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.server.plain_address().unwrap().port())
    }

    pub fn data(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join("data").join(name)
    }

    /// Changes `settings.json` as `nexus connect` does.
    pub fn change_settings(&self, change: impl FnOnce(Settings) -> Settings) {
        let folder = Folder::open(self.data("")).unwrap();
        change(Settings::read(&folder).unwrap().unwrap()).write(&folder).unwrap();
    }

    /// A client that trusts this server's anchor and nothing else, and follows no redirect.
    pub fn client(&self) -> reqwest::Client {
        self.client_builder().build().unwrap()
    }

    pub fn client_builder(&self) -> reqwest::ClientBuilder {
        let Anchor::Certificates(pem) = self.server.anchor() else { panic!("a private authority") };
        let anchor = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
        reqwest::Client::builder().tls_certs_only([anchor]).redirect(reqwest::redirect::Policy::none())
    }

    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.client().get(self.url(path)).send().await.unwrap()
    }

    /// The overview with so many open tickets, once nothing changes any more.
    pub async fn settled(&self, open: i64) {
        self.board_when(|board| open_tickets(board) == Some(open)).await;
        within(async {
            loop {
                let before = self.server.figures();
                tokio::time::sleep(Duration::from_millis(300)).await;
                if self.server.figures().events_encoded == before.events_encoded {
                    return;
                }
            }
        })
        .await;
    }

    /// What the connected desk was told of its words, once that is as wanted.
    pub async fn mapping_when(&self, wanted: impl Fn(&Mapping) -> bool) -> Mapping {
        within(async {
            loop {
                let mapping = self.tracker.mapping();
                if wanted(&mapping) {
                    return mapping;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await
    }

    /// The overview once `ready` is true of it.
    pub async fn board_when(&self, ready: impl Fn(&board::Board) -> bool) -> board::Board {
        let client = self.client();
        within(async {
            loop {
                let answer = client.get(self.url("/api/v1/boards/overview/state")).send().await.unwrap();
                let board = answer.json::<board::Board>().await.unwrap();
                if ready(&board) {
                    return board;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await
    }
}

/// The count that the panel of open tickets shows.
pub fn open_tickets(board: &board::Board) -> Option<i64> {
    board.panels.iter().find(|panel| panel.id.0 == "open-tickets").and_then(count)
}

pub fn count(panel: &board::Panel) -> Option<i64> {
    match &panel.form {
        board::Form::Stat(stat) => match stat.value {
            board::Value::Count(count) => Some(count),
            _ => None,
        },
        _ => None,
    }
}

/// What must happen within ten seconds; it takes milliseconds unless the machine is very busy.
pub async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), what).await.expect("it took too long")
}

pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
