//! The demo desk's on-call calendar: a feed like anybody's, so that it is read by the same code.

use std::fmt::Write as _;

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, date},
    tz::TimeZone,
};

use super::cast::{AGENTS, Team};

/// The Monday on which the rota began.
const FIRST: Date = date(2024, 1, 1);

/// Every so many weeks, one is swapped with the next in the rota.
const SWAPPED: i32 = 8;

/// An iCalendar feed as it is at an instant: the 2nd line takes turns by the week from Monday at nine, some weeks are
/// swapped, and one visit on site was cancelled.
pub fn feed(now: Timestamp, zone: &TimeZone) -> String {
    let people: Vec<&str> =
        AGENTS.iter().filter(|(_, team)| *team == Team::SecondLine).map(|(name, _)| *name).collect();
    let turns = people.len();
    let mut feed = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Nexus//Demo//EN\r\n".to_owned();
    for (turn, person) in people.iter().enumerate() {
        let from = monday(turn as i32);
        shift(&mut feed, turn, person, from, &format!("RRULE:FREQ=WEEKLY;INTERVAL={turns}\r\n"));
    }
    let today = zone.to_datetime(now).date();
    let week = (today - FIRST).get_days().div_euclid(7);
    for swapped in (week - 2..week + 12).filter(|week| week.rem_euclid(SWAPPED) == 3) {
        let turn = swapped.rem_euclid(turns as i32) as usize;
        let from = monday(swapped);
        let replaced = format!("RECURRENCE-ID:{}\r\n", from.strftime("%Y%m%dT090000"));
        shift(&mut feed, turn, people[(turn + 1) % turns], from, &replaced);
    }
    shift(&mut feed, turns, AGENTS[0].0, monday(week), "STATUS:CANCELLED\r\n");
    feed + "END:VCALENDAR\r\n"
}

fn monday(week: i32) -> Date {
    FIRST.saturating_add((week * 7).days())
}

/// A week's duty from nine to nine, with what else there is to say of it.
fn shift(feed: &mut String, uid: usize, person: &str, from: Date, more: &str) {
    let until = from.saturating_add(7.days());
    let (from, until) = (from.strftime("%Y%m%dT090000"), until.strftime("%Y%m%dT090000"));
    // Writing to a text cannot fail.
    let _ = write!(
        feed,
        "BEGIN:VEVENT\r\nUID:{uid}@demo\r\nSUMMARY:{person} - 2nd Line\r\nDTSTART:{from}\r\nDTEND:{until}\r\n{more}END:VEVENT\r\n"
    );
}

#[cfg(test)]
mod tests {
    use desk::Window;
    use jiff::SignedDuration;

    use super::*;
    use connectors::calendar::Calendar;

    #[test]
    fn somebody_of_the_second_line_is_on_call_at_every_hour_and_weeks_are_swapped() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let hour = |hours: i64| start + SignedDuration::from_hours(hours);
        let window = Window { start: hour(-24), end: hour(24 * 90) };
        let calendar = Calendar::read(&feed(start, &zone), &zone, window).unwrap();
        assert!(calendar.left_out().is_empty());
        let names: Vec<_> = (0..24 * 80)
            .map(|hours| {
                let on_call = calendar.on_call(hour(hours));
                assert_eq!(on_call.len(), 1, "{}", hour(hours));
                assert_eq!(on_call[0].role.as_deref(), Some("2nd Line"));
                on_call[0].name.clone()
            })
            .collect();
        let mut weeks = names;
        weeks.dedup();
        assert!(weeks.len() < 12, "a swap has one person twice in a row: {weeks:?}");
        assert_eq!(Calendar::read(&feed(start, &zone), &zone, window).unwrap(), calendar);
    }
}
