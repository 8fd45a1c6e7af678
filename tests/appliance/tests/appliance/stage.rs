//! A server with the demo desk on this host, screens that reach it, and what is on their displays.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use appliance::{
    Card, Display, Machine, Options, acceleration,
    picture::Picture,
    proxy::{self, Proxy},
};
use board::{Theme, theme::tokens};
use journeys::{admin::Admin, server::Server};
use rand::{SeedableRng as _, rngs::ChaCha8Rng};
use serde_json::Value;
use tempfile::TempDir;

/// The host, as guests of QEMU's user network see it.
pub(crate) const HOST: &str = "10.0.2.2";
/// Within which a screen has started and come to its board where guests are emulated on a busy host.
pub(crate) const START: Duration = Duration::from_secs(600);
/// Within which a running screen's display shows what the screen knows.
pub(crate) const DRAWN: Duration = Duration::from_secs(120);

/// A server, its administrator, and the files that operators write.
pub(crate) struct Stage {
    pub(crate) server: Server,
    pub(crate) admin: Admin,
    folder: TempDir,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let mut server = Server::installed();
        server.is_also(HOST);
        server.is_also(proxy::NAME);
        server.start();
        let admin = server.admin();
        Self { server, admin, folder: tempfile::tempdir().unwrap() }
    }

    /// The server's address for screens.
    pub(crate) fn url(&self) -> String {
        format!("https://{HOST}:{}", self.server.address().port())
    }

    /// A card with the image and this nexus.toml.
    pub(crate) fn card(&self, lines: &str) -> Card {
        self.card_for(architecture(), lines)
    }

    /// The same for a machine that stands for another board.
    pub(crate) fn card_for(&self, machine: &str, lines: &str) -> Card {
        let file = self.folder.path().join("nexus.toml");
        fs::write(&file, lines).unwrap();
        let boards = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../board-support");
        let emulator = appliance::emulator(&boards, machine).unwrap();
        Card::write(&image(), emulator, Some(&file)).unwrap()
    }

    /// A card whose nexus.toml has an access link to the overview, and these lines.
    pub(crate) fn card_with_link(&self, lines: &str) -> Card {
        self.card_with_link_to(&self.url(), lines)
    }

    /// The same for a screen that reaches the server through a proxy alone, by a name that only the proxy knows.
    pub(crate) fn card_behind(&self, proxy: &Proxy) -> Card {
        let url = format!("https://{}:{}", proxy::NAME, self.server.address().port());
        self.card_with_link_to(&url, &format!("proxy = \"http://{HOST}:{}\"\n", proxy.port()))
    }

    fn card_with_link_to(&self, url: &str, lines: &str) -> Card {
        let link = self.admin.access_link(url, "overview", 1);
        self.card(&format!("access_link = \"{link}\"\n{lines}"))
    }
}

/// An access link as an operator wrote it onto a card.
pub(crate) struct Link {
    address: String,
    key: String,
}

impl Link {
    pub(crate) fn on(card: &Card) -> Self {
        let written = card.setup().unwrap();
        let line = written.lines().next().and_then(|line| line.strip_prefix("access_link = \"")).expect("a link");
        let (address, secret) = line.split_once('#').expect("a link with a key");
        let key = secret.split('.').next().expect("a key");
        Self { address: address.to_owned(), key: key.to_owned() }
    }

    /// Makes sure that the file on the card still has the link, without its key. Returns the file.
    pub(crate) fn erased(&self, card: &Card) -> String {
        let left = card.setup().unwrap();
        assert!(left.contains(&self.address), "{left}");
        assert!(!left.contains(&self.key), "the link's key is still in nexus.toml");
        left
    }
}

/// The image's architecture, by its name.
pub(crate) fn architecture() -> &'static str {
    let image = image();
    let name = image.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if name.contains("arm64") { "arm64" } else { "amd64" }
}

/// What an update has to be made for to be one for the image.
pub(crate) fn compatible() -> String {
    format!("nexus-{}", architecture())
}

/// What scripts/image says of an image or an update, of updates.
pub(crate) fn told(beside: &Path, name: &str) -> String {
    let about = fs::read(beside.with_extension("manifest.json")).expect("what scripts/image says of an image");
    let about: Value = serde_json::from_slice(&about).unwrap();
    about["updates"][name].as_str().expect("an update").to_owned()
}

/// Whether the image has a shell.
pub(crate) fn is_debug() -> bool {
    image().file_name().is_some_and(|name| name.to_string_lossy().contains("debug"))
}

/// Bytes of the image.
pub(crate) fn size() -> u64 {
    fs::metadata(image()).unwrap().len()
}

pub(crate) fn image() -> PathBuf {
    let image = std::env::var_os("NEXUS_TEST_IMAGE");
    PathBuf::from(image.expect("there is no image; `scripts/test --all` builds one and names it in NEXUS_TEST_IMAGE"))
}

/// The number in a variable of the environment, if it is set.
pub(crate) fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

/// Chance, which is the same again with the seed that it prints.
pub(crate) fn chance() -> ChaCha8Rng {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let seed = number("NEXUS_TEST_SEED").unwrap_or_else(now);
    eprintln!("the same by chance with NEXUS_TEST_SEED={seed}");
    ChaCha8Rng::seed_from_u64(seed)
}

/// Switches a screen on.
pub(crate) fn start(card: &Card, display: Display) -> Machine<'_> {
    start_at(card, display, 0)
}

/// Switches a screen on whose clock is off by so many days.
pub(crate) fn start_at(card: &Card, display: Display, days_off: i64) -> Machine<'_> {
    let accelerator = acceleration::probe(card.emulator()).unwrap();
    Machine::start(card, &Options { accelerator, display, serial: None, days_off }).unwrap()
}

/// Waits until the agent says this state; on the way, what changes is printed for whoever reads of a failure.
pub(crate) fn wait_for_state(machine: &mut Machine<'_>, state: &str) -> Value {
    let mut last = Value::Null;
    let heard = |after: Duration, said: &Value| {
        if said["state"] != last {
            last = said["state"].clone();
            eprintln!("{:6.1} s  {last} {}", after.as_secs_f32(), said["headline"].as_str().unwrap_or_default());
        }
    };
    let waited = machine.wait_for(START, heard, |said| said["state"] == state);
    waited.unwrap_or_else(|error| {
        let serial = fs::read_to_string(machine.serial()).unwrap_or_default();
        panic!("never {state}: {error:#}\n{}", tail(&serial))
    })
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

/// Waits until the display shows what is asked for.
pub(crate) fn wait_for_picture(
    machine: &mut Machine<'_>,
    patience: Duration,
    what: &str,
    shows: impl Fn(&Picture) -> bool,
) -> Picture {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("display.png");
    machine.wait_for_picture(&file, patience, shows).unwrap_or_else(|error| {
        let _ = folder.keep();
        panic!("the display does not show {what}: {error:#}")
    })
}

/// Waits until the overview fills a display of this size, and flows.
pub(crate) fn wait_for_board(machine: &mut Machine<'_>, width: u32, height: u32) -> Picture {
    wait_for_picture(machine, DRAWN, "the board", |picture| is_board(picture, width, height) && is_live(picture))
}

/// Waits until the board is still there, and is said to be old.
pub(crate) fn wait_for_old_board(machine: &mut Machine<'_>, width: u32, height: u32) -> Picture {
    wait_for_picture(machine, DRAWN, "that it is old", |picture| is_board(picture, width, height) && !is_live(picture))
}

/// Whether the overview fills a display of this size: its own colours, to the pixel, and the same margin on both sides.
pub(crate) fn is_board(picture: &Picture, width: u32, height: u32) -> bool {
    let midnight = tokens(Theme::Midnight);
    (picture.width, picture.height) == (width, height)
        && picture.is_ours()
        && picture.share(midnight.surface) > 0.4
        && picture.share(midnight.text) > 0.002
        && picture.margins(midnight.background).is_some_and(|margins| {
            let [left, right, top, bottom] = margins;
            let (across, along) = (left.abs_diff(right), top.abs_diff(bottom));
            // Against burn-in the picture wanders by 4 of 1080 pixels either way, minute by minute.
            let wanders = 2 + 8 * width.min(height) / 1080;
            // A line of letters does not end to the pixel where a tile would. In a turned picture it is at a side.
            across.min(along) <= wanders && across.max(along) <= width.min(height) / 50 && left.max(top) < width / 20
        })
}

/// Whether the board on the display flows: the numbers of one that is lost are muted, and only its header is not.
pub(crate) fn is_live(picture: &Picture) -> bool {
    picture.share(tokens(Theme::Midnight).text) > 0.012
}
