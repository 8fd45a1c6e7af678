//! What lies in the queue: panels 1, 2 and 6 to 10.

use board::{
    Form, Value,
    form::{Arrangement, Bar, Bars, Stat, Table, TableRow},
};
use desk::{Level, Ticket, metric};

use super::{Draft, Refresh, words};

/// Rows of the oldest tickets.
const OLDEST: usize = 8;

impl Refresh<'_> {
    pub(super) fn open_tickets(&mut self) -> Draft {
        let open = metric::open_tickets(self.view, self.moment);
        let level = self.judge("open-tickets", &self.settings.thresholds.open_tickets, open.percent_of_usual());
        let usual = open.usual.map(|usual| usual.round() as i64);
        let (context, wide_context) = match (usual, open.week_ago) {
            (Some(usual), _) => {
                (Some(words::before("usual", Value::Count(usual))), Some(words::against_usual(open.count, usual)))
            }
            (None, Some(week_ago)) => (
                Some(words::before("was", Value::Count(week_ago.into()))),
                Some(words::against_last_week(open.count, week_ago, self.moment)),
            ),
            (None, None) => (None, None),
        };
        let stat = Stat {
            value: Value::Count(open.count.into()),
            context,
            wide_context,
            trace: open.course.map(|course| words::trace(course, open.usual.map(|usual| (usual, "usual")))),
            term: None,
            next: None,
        };
        Draft::new("Open tickets", Some("Open"), Form::Stat(stat), level)
    }

    pub(super) fn unassigned(&mut self) -> Draft {
        let unassigned = metric::unassigned(self.view, self.moment);
        let thresholds = &self.settings.thresholds;
        let many = self.judge("unassigned", &thresholds.unassigned, Some(f64::from(unassigned.count)));
        let age = unassigned.oldest_age.map(|age| age as f64);
        let old = self.judge("unassigned/oldest", &thresholds.unassigned_oldest, age);
        let oldest = unassigned.oldest.zip(unassigned.oldest_age);
        let stat = Stat {
            value: Value::Count(unassigned.count.into()),
            context: Some(match oldest {
                Some((oldest, age)) => self.waited("oldest", oldest, age),
                None => words::plain("all taken"),
            }),
            wide_context: oldest.map(|(oldest, age)| self.waited_in_full("oldest", oldest, age)),
            trace: None,
            term: None,
            next: None,
        };
        Draft::new("Unassigned", Some("No owner"), Form::Stat(stat), many.max(old))
    }

    pub(super) fn backlog_age(&mut self) -> Draft {
        let age = metric::backlog_age(self.view, self.moment);
        let level = self.judge("backlog-age", &self.settings.thresholds.backlog_age, age.over_a_week().judged());
        let [hour, hours, day, days, week, older] = age.bands;
        let old = age.over_a_week().share();
        let bars = Bars {
            arrangement: Arrangement::Columns,
            bars: vec![
                bar("<1h", hour),
                bar("<8h", hours),
                bar("<1d", day),
                bar("<3d", days),
                bar("<7d", week),
                bar("7d+", older),
            ],
            limit: None,
            headline: None,
            context: old.map(|share| words::after(Value::Ratio(share), "over 7d")),
            small: vec![bar("<1d", hour + hours + day), bar("<7d", days + week), bar("7d+", older)],
        };
        Draft::new("Open by age", Some("By age"), Form::Bars(bars), level)
    }

    pub(super) fn status_mix(&mut self) -> Draft {
        let mix = metric::status_mix(self.view);
        let level = self.judge("status-mix", &self.settings.thresholds.status_mix, mix.share_new().judged());
        let new = Bar { status: words::status(level), ..bar("New", mix.new) };
        let bars = Bars {
            arrangement: Arrangement::Strip,
            bars: vec![new, bar("Open", mix.open), bar("Pending", mix.pending), bar("On hold", mix.hold)],
            limit: None,
            headline: None,
            context: None,
            small: Vec::new(),
        };
        Draft::new("Open by status", Some("By status"), Form::Bars(bars), level)
    }

    pub(super) fn priority_mix(&mut self) -> Draft {
        let mix = metric::priority_mix(self.view);
        let thresholds = &self.settings.thresholds;
        let urgent = self.judge("priority-mix/urgent", &thresholds.urgent, Some(f64::from(mix.urgent)));
        let high = self.judge("priority-mix/high", &thresholds.high, Some(f64::from(mix.high)));
        let mut bars = vec![
            Bar { status: words::status(urgent), ..bar("Urgent", mix.urgent) },
            Bar { status: words::status(high), ..bar("High", mix.high) },
            bar("Normal", mix.normal),
            bar("Low", mix.low),
        ];
        if mix.none > 0 {
            bars.push(bar("None", mix.none));
        }
        let bars = Bars {
            arrangement: Arrangement::Rows,
            bars,
            limit: None,
            headline: None,
            context: None,
            small: Vec::new(),
        };
        Draft::new("By priority", Some("Priority"), Form::Bars(bars), urgent.max(high))
    }

    pub(super) fn group_load(&mut self) -> Draft {
        let load = metric::group_load(self.view, self.moment);
        let threshold = &self.settings.thresholds.group_load;
        let mut worst = Level::Ok;
        let mut bars = Vec::with_capacity(load.teams.len() + 1);
        for team in &load.teams {
            let id = team.group.as_ref().map_or("", |group| group.0.as_str());
            let level = self.judge(&format!("group-load/{id}"), threshold, team.percent_of_usual());
            worst = worst.max(level);
            let label = match &team.group {
                Some(group) => self.view.desk().group(group).map_or(id, |group| group.name.as_str()),
                None => "No team",
            };
            bars.push(Bar {
                part: Some(team.unassigned.into()),
                status: words::status(level),
                ..bar(label, team.unsolved)
            });
        }
        bars.extend(
            load.other.map(|other| Bar { part: Some(other.unassigned.into()), ..bar("Other", other.unsolved) }),
        );
        let bars = Bars {
            arrangement: Arrangement::Rows,
            bars,
            limit: None,
            headline: None,
            context: None,
            small: Vec::new(),
        };
        Draft::new("Open by team", Some("By team"), Form::Bars(bars), worst)
    }

    pub(super) fn oldest_open(&mut self) -> Draft {
        let (desk, private) = (self.view.desk(), self.settings.private);
        let row = |ticket: &Ticket| {
            let age = self.moment.now().duration_since(ticket.created_at).as_secs_f64();
            TableRow {
                key: ticket.id.0.clone(),
                name: words::client(desk, ticket, private),
                detail: None,
                subject: words::about(desk, ticket, private),
                extra: words::owner(desk, ticket),
                value: Value::Since(ticket.created_at),
                status: words::status(self.level(&self.settings.thresholds.oldest_open, age)),
            }
        };
        let rows = metric::oldest_open(self.view, OLDEST).into_iter().map(row).collect();
        let table = Table { rows, by_subject: self.by_subject() };
        Draft::new("Oldest open", Some("Oldest"), Form::Table(table), Level::Ok)
    }
}

fn bar(label: &str, value: u32) -> Bar {
    Bar { label: label.to_owned(), value: value.into(), part: None, status: board::Status::Ok }
}
