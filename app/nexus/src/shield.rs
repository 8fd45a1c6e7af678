//! A process that has the passphrase, or hears passwords, keeps its memory to itself.

use anyhow::Context;
use nix::sys::{
    prctl,
    resource::{Resource, setrlimit},
};

/// Keeps others of the same user from this process's memory and environment, and the disk from both: what is in
/// `/proc/<id>` is root's from here on, nobody attaches to it (`PR_SET_DUMPABLE`, prctl(2)), and there is no core. Of the
/// processes that it starts only the last holds.
pub(crate) fn raise() -> anyhow::Result<()> {
    prctl::set_dumpable(false).context("cannot keep this process's memory to itself")?;
    leave_no_core()
}

/// Keeps this process's memory from the disk, should it crash.
pub(crate) fn leave_no_core() -> anyhow::Result<()> {
    setrlimit(Resource::RLIMIT_CORE, 0, 0).context("cannot do without cores")
}
