//! How long to wait after a failure, so that ten thousand screens do not come back as one.

use std::time::Duration;

use pairing::Entropy;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);
/// Shortest wait, so that bad luck in the draw is no tight loop.
const SHORTEST: Duration = Duration::from_millis(200);

/// Full jitter: a random wait of up to 1 s after the first failure, twice that after each further one, 30 s at most.
pub(crate) fn full_jitter(failures: u32, entropy: &Entropy) -> Duration {
    let longest = FIRST.saturating_mul(1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX)).min(LONGEST);
    let drawn = f64::from(u32::from_be_bytes(entropy.draw("backoff"))) / f64::from(u32::MAX);
    longest.mul_f64(drawn).max(SHORTEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_half_a_minute_and_are_spread_over_all_of_it() {
        let waits = |failures| {
            (0..200_u8).map(|seed| full_jitter(failures, &Entropy::from_seed([seed; 32]))).collect::<Vec<_>>()
        };
        for (failures, longest) in [(1, 1), (2, 2), (5, 16), (6, 30), (40, 30), (u32::MAX, 30)] {
            let (longest, waits) = (Duration::from_secs(longest), waits(failures));
            assert!(waits.iter().all(|wait| *wait >= SHORTEST && *wait <= longest), "{failures}");
            let early = waits.iter().filter(|wait| **wait < longest / 2).count();
            assert!((60..140).contains(&early), "half of the waits end in the first half: {early}");
        }
    }
}
