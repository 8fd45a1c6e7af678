//! Lines over time.

use board::{
    Form,
    sample::{self, Stress},
};

use super::ALL;
use crate::{reading::read, scenes};

#[test]
fn a_series_has_its_whole_name_whatever_its_value() {
    for stress in [Stress::Ones, Stress::Hundreds, Stress::Thousands, Stress::Huge] {
        let mut board = stress.apply(sample::forms());
        for panel in &mut board.panels {
            let Form::Trend(trend) = &mut panel.form else { continue };
            for (series, name) in trend.series.iter_mut().zip(["Created", "Solved"]) {
                series.name = name.into();
            }
        }
        for size in ALL {
            let drawing = read(&scenes::live(board.clone()), size);
            for name in ["Created", "Solved"] {
                let whole = drawing.texts.iter().any(|text| text.words == name && !text.is_cut());
                assert!(whole, "{name} under {stress:?} at {size:?} is cut or missing");
            }
        }
    }
}
