//! How the processes of `nexus serve` start, show that they live, are started again and end.

use std::{
    fs,
    io::{Read, Write},
    os::unix::net::{UnixDatagram, UnixStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{
    doubles::TOKEN,
    stage::{PASSPHRASE, Serving, arguments, eventually, is_gone, nexus, run},
};

#[test]
fn a_new_server_prints_its_setup_code_and_only_the_broker_has_the_passphrase() {
    let serving = Serving::start();
    let console = serving.console.join("\n");
    assert!(console.contains("/admin") && console.contains("setup code"), "{console}");
    // No environment holds it but that of the command which was typed.
    for role in ["broker", "server"] {
        assert!(!is_in_environment(serving.child(role), PASSPHRASE), "{role}");
    }
    assert!(eventually(|| connections(serving.folder.path()).contains("\"connections\"")));
}

/// Whether a process was started with a variable. Of one that keeps its environment to itself, only root hears.
fn is_in_environment(id: Pid, variable: &str) -> bool {
    match fs::read(format!("/proc/{id}/environ")) {
        Ok(environment) => environment.windows(variable.len()).any(|window| window == variable.as_bytes()),
        Err(error) => {
            assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
            false
        }
    }
}

#[test]
fn sigterm_ends_all_of_it_in_order() {
    let mut serving = Serving::start();
    let children = serving.children();
    kill(serving.id(), Signal::SIGTERM).unwrap();
    assert!(serving.supervisor.wait().unwrap().success());
    assert!(children.into_iter().all(is_gone));
}

#[test]
fn killing_the_supervisor_leaves_nothing_behind() {
    let mut serving = Serving::start();
    let children = serving.children();
    assert_eq!(children.len(), 2);
    kill(serving.id(), Signal::SIGKILL).unwrap();
    serving.supervisor.wait().unwrap();
    assert!(eventually(|| children.iter().all(|child| is_gone(*child))));
}

#[test]
fn a_child_that_is_killed_is_started_again() {
    let serving = Serving::start();
    for role in ["broker", "server"] {
        let before = serving.child(role);
        kill(before, Signal::SIGKILL).unwrap();
        let again = || serving.children().into_iter().any(|id| id != before && arguments(id).contains(role));
        assert!(eventually(again), "{role}");
    }
}

#[test]
fn systemd_hears_that_the_server_serves_lives_and_stops() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let hear = || {
        let mut said = [0; 256];
        let length = socket.recv(&mut said).expect("systemd hears something");
        String::from_utf8_lossy(&said[..length]).trim().to_owned()
    };
    let mut command = nexus(&folder.path().join("data"));
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "400000").arg("serve").stdout(Stdio::null());
    let mut supervisor = command.spawn().unwrap();
    assert_eq!(hear(), "READY=1");
    assert_eq!(hear(), "WATCHDOG=1");
    assert_eq!(hear(), "WATCHDOG=1");
    kill(Pid::from_raw(supervisor.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
    while hear() != "STOPPING=1" {}
    assert!(supervisor.wait().unwrap().success());
}

#[test]
fn the_passphrase_may_stand_in_a_file_of_which_only_the_broker_hears() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("passphrase");
    let from_file = || {
        let mut command = nexus(&folder.path().join("data"));
        command.env_remove(PASSPHRASE).env("DASHBOARD_SECRET_PASSPHRASE_FILE", &file);
        command
    };
    let (output, said) = run(from_file().arg("serve"));
    assert_eq!(output.status.code(), Some(78));
    assert!(said.contains("cannot read") && said.contains("check DASHBOARD_SECRET_PASSPHRASE_FILE"), "{said}");
    fs::write(&file, "\n").unwrap();
    let (output, said) = run(from_file().arg("serve"));
    assert_eq!(output.status.code(), Some(78));
    assert!(said.contains("check DASHBOARD_SECRET_PASSPHRASE_FILE"), "{said}");

    fs::write(&file, "a passphrase of the test\n").unwrap();
    let serving = Serving::of(&mut from_file(), tempfile::tempdir().unwrap());
    for role in ["broker", "server"] {
        assert!(!is_in_environment(serving.child(role), PASSPHRASE), "{role}");
    }
    // It opens what was sealed with it, and a Broker that is started again hears it too.
    let token = tempfile::NamedTempFile::new().unwrap();
    fs::write(token.path(), TOKEN).unwrap();
    let mut connect = from_file();
    connect.args(["connect", "request-tracker", "--allow-unreachable", "--url", "https://localhost:1", "--token-file"]);
    let (output, said) = run(connect.arg(token.path()));
    assert!(output.status.success(), "{said}");
    for _ in 0..2 {
        assert!(eventually(|| connections(&folder.path().join("data")).contains("\"usable\":true")));
        kill(serving.child("broker"), Signal::SIGKILL).unwrap();
    }
}

/// What the Broker of a running server answers about its connections.
fn connections(data: &Path) -> String {
    let Ok(mut socket) = UnixStream::connect(data.join("run/broker.sock")) else { return String::new() };
    let asked = socket.write_all(b"GET /connections HTTP/1.1\r\nHost: broker\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    match asked.and_then(|()| socket.read_to_string(&mut answer)) {
        Ok(_) => answer,
        Err(_) => String::new(),
    }
}

/// A process that ends with the test.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn a_server_that_is_up_before_its_broker_complains_of_no_calendar_that_nobody_connected() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let log = tempfile::NamedTempFile::new().unwrap();
    let command = |role: &str| {
        let mut command = nexus(folder.path());
        command.env("NEXUS_LISTEN", &free).arg(role);
        command
    };
    let start =
        |mut command: Command| Started(command.stdout(Stdio::null()).stderr(log.reopen().unwrap()).spawn().unwrap());
    let healthy = |more: &[&str]| run(command("health").args(more)).0.status.success();
    let mut alone = command("server");
    alone.env_remove(PASSPHRASE);
    let _server = start(alone);
    assert!(eventually(|| healthy(&[])));
    assert!(!healthy(&["--ready"]), "there is no Broker yet");
    let _broker = start(command("broker"));
    assert!(eventually(|| healthy(&["--ready"])));
    let log = fs::read_to_string(log.path()).unwrap();
    assert!(!log.contains("on-call calendar") && !log.contains("WARN"), "{log}");
}

#[test]
fn health_tells_people_and_containers_how_the_server_does() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let health = |more: &[&str]| run(nexus(&data).env("NEXUS_LISTEN", &free).arg("health").args(more));
    let (output, said) = health(&[]);
    assert!(!output.status.success() && said.contains("does not answer"), "{said}");

    let mut serving = Serving::of(nexus(&data).env("NEXUS_LISTEN", &free), folder);
    let (output, said) = health(&[]);
    assert!(output.status.success() && said == "ok\n", "{said}");
    assert!(eventually(|| health(&["--ready"]).0.status.success()), "{}", health(&["--ready"]).1);
    assert!(health(&["--ready"]).1.contains("\"helpdesk\""));

    // Somebody else's server is not this one.
    let other = tempfile::tempdir().unwrap();
    let stranger = Serving::of(&mut nexus(other.path()), tempfile::tempdir().unwrap());
    let (output, said) = run(nexus(&other.path().join(".")).env("NEXUS_LISTEN", &free).arg("health"));
    assert!(!output.status.success() && said.contains("does not answer"), "{said}");
    drop(stranger);
    kill(serving.child("broker"), Signal::SIGSTOP).unwrap();
    assert!(eventually(|| health(&["--ready"]).1.contains("not ready")));
    serving.supervisor.kill().unwrap();
}
