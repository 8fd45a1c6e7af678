//! What is said about statuses whose meaning the helpdesk does not tell.

use std::collections::BTreeSet;

/// So many are named; who has more of them has one cause to look for, not many.
const NAMED: usize = 8;

/// Which they are, what they count as, and what to do.
pub(super) fn words(provider: &str, statuses: &BTreeSet<String>) -> String {
    let names = listed(statuses);
    let place = "Admin \u{2192} Lifecycles";
    let follow = "the boards follow within a quarter of an hour. Or say on the Desk page what its statuses mean.";
    match statuses.len() {
        1 => format!(
            "{provider} does not say what the status {names} means, so its tickets count as open. Put it among the initial, \
             active or inactive statuses of its queue\u{2019}s lifecycle, there under {place}; {follow}"
        ),
        _ => format!(
            "{provider} does not say what the statuses {names} mean, so their tickets count as open. Put each of them among the \
             initial, active or inactive statuses of its queue\u{2019}s lifecycle, there under {place}; {follow}"
        ),
    }
}

/// Names in quotes: the first, the second and the third.
fn listed(statuses: &BTreeSet<String>) -> String {
    let mut parts: Vec<String> = statuses.iter().take(NAMED).map(|name| format!("\u{201c}{name}\u{201d}")).collect();
    if let Some(more) = statuses.len().checked_sub(NAMED).filter(|more| *more > 0) {
        parts.push(format!("{more} more"));
    }
    match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(names: &[&str]) -> String {
        words("Request Tracker", &names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn every_status_without_a_meaning_is_named_with_what_it_counts_as_and_what_to_do() {
        let one = said(&["parked"]);
        assert!(one.contains("the status \u{201c}parked\u{201d} means, so its tickets count as open. Put it"), "{one}");
        let three = said(&["sent", "parked", "ordered"]);
        let names = "\u{201c}ordered\u{201d}, \u{201c}parked\u{201d} and \u{201c}sent\u{201d}";
        assert!(three.contains(&format!("the statuses {names} mean, so their tickets count as open.")), "{three}");
    }

    #[test]
    fn of_very_many_some_are_named() {
        let many: Vec<String> = (10..30).map(|number| format!("status {number}")).collect();
        let many = said(&many.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(many.contains("\u{201c}status 17\u{201d} and 12 more mean"), "{many}");
    }
}
