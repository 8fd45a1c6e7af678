//! What root does on the console of an installation that is another user's.

use std::{
    fs,
    os::unix::fs::{MetadataExt, chown},
    path::Path,
};

use crate::{
    serving::Serving,
    stage::{Installation, NEW_PASSPHRASE, WORDS, run},
};

/// A user without rights, as the one of the Debian package.
const SERVICE: u32 = 65534;

#[test]
fn what_root_changes_on_the_console_stays_the_services() {
    let installation = Installation::new();
    Serving::start(&installation, &[]).stop();
    if give(installation.folder.path()).is_err() {
        eprintln!("NOT CHECKED: what root changes in a data folder of another user; only root can try that");
        return;
    }
    let token = installation.folder.path().join("token");
    fs::write(&token, "1-14-canary-token").unwrap();
    let (output, said) = run(installation
        .nexus()
        .args(["connect", "request-tracker", "--allow-unreachable", "--url", "https://localhost:1", "--token-file"])
        .arg(&token));
    assert!(output.status.success(), "{said}");
    let (output, said) =
        run(installation.nexus().args(["keys", "rotate-passphrase"]).env(NEW_PASSPHRASE, "canary-passphrase-2"));
    assert!(output.status.success(), "{said}");
    assert_is_the_services(&installation.data());

    let archive = installation.folder.path().join("nexus.tar.zst");
    let (output, said) = run(installation.nexus().arg("backup").arg(&archive));
    assert!(output.status.success(), "{said}");
    assert_is_the_services(&installation.data());
    let (output, said) = run(installation.nexus().args(["restore", "--replace"]).arg(&archive));
    assert!(output.status.success(), "{said}");
    assert_is_the_services(&installation.data());
    assert!(installation.vault(WORDS).open(&"connection.request-tracker".parse().unwrap()).is_err(), "it was rotated");
}

fn give(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            give(&entry?.path())?;
        }
    }
    chown(path, Some(SERVICE), Some(SERVICE))
}

fn assert_is_the_services(path: &Path) {
    let metadata = fs::symlink_metadata(path).unwrap();
    assert_eq!((metadata.uid(), metadata.mode() & 0o077), (SERVICE, 0), "{}", path.display());
    if metadata.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| assert_is_the_services(&entry.unwrap().path()));
    }
}
