//! The feed itself, fetched by the Broker, which alone knows its address.

/// Where the on-call calendar comes from.
#[derive(Clone, Debug)]
pub struct Subscription {
    broker: bridge::Broker,
}

/// Why there is no feed. Names no more of its address than the host.
#[derive(Debug, thiserror::Error)]
pub enum NotRead {
    /// The Broker has an address, and says what is wrong with it or with what is there.
    #[error("the on-call calendar cannot be read: {0}")]
    Feed(bridge::Error),
    /// The Broker itself does not answer, and nobody else knows whether there is a calendar.
    #[error("nobody can be asked whether there is an on-call calendar: {0}")]
    Broker(bridge::Error),
}

impl From<bridge::Error> for NotRead {
    fn from(error: bridge::Error) -> Self {
        match error {
            bridge::Error::Refused { .. } => Self::Feed(error),
            error => Self::Broker(error),
        }
    }
}

impl Subscription {
    /// The calendar whose address this Broker keeps.
    pub fn through(broker: bridge::Broker) -> Self {
        Self { broker }
    }

    /// The feed's text as it is now; `None` where no address is set.
    ///
    /// # Errors
    /// The Broker or the feed's server does not answer as it should.
    pub async fn fetch(&self) -> Result<Option<String>, NotRead> {
        let feed = self.broker.calendar().await?;
        Ok(feed.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }
}
