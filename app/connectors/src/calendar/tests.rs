//! Feeds as rotas' programs write them, and feeds as nobody should.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod hostile;
mod styles;

use desk::Window;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

/// A year from the first of March 2026.
fn window() -> Window {
    Window { start: at("2026-03-01T00:00:00Z"), end: at("2027-03-01T00:00:00Z") }
}

fn read(events: &str) -> Calendar {
    let lines = format!("BEGIN:VCALENDAR\nVERSION:2.0\n{events}\nEND:VCALENDAR\n").replace('\n', "\r\n");
    Calendar::read(&lines, &berlin(), window()).unwrap()
}

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\nUID:one\n{lines}\nEND:VEVENT")
}

/// "name, start, end" of every shift, in the zone of Berlin.
fn told(calendar: &Calendar) -> Vec<String> {
    let local = |at: Timestamp| at.to_zoned(berlin()).strftime("%m-%d %H:%M").to_string();
    let words = |shift: &Shift| format!("{} {} to {}", shift.name, local(shift.start), local(shift.end));
    calendar.shifts.iter().map(words).collect()
}

#[test]
fn a_weekly_rota_hands_over_at_the_same_time_on_the_wall_whatever_clocks_do() {
    let calendar = read(&event(
        "SUMMARY:Amara\nDTSTART;TZID=Europe/Berlin:20260323T090000\nDTEND;TZID=Europe/Berlin:20260330T090000\nRRULE:FREQ=WEEKLY;COUNT=2",
    ));
    assert_eq!(told(&calendar), ["Amara 03-23 09:00 to 03-30 09:00", "Amara 03-30 09:00 to 04-06 09:00"]);
    // The week in which clocks go forward has an hour less.
    assert_eq!(calendar.shifts[0].end.duration_since(calendar.shifts[0].start), SignedDuration::from_hours(7 * 24 - 1));
    assert_eq!(calendar.shifts[0].end, calendar.shifts[1].start);
}

#[test]
fn hours_of_a_duration_are_hours_and_its_days_are_days() {
    let start = "SUMMARY:Amara\nDTSTART;TZID=Europe/Berlin:20260328T120000\n";
    assert_eq!(told(&read(&event(&format!("{start}DURATION:PT24H")))), ["Amara 03-28 12:00 to 03-29 13:00"]);
    assert_eq!(told(&read(&event(&format!("{start}DURATION:P1D")))), ["Amara 03-28 12:00 to 03-29 12:00"]);
}

#[test]
fn whole_days_run_from_local_midnight_to_midnight() {
    let calendar = read(&event("SUMMARY:Amara\nDTSTART;VALUE=DATE:20260329\nDTEND;VALUE=DATE:20260330"));
    assert_eq!(told(&calendar), ["Amara 03-29 00:00 to 03-30 00:00"]);
    assert_eq!(calendar.shifts[0].end.duration_since(calendar.shifts[0].start), SignedDuration::from_hours(23));
    let long = read(&event("SUMMARY:Amara\nDTSTART;VALUE=DATE:20261025\n"));
    assert_eq!(long.shifts[0].end.duration_since(long.shifts[0].start), SignedDuration::from_hours(25));
    let daily = read(&event("SUMMARY:Amara\nDTSTART;VALUE=DATE:20260327\nRRULE:FREQ=DAILY;UNTIL=20260330"));
    assert_eq!(daily.shifts.len(), 4);
    assert!(daily.shifts.windows(2).all(|pair| pair[0].end == pair[1].start));
}

#[test]
fn times_that_clocks_skip_or_repeat_mean_what_the_rfc_says() {
    let skipped = read(&event(
        "SUMMARY:Amara\nDTSTART;TZID=Europe/Berlin:20260328T023000\nDTEND;TZID=Europe/Berlin:20260328T100000\nRRULE:FREQ=DAILY;COUNT=2",
    ));
    assert_eq!(told(&skipped)[1], "Amara 03-29 03:30 to 03-29 10:00");
    let twice = read(&event("SUMMARY:Amara\nDTSTART;TZID=Europe/Berlin:20261025T023000\nDURATION:PT1H"));
    assert_eq!(twice.shifts[0].start, at("2026-10-25T00:30:00Z"), "the earlier one");
}

#[test]
fn floating_times_are_the_readers_own() {
    let calendar = read(&event("SUMMARY:Amara\nDTSTART:20260701T090000\nDTEND:20260701T170000"));
    assert_eq!(told(&calendar), ["Amara 07-01 09:00 to 07-01 17:00"]);
}

#[test]
fn exceptions_and_extra_dates_count_however_they_are_told() {
    let series = "SUMMARY:Amara\nDTSTART;TZID=Europe/Berlin:20260601T090000\nDURATION:PT8H\nRRULE:FREQ=DAILY;COUNT=5";
    // In the series' zone, in UTC, and as a day, as Outlook writes it.
    let exceptions = "EXDATE;TZID=Europe/Berlin:20260602T090000\nEXDATE:20260603T070000Z\nEXDATE;VALUE=DATE:20260604";
    let extra = "RDATE;TZID=Europe/Berlin:20260620T100000\nRDATE;VALUE=PERIOD:20260621T080000Z/PT2H";
    let calendar = read(&event(&format!("{series}\n{exceptions}\n{extra}")));
    assert_eq!(
        told(&calendar),
        [
            "Amara 06-01 09:00 to 06-01 17:00",
            "Amara 06-05 09:00 to 06-05 17:00",
            "Amara 06-20 10:00 to 06-20 18:00",
            "Amara 06-21 10:00 to 06-21 12:00",
        ]
    );
}

#[test]
fn a_replaced_occurrence_is_somebody_elses_and_only_of_its_own_series() {
    let series = |uid: &str, name: &str| {
        format!(
            "BEGIN:VEVENT\nUID:{uid}\nSUMMARY:{name}\nDTSTART:20260601T070000Z\nDURATION:PT8H\nRRULE:FREQ=DAILY;COUNT=3\nEND:VEVENT\n"
        )
    };
    let swap = |sequence: u8, name: &str| {
        format!(
            "BEGIN:VEVENT\nUID:a\nSEQUENCE:{sequence}\nRECURRENCE-ID:20260602T070000Z\nSUMMARY:{name}\nDTSTART:20260602T080000Z\nDURATION:PT4H\nEND:VEVENT\n"
        )
    };
    let calendar = read(&(series("a", "Amara") + &series("b", "Bo") + &swap(2, "Jonas") + &swap(1, "Mei")));
    assert_eq!(
        told(&calendar),
        [
            "Amara 06-01 09:00 to 06-01 17:00",
            "Bo 06-01 09:00 to 06-01 17:00",
            "Bo 06-02 09:00 to 06-02 17:00",
            "Jonas 06-02 10:00 to 06-02 14:00",
            "Amara 06-03 09:00 to 06-03 17:00",
            "Bo 06-03 09:00 to 06-03 17:00",
        ]
    );
}

#[test]
fn a_change_of_this_and_all_following_moves_them_all() {
    let calendar = read(
        "BEGIN:VEVENT\nUID:a\nSUMMARY:Amara\nDTSTART:20260601T070000Z\nDURATION:PT8H\nRRULE:FREQ=DAILY;COUNT=3\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260602T070000Z\nSUMMARY:Jonas\nDTSTART:20260602T080000Z\nDURATION:PT4H\nEND:VEVENT",
    );
    assert_eq!(
        told(&calendar),
        ["Amara 06-01 09:00 to 06-01 17:00", "Jonas 06-02 10:00 to 06-02 14:00", "Jonas 06-03 10:00 to 06-03 14:00"]
    );
}

#[test]
fn what_is_cancelled_does_not_happen() {
    let series = "SUMMARY:Amara\nDTSTART:20260601T070000Z\nDURATION:PT8H\nRRULE:FREQ=DAILY;COUNT=2";
    assert_eq!(told(&read(&event(&format!("{series}\nSTATUS:CANCELLED")))), [""; 0]);
    let one = "BEGIN:VEVENT\nUID:one\nRECURRENCE-ID:20260601T070000Z\nSTATUS:CANCELLED\nEND:VEVENT";
    assert_eq!(told(&read(&format!("{}\n{one}", event(series)))), ["Amara 06-02 09:00 to 06-02 17:00"]);
}

#[test]
fn who_is_on_call_and_who_is_next() {
    let shift = |uid: &str, name: &str, from: &str, to: &str| {
        format!("BEGIN:VEVENT\nUID:{uid}\nSUMMARY:{name}\nDTSTART:{from}\nDTEND:{to}\nEND:VEVENT\n")
    };
    let calendar = read(
        &(shift("1", "Bo - Secondary", "20260601T070000Z", "20260608T070000Z")
            + &shift("2", "Amara - Primary", "20260601T070000Z", "20260608T070000Z")
            + &shift("3", "Jonas - Secondary", "20260608T070000Z", "20260615T070000Z")
            + &shift("4", "Mei - Primary", "20260608T070000Z", "20260615T070000Z")),
    );
    let names =
        |instant: &str| calendar.on_call(at(instant)).iter().map(|shift| shift.name.clone()).collect::<Vec<_>>();
    assert_eq!(names("2026-06-01T06:59:59Z"), [""; 0]);
    assert_eq!(names("2026-06-01T07:00:00Z"), ["Amara", "Bo"]);
    assert_eq!(names("2026-06-08T07:00:00Z"), ["Mei", "Jonas"], "a shift's end is not part of it");
    let next = |role| calendar.next(at("2026-06-02T00:00:00Z"), role).unwrap().name.clone();
    assert_eq!((next(Some("Primary")), next(Some("Secondary"))), ("Mei".to_owned(), "Jonas".to_owned()));
    assert!(calendar.next(at("2026-06-08T07:00:00Z"), None).is_none());
}
