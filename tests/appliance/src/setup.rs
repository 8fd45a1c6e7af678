//! Writes `nexus.toml` into the set-up partition of a disk image.

use std::{path::Path, process::Command};

use anyhow::{Context as _, bail, ensure};

/// Where NEXUS-SETUP begins in an image, in bytes: partition layout v1 freezes it.
const OFFSET: u64 = 65 * 1024 * 1024;

/// Copies `file` as `nexus.toml` onto the set-up partition of `image`.
///
/// # Errors
/// The image is none of ours, or mtools is not installed.
pub fn write(image: &Path, file: &Path) -> anyhow::Result<()> {
    let partition = format!("{}@@{OFFSET}", image.display());
    let output = Command::new("mcopy")
        .args(["-o", "-i", &partition])
        .arg(file)
        .arg("::nexus.toml")
        .output()
        .context("cannot start mcopy; install mtools")?;
    ensure!(output.status.success(), "cannot write nexus.toml: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}

/// Reads `nexus.toml` from the set-up partition of `image`.
///
/// # Errors
/// There is none.
pub fn read(image: &Path) -> anyhow::Result<String> {
    let partition = format!("{}@@{OFFSET}", image.display());
    let output = Command::new("mtype")
        .args(["-i", &partition, "::nexus.toml"])
        .output()
        .context("cannot start mtype; install mtools")?;
    if !output.status.success() {
        bail!("no nexus.toml: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}
