use serde::{Deserialize, Serialize};

/// How dear it is to stretch the passphrase: parameters of scrypt (RFC 7914) within bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    recorded: Recorded,
    params: scrypt::Params,
}

/// A cost as the file has it, not yet checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recorded {
    log_n: u8,
    r: u32,
    p: u32,
}

impl Cost {
    /// Most memory that a recorded cost may ask for: a changed file must not take the machine down.
    const MAX_MEMORY: u64 = 1 << 30;
    const MAX_P: u32 = 16;

    /// What new secrets get: N = 2^15, r = 8, p = 1 (32 MiB and about a tenth of a second).
    #[expect(clippy::expect_used, reason = "a test makes it")]
    pub fn standard() -> Self {
        Self::new(15, 8, 1).expect("the standard cost is within bounds")
    }

    /// N = 2^`log_n`, block size `r`, parallelism `p`. `None` where that would take more than 1 GiB
    /// or is no cost at all.
    pub fn new(log_n: u8, r: u32, p: u32) -> Option<Self> {
        let memory = 1u64.checked_shl(log_n.into())?.checked_mul(128)?.checked_mul(r.into())?;
        if log_n == 0 || p > Self::MAX_P || memory > Self::MAX_MEMORY {
            return None;
        }
        let params = scrypt::Params::new(log_n, r, p).ok()?;
        Some(Self { recorded: Recorded { log_n, r, p }, params })
    }

    /// Whether who guesses passphrases has less work with this cost than with the other.
    pub(crate) fn is_below(self, other: Self) -> bool {
        let work = |Recorded { log_n, r, p }: Recorded| (u128::from(r) * u128::from(p)) << log_n;
        work(self.recorded) < work(other.recorded)
    }

    pub(crate) fn params(self) -> scrypt::Params {
        self.params
    }

    pub(crate) fn recorded(self) -> Recorded {
        self.recorded
    }
}

impl Recorded {
    pub(crate) fn check(self) -> Option<Cost> {
        Cost::new(self.log_n, self.r, self.p)
    }
}
