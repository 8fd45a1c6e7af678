//! No secret is anywhere but where it belongs: canaries in every secret, and a search for them in all that comes out.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::Path,
};

use broker::{Endpoint, SigningKey};
use vault::ExposeSecret;

use crate::{
    screen,
    search::{Canary, memory},
    serving::{Browser, PASSWORD, Serving, eventually},
    stage::{Installation, NEW_PASSPHRASE, WORDS, run},
};

const TOKEN: &str = "1-14-canary/token+of=the test";
const LEFT_BEHIND: &str = "canary-passphrase-that-was-left-behind";
const CALENDAR: &str = "canary-of-the-calendar.ics?key=1&b=2";
const WEBHOOK: &str = "hooks/canary-of-the-webhook";
/// What stands after `whsec_`.
const WEBHOOK_KEY: &str = "Y2FuYXJ5LWtleS1vZi10aGUtd2ViaG9vaw==";
const PASSCODE: &str = "canary, open sesame";
const METRICS: &str = "canary-token-of-the-metrics";

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
    let helpdesk = echoing_server();
    installation.connect(&format!("{helpdesk}/rt"), TOKEN);
    let vault = installation.vault(WORDS);
    let endpoint = |key: &str| Endpoint::new(format!("{helpdesk}/{key}").into(), true, None).unwrap();
    broker::set_calendar(&vault, &endpoint(CALENDAR)).unwrap();
    broker::set_webhook(&vault, &endpoint(WEBHOOK), &SigningKey::new(&WEBHOOK_KEY.into()).unwrap()).unwrap();
    let metrics = installation.folder.path().join("metrics-token");
    fs::write(&metrics, METRICS).unwrap();
    fs::write(installation.data().join("settings.json"), settings()).unwrap();
    let variables = [
        ("NEXUS_LOG", "trace"),
        ("NEXUS_LOG_FORMAT", format),
        (NEW_PASSPHRASE, LEFT_BEHIND),
        ("NEXUS_METRICS_TOKEN_FILE", metrics.to_str().unwrap()),
    ];
    let serving = Serving::start(&installation, &variables);
    let setup_code = serving.setup_code();
    let browser = Browser::set_up(&installation, &serving);
    let link_key = link_key(&browser);
    let screen = screen::pair(&browser);
    let guest = Guest::at(&browser);
    browser.post("/admin/alerts/test", &[]);
    let one_time_key = one_time_key(&browser);
    let authority = fs::read_to_string(installation.data().join("pki/authority.key")).unwrap();
    let authority = authority.lines().nth(1).expect("a PEM file has a second line");
    eventually(|| serving.log().contains("holds the credential itself and was thrown away").then_some(()));
    for trouble in ["the calendar: ", "the receiver answered 401"] {
        eventually(|| serving.log().contains(trouble).then_some(()));
    }
    let session_key = vault.open(&"server.session-key".parse().unwrap()).unwrap();
    let session_key = data_encoding::BASE64.decode(session_key.expose_secret().as_bytes()).unwrap();

    // What belongs nowhere that anybody looks, and what one file of the data folder is there to hold. The first of them are
    // never even in the server's process.
    let nowhere = [
        Canary::new("the passphrase", WORDS),
        Canary::new("the helpdesk's token", TOKEN),
        Canary::new("the passphrase that was left behind", LEFT_BEHIND),
        Canary::new("the calendar's address", CALENDAR),
        Canary::new("the webhook's address", WEBHOOK),
        Canary::new("the webhook's key", WEBHOOK_KEY),
        Canary::new("the setup code", &setup_code),
        Canary::new("the administrator's password", PASSWORD),
        Canary::new("the session", browser.cookie.split_once('=').unwrap().1),
        Canary::new("the key of an access link", &link_key),
        Canary::new("the pairing code", &screen.code),
        Canary::new("the screen's token", &screen.token),
        Canary::new("the passcode", PASSCODE),
        Canary::new("a session by the passcode", &guest.by_passcode),
        Canary::new("the key of a browser's link", &guest.link_key),
        Canary::new("a session by a link", &guest.by_link),
        Canary::of("the key of sessions", &session_key),
        Canary::of("the key of one-time codes", &one_time_key),
        Canary::new("the key of one-time codes as it is typed", &data_encoding::BASE32_NOPAD.encode(&one_time_key)),
        Canary::new("the metrics' token", METRICS),
    ];
    let authority = Canary::new("the authority's key", authority);
    let all = || nowhere.iter().chain([&authority]);

    let answers = walk(&browser, &screen.token, &guest);
    assert!(answers.len() > 40, "it walked {} ways only", answers.len());
    for (way, answer) in &answers {
        all().for_each(|canary| canary.assert_not_in(answer.as_bytes(), way));
    }
    let log = serving.log();
    assert!(log.lines().count() > 100 && log.contains("TRACE"), "{} lines", log.lines().count());
    all().for_each(|canary| canary.assert_not_in(log.as_bytes(), "the log"));

    let (server, broker) = (memory(serving.child("server")).unwrap(), memory(serving.child("broker")));
    for canary in &nowhere[..6] {
        canary.assert_not_in(&server, "the memory of the server's process");
    }
    // The same search finds what each process must hold.
    match broker {
        Ok(broker) => {
            for canary in [&nowhere[0], &nowhere[1], &nowhere[3], &nowhere[4]] {
                assert!(canary.is_in(&broker), "the Broker has its secrets");
            }
        }
        Err(error) => {
            assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
            eprintln!(
                "NOT CHECKED: that the search finds passphrase and token in the Broker's memory; only root reads that"
            );
        }
    }
    assert!(Canary::new("the team", "Team of the canaries").is_in(&server));
    assert!(nowhere[16].is_in(&server), "the server has the key of sessions");

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

/// Sets one-time codes up, and answers their key.
fn one_time_key(browser: &Browser) -> [u8; 20] {
    let page = browser.post("/admin/access/one-time-codes", &[("current", PASSWORD)]).text;
    let key = page.split("spellcheck=\"false\">").nth(1).unwrap().split('<').next().unwrap().replace(' ', "");
    let key: [u8; 20] = data_encoding::BASE32_NOPAD.decode(key.as_bytes()).unwrap().try_into().unwrap();
    let generator = totp_rs::Builder::new().with_secret(totp_rs::Secret::new_stack(key)).build().unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let confirmed =
        browser.post("/admin/access/one-time-codes/confirm", &[("code", &generator.generate(now).to_string())]);
    assert!(confirmed.text.starts_with("303"), "{}", confirmed.text);
    key
}

/// Somebody who looks at boards, by the passcode and by a link.
struct Guest {
    link_key: String,
    by_passcode: String,
    by_link: String,
}

impl Guest {
    fn at(admin: &Browser) -> Self {
        let fields = [
            ("server", admin.origin.as_str()),
            ("name", "Guests"),
            ("board", "overview"),
            ("networks", ""),
            ("hours", "1"),
            ("uses", "1"),
        ];
        let (path, link_key) = link_in(&admin.post("/admin/screens/links/share", &fields).text);
        admin.post("/admin/access/passcode", &[("passcode", PASSCODE), ("passcode_again", PASSCODE)]);
        let post = |path: &str| {
            admin.client.post(format!("{}{path}", admin.origin)).header(reqwest::header::ORIGIN, &admin.origin)
        };
        let by_passcode = cookie(post("/sign-in").form(&[("passcode", PASSCODE)]));
        let by_link = cookie(post(&path).json(&serde_json::json!({ "key": link_key })));
        Self { link_key, by_passcode, by_link }
    }
}

/// The value of the cookie that an answer sets.
fn cookie(request: reqwest::blocking::RequestBuilder) -> String {
    let answer = request.send().unwrap();
    let set = answer.headers()[reqwest::header::SET_COOKIE].to_str().unwrap();
    set.split(';').next().unwrap().split_once('=').unwrap().1.to_owned()
}

/// Settings whose team is a word that the server keeps in its memory.
fn settings() -> String {
    r#"{"instance": "11111111-2222-4333-8444-555555555555", "team": "Team of the canaries", "time_zone": "Etc/UTC",
        "desk": {"provider": "request_tracker"}, "boards": [{"id": "overview"}]}"#
        .to_owned()
}

/// A server that refuses every request, and quotes what it was sent: a helpdesk, a calendar's, a webhook's receiver.
fn echoing_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let lines = BufReader::new(connection.try_clone().unwrap()).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            assert!([TOKEN, CALENDAR, WEBHOOK].iter().any(|secret| head.join(" ").contains(secret)), "{head:?}");
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
    link_in(&browser.post("/admin/screens/links/add", &fields).text).1
}

/// The path and the key of the link that a page shows.
fn link_in(page: &str) -> (String, String) {
    let (id, _) = page.split_once("/s/").and_then(|(_, link)| link.split_once('#')).expect("a page with a link");
    let (_, key) = page.split_once("/s/").and_then(|(_, link)| link.split_once('#')).expect("a page with a link");
    let key = key.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')).next().unwrap();
    assert!(key.len() > 15, "{key}");
    (format!("/s/{id}"), key.to_owned())
}

/// Every answer to a walk over all ways that pages lead to, that the API has, and that lead nowhere; signed in, as a
/// screen, and as a stranger.
fn walk(browser: &Browser, token: &str, guest: &Guest) -> Vec<(String, String)> {
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
    for (way, session) in [("by the passcode", &guest.by_passcode), ("by a link", &guest.by_link)] {
        let cookie = format!("__Host-nexus-view={session}");
        let looking = Browser { client: browser.client.clone(), origin: browser.origin.clone(), cookie };
        let page = looking.get("/b/overview").text;
        assert!(page.starts_with("200"), "{page}");
        answers.push((format!("the board {way}"), page));
    }
    let figures = browser.client.get(format!("{}/metrics", browser.origin)).bearer_auth(METRICS).send().unwrap();
    let figures = figures.text().unwrap();
    assert!(figures.contains("nexus_sign_ins_total"), "{figures}");
    answers.push(("the metrics".to_owned(), figures));
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
