//! Joins the rules to the edges: reads the set-up, runs the state machine, carries its actions out.

mod commands;
mod prepared;
mod updates;
mod wrong;

use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use device::{Check, Over, Place, Report, Said, Startup, State};
use jiff::Timestamp;
use pairing::{Entropy, Unavailable};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use url::Url;

use crate::clock::{Clock, Shared};
use crate::connection::{Server, SignedIn};
use crate::core::{Action, CallError, Core, Event, Now};
use crate::discovery::Finder;
use crate::folder::{Folder, FolderError, Pairing};
use crate::network::{self, Network};
use crate::socket::Door;
use crate::takeover::TakenOver;
use crate::update::rules::Shown;
use crate::{setup, socket, watchdog};

use prepared::{Prepared, prepare};
use wrong::Wrong;

/// How often the network, the set-up file and NTP are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// Where things are.
#[derive(Clone, Debug)]
pub struct Places {
    /// `nexus.toml`. It may be missing.
    pub config: PathBuf,
    /// Where the partition of that file is mounted, where it has one of its own.
    pub setup_partition: Option<PathBuf>,
    /// The state folder.
    pub state: PathBuf,
    /// The file of the machine-bound secret, where it does not lie in the state folder.
    pub machine_key: Option<PathBuf>,
    /// The file that is there once the machine's clock is set, and may then be believed.
    pub time_synchronized: PathBuf,
    /// The socket for the TV.
    pub socket: PathBuf,
    /// The folder into which is written what the machine shall be; `None` where it is not this program's to set.
    pub machine: Option<PathBuf>,
    /// The TV's uid, where it is not the agent's.
    pub tv_uid: Option<u32>,
    /// The folder with the boards that this machine can be, where there is one.
    pub boards: Option<PathBuf>,
    /// The file in which the kernel names this run of the machine.
    pub boot: PathBuf,
    /// The folder with the vendor's `root.json`, where this machine has slots for updates.
    pub updates: Option<PathBuf>,
}

/// Why the agent cannot run at all. Everything else is shown on the TV and waited out.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The socket.
    #[error("cannot listen on {}: {error}; another path, of at most 107 bytes, is set with --socket", path.display())]
    Socket {
        /// Where.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] Unavailable),
}

/// Runs the agent for as long as the future is polled. `finder` looks for the server where nothing names one.
///
/// # Errors
/// See [`RunError`].
pub async fn run(places: &Places, finder: Arc<impl Finder>) -> Result<(), RunError> {
    let door = Door::open(&places.socket, places.tv_uid)
        .map_err(|error| RunError::Socket { path: places.socket.clone(), error })?;
    // Known at once, so that a TV that is upright does not turn over while the agent is restarted.
    let place = setup_file::bytes(&places.config).map(|bytes| setup_file::place(&bytes)).unwrap_or_default();
    let (states, watched) = watch::channel(Said { place, ..starting().into() });
    let (report, mut reports) = mpsc::channel(16);
    let (session, signed_in) = watch::channel(None);
    let (updates, shown) = watch::channel(Shown::default());
    let (over, lies_over) = watch::channel(Over::default());
    let (update, wanted) = mpsc::channel(1);
    let (said, tell) = watch::channel(watched.borrow().clone());
    let serve = door.serve(tell, report);
    let told = Told { states, session };
    tokio::select! {
        () = serve => Ok(()),
        () = watchdog::feed() => Ok(()),
        () = updates::above(watched, shown, lies_over, &said) => Ok(()),
        () = commands::follow(places, signed_in.clone(), over, update) => Ok(()),
        result = updates::follow(places, signed_in, updates, wanted) => result,
        result = attend(places, &finder, &told, &mut reports) => result,
    }
}

/// Whom the rules tell how things stand.
struct Told {
    /// The TV.
    states: watch::Sender<Said>,
    /// Whoever asks the server something beside the rules.
    session: watch::Sender<Option<SignedIn>>,
}

async fn attend(
    places: &Places,
    finder: &Arc<impl Finder>,
    told: &Told,
    reports: &mut mpsc::Receiver<Report>,
) -> Result<(), RunError> {
    loop {
        let (wrong, pause) = match prepare(places, &Entropy::system()?) {
            Ok(prepared) => match follow(prepared, places, finder, told, reports).await? {
                Ending::SetUpChanged => continue,
                // What could be read and not written: long enough to be read on the screen.
                Ending::Folder(error) => (Wrong::Folder(error), 15 * LOOK),
            },
            Err(wrong) => (wrong, LOOK),
        };
        let problem = wrong.problem();
        told.session.send_replace(None);
        // The place stays as it was last known.
        told.states.send_if_modified(|said| {
            let news = said.state != problem;
            if news {
                tracing::error!("{wrong}");
            }
            said.state = problem;
            news
        });
        // Whoever mends it need not restart anything.
        tokio::time::sleep(pause).await;
        while reports.try_recv().is_ok() {}
    }
}

enum Ending {
    SetUpChanged,
    Folder(FolderError),
}

async fn follow(
    prepared: Prepared,
    places: &Places,
    finder: &Arc<impl Finder>,
    told: &Told,
    reports: &mut mpsc::Receiver<Report>,
) -> Result<Ending, RunError> {
    let Prepared { setup, place, folder, stored, taken, text } = prepared;
    let clock = Arc::new(Shared::new(Clock::new(build_time::built_at(), stored.passed)));
    let mut edge = Edge {
        server: setup.server.as_ref().map(|server| server_at(server, setup.proxy.as_ref(), &clock)),
        address: setup.server.clone(),
        proxy: setup.proxy.clone(),
        finder,
        folder,
        taken,
        clock,
        told,
        place,
        calling: None,
    };
    let mut network = look();
    let paired = stored.pairing.map(|pairing| pairing.paired);
    let mut core = Core::new(setup, stored.ring, paired, network.clone(), Instant::now());
    let mut looking = tokio::time::interval(LOOK);
    let mut event = Event::Tick;
    loop {
        if let Err(error) = edge.carry_out(&mut core, event)? {
            return Ok(Ending::Folder(error));
        }
        let wake = core.wake_at(Instant::now());
        event = tokio::select! {
            () = tokio::time::sleep_until(wake.into()) => Event::Tick,
            answered = edge.answered() => answered,
            Some(report) = reports.recv() => Event::Report(report),
            _ = looking.tick() => {
                if let Err(error) = edge.set_by_ntp(places.time_synchronized.exists()) {
                    return Ok(Ending::Folder(error));
                }
                if setup::read(&places.config).is_ok_and(|now| now != text) {
                    return Ok(Ending::SetUpChanged);
                }
                let now = look();
                if now == network {
                    Event::Tick
                } else {
                    network = now.clone();
                    Event::Network(now)
                }
            }
        };
    }
}

fn server_at(address: &Url, proxy: Option<&Url>, clock: &Arc<Shared>) -> Arc<Server> {
    Arc::new(Server::new(address.clone(), proxy.cloned(), clock.clone()))
}

struct Edge<'a, F> {
    server: Option<Arc<Server>>,
    address: Option<Url>,
    proxy: Option<Url>,
    finder: &'a Arc<F>,
    folder: Folder,
    taken: TakenOver,
    clock: Arc<Shared>,
    told: &'a Told,
    place: Place,
    /// The call or the look that is under way.
    calling: Option<(u64, JoinHandle<Event>)>,
}

impl<F: Finder> Edge<'_, F> {
    /// Gives the event to the rules and does what they say. What the clock changes is an event of its own.
    fn carry_out(&mut self, core: &mut Core, event: Event) -> Result<Result<(), FolderError>, RunError> {
        let mut event = Some(event);
        while let Some(happened) = event.take() {
            for action in core.handle(happened, self.now(), &Entropy::system()?) {
                match action {
                    Action::Show(state) => {
                        tracing::info!(state = name(&state), "the TV is told");
                        let session =
                            if let State::Live(live) = &state { SignedIn::new(live, &self.clock) } else { None };
                        self.told.session.send_replace(session);
                        let place = self.place.clone();
                        self.told.states.send_replace(Said { place, ..state.into() });
                    }
                    Action::Look { id } => {
                        let finder = self.finder.clone();
                        self.begin(id, async move { Event::Found { call: id, servers: finder.look().await } });
                    }
                    Action::Ask(address) => {
                        tracing::info!(server = %address, "a server was found");
                        self.server = Some(server_at(&address, self.proxy.as_ref(), &self.clock));
                        self.address = Some(address);
                    }
                    Action::Call { id, call } => {
                        // The rules call nobody before they know whom.
                        let Some(server) = self.server.clone() else { continue };
                        self.begin(id, async move {
                            let result = server.call(&call).await;
                            if let Err(error) = &result {
                                tracing::info!("the server: {error}");
                            }
                            Event::Answered { call: id, result: result.map(Box::new) }
                        });
                    }
                    Action::Store(paired) => {
                        let Some(server) = self.address.clone() else { continue };
                        let pairing = Pairing { server, paired: *paired };
                        if let Err(error) = self.folder.store(&pairing) {
                            return Ok(Err(error));
                        }
                    }
                    Action::StoreKeys { device, ring } => {
                        if let Err(error) = self.folder.store_keys(device, &ring, &Entropy::system()?) {
                            return Ok(Err(error));
                        }
                    }
                    Action::Forget(key) => {
                        if let Err(error) = self.folder.forget(&key, &Entropy::system()?) {
                            return Ok(Err(error));
                        }
                    }
                    Action::FinishLink(id) => {
                        self.taken = self.taken.finished(id);
                        if let Err(error) = self.folder.take_over(&self.taken) {
                            return Ok(Err(error));
                        }
                    }
                    Action::Clock(date) => {
                        self.clock.server_says(date, Instant::now());
                        if let Err(error) = self.folder.remember_time(date) {
                            return Ok(Err(error));
                        }
                        event = Some(Event::Tick);
                    }
                    Action::TvSilent => tracing::warn!("the TV has given no sign of life for 15 s"),
                }
            }
        }
        Ok(Ok(()))
    }

    /// Whether NTP has set the system's clock; such a time is remembered, as the server's is.
    fn set_by_ntp(&self, yes: bool) -> Result<(), FolderError> {
        self.clock.synchronised(yes);
        if yes { self.folder.remember_time(Timestamp::now()) } else { Ok(()) }
    }

    fn now(&self) -> Now {
        let (instant, system) = (Instant::now(), Timestamp::now());
        Now { instant, system, trusted: self.clock.read().time(instant, system) }
    }

    /// Begins a call or a look; what was under way has become pointless.
    fn begin(&mut self, id: u64, task: impl Future<Output = Event> + Send + 'static) {
        if let Some((_, old)) = self.calling.replace((id, tokio::spawn(task))) {
            old.abort();
        }
    }

    /// Waits for what is under way; for ever where there is nothing.
    async fn answered(&mut self) -> Event {
        let Some((call, task)) = &mut self.calling else { return std::future::pending().await };
        let (call, joined) = (*call, task.await);
        self.calling = None;
        joined.unwrap_or_else(|error| Event::Answered { call, result: Err(CallError::Silent(error.to_string())) })
    }
}

impl<F> Drop for Edge<'_, F> {
    fn drop(&mut self) {
        if let Some((_, task)) = &self.calling {
            task.abort();
        }
    }
}

fn look() -> Network {
    network::look().unwrap_or_else(|error| {
        tracing::warn!("the network cannot be looked at: {error}");
        Network::Down
    })
}

/// The word for a log line: states hold names and codes that do not belong there.
const fn name(state: &State) -> &'static str {
    match state {
        State::Starting(_) => "starting",
        State::Pairing(_) => "pairing",
        State::Live(_) => "live",
        State::Updating(_) => "updating",
        State::Removed { .. } => "removed",
        State::Locked { .. } => "locked",
        State::Problem { .. } => "problem",
        State::Unknown => "unknown",
    }
}

fn starting() -> State {
    State::Starting(Startup {
        network: Check::Waiting,
        network_text: "looking at the network".to_owned(),
        server: Check::Waiting,
        server_text: "waiting for the network".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        screen: None,
    })
}

/// The newest state of a running agent as one line of JSON, without its access token.
///
/// # Errors
/// No agent answers at the socket.
pub async fn state_line(path: &Path) -> io::Result<String> {
    serde_json::to_string(&socket::newest(path).await?).map_err(io::Error::other)
}

/// Writes a line of JSON for the newest state of a running agent and for each that follows, without access tokens.
///
/// # Errors
/// No agent answers at the socket, it ended, or nobody takes the lines.
pub async fn follow_states(path: &Path, out: &mut impl io::Write) -> io::Result<Infallible> {
    let mut listener = socket::Listener::connect(path).await?;
    loop {
        writeln!(out, "{}", serde_json::to_string(&listener.next().await?)?)?;
        out.flush()?;
    }
}
