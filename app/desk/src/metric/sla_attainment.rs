//! Panel 18: the share of SLA clocks that ended in time.

use crate::{ClockMetric, Ratio, View, Window, index::Line};

/// Clocks that ended in a window: those met, of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct SlaAttainment {
    /// All clocks.
    pub all: Ratio,
    /// First reply.
    pub first_reply: Ratio,
    /// Resolution.
    pub resolution: Ratio,
}

/// Counts clocks met and breached in a window; a breach counts once, at the moment it happens.
pub fn sla_attainment(view: &View<'_>, window: Window) -> SlaAttainment {
    let ratio = |metric| {
        let met = view.line(Line::Met(metric)).within(window).len() as u64;
        let breached = view.line(Line::Breached(metric)).within(window).len() as u64;
        Ratio { part: met, whole: met + breached }
    };
    let first_reply = ratio(ClockMetric::FirstReply);
    let resolution = ratio(ClockMetric::Resolution);
    let parts = [first_reply, resolution, ratio(ClockMetric::NextReply), ratio(ClockMetric::Update)];
    let all = Ratio { part: parts.iter().map(|one| one.part).sum(), whole: parts.iter().map(|one| one.whole).sum() };
    SlaAttainment { all, first_reply, resolution }
}
