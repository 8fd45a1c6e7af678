//! Feeds in the style of the programs that export rotas.

use super::*;

#[test]
fn an_incident_tools_feed_names_attendee_and_schedule() {
    let calendar = read(
        "PRODID:-//PagerDuty//On-Call Schedule//EN\nX-WR-CALNAME:On Call Schedule for Amara Okafor\n\
         BEGIN:VEVENT\nUID:Q1A2B3-0\nDTSTART;VALUE=DATE-TIME:20260602T070000Z\nDTEND;VALUE=DATE-TIME:20260609T070000Z\n\
         SUMMARY:On Call - Amara Okafor - Platform Primary\nATTENDEE;CN=amara@example.com:mailto:amara@example.com\n\
         URL:https://example.com/schedules/1\nEND:VEVENT",
    );
    let shift = &calendar.shifts[0];
    assert_eq!((shift.name.as_str(), shift.role.as_deref()), ("Amara Okafor", Some("Platform Primary")));
    assert_eq!(told(&calendar), ["Amara Okafor 06-02 09:00 to 06-09 09:00"]);
}

#[test]
fn an_alerting_tools_feed_names_the_person_alone() {
    let calendar = read(
        "METHOD:PUBLISH\nBEGIN:VEVENT\nDTSTAMP:20260601T000000Z\nDTSTART;TZID=Europe/London:20260602T080000\n\
         DTEND;TZID=Europe/London:20260602T200000\nSUMMARY:Jonas Peters\nCATEGORIES:Day\nUID:5f3c\nSTATUS:CONFIRMED\nEND:VEVENT",
    );
    assert_eq!(told(&calendar), ["Jonas Peters 06-02 09:00 to 06-02 21:00"]);
    assert_eq!(calendar.shifts[0].role.as_deref(), Some("Day"));
}

#[test]
fn a_shared_calendar_folds_lines_escapes_commas_and_has_days_that_are_free() {
    let calendar = read(
        "PRODID:-//Google Inc//Google Calendar 70.9054//EN\nCALSCALE:GREGORIAN\nX-WR-TIMEZONE:Europe/Berlin\n\
         BEGIN:VTIMEZONE\nTZID:Europe/Berlin\nX-LIC-LOCATION:Europe/Berlin\nBEGIN:STANDARD\nTZOFFSETFROM:+0200\n\
         TZOFFSETTO:+0100\nTZNAME:CET\nDTSTART:19701025T030000\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nEND:STANDARD\nEND:VTIMEZONE\n\
         BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260615\nDTEND;VALUE=DATE:20260622\nRRULE:FREQ=WEEKLY;WKST=MO;INTERVAL=2;BYDAY=MO\n\
         EXDATE;VALUE=DATE:20260629\nUID:7h@google.com\nSUMMARY:On-call: Mei\n  Lin\\, Support\nTRANSP:TRANSPARENT\n\
         BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-P0DT0H10M0S\nEND:VALARM\nEND:VEVENT",
    );
    assert_eq!(
        told(&calendar)[..2],
        ["Mei Lin, Support 06-15 00:00 to 06-22 00:00", "Mei Lin, Support 07-13 00:00 to 07-20 00:00"]
    );
}

#[test]
fn zones_have_the_names_that_windows_gives_them() {
    for (name, start) in [
        ("W. Europe Standard Time", "2026-07-01T07:00:00Z"),
        ("\"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna\"", "2026-07-01T07:00:00Z"),
        ("Eastern Standard Time", "2026-07-01T13:00:00Z"),
        ("/freeassociation.sourceforge.net/Europe/Berlin", "2026-07-01T07:00:00Z"),
        ("europe/berlin", "2026-07-01T07:00:00Z"),
    ] {
        let calendar = read(&event(&format!("SUMMARY:Amara\nDTSTART;TZID={name}:20260701T090000\nDURATION:PT8H")));
        assert_eq!(calendar.shifts.first().map(|shift| shift.start), Some(at(start)), "{name} {:?}", calendar.left_out);
    }
}

#[test]
fn a_zone_that_the_feed_describes_itself_is_taken_as_described() {
    let zone = "BEGIN:VTIMEZONE\nTZID:Customized Time Zone\n\
        BEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\n\
        BEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\nEND:VTIMEZONE\n";
    let shift =
        |day: &str| event(&format!("SUMMARY:Amara\nDTSTART;TZID=Customized Time Zone:2026{day}T090000\nDURATION:PT8H"));
    let starts = |zone: &str, day: &str| read(&format!("{zone}{}", shift(day))).shifts.first().map(|shift| shift.start);
    assert_eq!(starts(zone, "0701"), Some(at("2026-07-01T07:00:00Z")));
    assert_eq!(starts(zone, "1201"), Some(at("2026-12-01T08:00:00Z")));
    let always = "BEGIN:VTIMEZONE\nTZID:Customized Time Zone\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0530\nTZOFFSETTO:+0530\nEND:STANDARD\nEND:VTIMEZONE\n";
    assert_eq!(starts(always, "0701"), Some(at("2026-07-01T03:30:00Z")));

    let unknown = read(&shift("0701"));
    assert!(unknown.shifts.is_empty());
    assert_eq!(unknown.left_out(), &BTreeMap::from([(Reason::Zone, 1)]), "no guess: a wrong hour is worse than none");
}

#[test]
fn names_and_roles_are_found_in_the_words() {
    for (summary, name, role) in [
        ("Amara Okafor", "Amara Okafor", None),
        ("Amara Okafor - Primary", "Amara Okafor", Some("Primary")),
        ("Amara Okafor (Primary)", "Amara Okafor", Some("Primary")),
        ("Primary: Amara Okafor", "Amara Okafor", Some("Primary")),
        ("On-Call – Amara Okafor", "Amara Okafor", None),
        ("oncall: Amara Okafor", "Amara Okafor", None),
        ("Jean-Luc Picard", "Jean-Luc Picard", None),
        ("  Amara\\nOkafor\u{202e} ", "Amara Okafor", None),
    ] {
        let calendar = read(&event(&format!("SUMMARY:{summary}\nDTSTART:20260701T090000Z\nDURATION:PT8H")));
        let shift = &calendar.shifts[0];
        assert_eq!((shift.name.as_str(), shift.role.as_deref()), (name, role), "{summary}");
    }
    let attendee = "SUMMARY:Primary\nATTENDEE;CN=\"Okafor, Amara\":mailto:amara@example.com";
    let calendar = read(&event(&format!("{attendee}\nDTSTART:20260701T090000Z\nDURATION:PT8H")));
    assert_eq!(
        (calendar.shifts[0].name.as_str(), calendar.shifts[0].role.as_deref()),
        ("Okafor, Amara", Some("Primary"))
    );
}
