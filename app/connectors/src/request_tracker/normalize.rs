//! From Request Tracker's terms to those of the desk.

use desk::{AgentId, Channel, Client, ClientId, Clock, ClockMetric, ClockState, GroupId, Priority, Status, TicketId};
use jiff::Timestamp;

use super::history::Facts;
use super::parse::{Person, Queue, Ticket};
use crate::PriorityBands;

/// The numbers of the labels that RT was installed with (`%PriorityAsString`).
const LABELS: [(&str, i64); 3] = [("low", 0), ("medium", 50), ("high", 100)];

/// The priority of a number, or of one of RT's labels.
fn priority(text: Option<&str>, bands: PriorityBands) -> Priority {
    let Some(text) = text.map(str::trim) else { return Priority::None };
    let labelled = LABELS.iter().find(|(label, _)| text.eq_ignore_ascii_case(label)).map(|(_, number)| *number);
    labelled.or_else(|| text.parse().ok()).map_or(Priority::None, |number| bands.of(number))
}

/// What a ticket's status means, and by whose word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meaning {
    pub(super) status: Status,
    /// Whether an administrator says so, and RT may think otherwise.
    pub(super) is_corrected: bool,
}

/// The desk's ticket. Without facts, what follows from the history is left empty.
pub(super) fn ticket(
    ticket: &Ticket,
    queue: Option<&Queue>,
    Meaning { status, is_corrected }: Meaning,
    facts: Option<&Facts>,
    bands: PriorityBands,
) -> desk::Ticket {
    let facts = facts.cloned().unwrap_or_default();
    let solved_at = match is_corrected {
        true => facts.solved_at.or(ticket.resolved.filter(|_| !status.is_unsolved())),
        false => ticket.resolved,
    };
    desk::Ticket {
        id: id(ticket.id),
        subject: ticket.subject.clone(),
        status,
        priority: priority(ticket.priority.as_deref(), bands),
        created_at: ticket.created,
        updated_at: ticket.last_updated,
        solved_at,
        solved_by: facts.solved_by.map(AgentId),
        closed_at: solved_at.filter(|_| status == Status::Closed),
        first_reply_at: facts.first_reply_at,
        opened_by_agent_reply: facts.opened_by_agent,
        last_requester_at: facts.last_requester_at,
        last_agent_at: facts.last_agent_at,
        last_agent: facts.last_agent.map(AgentId),
        assignee: ticket.owner.as_ref().map(|owner| AgentId(owner.name.clone())),
        group: Some(GroupId(ticket.queue.clone())),
        client: ticket.requestors.first().map(|requestor| client(requestor).id),
        channel: Channel::Other,
        tags: Vec::new(),
        agent_replies: facts.agent_replies,
        reopens: facts.reopens,
        clocks: clock(ticket, queue, solved_at.filter(|_| !status.is_unsolved())).into_iter().collect(),
        rating: None,
    }
}

pub(super) fn id(id: u64) -> TicketId {
    TicketId(id.to_string())
}

/// Whose ticket it is: the first requestor's organisation; without one, the domain of the e-mail address;
/// without that, the requestor. Self-hosted desks seldom keep organisations, and a domain is what their
/// people know a customer by.
pub(super) fn client(requestor: &Person) -> Client {
    let address = requestor.email.as_deref().unwrap_or(&requestor.name);
    let domain = address.rsplit_once('@').map(|(_, domain)| domain.to_lowercase()).filter(|domain| !domain.is_empty());
    match (&requestor.organization, domain) {
        (Some(organization), _) => {
            Client { id: ClientId(format!("organization:{organization}")), name: organization.clone() }
        }
        (None, Some(domain)) => Client { id: ClientId(format!("domain:{domain}")), name: domain },
        (None, None) => Client {
            id: ClientId(format!("user:{}", requestor.name)),
            name: requestor.real_name.clone().unwrap_or_else(|| requestor.name.clone()),
        },
    }
}

/// RT keeps one date for all that a service level promises: `Due`.
fn clock(ticket: &Ticket, queue: Option<&Queue>, ended_at: Option<Timestamp>) -> Option<Clock> {
    ticket.sla.as_ref()?;
    let due_at = ticket.due.filter(|_| queue.is_some_and(|queue| queue.sla))?;
    let state = match ended_at {
        Some(ended) if ended <= due_at => ClockState::Met,
        Some(_) => ClockState::Breached,
        None => ClockState::Running,
    };
    Some(Clock { metric: ClockMetric::Resolution, due_at, goal: None, state, ended_at })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn person(name: &str, email: Option<&str>, organization: Option<&str>) -> Person {
        Person {
            name: name.to_owned(),
            real_name: None,
            email: email.map(str::to_owned),
            organization: organization.map(str::to_owned),
        }
    }

    fn sample() -> Ticket {
        Ticket {
            id: 7,
            subject: String::new(),
            status: "open".to_owned(),
            queue: "1".to_owned(),
            created: "2026-03-02T08:00:00Z".parse().unwrap(),
            last_updated: "2026-03-02T09:00:00Z".parse().unwrap(),
            started: Some("2026-03-02T08:10:00Z".parse().unwrap()),
            resolved: None,
            due: Some("2026-03-02T12:00:00Z".parse().unwrap()),
            sla: Some("4h".to_owned()),
            priority: None,
            owner: None,
            requestors: Vec::new(),
        }
    }

    fn queue(sla: bool) -> Queue {
        Queue { id: "1".to_owned(), name: "General".to_owned(), lifecycle: "default".to_owned(), sla }
    }

    #[test]
    fn a_label_of_request_tracker_is_the_number_that_it_stands_for() {
        let of = |text| priority(text, PriorityBands::default());
        assert_eq!(
            [Some("0"), Some("50"), Some("80"), Some("100")].map(of),
            [Priority::Low, Priority::Normal, Priority::High, Priority::Urgent]
        );
        assert_eq!(
            [Some("Low"), Some("Medium"), Some("high")].map(of),
            [Priority::Low, Priority::Normal, Priority::Urgent]
        );
        assert_eq!([None, Some("On fire")].map(of), [Priority::None, Priority::None]);
        let own = PriorityBands { normal: 1, high: 2, urgent: 101 };
        assert_eq!(priority(Some("High"), own), Priority::High, "an administrator's bands are asked");
    }

    #[test]
    fn a_ticket_that_is_done_by_an_administrators_word_was_solved_when_it_was_set_so() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let written = |status, is_corrected, resolved: Option<Timestamp>, facts: Option<&Facts>| {
            let meaning = Meaning { status, is_corrected };
            ticket(&Ticket { resolved, ..sample() }, None, meaning, facts, PriorityBands::default())
        };
        let (first, last) = (at("2026-03-02T08:20:00Z"), at("2026-03-02T08:50:00Z"));
        let facts = Facts { solved_at: Some(last), ..Facts::default() };
        let closed = written(Status::Closed, true, Some(first), Some(&facts));
        assert_eq!((closed.solved_at, closed.closed_at), (Some(last), Some(last)), "RT keeps the time before the last");
        assert_eq!(written(Status::Solved, true, None, None).solved_at, None, "nobody knows yet");
        assert_eq!(written(Status::Hold, true, Some(first), None).solved_at, None, "RT thinks that it is done");
        assert_eq!(written(Status::Solved, false, Some(first), Some(&facts)).solved_at, Some(first));
    }

    #[test]
    fn the_client_is_the_organisation_else_the_domain_else_the_requestor() {
        assert_eq!(client(&person("ann", Some("ann@Harbour.example"), Some("Harbour Dental"))).name, "Harbour Dental");
        assert_eq!(client(&person("ann", Some("ann@Harbour.example"), None)).name, "harbour.example");
        assert_eq!(client(&person("bob@elm.example", None, None)).id.0, "domain:elm.example");
        assert_eq!(client(&person("walk-in", None, None)).id.0, "user:walk-in");
    }

    #[test]
    fn only_a_service_level_in_a_queue_that_keeps_them_makes_a_clock() {
        let clocks = |ticket: &Ticket, queue: &Queue, status: Status| {
            let ended = ticket.resolved.filter(|_| !status.is_unsolved());
            clock(ticket, Some(queue), ended).map(|clock| clock.state)
        };
        let mut one = sample();
        assert_eq!(clocks(&one, &queue(true), Status::Open), Some(ClockState::Running));
        assert_eq!(clocks(&one, &queue(false), Status::Open), None);
        one.resolved = Some("2026-03-02T12:00:00Z".parse().unwrap());
        assert_eq!(clocks(&one, &queue(true), Status::Solved), Some(ClockState::Met));
        assert_eq!(clocks(&one, &queue(true), Status::Open), Some(ClockState::Running), "it was reopened");
        one.resolved = Some("2026-03-02T12:00:01Z".parse().unwrap());
        assert_eq!(clocks(&one, &queue(true), Status::Solved), Some(ClockState::Breached));
        one.sla = None;
        assert_eq!(clocks(&one, &queue(true), Status::Open), None, "somebody only typed a due date");
    }
}
