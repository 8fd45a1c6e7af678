//! What the server's own process may do to the machine that it runs on: whoever takes it over gets no further.
//!
//! By Landlock (landlock(7)), which takes rights away from a process and from all that it starts, and needs none itself. A
//! kernel without it, or with an older one, holds the process to less; the log says to what.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus,
};

use crate::{
    Config,
    config::{Certificate, FileAnchor},
};

/// Where the machine has its time zones. jiff looks there once it is built with its usual features, as tough wants it to be,
/// and at what is compiled in only where there is nothing; a zone that it cannot read any more is none to it.
const ZONES: &str = "/usr/share/zoneinfo";

/// How far the kernel holds the process to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confinement {
    /// Files and connections.
    Whole,
    /// Files, or not even all that can be done to them.
    Part,
    /// Nothing.
    None,
}

/// Confines this process to its data folder, time zones and the files that the configuration names, and lets it begin no TCP
/// connection: helpdesks are asked by the Broker. To be called before there are other threads.
///
/// # Errors
/// The kernel refuses.
pub fn confine(config: &Config) -> Result<Confinement, RulesetError> {
    let everything = AccessFs::from_all(ABI::V5);
    // Nor does it start what it wrote itself.
    let writing = everything & !AccessFs::Execute;
    let reading = AccessFs::ReadFile | AccessFs::ReadDir;
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(everything)?
        .handle_access(AccessNet::ConnectTcp)?
        .create()?;
    for (paths, rights) in [(vec![config.data.clone()], writing), (read_later(config), reading)] {
        for path in paths {
            // What is not there cannot be opened either; whoever needs it says so.
            let Ok(opened) = PathFd::new(&path) else { continue };
            let rights = if path.is_dir() { rights } else { rights & AccessFs::from_file(ABI::V5) };
            rules = rules.add_rule(PathBeneath::new(opened, rights))?;
        }
    }
    Ok(match rules.restrict_self()?.ruleset {
        RulesetStatus::FullyEnforced => Confinement::Whole,
        RulesetStatus::PartiallyEnforced => Confinement::Part,
        RulesetStatus::NotEnforced => Confinement::None,
    })
}

/// Time zones, the files of the operator, and the folders in which certificates are renewed: often by links that lead to other files
/// then.
fn read_later(config: &Config) -> Vec<PathBuf> {
    let mut paths = vec![PathBuf::from(ZONES)];
    paths.extend(config.observers.token_file.clone());
    if let Certificate::Files { certificate, key, anchor } = &config.certificate {
        let anchor = match anchor {
            FileAnchor::File(anchor) => Some(anchor),
            FileAnchor::WebPki(_) => None,
        };
        for file in [certificate, key].into_iter().chain(anchor) {
            let real = file.canonicalize().ok();
            paths.extend(
                [Some(file.as_path()), real.as_deref()].into_iter().flatten().filter_map(Path::parent).map(folder),
            );
        }
    }
    paths
}

fn folder(path: &Path) -> PathBuf {
    if path.as_os_str().is_empty() { PathBuf::from(".") } else { path.to_owned() }
}
