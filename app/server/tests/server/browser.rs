//! An administrator's browser: keeps one cookie, sends forms as browsers do.

use reqwest::{Client, Response, header};

use crate::stage::Stage;

pub const PASSWORD: &str = "correct horse battery";

#[derive(Clone)]
pub struct Browser {
    pub client: Client,
    pub origin: String,
    pub cookie: Option<String>,
}

impl Browser {
    pub fn new(stage: &Stage) -> Self {
        Self { client: stage.client(), origin: stage.url(""), cookie: None }
    }

    /// Signed in with the setup code of a new installation.
    pub async fn signed_in(stage: &Stage) -> Self {
        let mut browser = Self::new(stage);
        let code = stage.server.setup_code().unwrap();
        let fields = [("setup_code", code.expose()), ("password", PASSWORD), ("password_again", PASSWORD)];
        let answer = browser.post("/admin/sign-in", &fields).await;
        assert_eq!(answer.status(), 303);
        browser
    }

    pub async fn get(&self, path: &str) -> Response {
        let mut request = self.client.get(format!("{}{path}", self.origin));
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        request.send().await.unwrap()
    }

    pub async fn text(&self, path: &str) -> String {
        self.get(path).await.text().await.unwrap()
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Response {
        let origin = self.origin.clone();
        self.post_from(&origin, path, fields).await
    }

    pub async fn post_from(&mut self, origin: &str, path: &str, fields: &[(&str, &str)]) -> Response {
        let mut request =
            self.client.post(format!("{}{path}", self.origin)).header(header::ORIGIN, origin).form(fields);
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let answer = request.send().await.unwrap();
        if let Some(set) = answer.headers().get(header::SET_COOKIE) {
            let set = set.to_str().unwrap();
            let same_site = if set.starts_with("__Host-nexus-view=") { "SameSite=Lax" } else { "SameSite=Strict" };
            for attribute in ["Secure", "HttpOnly", same_site, "Path=/"] {
                assert!(set.contains(attribute), "{set}");
            }
            assert!(set.starts_with("__Host-"));
            self.cookie = Some(set.split(';').next().unwrap().to_owned());
        }
        answer
    }
}

pub fn location(answer: &Response) -> &str {
    answer.headers()[header::LOCATION].to_str().unwrap()
}
