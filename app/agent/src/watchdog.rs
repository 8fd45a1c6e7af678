//! systemd's watchdog, fed from the one thread that does everything: if it hangs, systemd restarts the agent.

use sd_notify::NotifyState;

/// Says that the agent is ready, and that it is alive for as long as the future is polled. Without systemd it says
/// nothing and never ends.
pub(crate) async fn feed() {
    tell(NotifyState::Ready);
    let Some(period) = sd_notify::watchdog_enabled() else { return std::future::pending().await };
    let mut ticks = tokio::time::interval(period / 3);
    loop {
        ticks.tick().await;
        tell(NotifyState::Watchdog);
    }
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!("systemd does not hear that the agent is alive: {error}");
    }
}
