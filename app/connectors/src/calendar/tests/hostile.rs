//! Feeds that want the server's time, memory or belief.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

fn outcome(events: &str) -> Result<Calendar, Unreadable> {
    Calendar::read(&format!("BEGIN:VCALENDAR\n{events}\nEND:VCALENDAR\n"), &berlin(), window())
}

#[test]
fn what_is_no_calendar_or_half_of_one_says_so() {
    let read = |text: &str| Calendar::read(text, &berlin(), window()).unwrap_err();
    for text in ["", "<html>Sign in</html>", "BEGIN:VCARD\nFN:Amara\nEND:VCARD\n", "BEGIN:VEVENT\nEND:VEVENT\n"] {
        assert_eq!(read(text), Unreadable::NoCalendar, "{text}");
    }
    assert_eq!(read("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Amara"), Unreadable::CutShort);
    assert_eq!(read("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Amara\nEND:VEVENT\n"), Unreadable::CutShort);
}

#[test]
fn rules_that_are_none_of_a_rota_are_left_out_and_counted() {
    for rule in [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=5",
        "FREQ=HOURLY",
        "FREQ=YEARLY;BYYEARDAY=1;BYHOUR=0,1,2,3,4,5;BYMINUTE=0,1,2,3,4,5;BYSECOND=0,1,2,3,4,5",
        "FREQ=DAILY;INTERVAL=0;BYSETPOS=500",
    ] {
        let calendar =
            outcome(&event(&format!("SUMMARY:A\nDTSTART:20260601T090000Z\nDURATION:PT1H\nRRULE:{rule}"))).unwrap();
        assert!(calendar.shifts.is_empty() && calendar.left_out().len() <= 1, "{rule}: {calendar:?}");
    }
    let ancient = event("SUMMARY:A\nDTSTART:19000101T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY");
    assert_eq!(outcome(&ancient).unwrap().left_out(), &BTreeMap::from([(Reason::Rule, 1)]));
    let backwards = event("SUMMARY:A\nDTSTART:20260601T090000Z\nDTEND:20260601T080000Z");
    assert_eq!(outcome(&backwards).unwrap().left_out(), &BTreeMap::from([(Reason::Times, 1)]));
}

#[test]
fn a_feed_cannot_burn_time_or_memory() {
    let series = |rule: &str| event(&format!("SUMMARY:A\nDTSTART:19700101T000000Z\nDURATION:PT1H\nRRULE:{rule}"));
    let many = |one: &str, count: usize| std::iter::repeat_n(one, count).collect::<Vec<_>>().join("\n");
    let started = Instant::now();
    for (events, what) in [
        (many(&series("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), 65), "recurring events"),
        (many(&series("FREQ=DAILY"), 100), "occurrences"),
        (many(&event("DTSTART:20260601T090000Z"), 5_001), "events"),
    ] {
        let said = outcome(&events).unwrap_err().to_string();
        assert!(said.contains(what), "{said} should name {what}");
    }
    // As dear as it gets within the bounds.
    outcome(&many(&series("FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=1;BYSETPOS=366"), 60)).unwrap();
    outcome(&("BEGIN:X\n".repeat(20_000) + &"END:X\n".repeat(20_000))).unwrap();
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// A rota of equal turns without a gap: at every instant exactly one is on call, whatever clocks do.
    #[test]
    fn a_rota_without_gaps_has_one_person_at_every_instant(
        people in 1_i64..6,
        days in 1_i64..8,
        hour in 0_u8..24,
        minutes in 0_i64..60 * 24 * 300,
        zone in prop::sample::select(vec!["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago"]),
    ) {
        let mut events = String::new();
        for person in 0..people {
            let start = jiff::civil::date(2026, 1, 1).checked_add(SignedDuration::from_hours(24 * days * person)).unwrap();
            events += &format!(
                "BEGIN:VEVENT\nUID:{person}\nSUMMARY:P{person}\nDTSTART;TZID={zone}:{}T{hour:02}0000\nDTEND;TZID={zone}:{}T{hour:02}0000\nRRULE:FREQ=DAILY;INTERVAL={}\nEND:VEVENT\n",
                start.strftime("%Y%m%d"),
                start.checked_add(SignedDuration::from_hours(24 * days)).unwrap().strftime("%Y%m%d"),
                days * people,
            );
        }
        let calendar = outcome(&events).unwrap();
        let at = window().start + SignedDuration::from_mins(minutes);
        prop_assert_eq!(calendar.on_call(at).len(), 1, "{}", at);
        let on_call = calendar.on_call(at)[0];
        prop_assert_eq!(calendar.next(at, None).map(|next| next.start), Some(on_call.end));
    }

    #[test]
    fn whatever_is_in_a_feed_its_shifts_are_within_the_window_and_in_order(
        lines in prop::collection::vec(prop::sample::select(vec![
            "BEGIN:VEVENT", "END:VEVENT", "UID:1", "UID:2", "SUMMARY:Amara - Primary", "DTSTART:20260601T090000Z",
            "DTSTART;VALUE=DATE:20260601", "DTSTART;TZID=Europe/Berlin:20261025T023000", "DTEND:20260701T090000Z", "DURATION:P1W",
            "RRULE:FREQ=MONTHLY;BYDAY=-1FR", "RRULE:FREQ=WEEKLY;UNTIL=20260801", "RECURRENCE-ID:20260608T090000Z",
            "EXDATE:20260608T090000Z", "RDATE:20260610T090000Z", "STATUS:CANCELLED", "DTSTART:99991231T235959Z", "SEQUENCE:-1",
        ]), 0..40),
    ) {
        if let Ok(calendar) = outcome(&lines.join("\n")) {
            for shift in &calendar.shifts {
                prop_assert!(shift.start < shift.end && shift.end > window().start && shift.start < window().end);
            }
            prop_assert!(calendar.shifts.is_sorted());
        }
    }
}
