//! What the command is connected to in these tests: a helpdesk, a calendar and a receiver of webhooks.

use std::io::{BufRead, BufReader, Write};

pub(crate) const TOKEN: &str = "1-14-canary-token-of-the-test";

/// A server at a port of its own, which tells every request's head to `answer`; its address. What comes back is what follows
/// `HTTP/1.1 `.
fn serve(path: &str, answer: impl Fn(&[String]) -> String + Send + 'static) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}{path}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let lines = BufReader::new(connection.try_clone().unwrap()).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            write!(connection, "HTTP/1.1 {}", answer(&head)).unwrap();
        }
    });
    url
}

/// A helpdesk that gives every request this answer, and its address.
pub(crate) fn helpdesk(answer: &'static str) -> String {
    serve("/rt", move |head| {
        let signed = head.iter().any(|line| line.ends_with(&format!("token {TOKEN}")));
        let found = head[0].starts_with("GET /rt/REST/2.0/queues/all") && signed;
        if found { answer } else { "400 Bad Request\r\nContent-Length: 0" }.to_owned()
    })
}

pub(crate) const WELL: &str =
    "200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"items\":[],\"page\":1,\"pages\":0}";

/// A calendar's server that gives every request this body, as this kind; its address.
pub(crate) fn calendar(kind: &'static str, body: &'static str) -> String {
    serve("/canary-calendar-key.ics", move |_| {
        format!("200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n{body}")
    })
}

/// A receiver of webhooks that answers every delivery with this status; its address.
pub(crate) fn receiver(status: &'static str) -> String {
    serve("/canary-hook", move |head| {
        let signed = head.iter().any(|line| line.to_lowercase().starts_with("webhook-signature: v1,"));
        let status = if signed { status } else { "400 Bad Request" };
        format!("{status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    })
}
