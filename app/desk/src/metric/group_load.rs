//! Panel 9: which team is loaded.

use jiff::{SignedDuration, Timestamp};

use crate::{GroupId, Moment, View, durations::median, history::grid, index::Team, view::saturating};

/// Unsolved tickets by team.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupLoad {
    /// The most loaded teams, at most eight, most loaded first.
    pub teams: Vec<TeamLoad>,
    /// All other teams together, if there are any.
    pub other: Option<TeamLoad>,
}

/// The load of one team.
#[derive(Clone, Debug, PartialEq)]
pub struct TeamLoad {
    /// Which team; nothing for tickets without one, and for all others together.
    pub group: Option<GroupId>,
    /// Unsolved tickets.
    pub unsolved: u32,
    /// Those of them that nobody owns.
    pub unassigned: u32,
    /// The team's median over 28 days; nothing until 14 days of history exist.
    pub usual: Option<f64>,
}

impl TeamLoad {
    /// The load in per cent of what is usual.
    pub fn percent_of_usual(&self) -> Option<f64> {
        self.usual.filter(|usual| *usual > 0.0).map(|usual| f64::from(self.unsolved) * 100.0 / usual)
    }
}

/// Teams shown by themselves.
const SHOWN: usize = 8;

/// Hours over which the median is taken, sampled on the hour.
const USUAL_HOURS: i64 = 28 * 24;

/// Counts unsolved tickets by team.
pub fn group_load(view: &View<'_>, moment: &Moment) -> GroupLoad {
    let mut loaded: Vec<_> = view.index().teams().iter().filter(|(_, team)| team.unsolved > 0).collect();
    loaded.sort_by(|a, b| b.1.unsolved.cmp(&a.1.unsolved).then_with(|| a.0.cmp(b.0)));
    let rest = loaded.split_off(loaded.len().min(SHOWN));
    let enough = view.knows_days(moment, 14);
    let since = view.desk().derived_since();
    let teams = loaded
        .into_iter()
        .map(|(group, team)| TeamLoad {
            group: group.clone(),
            unsolved: team.unsolved,
            unassigned: team.unassigned,
            usual: since.filter(|_| enough).and_then(|since| usual(team, since, moment)),
        })
        .collect();
    let other = (!rest.is_empty()).then(|| TeamLoad {
        group: None,
        unsolved: rest.iter().map(|(_, team)| team.unsolved).sum(),
        unassigned: rest.iter().map(|(_, team)| team.unassigned).sum(),
        usual: None,
    });
    GroupLoad { teams, other }
}

/// The median of a team's unsolved tickets, as far back as tickets tell, 28 days at most.
fn usual(team: &Team, since: Timestamp, moment: &Moment) -> Option<f64> {
    let newest = grid(moment.now(), 3600);
    let instants =
        (1..=USUAL_HOURS).rev().filter_map(|hours| newest.checked_sub(SignedDuration::from_hours(hours)).ok());
    let instants: Vec<_> = instants.filter(|at| *at >= since).collect();
    let created = team.created.course(&instants);
    let ended = team.ended.course(&instants);
    median(created.zip(ended).map(|(created, ended)| f64::from(saturating(created.saturating_sub(ended)))).collect())
}
