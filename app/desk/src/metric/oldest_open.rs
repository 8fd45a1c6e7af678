//! Panel 10: the tickets most likely forgotten.

use crate::{Ticket, View, index::Line};

/// The `count` active tickets that were created first, oldest first.
pub fn oldest_open<'a>(view: &View<'a>, count: usize) -> Vec<&'a Ticket> {
    view.first(Line::Active, count)
}
