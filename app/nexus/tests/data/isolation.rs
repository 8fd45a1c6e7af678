//! What a process like the server's can learn from the others: it has their user, and so has whoever takes it over.

use std::{
    fs,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::{
    serving::{Serving, eventually},
    stage::{Installation, PASSPHRASE, WORDS, run},
};

/// A user without rights; who tests as root has to be another to try this.
const SERVICE: u32 = 65534;

/// Runs a command as the service's user, and whether it did anything; with all that it printed.
fn attack(user: Option<u32>, program: &str, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(program);
    command.args(arguments).env_clear();
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    let output = command.output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Our program in a folder that lets everybody through: where the repository lies in root's home, others cannot start what
/// was built in it.
fn program_for_everybody(folder: &Path) -> PathBuf {
    let copy = folder.join("nexus");
    fs::copy(env!("CARGO_BIN_EXE_nexus"), &copy).unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    copy
}

/// A crash of this process writes nothing of its memory to the disk.
fn assert_without_core(id: u32, name: &str) {
    let limits = fs::read_to_string(format!("/proc/{id}/limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().rev().take(3).collect::<Vec<_>>(), ["bytes", "0", "0"], "{name}: {core}");
}

/// A process that ends with its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn broker_and_server_can_be_of_two_users_and_then_the_server_opens_no_secret_file() {
    const BROKER: u32 = 65533;
    if !nix::unistd::geteuid().is_root() {
        eprintln!("NOT CHECKED: Broker and server as two users; only root can start both");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let program = program_for_everybody(folder.path());
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let as_user = |user: u32, data: &str| {
        let data = folder.path().join(data);
        fs::create_dir_all(&data).unwrap();
        chown(&data, Some(user), Some(user)).unwrap();
        let mut command = Command::new(&program);
        command.env_clear().env("NEXUS_DATA", data).env("NEXUS_LISTEN", &free).uid(user).gid(user);
        command.env("NEXUS_BROKER_SOCKET", folder.path().join("run/broker.sock")).stdout(Stdio::null());
        command
    };
    fs::create_dir(folder.path().join("run")).unwrap();
    chown(folder.path().join("run"), Some(BROKER), Some(BROKER)).unwrap();
    let mut broker = as_user(BROKER, "broker");
    let broker = broker.env(PASSPHRASE, WORDS).env("NEXUS_BROKER_PEER", SERVICE.to_string()).arg("broker").spawn();
    let broker = Running(broker.unwrap());
    let server = Running(as_user(SERVICE, "server").arg("server").spawn().unwrap());
    let report = eventually(|| {
        let (output, said) = run(as_user(SERVICE, "server").args(["health", "--ready"]).stdout(Stdio::piped()));
        output.status.success().then_some(said)
    });
    assert!(report.contains(r#"{"name":"broker","state":"ok"}"#), "{report}");
    // No supervisor saw to that.
    assert_without_core(broker.0.id(), "broker");
    assert_without_core(server.0.id(), "server");
    // What the Broker keeps is closed to the server's user, and stays so once something is stored.
    let (did, _) = attack(Some(SERVICE), "ls", &[folder.path().join("broker").to_str().unwrap()]);
    assert!(!did);
    assert!(attack(Some(BROKER), "ls", &[folder.path().join("broker").to_str().unwrap()]).0);
}

#[test]
fn a_process_like_the_servers_reads_neither_memory_nor_environment_of_those_that_have_the_passphrase() {
    let installation = Installation::new();
    let user = nix::unistd::geteuid().is_root().then_some(SERVICE);
    let mut command = installation.nexus();
    if let Some(user) = user {
        let copy = program_for_everybody(installation.folder.path());
        fs::create_dir(installation.data()).unwrap();
        chown(installation.data(), Some(user), Some(user)).unwrap();
        command = Command::new(copy);
        command.env_clear().env("NEXUS_DATA", installation.data()).env("NEXUS_LISTEN", "127.0.0.1:0");
        command.env(PASSPHRASE, WORDS).uid(user).gid(user);
    }
    let serving = Serving::run(&mut command);
    let (supervisor, broker, server) = (serving.id(), serving.child("broker"), serving.child("server"));
    eventually(|| serving.log().contains("the Broker listens").then_some(()));

    for (name, id) in [("supervisor", supervisor), ("broker", broker)] {
        for file in ["environ", "mem", "maps", "auxv", "syscall", "stack"] {
            let (did, said) = attack(user, "cat", &[&format!("/proc/{id}/{file}")]);
            assert!(!did && said.is_empty(), "{file} of the {name}: {said}");
        }
        for link in ["fd", "root", "cwd"] {
            assert!(!attack(user, "ls", &[&format!("/proc/{id}/{link}/")]).0, "{link} of the {name}");
        }
        assert_without_core(id, name);
    }
    assert_without_core(server, "server");
    // The same attacks succeed where nothing is kept back, and find nothing there.
    let (did, environment) = attack(user, "cat", &[&format!("/proc/{server}/environ")]);
    assert!(did && environment.contains("NEXUS_DATA") && !environment.contains(PASSPHRASE), "{environment}");
    assert!(attack(user, "cat", &[&format!("/proc/{server}/maps")]).0);
}
