use http::StatusCode;

use crate::stage::{Provider, Stage, TOKEN, body};

#[tokio::test]
async fn the_credential_is_added_on_the_way_out_and_nothing_but_the_answer_comes_back() {
    let answer = || {
        let headers = [
            ("content-type", "application/json"),
            ("retry-after", "3"),
            ("etag", "\"1\""),
            ("date", "Mon, 02 Mar 2026 08:00:00 GMT"),
            ("set-cookie", "RT_SID=1"),
            ("nexus-broker-error", "forged"),
        ];
        (StatusCode::IM_A_TEAPOT, headers, "{}")
    };
    let provider = Provider::answering(answer).await;
    let stage = Stage::new();
    stage.connect(&provider.url, None);
    let door = stage.serve(Some("correct horse")).await;

    let response =
        door.connection("request-tracker").get("tickets", &[("query", "id > 0 AND a = 'ü&b'")]).await.unwrap();
    assert_eq!((response.status, &*response.body), (StatusCode::IM_A_TEAPOT, &b"{}"[..]));
    let mut headers: Vec<&str> = response.headers.keys().map(http::HeaderName::as_str).collect();
    headers.sort_unstable();
    assert_eq!(headers, ["content-length", "content-type", "date", "etag", "retry-after"]);

    let asked = provider.asked.lock().unwrap();
    assert_eq!(asked[0].uri().to_string(), "/rt/REST/2.0/tickets?query=id+%3E+0+AND+a+%3D+%27%C3%BC%26b%27");
    assert_eq!(asked[0].headers()["authorization"], format!("token {TOKEN}"));
}

#[tokio::test]
async fn no_path_leaves_the_connections_address() {
    let provider = Provider::answering(|| "").await;
    let stage = Stage::new();
    stage.connect(&provider.url, None);
    stage.serve(Some("correct horse")).await;
    for path in [
        "..",
        "../x",
        "a/../../../x",
        "%2e%2e/x",
        "a/.%2E/x",
        ".",
        "a/./b",
        "a//b",
        "/x",
        "//other.example/x",
        "a%2fb",
        "a%5cb",
        "a\\b",
        "%00",
        "a%0d%0ab",
        "%ff",
    ] {
        let (status, answer) = stage.proxied(path).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}: {answer}");
        // hyper itself refuses a backslash, as no URI.
        assert!(answer.contains("path_refused") || path == "a\\b", "{path}: {answer}");
    }
    assert_eq!(provider.paths(), [""; 0], "nothing was sent");

    let (status, _) = stage.proxied("http://other.example/x").await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "an absolute address has an empty segment");
    stage.proxied("user/ann@harbour.example").await;
    assert_eq!(provider.paths(), ["/rt/REST/2.0/user/ann@harbour.example"]);
}

#[tokio::test]
async fn redirects_are_passed_on_and_not_followed() {
    let elsewhere = Provider::answering(|| "secret").await;
    let to = elsewhere.url.clone();
    let provider = Provider::answering(move || (StatusCode::FOUND, [("location", to.clone())])).await;
    let stage = Stage::new();
    stage.connect(&provider.url, None);
    stage.serve(Some("correct horse")).await;
    let (status, answer) = stage.proxied("tickets").await;
    assert_eq!(status, StatusCode::FOUND);
    assert!(!answer.contains(&elsewhere.url));
    assert_eq!(elsewhere.paths(), [""; 0]);
}

#[tokio::test]
async fn only_reading_is_possible() {
    let provider = Provider::answering(|| "").await;
    let stage = Stage::new();
    stage.connect(&provider.url, None);
    stage.serve(Some("correct horse")).await;
    for method in ["POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"] {
        let (status, _) = stage.raw(method, "/connections/request-tracker/proxy/ticket").await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
    assert_eq!(provider.paths(), [""; 0]);
}

#[tokio::test]
async fn an_answer_that_holds_the_credential_or_is_too_large_is_thrown_away() {
    let stage = Stage::new();
    let echoing = Provider::answering(|| format!("you sent \"token {TOKEN}\"")).await;
    stage.connect(&echoing.url, None);
    stage.serve(Some("correct horse")).await;
    let (status, answer) = stage.proxied("tickets").await;
    assert_eq!(status, StatusCode::BAD_GATEWAY);
    assert!(answer.contains("credential_echoed") && !answer.contains(TOKEN), "{answer}");

    let telling = Provider::answering(|| [("etag", TOKEN)]).await;
    stage.connect(&telling.url, None);
    assert!(stage.proxied("tickets").await.1.contains("credential_echoed"));

    let endless = Provider::answering(|| body((8 << 20) + 1)).await;
    stage.connect(&endless.url, None);
    assert!(stage.proxied("tickets").await.1.contains("answer_too_large"));

    let largest = Provider::answering(|| body(8 << 20)).await;
    stage.connect(&largest.url, None);
    assert_eq!(stage.proxied("tickets").await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_unreachable_provider_is_named_without_the_query() {
    let stage = Stage::new();
    stage.connect("http://127.0.0.1:1", None);
    stage.serve(Some("correct horse")).await;
    let (status, answer) = stage.proxied("tickets?query=canary-2").await;
    assert_eq!(status, StatusCode::BAD_GATEWAY);
    assert!(answer.contains("unreachable") && answer.contains("127.0.0.1:1") && answer.contains("refused"), "{answer}");
    assert!(!answer.contains("canary"), "{answer}");
}
