//! What the command is connected to in these tests: a helpdesk, a calendar and a receiver of webhooks.

use std::io::{BufRead, BufReader, Write};

pub(crate) const TOKEN: &str = "1-14-canary-token-of-the-test";

/// A helpdesk that gives every request this answer, and its address.
pub(crate) fn helpdesk(answer: &'static str) -> String {
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

pub(crate) const WELL: &str =
    "200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"items\":[],\"page\":1,\"pages\":0}";

/// A calendar's server that gives every request this body, as this kind; its address.
pub(crate) fn calendar(kind: &'static str, body: &'static str) -> String {
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

/// A receiver of webhooks that answers every delivery with this status; its address.
pub(crate) fn receiver(status: &'static str) -> String {
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
