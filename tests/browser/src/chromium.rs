//! A Chromium without a display, driven by its WebDriver.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource as _, KeyAction, KeyActions},
    key::Key,
    wd::WebDriverCompatibleCommand,
};
use hyper_util::client::legacy::connect::HttpConnector;
use journeys::process::{Process, wait_for};
use serde_json::{Value, json};
use url::Url;

const PATIENCE: Duration = Duration::from_secs(30);

/// How large the page is, in CSS pixels.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// Its width.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// Device pixels for each of them.
    pub ratio: u32,
    /// Whether it is touched.
    pub mobile: bool,
}

/// A desktop.
pub const DESKTOP: Screen = Screen { width: 1920, height: 1080, ratio: 1, mobile: false };
/// A phone.
pub const PHONE: Screen = Screen { width: 390, height: 844, ratio: 2, mobile: true };
/// A tablet, held upright.
pub const TABLET: Screen = Screen { width: 820, height: 1180, ratio: 1, mobile: true };

/// A browser with one page. It ends when dropped.
pub struct Browser {
    /// The page.
    pub client: Client,
    _driver: Process,
}

impl Browser {
    /// Starts one. It takes certificates that it does not know: who signs them is not what is tested here.
    pub async fn open(screen: Screen) -> Self {
        Self::start(screen, None).await
    }

    /// Starts one that keeps what it remembers in this folder, also after its end.
    pub async fn open_with(profile: &Path, screen: Screen) -> Self {
        Self::start(screen, Some(profile)).await
    }

    async fn start(screen: Screen, profile: Option<&Path>) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.expect("loopback has a free port").port();
        let driver = Process::start("chromedriver", Command::new("chromedriver").arg(format!("--port={port}")));
        let ready =
            wait_for(PATIENCE, "chromedriver", || driver.output().contains("started successfully").then_some(()));
        assert!(ready.is_some(), "{}", driver.output());
        // In a container there is nobody but root, as whom Chromium has no sandbox; /dev/shm is small there.
        let arguments =
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"];
        let profile = profile.map(|folder| format!("--user-data-dir={}", folder.display()));
        let arguments = arguments.map(str::to_owned).into_iter().chain(profile).collect::<Vec<_>>();
        let capabilities = json!({
            "acceptInsecureCerts": true,
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": {
                "args": arguments,
                "mobileEmulation": { "deviceMetrics": {
                    "width": screen.width, "height": screen.height, "pixelRatio": screen.ratio,
                    "mobile": screen.mobile, "touch": screen.mobile,
                } },
            },
        });
        let Value::Object(capabilities) = capabilities else { unreachable!("it was just written as an object") };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("chromedriver starts Chromium: are `chromium` and `chromium-driver` installed?");
        Self { client, _driver: driver }
    }

    /// Goes to an address.
    pub async fn go(&self, address: &str) {
        self.client.goto(address).await.unwrap_or_else(|error| panic!("{address}: {error}"));
    }

    /// Runs a function's body in the page; what it returns.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Runs a function's body in the page, whose last argument is called with the answer.
    pub async fn run_later(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute_async(script, arguments).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// The text of what a selector finds first; nothing where it finds nothing.
    pub async fn text(&self, selector: &str) -> String {
        match self.client.find(Locator::Css(selector)).await {
            Ok(element) => element.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Waits until a condition, an expression in the page, is true.
    pub async fn wait_until(&self, condition: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.client.execute(&format!("return !!({condition})"), vec![]).await.ok() != Some(Value::Bool(true)) {
            if Instant::now() > deadline {
                panic!("never {condition} on the page that says:\n{}", self.text("body").await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Presses keys, one after the other.
    pub async fn press(&self, keys: &[char]) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for key in keys {
            actions = actions.then(KeyAction::Down { value: *key }).then(KeyAction::Up { value: *key });
        }
        self.client.perform_actions(actions).await.expect("keys can be pressed");
    }

    /// Types words with the keyboard.
    pub async fn type_in(&self, words: &str) {
        self.press(&words.chars().collect::<Vec<_>>()).await;
    }

    /// Presses Tab until the focus is on what `selector` finds.
    pub async fn tab_to(&self, selector: &str) {
        for _ in 0..80 {
            if self.run("return document.activeElement?.matches(arguments[0]) ?? false", vec![json!(selector)]).await
                == true
            {
                return;
            }
            self.press(&[char::from(Key::Tab)]).await;
        }
        panic!("Tab never reaches {selector} on {:?}", self.client.current_url().await);
    }

    /// Presses Enter, and waits until another page is there.
    pub async fn enter(&self) {
        self.run("document.documentElement.classList.add('before')", vec![]).await;
        self.press(&[char::from(Key::Enter)]).await;
        self.wait_until("document.readyState === 'complete' && !document.documentElement.classList.contains('before')")
            .await;
    }

    /// Goes to each field of a form by Tab, and types these words.
    pub async fn fill(&self, fields: &[(&str, &str)]) {
        for (field, words) in fields {
            self.tab_to(field).await;
            self.type_in(words).await;
        }
    }

    /// Goes to a link or a button by Tab, and presses Enter.
    pub async fn follow(&self, selector: &str) {
        self.tab_to(selector).await;
        self.enter().await;
    }

    /// Waits until the board on the page flows.
    pub async fn wait_until_live(&self) {
        self.wait_until("document.documentElement.dataset.connection === 'live'").await;
    }

    /// Keeps a picture as `target/browser/NAME.png`.
    pub async fn picture(&self, name: &str) {
        let png = self.client.screenshot().await.expect("Chromium draws the page");
        let folder = pictures();
        fs::create_dir_all(&folder).expect("target is ours");
        fs::write(folder.join(format!("{name}.png")), png).expect("a picture can be written");
    }

    /// What Chromium complained of since it was last asked: errors, and what a policy stopped.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.client.issue_cmd(Log).await.expect("chromedriver keeps the console's log");
        let entries = log.as_array().cloned().unwrap_or_default();
        let serious = entries.iter().filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING");
        serious.map(|entry| entry["message"].to_string()).collect()
    }

    /// Ends it.
    pub async fn close(self) {
        self.client.close().await.expect("Chromium ends when it is told to");
    }
}

/// The console's log, which is chromedriver's own and no part of the standard.
#[derive(Debug)]
struct Log;

impl WebDriverCompatibleCommand for Log {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}

fn pictures() -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    test.ancestors().nth(3).expect("a test lies in target/PROFILE/deps").join("browser")
}
