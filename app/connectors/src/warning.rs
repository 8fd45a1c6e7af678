//! What is amiss with a desk that is read all the same.

mod unmapped;

use std::{collections::BTreeSet, fmt};

use jiff::SignedDuration;

/// Something that an administrator should know of a desk, because what it tells is less than the truth until that is
/// mended. [`fmt::Display`] has it in words, with what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Nobody can say what some statuses mean; their tickets count as open.
    StatusesUnmapped {
        /// The provider's name.
        provider: &'static str,
        /// The statuses, by the provider's own names; at least one.
        statuses: BTreeSet<String>,
    },
    /// Its clock and ours do not agree.
    ClockDiffers {
        /// The provider's name.
        provider: &'static str,
        /// By how much its clock is ahead of ours; less than nothing where it is behind.
        ahead: SignedDuration,
    },
    /// Nobody tells whether those who wrote work there.
    PeopleHidden {
        /// The provider's name.
        provider: &'static str,
        /// Those who could not be looked up.
        names: Vec<String>,
        /// Whether so many are hidden that replies cannot be told from what customers write.
        no_replies: bool,
    },
    /// There are tickets of queues that are not shown.
    QueuesHidden {
        /// The provider's name.
        provider: &'static str,
        /// The queues, by their numbers.
        queues: Vec<String>,
    },
}

/// Names that a warning lists; there may be hundreds.
const NAMED: usize = 3;

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StatusesUnmapped { provider, statuses } => f.write_str(&unmapped::words(provider, statuses)),
            Self::ClockDiffers { provider, ahead } => write!(
                f,
                "{provider}\u{2019}s clock is {:#} {} this server\u{2019}s. Waits and due times on the boards are off by as \
                 much, until both clocks are set right.",
                ahead.abs(),
                if ahead.is_negative() { "behind" } else { "ahead of" },
            ),
            Self::PeopleHidden { provider, names, no_replies } => {
                let hidden = listed(names);
                write!(f, "{provider} does not let the token\u{2019}s user look up who wrote ({hidden}), ")?;
                f.write_str(if *no_replies {
                    "so agents\u{2019} replies cannot be told from what customers write, and no panel counts them. "
                } else {
                    "so whoever of these owns no ticket counts as a customer. "
                })?;
                f.write_str(
                    "Make that user privileged: in Request Tracker, \u{201c}Let this user be granted rights\u{201d}.",
                )
            }
            Self::QueuesHidden { provider, queues } => write!(
                f,
                "{provider} has tickets of queues that the token\u{2019}s user may not see ({}). Their statuses are read as those \
                 of the default lifecycle, and no SLA clock of theirs is shown. Give that user the right SeeQueue.",
                listed(queues),
            ),
        }
    }
}

/// "ann, bob, cora and 7 others".
fn listed(names: &[String]) -> String {
    let named = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => named,
        1 => format!("{named} and one other"),
        more => format!("{named} and {more} others"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_differs_is_told_with_by_how_much_and_which_way() {
        let words = |seconds| {
            Warning::ClockDiffers { provider: "Request Tracker", ahead: SignedDuration::from_secs(seconds) }.to_string()
        };
        assert!(
            words(125).starts_with("Request Tracker\u{2019}s clock is 2m 5s ahead of this server\u{2019}s."),
            "{}",
            words(125)
        );
        assert!(words(-3600).contains("is 1h behind this server\u{2019}s"), "{}", words(-3600));
    }

    #[test]
    fn many_names_are_told_as_some_and_how_many_more() {
        let names = |count: usize| (0..count).map(|index| format!("n{index}")).collect::<Vec<_>>();
        assert_eq!(listed(&names(3)), "n0, n1, n2");
        assert_eq!(listed(&names(4)), "n0, n1, n2 and one other");
        assert_eq!(listed(&names(40)), "n0, n1, n2 and 37 others");
    }
}
