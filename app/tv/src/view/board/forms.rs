//! Every form in words, shares and paths.

use board::{Form, Panel, Value, form, format};
use jiff::{Timestamp, tz::TimeZone};
use slint::SharedString;
use tv_components::{Bar, Form as Shown, Row, Status, TileData};

use super::{
    Moment, bars,
    figure::{self, Number, context, number, worded},
    in_turn,
    models::{Models, sync, sync_rows},
    people,
    plot::{self, Plot},
    rows,
    tile::{FLOOR, Place},
};
use crate::view::theme;

/// A countdown inside this many seconds is the main number of its queue.
const CLOSE: i64 = 15 * 60;

/// What a clock shows of a zone that this version does not know.
const NO_SUCH_ZONE: &str = "no data";

/// How much wider bold letters are.
const BOLD: f32 = 1.06;

/// What the shape of a status takes behind a word.
const MARK: f32 = 66.0;

/// What a number has that stands beside its trace.
const BESIDE: f32 = 416.0;

/// What a form is told with.
pub(super) struct Told<'a> {
    pub(super) place: &'a Place,
    pub(super) models: &'a Models,
    /// `lost` also where this panel alone gets no data.
    pub(super) moment: Moment<'a>,
    /// Whether a status stands somewhere in the tile.
    pub(super) marked: bool,
}

impl Told<'_> {
    /// Fills in what `panel` shows.
    pub(super) fn fill(&self, data: &mut TileData, panel: &Panel) {
        if panel.form.is_newer() {
            data.form = Shown::Unknown;
            data.text = "This screen is older than its server.".into();
            return;
        }
        match &panel.form {
            Form::Stat(stat) => self.stat(data, stat),
            Form::Gauge(gauge) => self.gauge(data, gauge),
            Form::Bars(bars) => self.bars(data, bars),
            Form::Trend(trend) => self.trend(data, trend),
            Form::Heatmap(heatmap) => self.heatmap(data, heatmap),
            Form::Table(table) => self.list(data, Shown::Table, rows::table(table, self.moment)),
            Form::Leaderboard(entries) => self.list(data, Shown::Leaderboard, rows::leaderboard(entries, self.moment)),
            Form::Roster(roster) => self.roster(data, roster),
            Form::Queue(queue) => self.queue(data, queue),
            Form::Tiles(tiles) => self.list(data, Shown::Tiles, rows::plates(tiles, self.moment)),
            Form::Ticker(ticker) => self.ticker(data, ticker),
            Form::Text(text) => self.text(data, text),
            Form::Clock(clock) => self.clock(data, clock),
            Form::Unknown { .. } => {}
        }
    }

    fn stat(&self, data: &mut TileData, stat: &form::Stat) {
        let Moment { now, zone, .. } = self.moment;
        data.form = Shown::Stat;
        let beside =
            self.place.columns >= 6 && !self.place.strip && self.place.width >= 880.0 && self.place.height >= 400.0;
        // Of three columns, a tile has a second line under its number where that goes before a trace.
        let two_lines = stat.next.is_some() && !beside && self.is_roomy() && !self.marked;
        let lines = stat.wide_context.as_ref().and_then(|wide| self.lines(wide, beside && stat.trace.is_some()));
        let wide = stat.wide_context.as_ref().filter(|wide| lines.is_some() || two_lines && self.has_room(wide));
        let mut shown = number(&stat.value, self.moment);
        let late = figure::late_apart(&mut shown.figure, self.place.inner());
        self.put(data, shown);
        context(data, late.as_ref().or(wide).or(stat.context.as_ref()), self.moment);
        data.wraps = lines.is_some_and(|lines| lines > 1);
        if let Some(term) = &stat.term {
            let length = term.until.duration_since(term.from).as_secs_f32();
            let passed = now.duration_since(term.from).as_secs_f32();
            data.share = if length > 0.0 { ((passed / length).clamp(0.0, 1.0) * 400.0).round() / 400.0 } else { 1.0 };
        }
        if let Some(next) = stat.next.as_ref().filter(|_| two_lines || beside && !data.wraps || stat.trace.is_none()) {
            data.after = format::context(next, now, zone).to_string().into();
        }
        if let Some(trace) = stat.trace.as_ref().filter(|_| !two_lines) {
            let plot = if beside { self.beside() } else { self.on_floor(data) };
            if trace.shape == form::TraceShape::Bars {
                let (steps, line, bars) = plot::bars(trace, plot, self.place.unit);
                (data.steps, data.line, data.bars) = (steps, line, sync(&self.models.bars, bars));
            } else {
                data.line = plot::line(trace, plot);
            }
            data.line.from = trace.from.map(|from| format::time(from, zone)).unwrap_or_default().into();
        }
    }

    /// In how many lines the wide context of a number stands whole; `None` where it does not.
    fn lines(&self, context: &form::Context, beside: bool) -> Option<usize> {
        if self.place.width < 440.0 || self.place.height < 440.0 {
            return None;
        }
        // Beside a trace there is room for two, unless a status stands below.
        let (room, most) = match beside {
            true => (BESIDE, if self.marked { 1 } else { 2 }),
            false => (self.place.inner(), 1),
        };
        rows::lines(&worded(context, self.moment).to_string(), 51.0, room).filter(|lines| *lines <= most)
    }

    /// Whether two lines stand under a number.
    fn is_roomy(&self) -> bool {
        !self.place.strip && self.place.width >= 430.0 && self.place.height >= 440.0
    }

    /// Whether a context stands in one line of the tile, with its coarser value.
    fn has_room(&self, context: &form::Context) -> bool {
        let brief = format::brief_context(context, self.moment.now, self.moment.zone).to_string();
        rows::width(&brief, 51.0) <= self.place.inner()
    }

    /// The plot on the floor of a small tile, within an element that is 10 px higher than 70 above and below.
    fn on_floor(&self, data: &TileData) -> Plot {
        let number = 109.0 + 0.71875 * self.place.main;
        let two_lines = self.place.height < 440.0 && self.place.width >= 440.0;
        let above = if two_lines || data.context.is_empty() { number + 34.0 } else { number + 73.0 + 39.0 };
        let height = (self.place.height - 36.0 - above).clamp(0.0, 70.0);
        Plot { left: 0.0, right: self.place.inner(), top: 80.0 - height, bottom: 80.0 }
    }

    /// The plot beside a number: from the number's cap top to where hours are named.
    fn beside(&self) -> Plot {
        Plot { left: 0.0, right: self.place.width - 472.0 - 32.0, top: 10.0, bottom: self.place.height - 249.0 }
    }

    fn gauge(&self, data: &mut TileData, gauge: &form::Gauge) {
        data.form = Shown::Gauge;
        self.number(data, &gauge.value);
        context(data, gauge.context.as_ref(), self.moment);
        if let Value::Ratio(share) = gauge.value {
            data.share = share.clamp(0.0, 1.0) as f32;
        }
        data.target = gauge.target.map_or(-1.0, |target| target.clamp(0.0, 1.0) as f32);
        data.rows = sync(&self.models.rows, rows::parts(gauge, self.moment));
    }

    fn bars(&self, data: &mut TileData, bars: &form::Bars) {
        let chosen = bars::chosen(bars, self.place.small);
        let lost = self.moment.lost;
        let (mut shown, mut limit) = bars::compared(chosen, bars.limit.as_ref(), lost);
        let lit = shown.iter().any(|bar| matches!(bar.status, Status::Warn | Status::Critical));
        data.lit_bars = lit;
        data.form = match bars.arrangement {
            form::Arrangement::Rows => Shown::Rows,
            // What stands side by side needs room for its words; without it it stands one under the other.
            form::Arrangement::Columns if !self.side_by_side(&shown, 4.0, 51.0) || lit && !self.is_high() => {
                Shown::Rows
            }
            form::Arrangement::Columns => Shown::Columns,
            form::Arrangement::Opposed => Shown::Opposed,
            form::Arrangement::Strip if !self.side_by_side(&shown, if lit { 12.0 + MARK } else { 12.0 }, 64.0) => {
                Shown::Rows
            }
            form::Arrangement::Strip => {
                (shown, limit) = (bars::proportional(chosen, lost), -1.0);
                Shown::Strip
            }
        };
        data.limit = limit;
        data.widest_name = rows::widest(shown.iter().map(|bar| &bar.label));
        data.widest_value = rows::widest(shown.iter().map(|bar| &bar.value));
        data.bars = sync(&self.models.bars, shown);
        if let (Some(limit), Shown::Rows) = (&bars.limit, data.form) {
            data.aside = format!("{} {}", limit.label, limit.value).into();
        }
        match &bars.headline {
            Some(Value::Count(difference)) => {
                let worded = format::signed(*difference);
                let mut number = number(&Value::Count(*difference), self.moment);
                number.figure.number = worded.number.into();
                number.figure.unit = worded.unit.unwrap_or_default().into();
                if *difference > 0 {
                    number.figure.short = format!("+{}", number.figure.short).into();
                }
                self.put(data, number);
            }
            Some(headline) => self.number(data, headline),
            None => {}
        }
        context(data, bars.context.as_ref(), self.moment);
        // Of the whole, in the title row.
        if data.form == Shown::Columns
            && !self.place.small
            && rows::width(&data.context, 51.0) <= self.place.inner() / 2.0
        {
            data.aside = data.context.clone();
        }
    }

    /// Whether there is room for the shape of a status over a column.
    fn is_high(&self) -> bool {
        self.place.height - self.floor() >= 356.0
    }

    /// What the status takes of the foot of a tile that is too narrow to have it in its title row.
    fn floor(&self) -> f32 {
        if self.marked && self.place.width < 620.0 { FLOOR - 8.0 } else { 0.0 }
    }

    /// Whether bars have room for their labels of 51 px and their values of `size` px, with `gap` between them.
    fn side_by_side(&self, bars: &[Bar], gap: f32, size: f32) -> bool {
        let column = self.place.inner() / bars.len().max(1) as f32;
        column >= 80.0
            && bars.iter().all(|bar| {
                rows::width(&bar.label, 51.0) + gap <= column && rows::width(&bar.value, size) * BOLD + gap <= column
            })
    }

    fn trend(&self, data: &mut TileData, trend: &form::Trend) {
        let Moment { now, zone, .. } = self.moment;
        data.form = Shown::Trend;
        let named: Vec<_> = trend
            .series
            .iter()
            .take(2)
            .map(|series| (series, format::worded(&series.value, now, zone).to_string()))
            .collect();
        // A narrow tile may have its status on the floor.
        let floor = if self.marked && self.place.width < 620.0 { FLOOR - 12.0 } else { 0.0 };
        let height = self.place.height - 99.0 - 26.0;
        let plot =
            Plot { left: 10.0, right: self.place.inner() - 203.0 - 10.0, top: 10.0, bottom: height - 10.0 - floor };
        let lines = plot::trend(&named, plot, 99.0, self.place.height - 32.0 - floor);
        data.series = sync(&self.models.series, lines);
    }

    fn heatmap(&self, data: &mut TileData, heatmap: &form::Heatmap) {
        data.form = Shown::Heatmap;
        let columns = heatmap.hours.len();
        let cells = |row: &form::HeatmapRow| -> Vec<_> {
            (0..columns).map(|index| self.heat(heatmap.step(row.cells.get(index).copied().unwrap_or(0.0)))).collect()
        };
        data.heat = sync(&self.models.heat, heatmap.rows.iter().take(7).flat_map(cells).collect());
        // Two hours a column, 84 px a name.
        let narrow = (self.place.inner() - 120.0) / columns.max(1) as f32 * 3.0 < 84.0;
        let named: &[u8] = if narrow { &[8, 20] } else { &[8, 14, 20] };
        let name = |hour: &u8| if named.contains(hour) { format!("{hour:02}").into() } else { SharedString::default() };
        data.hours = sync(&self.models.hours, heatmap.hours.iter().map(name).collect());
        data.current = heatmap
            .current
            .filter(|(row, column)| usize::from(*row) < heatmap.rows.len() && usize::from(*column) < columns)
            .map_or(-1, |(row, column)| i32::from(row) * columns as i32 + i32::from(column));
        let day = |row: Option<&form::HeatmapRow>| row.map(|row| row.label.as_str().into()).unwrap_or_default();
        data.first_day = day(heatmap.rows.first());
        data.last_day = day(heatmap.rows.get(6));
    }

    fn heat(&self, step: usize) -> slint::Color {
        theme::heat(self.moment.theme, step, self.moment.lost)
    }

    fn roster(&self, data: &mut TileData, roster: &form::Roster) {
        data.form = Shown::Roster;
        self.number(data, &Value::Count(roster.available.into()));
        let all = [roster.available, roster.busy, roster.away, roster.offline].map(i64::from).iter().sum();
        data.context = format!("{} busy", format::count(roster.busy.into(), 9_999)).into();
        data.context_first = "free".into();
        data.context_second = format!("of {}", format::count(all, 9_999)).into();
        if roster.estimated {
            (data.aside, data.short_aside) = ("estimated".into(), "≈".into());
        }
        data.bars = sync(&self.models.bars, people::segments(roster));
        if self.place.width >= 880.0 && self.place.height >= 560.0 {
            let capacity = ((self.place.height - 8.0 - 288.0 + 2.0) / 88.0).max(0.0) as usize;
            let (mut free, mut absent) = people::columns(roster, capacity, self.moment);
            // Only wide columns tell these.
            if self.place.width >= 1140.0 {
                let others = people::others(roster);
                if rows::width(&others, 64.0) <= (self.place.inner() - 40.0) / 2.0 {
                    data.context = others.into();
                }
                data.widest_value = rows::widest(free.iter().chain(&absent).map(|row| &row.extra));
            } else {
                data.left_room = people::divide(&mut free, &mut absent, self.place.inner());
            }
            data.rows = sync_rows(&self.models.rows, free);
            data.more = sync_rows(&self.models.more, absent);
        } else {
            self.rows(data, people::totals(roster));
        }
    }

    fn queue(&self, data: &mut TileData, queue: &form::Queue) {
        let Moment { now, lost, .. } = self.moment;
        data.count = format::count(queue.total.into(), 9_999).to_string().into();
        if let Some(first) = queue.rows.first()
            && !lost
            && (1..CLOSE).contains(&first.due_at.duration_since(now).as_secs())
        {
            data.close = true;
            self.number(data, &Value::Until(first.due_at));
            data.client = rows::told(&first.client, first.subject.as_deref(), queue.by_subject).0.into();
            data.owner = first.owner.as_deref().unwrap_or_default().into();
        }
        self.list(data, Shown::Queue, rows::waits(queue, self.moment));
    }

    fn ticker(&self, data: &mut TileData, ticker: &form::Ticker) {
        data.form = Shown::Ticker;
        if let Some((line, position)) = in_turn(&ticker.lines, self.moment.now) {
            data.text = line.into();
            data.context = position.into();
        }
    }

    fn text(&self, data: &mut TileData, text: &form::Text) {
        data.form = Shown::Text;
        data.text = text.text.as_str().into();
        let written = |at: Timestamp| format!("written {}", format::time(at, self.moment.zone));
        data.context = text.written_at.map(written).unwrap_or_default().into();
    }

    fn clock(&self, data: &mut TileData, clock: &form::Clock) {
        let now = self.moment.now;
        data.form = Shown::Clock;
        // The time of another zone under the name of this one would be a lie.
        match TimeZone::get(&clock.zone) {
            Ok(here) => {
                let here = Moment { zone: &here, lost: false, ..self.moment };
                self.number_at(data, &Value::At(now), here);
                data.context = format::date(now, here.zone).into();
                data.context_second = now.to_zoned(here.zone.clone()).strftime("%a %-d %b").to_string().into();
            }
            Err(_) => {
                self.number(data, &Value::NoData);
                (data.context, data.context_second) = (NO_SUCH_ZONE.into(), NO_SUCH_ZONE.into());
            }
        }
        data.quiet = false;
        let time =
            |zone: &str| TimeZone::get(zone).map_or_else(|_| NO_SUCH_ZONE.to_owned(), |zone| format::time(now, &zone));
        let row =
            |other: &form::OtherZone| Row { muted: true, ..rows::plain(&other.label, &other.label, time(&other.zone)) };
        self.rows(data, clock.others.iter().take(2).map(row).collect());
    }

    fn number(&self, data: &mut TileData, value: &Value) {
        self.number_at(data, value, self.moment);
    }

    fn number_at(&self, data: &mut TileData, value: &Value, moment: Moment<'_>) {
        self.put(data, number(value, moment));
    }

    fn put(&self, data: &mut TileData, Number { figure, digits, words }: Number) {
        data.words = words;
        data.figures = sync(&self.models.figures, vec![figure]);
        data.digits = sync(&self.models.digits, digits);
    }

    fn list(&self, data: &mut TileData, form: Shown, rows: Vec<Row>) {
        data.form = form;
        self.rows(data, rows);
    }

    fn rows(&self, data: &mut TileData, rows: Vec<Row>) {
        data.widest_name = rows::widest(rows.iter().map(|row| &row.name));
        data.widest_detail = rows::widest(rows.iter().map(|row| &row.detail));
        data.widest_value = rows::widest(rows.iter().map(|row| &row.value));
        data.widest_row = rows::widest(rows.iter().map(rows::words).collect::<Vec<_>>().iter());
        (data.lead_name, data.lead_detail) = rows::lead(&rows);
        data.widest_subject = rows::widest(rows.iter().map(|row| &row.subject));
        let marked = |row: &&Row| matches!(row.status, Status::Warn | Status::Critical);
        data.widest_extra = rows::widest(rows.iter().filter(|row| !marked(row)).map(|row| &row.extra));
        data.widest_marked_extra = rows::widest(rows.iter().filter(marked).map(|row| &row.extra));
        data.rows = sync_rows(&self.models.rows, rows);
    }
}
