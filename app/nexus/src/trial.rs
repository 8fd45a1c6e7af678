//! How a connection to Request Tracker is tried: the Broker's own request, the connector's own judgement.

use broker::{Trial, Verdict};
use connectors::{PollError, request_tracker};

/// Reads the helpdesk once as a poll does.
pub(crate) const REQUEST_TRACKER: Trial = Trial {
    path: request_tracker::TRIAL.0,
    query: request_tracker::TRIAL.1,
    elsewhere: request_tracker::ELSEWHERE,
    judge: |status, body| request_tracker::judge_trial(status, body).map_err(verdict),
};

fn verdict(error: PollError) -> Verdict {
    let words = error.to_string();
    match error {
        PollError::Unreachable { .. } => Verdict::Silent(words),
        PollError::Refused { .. } => Verdict::Refused(words),
        _ => Verdict::Unexpected(words),
    }
}
