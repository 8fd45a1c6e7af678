#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use proptest::prelude::*;

use super::*;
use crate::{Area, Form, Layout, Placement, Strip, form::Text, sample};

/// Tiles as `(panel, [left, top, right, bottom])`.
fn edges(frame: &Frame) -> Vec<(&str, [f32; 4])> {
    let tile = |tile: &Tile| [tile.rect.x, tile.rect.y, tile.rect.right(), tile.rect.bottom()];
    frame.tiles.iter().map(|at| (at.panel.0.as_str(), tile(at))).collect()
}

#[test]
fn the_overview_stands_as_in_its_target_picture() {
    let frame = arrange(&sample::overview(), 1920, 1080);
    assert_eq!(
        edges(&frame),
        [
            ("open-tickets", [48.0, 112.0, 394.0, 560.0]),
            ("unassigned", [418.0, 112.0, 763.0, 560.0]),
            ("first-reply-time", [787.0, 112.0, 1133.0, 560.0]),
            ("sla-attainment", [1157.0, 112.0, 1502.0, 560.0]),
            ("csat", [1526.0, 112.0, 1872.0, 560.0]),
            ("sla-at-risk", [48.0, 584.0, 948.0, 1032.0]),
            ("live-feed", [972.0, 584.0, 1564.0, 1032.0]),
            ("agent-status", [1588.0, 584.0, 1872.0, 1032.0]),
        ]
    );
    assert_eq!((frame.unit, frame.shape, frame.footer), (1.0, Shape::Landscape, None));
    assert_eq!(frame.header, Rect { x: 48.0, y: 48.0, width: 1824.0, height: 37.0 });
    let columns: Vec<_> = frame.tiles.iter().map(|tile| (tile.columns, tile.size, tile.strip)).collect();
    let strip = (2, Size::Small, true);
    let rest = [(6, Size::Medium, false), (4, Size::Small, false), (2, Size::Small, false)];
    assert_eq!(columns, [[strip; 5].as_slice(), &rest].concat());
    assert!(frame.tiles.iter().all(|tile| tile.main_number.design_px() == 168.0));
}

#[test]
fn the_overview_at_4k_is_doubled() {
    let frame = arrange(&sample::overview(), 3840, 2160);
    assert_eq!(frame.unit, 2.0);
    let queue = frame.tiles.iter().find(|tile| tile.panel.0 == "sla-at-risk").unwrap();
    assert_eq!(queue.rect, Rect { x: 96.0, y: 1168.0, width: 1800.0, height: 896.0 });
    assert_eq!(edges(&frame)[1].1, [835.0, 224.0, 1526.0, 1120.0]);
}

#[test]
fn a_720_line_screen_has_the_same_board_at_two_thirds() {
    let frame = arrange(&sample::overview(), 1280, 720);
    assert_eq!(edges(&frame)[5], ("sla-at-risk", [32.0, 389.0, 632.0, 688.0]));
}

#[test]
fn the_portrait_overview_stands_as_in_its_target_picture() {
    let frame = arrange(&sample::overview(), 1080, 1920);
    assert_eq!(
        edges(&frame),
        [
            ("open-tickets", [48.0, 112.0, 528.0, 476.0]),
            ("unassigned", [552.0, 112.0, 1032.0, 476.0]),
            ("first-reply-time", [48.0, 500.0, 528.0, 864.0]),
            ("sla-attainment", [552.0, 500.0, 1032.0, 864.0]),
            ("csat", [48.0, 888.0, 528.0, 1252.0]),
            ("agent-status", [552.0, 888.0, 1032.0, 1252.0]),
            ("sla-at-risk", [48.0, 1276.0, 1032.0, 1872.0]),
        ],
        "activity has gone, the list is last"
    );
    assert!(frame.tiles.iter().all(|tile| tile.main_number.design_px() == 168.0), "seven tiles");
}

#[test]
fn the_ultrawide_overview_stands_as_in_its_target_picture() {
    let frame = arrange(&sample::overview(), 3440, 1440);
    let tiles = edges(&frame);
    assert_eq!(tiles[0], ("open-tickets", [64.0, 149.0, 701.0, 747.0]));
    // Both lists get the same width, so that each has room for its extra column.
    assert_eq!(tiles[5], ("sla-at-risk", [64.0, 779.0, 1425.0, 1376.0]));
    assert_eq!(tiles[6], ("live-feed", [1457.0, 779.0, 2819.0, 1376.0]));
    assert_eq!(tiles[7], ("agent-status", [2851.0, 779.0, 3376.0, 1376.0]));
    assert_eq!(frame.tiles[6].size, Size::Large);
    assert!(frame.tiles.iter().all(|tile| tile.main_number.design_px() == 192.0));
}

#[test]
fn the_queue_and_the_team_stand_as_in_their_target_pictures() {
    let queue = arrange(&sample::queue(), 1920, 1080);
    assert_eq!(
        edges(&queue),
        [
            ("open-tickets", [48.0, 112.0, 948.0, 560.0]),
            ("unassigned", [972.0, 112.0, 1410.0, 560.0]),
            ("awaiting-reply", [1434.0, 112.0, 1872.0, 560.0]),
            ("backlog-age", [48.0, 584.0, 486.0, 1032.0]),
            ("priority-mix", [510.0, 584.0, 1102.0, 1032.0]),
            ("oldest-open", [1126.0, 584.0, 1872.0, 1032.0]),
        ]
    );
    assert!(queue.tiles.iter().all(|tile| tile.main_number.design_px() == 192.0));
    let team = arrange(&sample::team(), 1920, 1080);
    assert_eq!(edges(&team)[0], ("agent-status", [48.0, 112.0, 948.0, 1032.0]));
}

#[test]
fn a_footer_takes_its_line_from_the_tiles() {
    let frame = arrange(&sample::forms(), 1920, 1080);
    assert_eq!(
        edges(&frame),
        [
            ("sla-attainment", [48.0, 112.0, 486.0, 528.0]),
            ("volume-heatmap", [510.0, 112.0, 1256.0, 528.0]),
            ("clock", [1280.0, 112.0, 1872.0, 528.0]),
            ("volume-trend", [48.0, 552.0, 640.0, 968.0]),
            ("network-health", [664.0, 552.0, 1410.0, 968.0]),
            ("calls-now", [1434.0, 552.0, 1872.0, 968.0]),
        ]
    );
    assert_eq!(frame.footer.unwrap().bottom(), 1032.0, "the baseline of the footer");
    assert!(
        frame.tiles.iter().all(|tile| tile.main_number == MainNumber::Regular),
        "192 would not fit above the floor"
    );
}

#[test]
fn an_odd_number_of_portrait_tiles_gives_the_widest_a_row_of_its_own() {
    let frame = arrange(&sample::queue(), 1080, 1920);
    assert_eq!(
        edges(&frame),
        [
            ("open-tickets", [48.0, 112.0, 1032.0, 476.0]),
            ("unassigned", [48.0, 500.0, 528.0, 864.0]),
            ("awaiting-reply", [552.0, 500.0, 1032.0, 864.0]),
            ("backlog-age", [48.0, 888.0, 528.0, 1336.0]),
            ("priority-mix", [552.0, 888.0, 1032.0, 1336.0]),
            ("oldest-open", [48.0, 1360.0, 1032.0, 1872.0]),
        ],
        "four priorities have the height of four rows"
    );
}

#[test]
fn a_message_lies_over_the_calmer_part_between_tiles() {
    let overview = sample::overview();
    let over = |board: &Board, width, height| message(board, &arrange(board, width, height));
    assert_eq!(over(&overview, 1920, 1080), Rect { x: 48.0, y: 112.0, width: 1824.0, height: 448.0 });
    assert_eq!(over(&overview, 1080, 1920), Rect { x: 48.0, y: 112.0, width: 984.0, height: 752.0 });
    let queue = sample::queue();
    assert_eq!(
        over(&queue, 1920, 1080),
        Rect { x: 48.0, y: 584.0, width: 1824.0, height: 448.0 },
        "the upper half acts"
    );
    assert_eq!(over(&sample::team(), 1920, 1080).height, 448.0, "a tall tile does not move the middle");
}

#[test]
fn what_is_wrong_with_a_layout_names_the_panel() {
    let board = sample::overview();
    let check = |change: &dyn Fn(&mut Layout)| {
        let mut layout = board.layout.clone();
        change(&mut layout);
        layout.validate(&board.panels).unwrap_err().to_string()
    };
    let sentences = [
        check(&|layout| layout.placements[0].area.columns = 0),
        check(&|layout| layout.placements[1].area.column = 9),
        check(&|layout| layout.placements[1].area.column = 5),
        check(&|layout| layout.placements[1].area.row = 3),
        check(&|layout| layout.placements[2].panel = PanelId("sla-at-risk".into())),
        check(&|layout| layout.placements[2].panel = PanelId("radar".into())),
        check(&|layout| drop(layout.placements.pop())),
        check(&|layout| layout.strip.as_mut().unwrap().panels.truncate(3)),
        check(&|layout| layout.strip.as_mut().unwrap().rows = 9),
        check(&|layout| layout.columns = 200),
    ];
    assert_eq!(
        sentences,
        [
            "panel \"sla-at-risk\" is 0 columns wide and 4 rows high; both must be at least 1",
            "panel \"live-feed\" ends at column 13 and row 8, but the grid has 12 columns and 8 rows",
            "panel \"live-feed\" overlaps panel \"sla-at-risk\"; move one of them",
            "panel \"live-feed\" overlaps panel \"open-tickets\"; move one of them",
            "panel \"sla-at-risk\" stands in two places; remove one of them",
            "the layout places panel \"radar\", which this board does not have",
            "panel \"agent-status\" has no place in the layout; place it or remove it from the board",
            "the strip holds 3 panels; it takes four to eight",
            "the strip ends at row 9, but the grid has 8 rows, and a strip needs at least one",
            "the grid has 200 columns and 8 rows; both must be 1 to 24",
        ]
    );
}

#[test]
fn a_board_of_more_than_nine_tiles_is_refused() {
    let mut board = sample::queue();
    for (row, id) in ["a", "b", "c", "d"].into_iter().enumerate() {
        board.panels.push(Panel { id: PanelId(id.into()), ..board.panels[0].clone() });
        let area = Area { column: 0, row: 8 + row as u8, columns: 12, rows: 1 };
        board.layout.placements.push(Placement { panel: PanelId(id.into()), area });
    }
    board.layout.rows = 12;
    let error = board.layout.validate(&board.panels).unwrap_err().to_string();
    assert_eq!(error, "the board has 10 tiles; more than 9 are not read from across a room");
    board.layout.placements.pop();
    board.panels.pop();
    assert_eq!(board.layout.validate(&board.panels), Ok(()));
}

#[test]
fn a_grid_too_fine_for_its_gaps_still_shows_its_panels() {
    let mut board = sample::queue();
    board.layout.columns = 100;
    board.layout.placements.iter_mut().for_each(|placement| placement.area.columns = 1);
    assert_eq!(arrange(&board, 1920, 1080).tiles.len(), 6);
}

#[test]
fn of_two_panels_on_the_same_cells_the_first_is_shown() {
    let mut board = sample::overview();
    board.layout.placements[1].area = board.layout.placements[0].area;
    let frame = arrange(&board, 1920, 1080);
    let shown: Vec<_> = edges(&frame).into_iter().map(|(panel, _)| panel).collect();
    assert!(shown.contains(&"sla-at-risk") && !shown.contains(&"live-feed"), "{shown:?}");
}

/// Boards with any layout, right or wrong, whose panels have one of three forms.
fn any_board() -> impl Strategy<Value = Board> {
    let id = || (0_u8..14).prop_map(|number| PanelId(format!("panel-{number}")));
    // Mostly grids and areas as people make them, sometimes any numbers at all.
    let small = || prop_oneof![4 => 0_u8..14, 1 => any::<u8>()];
    let area = move || {
        (small(), small(), small(), small()).prop_map(|(column, row, columns, rows)| Area {
            column,
            row,
            columns,
            rows,
        })
    };
    let placement = (id(), area()).prop_map(|(panel, area)| Placement { panel, area });
    let strip = (small(), small(), prop::collection::vec(id(), 0..12));
    let layout = (
        prop_oneof![3 => Just(12_u8), 1 => any::<u8>()],
        prop_oneof![3 => Just(8_u8), 1 => any::<u8>()],
        prop::option::of(strip.prop_map(|(row, rows, panels)| Strip { row, rows, panels })),
        prop::collection::vec(placement, 0..14),
    );
    let layout = layout.prop_map(|(columns, rows, strip, placements)| Layout { columns, rows, strip, placements });
    (layout, prop::collection::vec(0_u8..3, 12), any::<bool>()).prop_map(|(layout, kinds, footer)| {
        let mut board = sample::overview();
        let forms: Vec<Form> = [0, 5, 6].map(|index: usize| board.panels[index].form.clone()).into();
        let panel = |(index, kind): (usize, u8)| Panel {
            id: PanelId(format!("panel-{index}")),
            form: forms[usize::from(kind)].clone(),
            ..board.panels[0].clone()
        };
        board.panels = kinds.into_iter().enumerate().map(panel).collect();
        board.layout = layout;
        board.ticker = if footer { vec!["A line".into()] } else { Vec::new() };
        board
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn tiles_never_overlap_nor_leave_the_screen(board in any_board(), width in 320_u32..=8192, height in 320_u32..=8192) {
        let frame = arrange(&board, width, height);
        let (right, bottom) = (frame.body.right(), frame.body.bottom());
        prop_assert!(right <= width as f32 && bottom <= height as f32);
        for (index, tile) in frame.tiles.iter().enumerate() {
            let rect = tile.rect;
            prop_assert!(rect.width >= 1.0 && rect.height >= 1.0, "{tile:?} cannot be seen");
            prop_assert!(rect.x >= frame.body.x && rect.right() <= right, "{tile:?} leaves the body sideways");
            prop_assert!(rect.y >= frame.body.y && rect.bottom() <= bottom, "{tile:?} leaves the body");
            for edge in [rect.x, rect.y, rect.width, rect.height] {
                prop_assert_eq!(edge.fract(), 0.0);
            }
            for other in &frame.tiles[..index] {
                prop_assert!(!rect.overlaps(&other.rect), "{tile:?} overlaps {other:?}");
                prop_assert_ne!(&tile.panel, &other.panel);
            }
        }
        if let Some(footer) = frame.footer {
            prop_assert!(footer.y >= bottom && footer.bottom() <= height as f32);
        }
        prop_assert!(frame.header.bottom() <= frame.body.y);
        let over = message(&board, &frame);
        prop_assert!(over.y >= frame.body.y && over.bottom() <= bottom && over.height >= 1.0);
    }

    #[test]
    fn a_valid_board_shows_every_panel_at_any_size(
        sample in prop::sample::select(vec![sample::overview(), sample::queue(), sample::team(), sample::forms()]),
        width in 320_u32..=8192,
        height in 320_u32..=8192,
    ) {
        let frame = arrange(&sample, width, height);
        let expected = if frame.shape == Shape::Portrait { sample.panels.len().min(7) } else { sample.panels.len() };
        prop_assert_eq!(frame.tiles.len(), expected);
    }

    #[test]
    fn equal_tiles_are_equal_within_a_pixel(width in 320_u32..=8192, height in 320_u32..=8192) {
        let frame = arrange(&sample::overview(), width, height);
        let strip: Vec<_> = frame.tiles.iter().filter(|tile| tile.strip).collect();
        for tile in &strip {
            prop_assert!((tile.rect.width - strip[0].rect.width).abs() <= 1.0);
            prop_assert!((tile.rect.height - strip[0].rect.height).abs() <= 1.0);
        }
    }

    #[test]
    fn a_valid_layout_shows_all_its_panels_on_every_shape(layout in valid_layout()) {
        let mut board = sample::overview();
        let ids = layout.strip.iter().flat_map(|strip| &strip.panels);
        let ids = ids.chain(layout.placements.iter().map(|placement| &placement.panel));
        board.panels = ids.map(|id| Panel { id: id.clone(), ..board.panels[6].clone() }).collect();
        board.layout = layout;
        prop_assert_eq!(board.layout.validate(&board.panels), Ok(()));
        for (width, height, most) in [(1920, 1080, 9), (3440, 1440, 9), (1080, 1920, 7)] {
            prop_assert_eq!(arrange(&board, width, height).tiles.len(), board.panels.len().min(most));
        }
    }
}

/// Layouts without fault: a strip or none, and one or two bands of tiles.
fn valid_layout() -> impl Strategy<Value = Layout> {
    let band = || (1_u8..12, any::<bool>());
    (prop::option::of(4_usize..=5), 1_u8..=3, band(), band(), 4_u8..=8).prop_map(
        |(strip, strip_rows, upper, lower, end)| {
            let mut numbers = 0..;
            let mut id = || PanelId(format!("panel-{}", numbers.next().unwrap()));
            let top = strip.map_or(0, |_| strip_rows);
            let strip = strip.map(|count| Strip { row: 0, rows: top, panels: (0..count).map(|_| id()).collect() });
            let middle = (top + end).div_ceil(2);
            let mut placements = Vec::new();
            for ((cut, divided), row, bottom) in [(upper, top, middle), (lower, middle, end)] {
                let parts = if divided { vec![(0, cut), (cut, 12 - cut)] } else { vec![(0, 12)] };
                for (column, columns) in parts.into_iter().filter(|_| bottom > row) {
                    placements.push(Placement { panel: id(), area: Area { column, row, columns, rows: bottom - row } });
                }
            }
            Layout { columns: 12, rows: 8, strip, placements }
        },
    )
}

#[test]
fn a_screen_without_pixels_shows_nothing() {
    for (width, height) in [(0, 0), (0, 1080), (1920, 0)] {
        assert!(arrange(&sample::overview(), width, height).tiles.is_empty(), "{width} × {height}");
    }
}

#[test]
fn a_panel_with_words_alone_is_no_list() {
    let mut board = sample::queue();
    for panel in &mut board.panels {
        panel.form = Form::Text(Text { text: "Calm.".into(), written_at: None });
    }
    let frame = arrange(&board, 1080, 1920);
    assert_eq!(frame.tiles.len(), 6);
    assert_eq!(frame.tiles[5].rect.bottom(), 1872.0, "without a list the tiles share the height");
}
