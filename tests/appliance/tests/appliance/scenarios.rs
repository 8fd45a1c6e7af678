//! Scenarios of updates, in files that read as sentences (`tests/appliance/scenarios/*.toml`): what is given, what
//! happens, and what is true then. A vendor publishes, a server mirrors, and the agent of the real image follows; nobody
//! calls RAUC. Each file is a test of its name.
//!
//! NEXUS_TEST_KEYS are the vendor's keys (`nexus-release keys`), which the image in NEXUS_TEST_IMAGE knows, and
//! NEXUS_TEST_BUNDLE is a newer image (`scripts/image --newer`), signed by them.

pub(crate) mod vendor;
mod world;

use std::{
    fs,
    path::{Path, PathBuf},
};

use appliance::proxy::Proxy;
use serde::Deserialize;

use self::world::World;
use crate::stage::Stage;

/// What a file says. Its steps are taken in this order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    given: Vec<Step>,
    when: Vec<Step>,
    then: Vec<Step>,
}

/// All that can be said.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
enum Step {
    /// Its nexus.toml names the proxy, and the server by a name that only the proxy knows.
    #[serde(rename = "the screen reaches the server through a proxy alone")]
    BehindProxy,
    /// Until the screen starts, it is so many days ago.
    #[serde(rename = "days ago")]
    DaysAgo(u32),
    #[serde(rename = "the vendor publishes")]
    Publish(Release),
    #[serde(rename = "the vendor signs fresh metadata")]
    Refresh,
    #[serde(rename = "a stranger publishes")]
    StrangerPublishes(Release),
    #[serde(rename = "the server mirrors it")]
    Mirror,
    #[serde(rename = "the server mirrors the stranger's repository")]
    MirrorStranger,
    #[serde(rename = "the server goes back to the metadata before")]
    GoBack,
    #[serde(rename = "the server mixes the metadata with that before")]
    Mix,
    #[serde(rename = "the server's bundle is")]
    Spoil(Spoilt),
    #[serde(rename = "no display is connected")]
    NoDisplay,
    #[serde(rename = "the screen's clock is off by so many days")]
    ClockOff(i64),
    #[serde(rename = "the screen's disk is full")]
    FullDisk,
    /// From then on, it is today.
    #[serde(rename = "the screen starts")]
    Start,
    #[serde(rename = "the screen restarts")]
    Restart,
    #[serde(rename = "the screen restarts into the other slot")]
    OtherSlot,
    #[serde(rename = "the power fails right after the other slot was activated")]
    PowerFails,
    #[serde(rename = "the screen goes back to its first slot")]
    FirstSlot,
    #[serde(rename = "the TV hangs whenever it starts")]
    TvHangs,
    #[serde(rename = "the agent crashes whenever it starts")]
    AgentCrashes,
    #[serde(rename = "the server is gone")]
    ServerGone,
    #[serde(rename = "the server is back")]
    ServerBack,
    #[serde(rename = "the other slot proves itself")]
    Proven,
    #[serde(rename = "the screen shows its board")]
    Board,
    /// All of these, on the screen's page; `{ours}` and `{newer}` are the versions.
    #[serde(rename = "the admin page says")]
    Says(Vec<String>),
    /// The screen, which started with an access link, is switched off for it.
    #[serde(rename = "its nexus.toml keeps no key of the access link")]
    LinkErased,
}

/// What is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Release {
    #[serde(rename = "the newer image")]
    Newer,
    #[serde(rename = "an older release")]
    Older,
    #[serde(rename = "a newer release for other hardware")]
    OtherHardware,
    #[serde(rename = "a newer release whose bundle a stranger signed")]
    StrangersBundle,
    #[serde(rename = "a newer release that holds no system")]
    NoSystem,
}

/// What became of a bundle on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Spoilt {
    #[serde(rename = "changed in one bit")]
    OneBit,
    #[serde(rename = "cut off")]
    CutOff,
    #[serde(rename = "another one that the vendor signed")]
    Another,
}

impl Scenario {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    fn steps(&self) -> impl Iterator<Item = &Step> {
        self.given.iter().chain(&self.when).chain(&self.then)
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// Plays the scenario of this name.
fn play(name: &str) {
    let (Some(keys), Some(newer)) = (std::env::var_os("NEXUS_TEST_KEYS"), std::env::var_os("NEXUS_TEST_BUNDLE")) else {
        eprintln!("not tried: NEXUS_TEST_KEYS and NEXUS_TEST_BUNDLE name no keys and no newer image");
        return;
    };
    let scenario = Scenario::read(&folder().join(name).with_extension("toml"));
    let mut stage = Stage::new();
    let card = if scenario.given.contains(&Step::BehindProxy) {
        stage.card_behind(&Proxy::start().unwrap())
    } else {
        stage.card_with_link("")
    };
    let mut world = World::new(&mut stage, &card, vendor::Vendor::new(Path::new(&keys), Path::new(&newer)));
    for step in scenario.steps() {
        eprintln!("{:6.1} s  {step:?}", world.seconds());
        world.take(step);
    }
}

/// A test for each file, and one that no file is without.
macro_rules! scenarios {
    ($($name:ident)*) => {
        $(
            #[test]
            #[ignore = "takes minutes, an image with keys and a newer one"]
            fn $name() {
                play(stringify!($name));
            }
        )*

        #[test]
        fn every_scenario_reads_and_is_a_test() {
            let mut names = vec![$(stringify!($name).to_owned()),*];
            let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
            let mut read: Vec<_> = files
                .map(|path| {
                    let scenario = Scenario::read(&path);
                    assert!(scenario.when.contains(&Step::Start), "{}: no screen starts", path.display());
                    path.file_stem().unwrap().to_string_lossy().into_owned()
                })
                .collect();
            names.sort();
            read.sort();
            assert_eq!(read, names);
        }
    };
}

scenarios! {
    a_release_is_installed_by_itself_and_proves_itself
    a_release_comes_through_a_proxy
    an_update_whose_tv_hangs_is_left
    an_update_whose_agent_crashes_is_left
    an_update_that_does_not_start_is_left
    an_update_needs_no_server_to_be_good
    an_update_needs_no_display_to_be_good
    a_bundle_that_a_stranger_signed_is_refused
    a_bundle_for_other_hardware_is_refused
    an_older_release_is_no_update
    a_repository_of_a_stranger_is_not_followed
    a_mirror_that_stands_still_is_noticed
    a_mirror_that_goes_back_in_time_is_noticed
    a_mirror_that_mixes_is_noticed
    a_bundle_that_changed_on_its_way_is_refused
    a_bundle_that_is_cut_off_is_refused
    a_bundle_that_the_mirror_exchanged_is_refused
    a_clock_that_is_a_year_ahead_updates_nothing
    a_clock_that_is_a_year_behind_updates_nothing
    a_disk_that_is_full_updates_nothing
    a_power_cut_right_after_the_activation_changes_nothing
}
