//! Values in words, with what the page's script needs to let them run.

use askama::{Template, filters::HtmlSafe};
use board::{
    Value,
    form::Context,
    format::{self, Part, Worded, WordedContext},
};

use super::Moment;

/// A value: its words now, the instant by which they change, and its words once nothing is heard of it any more.
#[derive(Template)]
#[template(path = "board/figure.html")]
pub(super) struct Figure {
    parts: Vec<Part>,
    running: Option<Running>,
    /// What a countdown becomes when the connection is lost.
    frozen: Option<String>,
    /// How many figures wide it is, so that the style sheet can make a wide one smaller.
    length: usize,
    /// Whether it is words instead of a number.
    words: bool,
}

/// What runs, and as what it is worded.
pub(super) struct Running {
    /// `since` or `until`.
    direction: &'static str,
    /// The instant in milliseconds of Unix time.
    at: i64,
    /// `main` for [`format::worded`], `row` for [`format::row`].
    wording: &'static str,
}

/// A context, and the same once nothing is heard of it any more.
#[derive(Template)]
#[template(path = "board/context.html")]
pub(super) struct Line {
    before: String,
    value: Option<Figure>,
    after: String,
    frozen: Option<String>,
}

// Both escape what they hold.
impl HtmlSafe for Figure {}
impl HtmlSafe for Line {}

impl Figure {
    /// A value as the main thing of a panel.
    pub(super) fn main(value: &Value, moment: Moment<'_>) -> Self {
        let running = Running::of(value, "main");
        Self::new(value, format::worded(value, moment.now, moment.zone), running, moment)
    }

    /// A value at the end of a row.
    pub(super) fn row(value: &Value, moment: Moment<'_>) -> Self {
        let running = Running::of(value, "row");
        Self::new(value, format::row(value, moment.now, moment.zone), running, moment)
    }

    /// Words that stand.
    pub(super) fn fixed(worded: Worded) -> Self {
        let length = length(&worded);
        Self { parts: parts(worded), running: None, frozen: None, length, words: false }
    }

    fn new(value: &Value, worded: Worded, running: Option<Running>, moment: Moment<'_>) -> Self {
        let due = match value {
            Value::Until(until) => Some(format::due(*until, moment.now, moment.zone)),
            _ => None,
        };
        let words = matches!(value, Value::Text(_));
        match due {
            Some(due) if moment.frozen => Self { words: true, ..Self::fixed(plain(due)) },
            frozen => Self { running, frozen, words, ..Self::fixed(worded) },
        }
    }
}

impl Running {
    fn of(value: &Value, wording: &'static str) -> Option<Self> {
        match value {
            Value::Since(since) => Some(Self { direction: "since", at: since.as_millisecond(), wording }),
            Value::Until(until) => Some(Self { direction: "until", at: until.as_millisecond(), wording }),
            _ => None,
        }
    }
}

impl Line {
    /// A context under or beside a number.
    pub(super) fn of(context: &Context, moment: Moment<'_>) -> Self {
        let Moment { now, zone, frozen } = moment;
        let still = format::frozen_context(context, now, zone).to_string();
        if frozen {
            return Self::words(still);
        }
        let WordedContext { before, value, after } = format::context(context, now, zone);
        let running = context.value.as_ref().and_then(|value| Running::of(value, "main"));
        let frozen = running.is_some().then_some(still);
        let value = (!value.is_empty()).then(|| Figure { running, ..Figure::fixed(plain(value)) });
        Self { before, value, after, frozen }
    }

    fn words(words: String) -> Self {
        Self { before: words, value: None, after: String::new(), frozen: None }
    }
}

fn plain(words: String) -> Worded {
    Worded { number: words, unit: None, second: None }
}

fn parts(Worded { number, unit, second }: Worded) -> Vec<Part> {
    std::iter::once(Part { number, unit }).chain(second).collect()
}

/// In figures: units are drawn at about two fifths of the size of numbers, and so is the space between two of them.
fn length(Worded { number, unit, second }: &Worded) -> usize {
    let small = |unit: &Option<String>| unit.as_ref().map_or(0, |unit| unit.chars().count());
    let second = second.as_ref().map_or((0, 0), |part| (part.number.chars().count(), small(&part.unit) + 1));
    number.chars().count() + second.0 + ((small(unit) + second.1) * 2).div_ceil(5)
}
