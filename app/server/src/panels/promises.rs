//! Promises kept, in danger and broken: panels 18, 19 and 20.

use board::{
    Form, Value,
    form::{Gauge, GaugePart, Queue, Stat, Wait},
};
use desk::{
    Ratio, metric,
    metric::{RunningClock, SlaAtRisk},
};

use super::{Draft, Refresh, words};

/// Rows of the clocks at risk.
const NEAREST: usize = 8;

const CLOCKS: &str = "SLA";

impl Refresh<'_> {
    pub(super) fn sla_attainment(&mut self) -> Draft {
        let title = "SLA met";
        if !self.provider().sla {
            return self.unable(title, None, CLOCKS);
        }
        let threshold = self.settings.thresholds.sla_attainment;
        let wanted = self.settings.sla_days;
        let days = self.view.known_days(self.moment, wanted);
        let met = metric::sla_attainment(self.view, self.moment.last_days(days));
        let level = self.judge("sla-attainment", &threshold, met.all.judged());
        let target = threshold.warn.map(|line| line.value() / 100.0);
        let gauge = Gauge {
            value: share(met.all),
            target,
            context: target.map(|target| words::before("goal", Value::Ratio(target))),
            parts: vec![
                GaugePart { label: "Reply".to_owned(), value: share(met.first_reply) },
                GaugePart { label: "Fix".to_owned(), value: share(met.resolution) },
            ],
        };
        let draft = Draft::new(title, None, Form::Gauge(gauge), level);
        if wanted == 1 {
            return draft;
        }
        let (title, short) = words::met_over(days, wanted);
        draft.titled(title, short)
    }

    pub(super) fn sla_at_risk(&mut self) -> Draft {
        let (title, short) = ("SLA at risk", Some("At risk"));
        if !self.provider().sla {
            return self.unable(title, short, CLOCKS);
        }
        let risk = metric::sla_at_risk(self.view, self.moment, NEAREST);
        let left = risk.left.map(|left| left as f64);
        let level = self.judge("sla-at-risk", &self.settings.thresholds.sla_at_risk, left);
        let (desk, private) = (self.view.desk(), self.settings.private);
        let row = |clock: &RunningClock<'_>| Wait {
            key: format!("{} {}", clock.ticket.id.0, clock.metric.name()),
            client: words::client(desk, clock.ticket, private),
            subject: words::about(desk, clock.ticket, private),
            owner: words::owner(desk, clock.ticket),
            due_at: clock.due_at,
            window: SlaAtRisk::WINDOW,
        };
        let rows = risk.nearest.iter().map(row).collect();
        let queue = Queue { total: risk.total, rows, by_subject: self.by_subject() };
        Draft::new(title, short, Form::Queue(queue), level)
    }

    pub(super) fn sla_breached(&mut self) -> Draft {
        let (title, short) = ("SLA breached", Some("Breached"));
        if !self.provider().sla {
            return self.unable(title, short, CLOCKS);
        }
        let breached = metric::sla_breached(self.view, self.moment);
        let threshold = &self.settings.thresholds.sla_breached;
        let level = self.judge("sla-breached", threshold, Some(f64::from(breached.tickets)));
        let stat = Stat {
            value: Value::Count(breached.tickets.into()),
            context: Some(words::before("today", Value::Count(breached.today.into()))),
            wide_context: None,
            trace: None,
            term: None,
            next: None,
        };
        Draft::new(title, short, Form::Stat(stat), level)
    }
}

fn share(ratio: Ratio) -> Value {
    ratio.share().map_or(Value::NoData, Value::Ratio)
}
