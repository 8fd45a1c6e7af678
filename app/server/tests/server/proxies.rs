//! Who asks, where proxies stand in between; and whom the operator lets in at all.

use std::{net::Ipv4Addr, time::Duration};

use reqwest::{Response, header};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    browser::Browser,
    stage::{Setup, Stage},
};

const STATE: &str = "/api/v1/boards/overview/state";

async fn forwarded(stage: &Stage, path: &str, headers: &[(&'static str, &str)]) -> Response {
    let request = stage.client().get(stage.url(path));
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
}

#[tokio::test]
async fn a_trusted_proxy_says_who_asks_and_a_client_cannot() {
    let stage = Setup::new().with("TRUSTED_PROXIES", "127.0.0.1, ::1").start().await;
    for (headers, expected) in [
        (&[("x-forwarded-for", "10.1.2.3")][..], 200),
        (&[("x-forwarded-for", "203.0.113.7")], 401),
        (&[("x-forwarded-for", "10.1.2.3, 203.0.113.7")], 401),
        (&[("x-forwarded-for", "203.0.113.7, 10.1.2.3")], 200),
        (&[("forwarded", "for=\"[fd00::7]:4711\";proto=https")], 200),
        (&[("forwarded", "for=10.1.2.3, for=unknown")], 401),
        (&[("forwarded", "for=10.1.2.3"), ("x-forwarded-for", "203.0.113.7")], 400),
        (&[("x-forwarded-for", "10.1.2.3, nonsense")], 400),
        (&[], 401),
    ] {
        assert_eq!(forwarded(&stage, STATE, headers).await.status(), expected, "{headers:?}");
    }
    let refused = forwarded(&stage, STATE, &[("x-forwarded-for", "nonsense")]).await;
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "forwarding_refused");
}

#[tokio::test]
async fn strangers_behind_one_proxy_have_a_throttle_each() {
    let stage = Setup::new().with("TRUSTED_PROXIES", "127.0.0.1, ::1").start().await;
    Browser::signed_in(&stage).await;
    let guess = async |from: &str| {
        let request = stage.client().post(stage.url("/admin/sign-in")).header(header::ORIGIN, stage.url(""));
        let request = request.header("x-forwarded-for", from).form(&[("password", "wrong horse battery")]);
        request.send().await.unwrap().status().as_u16()
    };
    let mut statuses = Vec::new();
    for _ in 0..10 {
        statuses.push(guess("203.0.113.7").await);
    }
    assert_eq!((statuses[0], statuses[9]), (422, 429));
    assert_eq!(guess("::ffff:203.0.113.7").await, 429, "the same address in other clothes");
    assert_eq!(guess("198.51.100.1, 203.0.113.7").await, 429, "the client invents what stands first");
    assert_eq!(guess("203.0.113.8").await, 422);
}

#[tokio::test]
async fn the_allowlist_stands_before_everything() {
    let setup =
        Setup::new().with("TRUSTED_PROXIES", "127.0.0.1, ::1").with("READ_ALLOWLIST", "192.168.0.0/16, 2001:db8::/32");
    let stage = setup.start().await;
    let named = ["192.168.7.7", "::ffff:192.168.7.7", "2001:db8::7"];
    let others = ["10.1.2.3", "::ffff:10.1.2.3", "203.0.113.7", "127.0.0.1", "unknown"];
    for from in named {
        assert_eq!(forwarded(&stage, STATE, &[("x-forwarded-for", from)]).await.status(), 200, "{from}");
    }
    for from in others {
        for path in
            [STATE, "/sign-in", "/admin/sign-in", "/admin/screens", "/s/AAAAAAAAAAAA", "/api/v1/anchor", "/nowhere"]
        {
            let answer = forwarded(&stage, path, &[("x-forwarded-for", from)]).await;
            assert_eq!(answer.status(), 403, "{path} {from}");
            assert!(answer.headers().contains_key("content-security-policy"), "{path}");
            let kind = answer.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
            let text = answer.text().await.unwrap();
            if path.starts_with("/api/") {
                assert!(kind.starts_with("application/json") && text.contains("not_allowed_from_here"), "{text}");
            } else {
                assert!(kind.starts_with("text/html") && text.contains("not open to your network"), "{text}");
            }
        }
        for path in ["/healthz", "/readyz", "/assets/admin.css"] {
            assert_eq!(forwarded(&stage, path, &[("x-forwarded-for", from)]).await.status(), 403, "{path}");
        }
    }
    // Whoever is on this machine, and not brought by a proxy on it, may ask how the server does.
    assert_eq!(forwarded(&stage, "/healthz", &[]).await.status(), 200);
    assert_eq!(forwarded(&stage, "/readyz", &[]).await.status(), 503);
    assert_eq!(forwarded(&stage, "/assets/admin.css", &[]).await.status(), 403);
}

/// An address of this machine that is not loopback, if it has one.
fn own_address() -> Option<Ipv4Addr> {
    let addresses = nix::ifaddrs::getifaddrs().unwrap();
    let addresses = addresses.filter_map(|interface| Some(interface.address?.as_sockaddr_in()?.ip()));
    addresses.into_iter().find(|address| !address.is_loopback())
}

#[tokio::test]
async fn whom_the_allowlist_does_not_name_is_dropped_before_tls_and_takes_no_place() {
    let Some(own) = own_address() else {
        eprintln!(
            "NOT CHECKED: connections from addresses that are not on READ_ALLOWLIST; this machine has loopback alone"
        );
        return;
    };
    let setup = |list: String| {
        let list: &'static str = list.leak();
        let setup = Setup::new().with("NEXUS_LISTEN", "0.0.0.0:0").with("READ_ALLOWLIST", list);
        setup.with("NEXUS_CONNECTIONS", "2").start()
    };
    let knock = async |stage: &Stage| {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind((own, 0).into()).unwrap();
        let mut tcp = socket.connect((own, stage.server.address().port()).into()).await.unwrap();
        // As much of a TLS record as makes a server wait for the rest.
        tcp.write_all(&[22, 3, 1]).await.ok();
        tcp
    };
    let stage = setup("203.0.113.0/24".to_owned()).await;
    let mut held = Vec::new();
    for _ in 0..5 {
        let mut dropped = knock(&stage).await;
        // Half of the time that a handshake may take.
        let read = tokio::time::timeout(Duration::from_secs(5), dropped.read(&mut [0; 1])).await;
        assert!(matches!(read, Ok(Ok(0) | Err(_))), "{read:?}");
        held.push(dropped);
    }
    assert_eq!(stage.get("/healthz").await.status(), 200, "no place was taken");

    let stage = setup(format!("{own}/32")).await;
    let mut heard = knock(&stage).await;
    let waited = tokio::time::timeout(Duration::from_millis(300), heard.read(&mut [0; 1])).await;
    assert!(waited.is_err(), "the server waits for the rest: {waited:?}");
}

#[tokio::test]
async fn an_address_that_is_not_on_the_list_cannot_pair_or_sign_in() {
    let stage = Setup::new().with("READ_ALLOWLIST", "192.0.2.0/24").start().await;
    let code = stage.server.setup_code().unwrap();
    let mut browser = Browser::new(&stage);
    assert_eq!(browser.post("/admin/sign-in", &[("setup_code", code.expose())]).await.status(), 403);
    let forged = forwarded(&stage, STATE, &[("x-forwarded-for", "192.0.2.7")]).await;
    assert_eq!(forged.status(), 403, "nobody vouches for this proxy");
    for path in ["/api/v1/pairings", "/api/v1/nonces", "/api/v1/links/AAAAAAAAAAAA"] {
        assert_eq!(stage.client().post(stage.url(path)).send().await.unwrap().status(), 403, "{path}");
    }
    assert!(stage.server.setup_code().is_some());
}
