//! Ready-made boards (panel catalogue, section 5), from the panels there are.

use board::{Area, Board, BoardId, Layout, Look, Panel, PanelId, Placement, Revision, Strip, Theme};
use desk::Capabilities;

use super::{Settings, on_call};

/// A ready-made board.
#[derive(Debug)]
pub(crate) struct Preset {
    /// Its name in URLs.
    pub(crate) id: &'static str,
    /// What follows the team's name in its title; nothing for the overview.
    title: Option<&'static str>,
    /// What it is called for people who choose one, and what it tells.
    pub(crate) about: &'static str,
    /// Panels of the KPI strip over the upper half.
    strip: &'static [&'static str],
    /// Other panels, most important first.
    placements: &'static [Place],
    /// Those in their stead where there is an on-call calendar.
    with_on_call: &'static [Place],
    /// Which panel stands in the place of which where the provider cannot supply that one.
    otherwise: &'static [Otherwise],
}

/// A panel and its column, row, columns and rows.
type Place = (&'static str, [u8; 4]);

/// What stands in the place of a panel that a provider cannot supply.
#[derive(Debug)]
struct Otherwise {
    panel: &'static str,
    needs: fn(&Capabilities) -> bool,
    instead: &'static str,
}

/// Every preset, the overview first.
pub(crate) const PRESETS: &[Preset] = &[
    Preset {
        id: "overview",
        title: None,
        about: "Overview: how the desk stands, at a glance",
        strip: &["open-tickets", "unassigned", "first-reply-time", "sla-attainment", "solved-today"],
        placements: &[("sla-at-risk", [0, 4, 6, 4]), ("live-feed", [6, 4, 4, 4]), ("agent-status", [10, 4, 2, 4])],
        with_on_call: &[],
        otherwise: &[
            Otherwise { panel: "sla-attainment", needs: |can| can.sla, instead: "awaiting-reply" },
            Otherwise { panel: "sla-at-risk", needs: |can| can.sla, instead: "oldest-open" },
            // Estimated presence is told beside names; in so small a tile there is no room for them.
            Otherwise { panel: "agent-status", needs: |can| can.presence, instead: "new-today" },
        ],
    },
    Preset {
        id: "queue",
        title: Some("Queue"),
        about: "Queue: what waits, and for how long",
        strip: &[],
        placements: &[
            ("open-tickets", [0, 0, 6, 4]),
            ("unassigned", [6, 0, 3, 4]),
            ("awaiting-reply", [9, 0, 3, 4]),
            ("backlog-age", [0, 4, 3, 4]),
            ("priority-mix", [3, 4, 4, 4]),
            ("oldest-open", [7, 4, 5, 4]),
        ],
        with_on_call: &[],
        otherwise: &[],
    },
    Preset {
        id: "sla",
        title: Some("SLA"),
        about: "SLA: promises at risk, broken and kept",
        strip: &[],
        placements: &[
            ("sla-at-risk", [0, 0, 6, 8]),
            ("sla-breached", [6, 0, 3, 4]),
            ("sla-attainment", [9, 0, 3, 4]),
            ("first-reply-time", [6, 4, 3, 4]),
            ("resolution-time", [9, 4, 3, 4]),
        ],
        with_on_call: &[],
        otherwise: &[],
    },
    Preset {
        id: "team",
        title: Some("Team"),
        about: "Team: who is there, and who carries what",
        strip: &[],
        placements: &[
            ("agent-status", [0, 0, 6, 8]),
            ("group-load", [6, 0, 6, 4]),
            ("solved-today", [6, 4, 3, 4]),
            ("clock", [9, 4, 3, 4]),
        ],
        with_on_call: &[
            ("agent-status", [0, 0, 6, 8]),
            ("group-load", [6, 0, 3, 4]),
            ("on-call", [9, 0, 3, 4]),
            ("solved-today", [6, 4, 3, 4]),
            ("clock", [9, 4, 3, 4]),
        ],
        otherwise: &[],
    },
    Preset {
        id: "today",
        title: Some("Today"),
        about: "Today: what came in, and what was solved",
        strip: &[],
        placements: &[
            ("backlog-change", [0, 0, 6, 4]),
            ("new-today", [6, 0, 3, 4]),
            ("solved-today", [9, 0, 3, 4]),
            ("status-mix", [0, 4, 6, 4]),
            ("live-feed", [6, 4, 6, 4]),
        ],
        with_on_call: &[],
        otherwise: &[],
    },
];

impl Preset {
    /// The title of a board of it: `team` is the name that leads it, `name` what it is called beside, where that is
    /// something else than the preset's own.
    pub(crate) fn title(&self, team: &str, name: Option<&str>) -> String {
        name.or(self.title).map_or_else(|| team.to_owned(), |title| format!("{team} · {title}"))
    }

    /// What it is called for people who choose one.
    pub(crate) fn name(&self) -> &'static str {
        self.about.split(':').next().unwrap_or(self.about)
    }

    /// The panels that stand on it, where the provider `can` do so much; before it has said so, those that are meant.
    pub(crate) fn panels(&self, can: Option<Capabilities>, on_call: bool) -> impl Iterator<Item = &'static str> {
        let placed = self.placed(on_call).iter().map(|(panel, _)| *panel);
        self.strip.iter().copied().chain(placed).map(move |panel| self.instead_of(panel, can))
    }

    fn placed(&self, on_call: bool) -> &'static [Place] {
        if on_call && !self.with_on_call.is_empty() { self.with_on_call } else { self.placements }
    }

    fn instead_of(&self, meant: &'static str, can: Option<Capabilities>) -> &'static str {
        let missing = |other: &&Otherwise| other.panel == meant && can.is_some_and(|can| !(other.needs)(&can));
        self.otherwise.iter().find(missing).map_or(meant, |other| other.instead)
    }

    /// The board of this preset: `team` is the name that leads its title, `panels` are those of the builder about a
    /// desk whose provider `can` do so much.
    pub(crate) fn board(&self, team: &str, settings: &Settings, panels: &[Panel], can: Option<Capabilities>) -> Board {
        let on_call = panels.iter().any(|panel| panel.id.0 == on_call::ID);
        Board {
            id: BoardId(self.id.to_owned()),
            title: self.title(team, None),
            revision: Revision(0),
            theme: Theme::default(),
            look: Look::default(),
            time_zone: settings.zone_name().to_owned(),
            demo: false,
            simulated: None,
            layout: self.layout(can, on_call),
            panels: self
                .panels(can, on_call)
                .filter_map(|id| panels.iter().find(|panel| panel.id.0 == id))
                .cloned()
                .collect(),
            ticker: Vec::new(),
            overlay: None,
        }
    }

    fn layout(&self, can: Option<Capabilities>, on_call: bool) -> Layout {
        let id = |panel| PanelId(self.instead_of(panel, can).to_owned());
        let strip = Strip { row: 0, rows: 4, panels: self.strip.iter().copied().map(id).collect() };
        let placements = self.placed(on_call).iter().map(|(panel, [column, row, columns, rows])| Placement {
            panel: id(panel),
            area: Area { column: *column, row: *row, columns: *columns, rows: *rows },
        });
        Layout {
            columns: 12,
            rows: 8,
            strip: (!self.strip.is_empty()).then_some(strip),
            placements: placements.collect(),
        }
    }
}
