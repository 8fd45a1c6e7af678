//! systemd's watchdog. The program is ready once a frame could be drawn that nobody sees and the event loop answers; it is
//! alive for as long as that loop goes on to answer. A loop that hangs is a program that is restarted, and a system whose
//! TV cannot draw is none that works.

use std::{io, sync::mpsc::channel, thread, time::Duration};

use anyhow::{Context as _, anyhow, ensure};
use jiff::Timestamp;
use sd_notify::NotifyState;
use tv::{
    app::{App, Now},
    snapshot,
};

use crate::zone;

/// Pixels of the frame that nobody sees: every part of a screen is in it, and little work.
const WIDTH: u32 = 640;
const HEIGHT: u32 = 360;

/// Attends to it from a thread of its own for as long as the event loop of this thread's platform runs.
///
/// # Errors
/// The system gives no thread.
pub(crate) fn start() -> io::Result<()> {
    let period = sd_notify::watchdog_enabled();
    let attend = move || attend(off_screen(), period, answers, thread::sleep, tell);
    thread::Builder::new().name("watchdog".to_owned()).spawn(attend).map(drop)
}

fn attend(
    drawn: anyhow::Result<()>,
    period: Option<Duration>,
    mut answers: impl FnMut() -> bool,
    mut wait: impl FnMut(Duration),
    mut tell: impl FnMut(NotifyState<'static>),
) {
    if let Err(error) = drawn {
        tracing::error!("this program is not ready: {error:#}");
        return;
    }
    if !answers() {
        return;
    }
    tell(NotifyState::Ready);
    let Some(period) = period else { return };
    loop {
        wait(period / 3);
        if !answers() {
            return;
        }
        tell(NotifyState::Watchdog);
    }
}

/// Draws the start screen into memory, which is given back with the thread that does it.
fn off_screen() -> anyhow::Result<()> {
    let draw = || {
        let (now, app) = (Now { since_start: Duration::ZERO, wall: Timestamp::now() }, App::new(zone()));
        let picture = snapshot::render(&app.screen(now), WIDTH, HEIGHT, app.time(now))?;
        let first = picture.pixels().first();
        ensure!(picture.pixels().iter().any(|pixel| Some(pixel) != first), "a frame shows nothing");
        Ok(())
    };
    let thread = thread::Builder::new().name("off-screen".to_owned()).spawn(draw).context("no thread to draw in")?;
    thread.join().map_err(|_| anyhow!("drawing a frame ended in a panic"))?
}

/// Waits until the event loop has answered; `false` once it has ended.
fn answers() -> bool {
    let (answer, answered) = channel();
    let asked = slint::invoke_from_event_loop(move || {
        let _ = answer.send(());
    });
    asked.is_ok() && answered.recv().is_ok()
}

/// Without systemd it says nothing.
fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!("systemd does not hear that this program is alive: {error}");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    /// What is told where drawing ends like this and the event loop answers so often.
    fn told(drawn: anyhow::Result<()>, times: usize) -> Vec<String> {
        let (mut asked, mut told) = (0, Vec::new());
        let answers = || {
            asked += 1;
            asked <= times
        };
        attend(drawn, Some(Duration::from_secs(30)), answers, |_| {}, |state| told.push(format!("{state:?}")));
        told
    }

    #[test]
    fn it_is_ready_once_it_has_drawn_and_answers_and_alive_while_it_answers() {
        assert_eq!(told(Ok(()), 3), ["Ready", "Watchdog", "Watchdog"]);
        assert_eq!(told(Ok(()), 0), [""; 0], "a loop that does not turn");
        assert_eq!(told(Err(anyhow!("no letters")), 3), [""; 0], "a program that cannot draw");
    }

    #[test]
    fn a_frame_can_be_drawn_without_a_display() {
        off_screen().unwrap();
    }
}
