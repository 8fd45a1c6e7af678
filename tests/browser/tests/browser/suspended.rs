//! What an administrator reads of a screen that two devices claim.

use browser::{
    axe,
    chromium::{Browser, DESKTOP, PHONE},
};
use journeys::{server::Server, stick::Stick};

const PASSWORD: &str = "correct horse battery staple";

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_screen_says_what_happened_and_what_to_do() {
    let (server, sticks) = tokio::task::spawn_blocking(|| {
        let server = Server::with_demo_desk();
        let admin = server.admin();
        let (mut lobby, office) = (Stick::plugged_in(&server.url("")), Stick::plugged_in(&server.url("")));
        lobby.pair(&admin, "Lobby", "overview");
        office.pair(&admin, "Office", "queue");
        lobby.wait_for_words("Latest", std::time::Duration::from_secs(30));
        let mut copy = lobby.copied();
        copy.wait_for_words("Latest", std::time::Duration::from_secs(30));
        copy.replace_key();
        lobby.agent.kill();
        lobby.restart_agent();
        lobby.wait_for_words("suspended", std::time::Duration::from_secs(30));
        (server, [lobby, office, copy])
    })
    .await
    .unwrap();

    for (screen, kind) in [(DESKTOP, "desktop"), (PHONE, "phone")] {
        let browser = Browser::open(screen).await;
        browser.go(&server.url("/admin/sign-in")).await;
        browser.fill(&[("#password", PASSWORD)]).await;
        browser.follow("button").await;
        assert!(browser.text("main").await.contains("Suspended: two devices use its identity"));
        let page = format!("suspended-list-{kind}");
        browser.picture(&page).await;
        axe::check(&browser, &page).await;

        browser.follow(".screens .state + p a").await;
        assert!(browser.text("#suspended").await.contains("two devices use this screen’s identity"));
        let page = format!("suspended-screen-{kind}");
        browser.picture(&page).await;
        axe::check(&browser, &page).await;
        assert_eq!(browser.complaints().await, Vec::<String>::new(), "{page}");

        browser.follow(".suspended a").await;
        assert_eq!(browser.text("h1").await, "Remove Lobby?");
        browser.go(&server.url("/admin/alerts")).await;
        assert!(browser.text("main").await.contains("The screen “Lobby” is suspended"));
        browser.picture(&format!("suspended-alert-{kind}")).await;
        axe::check(&browser, "the alert about a suspended screen").await;
        browser.close().await;
    }
    tokio::task::spawn_blocking(move || drop((server, sticks))).await.unwrap();
}
