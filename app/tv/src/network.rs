//! The second thread: everything that waits for others. Agent, server and signals meet the user interface only in channels.

use std::{io, path::PathBuf, thread};

use device::{Live, Report};
use tokio::{
    runtime,
    signal::unix::{SignalKind, signal},
    sync::{mpsc, watch},
};

use crate::{agent, app::Event, stream};

/// Events that may wait for the user interface before a sender waits too.
const WAITING: usize = 64;

/// The ends of the channels that the user interface holds. When they are dropped, the thread ends.
#[derive(Debug)]
pub struct Network {
    /// What agent and server say.
    pub events: mpsc::Receiver<Event>,
    /// Which board is followed.
    pub target: watch::Sender<Option<Live>>,
    /// Reports to the agent.
    pub reports: mpsc::Sender<Report>,
}

impl Network {
    /// Starts the thread. `quit` is called when the program is asked to end (SIGTERM, SIGINT).
    ///
    /// # Errors
    /// The system gives no thread or no event queue.
    pub fn start(socket: PathBuf, quit: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let (send, events) = mpsc::channel(WAITING);
        let (target, targets) = watch::channel(None);
        let (reports, reported) = mpsc::channel(WAITING);
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let (mut terminate, mut interrupt) = {
            let _context = runtime.enter();
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)
        };
        let work = async move {
            let agent = agent::follow(&socket, reported, send.clone());
            let stream = stream::follow(targets, send);
            let signals = async {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                quit();
            };
            tokio::join!(agent, stream, signals);
        };
        thread::Builder::new().name("network".to_owned()).spawn(move || runtime.block_on(work))?;
        Ok(Self { events, target, reports })
    }
}
