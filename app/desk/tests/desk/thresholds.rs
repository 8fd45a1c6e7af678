//! Levels, and how they hold.

use std::time::Duration;

use desk::{Judge, Level, Line, REFRESH, Refreshes, Threshold, Thresholds, is_stale};
use proptest::prelude::*;

use crate::world::{minutes_ago, now};

const UNASSIGNED: Threshold = Threshold::high(Line::At(5.0), Line::At(15.0), 1.0);
const SLA: Threshold = Threshold::low(Line::Past(95.0), Line::Past(90.0), 1.0);

fn levels(threshold: &Threshold, values: &[f64]) -> Vec<Level> {
    let mut judge = Judge::default();
    values.iter().map(|value| judge.refresh(threshold, Some(*value))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Values on the bad side of the line, each followed by one within the band on its good side.
    #[test]
    fn a_level_never_flickers_within_its_band(
        line in 1.0f64..500.0,
        high in any::<bool>(),
        steps in prop::collection::vec((0.0f64..20.0, 0.001f64..0.999), 1..20),
    ) {
        let margin = (line * 0.1).max(1.0);
        let threshold = if high {
            Threshold::high_warn(Line::At(line), 1.0)
        } else {
            Threshold::low_warn(Line::At(line), 1.0)
        };
        let away = if high { 1.0 } else { -1.0 };
        let values: Vec<f64> =
            steps.iter().flat_map(|(beyond, back)| [line + away * beyond, line - away * margin * back]).collect();
        prop_assert!(levels(&threshold, &values).iter().all(|level| *level == Level::Warn));
    }

    #[test]
    fn a_level_is_left_only_clearly_or_after_two_refreshes(values in prop::collection::vec(0u8..24, 2..40)) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let judged = levels(&UNASSIGNED, &values);
        for step in 0..values.len() {
            let plain = UNASSIGNED.level(values[step]);
            prop_assert!(judged[step] >= plain, "a level is never milder than the value");
            let Some(before) = step.checked_sub(1) else { continue };
            if judged[step] < judged[before] {
                let line: f64 = if judged[before] == Level::Critical { 15.0 } else { 5.0 };
                let clearly = values[step] <= line - (line * 0.1).max(1.0);
                prop_assert!(clearly || values[before] < line && values[step] < line);
            }
            // Two refreshes on the good side of a line always leave it.
            prop_assert!(judged[step] <= plain.max(UNASSIGNED.level(values[before])));
        }
    }
}

#[test]
fn a_worse_value_counts_at_once() {
    assert_eq!(levels(&UNASSIGNED, &[4.0, 5.0, 15.0]), [Level::Ok, Level::Warn, Level::Critical]);
}

#[test]
fn a_clear_recovery_counts_at_once() {
    assert_eq!(levels(&UNASSIGNED, &[20.0, 13.0, 4.0]), [Level::Critical, Level::Warn, Level::Ok]);
    assert_eq!(levels(&UNASSIGNED, &[20.0, 2.0]), [Level::Critical, Level::Ok]);
}

#[test]
fn a_slight_recovery_counts_after_two_refreshes() {
    assert_eq!(levels(&UNASSIGNED, &[15.0, 14.0, 14.0]), [Level::Critical, Level::Critical, Level::Warn]);
    assert_eq!(levels(&SLA, &[94.0, 95.5, 95.5]), [Level::Warn, Level::Warn, Level::Ok]);
}

#[test]
fn a_slight_recovery_that_is_only_looked_at_counts_for_nothing() {
    let mut judge = Judge::default();
    assert_eq!(judge.refresh(&UNASSIGNED, Some(15.0)), Level::Critical);
    for _ in 0..9 {
        assert_eq!(judge.look(&UNASSIGNED, Some(14.0)), Level::Critical);
    }
    assert_eq!(judge.refresh(&UNASSIGNED, Some(14.0)), Level::Critical, "the first refresh");
    assert_eq!(judge.look(&UNASSIGNED, Some(14.0)), Level::Critical);
    assert_eq!(judge.refresh(&UNASSIGNED, Some(14.0)), Level::Warn, "the second");
}

#[test]
fn what_is_worse_or_clearly_better_counts_without_a_refresh() {
    let mut judge = Judge::default();
    assert_eq!(judge.look(&UNASSIGNED, Some(15.0)), Level::Critical);
    assert_eq!(judge.look(&UNASSIGNED, Some(13.0)), Level::Warn);
    // Back across the line, over it, and back again: that is not two in a row.
    assert_eq!(judge.refresh(&UNASSIGNED, Some(4.9)), Level::Warn);
    assert_eq!(judge.look(&UNASSIGNED, Some(5.0)), Level::Warn);
    assert_eq!(judge.refresh(&UNASSIGNED, Some(4.9)), Level::Warn);
    assert_eq!(judge.refresh(&UNASSIGNED, Some(4.9)), Level::Ok);
}

#[test]
fn a_refresh_is_a_reading_an_interval_after_the_last_one() {
    let mut refreshes = Refreshes::default();
    let mut is_next =
        |milliseconds: i64| refreshes.is_next(Some(now() + jiff::SignedDuration::from_millis(milliseconds)), REFRESH);
    assert!(is_next(0), "the first");
    assert!([0, 2_000, 17_900].into_iter().all(|at| !is_next(at)));
    assert!(is_next(19_990), "a poll comes a little sooner or later");
    assert!(!is_next(36_000));
    assert!(is_next(99_000));
    assert!(is_next(-5_000), "time went back");
    assert!(!is_next(-4_000));
    assert!(!refreshes.is_next(None, REFRESH), "nothing was ever read");
}

#[test]
fn less_is_worse_where_low_is_bad() {
    assert_eq!(levels(&SLA, &[95.0, 94.9, 89.9]), [Level::Ok, Level::Warn, Level::Critical]);
}

#[test]
fn what_cannot_be_judged_has_no_colour_and_no_memory() {
    let mut judge = Judge::default();
    assert_eq!(judge.refresh(&UNASSIGNED, Some(15.0)), Level::Critical);
    assert_eq!(judge.refresh(&UNASSIGNED, None), Level::Ok);
    assert_eq!(judge.refresh(&UNASSIGNED, Some(14.0)), Level::Warn);
}

#[test]
fn one_urgent_ticket_is_left_when_it_is_gone() {
    let urgent = Thresholds::default().urgent;
    assert_eq!(levels(&urgent, &[1.0, 0.0]), [Level::Warn, Level::Ok]);
}

#[test]
fn data_is_stale_after_fifteen_intervals() {
    let interval = Duration::from_secs(20);
    let stale = |seconds| is_stale(now() - jiff::SignedDuration::from_secs(seconds), now(), interval);
    assert_eq!([0, 300, 301].map(stale), [false, false, true]);
    assert!(!is_stale(now(), minutes_ago(60), interval), "a clock set back is no age");
}
