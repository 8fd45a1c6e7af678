#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use jiff::{SignedDuration, Timestamp};

use super::*;

/// A machine in the hands of the rules, with a clock of its own.
struct World {
    rules: Rules,
    stored: Record,
    over: Over,
    deeds: Vec<Deed>,
    now: Now,
}

impl World {
    fn new() -> Self {
        let system: Timestamp = "2027-03-01T12:00:00Z".parse().unwrap();
        let now = Now { instant: Instant::now(), system, trusted: system };
        let rules = Rules::new(Record::default(), "first".to_owned(), now);
        Self { rules, stored: Record::default(), over: Over::default(), deeds: Vec::new(), now }
    }

    /// The agent starts again, on this run of the machine, with what was stored.
    fn starts_again(&mut self, boot: &str) {
        let written = serde_json::to_string(&self.stored).unwrap();
        self.rules = Rules::new(serde_json::from_str(&written).unwrap(), boot.to_owned(), self.now);
        self.over = Over::default();
        self.happens(Event::SignedIn(true));
    }

    fn happens(&mut self, event: Event) {
        for action in self.rules.handle(event, self.now) {
            match action {
                Action::Store(record) => self.stored = record,
                Action::Show(over) => self.over = over,
                Action::Do(id, deed) => {
                    assert!(
                        serde_json::to_string(&self.stored).unwrap().contains(&id.to_string()),
                        "it is stored first"
                    );
                    self.deeds.push(deed);
                }
            }
        }
    }

    fn passes(&mut self, seconds: i64) {
        self.now.instant += Duration::from_secs(seconds.unsigned_abs());
        self.now.trusted += SignedDuration::from_secs(seconds);
        self.happens(Event::Tick);
    }

    fn hears(&mut self, id: u128, order: Order) {
        let expires_at = self.now.trusted + SignedDuration::from_mins(10);
        self.happens(Event::Heard(Command { id: Uuid::from_u128(id), expires_at, order }));
    }

    /// Whether it did what it was asked to begin.
    fn begins(&mut self, id: u128, result: Result<(), &str>) {
        self.happens(Event::Begun(Uuid::from_u128(id), result.map_err(str::to_owned)));
    }

    /// What the server is to be told next; it then hears it.
    fn tells(&mut self) -> Option<(u128, Acknowledgement)> {
        let (id, outcome) = self.rules.untold()?;
        self.happens(Event::Told(id));
        Some((id.as_u128(), outcome))
    }

    fn message(&self, text: &str, seconds: i64) -> Order {
        Order::Message { text: text.to_owned(), until: self.now.trusted + SignedDuration::from_secs(seconds) }
    }
}

fn because(why: &str) -> Acknowledgement {
    Acknowledgement::Refused { why: why.to_owned() }
}

#[test]
fn a_screen_says_for_a_while_which_one_it_is() {
    let mut world = World::new();
    world.hears(1, Order::Identify);
    assert!(world.over.identify);
    assert_eq!(world.tells(), Some((1, Acknowledgement::Done)));
    assert_eq!(world.rules.wake_at(world.now), Some(world.now.instant + IDENTIFY));
    world.passes(19);
    assert!(world.over.identify);
    world.passes(1);
    assert!(!world.over.identify);
    assert_eq!(world.rules.wake_at(world.now), None);
}

#[test]
fn a_message_is_shown_until_its_end_and_a_newer_one_takes_its_place() {
    let mut world = World::new();
    world.hears(1, world.message("Fire drill", 300));
    world.passes(60);
    world.hears(2, world.message("It is over", 60));
    assert_eq!(world.over.message.as_ref().unwrap().text, "It is over");
    assert_eq!(world.rules.wake_at(world.now), Some(world.now.instant + Duration::from_secs(60)));
    world.passes(60);
    assert_eq!(world.over, Over::default());
    assert_eq!([world.tells(), world.tells()], [1, 2].map(|id| Some((id, Acknowledgement::Done))));
}

#[test]
fn what_came_twice_is_done_once_also_across_a_restart_of_the_agent_and_is_acknowledged_again() {
    let mut world = World::new();
    world.hears(1, Order::UpdateNow);
    world.hears(1, Order::UpdateNow);
    world.begins(1, Ok(()));
    assert_eq!(world.tells(), Some((1, Acknowledgement::Done)));
    assert_eq!(world.tells(), None);
    world.starts_again("first");
    world.hears(1, Order::UpdateNow);
    assert_eq!(world.deeds, [Deed::UpdateNow]);
    assert_eq!(world.tells(), Some((1, Acknowledgement::Done)));
}

#[test]
fn a_restart_is_done_once_the_machine_runs_anew_and_never_twice() {
    let mut world = World::new();
    world.hears(1, Order::Reboot);
    world.begins(1, Ok(()));
    assert_eq!(world.tells(), None, "it has yet to happen");
    // The agent is restarted before the machine is: nothing is known yet, and the wish is not made again.
    world.starts_again("first");
    world.hears(1, Order::Reboot);
    assert_eq!(world.tells(), None);
    world.starts_again("second");
    world.hears(1, Order::Reboot);
    assert_eq!(world.tells(), Some((1, Acknowledgement::Done)));
    world.starts_again("third");
    assert_eq!((world.tells(), world.deeds), (None, vec![Deed::Restart]));
}

#[test]
fn a_restart_that_does_not_come_about_is_told_with_its_reason() {
    let mut world = World::new();
    world.hears(1, Order::Reboot);
    world.begins(1, Err("the disk is full"));
    assert_eq!(world.tells(), Some((1, because("the disk is full"))));
    world.hears(2, Order::Reboot);
    world.begins(2, Ok(()));
    assert_eq!(world.rules.wake_at(world.now), Some(world.now.instant + RESTART));
    world.passes(300);
    assert_eq!(world.tells(), Some((2, because("the machine did not restart, although it was told to"))));
}

#[test]
fn what_comes_too_late_or_is_not_understood_is_not_done_and_that_is_told() {
    let mut world = World::new();
    let expires_at = world.now.trusted;
    world.happens(Event::Heard(Command { id: Uuid::from_u128(1), expires_at, order: Order::Reboot }));
    world.hears(2, Order::Unknown);
    world.hears(3, world.message(&"x".repeat(500), 60));
    assert_eq!(world.tells(), Some((1, Acknowledgement::Expired)));
    assert_eq!(world.tells(), Some((2, because("this screen\u{2019}s version does not know how to do that"))));
    assert_eq!(world.tells(), Some((3, because("this screen has no room for such a message"))));
    assert_eq!((world.over, world.deeds), (Over::default(), vec![]));
}

#[test]
fn an_outcome_is_told_after_a_restart_where_the_server_was_away_before_it() {
    let mut world = World::new();
    world.hears(1, Order::Identify);
    world.happens(Event::SignedIn(false));
    assert_eq!(world.over, Over::default(), "what a server wants on the wall ends with its session");
    world.starts_again("second");
    assert_eq!(world.tells(), Some((1, Acknowledgement::Done)));
}

#[test]
fn what_was_begun_when_the_agent_ended_is_not_said_to_be_done() {
    let mut world = World::new();
    world.hears(1, Order::UpdateNow);
    world.starts_again("second");
    assert_eq!(world.tells(), Some((1, because("this screen was interrupted"))));
}

#[test]
fn only_the_newest_commands_are_remembered() {
    let mut world = World::new();
    for id in 0..1_000 {
        world.hears(id, Order::Identify);
    }
    assert_eq!(world.stored.commands.len(), REMEMBERED);
    assert_eq!(world.rules.untold().map(|(id, _)| id.as_u128()), Some(1_000 - REMEMBERED as u128));
}
