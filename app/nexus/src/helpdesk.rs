//! The helpdesk that the settings name.

use bridge::Broker;
use connectors::{
    Mapping, OwnTime, PollError, Source, Warning,
    request_tracker::{self, RequestTracker},
};
use demo::Demo;
use jiff::{Timestamp, tz::TimeZone};
use server::{Config, Settings, settings};

/// The name under which the Broker keeps the connection.
const REQUEST_TRACKER: &str = "request-tracker";

/// Any helpdesk that can be read.
pub(crate) enum Helpdesk {
    Demo(Demo),
    // Boxed, because it is many times as large.
    RequestTracker(Box<RequestTracker>),
}

impl Helpdesk {
    /// The one that the settings name. Nothing is read yet.
    pub(crate) fn named(settings: &Settings, config: &Config) -> Self {
        match &settings.desk {
            settings::Desk::Demo(demo) => {
                // Settings are only accepted with a zone that there is.
                let zone = TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC);
                Self::Demo(Demo::new(demo.simulation(zone)))
            }
            settings::Desk::RequestTracker(connected) => {
                let connection = Broker::new(&config.broker_socket).connection(REQUEST_TRACKER);
                let mapping = connected.mapping.clone();
                let options = request_tracker::Options { mapping, ..request_tracker::Options::default() };
                Self::RequestTracker(Box::new(RequestTracker::new(connection, options)))
            }
        }
    }
}

impl Source for Helpdesk {
    fn provider(&self) -> &'static str {
        match self {
            Self::Demo(desk) => desk.provider(),
            Self::RequestTracker(desk) => desk.provider(),
        }
    }

    fn own_time(&self, now: Timestamp) -> Option<OwnTime> {
        match self {
            Self::Demo(desk) => desk.own_time(now),
            Self::RequestTracker(desk) => desk.own_time(now),
        }
    }

    async fn poll(&mut self, now: Timestamp) -> Result<desk::Batch, PollError> {
        match self {
            Self::Demo(desk) => desk.poll(now).await,
            Self::RequestTracker(desk) => desk.poll(now).await,
        }
    }

    fn remap(&mut self, mapping: &Mapping) {
        match self {
            Self::Demo(desk) => desk.remap(mapping),
            Self::RequestTracker(desk) => desk.remap(mapping),
        }
    }

    fn warnings(&self) -> Vec<Warning> {
        match self {
            Self::Demo(desk) => desk.warnings(),
            Self::RequestTracker(desk) => desk.warnings(),
        }
    }
}
