//! How long panels take from 100,000 tickets: all of it, and one poll's change.
//!
//! `cargo bench -p desk` prints one line for each figure. The tickets are made up here, the same ones every time.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{error::Error, hint::black_box, time::Instant};

use desk::{
    Agent, AgentId, AgentState, Batch, Capabilities, Channel, Client, ClientId, Clock, ClockMetric, ClockState, Desk,
    Group, GroupId, Hours, Lens, Moment, Priority, Replies, Schedule, Scope, Status, Ticket, TicketId, View, metric,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

const TICKETS: u64 = 100_000;
const HISTORY: i64 = 56 * 24 * 3600;
const POLLS: usize = 300;
const CHANGES: u64 = 25;
const POLL: i64 = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let zone = TimeZone::get("Europe/London")?;
    let schedule = Schedule::weekdays(zone.clone(), Hours::new(8 * 60, 18 * 60)?);
    let lens = Lens { scope: Scope::default(), schedule: Some(schedule) };
    let start: Timestamp = "2026-11-16T14:32:00Z".parse()?;
    let mut random = Random(7);

    let tickets: Vec<Ticket> = (0..TICKETS)
        .map(|number| {
            let age = random.below(HISTORY as u64) as i64;
            ticket(number, start - SignedDuration::from_secs(age), start, &mut random)
        })
        .collect();
    let first = batch(start, tickets.clone());

    let mut desk = Desk::new();
    desk.watch(lens.clone());
    let began = Instant::now();
    desk.apply(first);
    all_panels(&desk.view(&lens), &Moment::new(start, zone.clone()));
    let full = began.elapsed();

    let mut times = Vec::with_capacity(POLLS);
    let mut now = start;
    for poll in 0..POLLS {
        now += SignedDuration::from_secs(POLL);
        let changed = (0..CHANGES)
            .map(|change| match change % 5 {
                0 => ticket(TICKETS + poll as u64 * CHANGES + change, now, now, &mut random),
                _ => touch(&tickets[random.below(TICKETS) as usize], now, &mut random),
            })
            .collect();
        let batch = batch(now, changed);
        let began = Instant::now();
        desk.apply(batch);
        all_panels(&desk.view(&lens), &Moment::new(now, zone.clone()));
        times.push(began.elapsed());
    }
    times.sort_unstable();
    let unsolved = metric::status_mix(&desk.view(&lens)).total();
    println!("panels from {TICKETS} tickets ({unsolved} unsolved), full: {:.1} ms", full.as_secs_f64() * 1e3);
    println!(
        "panels after one poll's change ({CHANGES} tickets), median of {POLLS} polls: {:.3} ms, slowest {:.3} ms",
        times[POLLS / 2].as_secs_f64() * 1e3,
        times[POLLS - 1].as_secs_f64() * 1e3,
    );
    Ok(())
}

fn all_panels(view: &View<'_>, moment: &Moment) {
    black_box((
        metric::open_tickets(view, moment),
        metric::unassigned(view, moment),
        metric::new_today(view, moment),
        metric::solved_today(view, moment),
        metric::backlog_change(view, moment),
        metric::backlog_age(view, moment),
        metric::status_mix(view),
        metric::priority_mix(view),
        metric::group_load(view, moment),
        metric::oldest_open(view, 8),
        metric::live_feed(view, 20),
        metric::awaiting_reply(view, moment),
    ));
    black_box((
        metric::first_reply_time(view, moment),
        metric::resolution_time(view, moment),
        metric::sla_attainment(view, moment.today()),
        metric::sla_at_risk(view, moment, 8),
        metric::sla_breached(view, moment),
        metric::agent_status(view, moment),
    ));
}

/// A ticket of a desk that solves most of its work within a day or two, as it stands at `now`.
fn ticket(number: u64, created_at: Timestamp, now: Timestamp, random: &mut Random) -> Ticket {
    let later = |seconds: u64| created_at + SignedDuration::from_secs(seconds as i64);
    let reply = later(random.below(4 * 3600));
    let solve = later(600 + random.below(if number.is_multiple_of(20) { 40 * 86_400 } else { 2 * 86_400 }));
    let (replied, solved) = (reply <= now, solve <= now);
    let status = match (solved, replied) {
        (true, _) => Status::Solved,
        (false, false) => Status::New,
        (false, true) => [Status::Open, Status::Pending, Status::Hold][random.below(3) as usize],
    };
    let clock = |metric, due_at: Timestamp, ended_at: Timestamp| Clock {
        metric,
        due_at,
        goal: None,
        state: match ended_at <= now {
            true if ended_at <= due_at => ClockState::Met,
            true => ClockState::Breached,
            false => ClockState::Running,
        },
        ended_at: (ended_at <= now).then_some(ended_at),
    };
    Ticket {
        id: TicketId(number.to_string()),
        subject: format!("Ticket {number}"),
        status,
        priority: [Priority::Urgent, Priority::High, Priority::Normal, Priority::Low][random.below(4) as usize],
        created_at,
        updated_at: if solved {
            solve
        } else if replied {
            reply
        } else {
            created_at
        },
        solved_at: solved.then_some(solve),
        solved_by: None,
        closed_at: None,
        first_reply_at: replied.then_some(reply),
        opened_by_agent_reply: false,
        last_requester_at: Some(created_at),
        last_agent_at: replied.then_some(reply),
        last_agent: None,
        assignee: replied.then(|| AgentId(random.below(60).to_string())),
        group: Some(GroupId(random.below(12).to_string())),
        client: Some(ClientId(random.below(200).to_string())),
        channel: Channel::Email,
        tags: vec!["printer".into()],
        agent_replies: u32::from(replied),
        reopens: 0,
        clocks: vec![
            clock(ClockMetric::FirstReply, later(3 * 3600), reply),
            clock(ClockMetric::Resolution, later(86_400), solve),
        ],
        rating: None,
    }
}

/// The same ticket after somebody worked on it now.
fn touch(ticket: &Ticket, now: Timestamp, random: &mut Random) -> Ticket {
    let mut ticket = Ticket { updated_at: now, last_agent_at: Some(now), ..ticket.clone() };
    ticket.assignee = Some(AgentId(random.below(60).to_string()));
    if random.below(2) == 0 {
        (ticket.status, ticket.solved_at) = (Status::Solved, Some(now));
    } else {
        (ticket.status, ticket.last_requester_at) = (Status::Open, Some(now));
    }
    ticket
}

fn batch(read_at: Timestamp, tickets: Vec<Ticket>) -> Batch {
    let agent = |id: u64| Agent {
        id: AgentId(id.to_string()),
        name: format!("Agent {id}"),
        group: None,
        state: Some(AgentState::Available),
        state_since: Some(read_at),
        on_shift: Some(true),
    };
    Batch {
        read_at,
        tickets,
        removed: Vec::new(),
        agents: Some((0..60).map(agent).collect()),
        groups: Some((0..12).map(|id| Group { id: GroupId(id.to_string()), name: format!("Team {id}") }).collect()),
        clients: (0..200).map(|id| Client { id: ClientId(id.to_string()), name: format!("Client {id}") }).collect(),
        activity: Vec::new(),
        complete_since: None,
        capabilities: Capabilities { sla: true, presence: true, replies: Replies::Known, ratings: false },
    }
}

/// A small generator (SplitMix64), so that every run measures the same desk.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % bound
    }
}
