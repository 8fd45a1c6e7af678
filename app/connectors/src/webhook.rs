//! The alert webhook, through the Broker, which alone knows its address and signs what goes there.

pub use bridge::{Delivered, Error as NotSent, Webhook as Known};
use bytes::Bytes;

/// Where alerts are sent.
#[derive(Clone, Debug)]
pub struct Webhook {
    broker: bridge::Broker,
}

impl Webhook {
    /// The webhook whose address this Broker keeps.
    pub fn through(broker: bridge::Broker) -> Self {
        Self { broker }
    }

    /// Whether there is one, and which.
    ///
    /// # Errors
    /// The Broker does not answer.
    pub async fn known(&self) -> Result<Known, NotSent> {
        self.broker.webhook().await
    }

    /// Sends a body under an id, which is the same at every try; `None` where there is no webhook.
    ///
    /// # Errors
    /// The Broker or the receiver does not answer.
    pub async fn send(&self, id: &str, body: String) -> Result<Option<Delivered>, NotSent> {
        self.broker.deliver(id, Bytes::from(body)).await
    }
}
