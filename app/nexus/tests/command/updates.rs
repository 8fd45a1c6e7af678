//! Updates are brought on a USB stick, or fetched by a process of their own.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::Path,
};

use jiff::Timestamp;
use repository::publish::{Keys, Published, Publisher, default_waves};
use tempfile::TempDir;
use updates::{ManifestHash, Name};

use crate::stage::{Serving, eventually, nexus, run};

/// A vendor that has published 1.0.0.
fn vendor() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (keys, now) = (folder.path().join("keys"), Timestamp::now());
    fs::write(folder.path().join("bundle"), "a bundle").unwrap();
    let release = Published {
        bundle: folder.path().join("bundle"),
        manifest_hash: ManifestHash::try_from("7a".repeat(32)).unwrap(),
        version: "1.0.0".parse().unwrap(),
        compatible: Name::try_from("nexus-amd64".to_owned()).unwrap(),
        minimum_boot: 1,
        waves: default_waves(),
    };
    let published = async {
        Keys::make(&keys, now).await?.carry_out()?;
        let publisher = Publisher::new(&folder.path().join("repository"), Keys::open(&keys, &[])?, now);
        publisher.publish(&release).await?.carry_out()
    };
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(published).unwrap();
    folder
}

fn root(vendor: &Path) -> String {
    vendor.join("keys/root.json").to_str().unwrap().to_owned()
}

#[test]
fn a_folder_of_releases_is_taken_over_by_a_command() {
    let (vendor, data) = (vendor(), tempfile::tempdir().unwrap());
    let import = |root: &str, folder: &Path| {
        run(nexus(data.path()).env("NEXUS_UPDATES_ROOT", root).args(["updates", "import"]).arg(folder))
    };
    let (output, said) = import(&root(vendor.path()), &vendor.path().join("repository"));
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1.0.0 for nexus-amd64 is offered to screens"), "{said}");
    assert_eq!(fs::read(data.path().join("updates/targets/nexus-amd64-1.0.0.raucb")).unwrap(), b"a bundle");
    let (_, said) = import(&root(vendor.path()), &vendor.path().join("repository"));
    assert!(!said.contains("WARN"), "what it made itself others can read: {said}");

    let (output, said) = import(&root(vendor.path()), &vendor.path().join("keys"));
    assert!(!output.status.success());
    assert!(said.contains("this is no repository of releases"), "{said}");
    let (_, said) = import("/nowhere", &vendor.path().join("repository"));
    assert!(said.contains("check NEXUS_UPDATES_ROOT"), "{said}");
    let (_, said) = run(nexus(data.path()).args(["updates", "fetch"]));
    assert!(said.contains("name the vendor's root.json in NEXUS_UPDATES_ROOT"), "{said}");
}

#[test]
#[expect(clippy::print_stderr, reason = "what this machine does not let be tried is told")]
fn what_root_takes_over_is_the_services_and_root_is_told_what_the_service_cannot_read() {
    const SERVICE: u32 = 65534;
    let (vendor, data) = (vendor(), tempfile::tempdir().unwrap());
    if chown(data.path(), Some(SERVICE), Some(SERVICE)).is_err() {
        eprintln!("NOT CHECKED: what root takes over for another user; only root can try that");
        return;
    }
    let import = || {
        let mut import = nexus(data.path());
        run(import
            .env("NEXUS_UPDATES_ROOT", root(vendor.path()))
            .args(["updates", "import"])
            .arg(vendor.path().join("repository")))
    };
    fs::set_permissions(vendor.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let (output, said) = import();
    assert!(!output.status.success() && said.contains("as user 65534, whose data folder this is"), "{said}");

    fs::set_permissions(vendor.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let (output, said) = import();
    assert!(output.status.success(), "{said}");
    for name in ["", "targets", "targets/nexus-amd64-1.0.0.raucb", "metadata", "metadata/timestamp.json"] {
        let metadata = fs::metadata(data.path().join("updates").join(name)).unwrap();
        assert_eq!((metadata.uid(), metadata.mode() & 0o077), (SERVICE, 0), "updates/{name}");
    }
}

#[test]
fn updates_are_fetched_by_a_process_of_their_own_and_what_came_of_it_is_kept() {
    let vendor = vendor();
    let serving = Serving::start_as(|command| {
        command.env("NEXUS_UPDATES_ROOT", root(vendor.path())).env("NEXUS_UPDATES_FROM", "http://127.0.0.1:9/nexus/");
    });
    let state = serving.folder.path().join("updates/state.json");
    assert!(eventually(|| fs::read_to_string(&state).is_ok_and(|state| state.contains("cannot be read"))));
    assert_eq!(serving.children().len(), 3);
    serving.child("updates");
}
