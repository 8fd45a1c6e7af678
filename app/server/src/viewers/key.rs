//! The key under which viewers' sessions are signed. The Broker keeps it sealed; this process has it while it runs.

use std::time::Duration;

use bridge::Broker;
use tokio::{sync::OnceCell, time::sleep};
use zeroize::Zeroizing;

/// How often, and how long between, a Broker is asked that does not answer: it starts beside the server.
const TRIES: usize = 10;
const BETWEEN: Duration = Duration::from_millis(300);

/// The key, once it was asked for.
pub(crate) struct SessionKey {
    broker: Broker,
    key: OnceCell<Zeroizing<[u8; 32]>>,
}

/// There is no key, so no session can be begun or looked at.
#[derive(Debug, thiserror::Error)]
#[error("the key for sessions is not to be had: {0}")]
pub(crate) struct KeyError(#[from] bridge::Error);

impl SessionKey {
    pub(crate) fn new(broker: Broker) -> Self {
        Self { broker, key: OnceCell::new() }
    }

    /// The key: the Broker's, or without a passphrase one that ends with this run.
    ///
    /// # Errors
    /// The Broker cannot be reached, or cannot read what it sealed.
    pub(super) async fn get(&self) -> Result<&[u8; 32], KeyError> {
        let key = self.key.get_or_try_init(|| async {
            match self.ask().await {
                Err(bridge::Error::Refused { code, .. }) if code == "no_passphrase" => {
                    tracing::warn!(
                        "there is no passphrase, so the key for sessions of viewers cannot be kept: they end when the \
                         server does. Set DASHBOARD_SECRET_PASSPHRASE, keep a copy of it, and start again"
                    );
                    Ok(Zeroizing::new(crate::random::bytes()))
                }
                asked => asked,
            }
        });
        Ok(key.await?)
    }

    async fn ask(&self) -> Result<Zeroizing<[u8; 32]>, bridge::Error> {
        for _ in 1..TRIES {
            match self.broker.session_key().await {
                Err(bridge::Error::Broker { .. }) => sleep(BETWEEN).await,
                asked => return asked,
            }
        }
        self.broker.session_key().await
    }
}
