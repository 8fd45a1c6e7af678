//! How long people wait for us: panels 12, 15 and 17.

use board::{
    Form, Value,
    form::{Context, Stat, Trace, TraceShape},
};
use desk::{Durations, Replies, metric};

use super::{Draft, Refresh, words};

impl Refresh<'_> {
    pub(super) fn awaiting_reply(&mut self) -> Draft {
        let (title, short) = ("Waiting on us", Some("Waiting"));
        if let Some(draft) = self.without_replies(title, short, "messages") {
            return draft;
        }
        let waiting = metric::awaiting_reply(self.view, self.moment);
        let longest = waiting.longest.map(|longest| longest as f64);
        let level = self.judge("awaiting-reply", &self.settings.thresholds.awaiting_reply, longest);
        let longest = waiting.since.zip(waiting.longest);
        let context = match longest {
            // In a narrow tile "longest" leaves no room for minutes.
            Some((since, longest)) => self.waited("oldest", since, longest),
            None => words::plain("all replied"),
        };
        let stat = Stat {
            value: Value::Count(waiting.count.into()),
            context: Some(context),
            wide_context: longest.map(|(since, longest)| self.waited_in_full("longest", since, longest)),
            trace: waiting.course.map(|course| words::trace(course, None)),
            term: None,
            next: None,
        };
        Draft::new(title, short, Form::Stat(stat), level)
    }

    pub(super) fn first_reply_time(&mut self) -> Draft {
        let title = "First reply";
        if let Some(draft) = self.without_replies(title, None, "replies") {
            return draft;
        }
        let threshold = self.settings.thresholds.first_reply_time;
        let reply = metric::first_reply_time(self.view, self.moment);
        let level = self.judge("first-reply-time", &threshold, reply.today.judged());
        let goal = threshold.warn.map(|line| line.value());
        let few = reply.today.samples < Durations::FEW;
        let context = match goal {
            _ if few => Some(words::samples(reply.today.samples, "reply", "replies")),
            Some(goal) => Some(words::before("goal", words::seconds(goal))),
            None => words::ninetieth(&reply.today),
        };
        let stat = Stat {
            value: words::median(&reply.today),
            context,
            wide_context: if few { None } else { words::ninetieth(&reply.today) },
            trace: self.hourly(&reply.hours, goal),
            term: None,
            next: was(reply.week_ago),
        };
        Draft::new(title, None, Form::Stat(stat), level).titled(self.titled_by_hours(title), title)
    }

    pub(super) fn resolution_time(&mut self) -> Draft {
        let threshold = self.settings.thresholds.resolution_time;
        let resolution = metric::resolution_time(self.view, self.moment);
        let level = self.judge("resolution-time", &threshold, resolution.today.judged());
        let few = resolution.today.samples < Durations::FEW;
        let context = match threshold.warn {
            _ if few => Some(words::after(Value::Count(resolution.today.samples as i64), "solved")),
            Some(goal) => Some(words::before("goal", words::seconds(goal.value()))),
            None => words::ninetieth(&resolution.today),
        };
        let stat = Stat {
            value: words::median(&resolution.today),
            context,
            wide_context: if few { None } else { words::ninetieth(&resolution.today) },
            trace: None,
            term: None,
            next: was(resolution.week_ago),
        };
        let title = self.titled_by_hours("Resolution time");
        Draft::new("Resolution time", None, Form::Stat(stat), level).titled(title, "Resolution")
    }

    /// A panel about replies while not all are known: what the provider lacks, or that they are being read.
    fn without_replies(&self, title: &'static str, short: Option<&'static str>, lacks: &str) -> Option<Draft> {
        match self.provider().replies {
            Replies::Absent => Some(self.unable(title, short, lacks)),
            Replies::Arriving => Some(Draft::unavailable(title, short, format!("Reading {}", self.settings.provider))),
            Replies::Known => None,
        }
    }

    /// Medians by hour from the first hour with enough replies for one; an hour with fewer keeps the one before.
    fn hourly(&self, hours: &[Durations], goal: Option<f64>) -> Option<Box<Trace>> {
        let first = hours.iter().position(|hour| hour.judged().is_some())?;
        let from = self.moment.hours_today().get(first)?.start;
        let mut last = 0.0;
        let points: Vec<f64> = hours[first..]
            .iter()
            .map(|hour| {
                last = hour.judged().unwrap_or(last);
                last
            })
            .collect();
        (points.len() > 1).then(|| {
            Box::new(Trace {
                points,
                shape: TraceShape::Line,
                slots: None,
                target: goal,
                target_label: goal.map(|_| "goal".to_owned()),
                from: Some(from),
            })
        })
    }
}

/// "was 38m": the median by this time last week, where there were enough for one.
fn was(week_ago: Option<Durations>) -> Option<Context> {
    Some(words::before("was", words::seconds(week_ago?.judged()?)))
}
