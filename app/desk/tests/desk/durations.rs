//! Medians and percentiles.

use desk::{Durations, percentile};
use proptest::prelude::*;

/// The definition, in whole numbers: the rank is `hundredths` of the way from the first to the last value.
fn by_definition(sorted: &[u32], hundredths: u64) -> f64 {
    let scaled = hundredths * (sorted.len() as u64 - 1);
    let (below, part) = ((scaled / 100) as usize, scaled % 100);
    let above = sorted[(below + 1).min(sorted.len() - 1)];
    f64::from(sorted[below]) + (f64::from(above) - f64::from(sorted[below])) * part as f64 / 100.0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn percentiles_interpolate_between_closest_ranks(mut values in prop::collection::vec(0u32..100_000, 1..40)) {
        let durations = Durations::of(values.iter().copied());
        values.sort_unstable();
        prop_assert!((durations.median.unwrap() - by_definition(&values, 50)).abs() < 1e-6);
        prop_assert!((durations.ninetieth.unwrap() - by_definition(&values, 90)).abs() < 1e-6);
        prop_assert_eq!(durations.samples, values.len());
        let floats: Vec<f64> = values.iter().copied().map(f64::from).collect();
        prop_assert_eq!(percentile(&floats, 0.0), floats.first().copied());
        prop_assert_eq!(percentile(&floats, 1.0), floats.last().copied());
    }
}

#[test]
fn nothing_has_no_median() {
    assert_eq!(Durations::of([]), Durations { samples: 0, median: None, ninetieth: None });
    assert_eq!(percentile(&[], 0.5), None);
}

#[test]
fn the_middle_of_two_lies_between_them() {
    assert_eq!(Durations::of([10, 20]).median, Some(15.0));
}

#[test]
fn fewer_than_five_samples_are_shown_but_not_judged() {
    let four = Durations::of([60, 60, 60, 60]);
    assert_eq!((four.median, four.judged()), (Some(60.0), None));
    assert_eq!(Durations::of([60; 5]).judged(), Some(60.0));
}
