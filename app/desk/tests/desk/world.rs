//! Made-up tickets.

use desk::{
    Agent, AgentId, AgentState, Batch, Capabilities, Channel, Client, ClientId, Clock, ClockMetric, ClockState, Desk,
    Group, GroupId, Hours, Lens, Moment, Priority, Replies, Schedule, Scope, Status, Ticket, TicketId, View, metric,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use proptest::{option, prelude::*, sample::select};

/// Monday 16 November 2026, 14:32 in London.
pub(crate) fn now() -> Timestamp {
    "2026-11-16T14:32:00Z".parse().unwrap()
}

pub(crate) fn london() -> TimeZone {
    TimeZone::get("Europe/London").unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn moment() -> Moment {
    Moment::new(now(), london())
}

pub(crate) fn minutes_ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

pub(crate) fn office_hours() -> Schedule {
    Schedule::weekdays(london(), Hours::new(8 * 60, 18 * 60).unwrap())
}

/// An open ticket without anything special, created an hour ago.
pub(crate) fn plain(id: u32) -> Ticket {
    let created_at = minutes_ago(60);
    Ticket {
        last_requester_at: Some(created_at),
        channel: Channel::Email,
        ..Ticket::new(id.to_string(), format!("Subject {id}"), created_at)
    }
}

pub(crate) fn clock(metric: ClockMetric, state: ClockState, due_at: Timestamp) -> Clock {
    Clock { metric, due_at, goal: None, state, ended_at: None }
}

pub(crate) fn batch(read_at: Timestamp, tickets: Vec<Ticket>) -> Batch {
    let agent = |id: u8| Agent {
        id: AgentId(id.to_string()),
        name: format!("Agent {id}"),
        group: None,
        state: Some(AgentState::Available),
        state_since: None,
        on_shift: None,
    };
    Batch {
        read_at,
        tickets,
        removed: Vec::new(),
        agents: Some((0..3).map(agent).collect()),
        groups: Some((0..3).map(|id| Group { id: GroupId(id.to_string()), name: format!("Team {id}") }).collect()),
        clients: (0..3).map(|id| Client { id: ClientId(id.to_string()), name: format!("Client {id}") }).collect(),
        activity: Vec::new(),
        complete_since: None,
        capabilities: Capabilities { sla: true, presence: true, replies: Replies::Known, ratings: false },
    }
}

/// A desk that has read these tickets once, now.
pub(crate) fn desk_of(tickets: Vec<Ticket>) -> Desk {
    let mut desk = Desk::new();
    desk.apply(batch(now(), tickets));
    desk
}

/// Every metric that follows from tickets, in words that can be compared.
pub(crate) fn all_metrics(view: &View<'_>, moment: &Moment) -> Vec<String> {
    vec![
        format!("{:?}", metric::open_tickets(view, moment)),
        format!("{:?}", metric::unassigned(view, moment)),
        format!("{:?}", metric::new_today(view, moment)),
        format!("{:?}", metric::solved_today(view, moment)),
        format!("{:?}", metric::backlog_change(view, moment)),
        format!("{:?}", metric::backlog_age(view, moment)),
        format!("{:?}", metric::status_mix(view)),
        format!("{:?}", metric::priority_mix(view)),
        format!("{:?}", metric::group_load(view, moment)),
        format!("{:?}", metric::oldest_open(view, 3)),
        format!("{:?}", metric::awaiting_reply(view, moment)),
        format!("{:?}", metric::first_reply_time(view, moment)),
        format!("{:?}", metric::resolution_time(view, moment)),
        format!("{:?}", metric::sla_attainment(view, moment.last_days(7))),
        format!("{:?}", metric::sla_at_risk(view, moment, 3)),
        format!("{:?}", metric::sla_breached(view, moment)),
        format!("{:?}", metric::agent_status(view, moment)),
    ]
}

/// An instant of the last three weeks, or of the next two hours; often the same one as another.
fn instant() -> impl Strategy<Value = Timestamp> {
    prop_oneof![(-120i64..=240).prop_map(|step| step * 5), (0i64..=21 * 24).prop_map(|hours| hours * 60)]
        .prop_map(minutes_ago)
}

fn any_clock() -> impl Strategy<Value = Clock> {
    let metric =
        select(vec![ClockMetric::FirstReply, ClockMetric::NextReply, ClockMetric::Resolution, ClockMetric::Update]);
    let state = select(vec![ClockState::Running, ClockState::Paused, ClockState::Met, ClockState::Breached]);
    (metric, state, instant(), option::of(instant())).prop_map(|(metric, state, due_at, ended_at)| Clock {
        metric,
        due_at,
        goal: None,
        state,
        ended_at: ended_at.filter(|_| matches!(state, ClockState::Met | ClockState::Breached)),
    })
}

/// Any ticket, with an id below 12. Most are created when their id says, so that a ticket keeps much of what it
/// was when it comes again, and several are of the same instant.
pub(crate) fn ticket() -> impl Strategy<Value = Ticket> {
    let statuses =
        vec![Status::New, Status::Open, Status::Pending, Status::Hold, Status::Open, Status::Solved, Status::Closed];
    let priorities = vec![Priority::None, Priority::Low, Priority::Normal, Priority::High, Priority::Urgent];
    let who = (option::of(0u8..3), option::of(0u8..3), option::of(0u8..3), any::<bool>());
    let when = (instant(), option::of(instant()), option::of(instant()), option::of(instant()), option::of(instant()));
    (0u32..12, select(statuses), select(priorities), who, when, prop::collection::vec(any_clock(), 0..3)).prop_map(
        |(id, status, priority, who, when, clocks)| {
            let (assignee, group, client, tagged) = who;
            let (created_at, solved_at, first_reply_at, last_requester_at, last_agent_at) = when;
            let created_at =
                if priority == Priority::Urgent { created_at } else { minutes_ago(i64::from(id % 5) * 700) };
            Ticket {
                status,
                priority,
                created_at,
                solved_at,
                first_reply_at,
                last_requester_at,
                last_agent_at,
                assignee: assignee.map(|id| AgentId(id.to_string())),
                group: group.map(|id| GroupId(id.to_string())),
                client: client.map(|id| ClientId(id.to_string())),
                tags: if tagged { vec!["vip".into()] } else { Vec::new() },
                opened_by_agent_reply: tagged && id % 2 == 0,
                clocks,
                ..plain(id)
            }
        },
    )
}

/// What a few polls in a row yield: changed tickets, and some that are gone.
pub(crate) fn polls() -> impl Strategy<Value = Vec<Batch>> {
    let poll = (prop::collection::vec(ticket(), 0..8), prop::collection::vec(0u32..12, 0..3));
    prop::collection::vec(poll, 1..6).prop_map(|polls| {
        let count = polls.len() as i64;
        let dated = polls.into_iter().zip(0i64..);
        dated
            .map(|((mut tickets, removed), poll)| {
                let read_at = minutes_ago(count - 1 - poll);
                tickets.iter_mut().for_each(|ticket| ticket.updated_at = read_at);
                let removed = removed.into_iter().map(|id| TicketId(id.to_string())).collect();
                Batch { removed, ..batch(read_at, tickets) }
            })
            .collect()
    })
}

/// A lens with or without business hours, over all tickets or some.
pub(crate) fn lens() -> impl Strategy<Value = Lens> {
    let scopes = vec![
        Scope::default(),
        Scope { clients: Some([ClientId("1".into())].into()), ..Scope::default() },
        Scope { groups: Some([GroupId("0".into()), GroupId("2".into())].into()), ..Scope::default() },
        Scope { priorities: Some([Priority::Urgent, Priority::None].into()), ..Scope::default() },
        Scope { with_tags: Some(["vip".to_owned()].into()), ..Scope::default() },
        Scope { without_tags: ["vip".to_owned()].into(), ..Scope::default() },
    ];
    (select(scopes), any::<bool>()).prop_map(|(scope, business)| Lens { scope, schedule: business.then(office_hours) })
}
