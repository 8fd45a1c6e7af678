//! systemd's watchdog, fed from the event loop: a loop that hangs is a program that is restarted.

use sd_notify::NotifyState;
use slint::{Timer, TimerMode};

/// Says that the program is ready, and that it is alive for as long as the timer lives and the event loop turns. Without
/// systemd it says nothing.
pub(crate) fn feed() -> Option<Timer> {
    tell(NotifyState::Ready);
    let period = sd_notify::watchdog_enabled()?;
    let timer = Timer::default();
    timer.start(TimerMode::Repeated, period / 3, || tell(NotifyState::Watchdog));
    Some(timer)
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!("systemd does not hear that this program is alive: {error}");
    }
}
