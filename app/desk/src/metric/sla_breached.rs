//! Panel 20: promises already broken and still open.

use crate::{ClockMetric, Moment, View, index::Line, view::saturating};

/// Broken promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlaBreached {
    /// Unsolved tickets with at least one breached clock.
    pub tickets: u32,
    /// Clocks that were breached today, on tickets solved since as well.
    pub today: u32,
}

/// Counts unsolved tickets with a breached clock; a clock past its due time counts at once.
pub fn sla_breached(view: &View<'_>, moment: &Moment) -> SlaBreached {
    let metrics = [ClockMetric::FirstReply, ClockMetric::NextReply, ClockMetric::Resolution, ClockMetric::Update];
    let today = metrics.into_iter().map(|metric| view.line(Line::Breached(metric)).within(moment.today()).len()).sum();
    SlaBreached { tickets: saturating(view.line(Line::Breach).up_to(moment.now())), today: saturating(today) }
}
