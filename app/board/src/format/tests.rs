#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::sample;

/// Monday 16 November 2026, 14:32 in London.
fn now() -> Timestamp {
    sample::now()
}

fn london() -> TimeZone {
    TimeZone::get("Europe/London").unwrap()
}

fn ago_by(seconds: i64) -> Value {
    Value::Since(now() - SignedDuration::from_secs(seconds))
}

fn left(seconds: i64) -> Value {
    Value::Until(now() + SignedDuration::from_secs(seconds))
}

fn main_number(value: &Value) -> String {
    worded(value, now(), &london()).to_string()
}

fn at_the_end_of_a_row(value: &Value) -> String {
    row(value, now(), &london()).to_string()
}

#[test]
fn counts_are_cut_to_what_can_be_acted_on() {
    let table = [
        (0, "0"),
        (1, "1"),
        (999, "999"),
        (1_234, "1234"),
        (9_999, "9999"),
        (10_000, "10k"),
        (12_499, "12k"),
        (12_500, "13k"),
        (123_456, "123k"),
        (999_499, "999k"),
        (999_500, "1M"),
        (1_250_000, "1.3M"),
        (9_950_000, "10M"),
        (-7, "−7"),
        (-123_456, "−123k"),
        (i64::MIN, "−9223372T"),
    ];
    for (things, words) in table {
        assert_eq!(main_number(&Value::Count(things)), words);
    }
    let short = |things| shortened(&Value::Count(things), now(), &london());
    assert_eq!(short(1_234).to_string(), "1.2k");
    assert_eq!(short(1_960).to_string(), "2k");
    assert_eq!(short(999), Worded::plain("999"));
    assert_eq!(short(1_234), Worded::with_unit("1.2", "k"), "the unit stands apart");
    assert_eq!(signed(12).to_string(), "+12");
    assert_eq!(signed(-7).to_string(), "−7");
    assert_eq!(signed(0).to_string(), "0");
    assert_eq!(signed(23_456).to_string(), "+23k");
}

#[test]
fn shares_never_round_to_all_or_nothing() {
    let table = [
        (0.0, "0%"),
        (0.0001, "1%"),
        (0.004, "1%"),
        (0.005, "1%"),
        (0.285, "29%"),
        (0.2849, "28%"),
        (0.965, "97%"),
        (0.9949, "99%"),
        (0.995, "99%"),
        (0.99999, "99%"),
        (1.0, "100%"),
        (1.19, "119%"),
        (-0.05, "−5%"),
        (1e300, ">999%"),
    ];
    for (share, words) in table {
        assert_eq!(main_number(&Value::Ratio(share)), words, "{share}");
    }
    assert_eq!(main_number(&Value::Ratio(f64::NAN)), "–");
    assert_eq!(worded(&Value::Ratio(0.96), now(), &london()), Worded::with_unit("96", "%"));
}

#[test]
fn durations_have_two_units_at_most() {
    let table = [
        (0, "0s"),
        (48, "48s"),
        (59, "59s"),
        (60, "1m"),
        (12 * 60 + 59, "12m"),
        (3_600, "1h 00m"),
        (2 * 3_600 + 5 * 60, "2h 05m"),
        (86_399, "23h 59m"),
        (3 * 86_400 + 4 * 3_600, "3d 4h"),
        (400 * 86_400, "400d 0h"),
    ];
    for (seconds, words) in table {
        assert_eq!(main_number(&Value::Duration(seconds)), words);
    }
    let two = worded(&Value::Duration(7_500), now(), &london());
    assert_eq!((two.number.as_str(), two.unit.as_deref()), ("2", Some("h")));
    assert_eq!(two.second, Some(Part { number: "05".into(), unit: Some("m".into()) }));
    assert_eq!(shortened(&Value::Duration(7_500), now(), &london()).to_string(), "2h");
    assert_eq!(shortened(&left(-7_500), now(), &london()).to_string(), "2h late", "what is late stays late");
}

#[test]
fn waits_count_up_and_countdowns_down() {
    let main_numbers = [
        (ago_by(42 * 60), "42m"),
        (ago_by(3_840), "1h 04m"),
        (ago_by(0), "0s"),
        (ago_by(-5), "0s"),
        (left(462), "07:42"),
        (left(899), "14:59"),
        (left(900), "15m"),
        (left(18 * 60), "18m"),
        (left(1), "00:01"),
        (left(0), "0s late"),
        (left(-26 * 60), "26m late"),
        (left(-7_500), "2h 05m late"),
    ];
    for (value, words) in main_numbers {
        assert_eq!(main_number(&value), words);
    }
    let rows = [
        (ago_by(12), "now"),
        (ago_by(60), "1m"),
        (ago_by(32 * 60), "32m"),
        (ago_by(9 * 86_400 + 10_000), "9d"),
        (left(462), "7m"),
        (left(18 * 60), "18m"),
        (left(59), "<1m"),
        (left(-10), "late"),
        (left(-26 * 60), "26m late"),
        (Value::Count(19), "19"),
    ];
    for (value, words) in rows {
        assert_eq!(at_the_end_of_a_row(&value), words);
    }
    let late = worded(&left(-26 * 60), now(), &london());
    assert_eq!(late, Worded::with_unit("26", "m late"));
}

#[test]
fn a_started_second_of_a_countdown_counts() {
    let due = now() + SignedDuration::new(461, 500_000_000);
    assert_eq!(main_number(&Value::Until(due)), "07:42");
}

#[test]
fn money_has_whole_amounts_and_the_digits_of_its_currency() {
    let table = [
        (124_000, "EUR", "€1240"),
        (-199, "GBP", "−£2"),
        (123_456_700, "USD", "$1.2M"),
        (1_240, "JPY", "1240\u{a0}JPY"),
        (1_240_000, "KWD", "1240\u{a0}KWD"),
        (-10, "CHF", "0\u{a0}CHF"),
        (5_000_000, "CHF", "50k\u{a0}CHF"),
    ];
    for (minor, currency, words) in table {
        assert_eq!(main_number(&Value::Money { minor, currency: currency.into() }), words);
    }
}

#[test]
fn times_are_told_in_the_zone_of_the_board() {
    let new_york = TimeZone::get("America/New_York").unwrap();
    assert_eq!(time(now(), &london()), "14:32");
    assert_eq!(time(now(), &new_york), "09:32");
    assert_eq!(date(now(), &london()), "Mon 16 November");
    let summer: Timestamp = "2026-07-01T23:30:00Z".parse().unwrap();
    assert_eq!(time(summer, &london()), "00:30");
    assert_eq!(date(summer, &london()), "Thu 2 July", "no leading zero, and already tomorrow");
    assert_eq!(worded(&Value::At(now()), now(), &new_york), Worded::plain("09:32"));
}

#[test]
fn a_time_of_another_day_says_which() {
    let duty = |end: &str| {
        let end = end.parse().unwrap();
        let said = form::Context { before: "until".into(), value: Some(Value::At(end)), after: String::new() };
        let worded = context(&said, now(), &london()).to_string();
        assert_eq!(worded, until(end, now(), &london()), "a board and what lies over it say the same");
        (worded, brief_context(&said, now(), &london()).to_string())
    };
    let both = |worded: &str, brief: &str| (worded.to_owned(), brief.to_owned());
    assert_eq!(duty("2026-11-16T18:00:00Z"), both("until 18:00", "until 18:00"));
    assert_eq!(duty("2026-11-17T09:00:00Z"), both("until Tue 09:00", "until Tue"));
    assert_eq!(
        duty("2026-11-23T09:00:00Z"),
        both("until 23 Nov 09:00", "until 23 Nov"),
        "not the Monday that has begun"
    );
}

#[test]
fn the_header_says_how_old_the_board_is() {
    let at = |seconds| now() - SignedDuration::from_secs(seconds);
    assert_eq!(updated(Some(at(8)), now()), "updated 8 s ago");
    assert_eq!(ago(at(8), now()), "8 s ago");
    assert_eq!(ago(at(59), now()), "59 s ago");
    assert_eq!(ago(at(60), now()), "1 min ago");
    assert_eq!(ago(at(7_200), now()), "2 h ago");
    assert_eq!(ago(at(90_000), now()), "1 d ago");
    assert_eq!(ago(at(-3), now()), "0 s ago", "a clock that is ahead is no news from the future");
    assert_eq!(data_from(Some(at(28 * 60)), now(), &london()), "data from 14:04, reconnecting");
    assert_eq!(data_from(Some(at(86_400)), now(), &london()), "data from Sun 14:32, reconnecting");
    assert_eq!(updated(None, now()), "no data");
    assert_eq!(data_from(None, now(), &london()), "no data, reconnecting");
    assert_eq!(from(at(360), now(), &london()), "from 14:26");
    assert_eq!(from(at(30 * 86_400), now(), &london()), "from 17 Oct 15:32");
    assert_eq!(due(now() + SignedDuration::from_mins(7), now(), &london()), "due 14:39");
    assert_eq!(due(now() + SignedDuration::from_hours(20), now(), &london()), "due Tue 10:32");
    assert_eq!(due(now() + SignedDuration::from_hours(7 * 24), now(), &london()), "due 23 Nov 14:32");
}

#[test]
fn contexts_read_as_in_the_target_pictures() {
    let words = |before: &str, value: Value, after: &str| {
        let context = form::Context { before: before.into(), value: Some(value), after: after.into() };
        (super::context(&context, now(), &london()), frozen_context(&context, now(), &london()))
    };
    let same = |before: &str, value: Value, after: &str, words_on_the_wall: &str| {
        let (live, frozen) = words(before, value, after);
        assert_eq!(live.to_string(), words_on_the_wall);
        assert_eq!(frozen, live);
    };
    same("usual", Value::Count(116), "", "usual 116");
    same("", Value::Count(12), "over usual", "12 over usual");
    same("goal", Value::Ratio(0.95), "", "goal 95%");
    same("goal", Value::Duration(1_800), "", "goal 30m");
    same("goal", Value::Duration(4 * 3_600), "", "goal 4h");
    same("", Value::Duration(3 * 86_400), "", "3d");
    same("usual", Value::NoData, "", "usual –");
    let (live, frozen) = words("oldest", ago_by(70 * 60), "");
    assert_eq!((live.to_string().as_str(), frozen.to_string().as_str()), ("oldest 1h 10m", "from 13:22"));
    let (live, frozen) = words("next", left(462), "");
    assert_eq!((live.to_string().as_str(), frozen.to_string().as_str()), ("next 07:42", "due 14:39"));
    let bare = form::Context { before: "estimated".into(), value: None, after: String::new() };
    assert_eq!(super::context(&bare, now(), &london()).to_string(), "estimated");
    let oldest = form::Context { before: "oldest".into(), value: Some(ago_by(117_000)), after: String::new() };
    assert_eq!(super::context(&oldest, now(), &london()).to_string(), "oldest 1d 8h");
    assert_eq!(brief_context(&oldest, now(), &london()).to_string(), "oldest 1d", "the word stays");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn percentages_follow_the_rounding_rules(part in 0_u32..=100_000, whole in 1_u32..=100_000) {
        let share = f64::from(part) / f64::from(whole);
        let words = percent(share).number;
        prop_assume!(share < 9.99);
        let shown: u64 = words.parse().unwrap();
        // Half up in whole numbers, without floating point.
        let exact = (u64::from(part) * 200 + u64::from(whole)) / (2 * u64::from(whole));
        let expected = match exact {
            100 if part < whole => 99,
            0 if part > 0 => 1,
            _ => exact,
        };
        prop_assert_eq!(shown, expected);
    }

    #[test]
    fn a_count_on_the_wall_has_four_characters_and_a_sign_at_most(things in -999_999_999_999_i64..=999_999_999_999) {
        let wall = main_number(&Value::Count(things));
        prop_assert!(wall.trim_start_matches('−').chars().count() <= 4, "{}", wall);
    }

    #[test]
    fn any_value_at_any_time_can_be_worded(
        seconds in -377_705_023_201_i64..=253_402_207_200,
        at in -377_705_023_201_i64..=253_402_207_200,
        number in any::<i64>(),
        share in any::<f64>(),
        currency in "[A-Z]{3}",
    ) {
        let (instant, at) = (Timestamp::from_second(seconds).unwrap(), Timestamp::from_second(at).unwrap());
        let values = [
            Value::Count(number),
            Value::Ratio(share),
            Value::Duration(number.unsigned_abs()),
            Value::Since(instant),
            Value::Until(instant),
            Value::At(instant),
            Value::Money { minor: number, currency },
        ];
        for value in values {
            for words in [worded, row, shortened] {
                prop_assert!(!words(&value, at, &london()).number.is_empty());
            }
            let context = form::Context { before: "usual".into(), value: Some(value), after: String::new() };
            prop_assert!(frozen_context(&context, at, &london()).to_string().len() > 3);
        }
    }
}
