//! Tells systemd, where it started us, that the server serves and lives. Elsewhere this does nothing.

use sd_notify::NotifyState;

/// Says it.
pub(crate) fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::debug!(%error, "systemd was not told");
    }
}

/// Shows again and again that this process's tasks run, for as long as it is polled.
pub(crate) async fn live() {
    let Some(period) = sd_notify::watchdog_enabled() else { return std::future::pending().await };
    let mut beats = tokio::time::interval(period / 2);
    loop {
        beats.tick().await;
        tell(NotifyState::Watchdog);
    }
}
