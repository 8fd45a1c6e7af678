//! A server that means no good, or is broken, or is newer: whatever it sends, the TV draws something and goes on.

use std::time::Duration;

use board::{
    Area, Board, Layout, Overlay, Panel, PanelId, Placement, Revision, Strip, Value, any, sample, wire::Event as Change,
};
use device::{Said, State};
use jiff::{Timestamp, tz::TimeZone};
use proptest::{collection::vec, option::of, prelude::*, sample::select};
use tv::{
    agent,
    app::{App, Event, Now},
    snapshot::Display,
    stream,
    texts::drawn,
    view::Motion,
};

use crate::{FULL_HD, scenes};

/// Small ones, so that many can be drawn; and shapes that no display has.
const SCREENS: [(u32, u32); 4] = [(320, 180), (200, 400), (480, 200), (200, 1_600)];
/// How long a list is made, and how often a text is said again.
const LENGTHS: [usize; 4] = [1, 1, 20, 300];
/// The fields of people's words.
pub(crate) const WORDS: [&str; 14] = [
    "title",
    "short_title",
    "name",
    "label",
    "text",
    "client",
    "subject",
    "owner",
    "detail",
    "extra",
    "before",
    "after",
    "headline",
    "currency",
];

/// An app that follows a board.
struct Wall(App);

impl Wall {
    fn new() -> Self {
        let mut app = App::new(TimeZone::UTC);
        let said = Said::from(State::Live(scenes::signed_in()));
        app.handle(agent::Event::Said(Box::new(said)).into(), Self::now(sample::now()));
        Self(app)
    }

    fn now(wall: Timestamp) -> Now {
        Now { since_start: Duration::from_secs(1), wall }
    }

    fn hears(&mut self, event: Change, revision: u64) {
        let event = stream::Event::Changed { event, revision: Some(Revision(revision)) };
        self.0.handle(Event::Stream(event), Self::now(sample::now()));
    }

    fn draw(&self, display: &mut Display, at: Timestamp) {
        let now = Self::now(at);
        display.show(&self.0.screen(now), self.0.time(now));
        display.draw();
        display.advance(Duration::from_millis(120));
        display.draw();
    }
}

/// `panel` with lists `many` times as long and words `many` times as often.
fn swollen(panel: &Panel, many: usize) -> Panel {
    fn swell(value: &mut serde_json::Value, many: usize) {
        match value {
            serde_json::Value::Array(items) => {
                items.iter_mut().for_each(|item| swell(item, many));
                let whole = std::mem::take(items);
                if whole.len() * many <= 3_000 {
                    *items = whole.iter().cycle().take(whole.len() * many).cloned().collect();
                }
            }
            serde_json::Value::Object(fields) => fields.iter_mut().for_each(|(name, value)| match value {
                serde_json::Value::String(words) if WORDS.contains(&name.as_str()) => *words = words.repeat(many),
                // A pair, not a list.
                _ if name == "current" => {}
                _ => swell(value, many),
            }),
            _ => {}
        }
    }
    let mut json = serde_json::to_value(panel).unwrap();
    swell(&mut json["data"], many);
    let mut panel: Panel = serde_json::from_str(&json.to_string()).unwrap();
    panel.title = panel.title.repeat(many);
    panel
}

fn panels() -> impl Strategy<Value = Vec<Panel>> {
    vec((any::panel(), select(LENGTHS.to_vec())), 1..9).prop_map(|panels| {
        let panel = |(index, (panel, many)): (usize, &(Panel, usize))| Panel {
            id: PanelId(index.to_string()),
            revision: Revision(1),
            ..swollen(panel, *many)
        };
        panels.iter().enumerate().map(panel).collect()
    })
}

/// A layout of the panels `0` to `8`, most of it on the grid.
fn layout() -> impl Strategy<Value = Layout> {
    let area = (0_u8..12, 0_u8..8, 1_u8..9, 1_u8..9).prop_map(|(column, row, columns, rows)| Area {
        column,
        row,
        columns,
        rows,
    });
    let strip = (0_u8..8, 1_u8..5, 1_usize..9).prop_map(|(row, rows, count)| Strip {
        row,
        rows,
        panels: (0..count).map(|index| PanelId(index.to_string())).collect(),
    });
    (select(vec![1_u8, 4, 12, 255]), select(vec![1_u8, 8, 255]), of(strip), vec(area, 9)).prop_map(
        |(columns, rows, strip, areas)| Layout {
            columns,
            rows,
            strip,
            placements: areas
                .into_iter()
                .enumerate()
                .map(|(index, area)| Placement { panel: PanelId(index.to_string()), area })
                .collect(),
        },
    )
}

fn board() -> impl Strategy<Value = Board> {
    let overlay = of(any::overlay()).prop_map(Option::flatten);
    (any::board(), layout(), panels(), overlay).prop_map(|(board, layout, panels, overlay)| Board {
        layout,
        panels,
        overlay: overlay.filter(|overlay| !matches!(overlay, Overlay::Unknown)),
        ..board
    })
}

/// Two boards, the screen that they are drawn on one after the other, and the time.
fn drawings() -> impl Strategy<Value = (Board, Vec<Panel>, (u32, u32), Timestamp)> {
    let times = vec![sample::now(), Timestamp::MIN, Timestamp::MAX];
    (board(), panels(), select(SCREENS.to_vec()), select(times))
}

fn is_drawn(one: Board, other: Vec<Panel>, screen: (u32, u32), at: Timestamp) {
    let mut wall = Wall::new();
    let mut display = Display::new(screen.0, screen.1, Motion::Full).unwrap();
    wall.hears(Change::Board(Box::new(one)), 1);
    wall.draw(&mut display, at);
    for panel in other {
        wall.hears(Change::Panel(Box::new(Panel { revision: Revision(2), ..panel })), 2);
    }
    wall.draw(&mut display, at);
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::with_cases(16) })]

    #[test]
    fn any_board_is_drawn_on_any_screen_at_any_time((one, other, screen, at) in drawings()) {
        is_drawn(one, other, screen, at);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::with_cases(500) })]

    #[test]
    #[ignore = "takes minutes; scripts/test --all"]
    fn hundreds_of_boards_are_drawn((one, other, screen, at) in drawings()) {
        is_drawn(one, other, screen, at);
    }
}

#[test]
fn a_panel_of_a_newer_server_says_so_and_the_others_are_drawn() {
    let mut board = sample::overview();
    let board::Form::Stat(stat) = &mut board.panels[0].form else { panic!("{:?}", board.panels[0]) };
    stat.value = Value::Unknown;
    let mut display = Display::new(FULL_HD.0, FULL_HD.1, Motion::Reduced).unwrap();
    display.show(&scenes::live(board), scenes::now());
    let texts = drawn(display.ui().window());
    let said = |words: &str| texts.iter().filter(|text| *text == words).count();
    assert_eq!((said("Open"), said("This screen is older than its server.")), (1, 1), "{texts:?}");
    assert_eq!((said("128"), said("oldest 42m")), (0, 1), "{texts:?}");
}
