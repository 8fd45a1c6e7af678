//! The level across a line, and its name.

use board::{Form, Theme, sample, theme};

use crate::{FULL_HD, HD, ULTRAWIDE, faults, reading::read, scenes};

#[test]
fn the_line_of_a_day_leaves_the_name_of_its_level_free() {
    let days: [&[f64]; 6] = [
        // Begins a little over usual, as the night before left it.
        &[
            104.0, 106.0, 105.0, 107.0, 106.0, 104.0, 92.0, 80.0, 80.0, 84.0, 112.0, 122.0, 122.0, 96.0, 82.0, 80.0,
            100.0, 122.0,
        ],
        // Steps down at once, and comes back.
        &[120.0, 121.0, 98.0, 90.0, 86.0, 84.0, 90.0, 96.0, 99.0, 101.0, 104.0, 103.0, 108.0],
        // Begins under usual and ends over it.
        &[96.0, 95.0, 97.0, 96.0, 94.0, 92.0, 96.0, 104.0, 109.0, 112.0, 118.0, 121.0],
        // Swings around it.
        &[101.0, 99.0, 102.0, 98.0, 103.0, 97.0, 130.0, 70.0, 101.0, 99.0, 104.0, 96.0],
        // Stands on it, and falls.
        &[100.0, 100.0, 100.0, 100.0, 100.0, 90.0, 80.0, 70.0],
        // A level at the top of the plot.
        &[70.0, 72.0, 80.0, 85.0, 90.0, 96.0, 99.0, 100.0],
    ];
    let accent = theme::tokens(Theme::Midnight).accent;
    for day in days {
        let mut board = sample::queue();
        let Form::Stat(stat) = &mut board.panels[0].form else { panic!("{board:?}") };
        let trace = stat.trace.as_mut().unwrap();
        (trace.points, trace.target) = (day.to_vec(), Some(100.0));
        for size in [FULL_HD, HD, ULTRAWIDE] {
            let drawing = read(&scenes::live(board.clone()), size);
            let label = drawing.texts.iter().find(|text| text.words == "usual" && !text.is_cut());
            let label = label.unwrap_or_else(|| panic!("{day:?} at {size:?}: the level has no name"));
            let around =
                [label.left - 4.0, label.top - 4.0, label.right.min(label.wanted_right) + 4.0, label.bottom + 4.0];
            let crossed = drawing.colours(around).contains(&accent);
            assert!(!crossed, "{day:?} at {size:?}: the line runs through {label:?}");
            let found = faults::of_texts(&drawing);
            assert!(found.is_empty(), "{day:?} at {size:?}: {}", found.join("\n"));
        }
    }
}
