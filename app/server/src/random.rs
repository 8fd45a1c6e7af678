//! Randomness from the operating system.

/// Fresh random bytes.
///
/// # Panics
/// Where the operating system has no randomness: nothing in this server would be safe then.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "a system without randomness must not serve")]
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

/// A number below `limit`; 0 for 0. Good enough to spread load, not to guess against.
pub(crate) fn below(limit: u64) -> u64 {
    u64::from_le_bytes(bytes()).checked_rem(limit).unwrap_or(0)
}
