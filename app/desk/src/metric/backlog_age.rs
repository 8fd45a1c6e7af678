//! Panel 6: how old the unsolved work is.

use jiff::SignedDuration;

use crate::{Moment, Ratio, View, index::Line, view::saturating};

/// Unsolved tickets by age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BacklogAge {
    /// Under 1 h, 1–8 h, 8–24 h, 1–3 d, 3–7 d, 7 d and over.
    pub bands: [u32; 6],
}

/// Ages in hours at which the next band begins.
const EDGES: [i64; 5] = [1, 8, 24, 3 * 24, 7 * 24];

impl BacklogAge {
    /// All unsolved tickets.
    pub fn total(&self) -> u32 {
        self.bands.iter().sum()
    }

    /// Those of seven days and over.
    pub fn over_a_week(&self) -> Ratio {
        Ratio { part: self.bands[5].into(), whole: self.total().into() }
    }
}

/// Sorts unsolved tickets into bands of age.
pub fn backlog_age(view: &View<'_>, moment: &Moment) -> BacklogAge {
    let unsolved = view.line(Line::Unsolved);
    let mut younger = unsolved.len();
    let mut bands = [0; 6];
    for (band, hours) in EDGES.into_iter().enumerate() {
        let edge = moment.now().saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(jiff::Timestamp::MIN);
        let older = unsolved.up_to(edge);
        bands[band] = saturating(younger - older);
        younger = older;
    }
    bands[5] = saturating(younger);
    BacklogAge { bands }
}
