//! One state of one board, with the bytes that go to its readers.

use std::sync::{Arc, OnceLock};

use board::{
    Board, Panel, PanelId, Revision,
    wire::{Event, EventId},
};
use jiff::SignedDuration;

use super::{Coding, Encoded};
use crate::{clock::Clock, web::fragment};

/// A panel that says the same as before is sent again no more often than this in real time, so that its age stays true
/// on the wall.
const FRESHNESS_STEP: SignedDuration = SignedDuration::from_secs(20);

/// What changes are told in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Data, for clients that draw.
    Json,
    /// Parts of the board's page.
    Html,
}

/// A board could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    /// JSON cannot express it.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// Its page cannot be made.
    #[error(transparent)]
    Html(#[from] askama::Error),
}

/// One state of one board.
pub(crate) struct Snapshot {
    epoch: u64,
    board: Board,
    /// Readers that have seen less than this need the whole board.
    whole_since: Revision,
    layout: Piece,
    overlay: Piece,
    panels: Vec<Piece>,
    state: OnceLock<Arc<Encoded>>,
    whole: OnceLock<Arc<Encoded>>,
    whole_html: OnceLock<Arc<Encoded>>,
}

/// An event, ready to be sent, and the revision that it brings its reader to.
#[derive(Clone)]
struct Piece {
    revision: Revision,
    event: Arc<Encoded>,
    /// The same as a part of the board's page, made when the first page asks for it.
    html: Arc<OnceLock<Arc<Encoded>>>,
}

/// What a piece is about.
#[derive(Clone, Copy)]
enum Part<'a> {
    Layout,
    Panel(&'a Panel),
    Overlay,
}

/// The next thing for a reader.
#[derive(Clone, Debug)]
pub(crate) struct Newer {
    /// What the reader has seen once it has this.
    pub(crate) revision: Revision,
    /// One event in the format of an event stream.
    pub(crate) event: Arc<Encoded>,
}

/// How much was encoded.
#[derive(Clone, Copy, Default)]
pub(super) struct Made {
    pub(super) events: usize,
    pub(super) bytes: usize,
}

impl Snapshot {
    pub(super) fn first(epoch: u64, mut board: Board) -> Result<Self, serde_json::Error> {
        renumber(&mut board, Revision(1));
        Self::whole(epoch, board)
    }

    /// The state after `before`, or `None` where nothing changed.
    pub(super) fn after(before: &Self, mut next: Board) -> Result<Option<(Self, Made)>, serde_json::Error> {
        let epoch = before.epoch;
        let mut revision = before.board.revision;
        if needs_whole(&before.board, &next) {
            renumber(&mut next, Revision(revision.0 + 1));
            let snapshot = Self::whole(epoch, next)?;
            let bytes = snapshot.whole_event()?.plain().len();
            return Ok(Some((snapshot, Made { events: 1, bytes })));
        }

        let mut made = Made::default();
        let mut encode = |revision: Revision, event: Event| {
            let event = encode(epoch, revision, &event)?;
            made.events += 1;
            made.bytes += event.plain().len();
            Ok::<_, serde_json::Error>(Piece { revision, event, html: Arc::default() })
        };
        let mut layout = before.layout.clone();
        if next.layout != before.board.layout {
            revision.0 += 1;
            layout = encode(revision, Event::Layout(next.layout.clone()))?;
        }
        let step = FRESHNESS_STEP * next.simulated.map_or(1, |simulated| simulated.speed.into());
        let mut panels = Vec::with_capacity(next.panels.len());
        for ((old, new), piece) in before.board.panels.iter().zip(&mut next.panels).zip(&before.panels) {
            if says_the_same(old, new, step) {
                *new = old.clone();
                panels.push(piece.clone());
            } else {
                revision.0 += 1;
                new.revision = revision;
                panels.push(encode(revision, Event::Panel(Box::new(new.clone())))?);
            }
        }
        let mut overlay = before.overlay.clone();
        if next.overlay != before.board.overlay {
            revision.0 += 1;
            overlay = encode(revision, Event::Overlay(next.overlay.clone()))?;
        }
        if made.events == 0 {
            return Ok(None);
        }
        next.revision = revision;
        let snapshot = Self {
            epoch,
            board: next,
            whole_since: before.whole_since,
            layout,
            overlay,
            panels,
            state: OnceLock::new(),
            whole: OnceLock::new(),
            whole_html: OnceLock::new(),
        };
        Ok(Some((snapshot, made)))
    }

    fn whole(epoch: u64, board: Board) -> Result<Self, serde_json::Error> {
        // Whoever has seen this revision has it as part of the board; these bytes are never sent.
        let nothing = Piece { revision: board.revision, event: Arc::default(), html: Arc::default() };
        let snapshot = Self {
            epoch,
            whole_since: board.revision,
            layout: nothing.clone(),
            overlay: nothing.clone(),
            panels: vec![nothing; board.panels.len()],
            board,
            state: OnceLock::new(),
            whole: OnceLock::new(),
            whole_html: OnceLock::new(),
        };
        // A board that JSON cannot express is found now, not when somebody asks for it.
        snapshot.state()?;
        Ok(snapshot)
    }

    /// The board.
    pub(crate) fn board(&self) -> &Board {
        &self.board
    }

    /// The event after which a reader has this state.
    pub(crate) fn id(&self) -> EventId {
        EventId { epoch: self.epoch, revision: self.board.revision }
    }

    /// A strong entity tag: it names these very bytes, so another coding has another one.
    pub(crate) fn tag(&self, coding: Coding) -> String {
        let id = self.id();
        match coding.name() {
            None => format!("\"{id}\""),
            Some(coding) => format!("\"{id}-{coding}\""),
        }
    }

    /// The whole state as JSON.
    ///
    /// # Errors
    /// JSON cannot express it.
    pub(crate) fn state(&self) -> Result<Arc<Encoded>, serde_json::Error> {
        once(&self.state, || Ok(Arc::new(Encoded::new(serde_json::to_vec(&self.board)?))))
    }

    /// The oldest thing that a reader who has seen `seen` still lacks; `None` where it is up to date.
    ///
    /// # Errors
    /// It cannot be written in this dialect.
    pub(crate) fn newer_than(
        &self,
        seen: Option<Revision>,
        dialect: Dialect,
        clock: &dyn Clock,
    ) -> Result<Option<Newer>, WriteError> {
        let whole = |dialect| {
            let event = match dialect {
                Dialect::Json => self.whole_event()?,
                Dialect::Html => self.whole_html(clock)?,
            };
            Ok(Some(Newer { revision: self.board.revision, event }))
        };
        let seen = match seen {
            Some(seen) if seen >= self.whole_since && seen <= self.board.revision => seen,
            _ => return whole(dialect),
        };
        let panels = self.panels.iter().zip(self.board.panels.iter().map(Part::Panel));
        let newest = std::iter::once((&self.layout, Part::Layout))
            .chain(panels)
            .chain(std::iter::once((&self.overlay, Part::Overlay)))
            .filter(|(piece, _)| piece.revision > seen)
            .min_by_key(|(piece, _)| piece.revision);
        let Some((piece, part)) = newest else { return Ok(None) };
        let event = match (dialect, part) {
            (Dialect::Json, _) => piece.event.clone(),
            // Where everything stands is the page itself.
            (Dialect::Html, Part::Layout) => return whole(dialect),
            (Dialect::Html, Part::Panel(panel)) => once(&piece.html, || {
                Ok::<_, WriteError>(self.html_event(piece, "panel", &fragment::panel(&self.board, panel, clock.now())?))
            })?,
            (Dialect::Html, Part::Overlay) => once(&piece.html, || {
                Ok::<_, WriteError>(self.html_event(piece, "overlay", &fragment::overlay(&self.board, clock.now())?))
            })?,
        };
        Ok(Some(Newer { revision: piece.revision, event }))
    }

    fn whole_event(&self) -> Result<Arc<Encoded>, serde_json::Error> {
        once(&self.whole, || encode(self.epoch, self.board.revision, &Event::Board(Box::new(self.board.clone()))))
    }

    fn whole_html(&self, clock: &dyn Clock) -> Result<Arc<Encoded>, WriteError> {
        once(&self.whole_html, || {
            let html = fragment::board(&self.board, clock.now())?;
            Ok(framed("board", self.id(), &html))
        })
    }

    fn html_event(&self, piece: &Piece, name: &str, html: &str) -> Arc<Encoded> {
        framed(name, EventId { epoch: self.epoch, revision: piece.revision }, html)
    }
}

fn renumber(board: &mut Board, revision: Revision) {
    board.revision = revision;
    for panel in &mut board.panels {
        panel.revision = revision;
    }
}

/// Whether the difference is one for which there is no event of its own.
fn needs_whole(before: &Board, next: &Board) -> bool {
    fn ids(board: &Board) -> impl Iterator<Item = &PanelId> {
        board.panels.iter().map(|panel| &panel.id)
    }
    before.title != next.title
        || before.theme != next.theme
        || before.look != next.look
        || before.time_zone != next.time_zone
        || before.demo != next.demo
        || before.simulated != next.simulated
        || before.ticker != next.ticker
        || !ids(before).eq(ids(next))
}

fn says_the_same(old: &Panel, new: &Panel, step: SignedDuration) -> bool {
    new.updated_at.duration_since(old.updated_at) < step
        && old.status == new.status
        && old.title == new.title
        && old.short_title == new.short_title
        && old.beside_desk == new.beside_desk
        && old.form == new.form
}

fn encode(epoch: u64, revision: Revision, event: &Event) -> Result<Arc<Encoded>, serde_json::Error> {
    let id = EventId { epoch, revision };
    Ok(Arc::new(Encoded::new(format!("event: {}\nid: {id}\ndata: {}\n\n", event.name(), event.to_data()?))))
}

/// An event of several lines.
fn framed(name: &str, id: EventId, text: &str) -> Arc<Encoded> {
    let lines = text.lines().filter(|line| !line.is_empty());
    let data = lines.flat_map(|line| ["data: ", line, "\n"]).collect::<String>();
    Arc::new(Encoded::new(format!("event: {name}\nid: {id}\n{data}\n")))
}

fn once<E>(cell: &OnceLock<Arc<Encoded>>, make: impl FnOnce() -> Result<Arc<Encoded>, E>) -> Result<Arc<Encoded>, E> {
    if let Some(encoded) = cell.get() {
        return Ok(encoded.clone());
    }
    let encoded = make()?;
    Ok(cell.get_or_init(|| encoded).clone())
}

#[cfg(test)]
mod tests;
