//! An administrator's first minutes, with nothing but a keyboard.

use browser::{
    chromium::{Browser, DESKTOP},
    page,
};
use journeys::{server::Server, stick::Stick};

const PASSWORD: &str = "correct horse battery staple";

async fn seen(browser: &Browser, page: &str) {
    page::readable(browser, page).await;
    assert_eq!(browser.complaints().await, Vec::<String>::new(), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_setup_code_to_a_screen_on_the_wall_by_keyboard() {
    let (server, setup_code, stick) = tokio::task::spawn_blocking(|| {
        let server = Server::with_demo_desk();
        let (setup_code, stick) = (server.setup_code(), Stick::plugged_in(&server.url("")));
        (server, setup_code, stick)
    })
    .await
    .unwrap();
    let browser = Browser::open(DESKTOP).await;

    browser.go(&server.url("/")).await;
    seen(&browser, "set-up").await;
    browser.fill(&[("#setup_code", &setup_code), ("#password", PASSWORD), ("#password_again", PASSWORD)]).await;
    browser.follow("button").await;
    assert_eq!(browser.text("h1").await, "No screens yet");
    seen(&browser, "no-screens").await;

    browser.follow("main a.button").await;
    seen(&browser, "add-screen").await;
    let (code, stick) = tokio::task::spawn_blocking(move || (stick.code(), stick)).await.unwrap();
    browser.fill(&[("#code", &code), ("#name", "Reception")]).await;
    browser.follow("main button").await;
    let (digits, stick) = tokio::task::spawn_blocking(move || (stick.digits(), stick)).await.unwrap();
    assert_eq!(browser.text(".digits").await, digits, "the page and the wall show the same two digits");
    seen(&browser, "compare-digits").await;
    browser.follow("button[value=same]").await;
    assert_eq!(browser.text(".screens h2").await, "Reception");
    seen(&browser, "screens").await;

    for (path, name) in [
        ("/admin/screens/links", "no-links"),
        ("/admin/screens/links/add", "add-link"),
        ("/admin/nowhere", "no-such-page"),
    ] {
        browser.go(&server.url(path)).await;
        page::readable(&browser, name).await;
        // A page that is not there is an error to Chromium too.
        browser.complaints().await;
    }
    for (selector, page) in [(".screens h2 a", "change-screen"), (".screens .actions a:last-child", "remove-screen")] {
        browser.go(&server.url("/admin/screens")).await;
        browser.follow(selector).await;
        seen(&browser, page).await;
    }
    browser.go(&server.url("/admin/settings/boards/overview/remove")).await;
    assert!(browser.text("main").await.contains("One screen shows it now: Reception."));
    seen(&browser, "remove-board-of-a-screen").await;
    browser.close().await;
    tokio::task::spawn_blocking(move || drop((server, stick))).await.unwrap();
}
