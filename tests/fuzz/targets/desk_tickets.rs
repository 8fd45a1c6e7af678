//! Tickets with whatever instants and names a provider gives them, one JSON ticket a line, through every metric.
#![no_main]

use desk::{Batch, Capabilities, Desk, Hours, Lens, Moment, Replies, Schedule, Ticket, TicketId, metric};
use jiff::{Timestamp, tz::TimeZone};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let tickets: Vec<Ticket> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).take(16).collect();
    let hours = Hours::new(9 * 60, 17 * 60).expect("hours of a day");
    let zone = TimeZone::get("Europe/London").expect("the database is compiled in");
    let lenses = [Lens::default(), Lens { schedule: Some(Schedule::weekdays(zone.clone(), hours)), ..Lens::default() }];
    for now in ["2026-11-16T14:32:00Z", "2026-10-25T01:30:00Z"] {
        let now: Timestamp = now.parse().expect("an instant");
        let mut desk = Desk::new();
        lenses.iter().cloned().for_each(|lens| desk.watch(lens));
        desk.apply(batch(now, tickets.clone(), Vec::new()));
        let again = desk.apply(batch(now, tickets.clone(), Vec::new()));
        assert_eq!(again.changed, 0, "the same batch again changes nothing");
        for lens in &lenses {
            measure(&desk, lens, &Moment::new(now, zone.clone()));
        }
        desk.sample(now);
        let gone: Vec<TicketId> = tickets.iter().map(|ticket| ticket.id.clone()).collect();
        desk.apply(batch(now, Vec::new(), gone));
        assert_eq!(metric::open_tickets(&desk.view(&lenses[0]), &Moment::new(now, zone.clone())).count, 0);
    }
});

fn batch(read_at: Timestamp, tickets: Vec<Ticket>, removed: Vec<TicketId>) -> Batch {
    let capabilities = Capabilities { sla: true, presence: false, replies: Replies::Known, ratings: false };
    let (clients, activity) = (Vec::new(), Vec::new());
    Batch {
        read_at,
        tickets,
        removed,
        agents: None,
        groups: None,
        clients,
        activity,
        complete_since: None,
        capabilities,
    }
}

fn measure(desk: &Desk, lens: &Lens, moment: &Moment) {
    let view = desk.view(lens);
    let open = metric::open_tickets(&view, moment).count;
    assert_eq!(metric::status_mix(&view).total(), open);
    assert_eq!(metric::priority_mix(&view).total(), open);
    assert!(metric::unassigned(&view, moment).count <= open);
    assert!(metric::oldest_open(&view, 5).len() <= open as usize);
    assert!(metric::sla_breached(&view, moment).tickets <= open);
    let today = metric::sla_attainment(&view, moment.today()).all;
    assert!(today.part <= today.whole);
    metric::awaiting_reply(&view, moment);
    metric::backlog_age(&view, moment);
    metric::backlog_change(&view, moment);
    metric::first_reply_time(&view, moment);
    metric::group_load(&view, moment);
    metric::live_feed(&view, 5);
    metric::new_today(&view, moment);
    metric::resolution_time(&view, moment);
    metric::sla_at_risk(&view, moment, 5);
    metric::solved_today(&view, moment);
    metric::agent_status(&view, moment);
}
