//! One board on one server, connection after connection.

use std::{error::Error as _, sync::Arc, time::Duration};

use board::{
    Revision,
    wire::{self, Decoder, Item, Message},
};
use device::Live;
use jiff::{Timestamp, fmt::rfc2822};
use reqwest::{
    Client, Proxy, Response, StatusCode, Url,
    header::{ACCEPT, CONTENT_TYPE, DATE, HeaderMap},
    redirect,
};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

use super::{Event, Loss, tls};

/// How long a server may take to accept a connection, TLS included.
const CONNECT: Duration = Duration::from_secs(5);

/// How long it may take to begin its answer.
const ANSWER: Duration = Duration::from_secs(10);

/// Why a session cannot be.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Tls(#[from] tls::Error),
    #[error("no HTTP client: {0}")]
    Client(#[from] reqwest::Error),
    #[error("{0} is no address of a server")]
    Address(Url),
}

/// How a connection ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) loss: Loss,
    /// For the journal.
    pub(super) words: String,
    /// After how long the server wants to see the screen again, if it said so.
    pub(super) come_back: Duration,
    /// For how long the server had spoken.
    pub(super) served: Duration,
}

impl Ended {
    fn because(loss: Loss, words: impl Into<String>) -> Self {
        Self { loss, words: words.into(), come_back: Duration::ZERO, served: Duration::ZERO }
    }
}

pub(super) struct Session {
    client: Client,
    events: Url,
    /// Where the stream resumes.
    last_event: Option<wire::EventId>,
}

impl Session {
    pub(super) fn new(live: &Live, clock: Arc<tls::Clock>) -> Result<Self, Error> {
        clock.set(live.clock_offset);
        // The agent says which way; an environment variable does not send the token elsewhere.
        let client = match &live.proxy {
            Some(proxy) => Client::builder().proxy(Proxy::all(proxy.clone())?),
            None => Client::builder().no_proxy(),
        };
        let client = client
            .tls_backend_preconfigured(tls::config(&live.trust, clock)?)
            .https_only(true)
            .http1_only()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .build()?;
        let mut events = live.server.clone();
        events.path_segments_mut().map_err(|()| Error::Address(live.server.clone()))?.pop_if_empty().extend([
            "api",
            "v1",
            "boards",
            &live.board,
            "events",
        ]);
        Ok(Self { client, events, last_event: None })
    }

    /// One connection, from its start to its end; `None` once nobody listens.
    pub(super) async fn run<E: From<Event>>(
        &mut self,
        token: &str,
        silence: Duration,
        events: &mpsc::Sender<E>,
    ) -> Option<Ended> {
        let response = match self.connect(token).await {
            Ok(response) => response,
            Err(ended) => return Some(ended),
        };
        let mut open_since = None;
        let ended = self.listen(response, silence, events, &mut open_since).await?;
        Some(Ended { served: open_since.map_or(Duration::ZERO, |since: Instant| since.elapsed()), ..ended })
    }

    /// Reads a stream to its end; `open_since` is when its first event came.
    async fn listen<E: From<Event>>(
        &mut self,
        mut response: Response,
        silence: Duration,
        events: &mpsc::Sender<E>,
        open_since: &mut Option<Instant>,
    ) -> Option<Ended> {
        let date = date(response.headers());
        let mut decoder = Decoder::default();
        let mut items = Vec::new();
        loop {
            let read = match timeout(silence, response.chunk()).await {
                Err(_) => {
                    return Some(Ended::because(Loss::Silent, format!("nothing came for {} s", silence.as_secs())));
                }
                Ok(Err(error)) => return Some(Ended::because(Loss::Unreachable, words(&error))),
                Ok(Ok(None)) => return Some(Ended::because(Loss::Unreachable, "the server ended it")),
                Ok(Ok(Some(bytes))) => decoder.push(&bytes, &mut items),
            };
            for item in items.drain(..) {
                let event = match item {
                    Item::Comment => None,
                    Item::Message(message) => match self.read(message) {
                        Ok(event) => event,
                        Err(ended) => return Some(ended),
                    },
                };
                if open_since.is_none() {
                    *open_since = Some(Instant::now());
                    events.send(Event::Open { date }.into()).await.ok()?;
                }
                match event {
                    Some((wire::Event::Bye(bye), _)) => {
                        let come_back = Duration::from_millis(bye.after_ms);
                        return Some(Ended {
                            come_back,
                            ..Ended::because(Loss::Bye, "the server goes away for a while")
                        });
                    }
                    Some((event, revision)) => events.send(Event::Changed { event, revision }.into()).await.ok()?,
                    None => {}
                }
            }
            if let Err(error) = read {
                self.last_event = None;
                return Some(Ended::because(Loss::Malformed, error.to_string()));
            }
        }
    }

    async fn connect(&self, token: &str) -> Result<Response, Ended> {
        let mut request = self.client.get(self.events.clone()).bearer_auth(token).header(ACCEPT, "text/event-stream");
        if let Some(id) = &self.last_event {
            request = request.header("Last-Event-ID", id.to_string());
        }
        let response = timeout(ANSWER, request.send())
            .await
            .map_err(|_| Ended::because(Loss::Unreachable, format!("no answer in {} s", ANSWER.as_secs())))?
            .map_err(|error| {
                Ended::because(if is_distrust(&error) { Loss::Untrusted } else { Loss::Unreachable }, words(&error))
            })?;
        let status = response.status();
        match status {
            StatusCode::OK if is_event_stream(response.headers()) => Ok(response),
            StatusCode::OK => Err(Ended::because(Loss::Malformed, "the answer is not an event stream")),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(Ended::because(Loss::Refused, format!("the access token is refused ({status})")))
            }
            StatusCode::NOT_FOUND => Err(Ended::because(Loss::NoBoard, "the server has no such board")),
            _ => Err(Ended::because(Loss::Unreachable, format!("the server answers {status}"))),
        }
    }

    /// Reads an event; `None` for one that this version does not know. After a malformed one the stream is asked for from
    /// the start: a whole board may mend what a change cannot.
    fn read(&mut self, message: Message) -> Result<Option<(wire::Event, Option<Revision>)>, Ended> {
        let Message { name, data, id } = message;
        let event = wire::Event::from_fields(&name, &data).map_err(|error| {
            self.last_event = None;
            Ended::because(Loss::Malformed, error.to_string())
        })?;
        let id: Option<wire::EventId> = id.and_then(|id| id.parse().ok());
        if id.is_some() {
            self.last_event = id;
        }
        Ok(event.map(|event| (event, id.map(|id| id.revision))))
    }
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/event-stream"))
}

/// The `Date` of an answer (RFC 9110 section 6.6.1), which is a date of e-mail (RFC 5322) too.
fn date(headers: &HeaderMap) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(headers.get(DATE)?.to_str().ok()?).ok()
}

/// Whether a request failed because the server is not who it should be.
fn is_distrust(error: &reqwest::Error) -> bool {
    causes(error).any(|mut cause| {
        // An I/O error does not name what it wraps as its source, and rustls' come wrapped more than once.
        while let Some(inner) = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            cause = inner;
        }
        matches!(cause.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)))
    })
}

/// All that an error says, without the address that it says first.
fn words(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}
