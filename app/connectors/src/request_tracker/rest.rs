//! Requests to Request Tracker: paced, bounded, and with errors in a poll's own terms.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::time::{Instant, sleep};

use super::parse::{self, Malformed, Page, Queue, Ticket, Transaction, User};
use super::query::{self, QUEUE_FIELDS, TICKET_FIELDS, TRANSACTION_FIELDS};
use super::{PROVIDER, Pace};
use crate::PollError;

/// RT gives no more at once.
const PER_PAGE: &str = "100";

/// Pages of one question that are read at most. What lies beyond is reported, not read.
const MAX_PAGES: usize = 1000;
/// The same in rows, for an answer that holds more of them than were asked for.
const MAX_ROWS: usize = 100_000;

/// A clock that is further off than this makes running waits and due times wrong by as much.
const TOLERATED_SKEW: SignedDuration = SignedDuration::from_secs(60);

pub(super) struct Rest {
    connection: bridge::Connection,
    limiter: RateLimiter<NotKeyed, InMemoryState, RunTime, NoOpMiddleware<Duration>>,
    time: RunTime,
    /// What our clock showed when the poll began, and when that was.
    began: (Timestamp, Instant),
    /// By how much RT's clock is ahead of ours, where that is more than is tolerated.
    skew: Option<SignedDuration>,
}

/// What RT says of a user.
pub(super) enum Lookup {
    Found(User),
    /// There is nobody of that name, or none that can be asked for.
    Nobody,
    /// The token's user may not look up others.
    Refused,
}

/// Time as the runtime counts it, since a beginning of its own: a test decides how fast it goes.
#[derive(Clone, Copy, Debug)]
struct RunTime(Instant);

impl governor::clock::Clock for RunTime {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Some rows of an answer that is read in the order of its ids.
pub(super) struct Stretch<T> {
    pub(super) rows: Vec<T>,
    /// The id after which it goes on; nothing where this was all.
    pub(super) next: Option<u64>,
    unreadable: usize,
}

/// One row of a collection that is read in the order of its ids.
trait Numbered {
    fn id(&self) -> u64;
}

impl Numbered for Ticket {
    fn id(&self) -> u64 {
        self.id
    }
}

impl Numbered for Transaction {
    fn id(&self) -> u64 {
        self.id
    }
}

impl Rest {
    pub(super) fn new(connection: bridge::Connection, pace: Pace) -> Self {
        let at_least_one = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_minute(at_least_one(pace.requests_per_minute)).allow_burst(at_least_one(pace.burst));
        let time = RunTime(Instant::now());
        let limiter = RateLimiter::direct_with_clock(quota, time);
        Self { connection, limiter, time, began: (Timestamp::UNIX_EPOCH, Instant::now()), skew: None }
    }

    /// A poll begins, at this time by our clock.
    pub(super) fn begin(&mut self, now: Timestamp) {
        self.began = (now, Instant::now());
    }

    /// Every ticket that answers a question.
    pub(super) async fn tickets(&mut self, sql: &str) -> Result<Vec<Ticket>, PollError> {
        self.collection("tickets", sql, TICKET_FIELDS, parse::tickets).await
    }

    /// A page of the tickets that answer a question, from an id on.
    pub(super) async fn some_tickets(&mut self, sql: &str, after: u64) -> Result<Stretch<Ticket>, PollError> {
        let stretch = self.stretch("tickets", sql, after, TICKET_FIELDS, parse::tickets).await?;
        warn_of_unreadable("tickets", stretch.unreadable);
        Ok(stretch)
    }

    /// The relevant history of some tickets.
    pub(super) async fn history(&mut self, tickets: &[u64]) -> Result<Vec<Transaction>, PollError> {
        self.collection("transactions", &query::history(tickets), TRANSACTION_FIELDS, parse::transactions).await
    }

    /// Whether any ticket answers a question.
    pub(super) async fn any(&mut self, sql: &str) -> Result<bool, PollError> {
        let page = self.page("tickets", &[("query", sql), ("per_page", "1")], TICKET_FIELDS, parse::tickets).await?;
        Ok(!page.items.is_empty())
    }

    /// Every queue that the token's user may see.
    pub(super) async fn queues(&mut self) -> Result<Vec<Queue>, PollError> {
        let mut queues = Vec::new();
        for number in 1..=MAX_PAGES {
            let number = number.to_string();
            let asked = [("per_page", PER_PAGE), ("page", number.as_str())];
            let page: Page<Queue> = self.page("queues/all", &asked, QUEUE_FIELDS, parse::queues).await?;
            queues.extend(page.items);
            if page.last || queues.len() >= MAX_ROWS {
                break;
            }
        }
        Ok(queues)
    }

    /// By how much RT's clock is ahead of ours, where that is more than is tolerated.
    pub(super) fn skew(&self) -> Option<SignedDuration> {
        self.skew
    }

    /// A user, by login name.
    pub(super) async fn user(&mut self, name: &str) -> Result<Lookup, PollError> {
        let place = format!("user/{}", utf8_percent_encode(name, NON_ALPHANUMERIC));
        let response = match self.get(&place, &[]).await {
            Ok(response) => response,
            // A login name with a slash: its path cannot be told from another one.
            Err(bridge::Error::Refused { code, .. }) if code == "path_refused" => return Ok(Lookup::Nobody),
            Err(error) => return Err(failed(error)),
        };
        match response.status {
            StatusCode::NOT_FOUND => return Ok(Lookup::Nobody),
            StatusCode::FORBIDDEN => return Ok(Lookup::Refused),
            _ => {}
        }
        let body = accepted("user", response)?;
        parse::user(&body).map(Lookup::Found).map_err(|reason| malformed("user", reason))
    }

    async fn collection<T: Numbered>(
        &mut self,
        place: &str,
        sql: &str,
        fields: &[(&str, &str)],
        parse: fn(&[u8]) -> Result<Page<T>, Malformed>,
    ) -> Result<Vec<T>, PollError> {
        let (mut rows, mut unreadable, mut next): (Vec<T>, _, _) = (Vec::new(), 0, Some(0));
        while let Some(after) = next
            && rows.len() < MAX_ROWS
        {
            let stretch = self.stretch(place, sql, after, fields, parse).await?;
            unreadable += stretch.unreadable;
            rows.extend(stretch.rows);
            next = stretch.next;
        }
        warn_of_unreadable(place, unreadable);
        if next.is_some() {
            tracing::warn!(
                place,
                rows = rows.len(),
                "Request Tracker has more than is read at once; the rest is left out"
            );
        }
        Ok(rows)
    }

    async fn stretch<T: Numbered>(
        &mut self,
        place: &str,
        sql: &str,
        after: u64,
        fields: &[(&str, &str)],
        parse: fn(&[u8]) -> Result<Page<T>, Malformed>,
    ) -> Result<Stretch<T>, PollError> {
        let sql = query::after(sql, after);
        let asked = [("query", sql.as_str()), ("per_page", PER_PAGE), ("orderby", "id"), ("order", "ASC")];
        let Page { items: rows, unreadable, last } = self.page(place, &asked, fields, parse).await?;
        // An answer that does not go forward would be asked for again and again.
        let next = rows.last().map(Numbered::id).filter(|id| *id > after && !last);
        Ok(Stretch { rows, next, unreadable })
    }

    async fn page<T>(
        &mut self,
        place: &str,
        asked: &[(&str, &str)],
        fields: &[(&str, &str)],
        parse: fn(&[u8]) -> Result<Page<T>, Malformed>,
    ) -> Result<Page<T>, PollError> {
        let response = self.get(place, &[asked, fields].concat()).await.map_err(failed)?;
        parse(&accepted(place, response)?).map_err(|reason| unreadable(place, &reason))
    }

    async fn get(&mut self, place: &str, query: &[(&str, &str)]) -> Result<bridge::Response, bridge::Error> {
        while let Err(not_yet) = self.limiter.check() {
            sleep(not_yet.wait_time_from(self.time.now())).await;
        }
        let sent = Instant::now();
        let response = self.connection.get(place, query).await?;
        if let Some(theirs) = response.date() {
            let (now, began) = self.began;
            self.compare_clocks(theirs, now + (sent - began) + sent.elapsed() / 2);
        }
        Ok(response)
    }

    fn compare_clocks(&mut self, theirs: Timestamp, ours: Timestamp) {
        let skew = theirs.duration_since(ours);
        let skewed = skew.abs() > TOLERATED_SKEW;
        if skewed && self.skew.is_none() {
            tracing::warn!(
                seconds = skew.as_secs(),
                "Request Tracker's clock differs from ours; waits and due times are off by as much until both are set right"
            );
        } else if self.skew.is_some() && !skewed {
            tracing::info!("Request Tracker's clock agrees with ours again");
        }
        self.skew = skewed.then_some(SignedDuration::from_secs(skew.as_secs()));
    }
}

fn warn_of_unreadable(place: &str, unreadable: usize) {
    if unreadable > 0 {
        tracing::warn!(place, unreadable, "Request Tracker sent records that cannot be read; they are left out");
    }
}

/// What a new connection is tried with: the path and query of the first request of every poll, for less of its answer.
pub const TRIAL: (&str, &str) = ("queues/all", "per_page=1");

/// What is said where [`TRIAL`] is answered by something else.
pub const ELSEWHERE: &str = "Request Tracker 5 with its REST 2.0 interface seems not to be at this address: give the one \
    under which its start page opens in a browser, such as https://rt.example.com or https://www.example.com/rt";

/// Whether the answer to [`TRIAL`] is one of a Request Tracker that takes the token.
///
/// # Errors
/// [`PollError::Refused`] or [`PollError::Malformed`], as a poll would end; [`PollError::Unreachable`] where the provider
/// answers with an error of its own, which says nothing about the token.
pub fn judge_trial(status: StatusCode, body: &[u8]) -> Result<(), PollError> {
    let (place, _) = TRIAL;
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(PollError::Unreachable { provider: PROVIDER, reason: format!("it answered {status}") });
    }
    judge(place, status)?;
    parse::queues(body).map(drop).map_err(|reason| unreadable(place, &reason))
}

fn accepted(place: &str, response: bridge::Response) -> Result<bytes::Bytes, PollError> {
    judge(place, response.status).map(|()| response.body)
}

fn judge(place: &str, status: StatusCode) -> Result<(), PollError> {
    let refused = |reason: String| PollError::Refused { provider: PROVIDER, reason };
    match status {
        status if status.is_success() => Ok(()),
        StatusCode::UNAUTHORIZED => Err(refused("it does not know the token (401)".to_owned())),
        StatusCode::FORBIDDEN => Err(refused(format!("the token's user lacks the right to read {place} (403)"))),
        StatusCode::NOT_FOUND => Err(malformed(
            place,
            format!("there is no REST 2.0 interface at the connection's address (404); {ELSEWHERE}"),
        )),
        status if status.is_redirection() => Err(malformed(
            place,
            format!("it redirects elsewhere ({status}); connect with the address that it redirects to"),
        )),
        status => Err(malformed(place, format!("it answered {status}"))),
    }
}

fn unreadable(place: &str, reason: &Malformed) -> PollError {
    // Whoever answers the first request in another way may well be somebody else.
    if place == TRIAL.0 { malformed(place, format!("{reason}; {ELSEWHERE}")) } else { malformed(place, reason) }
}

fn malformed(place: &str, reason: impl ToString) -> PollError {
    PollError::Malformed { provider: PROVIDER, place: place.to_owned(), reason: reason.to_string() }
}

fn failed(error: bridge::Error) -> PollError {
    match error {
        bridge::Error::Busy { wait } => {
            PollError::RateLimited { provider: PROVIDER, seconds: wait.map_or(60, |wait| wait.as_secs().max(1)) }
        }
        bridge::Error::Refused { message, .. } => PollError::Unusable { provider: PROVIDER, reason: message },
        other => PollError::Unreachable { provider: PROVIDER, reason: other.to_string() },
    }
}
