//! Shares.

use desk::Ratio;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_percentage_is_rounded_half_up_but_never_onto_an_end(whole in 1u64..5000, part in 0u64..5000) {
        let part = part.min(whole);
        let percent = Ratio { part, whole }.percent().unwrap();
        prop_assert_eq!(percent == 0, part == 0);
        prop_assert_eq!(percent == 100, part == whole);
        if (1..99).contains(&percent) && percent > 1 {
            // percent - 0.5 <= exact < percent + 0.5, in two-hundredths of the whole.
            prop_assert!((2 * percent - 1) * whole <= 200 * part);
            prop_assert!(200 * part < (2 * percent + 1) * whole);
        }
    }

    #[test]
    fn a_pace_above_one_is_rounded_like_any_other(part in 0u64..5000, whole in 1u64..5000) {
        prop_assume!(part >= whole);
        let percent = Ratio { part, whole }.percent().unwrap();
        prop_assert!((2 * percent - 1) * whole <= 200 * part && 200 * part < (2 * percent + 1) * whole);
    }
}

#[test]
fn a_share_of_nothing_is_no_data() {
    let nothing = Ratio { part: 0, whole: 0 };
    assert_eq!((nothing.share(), nothing.percent(), nothing.judged()), (None, None, None));
}

#[test]
fn ends_are_kept_for_what_is_truly_there() {
    let percent = |part, whole| Ratio { part, whole }.percent();
    assert_eq!(percent(999, 1000), Some(99));
    assert_eq!(percent(1, 1000), Some(1));
    assert_eq!(percent(1, 8), Some(13));
    assert_eq!(percent(0, 7), Some(0));
    assert_eq!(percent(7, 7), Some(100));
}

#[test]
fn a_share_of_fewer_than_five_has_no_colour() {
    assert_eq!(Ratio { part: 0, whole: 4 }.judged(), None);
    assert_eq!(Ratio { part: 1, whole: 5 }.judged(), Some(20.0));
}
