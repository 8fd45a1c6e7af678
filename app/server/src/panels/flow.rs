//! What comes in and goes out: panels 3, 4, 5 and 11.

use board::{
    Form, Status, Value,
    form::{Arrangement, Bar, Bars, Context, Stat, Table, TableRow, Trace, TraceShape},
};
use desk::{ActivityKind, Level, Priority, metric, metric::Happening};

use super::{Draft, Refresh, words};

/// Rows of the feed.
const NEWEST: usize = 20;

impl Refresh<'_> {
    pub(super) fn new_today(&mut self) -> Draft {
        let new = metric::new_today(self.view, self.moment);
        let level = self.judge("new-today", &self.settings.thresholds.new_today, new.percent_of_week_ago());
        let trace = Trace {
            points: new.hours.iter().copied().map(f64::from).collect(),
            shape: TraceShape::Bars,
            slots: Some(self.moment.hours_of_day()),
            target: None,
            target_label: None,
            from: Some(self.moment.today().start),
        };
        let stat = Stat {
            value: Value::Count(new.count.into()),
            context: new.week_ago.map(|week_ago| words::before("was", Value::Count(week_ago.into()))),
            wide_context: new.week_ago.map(|week_ago| words::against_last_week(new.count, week_ago, self.moment)),
            trace: Some(Box::new(trace)),
            term: None,
            next: None,
        };
        Draft::new("Created today", Some("New"), Form::Stat(stat), level)
    }

    pub(super) fn solved_today(&mut self) -> Draft {
        let solved = metric::solved_today(self.view, self.moment);
        let target = self.settings.solved_target;
        let reached = target.and_then(|target| solved.percent_of_target(target));
        let level = self.judge("solved-today", &self.settings.thresholds.solved_today, reached);
        let (context, wide_context): (Option<Context>, _) = match (target, solved.week_ago) {
            (Some(target), _) => (Some(words::before("goal", Value::Count(target.into()))), None),
            (None, Some(week_ago)) => (
                Some(words::before("was", Value::Count(week_ago.into()))),
                Some(words::against_last_week(solved.count, week_ago, self.moment)),
            ),
            (None, None) => (None, None),
        };
        let stat = Stat {
            value: Value::Count(solved.count.into()),
            context,
            wide_context,
            trace: None,
            term: None,
            next: None,
        };
        Draft::new("Solved today", Some("Solved"), Form::Stat(stat), level)
    }

    pub(super) fn backlog_change(&mut self) -> Draft {
        let change = metric::backlog_change(self.view, self.moment);
        let level = self.judge("backlog-change", &self.settings.thresholds.backlog_change, change.judged());
        let bar = |label: &str, value: u32| Bar {
            label: label.to_owned(),
            value: value.into(),
            part: None,
            status: Status::Ok,
        };
        let context = change.pace().share().map(|share| words::after(Value::Ratio(share), "of created"));
        let bars = Bars {
            arrangement: Arrangement::Opposed,
            bars: vec![bar("Created", change.created), bar("Solved", change.solved)],
            limit: None,
            headline: Some(Value::Count(change.difference())),
            context,
            small: Vec::new(),
        };
        Draft::new("Created against solved", Some("In and out"), Form::Bars(bars), level)
    }

    pub(super) fn live_feed(&mut self) -> Draft {
        let happenings = metric::live_feed(self.view, NEWEST);
        let rows = happenings.iter().filter_map(|happening| self.happening(happening)).collect();
        Draft::new("Latest", None, Form::Table(Table { rows, by_subject: false }), Level::Ok)
    }

    /// "Mia solved", "New printer"; where nobody is known to have done it, "Ferry Books reopened". Nothing of what is not
    /// told.
    fn happening(&self, happening: &Happening<'_>) -> Option<TableRow> {
        let (desk, private) = (self.view.desk(), self.settings.private);
        let Happening { activity, ticket } = happening;
        let verb = match activity.kind {
            ActivityKind::Created => "new",
            ActivityKind::Assigned => "took",
            ActivityKind::Replied => "replied",
            ActivityKind::Solved => "solved",
            ActivityKind::Reopened => "reopened",
            ActivityKind::Updated => return None,
        };
        let by = activity.by.as_ref().and_then(|agent| words::given_name(desk, agent));
        let client = words::client(desk, ticket, private);
        let (name, detail, extra) = match (activity.kind, by) {
            (ActivityKind::Created, _) => ("New".to_owned(), words::topic(ticket, private), client),
            (_, Some(agent)) => (agent, verb.to_owned(), client),
            (_, None) => (client, verb.to_owned(), words::topic(ticket, private)),
        };
        let urgent = ticket.priority == Priority::Urgent && ticket.status.is_unsolved() && !self.stale;
        Some(TableRow {
            key: format!("{} {verb} {}", ticket.id.0, activity.at),
            extra: (extra != name && extra != detail).then_some(extra),
            name,
            detail: Some(detail),
            subject: None,
            value: Value::Since(activity.at),
            status: if urgent { Status::Warn } else { Status::Ok },
        })
    }
}
