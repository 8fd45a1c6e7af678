//! The lists inside a tile, kept between drawings: a row that has not changed is not handed to Slint again.

use std::{collections::HashSet, rc::Rc};

use board::PanelId;
use slint::{Color, Model as _, ModelRc, SharedString, VecModel};
use tv_components::{Bar, Figure, Row, Series};

/// The lists of one tile.
pub(super) struct Models {
    pub(super) panel: PanelId,
    pub(super) rows: Rc<VecModel<Row>>,
    pub(super) more: Rc<VecModel<Row>>,
    pub(super) bars: Rc<VecModel<Bar>>,
    pub(super) series: Rc<VecModel<Series>>,
    pub(super) heat: Rc<VecModel<Color>>,
    pub(super) hours: Rc<VecModel<SharedString>>,
    pub(super) figures: Rc<VecModel<Figure>>,
    pub(super) digits: Rc<VecModel<SharedString>>,
}

impl Models {
    pub(super) fn new(panel: PanelId) -> Self {
        Self {
            panel,
            rows: Rc::default(),
            more: Rc::default(),
            bars: Rc::default(),
            series: Rc::default(),
            heat: Rc::default(),
            hours: Rc::default(),
            figures: Rc::default(),
            digits: Rc::default(),
        }
    }
}

/// Makes the model hold `rows`, touching only what differs.
pub(super) fn sync<T: Clone + PartialEq + 'static>(model: &Rc<VecModel<T>>, rows: Vec<T>) -> ModelRc<T> {
    let count = rows.len();
    for (index, row) in rows.into_iter().enumerate() {
        put(model, index, row);
    }
    truncate(model, count);
    ModelRc::from(model.clone())
}

/// As [`sync`], for rows that have names: those that came in at the top push the others down, and fade in.
pub(super) fn sync_rows(model: &Rc<VecModel<Row>>, mut rows: Vec<Row>) -> ModelRc<Row> {
    if let Some(first) = model.row_data(0) {
        let fading: HashSet<SharedString> = model.iter().filter(|row| row.fresh).map(|row| row.key).collect();
        let arrived = rows.iter().position(|row| row.key == first.key).unwrap_or(0);
        for (index, row) in rows.iter_mut().enumerate().take(arrived) {
            row.fresh = true;
            model.insert(index, row.clone());
        }
        for row in &mut rows[arrived..] {
            row.fresh = fading.contains(&row.key);
        }
    }
    sync(model, rows)
}

/// Sets or appends one row, unless it is there already.
pub(super) fn put<T: Clone + PartialEq + 'static>(model: &VecModel<T>, index: usize, row: T) {
    match model.row_data(index) {
        Some(old) if old == row => {}
        Some(_) => model.set_row_data(index, row),
        None => model.push(row),
    }
}

/// Removes what is behind the first `count` rows.
pub(super) fn truncate<T: Clone + 'static>(model: &VecModel<T>, count: usize) {
    while model.row_count() > count {
        model.remove(model.row_count() - 1);
    }
}
