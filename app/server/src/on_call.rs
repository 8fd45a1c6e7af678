//! The rota: the on-call calendar read every few minutes, beside everything else.

use std::{
    sync::{Arc, Once},
    time::Duration,
};

use connectors::calendar::{Calendar, NotRead, Subscription};
use desk::Window;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use tokio::{task::spawn_blocking, time::sleep};

use crate::app::App;

/// How often the feed is read.
const EVERY: Duration = Duration::from_secs(300);

/// How soon it is tried again where that failed, and how often the Broker is asked for an address where none is set.
const SOON: Duration = Duration::from_secs(30);

/// How long a Broker that is started beside the server may take, and how often it is looked whether it is there.
const STARTING: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(500);

/// How far shifts are read ahead: the next one may be a while away.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 120);

/// How far they are read back: a simulated desk may be a little behind.
const BACK: SignedDuration = SignedDuration::from_hours(24 * 2);

/// What is known of who is on call. The last good feed stays until a newer one is read.
#[derive(Clone, Debug)]
pub(crate) struct Rota {
    /// Nobody at any time, before the first good feed.
    pub(crate) calendar: Calendar,
    /// When the feed was last read well.
    pub(crate) read_at: Option<Timestamp>,
    /// When it was first asked for.
    since: Timestamp,
}

impl Rota {
    /// For how long the feed has not been read well.
    pub(crate) fn age(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.read_at.unwrap_or(self.since))
    }

    /// The simulated desk's own, at its time.
    pub(crate) fn of_demo(now: Timestamp, zone: &TimeZone) -> Self {
        let feed = demo::on_call_feed(now, zone);
        match Calendar::read(&feed, zone, window(now)) {
            Ok(calendar) => Self { calendar, read_at: Some(now), since: now },
            // What is our own reads well; should it not, the wall waits for it, and does not say that nobody is on call.
            Err(unreadable) => {
                static TOLD: Once = Once::new();
                TOLD.call_once(|| tracing::error!("the demo desk's own on-call calendar cannot be read: {unreadable}"));
                Self { calendar: Calendar::default(), read_at: None, since: now }
            }
        }
    }
}

fn window(now: Timestamp) -> Window {
    let shifted = |by: SignedDuration| now.saturating_add(by).unwrap_or(now);
    Window { start: shifted(-BACK), end: shifted(AHEAD) }
}

/// Reads the calendar again and again until the server stops.
pub(crate) async fn watch(app: Arc<App>, subscription: Subscription) {
    tokio::select! {
        () = app.stopping.cancelled() => return,
        () = broker_answers(&app.broker) => {}
        () = sleep(STARTING) => {}
    }
    let mut changes = app.settings.subscribe();
    let mut complained = None;
    loop {
        let read = read(&app, &subscription).await;
        let wait = match &read {
            Ok(true) => EVERY,
            Ok(false) | Err(_) => SOON,
        };
        // Once for each trouble: a desk without a calendar need not hear of it all day.
        let complaint = read.err();
        if let Some(complaint) = complaint.as_ref().filter(|complaint| complained.as_ref() != Some(*complaint)) {
            tracing::warn!("{complaint}");
        }
        complained = complaint;
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = sleep(wait) => {}
            // Whole days are in the zone of the settings.
            _ = changes.changed() => {}
        }
    }
}

/// Waits for the Broker: before it answers, nobody knows whether there is a calendar.
async fn broker_answers(broker: &bridge::Broker) {
    while broker.health().await.is_err() {
        sleep(LOOK).await;
    }
}

/// Reads it once. Says whether there is one to read.
async fn read(app: &App, subscription: &Subscription) -> Result<bool, String> {
    let now = app.clock.now();
    let fetched = match subscription.fetch().await {
        Ok(Some(feed)) => calendar_of(app, feed, now).await,
        Ok(None) => {
            app.rota.send_if_modified(|rota| rota.take().is_some());
            return Ok(false);
        }
        Err(error @ NotRead::Broker(_)) if app.rota.borrow().is_none() => return Err(error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let (calendar, complaint) = match fetched {
        Ok(calendar) => (Some(calendar), None),
        Err(complaint) => (None, Some(complaint)),
    };
    app.rota.send_modify(|rota| {
        let before = rota.as_deref().cloned();
        let mut next = before.unwrap_or(Rota { calendar: Calendar::default(), read_at: None, since: now });
        if let Some(calendar) = calendar {
            (next.calendar, next.read_at) = (calendar, Some(now));
        }
        *rota = Some(Arc::new(next));
    });
    complaint.map_or(Ok(true), Err)
}

/// The shifts of a feed. On a thread where it may take its time: a feed is foreign.
async fn calendar_of(app: &App, feed: String, now: Timestamp) -> Result<Calendar, String> {
    let zone = TimeZone::get(&app.settings().time_zone).unwrap_or(TimeZone::UTC);
    let read = spawn_blocking(move || Calendar::read(&feed, &zone, window(now))).await;
    let calendar = match read {
        Ok(read) => read.map_err(|unreadable| format!("the on-call calendar cannot be read: {unreadable}"))?,
        Err(_) => return Err("the on-call calendar cannot be read: its reader gave up".to_owned()),
    };
    for (reason, count) in calendar.left_out() {
        tracing::warn!(count, "events of the on-call calendar are left out: {reason}");
    }
    Ok(calendar)
}
