use std::sync::Mutex;
use std::time::Duration;

use backon::Retryable;
use http::StatusCode;
use jiff::Timestamp;
use url::form_urlencoded;

use crate::{Broker, Error, Outcome, Patience, Response, Streak, wire};

/// A provider, read through the Broker's signing proxy.
#[derive(Debug)]
pub struct Connection {
    broker: Broker,
    id: String,
    patience: Patience,
    streak: Mutex<Streak>,
}

impl Connection {
    pub(crate) fn new(broker: Broker, id: &str) -> Self {
        Self { broker, id: id.to_owned(), patience: Patience::default(), streak: Mutex::default() }
    }

    /// The same connection, more or less patient.
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// Reads `path` (relative to the connection's address, without a slash before it) with a query.
    ///
    /// A provider that does not answer, or answers 429 or 5xx, is asked again with backoff and full
    /// jitter, or after the time that its `Retry-After` names, until it failed
    /// [`Patience::failures`] times in a row; after that it is left alone but for one try a minute. Every
    /// other answer is returned, whatever its status.
    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Response, Error> {
        if let Some(wait) = self.streak().wait(&self.patience, Timestamp::now()) {
            return Err(Error::Degraded { wait });
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let target = format!("/connections/{}/proxy/{path}?{query}", self.id);
        let pauses = (1..self.patience.failures).map_while(|failures| self.pause(failures));
        (|| self.attempt(&target))
            .retry(pauses)
            .when(is_worth_retrying)
            .adjust(|error, pause| match error.wait() {
                Some(wait) => pause.and((wait <= self.patience.longest).then_some(wait)),
                None => pause,
            })
            .notify(|error, pause| tracing::debug!(connection = %self.id, ?pause, "asking again: {error}"))
            .await
    }

    fn pause(&self, failures: u32) -> Option<Duration> {
        // Without random bytes the whole pause is waited, which is safe and only less even.
        let chance = getrandom::u32().map_or(1.0, |random| f64::from(random) / f64::from(u32::MAX));
        (!self.streak().is_degraded(&self.patience)).then(|| self.patience.pause(failures, chance))
    }

    async fn attempt(&self, target: &str) -> Result<Response, Error> {
        let result = match wire::get(self.broker.socket(), target).await {
            Ok(Ok(response)) => judge(response),
            Ok(Err(words)) => Err(told(words)),
            Err(error) => Err(error),
        };
        let outcome = match &result {
            Err(Error::Unreachable(_) | Error::Busy { .. }) => Outcome::Failed,
            Ok(_) => Outcome::Answered,
            // Says nothing about the provider.
            Err(_) => return result,
        };
        let mut streak = self.streak.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *streak = streak.after(outcome, Timestamp::now());
        result
    }

    fn streak(&self) -> Streak {
        *self.streak.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn judge(response: Response) -> Result<Response, Error> {
    match (response.status, response.retry_after()) {
        (StatusCode::TOO_MANY_REQUESTS, wait) | (StatusCode::SERVICE_UNAVAILABLE, wait @ Some(_)) => {
            Err(Error::Busy { wait })
        }
        (status, _) if status.is_server_error() => Err(Error::Unreachable(format!("the provider answered {status}"))),
        _ => Ok(response),
    }
}

fn told(words: wire::Words) -> Error {
    match words.code.as_str() {
        "unreachable" | "timeout" => Error::Unreachable(words.message),
        _ => Error::Refused { code: words.code, message: words.message },
    }
}

fn is_worth_retrying(error: &Error) -> bool {
    matches!(error, Error::Broker { .. } | Error::Unreachable(_) | Error::Busy { .. })
}
