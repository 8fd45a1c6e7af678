//! An administrator who sets a new server up with nothing but a keyboard.

use browser::chromium::Browser;
use journeys::server::Server;

pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// Signs in for the first time, with the setup code; the page before is left as it was for whoever looks at it.
pub(crate) async fn set_up(browser: &Browser, server: &Server) {
    let setup_code = tokio::task::block_in_place(|| server.setup_code());
    browser.go(&server.url("/")).await;
    browser.fill(&[("#setup_code", &setup_code), ("#password", PASSWORD), ("#password_again", PASSWORD)]).await;
    browser.follow("button").await;
}
