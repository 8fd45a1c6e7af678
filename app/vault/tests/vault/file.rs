use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use vault::file;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn files_are_for_their_owner_only_and_replaced_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.json");
    assert_eq!(file::read(&path).unwrap(), None);
    file::write(&path, b"a long first version").unwrap();
    file::write(&path, b"second").unwrap();
    assert_eq!(file::read(&path).unwrap().unwrap(), b"second");
    assert_eq!(mode(&path), 0o600);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn wider_modes_are_narrowed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("auth.json");
    fs::write(&path, b"{}").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    file::make_folder(folder.path()).unwrap();
    assert_eq!(file::read(&path).unwrap().unwrap(), b"{}");
    assert_eq!((mode(&path), mode(folder.path())), (0o600, 0o700));

    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    file::read(&path).unwrap();
    assert_eq!(mode(&path), 0o400, "a narrower mode is somebody's choice");
}

#[test]
fn a_claimed_folder_is_narrow_at_every_depth_and_rid_of_what_killed_writers_left() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, file_mode: u32| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, name).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(file_mode)).unwrap();
        path
    };
    let files = ["nexus.db", "nexus.db-wal", "nexus.db-shm", "pki/authority.key", "backups/a/b.tar.zst"];
    let wide = files.map(|name| write(name, 0o664));
    let narrower = write("kept", 0o400);
    for folder in ["pki", "backups", "backups/a"].map(|name| folder.path().join(name)) {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let outside = tempfile::NamedTempFile::new().unwrap();
    fs::set_permissions(outside.path(), fs::Permissions::from_mode(0o644)).unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("link")).unwrap();
    let (stale, fresh) = (write(".new-stale", 0o600), write(".new-fresh", 0o600));
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(7200);
    fs::File::options().write(true).open(&stale).unwrap().set_modified(long_ago).unwrap();

    file::claim(folder.path()).unwrap();
    assert_eq!(wide.map(|path| mode(&path)), [0o600; 5]);
    assert_eq!(["pki", "backups", "backups/a"].map(|name| mode(&folder.path().join(name))), [0o700; 3]);
    assert_eq!((mode(&narrower), mode(outside.path())), (0o400, 0o644), "a choice, and what a link leads to, stay");
    assert!(!stale.exists() && fresh.exists(), "somebody may be writing the other");
}

#[test]
fn a_failed_write_leaves_the_old_content_and_says_which_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gone/settings.json");
    let words = file::write(&path, b"x").unwrap_err().to_string();
    assert!(words.contains("cannot write") && words.contains("gone/settings.json"), "{words}");

    let taken = folder.path().join("taken");
    fs::create_dir(&taken).unwrap();
    fs::write(taken.join("kept"), b"old").unwrap();
    file::write(&taken, b"x").unwrap_err();
    assert_eq!(fs::read(taken.join("kept")).unwrap(), b"old");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn an_endless_file_is_refused() {
    let words = file::read(Path::new("/dev/zero")).unwrap_err().to_string();
    assert!(words.contains("larger than 4 MiB"), "{words}");
    assert_ne!(mode(Path::new("/dev/zero")) & 0o006, 0, "a device stays everybody's");
}
