//! Strangers who are refused at a door: a line in the log for who watches it, and a summary in the audit log for who looks
//! later. Both are bounded, however many come.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::time::interval;

use crate::{
    app::App,
    store::{Action, Deed},
    throttle::Throttle,
};

/// For so long refusals are counted before the audit log has an entry of them.
const COUNTED_FOR: SignedDuration = SignedDuration::from_mins(10);

/// How often it is looked whether an entry is due.
const LOOK: Duration = Duration::from_secs(1);

/// Addresses that are told apart while they are counted.
const MOST_ADDRESSES: usize = 1_000;

/// Where something can be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Door {
    /// The administrator's sign-in, and the present password where it is changed.
    SignIn,
    Passcode,
    AccessLink,
    PairingCode,
}

/// Why somebody was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Wrong,
    TooOften,
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SignIn => "sign-in",
            Self::Passcode => "passcode",
            Self::AccessLink => "access link",
            Self::PairingCode => "pairing code",
        })
    }
}

/// Who was refused lately.
pub(crate) struct Strangers {
    lines: Throttle,
    tallies: Mutex<BTreeMap<Door, Tally>>,
}

struct Tally {
    since: Timestamp,
    wrong: u64,
    too_often: u64,
    by_address: HashMap<IpAddr, u64>,
}

impl Strangers {
    pub(crate) fn new() -> Self {
        Self { lines: Throttle::of_lines(), tallies: Mutex::default() }
    }

    /// Somebody was refused.
    pub(crate) fn refused(&self, door: Door, why: Refused, address: IpAddr, now: Timestamp) {
        let mut tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        tallies.entry(door).or_insert_with(|| Tally::new(now)).add(why, address);
        drop(tallies);
        if self.lines.take(address).is_ok() {
            let why = match why {
                Refused::Wrong => "what was given is wrong",
                Refused::TooOften => "it was tried too often",
            };
            tracing::warn!(%door, %address, "somebody was refused: {why}");
        }
    }

    /// The entries that are due by now.
    fn due(&self, now: Timestamp) -> Vec<Deed> {
        let mut tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = |tally: &Tally| now.duration_since(tally.since) >= COUNTED_FOR;
        let doors = tallies.iter().filter(|(_, tally)| is_due(tally)).map(|(door, _)| *door).collect::<Vec<_>>();
        doors.into_iter().filter_map(|door| Some(tallies.remove(&door)?.summary(door, now))).collect()
    }
}

impl Tally {
    fn new(since: Timestamp) -> Self {
        Self { since, wrong: 0, too_often: 0, by_address: HashMap::new() }
    }

    fn add(&mut self, why: Refused, address: IpAddr) {
        match why {
            Refused::Wrong => self.wrong += 1,
            Refused::TooOften => self.too_often += 1,
        }
        if self.by_address.len() < MOST_ADDRESSES || self.by_address.contains_key(&address) {
            *self.by_address.entry(address).or_default() += 1;
        }
    }

    /// Under the address that came most often.
    fn summary(self, door: Door, now: Timestamp) -> Deed {
        let addresses = match self.by_address.len() {
            1 => "from one address".to_owned(),
            MOST_ADDRESSES => format!("from {MOST_ADDRESSES} addresses or more, this one the most"),
            number => format!("from {number} addresses, this one the most"),
        };
        let most = self.by_address.into_iter().max_by_key(|(address, count)| (*count, *address));
        let subject = format!("{door}: {} wrong, {} too often, {addresses}", self.wrong, self.too_often);
        let address = most.map_or(IpAddr::from([0; 4]), |(address, _)| address);
        Deed { actor: "strangers".to_owned(), action: Action::StrangersRefused, subject, address, at: now }
    }
}

impl App {
    /// Takes one try at a door; who has none left is counted among those who were refused.
    ///
    /// # Errors
    /// The time until there is one.
    pub(crate) fn attempt(&self, throttle: &Throttle, door: Door, from: IpAddr) -> Result<(), Duration> {
        throttle.take(from).inspect_err(|_| self.strangers.refused(door, Refused::TooOften, from, self.clock.now()))
    }
}

/// Enters what was counted into the audit log, until the server stops.
pub(crate) async fn summarise(app: Arc<App>) {
    let mut looks = interval(LOOK);
    loop {
        let now = tokio::select! {
            // What was counted so far is told all the same.
            () = app.stopping.cancelled() => Timestamp::MAX,
            _ = looks.tick() => app.clock.now(),
        };
        for deed in app.strangers.due(now) {
            let deed = Deed { at: now.min(app.clock.now()), ..deed };
            if let Err(error) = app.store.enter(&deed).await {
                tracing::error!(%error, "the audit log misses that strangers were refused: {}", deed.subject);
            }
        }
        if now == Timestamp::MAX {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn refusals_of_ten_minutes_are_one_entry_for_each_door() {
        let strangers = Strangers::new();
        let address = |number: u8| IpAddr::from([192, 0, 2, number]);
        for number in [1, 2, 2, 3] {
            strangers.refused(Door::SignIn, Refused::Wrong, address(number), START);
        }
        strangers.refused(Door::SignIn, Refused::TooOften, address(2), START + SignedDuration::from_mins(9));
        strangers.refused(Door::Passcode, Refused::Wrong, address(9), START + SignedDuration::from_mins(9));
        assert!(strangers.due(START + SignedDuration::from_mins(9)).is_empty());
        let due = strangers.due(START + COUNTED_FOR);
        assert_eq!(due.len(), 1, "the other door has its own ten minutes");
        assert_eq!(due[0].subject, "sign-in: 4 wrong, 1 too often, from 3 addresses, this one the most");
        assert_eq!(due[0].address, address(2));
        assert_eq!(strangers.due(START + COUNTED_FOR + COUNTED_FOR).len(), 1);
        assert!(strangers.due(Timestamp::MAX).is_empty(), "each is told once");
    }

    #[test]
    fn addresses_without_end_take_no_memory_without_end() {
        let strangers = Strangers::new();
        for number in 0..5_000_u32 {
            strangers.refused(Door::Passcode, Refused::TooOften, IpAddr::from(number.to_be_bytes()), START);
        }
        let due = strangers.due(Timestamp::MAX);
        assert!(due[0].subject.starts_with("passcode: 0 wrong, 5000 too often, from 1000 addresses or more"));
    }
}
