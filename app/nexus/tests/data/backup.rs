//! `nexus backup` and `nexus restore`, as an operator uses them.

use std::{fs, os::unix::fs::PermissionsExt};

use vault::ExposeSecret;

use crate::{
    serving::{Browser, Serving, client},
    stage::{Installation, WORDS, run},
};

const TOKEN: &str = "1-14-canary-token-of-the-test";

#[test]
fn a_running_server_is_backed_up_and_the_restored_one_is_the_same() {
    let installation = Installation::new();
    installation.connect("http://127.0.0.1:1", TOKEN);
    let archive = installation.folder.path().join("nexus.tar.zst");
    let serving = Serving::start(&installation, &[]);
    let browser = Browser::set_up(&installation, &serving);
    assert!(browser.get("/admin/access").text.starts_with("200"));
    let settings = fs::read(installation.data().join("settings.json")).unwrap();

    let (output, said) = run(installation.nexus().arg("backup").arg(&archive));
    assert!(output.status.success(), "{said}");
    assert_eq!(fs::metadata(&archive).unwrap().permissions().mode() & 0o777, 0o600);
    let (output, list) = run(installation.nexus().args(["backup", "--list"]).arg(&archive));
    assert!(output.status.success(), "{list}");
    for name in ["auth.json", "nexus.db", "pki/authority.key", "secrets.json", "settings.json"] {
        assert!(list.contains(name), "{list} should name {name}");
    }
    assert!(!list.contains("broker.sock") && !list.contains(".lock") && !list.contains("-wal"), "{list}");

    let restore = |more: &[&str]| run(installation.nexus().arg("restore").arg(&archive).args(more));
    let (output, said) = restore(&["--replace"]);
    assert!(!output.status.success() && said.contains("Stop it first"), "{said}");
    serving.stop();
    let (output, said) = restore(&[]);
    assert!(!output.status.success() && said.contains("--replace"), "{said}");
    fs::write(installation.data().join("settings.json"), "spoilt").unwrap();
    let (output, said) = restore(&["--replace"]);
    assert!(output.status.success() && said.contains("What was there before is in"), "{said}");

    assert_eq!(fs::read(installation.data().join("settings.json")).unwrap(), settings);
    let serving = Serving::start(&installation, &[]);
    assert!(!serving.console().contains("setup code"), "it has its administrator: {}", serving.console());
    let answer = client(&installation).get(format!("{}/healthz", serving.origin())).send().unwrap();
    assert!(answer.status().is_success(), "its authority is the one that clients know");
    let before = Browser { origin: serving.origin(), ..browser };
    assert!(before.get("/admin/access").text.starts_with("303"), "a restored backup revives no session");
    assert!(said.contains("Everybody has to sign in again") && said.contains("valid again"), "{said}");
    let sealed = installation.vault(WORDS).open(&"connection.request-tracker".parse().unwrap()).unwrap();
    assert!(sealed.expose_secret().contains(TOKEN));
}

#[test]
fn a_damaged_backup_is_refused_by_every_command() {
    let installation = Installation::new();
    installation.connect("http://127.0.0.1:1", TOKEN);
    fs::write(installation.data().join("settings.json"), "{}").unwrap();
    let archive = installation.folder.path().join("nexus.tar.zst");
    assert!(run(installation.nexus().arg("backup").arg(&archive)).0.status.success());
    let mut bytes = fs::read(&archive).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&archive, bytes).unwrap();
    let target = installation.folder.path().join("other");
    for arguments in [&["backup", "--list"][..], &["restore"]] {
        let (output, said) = run(installation.nexus().env("NEXUS_DATA", &target).args(arguments).arg(&archive));
        assert_eq!(output.status.code(), Some(78), "{said}");
        assert!(said.contains("nexus.tar.zst") && said.contains("Nothing was changed"), "{said}");
        assert!(!target.exists());
    }
}
