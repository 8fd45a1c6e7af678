//! When a process is to end: a signal, or the end of the supervisor, however that came about.

use std::io::Read;

use anyhow::Context;
use clap::Args;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

/// How a process hears that its supervisor is gone.
#[derive(Args, Clone, Copy, Default)]
pub(crate) struct Lifeline {
    /// End when standard input ends: the supervisor holds its other end, and even SIGKILL closes that.
    #[arg(long, hide = true)]
    lifeline: bool,
}

impl Lifeline {
    /// Waits for SIGTERM, SIGINT or the end of the supervisor. Signals are caught as soon as this returns.
    pub(crate) fn ends(self) -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
        let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
        let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
        let orphaned = self.lifeline.then(|| {
            let (let_go, held) = oneshot::channel();
            // A thread of its own, because a read of standard input cannot be cancelled; the process ends around it.
            std::thread::spawn(move || {
                await_end_of_input();
                let_go.send(())
            });
            held
        });
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                () = until(orphaned) => {}
            }
        })
    }
}

async fn until(orphaned: Option<oneshot::Receiver<()>>) {
    match orphaned {
        // An error means that the thread is gone, and with it whoever would have told.
        Some(orphaned) => orphaned.await.unwrap_or_default(),
        None => std::future::pending().await,
    }
}

fn await_end_of_input() {
    // Nothing is ever written there; an error means as well that nobody is at the other end.
    let mut byte = [0];
    while let Ok(1) = std::io::stdin().read(&mut byte) {}
}
