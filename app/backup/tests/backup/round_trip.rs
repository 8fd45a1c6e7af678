use std::fs;
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use backup::{Error, Existing, list, restore};

use crate::stage::{SECRETS, Stage, add_pair, database, mode, names, now, sums};

/// Nothing is to be changed in what was unpacked.
fn as_it_is(_: &std::path::Path) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    Ok(())
}

#[tokio::test]
async fn what_was_backed_up_is_restored_and_is_its_owners_alone() {
    let stage = Stage::new();
    let mut connection = database(&stage.data().join("nexus.db")).await;
    add_pair(&mut connection, 7).await;
    assert!(stage.data().join("nexus.db-wal").metadata().unwrap().len() > 0, "the row is in the log alone");
    fs::create_dir(stage.data().join("run")).unwrap();
    let _socket = UnixListener::bind(stage.data().join("run/broker.sock")).unwrap();
    let _another = UnixListener::bind(stage.data().join("left-over.sock")).unwrap();

    let made = stage.create().await.unwrap();
    let all = ["nexus.db", "pki/authority.key", "pki/authority.pem", "secrets.json", "settings.json"];
    let held = |manifest: &backup::Manifest| -> Vec<String> {
        manifest.files.iter().map(|entry| entry.name.to_string()).collect()
    };
    assert_eq!(held(&made.manifest), all);
    assert_eq!(made.left_out, [stage.data().join("left-over.sock")]);
    assert_eq!((mode(&stage.archive()), stage.archive().metadata().unwrap().len()), (0o600, made.length));
    assert_eq!(names(&stage.path("")), ["data", "nexus.tar.zst"], "nothing else is left");
    assert_eq!(list(&stage.archive()).unwrap(), made.manifest);

    let target = stage.path("deep/other");
    let restored = restore(&stage.archive(), &target, Existing::Keep, now(), as_it_is).unwrap();
    assert_eq!((&restored.manifest, &restored.set_aside), (&made.manifest, &None));
    assert_eq!((restored.manifest.nexus.as_str(), restored.manifest.made_at), ("1.2.3", now()));
    assert_eq!(names(&target), ["nexus.db", "pki", "secrets.json", "settings.json"]);
    assert_eq!(names(&stage.path("deep")), ["other"]);
    for name in all {
        assert_eq!(mode(&target.join(name)), 0o600, "{name}");
        if name != "nexus.db" {
            assert_eq!(fs::read(target.join(name)).unwrap(), fs::read(stage.data().join(name)).unwrap());
        }
    }
    assert_eq!((mode(&target), mode(&target.join("pki"))), (0o700, 0o700));
    assert_eq!(sums(&mut database(&target.join("nexus.db")).await).await, (7, 7));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_a_writing_server_holds_every_transaction_whole_or_not_at_all() {
    let stage = Stage::new();
    let mut connection = database(&stage.data().join("nexus.db")).await;
    add_pair(&mut connection, 1).await;
    let done = Arc::new(AtomicBool::new(false));
    let (ends, secrets) = (done.clone(), stage.data().join("secrets.json"));
    let writer = tokio::spawn(async move {
        let mut number = 1;
        while !ends.load(Ordering::Relaxed) {
            number += 1;
            add_pair(&mut connection, number).await;
            vault::file::write(&secrets, SECRETS.replace('1', &number.to_string()).as_bytes()).unwrap();
        }
        number
    });
    for round in 0..5 {
        let archive = stage.path(&format!("{round}.tar.zst"));
        backup::create(&stage.data(), &archive, "1.2.3", now()).await.unwrap();
        let target = stage.path(&format!("restored-{round}"));
        restore(&archive, &target, Existing::Keep, now(), as_it_is).unwrap();
        let (one, other) = sums(&mut database(&target.join("nexus.db")).await).await;
        assert!(one == other && one > 0, "{one} and {other}");
        let secrets: serde_json::Value =
            serde_json::from_slice(&fs::read(target.join("secrets.json")).unwrap()).unwrap();
        assert!(secrets["version"].is_number());
    }
    done.store(true, Ordering::Relaxed);
    assert!(writer.await.unwrap() > 1, "somebody wrote meanwhile");
}

#[tokio::test]
async fn an_archive_lies_outside_or_in_its_own_folder_and_is_never_written_over() {
    let stage = Stage::new();
    let create = async |name: &str| backup::create(&stage.data(), &stage.path(name), "1.2.3", now()).await;
    assert!(matches!(create("data/mine.tar.zst").await, Err(Error::Within(_))));
    assert!(matches!(create("data/pki/mine.tar.zst").await, Err(Error::Within(_))));
    create("data/backups/one.tar.zst").await.unwrap();
    assert_eq!(mode(&stage.data().join("backups")), 0o700);
    let second = create("data/backups/two.tar.zst").await.unwrap();
    assert!(second.manifest.files.iter().all(|entry| !entry.name.as_str().contains("backups")));

    let before = fs::read(stage.path("data/backups/one.tar.zst")).unwrap();
    assert!(matches!(create("data/backups/one.tar.zst").await, Err(Error::Taken(_))));
    assert_eq!(fs::read(stage.path("data/backups/one.tar.zst")).unwrap(), before);
    fs::remove_file(stage.data().join("settings.json")).unwrap();
    assert!(matches!(create("other.tar.zst").await, Err(Error::NoInstallation(_))));
    fs::write(stage.data().join("settings.json"), "{}").unwrap();
    fs::write(stage.data().join("nexus.db"), "this is no database, and long enough not to be taken for an empty one")
        .unwrap();
    let words = create("other.tar.zst").await.unwrap_err().to_string();
    assert!(words.contains("cannot copy") && words.contains("nexus.db"), "{words}");
    assert_eq!(names(&stage.path("")), ["data"]);
}

#[tokio::test]
async fn what_is_there_is_kept_and_set_aside_only_if_that_is_wanted() {
    let stage = Stage::new();
    stage.create().await.unwrap();
    let target = stage.path("target");
    fs::create_dir(&target).unwrap();
    fs::write(target.join("mine"), "mine").unwrap();
    let error = restore(&stage.archive(), &target, Existing::Keep, now(), as_it_is).unwrap_err();
    assert!(matches!(error, Error::Occupied(_)) && error.to_string().contains("--replace"), "{error}");
    assert_eq!(names(&target), ["mine"]);

    let restored = restore(&stage.archive(), &target, Existing::SetAside, now(), as_it_is).unwrap();
    let aside = stage.path("target-before-2026-03-02T080000Z");
    assert_eq!(restored.set_aside.as_ref(), Some(&aside));
    assert_eq!((names(&aside), fs::read(aside.join("mine")).unwrap()), (vec!["mine".to_owned()], b"mine".to_vec()));
    assert_eq!(names(&target), ["pki", "secrets.json", "settings.json"]);
    // A second one in the same second would set aside what was set aside.
    assert!(matches!(restore(&stage.archive(), &target, Existing::SetAside, now(), as_it_is), Err(Error::Occupied(_))));
    assert_eq!(names(&stage.path("")), ["data", "nexus.tar.zst", "target", "target-before-2026-03-02T080000Z"]);

    let empty = stage.path("empty");
    fs::create_dir(&empty).unwrap();
    restore(&stage.archive(), &empty, Existing::Keep, now(), as_it_is).unwrap();
    assert_eq!(mode(&empty), 0o700);
}

#[tokio::test]
async fn what_cannot_be_made_ready_changes_nothing() {
    let stage = Stage::new();
    stage.create().await.unwrap();
    let before = fs::read(stage.data().join("settings.json")).unwrap();
    let error = restore(&stage.archive(), &stage.data(), Existing::SetAside, now(), |unpacked| {
        fs::write(unpacked.join("settings.json"), "half ready").unwrap();
        Err("a reason".into())
    });
    assert_eq!(error.unwrap_err().to_string(), "a reason. Nothing was changed");
    assert_eq!(fs::read(stage.data().join("settings.json")).unwrap(), before);
}
