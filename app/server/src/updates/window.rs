//! The maintenance window: at which hours screens may restart.

use device::fleet::Window;
use jiff::{Timestamp, ToSpan, tz::TimeZone};

use crate::settings::MaintenanceHours;

/// The window that is open, or opens next. One that passes midnight belongs to the day on which it opens.
pub(super) fn window(hours: MaintenanceHours, zone: &TimeZone, now: Timestamp) -> Option<Window> {
    let today = now.to_zoned(zone.clone()).date();
    // A day on which the clocks change may have none.
    (-1_i32..=2).find_map(|days| {
        let day = today.checked_add(days.days()).ok()?;
        let end = if hours.from < hours.to { day } else { day.tomorrow().ok()? };
        let at = |day: jiff::civil::Date, time| Some(day.to_datetime(time).to_zoned(zone.clone()).ok()?.timestamp());
        let window = Window { opens_at: at(day, hours.from)?, closes_at: at(end, hours.to)? };
        (window.closes_at > now && window.opens_at < window.closes_at).then_some(window)
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::Time;

    use super::*;

    fn at(hours: (i8, i8), zone: &str, now: &str) -> (String, String) {
        let time = |hour| Time::new(hour, 0, 0, 0).unwrap();
        let hours = MaintenanceHours { from: time(hours.0), to: time(hours.1) };
        let window = window(hours, &TimeZone::get(zone).unwrap(), now.parse().unwrap()).unwrap();
        (window.opens_at.to_string(), window.closes_at.to_string())
    }

    fn pair(opens: &str, closes: &str) -> (String, String) {
        (opens.to_owned(), closes.to_owned())
    }

    #[test]
    fn the_window_is_that_of_the_servers_zone() {
        let nightly = pair("2026-11-28T01:00:00Z", "2026-11-28T03:00:00Z");
        assert_eq!(at((2, 4), "Europe/Berlin", "2026-11-27T22:00:00Z"), nightly);
        assert_eq!(at((2, 4), "Europe/Berlin", "2026-11-28T02:59:59Z"), nightly);
        let next = pair("2026-11-29T01:00:00Z", "2026-11-29T03:00:00Z");
        assert_eq!(at((2, 4), "Europe/Berlin", "2026-11-28T03:00:00Z"), next);
    }

    #[test]
    fn a_window_that_passes_midnight_is_one() {
        let night = pair("2026-11-27T22:00:00Z", "2026-11-28T05:00:00Z");
        for now in ["2026-11-27T20:00:00Z", "2026-11-27T23:00:00Z", "2026-11-28T04:00:00Z"] {
            assert_eq!(at((22, 5), "Etc/UTC", now), night, "{now}");
        }
    }

    #[test]
    fn where_the_clocks_skip_an_hour_the_window_is_the_rest_of_it_or_another_days() {
        // 02:00 to 03:00 does not exist in Berlin on 29 March 2026.
        assert_eq!(
            at((1, 4), "Europe/Berlin", "2026-03-29T00:30:00Z"),
            pair("2026-03-29T00:00:00Z", "2026-03-29T02:00:00Z")
        );
        let (opens, _) = at((2, 3), "Europe/Berlin", "2026-03-28T12:00:00Z");
        assert!(opens.starts_with("2026-03-29") || opens.starts_with("2026-03-30"), "{opens}");
    }
}
