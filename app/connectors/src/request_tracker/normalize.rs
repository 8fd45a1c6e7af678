//! From Request Tracker's terms to those of the desk.

use desk::{AgentId, Channel, Client, ClientId, Clock, ClockMetric, ClockState, GroupId, Priority, Status, TicketId};

use super::history::Facts;
use super::lifecycle::{Class, meaning};
use super::parse::{Person, Queue, Ticket};

/// Where RT's numbers become priorities. The bands are those of RT 5's own labels: Low is 0, Medium 50,
/// High 100, and nothing but a number above them is urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriorityBands {
    /// Normal from here; below is low.
    pub normal: i64,
    /// High from here.
    pub high: i64,
    /// Urgent from here.
    pub urgent: i64,
}

impl Default for PriorityBands {
    /// Low below 25, normal below 75, high up to 100, urgent above.
    fn default() -> Self {
        Self { normal: 25, high: 75, urgent: 101 }
    }
}

impl PriorityBands {
    /// The priority of a number, or of one of RT's labels.
    fn of(self, text: Option<&str>) -> Priority {
        let number = match text.map(str::trim) {
            None => return Priority::None,
            Some(label) if label.eq_ignore_ascii_case("low") => return Priority::Low,
            Some(label) if label.eq_ignore_ascii_case("medium") => return Priority::Normal,
            Some(label) if label.eq_ignore_ascii_case("high") => return Priority::High,
            Some(number) => number.parse::<i64>(),
        };
        match number {
            Err(_) => Priority::None,
            Ok(number) if number >= self.urgent => Priority::Urgent,
            Ok(number) if number >= self.high => Priority::High,
            Ok(number) if number >= self.normal => Priority::Normal,
            Ok(_) => Priority::Low,
        }
    }
}

/// The desk's ticket. Without facts, what follows from the history is left empty.
pub(super) fn ticket(
    ticket: &Ticket,
    queue: Option<&Queue>,
    class: Option<Class>,
    facts: Option<&Facts>,
    bands: PriorityBands,
) -> desk::Ticket {
    let status = meaning(class, &ticket.status, ticket.started.is_some());
    let facts = facts.cloned().unwrap_or_default();
    desk::Ticket {
        id: id(ticket.id),
        subject: ticket.subject.clone(),
        status,
        priority: bands.of(ticket.priority.as_deref()),
        created_at: ticket.created,
        updated_at: ticket.last_updated,
        solved_at: ticket.resolved,
        solved_by: facts.solved_by.map(AgentId),
        closed_at: ticket.resolved.filter(|_| status == Status::Closed),
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
        clocks: clock(ticket, queue, status).into_iter().collect(),
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
fn clock(ticket: &Ticket, queue: Option<&Queue>, status: Status) -> Option<Clock> {
    ticket.sla.as_ref()?;
    let due_at = ticket.due.filter(|_| queue.is_some_and(|queue| queue.sla))?;
    let ended_at = ticket.resolved.filter(|_| !status.is_unsolved());
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
    fn priorities_follow_the_labels_of_request_tracker() {
        let of = |text| PriorityBands::default().of(text);
        assert_eq!(
            [Some("0"), Some("50"), Some("100"), Some("101")].map(of),
            [Priority::Low, Priority::Normal, Priority::High, Priority::Urgent]
        );
        assert_eq!(
            [Some("Low"), Some("Medium"), Some("high")].map(of),
            [Priority::Low, Priority::Normal, Priority::High]
        );
        assert_eq!([None, Some("On fire")].map(of), [Priority::None, Priority::None]);
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
        let clocks =
            |ticket: &Ticket, queue: &Queue, status| clock(ticket, Some(queue), status).map(|clock| clock.state);
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
