//! Which tickets a day brings, and everything about them that the desk's own doings do not change.

use std::sync::LazyLock;

use desk::{Channel, Priority};

use super::calendar::{DAY, Day, HOUR, MINUTE};
use super::cast::{COMPANIES, NETWORK, TOPICS, Team, Template};
use super::random::{Generator, Stream};
use super::rates::{Intensity, Scenario};

/// A request, as it will come in.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    pub(super) at: i64,
    pub(super) topic: usize,
    pub(super) template: usize,
    pub(super) company: usize,
    pub(super) site: usize,
    pub(super) channel: Channel,
    pub(super) priority: Priority,
    /// The incident that caused it, if one did.
    pub(super) incident: Option<Incident>,
    pub(super) plan: Plan,
}

impl Arrival {
    pub(super) fn template(&self) -> &'static Template {
        &TOPICS[self.topic].templates[self.template]
    }

    pub(super) fn team(&self) -> Team {
        self.template().team
    }
}

/// What an incident means for one of its tickets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Incident {
    /// When the wave of solves after the fix reaches it, if it does.
    pub(super) solved_at: Option<i64>,
}

/// How much work a ticket will need.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// In the order of work; at least one.
    pub(super) touches: Vec<Touch>,
    /// Whether the first touch ends with a handover to the 2nd Line.
    pub(super) passes: bool,
    /// The requester comes back after the solve: after how long, and what is then to do.
    pub(super) reopen: Option<(i64, Vec<Touch>)>,
    /// The requester rates the solve.
    pub(super) rating: Option<Verdict>,
}

/// One sitting of an agent at a ticket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touch {
    /// Seconds of work.
    pub(super) work: i64,
    /// Seconds of waiting after it, unless it is the last.
    pub(super) wait: i64,
    /// Whether that wait is for a third party instead of the requester.
    pub(super) hold: bool,
}

/// What decides a rating; whether it is a good one depends on how the ticket went.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict {
    /// Seconds after the solve.
    pub(super) delay: i64,
    /// Good if below the chance of a good rating.
    pub(super) draw: f64,
    /// Which of the comments, if any: a fraction of the list.
    pub(super) comment: Option<f64>,
}

/// The arrivals of a local day, in order.
pub(super) fn of_day(day: &Day, scenario: Scenario, seed: u64) -> Vec<Arrival> {
    let intensity = Intensity::of(day, scenario, seed);
    let mut arrivals = Vec::new();

    let bound = intensity.bound();
    let mut candidates = Stream::ARRIVALS.on(seed, day.number);
    for (nth, (at, draw)) in Intensity::points(bound, (day.start, day.end), &mut candidates).into_iter().enumerate() {
        if draw * bound < intensity.at(at) {
            arrivals.push(everyday(at, &mut Stream::TICKET.of(seed, day.number, nth as u64)));
        }
    }

    for (burst_number, burst) in bursts(day, scenario, seed).iter().enumerate() {
        // Candidates at the peak rate, thinned like all others.
        let bound =
            (burst.factor - 1.0) * TOPICS[burst.topic].share * intensity.peak(burst.start).max(intensity.bound());
        let mut candidates = Stream::BURST.of(seed, day.number, burst.stream());
        for (nth, (at, draw)) in
            Intensity::points(bound, (burst.start, burst.end), &mut candidates).into_iter().enumerate()
        {
            let level = if burst.forced { intensity.peak(at).max(intensity.at(at)) } else { intensity.at(at) };
            if draw * bound < (burst.factor - 1.0) * TOPICS[burst.topic].share * level {
                let nth = (burst_number as u64) << 32 | nth as u64;
                arrivals.push(burst.ticket(at, &mut Stream::BURST_TICKET.of(seed, day.number, nth)));
            }
        }
    }
    arrivals.sort_by_key(|arrival| arrival.at);
    arrivals
}

/// An incident: for a while many tickets about one topic come from one client.
#[derive(Clone, Debug)]
pub(super) struct Burst {
    pub(super) start: i64,
    pub(super) end: i64,
    topic: usize,
    company: usize,
    /// How far the topic's rate rises.
    factor: f64,
    /// Chosen by hand: noticed at any hour as if it were the busiest.
    forced: bool,
}

/// The incidents that start on a day: two in five weekdays have one, a busy weekday has two.
pub(super) fn bursts(day: &Day, scenario: Scenario, seed: u64) -> Vec<Burst> {
    let mut bursts = Vec::new();
    if day.is_weekday() {
        let mut generator = Stream::BURST.on(seed, day.number);
        let happens = generator.chance(0.4);
        for half in 0..2 {
            let start = day.at(9 * 60 + 225 * half) + generator.between(0, 200 * MINUTE);
            let burst = Burst {
                start,
                end: start + generator.between(20 * MINUTE, 60 * MINUTE),
                topic: generator.weighted(TOPICS.iter().map(|topic| topic.share)),
                company: company(&mut generator),
                factor: 4.0 + 4.0 * generator.unit(),
                forced: false,
            };
            if scenario.is_busy(start) || happens && half == i64::from(day.number % 2 == 0) {
                bursts.push(burst);
            }
        }
    }
    if let Some((start, end)) = scenario.outage()
        && (day.start..day.end).contains(&start)
    {
        let company = company(&mut Stream::BURST.of(seed, day.number, u64::MAX));
        bursts.push(Burst { start, end, topic: NETWORK, company, factor: 8.0, forced: true });
    }
    bursts
}

impl Burst {
    /// Its candidates' own stream; the start is different for each burst of a day.
    fn stream(&self) -> u64 {
        self.start.unsigned_abs()
    }

    fn ticket(&self, at: i64, generator: &mut Generator) -> Arrival {
        let priority = match generator.unit() {
            draw if draw < 0.08 => Priority::Urgent,
            draw if draw < 0.30 => Priority::High,
            draw if draw < 0.90 => Priority::Normal,
            _ => Priority::Low,
        };
        let wave = generator.between(0, 15 * MINUTE);
        let solved_by_wave = generator.chance(0.85);
        Arrival {
            incident: Some(Incident { solved_at: solved_by_wave.then_some(self.end + wave) }),
            ..arrival(at, self.topic, self.company, priority, generator)
        }
    }
}

fn everyday(at: i64, generator: &mut Generator) -> Arrival {
    let priority = match generator.unit() {
        draw if draw < 0.04 => Priority::Urgent,
        draw if draw < 0.20 => Priority::High,
        draw if draw < 0.82 => Priority::Normal,
        _ => Priority::Low,
    };
    let topic = generator.weighted(TOPICS.iter().map(|topic| topic.share));
    let company = company(generator);
    arrival(at, topic, company, priority, generator)
}

fn arrival(at: i64, topic: usize, company: usize, priority: Priority, generator: &mut Generator) -> Arrival {
    let likelihood = |template: &Template| if template.likely == priority { 4.0 } else { 1.0 };
    Arrival {
        at,
        topic,
        template: generator.weighted(TOPICS[topic].templates.iter().map(likelihood)),
        company,
        site: generator.index(COMPANIES[company].sites.len()),
        channel: match generator.unit() {
            draw if draw < 0.52 => Channel::Email,
            draw if draw < 0.74 => Channel::Web,
            draw if draw < 0.90 => Channel::Phone,
            draw if draw < 0.98 => Channel::Chat,
            _ => Channel::Api,
        },
        priority,
        incident: None,
        plan: plan(generator),
    }
}

/// Zipf with exponent 0.9 over the clients.
fn company(generator: &mut Generator) -> usize {
    static WEIGHTS: LazyLock<[f64; COMPANIES.len()]> =
        LazyLock::new(|| std::array::from_fn(|index| (index as f64 + 1.0).powf(-0.9)));
    generator.weighted(WEIGHTS.iter().copied())
}

fn plan(generator: &mut Generator) -> Plan {
    let touches = touches(generator);
    // 12 % of all tickets, which is this share of the 42 % that need more than one touch.
    let passes = touches.len() > 1 && generator.chance(0.12 / 0.42);
    let reopen = generator.chance(0.04).then(|| (reopen_delay(generator), self::touches(generator)));
    let rating = generator.chance(0.22).then(|| Verdict {
        delay: generator.exponential(6.0 * HOUR as f64) as i64 + MINUTE,
        draw: generator.unit(),
        comment: Some(generator.unit() / 0.35).filter(|fraction| *fraction < 1.0),
    });
    Plan { touches, passes, reopen, rating }
}

fn touches(generator: &mut Generator) -> Vec<Touch> {
    let mut touches = Vec::with_capacity(2);
    loop {
        touches.push(Touch {
            work: (generator.log_normal(13.5 * MINUTE as f64, 0.75) as i64).max(30),
            // The tail is cut: a request that waits longer than three weeks would have been closed by policy.
            wait: (generator.log_normal(10.0 * HOUR as f64, 1.1) as i64).clamp(MINUTE, 21 * DAY),
            hold: generator.chance(0.15),
        });
        if touches.len() == 7 || !generator.chance(0.42) {
            return touches;
        }
    }
}

/// A ticket is closed four days after its solve, and only an open door can be walked back through.
fn reopen_delay(generator: &mut Generator) -> i64 {
    loop {
        let delay = generator.exponential(1.5 * DAY as f64) as i64;
        if (10 * MINUTE..4 * DAY).contains(&delay) {
            return delay;
        }
    }
}
