//! Who takes part in a scenario, and how its steps are taken.

use std::{
    fs,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use appliance::{Card, Display, Machine};
use slots::{Counters, Order, Starts};

use super::{Spoilt, Step, vendor::Vendor};
use crate::{
    counters::{TOLD, copies, wait_for_counters},
    stage::{Link, START, Stage, start_at, wait_for_board, wait_for_state},
    updates::{TRIAL, asked},
};

const DISPLAY: (u32, u32) = (1280, 720);
/// The starts of a slot that was activated and not started yet.
const ACTIVATED: u8 = 3;
/// A byte within what a small bundle installs.
const SOMEWHERE: usize = 40_000;
/// How often is looked.
const LOOK: Duration = Duration::from_secs(1);

/// A vendor, a stranger, a server and a screen.
pub(super) struct World<'a> {
    stage: &'a mut Stage,
    card: &'a Card,
    link: Link,
    vendor: Vendor,
    stranger: Option<Vendor>,
    display: Display,
    days_off: i64,
    machine: Option<Machine<'a>>,
    /// The mirror's timestamp as it was before it was filled last.
    before: Option<Vec<u8>>,
    began: Instant,
}

impl<'a> World<'a> {
    pub(super) fn new(stage: &'a mut Stage, card: &'a Card, vendor: Vendor) -> Self {
        stage.server.trust_vendor(&vendor.root());
        Self {
            stage,
            card,
            link: Link::on(card),
            vendor,
            stranger: None,
            display: Display::Connected(DISPLAY.0, DISPLAY.1),
            days_off: 0,
            machine: None,
            before: None,
            began: Instant::now(),
        }
    }

    /// Since the beginning.
    pub(super) fn seconds(&self) -> f32 {
        self.began.elapsed().as_secs_f32()
    }

    pub(super) fn take(&mut self, step: &Step) {
        match step {
            // The card was written so.
            Step::BehindProxy => {}
            Step::DaysAgo(days) => {
                let clock = self.vendor.set_back(*days);
                self.stage.server.set_clock(clock);
            }
            Step::Publish(release) => self.vendor.publish(*release),
            Step::Refresh => self.vendor.refresh(),
            Step::StrangerPublishes(release) => self.stranger.insert(self.vendor.stranger()).publish(*release),
            Step::Mirror => self.mirror(),
            Step::MirrorStranger => {
                let stranger = self.stranger.as_ref().expect("a stranger has published");
                self.stage.server.trust_vendor(&stranger.root());
                self.stage.server.import_updates(&stranger.repository());
            }
            Step::GoBack => {
                let before = self.before.as_ref().expect("the server has mirrored twice");
                fs::write(self.metadata("timestamp.json"), before).unwrap();
            }
            Step::Mix => {
                let [before, newest] = ["1.snapshot.json", "2.snapshot.json"].map(|name| self.metadata(name));
                assert!(newest.exists(), "the vendor has published once only");
                fs::copy(before, newest).unwrap();
            }
            Step::Spoil(spoilt) => self.spoil(*spoilt),
            Step::NoDisplay => self.display = Display::Missing,
            Step::ClockOff(days) => self.days_off = *days,
            Step::FullDisk => self.fill_disk(),
            Step::Start => self.start(),
            Step::Restart => self.restarts(),
            Step::OtherSlot => {
                self.restarts();
                let [first, second] = copies(self.card).map(|copy| copy.expect("a whole copy"));
                assert!(first.order == Order::BA && first == second, "{first:?} {second:?}");
                assert!(first.left_b < Starts::new(ACTIVATED).unwrap(), "it did not start: {first:?}");
            }
            Step::PowerFails => {
                wait_for_state(self.machine(), "updating");
                self.wait_for("its activation", START, |counters| counters.order == Order::BA);
                self.machine = None;
            }
            Step::FirstSlot => {
                self.wait_for("the end of its trial", TRIAL + START, |counters| counters.left_b == Starts::NONE);
            }
            Step::TvHangs => self.whenever("nexus-tv", "STOP"),
            Step::AgentCrashes => self.whenever("nexus-agent", "ABRT"),
            Step::ServerGone => self.stage.server.kill(),
            Step::ServerBack => self.stage.server.start(),
            Step::Proven => self.wait_for("the proof", TOLD, |counters| counters.left_b == Starts::GOOD),
            Step::Board => drop(wait_for_board(self.machine(), DISPLAY.0, DISPLAY.1)),
            Step::Says(words) => self.says(words),
            Step::LinkErased => {
                self.machine = None;
                self.link.erased(self.card);
            }
        }
    }

    fn machine(&mut self) -> &mut Machine<'a> {
        self.machine.as_mut().expect("the screen has started")
    }

    fn mirror(&mut self) {
        self.before = fs::read(self.metadata("timestamp.json")).ok();
        self.stage.server.import_updates(&self.vendor.repository());
    }

    /// Does something to the bundle that the server has.
    fn spoil(&self, spoilt: Spoilt) {
        let targets = fs::read_dir(self.stage.server.data().join("updates/targets")).unwrap();
        let is_bundle = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "raucb");
        let bundle = targets.map(|entry| entry.unwrap().path()).find(is_bundle).expect("a bundle");
        let whole = fs::read(&bundle).unwrap();
        let content = match spoilt {
            Spoilt::OneBit => {
                let mut content = whole;
                content[SOMEWHERE] ^= 4;
                content
            }
            Spoilt::CutOff => whole[..whole.len() / 2].to_vec(),
            Spoilt::Another => self.vendor.made(),
        };
        fs::write(bundle, content).unwrap();
    }

    /// A file of the mirror's metadata.
    fn metadata(&self, name: &str) -> PathBuf {
        self.stage.server.data().join("updates/metadata").join(name)
    }

    /// Switches the screen on, or off and on.
    fn start(&mut self) {
        self.vendor.set_back(0);
        self.stage.server.set_clock(0);
        self.machine = None;
        self.machine = Some(start_at(self.card, self.display, self.days_off));
        wait_for_state(self.machine(), "live");
    }

    /// Waits until the screen has said that it updates, and something else after it. That it starts is said too early to be
    /// heard where the host is busy. An installation takes as long as a start, and a start follows it.
    fn restarts(&mut self) {
        wait_for_state(self.machine(), "updating");
        let said = self.machine().wait_for(2 * START, |_, _| (), |said| said["state"] != "updating");
        said.unwrap_or_else(|error| panic!("no update: {error:#}"));
        // A screen that could not install goes on with what it showed.
        let activated = copies(self.card)[0].is_some_and(|counters| counters.order == Order::BA);
        assert!(activated, "nothing was activated: {}", self.stage.admin.screen_page());
    }

    /// Writes the only partition that is written full, to the last block.
    fn fill_disk(&mut self) {
        let most = "busybox fallocate -l $(busybox df -k /data | busybox awk 'END { print $4 }')k /data/most";
        let rest = "busybox dd if=/dev/zero of=/data/rest bs=64k 2>/dev/null";
        let said = asked(self.machine(), &format!("{most}; {rest}; busybox df -k /data"));
        assert!(said.contains("100%"), "{said}");
    }

    /// Waits until the counters say so.
    fn wait_for(&self, what: &str, patience: Duration, says: impl Fn(Counters) -> bool) {
        wait_for_counters(self.card, what, patience, |[first, _]| first.is_some_and(&says));
    }

    /// Lets a unit get a signal as soon as it has started, now and whenever it starts again.
    fn whenever(&mut self, unit: &str, signal: &str) {
        let folder = format!("/run/systemd/system/{unit}.service.d");
        let lines = format!("[Service]\\nExecStartPost=+/usr/bin/busybox kill -{signal} $MAINPID\\n");
        let write = format!("busybox mkdir -p {folder} && printf '{lines}' >{folder}/scenario.conf");
        let said = asked(self.machine(), &format!("{write} && systemctl daemon-reload"));
        assert_eq!(said, "", "{unit} is left alone");
        asked(self.machine(), &format!("systemctl --no-block restart {unit}.service"));
    }

    /// Waits until the screen's page says all of this, in capitals or not.
    fn says(&self, words: &[String]) {
        let filled = |text: &String| {
            text.replace("{ours}", self.vendor.ours()).replace("{newer}", self.vendor.newer()).to_lowercase()
        };
        let words: Vec<_> = words.iter().map(filled).collect();
        let until = Instant::now() + START;
        loop {
            let page = self.stage.admin.screen_page().to_lowercase();
            let missing: Vec<_> = words.iter().filter(|words| !page.contains(*words)).collect();
            if missing.is_empty() {
                return;
            }
            assert!(Instant::now() < until, "the page does not say {missing:?}: {page}");
            thread::sleep(LOOK);
        }
    }
}
