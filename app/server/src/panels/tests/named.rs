//! How tickets, clients and people are called.

use super::*;

#[test]
fn agents_who_share_a_given_name_keep_their_whole_one() {
    let reply = Ticket { last_agent: Some(AgentId("sam".into())), last_agent_at: Some(ago(1)), ..ticket(1, 30) };
    assert_eq!(rows(built(&desk_of(vec![reply]), "live-feed"))[0].name, "Sam W");
}

#[test]
fn a_private_board_calls_tickets_by_their_number() {
    let desk = desk_of(vec![ticket(31, 30), ticket(32, 9000)]);
    let panels = Builder::new(Settings { private: true, ..settings() }).refresh(&desk, now());
    for panel in &panels {
        let shown = format!("{:?}", panel.form);
        assert!(!shown.contains("Harbour") && !shown.contains("Printer"), "{shown}");
    }
    assert_eq!(rows(panel(&panels, "oldest-open"))[0].name, "#32");
}

/// How the oldest tickets are told: their names with what they are about, and whether by the latter.
fn oldest(desk: &Desk, settings: Settings) -> (Vec<(String, Option<String>)>, bool) {
    match panel(&Builder::new(settings).refresh(desk, now()), "oldest-open").form {
        Form::Table(table) => (table.rows.into_iter().map(|row| (row.name, row.subject)).collect(), table.by_subject),
        other => panic!("{other:?} is not a table"),
    }
}

#[test]
fn a_row_names_its_client_whoever_else_is_in_its_list() {
    let other = Ticket { subject: "No dial tone".into(), ..ticket(2, 8000) };
    let elsewhere = Ticket { client: Some(ClientId("gym".into())), ..ticket(3, 7000) };
    let row = |subject: &str| ("Harbour Dental".to_owned(), Some(subject.to_owned()));
    let (rows, by_subject) = oldest(&desk_of(vec![ticket(1, 9000), other.clone(), elsewhere]), settings());
    assert_eq!(rows[..2], [row("Printer offline"), row("No dial tone")]);
    assert!(!by_subject, "another client waits, too");
    let (rows, by_subject) = oldest(&desk_of(vec![ticket(1, 9000), other]), settings());
    assert_eq!(rows, [row("Printer offline"), row("No dial tone")]);
    assert!(by_subject, "every open ticket is of one client");
}

#[test]
fn that_a_ticket_of_another_client_waits_elsewhere_tells_no_list_by_subjects() {
    // Beyond the eight rows of the list.
    let mut tickets: Vec<_> = (0..9).map(|id| ticket(id, 9000 - i64::from(id))).collect();
    assert!(oldest(&desk_of(tickets.clone()), settings()).1);
    tickets.push(Ticket { client: Some(ClientId("gym".into())), ..ticket(9, 5) });
    assert!(!oldest(&desk_of(tickets.clone()), settings()).1);
    let clients = Some([ClientId("harbour".into())].into());
    let scoped = Settings { scope: Scope { clients, ..Scope::default() }, ..settings() };
    assert!(oldest(&desk_of(tickets.clone()), scoped.clone()).1, "a board for one client");
    assert!(oldest(&desk_of(vec![tickets.remove(9)]), scoped.clone()).1, "however few are open");
    let private = Settings { private: true, ..scoped };
    assert_eq!(oldest(&desk_of(vec![ticket(1, 5)]), private), (vec![("#1".to_owned(), None)], false));
}

#[test]
fn a_ticket_without_a_client_is_called_by_its_subject() {
    let panel = built(&desk_of(vec![Ticket { client: None, ..ticket(1, 9000) }]), "oldest-open");
    let row = &rows(panel)[0];
    assert_eq!((row.name.as_str(), &row.subject), ("Printer offline", &None));
}
