//! What a board's panels must say where they are drawn.

mod status;

use std::collections::HashMap;

use board::{
    Board, Form, Panel, Status, Value,
    form::{Arrangement, Bars, Context, TraceShape},
    format::{self, Worded, WordedContext},
    layout,
    theme::{self, contrast},
};
use jiff::{Timestamp, tz::TimeZone};

use super::LEAST_NUMBER;
use crate::reading::{Drawing, Filled, SMALLEST, Text};

/// The smallest 100 of "100 %", whose goal stays beside it.
const WHOLE: f32 = 121.0;
/// Tiles that are lower have a number under their title, or a status: then the number stands in the title row.
const LOW: f32 = 312.0;

/// Beside the content of a tile, and between the words of a row.
const PADDING: f32 = 32.0;
const WORDS_APART: f32 = 24.0;
/// What the bar of a wait takes with its value, and what the shape of a status takes before one.
const BAR: f32 = 344.0;
const MARK: f32 = 76.0;
/// Values of other rows may be wider, and letters are kerned.
const SLACK: f32 = 40.0;

/// A board as it was drawn, panel by panel.
pub(crate) struct Read<'a> {
    pub(crate) drawing: &'a Drawing,
    board: &'a Board,
    now: Timestamp,
    zone: TimeZone,
    tiles: Vec<Tile<'a>>,
}

/// A panel where it stands, in design pixels.
struct Tile<'a> {
    panel: &'a Panel,
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

impl Tile<'_> {
    fn height(&self) -> f32 {
        self.bottom - self.top
    }

    fn width(&self) -> f32 {
        self.right - self.left
    }

    fn holds(&self, x: f32, y: f32) -> bool {
        self.left <= x && x <= self.right && self.top <= y && y <= self.bottom
    }

    fn is_frozen(&self) -> bool {
        matches!(self.panel.status, Status::Stale | Status::Unavailable)
    }
}

/// What must stand somewhere in a tile, in one of these wordings; and how large at least.
struct Must {
    wordings: Vec<String>,
    least: f32,
}

impl<'a> Read<'a> {
    /// `board` as it was drawn on a screen of so many pixels at `now`, with nothing over it.
    pub(crate) fn new(drawing: &'a Drawing, board: &'a Board, (width, height): (u32, u32), now: Timestamp) -> Self {
        let frame = layout::arrange(board, width, height);
        let unit = frame.unit;
        let tile = |tile: layout::Tile| {
            let panel = board.panels.iter().find(|panel| panel.id == tile.panel)?;
            let rect = tile.rect;
            let [left, top, right, bottom] = [rect.x, rect.y, rect.right(), rect.bottom()].map(|length| length / unit);
            Some(Tile { panel, left, top, right, bottom })
        };
        let tiles = frame.tiles.into_iter().filter_map(tile).collect();
        Self { drawing, board, now, zone: board.zone().unwrap_or(TimeZone::UTC), tiles }
    }

    /// Panels whose main number is missing, too small or without its context.
    pub(crate) fn numbers(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for tile in self.tiles.iter().filter(|tile| !tile.panel.form.is_newer()) {
            let Some(must) = self.number(tile) else { continue };
            let found = self.texts(tile).filter(|text| must.wordings.contains(&text.words));
            match found.map(|text| text.size).max_by(f32::total_cmp) {
                None => faults.push(format!("{:?} does not say {:?}", tile.panel.title, must.wordings)),
                Some(size) if size < must.least => {
                    faults.push(format!("{:?} has its number at {size} px, not {}", tile.panel.title, must.least));
                }
                Some(_) if self.lacks_context(tile) => {
                    faults.push(format!("the number of {:?} stands without its context", tile.panel.title));
                }
                Some(_) => {}
            }
        }
        faults
    }

    /// Titles that are not there in full, or in their short form.
    pub(crate) fn titles(&self) -> Vec<String> {
        let whole = |tile: &&Tile<'_>| {
            let titles = [Some(&tile.panel.title), tile.panel.short_title.as_ref()];
            self.texts(tile).any(|text| titles.contains(&Some(&text.words)) && !text.is_cut())
        };
        let cut = self.tiles.iter().filter(|tile| !whole(tile));
        cut.map(|tile| format!("the title {:?} is cut or missing", tile.panel.title)).collect()
    }

    /// Boxes that carry meaning and stand out too little from their ground, or from their neighbours (wall-ui rule 13).
    pub(crate) fn pale_boxes(&self) -> Vec<String> {
        let tokens = theme::tokens(self.board.theme);
        let mut faults = Vec::new();
        for tile in &self.tiles {
            let mut before: Option<&Filled> = None;
            for (index, mark) in self.drawing.boxes.iter().enumerate() {
                let (width, height) = (mark.right - mark.left, mark.bottom - mark.top);
                let inside = tile.holds((mark.left + mark.right) / 2.0, (mark.top + mark.bottom) / 2.0);
                let grounds = [tokens.background, tokens.surface];
                let decorates = width.min(height) <= 2.5 || mark.hollow.is_some_and(|edge| edge <= 1.0);
                // A wash lies under a line that says the same; a step of a heatmap is told from the next one.
                let said_otherwise =
                    !mark.opaque && mark.hollow.is_none() || matches!(tile.panel.form, Form::Heatmap(_));
                let is_track = mark.colour == tokens.track && self.has_tracks(tile);
                if !inside || grounds.contains(&mark.colour) || decorates || said_otherwise || is_track {
                    continue;
                }
                // The mark of a target crosses its vessel and is told beside it.
                let is_target = matches!(tile.panel.form, Form::Gauge(_)) && (width, height) == (72.0, 4.0);
                let told = if is_target { Filled { right: mark.left + 16.0, ..*mark } } else { *mark };
                let ground = self.drawing.ground(index, &told).unwrap_or(tokens.background);
                let reached = contrast(mark.colour, ground);
                // A bar over time is made of boxes of one colour; a dot stands in the triangle of a status, which is no box.
                let is_dot = width <= 8.0 && height <= 8.0;
                let is_joined = is_dot || mark.colour == ground && self.has_bars_over_time(tile);
                if reached < 3.0 && !is_joined {
                    faults.push(format!("a box of {:?} reaches {reached:.1}:1 only: {mark:?}", tile.panel.title));
                }
                let neighbour = before.filter(|before| before.top == mark.top && before.bottom == mark.bottom);
                if self.stands_side_by_side(tile) && neighbour.is_some_and(|before| looks_like(before, mark)) {
                    faults
                        .push(format!("two neighbours in {:?} look alike: {before:?} and {mark:?}", tile.panel.title));
                }
                before = Some(mark);
            }
        }
        faults
    }

    /// Names of clients that are cut although their row has as much room that nothing takes.
    pub(crate) fn cut_beside_blanks(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for tile in &self.tiles {
            let marks = marks(&tile.panel.form);
            let cut = self.texts(tile).filter(|text| text.is_cut() && text.size > SMALLEST);
            for (cut, marked) in cut.filter_map(|text| Some((text, *marks.get(text.words.as_str())?))) {
                let (missing, blank) = (cut.wanted_right - cut.right, self.blank(tile, cut, marked));
                if blank >= missing + SLACK {
                    faults.push(format!("{:?} lacks {missing} px, and {blank} px of its row are blank", cut.words));
                }
            }
        }
        faults
    }

    /// What nothing takes of the row in which `text` stands, but for the gaps between its words.
    fn blank(&self, tile: &Tile<'_>, text: &Text, marked: bool) -> f32 {
        let mut row: Vec<&Text> = self.texts(tile).filter(|other| (other.bottom - text.bottom).abs() < 8.0).collect();
        row.sort_by(|one, other| one.left.total_cmp(&other.left));
        let Some((value, names)) = row.split_last() else { return 0.0 };
        let barred = self.drawing.boxes.iter().any(|mark| {
            tile.holds(mark.left, mark.top) && mark.right - mark.left == 150.0 && mark.bottom - mark.top == 16.0
        });
        let end = match (barred, marked) {
            (true, _) => tile.right - PADDING - BAR,
            (false, true) => value.left - MARK,
            (false, false) => value.left,
        };
        let ends = names.iter().skip(1).map(|next| next.left).chain([end]);
        names.iter().zip(ends).map(|(text, end)| (end - text.right.min(text.wanted_right) - WORDS_APART).max(0.0)).sum()
    }

    fn texts<'b>(&'b self, tile: &'b Tile<'_>) -> impl Iterator<Item = &'b Text> {
        let all = self.drawing.texts.iter().chain(&self.drawing.in_cells);
        all.filter(|text| tile.holds(text.left + 4.0, (text.top + text.bottom) / 2.0))
    }

    /// The main number of a panel; nothing where it has none, or words in its place.
    fn number(&self, tile: &Tile<'_>) -> Option<Must> {
        let value = match &tile.panel.form {
            Form::Stat(stat) => &stat.value,
            Form::Gauge(gauge) => &gauge.value,
            Form::Bars(bars) => return self.headline(tile, bars),
            Form::Clock(_) => &Value::At(self.now),
            Form::Roster(roster) => {
                let free = format::count(roster.available.into(), 9_999);
                let value = Value::Count(roster.available.into());
                let worded =
                    [format::worded(&value, self.now, &self.zone), format::shortened(&value, self.now, &self.zone)];
                let worded = worded.into_iter().flat_map(|worded| [worded.number.clone(), worded.to_string()]);
                let wordings = [free.number.clone(), free.to_string()].into_iter().chain(worded).collect();
                return Some(Must { wordings, least: SMALLEST });
            }
            Form::Queue(queue) => {
                let wordings = vec![format::count(queue.total.into(), 9_999).to_string()];
                return Some(Must { wordings, least: SMALLEST });
            }
            _ => return None,
        };
        let (now, zone) = (self.now, &self.zone);
        let zone = match &tile.panel.form {
            Form::Clock(clock) => &TimeZone::get(&clock.zone).unwrap_or_else(|_| zone.clone()),
            _ => zone,
        };
        let in_words = matches!(value, Value::Text(_)) || matches!(value, Value::Until(_)) && tile.is_frozen();
        let low = tile.height() < LOW && tile.panel.status != Status::Ok && !matches!(tile.panel.form, Form::Clock(_));
        let least = match (value, format::worded(value, now, zone)) {
            _ if low => SMALLEST,
            // An amount of money has no shorter form.
            (Value::Money { .. }, _) => SMALLEST,
            (_, Worded { number, .. }) if number == "100" => WHOLE,
            _ => LEAST_NUMBER,
        };
        let together = |worded: Worded| [worded.number.clone(), worded.number + &worded.unit.unwrap_or_default()];
        let wordings =
            [format::worded(value, now, zone), format::shortened(value, now, zone), format::row(value, now, zone)];
        (!in_words).then(|| Must { wordings: wordings.into_iter().flat_map(together).collect(), least })
    }

    /// The signed number over two opposed bars.
    fn headline(&self, tile: &Tile<'_>, bars: &Bars) -> Option<Must> {
        let Some(Value::Count(difference)) = &bars.headline else { return None };
        let sign = if *difference > 0 { "+" } else { "" };
        let short = format::shortened(&Value::Count(*difference), self.now, &self.zone);
        let whole = format::signed(*difference);
        let wordings = [whole.clone().number, whole.to_string(), format!("{sign}{}", short.number)];
        // Under the title where the names of the amounts have room too, over them in a narrow tile; else in its row.
        let floor = if tile.panel.status != Status::Ok && tile.width() < 704.0 { 88.0 } else { 0.0 };
        let roomy = if tile.width() < 860.0 { 395.0 } else { 348.0 } + floor;
        let least = if tile.height() < roomy { SMALLEST } else { LEAST_NUMBER };
        Some(Must { wordings: wordings.into(), least })
    }

    /// Whether a tile with room for it says nothing of what gives its number a meaning (wall-ui rule 10).
    fn lacks_context(&self, tile: &Tile<'_>) -> bool {
        let contexts = match &tile.panel.form {
            Form::Stat(stat) => [&stat.context, &stat.wide_context],
            Form::Gauge(gauge) => [&gauge.context, &None],
            // A narrow one has its two amounts.
            Form::Bars(bars) if tile.width() >= 620.0 => [&bars.context, &None],
            _ => return false,
        };
        let least = if matches!(tile.panel.form, Form::Bars(_)) { 348.0 } else { LOW };
        let roomy = tile.height() >= least && tile.panel.status == Status::Ok;
        let mut wordings: Vec<Vec<String>> =
            contexts.into_iter().flatten().flat_map(|context| self.wordings(context)).collect();
        if let Form::Gauge(gauge) = &tile.panel.form {
            // A target has a mark of its own.
            wordings.extend(gauge.parts.iter().map(|part| vec![part.label.clone()]));
        }
        // What is late says so in the place of its context, where that has no room beside it.
        let late = self.texts(tile).any(|text| text.words == "late");
        let said = |line: &String| self.texts(tile).any(|text| text.words == *line && !text.is_cut());
        roomy && !late && !wordings.is_empty() && !wordings.iter().any(|lines| lines.iter().all(said))
    }

    /// A context in one line or in two, in full or with a coarser value: never its number without its word.
    fn wordings(&self, context: &Context) -> Vec<Vec<String>> {
        let whole = format::context(context, self.now, &self.zone);
        let brief = format::brief_context(context, self.now, &self.zone);
        let lines = |words: WordedContext| {
            let line = words.to_string();
            let WordedContext { before, value, after } = words;
            let two =
                if before.is_empty() { [value, after] } else { [before, format!("{value} {after}").trim().to_owned()] };
            [vec![line], two.into_iter().filter(|line| !line.is_empty()).collect()]
        };
        let name = match &context.value {
            Some(Value::Text(name)) => vec![vec![name.clone()]],
            _ => Vec::new(),
        };
        [lines(whole).to_vec(), lines(brief).to_vec(), name].concat()
    }

    /// Whether empty parts of bars are drawn in it: they say what the filled parts say.
    fn has_tracks(&self, tile: &Tile<'_>) -> bool {
        match &tile.panel.form {
            Form::Bars(bars) => match bars.arrangement {
                Arrangement::Rows => true,
                Arrangement::Opposed => false,
                Arrangement::Columns | Arrangement::Strip => !self.stands_side_by_side(tile),
            },
            Form::Roster(_) => false,
            _ => true,
        }
    }

    fn has_bars_over_time(&self, tile: &Tile<'_>) -> bool {
        let Form::Stat(stat) = &tile.panel.form else { return false };
        stat.trace.as_ref().is_some_and(|trace| trace.shape == TraceShape::Bars)
    }

    /// Whether the bars of a panel stand beside one another, and not one under the other.
    fn stands_side_by_side(&self, tile: &Tile<'_>) -> bool {
        let Form::Bars(bars) = &tile.panel.form else { return false };
        let labels = |bars: &[board::form::Bar]| bars.iter().map(|bar| bar.label.clone()).collect::<Vec<_>>();
        let all = [labels(&bars.bars), labels(&bars.small)].concat();
        let tops: Vec<f32> = self.texts(tile).filter(|text| all.contains(&text.words)).map(|text| text.top).collect();
        bars.arrangement == Arrangement::Strip && tops.len() > 1 && tops.iter().all(|top| (top - tops[0]).abs() < 1.0)
    }
}

/// The clients that a list names, and whether one of them may have the shape of a status in its row.
fn marks(form: &Form) -> HashMap<&str, bool> {
    let mut marks = HashMap::new();
    match form {
        Form::Table(table) => {
            for row in &table.rows {
                let client = row.extra.as_ref().filter(|_| row.detail.is_some()).unwrap_or(&row.name);
                *marks.entry(client.as_str()).or_default() |= row.status != Status::Ok;
            }
        }
        Form::Queue(queue) => marks.extend(queue.rows.iter().map(|wait| (wait.client.as_str(), false))),
        _ => {}
    }
    marks
}

/// Whether somebody may take the one for the other.
fn looks_like(one: &Filled, other: &Filled) -> bool {
    let channels = [16, 8, 0].map(|shift| (one.colour >> shift & 0xFF).abs_diff(other.colour >> shift & 0xFF));
    one.hollow.is_some() == other.hollow.is_some() && channels.into_iter().all(|difference| difference < 40)
}
