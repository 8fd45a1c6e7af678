//! The team's name, its time zone and its business hours.

use jiff::{civil::Time, tz};

use super::{
    super::form::{Errors, Field, Kind, Values},
    Shown,
};
use crate::{
    app::App,
    settings::{BusinessHours, Desk, Settings, is_zone},
};

/// Longest name of a team; a longer one does not fit above a board.
const LONGEST: usize = 64;

pub(super) fn values(settings: &Settings) -> Values {
    let mut values = Values::default();
    values.put("team", &settings.team);
    values.put("time_zone", &settings.time_zone);
    let written = |time: Time| time.strftime("%H:%M").to_string();
    values.put("from", settings.business_hours.map(|hours| written(hours.from)).unwrap_or_default());
    values.put("to", settings.business_hours.map(|hours| written(hours.to)).unwrap_or_default());
    values
}

pub(super) fn shown(app: &App, settings: &Settings, values: &Values) -> Shown {
    let zone = match &app.configured.time_zone {
        Some(zone) => Field::new(
            "time_zone",
            "Time zone",
            "Set by NEXUS_TIME_ZONE or the configuration file; change it there.",
            Kind::Fixed { value: zone.clone() },
        ),
        None => Field::new(
            "time_zone",
            "Time zone",
            "Days begin and clocks run by it. An IANA name, like Europe/London.",
            Kind::Line { value: values.text("time_zone").to_owned(), input: "text", list: "zones" },
        ),
    };
    let without = match settings.desk {
        Desk::Demo(_) => "Without them, those of the demo desk hold: 08:00 to 18:00.",
        Desk::RequestTracker(_) => "Without them, durations count around the clock.",
    };
    Shown {
        title: "Settings".to_owned(),
        intro: "What holds for every board.".to_owned(),
        fields: vec![
            Field::line("team", "Team", "Leads the title of every board.", "text", values),
            zone,
            Field::line("from", "Business hours from", &format!("Monday to Friday. {without}"), "time", values),
            Field::line("to", "Business hours until", "", "time", values),
        ],
        rows: Vec::new(),
        zones: tz::db().available().map(|name| name.as_str().to_owned()).collect(),
    }
}

pub(super) fn apply(values: &Values, settings: Settings, zone_is_configured: bool) -> Result<Settings, Errors> {
    let mut errors = Errors::new();
    let mut wrong = |field: &str, error: &str| drop(errors.insert(field.to_owned(), error.to_owned()));
    let team = values.text("team");
    if team.is_empty() || team.chars().count() > LONGEST || team.chars().any(char::is_control) {
        wrong("team", "The team\u{2019}s name has 1 to 64 characters.");
    }
    let time_zone = if zone_is_configured { settings.time_zone.as_str() } else { values.text("time_zone") };
    if is_zone("", time_zone).is_err() {
        wrong("time_zone", "There is no such time zone. Write an IANA name, like Europe/London.");
    }
    let times = ["from", "to"].map(|field| match values.text(field) {
        "" => None,
        text => match text.parse::<Time>() {
            Ok(time) if time.second() == 0 && time.subsec_nanosecond() == 0 => Some(time),
            _ => {
                wrong(field, "Write a time like 08:00.");
                None
            }
        },
    });
    let business_hours = match times {
        [Some(from), Some(to)] if from < to => Some(BusinessHours { from, to }),
        [Some(_), Some(_)] => {
            wrong("to", "Business hours end later than they begin, on the same day.");
            None
        }
        [None, None] => None,
        [None, Some(_)] if values.text("from").is_empty() => {
            wrong("from", "Say from when, or leave both empty.");
            None
        }
        [Some(_), None] if values.text("to").is_empty() => {
            wrong("to", "Say until when, or leave both empty.");
            None
        }
        _ => None,
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Settings { team: team.to_owned(), time_zone: time_zone.to_owned(), business_hours, ..settings })
}
