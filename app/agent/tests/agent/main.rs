//! The agent against a server, over real TLS: with an honest network, and with somebody in between.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub, reason = "a test may fail loudly")]
#![allow(clippy::disallowed_methods, reason = "who is in between leads on to a server of the test")]

mod between;
mod commands;
mod search;
mod site;
mod stick;

use std::fs;

use between::{Proxy, http_proxy};
use device::fleet::UpdateState;
use device::{Check, State};
use jiff::{SignedDuration, Timestamp};
use pairing::server::{Failure, Stage};
use site::{Authority, Site, until};
use stick::Stick;

#[tokio::test]
async fn a_stick_pairs_over_tls_goes_live_and_is_removed() {
    let site = Site::start(&Authority::new(), 2020, 2099, None).await;
    let stick = Stick::start(&site.url(), "");
    let shown = stick.code().await;
    assert!(shown.qr.starts_with(&site.url()), "nexus.toml names the address: {}", shown.qr);
    let attempt = site.types(&shown.code);
    let Stage::Compare(digits) = until(|| site.settled(attempt)).await else { panic!("no digits to compare") };
    let confirm = stick.until(|state| match state {
        State::Pairing(pairing) => pairing.confirm,
        _ => None,
    });
    assert_eq!(confirm.await, digits.to_string());
    site.approve(attempt);
    let live = stick.live().await;
    assert_eq!((live.board.as_str(), live.access_token.as_str()), ("support", "redacted"));
    assert_eq!(live.trust, device::Trust::Anchor(site.anchor.clone()));
    assert!(live.clock_offset.abs() <= 3, "the machine's clock is right: {}", live.clock_offset);

    site.forget_devices();
    stick.refused().await;
    assert!(!stick.folder().join("pairing.json").exists());
}

#[tokio::test]
async fn a_restarted_stick_is_live_again_without_a_code() {
    let site = Site::start(&Authority::new(), 2020, 2099, None).await;
    let stick = Stick::start(&site.url(), "");
    site.pair(&stick).await;
    let stick = stick.restart(&site.url(), "").await;
    let first = stick.until(|state| (!matches!(state, State::Starting(_))).then_some(state)).await;
    assert!(matches!(first, State::Live(_)), "{first:?}");
}

#[tokio::test]
async fn a_device_without_slots_reports_that_it_takes_no_updates() {
    let site = Site::start(&Authority::new(), 2020, 2099, None).await;
    let stick = Stick::start(&site.url(), "");
    site.pair(&stick).await;
    let health = until(|| site.reported()).await;
    assert_eq!((health.update, health.slot, health.compatible), (UpdateState::Unavailable, None, None));
}

#[tokio::test]
async fn a_tls_terminating_proxy_with_its_own_certificate_fails_pairing() {
    let site = Site::start(&Authority::new(), 2020, 2099, None).await;
    let proxy = Proxy::start(&Authority::new(), &site).await;
    let stick = Stick::start(&proxy.url(), "");
    // Before pairing he can read and pass on everything, so the code comes up all the same.
    let shown = stick.code().await;
    let attempt = site.types(&shown.code);
    assert_eq!(until(|| site.settled(attempt)).await, Stage::Failed(Failure::Untrusted));
    let detail = stick.until(|state| match state {
        State::Problem { headline, detail, .. } => Some((headline, detail)),
        _ => None,
    });
    let (headline, detail) = detail.await;
    assert_eq!(headline, "This connection is not the server's own");
    assert!(detail.join(" ").contains("its certificate comes from another authority"), "{detail:?}");
    assert_eq!(site.devices(), 0);
    assert!(!stick.folder().join("pairing.json").exists());
}

#[tokio::test]
async fn a_proxy_that_shows_the_servers_certificate_without_its_key_hears_nothing() {
    let authority = Authority::new();
    let site = Site::start(&authority, 2020, 2099, None).await;
    let proxy = Proxy::with_stolen_certificate(&site).await;
    let stick = Stick::start(&proxy.url(), "");
    stick
        .until(|state| matches!(state, State::Starting(startup) if startup.server == Check::Failed).then_some(()))
        .await;
    assert_eq!(site.opened(), 0, "no request came through");
}

#[tokio::test]
async fn an_authority_in_nexus_toml_keeps_the_proxy_out_even_before_pairing() {
    let authority = Authority::new();
    let site = Site::start(&authority, 2020, 2099, None).await;
    let proxy = Proxy::start(&Authority::new(), &site).await;
    let trust = format!("[trust]\nca = \"\"\"\n{}\"\"\"\n", authority.pem);
    let stick = Stick::start(&proxy.url(), &trust);
    let problem = stick.until(|state| match state {
        State::Problem { headline, remedy, .. } => Some((headline, remedy)),
        _ => None,
    });
    let (headline, remedy) = problem.await;
    assert_eq!(headline, "nexus.toml trusts another server than this one");
    assert!(remedy.contains("under [trust] in nexus.toml"), "{remedy}");
    assert_eq!(site.opened(), 0);
    let honest = Stick::start(&site.url(), &trust);
    honest.code().await;
}

#[tokio::test]
async fn after_pairing_a_proxy_in_the_servers_place_is_refused_before_it_hears_anything() {
    let site = Site::start(&Authority::new(), 2020, 2099, None).await;
    let relay = Proxy::passing_through(&site).await;
    let stick = Stick::start(&relay.url(), "");
    site.pair(&stick).await;
    let port = relay.stop().await;
    let proxy = Proxy::start_at(port, &Authority::new(), &site).await;
    let nonces = site.nonces_given();
    let stick = stick.restart(&proxy.url(), "").await;
    let headline = stick.until(|state| match state {
        State::Problem { headline, .. } => Some(headline),
        _ => None,
    });
    assert_eq!(headline.await, "This is not the server that this screen was paired with");
    assert_eq!(site.nonces_given(), nonces);
}

#[tokio::test]
async fn a_clock_that_is_years_behind_is_set_by_the_paired_server() {
    let date = "2131-05-01T12:00:00Z".parse().unwrap();
    let site = Site::start(&Authority::new(), 2130, 2135, Some(date)).await;
    let stick = Stick::start(&site.url(), "");
    site.pair(&stick).await;
    let offset = stick.live().await.clock_offset;
    let expected = date.duration_since(jiff::Timestamp::now()).as_secs();
    assert!((offset - expected).abs() < 120, "{offset} instead of {expected}");
    // An authority in nexus.toml does not get in the way of that.
    let trust = format!("[trust]\nca = \"\"\"\n{}\"\"\"\n", site.anchor);
    Stick::start(&site.url(), &trust).code().await;
    // And again after a restart, when the stick must ask for the time before it can verify anything.
    let stick = stick.restart(&site.url(), "").await;
    assert!((stick.live().await.clock_offset - expected).abs() < 120);
}

#[tokio::test]
async fn a_mistake_in_the_set_up_is_shown_with_its_line_and_mended_without_a_restart() {
    let site = Site::start(&Authority::new(), 2020, 2099, None).await;
    let stick = Stick::start(&site.url(), "rotation = 45\n");
    let detail = stick.until(|state| match state {
        State::Problem { headline, detail, .. } if headline.contains("nexus.toml") => Some(detail),
        _ => None,
    });
    assert_eq!(detail.await, ["line 2: rotation = 45: only 0, 90, 180 and 270"]);
    stick.write(&site.url(), "rotation = 90\n");
    stick.code().await;
    stick.write("", "");
    stick
        .until(|state| {
            matches!(state, State::Problem { headline, .. } if headline.starts_with("No Nexus")).then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_set_up_partition_that_cannot_be_read_is_told_to_whoever_wrote_it() {
    let stick = Stick::without_set_up();
    let problem = stick.until(|state| match state {
        State::Problem { headline, detail, remedy } => Some((headline, detail.join(" "), remedy)),
        _ => None,
    });
    let (headline, detail, remedy) = problem.await;
    assert_eq!(headline, "The partition NEXUS-SETUP cannot be read");
    assert!(detail.contains("nexus.toml") && remedy.contains("write the image"), "{detail} {remedy}");
}

#[tokio::test]
async fn a_damaged_state_file_is_shown_and_kept_and_all_goes_on_once_it_is_mended() {
    let site = Site::start(&Authority::new(), 2020, 2099, None).await;
    let stick = Stick::start(&site.url(), "");
    site.pair(&stick).await;
    let file = stick.folder().join("pairing.json");
    let good = fs::read(&file).unwrap();
    fs::write(&file, &good[..good.len() / 2]).unwrap();
    let stick = stick.restart(&site.url(), "").await;
    let (detail, remedy) = stick
        .until(|state| match state {
            State::Problem { headline, detail, remedy } if headline.contains("damaged") => Some((detail, remedy)),
            _ => None,
        })
        .await;
    assert!(detail[0].contains("pairing.json") && remedy.contains("forget = true"), "{detail:?} {remedy}");
    assert_eq!(fs::read(&file).unwrap(), good[..good.len() / 2]);
    fs::write(&file, &good).unwrap();
    stick.live().await;
}

#[tokio::test]
async fn a_damaged_state_file_is_put_aside_and_the_stick_pairs_anew_once_its_set_up_says_so() {
    let site = Site::start(&Authority::new(), 2020, 2099, None).await;
    let stick = Stick::start(&site.url(), "");
    site.pair(&stick).await;
    for name in ["pairing.json", "device-key.json", "machine.key", "taken-over.json"] {
        fs::write(stick.folder().join(name), "{").unwrap();
        let stopped =
            |state| matches!(state, State::Problem { headline, .. } if headline.contains("damaged")).then_some(());
        stick.write(&site.url(), "rotation = 180\n");
        stick.until(stopped).await;
        stick.write(
            &site.url(),
            "forget = true # the card was worn\n[wifi]\nssid = \"Office\"\nkey = \"correct horse\"\n",
        );
        site.pair(&stick).await;
        assert!(stick.setup().contains("\nforget = false # the card was worn\n"), "{}", stick.setup());
    }
    let kept = fs::read_dir(stick.folder()).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().ends_with(".old")
    });
    assert!(kept.count() > 4, "what was put aside is kept");
}

#[tokio::test]
async fn a_paired_stick_pairs_anew_each_time_that_its_set_up_says_so_and_not_at_its_next_start() {
    let site = Site::start(&Authority::new(), 2020, 2099, None).await;
    let stick = Stick::start(&site.url(), "");
    site.pair(&stick).await;
    for devices in [2, 3] {
        stick.write(&site.url(), "forget = true\n");
        site.pair(&stick).await;
        assert_eq!(site.devices(), devices, "with another key");
    }
    let stick = stick.restart(&site.url(), "forget = false\n").await;
    stick.live().await;
    assert_eq!(site.devices(), 3);
}

#[tokio::test]
async fn a_paired_stick_that_is_given_a_new_link_pairs_anew_by_it() {
    let site = Site::start(&Authority::new(), 2020, 2099, None).await;
    let stick = Stick::start(&site.url(), "");
    site.pair(&stick).await;
    let link = site.link_at(&site.url());
    stick.write("", &format!("access_link = \"{link}\"\n"));
    until(|| (site.posted() == 1).then_some(())).await;
    stick.live().await;
    assert_eq!(site.devices(), 2);
    // The same link again is no news.
    let stick = stick.restart("", &format!("access_link = \"{link}\"\n")).await;
    stick.live().await;
    assert_eq!((site.posted(), site.devices()), (1, 2));
}

#[tokio::test]
async fn a_server_that_is_not_there_yet_is_waited_for() {
    let authority = Authority::new();
    let site = Site::start(&authority, 2020, 2099, None).await;
    let relay = Proxy::passing_through(&site).await;
    let url = relay.url();
    let port = relay.stop().await;
    let stick = Stick::start(&url, "");
    stick
        .until(|state| matches!(state, State::Starting(startup) if startup.server == Check::Failed).then_some(()))
        .await;
    let _relay = Proxy::passing_through_at(port, &site).await;
    stick.code().await;
}

#[tokio::test]
async fn a_stick_with_a_link_goes_live_without_a_person_and_keeps_no_secret_in_its_set_up() {
    let site = Site::start(&Authority::new(), 2020, 2099, None).await;
    let link = site.link_at(&site.url());
    let key = link.split(['#', '.']).rev().nth(1).unwrap().to_owned();
    let wifi = "\n[wifi] # upstairs\nssid = \"Office\"\nkey = \"correct horse\"\n";
    let stick = Stick::start("", &format!("# the lobby\naccess_link = \"{link}\"\nhostname = \"lobby\"\n{wifi}"));
    assert_eq!(stick.live().await.screen, "Support");
    assert_eq!((site.posted(), site.devices(), site.opened()), (1, 1, 0));

    let text = stick.setup();
    assert!(text.starts_with("# the lobby\n") && text.contains("[wifi] # upstairs"), "{text}");
    assert!(!text.contains(&key) && !text.contains("correct horse"), "{text}");
    let keyfile = stick.machine("system-connections/nexus-wifi.nmconnection");
    assert!(fs::read_to_string(&keyfile).unwrap().contains("psk=correct horse\n"));
    assert_eq!(fs::read_to_string(stick.machine("hostname")).unwrap(), "lobby\n");
    let stored = stick.folder().join("taken-over.json");
    assert!(!fs::read_to_string(&stored).unwrap().contains(&key), "a key that was used is kept nowhere");

    // Without the set-up partition for a start, it forgets no key that was erased there.
    let stick = stick.restart("", "").await;
    stick.live().await;
    let stick = stick.restart("", &text).await;
    stick.live().await;
    assert!(fs::read_to_string(keyfile).unwrap().contains("psk=correct horse\n"));
    // Removed, it shows a code, even where somebody put the used link back.
    site.forget_devices();
    fs::remove_file(stick.folder().join("pairing.json")).unwrap();
    let stick = stick.restart("", &format!("access_link = \"{link}\"\n")).await;
    stick.code().await;
    assert_eq!(site.posted(), 1);
}

#[tokio::test]
async fn a_time_that_ntp_has_set_is_the_last_known_good_time() {
    let stick = Stick::start("", "");
    let synchronized = stick.folder().with_file_name("time-synchronized");
    until(|| stick.folder().exists().then_some(())).await;
    assert!(!stick.folder().join("clock").exists(), "nobody has set it yet");
    fs::write(synchronized, "").unwrap();
    let known = until(|| fs::read_to_string(stick.folder().join("clock")).ok()).await;
    let known: Timestamp = known.parse().unwrap();
    assert!(Timestamp::now().duration_since(known).abs() < SignedDuration::from_mins(1), "{known}");
}

#[tokio::test]
async fn a_proxy_with_its_own_certificate_never_gets_the_key_of_a_link() {
    let site = Site::start(&Authority::new(), 2020, 2099, None).await;
    let proxy = Proxy::start(&Authority::new(), &site).await;
    let link = site.link_at(&proxy.url());
    // He passes on the true anchor, which everybody may have; only the connection is his.
    let stick = Stick::start("", &format!("access_link = \"{link}\"\n"));
    let headline = stick.until(|state| match state {
        State::Problem { headline, .. } => Some(headline),
        _ => None,
    });
    assert_eq!(headline.await, "This connection is not the server's own");
    assert_eq!((site.posted(), site.nonces_given(), site.devices()), (0, 0, 0));
}

#[tokio::test]
async fn a_link_that_was_used_up_is_said_in_words() {
    let site = Site::start(&Authority::new(), 2020, 2099, None).await;
    let link = format!("access_link = \"{}\"\n", site.link_at(&site.url()));
    Stick::start("", &link).live().await;
    let late = Stick::start("", &link);
    let headline = late.until(|state| match state {
        State::Problem { headline, .. } => Some(headline),
        _ => None,
    });
    assert_eq!(headline.await, "This screen\u{2019}s access link has been used up");
}

#[tokio::test]
async fn a_proxy_in_the_set_up_is_gone_through_and_verified_through() {
    let site = Site::start(&Authority::new(), 2020, 2099, None).await;
    let proxy = http_proxy(&site).await;
    // Nobody listens there; only the proxy leads anywhere.
    let stick = Stick::start("https://127.0.0.1:1/", &format!("proxy = \"http://{proxy}\"\n"));
    site.pair(&stick).await;
    let live = stick.live().await;
    assert_eq!(live.trust, device::Trust::Anchor(site.anchor.clone()));
    assert_eq!(live.proxy, Some(format!("http://{proxy}/").parse().unwrap()), "the TV goes the same way");
}

#[tokio::test]
async fn a_key_that_is_a_month_old_is_replaced_and_holds_after_a_restart() {
    let site = Site::start(&Authority::new(), 2020, 2099, None).await;
    let stick = Stick::start(&site.url(), "");
    site.pair(&stick).await;
    let first = *site.keys().present();
    let stick = stick.a_month_later(&site.url()).await;
    until(|| (site.keys().generation() == 1).then_some(())).await;
    stick.live().await;
    assert_ne!(*site.keys().present(), first);
    let stick = stick.restart(&site.url(), "").await;
    stick.live().await;
    assert_eq!(site.keys().generation(), 1);
}

#[tokio::test]
async fn a_copied_card_is_noticed_and_both_screens_say_so_until_they_are_removed() {
    let site = Site::start(&Authority::new(), 2020, 2099, None).await;
    let stick = Stick::start(&site.url(), "");
    site.pair(&stick).await;
    until(|| stick.folder().join("rotation.json").exists().then_some(())).await;
    let copy = stick.copied(&site.url());
    copy.live().await;
    // So far nobody can tell the two apart; now one of them replaces its key.
    let copy = copy.a_month_later(&site.url()).await;
    until(|| (site.keys().generation() == 1).then_some(())).await;
    copy.live().await;

    let stick = stick.restart(&site.url(), "").await;
    let words = stick.suspended().await;
    assert!(words.contains("Two devices use its identity") && words.contains("\u{201c}Support\u{201d}"), "{words}");
    let copy = copy.restart(&site.url(), "").await;
    copy.suspended().await;

    site.forget_devices();
    for stick in [stick, copy] {
        stick.until(|state| matches!(state, State::Removed { .. }).then_some(())).await;
        assert!(!stick.folder().join("rotation.json").exists());
        stick.restart(&site.url(), "").await.code().await;
    }
}
