//! Screens as the pictures show them.

use std::{collections::HashSet, fs, path::Path, sync::Arc};

use board::{Area, Board, Layout, Overlay, Panel, Placement, sample};
use device::{Check, Live, Network, Pairing, Startup, State, Trust, Updating};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use tv::view::{Connection, Screen};

/// 14:32 in London.
pub(crate) fn now() -> Timestamp {
    board::sample::now()
}

/// A board, and the instant at which somebody looks at it.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) name: String,
    pub(crate) board: Board,
    pub(crate) now: Timestamp,
}

impl Scene {
    /// A sample.
    pub(crate) fn of(name: impl Into<String>, board: Board) -> Self {
        Self { name: name.into(), board, now: now() }
    }

    /// The same under stress, which counts from [`now`].
    pub(crate) fn under(self, stress: sample::Stress) -> Self {
        Self { name: format!("{}-{}", self.name, stress.name()), board: stress.apply(self.board), now: now() }
    }
}

/// The boards that a server makes of its demo desk, and of a Request Tracker, as they are eight seconds after it was read. A
/// test of the server keeps them (`app/server/src/boards/tests.rs`).
pub(crate) fn presets() -> impl Iterator<Item = Scene> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/boards");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 10, "{paths:?}");
    paths.into_iter().map(|path| {
        let board: Board = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let now = board.newest_data().unwrap() + SignedDuration::from_secs(8);
        Scene { name: path.file_stem().unwrap().to_string_lossy().into_owned(), board, now }
    })
}

fn screen(state: State) -> Screen {
    let zone = TimeZone::get("Europe/London").unwrap();
    Screen { state, board: None, identify: None, unchecked_days: None, connection: Connection::Live, zone }
}

pub(crate) fn start() -> Screen {
    screen(State::Starting(Startup {
        network: Check::Done,
        network_text: "connected".into(),
        server: Check::Waiting,
        server_text: "looking for nexus.local".into(),
        version: "1.0".into(),
        screen: Some("Reception".into()),
    }))
}

/// The network is there, and the server is not.
pub(crate) fn no_answer(said: &str) -> Screen {
    let mut screen = searching();
    if let State::Starting(startup) = &mut screen.state {
        (startup.server, startup.server_text) = (Check::Failed, said.into());
    }
    screen
}

/// Nothing names a server, and one is looked for.
pub(crate) fn searching() -> Screen {
    let mut screen = start();
    if let State::Starting(startup) = &mut screen.state {
        startup.network_text = "connected: wired, 192.0.2.48".into();
        startup.server_text = "looking for a Nexus server here".into();
        startup.screen = None;
    }
    screen
}

/// As the agent says it.
pub(crate) fn nobody_found() -> Screen {
    screen(State::Problem {
        headline: "No Nexus server was found here".into(),
        detail: vec![
            "It may be off, or in another network than this screen (wired, 192.0.2.48).".into(),
            "This screen goes on looking by itself.".into(),
        ],
        remedy:
            "Tell whoever looks after Nexus. If the server is elsewhere, nexus.toml on the set-up partition has to name it."
                .into(),
    })
}

pub(crate) fn no_network() -> Screen {
    screen(State::Starting(Startup {
        network: Check::Failed,
        network_text: "no network: check the cable or the Wi-Fi".into(),
        server: Check::Waiting,
        server_text: String::new(),
        version: "1.0".into(),
        screen: None,
    }))
}

pub(crate) fn pairing() -> Screen {
    pairing_by("417-KX7M-2QPD")
}

pub(crate) fn pairing_at(server: &str) -> Screen {
    let mut screen = pairing();
    if let State::Pairing(pairing) = &mut screen.state {
        pairing.server = server.into();
    }
    screen
}

pub(crate) fn pairing_by(code: &str) -> Screen {
    let issued_at = now() - SignedDuration::from_secs(48);
    screen(State::Pairing(Pairing {
        code: code.into(),
        server: "nexus.local".into(),
        found_among: None,
        qr: "https://nexus.local/admin/screens/add#417-KX7M-2QPD".into(),
        issued_at,
        expires_at: issued_at + SignedDuration::from_mins(10),
        confirm: None,
        network: Some(Network { name: "Office-LAN".into(), address: "192.0.2.48".into() }),
    }))
}

/// With one of two servers that nobody named.
pub(crate) fn pairing_with_found() -> Screen {
    let mut screen = pairing();
    if let State::Pairing(pairing) = &mut screen.state {
        (pairing.server, pairing.found_among) = ("192.0.2.10:8443".into(), Some(2));
        pairing.qr = pairing.code.clone();
    }
    screen
}

pub(crate) fn compare() -> Screen {
    let mut screen = pairing();
    if let State::Pairing(pairing) = &mut screen.state {
        pairing.confirm = Some("64".into());
    }
    screen
}

pub(crate) fn locked() -> Screen {
    screen(State::Locked {
        headline: "This board is resting.".into(),
        happened: vec![
            "The licence for Larkfield IT ended on 14 November.".into(),
            "Your boards and settings are safe.".into(),
        ],
        remedy: vec!["Renew it under Settings → Licence".into(), "and this screen wakes up within a minute.".into()],
    })
}

/// As the agent says it.
pub(crate) fn suspended() -> Screen {
    screen(State::Locked {
        headline: "This screen is suspended.".into(),
        happened: vec![
            "Two devices use its identity, as if its memory card had been copied.".into(),
            "Neither of them shows data until that is settled.".into(),
        ],
        remedy: vec![
            "Tell whoever looks after Nexus.".into(),
            "On nexus.example.com, under Screens, \u{201c}Support, 2nd floor\u{201d} has to be removed, and the right \
             device added again with the code that it then shows."
                .into(),
        ],
    })
}

pub(crate) fn removed() -> Screen {
    screen(State::Removed { server: "nexus.example.com".into() })
}

pub(crate) fn problem() -> Screen {
    screen(State::Problem {
        headline: "The set-up file has a mistake.".into(),
        detail: vec![
            "nexus.toml, line 7: \"rotation\" is 45, but a screen can only be turned by 0, 90, 180 or 270 degrees."
                .into(),
        ],
        remedy: "Mend the file on any computer and plug the stick in again.".into(),
    })
}

/// The screens on which something is explained, with this explanation and a remedy of a few words.
pub(crate) fn problems_with(detail: &[String]) -> [Screen; 2] {
    let remedy = "Mend the file on any computer and plug the stick in again.";
    let problem = State::Problem {
        headline: "The set-up file has a mistake.".into(),
        detail: detail.to_vec(),
        remedy: remedy.into(),
    };
    let locked = State::Locked {
        headline: "This screen is suspended, and two devices use its identity".into(),
        happened: detail.to_vec(),
        remedy: vec![remedy.into(), "Then it wakes up by itself.".into()],
    };
    [screen(problem), screen(locked)]
}

/// The longest that the agent has to say.
pub(crate) fn long_problem() -> Screen {
    screen(State::Problem {
        headline: "This is not the server that this screen was paired with".into(),
        detail: vec![
            "Something else answers at nexus.example.com (its certificate comes from another authority).".into(),
            "This screen goes on by itself once the right server is back.".into(),
        ],
        remedy: "Tell whoever looks after Nexus. If the server was installed anew, put its data folder back, or write \
                 forget = true on the first line of nexus.toml."
            .into(),
    })
}

pub(crate) fn updating() -> Screen {
    screen(State::Updating(Updating { percent: 64, minutes: Some(3) }))
}

pub(crate) fn live(board: Board) -> Screen {
    Screen { board: Some(Arc::new(board)), ..screen(State::Live(signed_in())) }
}

/// Sixteen small tiles: more than anybody should arrange, and no reason for letters to lie over one another.
pub(crate) fn crowded() -> Board {
    let samples = [sample::overview(), sample::forms(), sample::more_forms(), sample::team()];
    let mut panels: Vec<Panel> = samples.into_iter().flat_map(|board| board.panels).collect();
    let mut seen = HashSet::new();
    panels.retain(|panel| seen.insert(panel.id.clone()));
    panels.truncate(16);
    let placement = |(index, panel): (u8, &Panel)| Placement {
        panel: panel.id.clone(),
        area: Area { column: index % 4, row: index / 4, columns: 1, rows: 1 },
    };
    let placements = (0..).zip(&panels).map(placement).collect();
    Board { layout: Layout { columns: 4, rows: 4, strip: None, placements }, panels, ..sample::overview() }
}

/// Somebody asked which screen this is.
pub(crate) fn identifying(name: &str) -> Screen {
    Screen { identify: Some(name.into()), ..live(sample::overview()) }
}

/// The overview under a message that an administrator wrote, which has a single text.
pub(crate) fn told(text: &str) -> Board {
    let mut board = sample::message();
    if let Some(Overlay::Message(message)) = &mut board.overlay {
        (message.headline, message.detail, message.from) = (text.into(), None, None);
    }
    board
}

/// A message of as many characters as one may have.
pub(crate) const LONGEST_MESSAGE: &str = "The lift is being repaired until noon, please take the stairs by the kitchen \
    and leave the north door open, thanks, all.";

/// What the agent says while a board is shown.
pub(crate) fn signed_in() -> Live {
    Live {
        server: "https://nexus.example.com".parse().unwrap(),
        proxy: None,
        trust: Trust::WebPki,
        board: "overview".into(),
        access_token: "not drawn".into(),
        expires_at: now() + SignedDuration::from_hours(1),
        screen: "Reception".into(),
        rotation: 0,
        clock_offset: 0,
    }
}

pub(crate) fn lost(board: Board) -> Screen {
    Screen { connection: Connection::Lost, ..live(board) }
}
