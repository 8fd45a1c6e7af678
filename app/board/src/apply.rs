//! Keeps a board in memory up to date with the events of its stream.

use crate::{Board, PanelId, Revision, wire::Event};

/// What an event changed, so that a client draws only that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Everything.
    Board,
    /// One panel.
    Panel(PanelId),
    /// Where panels stand.
    Layout,
    /// What lies over the board.
    Overlay,
    /// Nothing: already known, older than what is known, about a panel that the board does not have, or a farewell.
    Nothing,
}

impl Board {
    /// Applies `event`, whose id holds `revision`.
    ///
    /// A whole board replaces this one, because after a restart of the server revisions start anew. Other events
    /// never turn it back: a panel older than the one shown is ignored, and so is an arrangement or an overlay older
    /// than the board. Streams carry events in the order of their revisions.
    pub fn apply(&mut self, event: Event, revision: Revision) -> Change {
        let older = revision < self.revision;
        let change = match event {
            Event::Board(board) => {
                let known = *self == *board;
                *self = *board;
                return if known { Change::Nothing } else { Change::Board };
            }
            Event::Panel(panel) => match self.panels.iter_mut().find(|known| known.id == panel.id) {
                Some(known) if known.revision <= panel.revision && *known != *panel => {
                    *known = *panel;
                    Change::Panel(known.id.clone())
                }
                _ => Change::Nothing,
            },
            Event::Layout(layout) if !older && layout != self.layout => {
                self.layout = layout;
                Change::Layout
            }
            Event::Overlay(overlay) if !older && overlay != self.overlay => {
                self.overlay = overlay;
                Change::Overlay
            }
            Event::Layout(_) | Event::Overlay(_) | Event::Bye(_) => Change::Nothing,
        };
        self.revision = self.revision.max(revision);
        change
    }
}

#[cfg(test)]
mod tests;
