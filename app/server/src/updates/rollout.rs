//! Whose turn it is: the rules, of what is known and the time alone.

use std::collections::BTreeMap;

use device::fleet::{Candidates, Turn};
use jiff::{Timestamp, tz::TimeZone};
use updates::{Manifest, Version};

use super::window::window;
use crate::{
    group::{self, Group},
    settings::Updates,
};

/// Fewer failures than these halt nothing: one screen may have troubles of its own.
const FEWEST: usize = 2;

/// How a release fares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Screens that run it.
    pub(crate) running: usize,
    /// Screens that could not take it.
    pub(crate) failed: usize,
}

/// All that a turn depends on, but who asks and when.
pub(crate) struct Rules<'a> {
    pub(crate) updates: &'a Updates,
    pub(crate) zone: &'a TimeZone,
    /// Whether an administrator holds this screen back.
    pub(crate) held: bool,
    /// To which this screen belongs.
    pub(crate) group: Option<&'a Group>,
    /// What the mirror offers.
    pub(crate) releases: &'a [Manifest],
    pub(crate) tallies: &'a BTreeMap<Version, Tally>,
}

impl Rules<'_> {
    /// Whose turn it is.
    pub(crate) fn turn(&self, ask: &Candidates, now: Timestamp) -> Turn {
        if self.updates.paused {
            return held("updates are paused on this server");
        }
        if self.held {
            return held("an administrator holds this screen back");
        }
        let groups = &self.updates.groups;
        if !groups.is_empty() && !self.group.is_some_and(|group| groups.contains(group)) {
            return held(&format!("only these groups of screens update at the moment: {}", group::list(groups)));
        }
        let mut why = None;
        let mut next: Option<(Timestamp, &Version)> = None;
        for version in &ask.versions {
            let refusal = match self.release(ask, version) {
                Ok(release) => {
                    let eligible_at = self.eligible_at(release, ask);
                    if eligible_at <= now {
                        return self.granted(version, eligible_at, now);
                    }
                    // A release that everybody may have comes before a newer one that has yet to begin here.
                    if next.is_none_or(|(soonest, _)| eligible_at < soonest) {
                        next = Some((eligible_at, version));
                    }
                    continue;
                }
                Err(refusal) => refusal,
            };
            why.get_or_insert(refusal);
        }
        match next {
            Some((eligible_at, version)) => self.granted(version, eligible_at, now),
            None => Turn::Held { why: why.unwrap_or_else(|| "there is nothing to install".to_owned()) },
        }
    }

    /// The release of that version, if it may be installed at all.
    fn release(&self, ask: &Candidates, version: &Version) -> Result<&Manifest, String> {
        if let Some(pin) = self.updates.pin.as_ref().filter(|pin| *pin != version) {
            return Err(format!("this server keeps screens at {pin}"));
        }
        let is_it = |release: &&Manifest| release.version == *version && release.compatible == ask.compatible;
        let release = self.releases.iter().find(is_it);
        let release = release.ok_or_else(|| format!("this server does not have {version}"))?;
        if *version <= ask.running {
            return Err(format!("{version} is not newer than what runs"));
        }
        match self.halted(version) {
            Some(tally) => Err(halt_words(version, tally)),
            None => Ok(release),
        }
    }

    /// How a release fares that failed on too many screens.
    pub(crate) fn halted(&self, version: &Version) -> Option<Tally> {
        let tally = self.tallies.get(version).copied().unwrap_or_default();
        let most = usize::from(self.updates.halt_percent) * (tally.running + tally.failed);
        (tally.failed >= FEWEST && tally.failed * 100 > most).then_some(tally)
    }

    fn eligible_at(&self, release: &Manifest, ask: &Candidates) -> Timestamp {
        match self.updates.at_once {
            true => release.published_at,
            false => release.waves.eligible_at(ask.seed, release.published_at),
        }
    }

    fn granted(&self, version: &Version, eligible_at: Timestamp, now: Timestamp) -> Turn {
        let from = eligible_at.max(now);
        let window = self.updates.window.and_then(|hours| window(hours, self.zone, from));
        Turn::Granted { version: version.clone(), eligible_at, window }
    }
}

/// Why a release is halted.
pub(crate) fn halt_words(version: &Version, tally: Tally) -> String {
    let all = tally.running + tally.failed;
    format!("the rollout of {version} is halted: {} of {all} screens could not take it", tally.failed)
}

fn held(why: &str) -> Turn {
    Turn::Held { why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, civil::Time};
    use updates::{Bundle, ManifestHash, Name, Seed, Wave, Waves};

    use super::*;
    use crate::settings::MaintenanceHours;

    const PUBLISHED: Timestamp = Timestamp::UNIX_EPOCH;

    fn release(version: &str, published_at: Timestamp) -> Manifest {
        let name = |text: &str| Name::try_from(text.to_owned()).unwrap();
        let waves = vec![Wave { percent: 50, hours: 0 }, Wave { percent: 100, hours: 48 }];
        Manifest {
            version: version.parse().unwrap(),
            compatible: name("nexus-amd64"),
            bundle: Bundle {
                name: name("bundle.raucb"),
                size: 1,
                manifest_hash: ManifestHash::try_from("00".repeat(32)).unwrap(),
            },
            minimum_boot: 1,
            published_at,
            waves: Waves::try_from(waves).unwrap(),
        }
    }

    struct World {
        updates: Updates,
        held: bool,
        group: Option<Group>,
        releases: Vec<Manifest>,
        tallies: BTreeMap<Version, Tally>,
    }

    impl World {
        fn new() -> Self {
            let releases = vec![release("1.1.0", PUBLISHED)];
            Self { updates: Updates::default(), held: false, group: None, releases, tallies: BTreeMap::new() }
        }

        fn turn(&self, seed: u16, versions: &[&str], hours: i64) -> Turn {
            let ask = Candidates {
                compatible: Name::try_from("nexus-amd64".to_owned()).unwrap(),
                running: "1.0.0".parse().unwrap(),
                seed: Seed::draw(seed),
                versions: versions.iter().map(|version| version.parse().unwrap()).collect(),
            };
            let rules = Rules {
                updates: &self.updates,
                zone: &TimeZone::UTC,
                held: self.held,
                group: self.group.as_ref(),
                releases: &self.releases,
                tallies: &self.tallies,
            };
            rules.turn(&ask, PUBLISHED + SignedDuration::from_hours(hours))
        }

        fn why(&self) -> String {
            match self.turn(0, &["1.1.0"], 1) {
                Turn::Held { why } => why,
                granted => panic!("{granted:?}"),
            }
        }
    }

    fn eligible(turn: &Turn) -> (String, i64) {
        let Turn::Granted { version, eligible_at, .. } = turn else { panic!("{turn:?}") };
        (version.to_string(), eligible_at.duration_since(PUBLISHED).as_hours())
    }

    #[test]
    fn the_seed_says_when_the_turn_begins() {
        let world = World::new();
        assert_eq!(eligible(&world.turn(0, &["1.1.0"], 1)), ("1.1.0".to_owned(), 0));
        assert_eq!(eligible(&world.turn(2000, &["1.1.0"], 1)), ("1.1.0".to_owned(), 48));
    }

    #[test]
    fn an_administrator_may_let_everybody_begin_at_once() {
        let mut world = World::new();
        world.updates.at_once = true;
        assert_eq!(eligible(&world.turn(2000, &["1.1.0"], 1)), ("1.1.0".to_owned(), 0));
    }

    #[test]
    fn what_is_paused_held_pinned_or_not_here_is_said() {
        let mut world = World::new();
        world.updates.paused = true;
        assert!(world.why().contains("paused"));
        world.updates.paused = false;
        world.held = true;
        assert!(world.why().contains("holds this screen back"));
        world.held = false;
        world.updates.pin = Some("1.0.5".parse().unwrap());
        assert_eq!(world.why(), "this server keeps screens at 1.0.5");
        world.updates.pin = None;
        world.releases.clear();
        assert_eq!(world.why(), "this server does not have 1.1.0");
    }

    #[test]
    fn only_the_groups_that_are_named_have_their_turn() {
        let group = |name: &str| Group::try_from(name.to_owned()).unwrap();
        let mut world = World::new();
        world.updates.groups = vec![group("lobby"), group("training")];
        assert_eq!(world.why(), "only these groups of screens update at the moment: lobby, training");
        world.group = Some(group("office"));
        assert!(world.why().contains("only these groups"));
        world.group = Some(group("Lobby"));
        assert_eq!(eligible(&world.turn(2000, &["1.1.0"], 1)), ("1.1.0".to_owned(), 48), "in its wave, as ever");
        world.updates.groups.clear();
        world.group = None;
        assert_eq!(eligible(&world.turn(0, &["1.1.0"], 1)).0, "1.1.0");
    }

    #[test]
    fn a_pinned_version_is_granted_though_a_newer_one_is_here() {
        let mut world = World::new();
        world.releases.push(release("1.2.0", PUBLISHED));
        world.updates.pin = Some("1.1.0".parse().unwrap());
        assert_eq!(eligible(&world.turn(0, &["1.2.0", "1.1.0"], 1)).0, "1.1.0");
    }

    #[test]
    fn the_server_never_grants_an_older_version() {
        let mut world = World::new();
        world.releases = vec![release("0.9.0", PUBLISHED), release("1.0.0", PUBLISHED)];
        for old in ["0.9.0", "1.0.0"] {
            assert!(matches!(world.turn(0, &[old], 1), Turn::Held { .. }), "{old}");
        }
    }

    #[test]
    fn too_many_failures_halt_a_release_and_few_do_not() {
        let mut world = World::new();
        let mut fares = |running, failed| {
            world.tallies = BTreeMap::from([("1.1.0".parse().unwrap(), Tally { running, failed })]);
            matches!(world.turn(0, &["1.1.0"], 1), Turn::Held { .. })
        };
        assert!(!fares(0, 1));
        assert!(!fares(8, 2));
        assert!(fares(7, 2));
        assert!(fares(0, 2));
        assert_eq!(world.why(), "the rollout of 1.1.0 is halted: 2 of 2 screens could not take it");
    }

    #[test]
    fn a_release_that_is_halted_or_has_yet_to_begin_leaves_the_one_before_it() {
        let mut world = World::new();
        world.releases.push(release("1.2.0", PUBLISHED + SignedDuration::from_hours(100)));
        assert_eq!(eligible(&world.turn(2000, &["1.2.0", "1.1.0"], 101)).0, "1.1.0");
        assert_eq!(eligible(&world.turn(2000, &["1.2.0", "1.1.0"], 149)).0, "1.2.0");
        world.tallies = BTreeMap::from([("1.2.0".parse().unwrap(), Tally { running: 0, failed: 5 })]);
        assert_eq!(eligible(&world.turn(2000, &["1.2.0", "1.1.0"], 149)).0, "1.1.0");
    }

    #[test]
    fn the_window_is_the_first_one_in_which_the_turn_has_begun() {
        let mut world = World::new();
        let time = |hour| Time::new(hour, 0, 0, 0).unwrap();
        world.updates.window = Some(MaintenanceHours { from: time(2), to: time(4) });
        let Turn::Granted { window: Some(window), .. } = world.turn(2000, &["1.1.0"], 1) else { panic!("granted") };
        assert_eq!(window.opens_at.duration_since(PUBLISHED).as_hours(), 50);
    }
}
