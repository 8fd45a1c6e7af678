//! No secret is anywhere but where it belongs: canaries in every secret, and a search for them in all that comes out.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::Path,
};

use crate::{
    screen,
    search::{Canary, memory},
    serving::{Browser, PASSWORD, Serving, eventually},
    stage::{Installation, NEW_PASSPHRASE, WORDS, run},
};

const TOKEN: &str = "1-14-canary/token+of=the test";
const LEFT_BEHIND: &str = "canary-passphrase-that-was-left-behind";

#[test]
fn the_search_finds_what_was_planted() {
    let canary = Canary::new("token", TOKEN);
    for form in canary.forms() {
        let noise = [&b"\0noise of any kind; "[..], &form, b" and more \xff"].concat();
        assert!(canary.is_in(&noise), "{}", String::from_utf8_lossy(&form));
        assert!(!canary.is_in(&noise[..noise.len() - 12 - form.len() / 2]));
    }
    for before in 0..5 {
        let whole = [&vec![b'x'; before][..], TOKEN.as_bytes(), b"yz"].concat();
        let encoded = data_encoding::BASE64.encode(&whole);
        assert!(canary.is_in(encoded.as_bytes()), "within a longer text, {before} bytes in: {encoded}");
    }
}

#[test]
fn no_secret_is_in_answers_log_lines_memory_files_or_backups_logged_as_text() {
    search_everywhere("text");
}

#[test]
fn no_secret_is_in_answers_log_lines_memory_files_or_backups_logged_as_json() {
    search_everywhere("json");
}

fn search_everywhere(format: &str) {
    let installation = Installation::new();
    installation.connect(&echoing_helpdesk(), TOKEN);
    fs::write(installation.data().join("settings.json"), settings()).unwrap();
    let variables = [("NEXUS_LOG", "trace"), ("NEXUS_LOG_FORMAT", format), (NEW_PASSPHRASE, LEFT_BEHIND)];
    let serving = Serving::start(&installation, &variables);
    let setup_code = serving.setup_code();
    let browser = Browser::set_up(&installation, &serving);
    let link_key = link_key(&browser);
    let screen = screen::pair(&browser);
    let authority = fs::read_to_string(installation.data().join("pki/authority.key")).unwrap();
    let authority = authority.lines().nth(1).expect("a PEM file has a second line");
    eventually(|| serving.log().contains("holds the credential itself and was thrown away").then_some(()));

    // What belongs nowhere that anybody looks, and what one file of the data folder is there to hold.
    let nowhere = [
        Canary::new("the passphrase", WORDS),
        Canary::new("the passphrase that was left behind", LEFT_BEHIND),
        Canary::new("the helpdesk's token", TOKEN),
        Canary::new("the setup code", &setup_code),
        Canary::new("the administrator's password", PASSWORD),
        Canary::new("the session", browser.cookie.split_once('=').unwrap().1),
        Canary::new("the key of an access link", &link_key),
        Canary::new("the pairing code", &screen.code),
        Canary::new("the screen's token", &screen.token),
    ];
    let authority = Canary::new("the authority's key", authority);
    let all = || nowhere.iter().chain([&authority]);

    let answers = walk(&browser, &screen.token);
    assert!(answers.len() > 40, "it walked {} ways only", answers.len());
    for (way, answer) in &answers {
        all().for_each(|canary| canary.assert_not_in(answer.as_bytes(), way));
    }
    let log = serving.log();
    assert!(log.lines().count() > 100 && log.contains("TRACE"), "{} lines", log.lines().count());
    all().for_each(|canary| canary.assert_not_in(log.as_bytes(), "the log"));

    let (server, broker) = (memory(serving.child("server")).unwrap(), memory(serving.child("broker")));
    for canary in &nowhere[..3] {
        canary.assert_not_in(&server, "the memory of the server's process");
    }
    // The same search finds what each process must hold.
    match broker {
        Ok(broker) => {
            assert!(nowhere[0].is_in(&broker) && nowhere[2].is_in(&broker), "the Broker has passphrase and token");
        }
        Err(error) => {
            assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
            eprintln!(
                "NOT CHECKED: that the search finds passphrase and token in the Broker's memory; only root reads that"
            );
        }
    }
    assert!(Canary::new("the team", "Team of the canaries").is_in(&server));

    let archive = installation.folder.path().join("nexus.tar.zst");
    let (output, said) = run(installation.nexus().arg("backup").arg(&archive));
    assert!(output.status.success(), "{said}");
    let (_, list) = run(installation.nexus().args(["backup", "--list"]).arg(&archive));
    all().for_each(|canary| canary.assert_not_in(format!("{said}{list}").as_bytes(), "what nexus backup says"));
    let restored = installation.folder.path().join("restored");
    let (output, said) = run(installation
        .nexus()
        .env("NEXUS_DATA", &restored)
        .env("NEXUS_BROKER_SOCKET", "/nowhere")
        .arg("restore")
        .arg(&archive));
    assert!(output.status.success(), "{said}");
    for folder in [installation.data(), restored] {
        let files = files(&folder);
        assert!(files.len() >= 6, "{}", files.len());
        for (name, content) in files {
            nowhere.iter().for_each(|canary| canary.assert_not_in(&content, &name));
            assert_eq!(authority.is_in(&content), name.ends_with("authority.key"), "{name}");
        }
    }
}

/// Settings whose team is a word that the server keeps in its memory.
fn settings() -> String {
    r#"{"instance": "11111111-2222-4333-8444-555555555555", "team": "Team of the canaries", "time_zone": "Etc/UTC",
        "desk": {"provider": "request_tracker"}, "boards": [{"id": "overview"}]}"#
        .to_owned()
}

/// A helpdesk that refuses every request, and quotes what it was sent.
fn echoing_helpdesk() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/rt", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let lines = BufReader::new(connection.try_clone().unwrap()).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            assert!(head.iter().any(|line| line.contains(TOKEN)), "the token is sent");
            let quoted = head.join("\n");
            let length = quoted.len();
            // The Broker may have gone away meanwhile.
            let _ = write!(connection, "HTTP/1.1 401 Unauthorized\r\nContent-Length: {length}\r\n\r\n{quoted}");
        }
    });
    url
}

/// Makes an access link, and answers the key in it.
fn link_key(browser: &Browser) -> String {
    let fields = [
        ("server", browser.origin.as_str()),
        ("name", "Lobby"),
        ("board", "overview"),
        ("networks", ""),
        ("hours", "1"),
        ("uses", "1"),
    ];
    let page = browser.post("/admin/screens/links/add", &fields).text;
    let (_, key) = page.split_once("/s/").and_then(|(_, link)| link.split_once('#')).expect("a page with a link");
    let key = key.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')).next().unwrap();
    assert!(key.len() > 15, "{key}");
    key.to_owned()
}

/// Every answer to a walk over all ways that pages lead to, that the API has, and that lead nowhere; signed in, as a
/// screen, and as a stranger.
fn walk(browser: &Browser, token: &str) -> Vec<(String, String)> {
    let id = "00000000-0000-4000-8000-000000000000";
    let mut ways: Vec<String> = [
        "/",
        "/admin",
        "/admin/screens",
        "/admin/nothing",
        "/admin/sign-in",
        "/admin/authority.pem",
        "/assets/admin.css",
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/v1/openapi.json",
        "/api/v1/anchor",
        "/api/v1/boards/overview/state",
        "/api/v1/boards/none/state",
        "/b/overview",
        "/settings.json",
        "/secrets.json",
        "/../secrets.json",
        "/%2e%2e/secrets.json",
        "/.env",
        "/api/v1/nonces",
        "/api/v1/token",
        "/api/v1/pairings",
    ]
    .map(str::to_owned)
    .into();
    ways.extend(["/admin/screens", "/api/v1/pairings", "/api/v1/links", "/s"].map(|list| format!("{list}/{id}")));
    let stranger = Browser { client: browser.client.clone(), origin: browser.origin.clone(), cookie: String::new() };
    let mut answers = Vec::new();
    let mut at = 0;
    while let Some(way) = ways.get(at).cloned() {
        at += 1;
        let page = browser.get(&way).text;
        for next in page.split(['"', '\'']).filter(|part| part.starts_with('/') && part.len() < 200) {
            let next = next.split('#').next().unwrap().to_owned();
            // Signing out would end the walk.
            if !ways.contains(&next) && !next.ends_with("/sign-out") && !next.ends_with("/events") {
                ways.push(next);
            }
        }
        answers.push((format!("GET {way}"), page));
        answers.push((format!("GET {way} as a stranger"), stranger.get(&way).text));
        answers.push((format!("POST {way} as a stranger"), stranger.post(&way, &[("password", "wrong")]).text));
    }
    let read = browser.client.get(format!("{}/api/v1/boards/overview/state", browser.origin)).bearer_auth(token);
    let board = read.send().unwrap().text().unwrap();
    assert!(board.contains("panels"), "{board}");
    answers.push(("the board as its screen".to_owned(), board));
    answers
}

/// Every file in a folder, at any depth, by name.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    found
}
