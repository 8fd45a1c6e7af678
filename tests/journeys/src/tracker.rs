//! A real Request Tracker, spoken to through its own interface (REST 2.0), as a person's browser or mail gateway would.

use std::{fs, path::Path};

use reqwest::blocking::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::admin::builder;

/// The Request Tracker that `scripts/request-tracker start DIR` keeps in `DIR`.
pub struct Tracker {
    /// Its address.
    pub url: String,
    token: String,
    reader_token: String,
    client: Client,
}

impl Tracker {
    /// The one whose folder stands in `NEXUS_TEST_RT`; `None` where none is named.
    ///
    /// # Panics
    /// The folder is not that of a started Request Tracker.
    pub fn from_environment() -> Option<Self> {
        let folder = std::env::var_os("NEXUS_TEST_RT")?;
        let read = |name: &str| {
            let path = Path::new(&folder).join(name);
            let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            text.trim().to_owned()
        };
        let client = builder().build().expect("a client can be made");
        Some(Self { url: read("url"), token: read("token"), reader_token: read("reader-token"), client })
    }

    /// The token of its user who may only read, and who is all that Nexus gets to be.
    pub fn reader_token(&self) -> &str {
        &self.reader_token
    }

    /// Creates a ticket; its number.
    pub fn create(&self, subject: &str, requestor: &str) -> u64 {
        let answer = self.send(self.client.post(format!("{}/REST/2.0/ticket", self.url)).json(&json!({
            "Queue": "General",
            "Subject": subject,
            "Requestor": requestor,
            "Content": "It does not print.",
        })));
        answer["id"].as_str().and_then(|id| id.parse().ok()).unwrap_or_else(|| panic!("no ticket was made: {answer}"))
    }

    /// Sets its status.
    pub fn set_status(&self, ticket: u64, status: &str) {
        self.send(self.client.put(format!("{}/REST/2.0/ticket/{ticket}", self.url)).json(&json!({ "Status": status })));
    }

    fn send(&self, request: RequestBuilder) -> Value {
        let answer = request
            .header("Authorization", format!("token {}", self.token))
            .send()
            .unwrap_or_else(|error| panic!("Request Tracker does not answer: {error}"));
        let status = answer.status();
        let body = answer.text().unwrap_or_default();
        assert!(status.is_success(), "Request Tracker answered {status}: {body}");
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("Request Tracker answered {body:?}: {error}"))
    }
}
