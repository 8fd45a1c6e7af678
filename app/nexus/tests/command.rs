//! The command as a person uses it: start, stop, kill, and mistakes.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test may fail loudly and explains itself")]

mod browser;

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::{UnixDatagram, UnixStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;

use browser::Browser;

const PASSPHRASE: &str = "DASHBOARD_SECRET_PASSPHRASE";

fn nexus(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nexus"));
    command
        .env_clear()
        .env("NEXUS_DATA", folder)
        .env("NEXUS_LISTEN", "127.0.0.1:0")
        .env(PASSPHRASE, "a passphrase of the test");
    command
}

fn run(command: &mut Command) -> (Output, String) {
    let output = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output, said)
}

/// `nexus serve`, up and running.
struct Serving {
    supervisor: Child,
    console: Vec<String>,
    folder: TempDir,
}

impl Serving {
    fn start() -> Self {
        Self::start_as(|_| {})
    }

    /// The same, with something changed about the command.
    fn start_as(change: impl FnOnce(&mut Command)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = nexus(folder.path());
        change(&mut command);
        Self::of(&mut command, folder)
    }

    /// By this command, which keeps its data in `folder` or elsewhere.
    fn of(command: &mut Command, folder: TempDir) -> Self {
        let mut supervisor = command.arg("serve").stdout(Stdio::piped()).spawn().unwrap();
        let (said, lines) = mpsc::channel();
        let stdout = BufReader::new(supervisor.stdout.take().unwrap());
        // Read to the end, as a console does.
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).for_each(|line| drop(said.send(line))));
        let mut console = Vec::new();
        while !console.iter().any(|line: &String| line.starts_with("    ") || line.starts_with("Nexus serves")) {
            console.push(lines.recv_timeout(Duration::from_secs(20)).expect("the console goes on"));
        }
        Self { supervisor, console, folder }
    }

    fn id(&self) -> Pid {
        Pid::from_raw(self.supervisor.id().try_into().unwrap())
    }

    fn children(&self) -> Vec<Pid> {
        let path = format!("/proc/{0}/task/{0}/children", self.id());
        fs::read_to_string(path).unwrap().split_whitespace().map(|id| Pid::from_raw(id.parse().unwrap())).collect()
    }

    fn child(&self, role: &str) -> Pid {
        let is = |id: &Pid| arguments(*id).split('\0').any(|argument| argument == role);
        self.children().into_iter().find(is).expect("both children run")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.supervisor.kill().ok();
        self.supervisor.wait().ok();
    }
}

fn arguments(id: Pid) -> String {
    fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default()
}

fn is_gone(id: Pid) -> bool {
    // A zombie that nobody has waited for yet has no arguments.
    kill(id, None) == Err(Errno::ESRCH) || arguments(id).is_empty()
}

fn eventually(what: impl Fn() -> bool) -> bool {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(20) {
        if what() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

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
fn corrupt_settings_are_named_and_nothing_starts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.json");
    fs::write(&path, "{\n  \"instance\": 7\n}").unwrap();
    let (output, said) = run(nexus(folder.path()).arg("serve"));
    assert_eq!(output.status.code(), Some(78));
    assert!(said.contains("settings.json, line 2, column 15") && said.contains("Nothing was changed"), "{said}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "{\n  \"instance\": 7\n}");
}

#[test]
fn a_mistake_in_the_configuration_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.toml");
    fs::write(&file, "\n[log]\nformat = \"xml\"\n").unwrap();
    let (output, said) = run(nexus(folder.path()).arg("serve").arg("--config").arg(&file));
    assert_eq!(output.status.code(), Some(78));
    assert!(said.contains("server.toml, line 3: \"xml\" is not one of text, json"), "{said}");
}

#[test]
fn what_a_person_has_to_mend_is_told_once_with_the_place_and_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken");
    fs::write(&taken, "").unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let data = folder.path().join("data");
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&[("NEXUS_DATA", taken.to_str().unwrap())], "in NEXUS_DATA, or as `data` in the configuration file"),
        (&[("NEXUS_LISTEN", &address)], "Stop what listens there, or set another with NEXUS_LISTEN"),
        (
            &[("NEXUS_CERTIFICATE", "/nowhere"), ("NEXUS_KEY", "/nowhere"), ("NEXUS_NAMES", "nexus.example")],
            "cannot be read: No such file or directory (os error 2); check tls.certificate (NEXUS_CERTIFICATE)",
        ),
        (&[("NEXUS_DEMO_HOURS", "night")], "NEXUS_DEMO_HOURS: \"night\" is not one of all, working"),
        (&[(PASSPHRASE, "")], "give it a value or unset it"),
    ];
    for (variables, remedy) in cases {
        let (output, said) = run(nexus(&data).envs(variables.iter().copied()).arg("serve"));
        assert_eq!(output.status.code(), Some(78), "{said}");
        assert!(said.contains(remedy), "{said} should say {remedy}");
        let line = said.lines().find(|line| line.contains(remedy)).unwrap();
        assert!(line.matches("os error").count() <= 1, "{line}");
    }
}

const TOKEN: &str = "1-14-canary-token-of-the-test";

/// A helpdesk that gives every request this answer, and its address.
fn helpdesk(answer: &'static str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/rt", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let lines = BufReader::new(connection.try_clone().unwrap()).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let signed = head.iter().any(|line| line.ends_with(&format!("token {TOKEN}")));
            let found = head[0].starts_with("GET /rt/REST/2.0/queues/all") && signed;
            let answer = if found { answer } else { "400 Bad Request\r\nContent-Length: 0" };
            write!(connection, "HTTP/1.1 {answer}").unwrap();
        }
    });
    url
}

const WELL: &str =
    "200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"items\":[],\"page\":1,\"pages\":0}";

/// `nexus connect` in a folder of its own.
struct Connecting {
    folder: TempDir,
}

impl Connecting {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("token"), format!("{TOKEN}\n")).unwrap();
        Self { folder }
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    fn to(&self, url: &str, more: &[&str]) -> (Output, String) {
        self.run(nexus(&self.data()).args(["connect", "request-tracker", "--url", url]).args(more))
    }

    fn run(&self, command: &mut Command) -> (Output, String) {
        run(command.arg("--token-file").arg(self.folder.path().join("token")))
    }

    fn stored(&self) -> bool {
        let settings = fs::read_to_string(self.data().join("settings.json")).unwrap_or_default();
        let sealed = self.data().join("secrets.json").exists();
        assert_eq!(settings.contains("request_tracker"), sealed);
        sealed
    }
}

#[test]
fn request_tracker_is_connected_and_its_token_is_nowhere_in_the_clear() {
    let connecting = Connecting::new();
    let url = helpdesk(WELL);
    let without_passphrase =
        |command: &mut Command| connecting.run(command.args(["connect", "request-tracker", "--url", &url]));
    let (output, said) = without_passphrase(nexus(&connecting.data()).env_remove(PASSPHRASE));
    assert_eq!(output.status.code(), Some(78), "{said}");
    assert!(said.contains(PASSPHRASE), "{said}");

    let (output, said) = connecting.to(&url, &[]);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("it takes the token"), "{said}");
    assert!(connecting.stored());
    assert!(fs::read_to_string(connecting.data().join("secrets.json")).unwrap().contains("aesgcm:"));
    assert!(!said.contains(TOKEN));
    for entry in fs::read_dir(connecting.data()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            let bytes = fs::read(entry.path()).unwrap();
            assert!(!bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()), "{:?}", entry.path());
        }
    }
}

#[test]
fn a_helpdesk_that_says_no_is_not_connected_whatever_is_allowed() {
    let cases = [
        ("401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "refused the credential: it does not know the token (401)"),
        ("404 Not Found\r\nContent-Length: 0\r\n\r\n", "there is no REST 2.0 interface at the connection's address"),
        ("302 Found\r\nContent-Length: 0\r\n\r\n", "it redirects elsewhere"),
        ("200 OK\r\nContent-Length: 20\r\n\r\n<html>Sign in</html>", "answered something unexpected"),
    ];
    for (answer, reason) in cases {
        let connecting = Connecting::new();
        let (output, said) = connecting.to(&helpdesk(answer), &["--allow-unreachable"]);
        assert_eq!(output.status.code(), Some(78), "{said}");
        assert!(said.contains(reason) && said.contains("nothing was stored"), "{said} should say {reason}");
        assert!(!connecting.stored() && !said.contains(TOKEN), "{said}");
    }
}

#[test]
fn a_helpdesk_that_does_not_answer_is_connected_only_if_that_is_allowed() {
    let connecting = Connecting::new();
    let (output, said) = connecting.to("https://localhost:1", &[]);
    assert_eq!(output.status.code(), Some(78), "{said}");
    assert!(said.contains("https://localhost:1 does not answer"), "{said}");
    assert!(said.contains("Nothing was stored") && said.contains("--allow-unreachable"), "{said}");
    assert!(!connecting.stored());

    let (output, said) = connecting.to("https://localhost:1", &["--allow-unreachable"]);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("Stored, but not tried: https://localhost:1 does not answer"), "{said}");
    assert!(connecting.stored());
}

#[test]
fn an_address_is_taken_only_as_everybody_reads_it() {
    let connecting = Connecting::new();
    for url in ["http://2130706433/rt", "https://0x7f.1/rt", "http://127%2e0.0.1/rt"] {
        let (output, said) = connecting.to(url, &["--allow-unreachable"]);
        assert!(!output.status.success() && said.contains("127.0.0.1 is how it is read"), "{said}");
        assert!(!connecting.stored());
    }
}

#[test]
fn a_token_travels_in_the_clear_only_if_that_is_allowed() {
    let connecting = Connecting::new();
    for url in ["http://10.255.255.1/rt", "http://rt.example.com"] {
        let (output, said) = connecting.to(url, &["--allow-unreachable"]);
        assert_eq!(output.status.code(), Some(78), "{said}");
        assert!(said.contains("Nothing was sent or stored") && said.contains("--allow-token-in-clear"), "{said}");
        assert!(!connecting.stored());
    }
    // What is allowed goes no further than the local network: a name is looked up before anything is sent.
    let (output, said) = connecting.to("http://93.184.215.14/rt", &["--allow-token-in-clear"]);
    assert!(!output.status.success() && said.contains("not on the local network"), "{said}");
}

/// A calendar's server that gives every request this body, as this kind; its address.
fn calendar(kind: &'static str, body: &'static str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/canary-calendar-key.ics", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let lines = BufReader::new(connection.try_clone().unwrap()).lines().map_while(Result::ok);
            lines.take_while(|line| !line.is_empty()).for_each(drop);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n");
            write!(connection, "{head}{body}").unwrap();
        }
    });
    url
}

#[test]
fn a_calendar_is_tried_and_its_address_is_nowhere_in_the_clear() {
    const FEED: &str = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Amara\r\nDTSTART;VALUE=DATE:20200101\r\n\
        RRULE:FREQ=DAILY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let connect = |url: &str, more: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        fs::write(&file, format!("{url}\n")).unwrap();
        let data = folder.path().join("data");
        let (output, said) = run(nexus(&data).args(["connect", "calendar", "--url-file"]).arg(file).args(more));
        let stored = fs::read_to_string(data.join("secrets.json")).unwrap_or_default();
        assert!(!said.contains("canary") && !stored.contains("canary"), "{said} {stored}");
        assert_eq!(output.status.success(), stored.contains("calendar-url"), "{said}");
        said
    };
    let said = connect(&calendar("text/calendar", FEED), &["--allow-lan-host"]);
    assert!(said.contains("Connected. On call now: Amara until"), "{said}");
    // Its own network is asked only if an administrator says so.
    let said = connect(&calendar("text/calendar", FEED), &[]);
    assert!(said.contains("that is not asked from here"), "{said}");
    let said = connect(&calendar("text/html", "Sign in"), &["--allow-lan-host"]);
    assert!(said.contains("is text/html") && said.contains("nothing was stored"), "{said}");
    let said = connect(&calendar("text/calendar", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"), &["--allow-lan-host"]);
    assert!(said.contains("ends in the middle") && said.contains("nothing was stored"), "{said}");
}

/// A receiver of webhooks that answers every delivery with this status; its address.
fn receiver(status: &'static str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/canary-hook", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let lines = BufReader::new(connection.try_clone().unwrap()).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let signed = head.iter().any(|line| line.to_lowercase().starts_with("webhook-signature: v1,"));
            let status = if signed { status } else { "400 Bad Request" };
            write!(connection, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
        }
    });
    url
}

#[test]
fn a_webhook_is_stored_once_it_takes_a_test_alert_and_its_key_is_shown_once() {
    let connect = |status: &'static str, more: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        fs::write(&file, receiver(status)).unwrap();
        let data = folder.path().join("data");
        let (output, said) = run(nexus(&data).args(["connect", "webhook", "--url-file"]).arg(file).args(more));
        let stored = fs::read_to_string(data.join("secrets.json")).unwrap_or_default();
        assert!(
            !said.contains("canary") && !stored.contains("canary") && !stored.contains("whsec_"),
            "{said} {stored}"
        );
        assert_eq!(output.status.success(), stored.contains("webhook-url") && stored.contains("webhook-key"), "{said}");
        said
    };
    let said = connect("204 No Content", &["--allow-lan-host"]);
    assert!(said.contains("a test alert was taken") && said.contains("    whsec_"), "{said}");
    let said = connect("404 Not Found", &["--allow-lan-host"]);
    assert!(said.contains("with 404. Nothing was stored") && !said.contains("whsec_"), "{said}");
    let said = connect("204 No Content", &[]);
    assert!(said.contains("that is not asked from here"), "{said}");
}

#[test]
fn the_authority_is_shown_once_there_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let (output, said) = run(nexus(folder.path()).args(["ca", "show"]));
    assert_eq!(output.status.code(), Some(78));
    assert!(said.contains("`nexus serve` makes one"), "{said}");
    let serving = Serving::start();
    let (output, said) = run(nexus(serving.folder.path()).args(["ca", "show"]));
    assert!(output.status.success());
    assert!(said.starts_with("SHA-256 ") && said.contains("-----BEGIN CERTIFICATE-----"), "{said}");
}

#[test]
fn a_helpdesk_is_connected_on_the_page_and_its_token_is_in_no_log_no_page_and_no_file() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let stderr = log.reopen().unwrap();
    let serving = Serving::start_as(move |command| {
        command.env("NEXUS_LOG", "trace").stderr(stderr);
    });
    let (_, authority) = run(nexus(serving.folder.path()).args(["ca", "show"]));
    let mut browser = Browser::new(&serving.console, &authority);
    let code = serving.console.last().unwrap().trim();
    let password = "correct horse battery";
    let set_up = [("setup_code", code), ("password", password), ("password_again", password)];
    assert!(browser.post("/admin/sign-in", &set_up).starts_with("HTTP/1.1 303"));

    let url = helpdesk(WELL);
    let wrong = browser.post("/admin/desk", &[("address", &url), ("token", "1-14-canary-wrong"), ("task", "connect")]);
    assert!(wrong.starts_with("HTTP/1.1 422") && wrong.contains("Nothing was stored"), "{wrong}");
    assert!(!serving.folder.path().join("secrets.json").exists());
    let form = [("address", url.as_str()), ("token", TOKEN), ("task", "connect")];
    let right = browser.post("/admin/desk", &form);
    assert!(right.starts_with("HTTP/1.1 303"), "{right}");
    let settings = fs::read_to_string(serving.folder.path().join("settings.json")).unwrap();
    assert!(settings.contains("request_tracker") && settings.contains(&url), "{settings}");
    // Beyond its trial this helpdesk answers nothing, but the running server has turned to it.
    assert!(eventually(|| browser.get("/admin/desk").contains("It is being read for the first time")));
    let tested = browser.post("/admin/desk/test", &[]);
    assert!(tested.contains("The connection works"), "{tested}");

    let page = browser.get("/admin/desk");
    let log = fs::read(log.path()).unwrap();
    let has = |bytes: &[u8], words: &str| bytes.windows(words.len()).any(|window| window == words.as_bytes());
    assert!(has(&log, "a trial failed") && has(&log, "desk_connected"), "the log is of both processes");
    for canary in ["canary", "correct horse", "a passphrase of the test"] {
        assert!(!has(&log, canary) && !page.contains(canary) && !tested.contains(canary), "{canary}");
        for entry in fs::read_dir(serving.folder.path()).unwrap().map(Result::unwrap) {
            let content = fs::read(entry.path()).unwrap_or_default();
            assert!(!has(&content, canary), "{canary} in {:?}", entry.path());
        }
    }
}

#[test]
fn refusals_are_logged_with_their_address_and_not_without_end() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let stderr = log.reopen().unwrap();
    let serving = Serving::start_as(move |command| {
        command.stderr(stderr);
    });
    let (_, authority) = run(nexus(serving.folder.path()).args(["ca", "show"]));
    let mut browser = Browser::new(&serving.console, &authority);
    for _ in 0..30 {
        let refused = browser.post("/admin/sign-in", &[("setup_code", "00000-00000"), ("password", "canary")]);
        assert!(refused.starts_with("HTTP/1.1 4"), "{refused}");
    }
    let log = fs::read_to_string(log.path()).unwrap();
    let lines = log.lines().filter(|line| line.contains("somebody was refused")).collect::<Vec<_>>();
    assert!((1..=2).contains(&lines.len()), "{lines:?}");
    assert!(lines[0].contains("WARN") && lines[0].contains("127.0.0.1") && lines[0].contains("sign-in"), "{lines:?}");
    assert!(!log.contains("canary"));
}

#[test]
fn in_a_container_nobody_reads_boards_without_being_known() {
    let compose = include_str!("../packaging/compose.yaml");
    let after = compose.split("    environment:\n").nth(1).unwrap();
    let lines = after.lines().take_while(|line| line.starts_with("      "));
    let variables = lines.filter_map(|line| line.trim().split_once(": ")).map(|(name, value)| {
        // What holds where nobody sets the variable on the host.
        let value = value.strip_prefix("${").map_or(value, |rest| {
            rest.split_once(":-").map_or("nexus.example.com", |(_, usual)| usual.trim_end_matches('}'))
        });
        (name, value)
    });
    let variables = variables.filter(|(name, _)| name.starts_with("NEXUS_"));
    let config = server::Config::read(&variables.collect::<std::collections::BTreeMap<_, _>>(), None).unwrap();
    assert_eq!(config.open_read, server::config::OpenRead::Nobody);
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

#[test]
fn one_time_codes_are_removed_on_the_console_where_there_are_any() {
    let folder = tempfile::tempdir().unwrap();
    let remove = || run(nexus(folder.path()).env_remove(PASSPHRASE).args(["one-time-codes", "remove"]));
    let (output, said) = remove();
    assert!(output.status.success() && said.contains("There are no one-time codes here"), "{said}");
    let hash = r#"{"log_n": 15, "r": 8, "p": 1, "salt": "", "hash": ""}"#;
    let auth = folder.path().join("auth.json");
    fs::write(&auth, format!("{{\"admin\": {hash}, \"one_time_codes\": true}}")).unwrap();
    let (output, said) = remove();
    assert!(output.status.success() && said.contains("by the password alone from now on"), "{said}");
    assert!(!fs::read_to_string(&auth).unwrap().contains("one_time_codes"));
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
