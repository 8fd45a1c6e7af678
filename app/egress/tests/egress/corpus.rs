//! Hundreds of URLs that lead where nobody may be led, and ordinary ones beside them.

use std::{net::IpAddr, time::Duration};

use egress::{Client, Destination, Failure, Limits, Policy, Refusal};
use http::HeaderMap;
use url::Url;

use crate::names::Names;

const LIMITS: Limits = Limits { length: 1024, within: Duration::from_millis(300), media_types: &[] };

/// A URL, and what the DNS server says to one question after the other.
fn lines(text: &str) -> impl Iterator<Item = (&str, Vec<Vec<IpAddr>>)> {
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines.map(|line| {
        let (url, answers) = line.split_once(" = ").unwrap_or((line, ""));
        let answer = |text: &str| text.split(',').map(|address| address.trim().parse().unwrap()).collect();
        (url, answers.split(';').filter(|answers| !answers.is_empty()).map(answer).collect())
    })
}

/// Why a URL is not asked; `None` if somebody tried.
async fn refused(names: &Names, url: &str, answers: Vec<Vec<IpAddr>>) -> Option<Refusal> {
    if let Ok(url) = Url::parse(url)
        && let Some(name) = url.domain()
    {
        names.say(name, answers);
    }
    let destination = match Destination::parse(url, &Policy::Public) {
        Ok(destination) => destination,
        Err(refusal) => return Some(refusal),
    };
    let client = Client::with_resolver(Policy::Public, &[], LIMITS, names.resolver()).unwrap();
    match client.get(&destination, HeaderMap::new()).await {
        Err(Failure::Refused(refusal)) => Some(refusal),
        _ => None,
    }
}

#[tokio::test]
async fn hostile_urls_are_not_asked() {
    let names = Names::start().await;
    let mut count = 0;
    for (url, answers) in lines(include_str!("hostile.txt")) {
        let refusal = refused(&names, url, answers).await;
        assert!(refusal.is_some(), "{url} was asked");
        count += 1;
    }
    assert!(count >= 200, "{count}");
    assert_eq!(names.unknown(), Vec::<String>::new());
}

#[tokio::test]
async fn ordinary_urls_are_asked() {
    let names = Names::start().await;
    for (url, answers) in lines(include_str!("ordinary.txt")) {
        // Who has no address here is only read: no test connects to the internet's hosts by their numbers.
        if answers.is_empty() {
            assert!(Destination::parse(url, &Policy::Public).is_ok(), "{url}");
        } else {
            assert_eq!(refused(&names, url, answers).await, None, "{url}");
        }
    }
    assert_eq!(names.unknown(), Vec::<String>::new());
}
