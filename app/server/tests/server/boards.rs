//! A board's state, and who may read it.

use jiff::SignedDuration;
use reqwest::header;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    browser::Browser,
    stage::{Setup, Stage, open_tickets},
    tls::connect,
};

const STATE: &str = "/api/v1/boards/overview/state";

#[tokio::test]
async fn a_board_shows_the_desks_numbers_and_its_tag_saves_the_next_answer() {
    let stage = Stage::start().await;
    stage.settled(3).await;
    let answer = stage.get(STATE).await;
    assert_eq!(answer.status(), 200);
    let tag = answer.headers()[header::ETAG].to_str().unwrap().to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "a strong tag: {tag}");

    let again = |tag: String| {
        let request = stage.client().get(stage.url(STATE)).header(header::IF_NONE_MATCH, tag);
        async { request.send().await.unwrap() }
    };
    let answer = again(format!("\"other\", {tag}")).await;
    assert_eq!(answer.status(), 304);
    assert_eq!(answer.headers()[header::ETAG].to_str().unwrap(), tag);
    assert!(answer.bytes().await.unwrap().is_empty());

    stage.desk.set_open(4);
    stage.board_when(|board| open_tickets(board) == Some(4)).await;
    assert_eq!(again(tag).await.status(), 200);
}

#[tokio::test]
async fn data_that_grows_old_goes_stale_and_says_so() {
    let stage = Stage::start().await;
    stage.board_when(|board| open_tickets(board) == Some(3)).await;
    stage.desk.break_down();
    stage.clock.advance(SignedDuration::from_secs(301));
    let board = stage.board_when(|board| board.panels[0].status == board::Status::Stale).await;
    assert_eq!(open_tickets(&board), Some(3), "the last number stays, without its colour");
}

#[tokio::test]
async fn boards_go_on_while_a_desk_lets_its_reader_wait() {
    let stage = Stage::start().await;
    stage.board_when(|board| open_tickets(board) == Some(3)).await;
    stage.desk.fall_silent();
    stage.desk.set_open(4);
    stage.clock.advance(SignedDuration::from_secs(301));
    let board = stage.board_when(|board| board.panels[0].status == board::Status::Stale).await;
    assert_eq!(open_tickets(&board), Some(3));
}

#[tokio::test]
async fn what_is_not_there_is_told_as_json() {
    let stage = Stage::start().await;
    for (path, code) in [("/api/v1/boards/nowhere/state", "unknown_board"), ("/api/v2/x", "not_found")] {
        let answer = stage.get(path).await;
        assert_eq!(answer.status(), 404, "{path}");
        let body = answer.json::<Value>().await.unwrap();
        assert_eq!(body["code"], code);
        assert!(body["message"].as_str().unwrap().ends_with('.'));
    }
}

#[tokio::test]
async fn a_name_that_is_not_ours_reads_nothing() {
    let stage = Setup::new().with("NEXUS_NAMES", "nexus.example.com").start().await;
    let client = stage.client_builder().http1_only().build().unwrap();
    let named = |host: &'static str| client.get(stage.url(STATE)).header(header::HOST, host).send();
    assert_eq!(named("rebound.example").await.unwrap().status(), 421);
    assert_eq!(named("nexus.example.com:8443").await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_request_without_exactly_one_host_is_a_bad_one() {
    let stage = Setup::new().with("NEXUS_NAMES", "nexus.example.com").start().await;
    for (hosts, status) in [
        ("Host: nexus.example.com\r\n", 200),
        ("", 400),
        ("Host: nexus.example.com\r\nHost: rebound.example\r\n", 400),
        ("Host: rebound.example\r\nHost: nexus.example.com\r\n", 400),
        ("Host: nexus.example.com\r\nHost: nexus.example.com\r\n", 400),
    ] {
        let mut connection = connect(&stage, &[b"http/1.1"]).await;
        let request = format!("GET {STATE} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{hosts:?}: {answer}");
        assert_eq!(status == 400, answer.contains("not_one_host"), "{hosts:?}: {answer}");
    }
}

#[tokio::test]
async fn a_closed_board_opens_to_administrators_only() {
    let stage = Setup::new().with("NEXUS_OPEN_READ", "nobody").start().await;
    let answer = stage.get(STATE).await;
    assert_eq!(answer.status(), 401);
    assert_eq!(answer.json::<Value>().await.unwrap()["code"], "not_signed_in");
    assert_eq!(Browser::signed_in(&stage).await.get(STATE).await.status(), 200);
}

#[tokio::test]
async fn who_comes_through_an_unknown_proxy_counts_as_far_away() {
    let stage = Stage::start().await;
    let forwarded = stage.client().get(stage.url(STATE)).header("x-forwarded-for", "10.0.0.1").send().await.unwrap();
    assert_eq!(forwarded.status(), 401);
}

#[tokio::test]
async fn a_wrong_token_is_refused_even_where_reading_is_open() {
    let stage = Stage::start().await;
    for token in ["", "nonsense", &"A".repeat(75)] {
        let answer = stage.client().get(stage.url(STATE)).bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{token:?}");
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], "token_refused");
    }
}

#[tokio::test]
async fn a_state_is_compressed_for_those_who_ask_and_has_a_tag_of_its_own() {
    let stage = Stage::start().await;
    stage.settled(3).await;
    let path = "/api/v1/boards/overview/state";
    let plain = stage.get(path).await;
    let ask = |tag: &str| {
        stage
            .client()
            .get(stage.url(path))
            .header("accept-encoding", "br;q=1.0, gzip;q=0.8")
            .header("if-none-match", tag)
    };
    let zipped = ask(plain.headers()["etag"].to_str().unwrap()).send().await.unwrap();
    assert_eq!(zipped.status(), 200, "other bytes are another representation");
    assert_eq!(zipped.headers()["content-encoding"], "gzip");
    let tag = zipped.headers()["etag"].to_str().unwrap().to_owned();
    let (zipped, plain) = (zipped.bytes().await.unwrap(), plain.bytes().await.unwrap());
    let mut text = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&zipped[..]), &mut text).unwrap();
    assert_eq!(text, plain);
    assert_eq!(ask(&tag).send().await.unwrap().status(), 304);
}
