//! What a process like the server's can do to its machine, once it is confined.

use std::{
    collections::BTreeMap,
    fs, io,
    net::{TcpListener, TcpStream},
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    process::Command,
};

use server::{
    Config,
    confinement::{Confinement, confine},
};

/// Where the confined process finds what it attacks.
const FOLDER: &str = "NEXUS_TEST_CONFINED";

/// What it prints first of a line that is for us.
const TOLD: &str = "confined: ";

#[test]
fn a_process_like_the_servers_opens_no_credential_starts_no_program_and_begins_no_connection() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in ["data", "credentials", "tls"] {
        fs::create_dir(path(name)).unwrap();
    }
    fs::write(path("credentials/passphrase"), "a canary").unwrap();
    fs::write(path("data/settings.json"), "{}").unwrap();
    fs::copy("/bin/true", path("data/program")).unwrap();
    // As renewal does: links to files that will be others.
    fs::write(path("tls/certificate-1.pem"), "x").unwrap();
    std::os::unix::fs::symlink("certificate-1.pem", path("tls/certificate.pem")).unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = UnixListener::bind(path("broker.sock")).unwrap();

    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "confinement::confined", "--ignored", "--nocapture", "--test-threads", "1"])
        .env(FOLDER, folder.path())
        .env("PORT", tcp.local_addr().unwrap().port().to_string())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let told = said.lines().filter_map(|line| line.split_once(TOLD)?.1.split_once(' ')).collect::<BTreeMap<_, _>>();
    assert!(output.status.success(), "{said}");
    if told["confinement"] == "None" {
        eprintln!("NOT CHECKED: what the server's process can do to its machine; this kernel has no Landlock");
        return;
    }
    for possible in ["reads-zone", "reads-settings", "writes-settings", "renews-certificate", "asks-broker", "listens"]
    {
        assert_eq!(told[possible], "yes", "{possible}: {said}");
    }
    for impossible in [
        "reads-passphrase",
        "lists-credentials",
        "writes-elsewhere",
        "reads-passwd",
        "starts-program",
        "starts-its-own",
    ] {
        assert_eq!(told[impossible], "PermissionDenied", "{impossible}: {said}");
    }
    match told["confinement"] {
        "Whole" => assert_eq!(told["connects"], "PermissionDenied", "{said}"),
        _ => eprintln!("NOT CHECKED: that the server's process begins no connection; this kernel is too old for that"),
    }
    drop((tcp, socket));
}

#[test]
#[ignore = "the process that the other one starts"]
fn confined() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let path = |name: &str| folder.join(name);
    // With a zone, so that zones are looked for before the process is confined.
    let mut config = Config::read(&BTreeMap::from([("NEXUS_TIME_ZONE", "Europe/Berlin")]), None).unwrap();
    config.data = path("data");
    config.certificate = server::config::Certificate::Files {
        certificate: path("tls/certificate.pem"),
        key: path("tls/key.pem"),
        anchor: server::config::FileAnchor::WebPki("nexus.example.com".to_owned()),
    };
    let port: u16 = std::env::var("PORT").unwrap().parse().unwrap();
    let confinement = confine(&config).unwrap();
    say("confinement", &format!("{confinement:?}"));
    if confinement == Confinement::None {
        return;
    }
    let replaced = |file: &Path| {
        fs::write(file.with_extension("new"), "{}")?;
        fs::rename(file.with_extension("new"), file)
    };
    tell("reads-zone", jiff::tz::TimeZone::get("Pacific/Chatham").map_err(io::Error::other));
    tell("reads-settings", fs::read(path("data/settings.json")));
    tell("writes-settings", replaced(&path("data/settings.json")));
    tell("renews-certificate", fs::read(path("tls/certificate-1.pem")));
    tell("asks-broker", UnixStream::connect(path("broker.sock")));
    tell("listens", TcpListener::bind("127.0.0.1:0"));
    tell("reads-passphrase", fs::read(path("credentials/passphrase")));
    tell("lists-credentials", fs::read_dir(path("credentials")));
    tell("writes-elsewhere", fs::write(path("elsewhere"), "x"));
    tell("reads-passwd", fs::read("/etc/passwd"));
    tell("starts-program", Command::new("/bin/true").status());
    tell("starts-its-own", Command::new(path("data/program")).status());
    tell("connects", TcpStream::connect(("127.0.0.1", port)));
}

fn tell<T>(what: &str, done: io::Result<T>) {
    say(what, &done.map_or_else(|error| format!("{:?}", error.kind()), |_| "yes".to_owned()));
}

#[expect(clippy::print_stdout, reason = "the process that started this one reads it")]
fn say(what: &str, how: &str) {
    println!("{TOLD}{what} {how}");
}
