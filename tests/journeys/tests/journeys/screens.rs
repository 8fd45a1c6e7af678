//! Screens join by a person's hand, or by a link that a person made.

use std::time::Duration;

use journeys::{
    picture::Pixels,
    process::wait_for,
    server::{Server, is_owner_only},
    stick::Stick,
};

#[test]
fn two_screens_show_two_boards_and_the_data_folder_stays_private() {
    let server = Server::with_demo_desk();
    let admin = server.admin();
    let (lobby, office) = (Stick::plugged_in(&server.url("")), Stick::plugged_in(&server.url("")));
    lobby.pair(&admin, "Lobby", "overview");
    office.pair(&admin, "Office", "queue");
    lobby.wait_for_words("Latest", Duration::from_secs(30));
    office.wait_for_words("Oldest open", Duration::from_secs(30));
    for stick in [&lobby, &office] {
        assert!(stick.wall().iter().any(|text| text == "Demo data"), "{:?}", stick.wall());
        let mark = stick.place("Demo data").expect("it was just seen");
        stick.wait_for_pixels("letters", mark, Duration::from_secs(5), Pixels::are_written_on);
    }
    assert!(is_owner_only(&server.data()), "others may read {}", server.data().display());
}

#[test]
fn a_screen_with_an_access_link_needs_nobody_and_goes_dark_when_the_link_is_revoked() {
    let server = Server::with_demo_desk();
    let admin = server.admin();
    let link = admin.access_link(&server.url(""), "queue", 1);
    let stick = Stick::with_setup(&format!("access_link = \"{link}\"\n"));
    stick.wait_for_words("Oldest open", Duration::from_secs(30));
    let key = link.split(['#', '.']).rev().nth(1).expect("a link has a key and an anchor hash");
    assert!(key.len() > 20 && !stick.setup().contains(key), "the key is still in {}", stick.setup());

    admin.revoke_link("Without a person");
    stick.wait_for_words("was removed", Duration::from_secs(5));
    assert!(!server.output().contains(key), "the key is in the log");
}

#[test]
fn a_copied_card_is_noticed_and_both_walls_say_so_until_the_screen_is_removed() {
    let server = Server::with_demo_desk();
    let admin = server.admin();
    let mut lobby = Stick::plugged_in(&server.url(""));
    lobby.pair(&admin, "Lobby", "overview");
    lobby.wait_for_words("Latest", Duration::from_secs(30));
    let mut copy = lobby.copied();
    copy.wait_for_words("Latest", Duration::from_secs(30));
    copy.replace_key();
    copy.wait_for_words("Latest", Duration::from_secs(30));

    lobby.agent.kill();
    lobby.restart_agent();
    for stick in [&lobby, &copy] {
        stick.wait_for_words("This screen is suspended.", Duration::from_secs(30));
        assert!(stick.tells("Two devices use its identity") && !stick.tells("Latest"), "{:?}", stick.wall());
    }
    admin.remove_screen("Lobby");
    lobby.wait_for_words("was removed", Duration::from_secs(30));
    copy.wait_for_words("was removed", Duration::from_secs(30));
}

#[test]
fn nothing_is_left_running_when_the_server_is_stopped_or_killed() {
    let mut server = Server::with_demo_desk();
    let socket = server.data().join("run/broker.sock");
    assert!(socket.exists(), "the Broker listens at {}", socket.display());
    server.stop();
    assert!(std::os::unix::net::UnixStream::connect(&socket).is_err(), "a Broker outlived a stopped server");

    server.start();
    server.kill();
    let ended = journeys::process::wait_for(Duration::from_secs(10), "the Broker's end", || {
        std::os::unix::net::UnixStream::connect(&socket).is_err().then_some(())
    });
    assert!(ended.is_some(), "a Broker outlived a killed server");
}

#[test]
fn an_administrator_asks_which_screen_it_is_and_shows_a_message_and_the_page_says_that_it_was_done() {
    let mut server = Server::with_demo_desk();
    let admin = server.admin();
    let (lobby, office) = (Stick::plugged_in(&server.url("")), Stick::plugged_in(&server.url("")));
    lobby.pair(&admin, "Lobby", "overview");
    lobby.wait_for_words("Latest", Duration::from_secs(30));
    let says = |order: &str, outcome: &str| {
        let is_said = |line: &str| line.contains(order) && line.contains(outcome);
        let seen = || admin.screen_page().lines().any(is_said).then_some(());
        wait_for(Duration::from_secs(10), outcome, seen)
            .unwrap_or_else(|| panic!("{order:?} is never {outcome:?}: {}", admin.screen_page()));
    };

    admin.tell_screen("Lobby", &[("command", "identify")]);
    lobby.wait_for_words("Which screen is this?", Duration::from_secs(5));
    assert!(lobby.tells("Lobby") && !lobby.tells("Latest"), "{:?}", lobby.wall());
    says("<dd>Identify", ": done");
    lobby.wait_for_words("Latest", Duration::from_secs(30));

    let message = [("command", "message"), ("text", "Fire drill at three."), ("minutes", "1")];
    admin.tell_screen("Lobby", &message);
    lobby.wait_for_words("Fire drill at three.", Duration::from_secs(5));
    let place = lobby.place("Fire drill at three.").expect("it was just seen");
    lobby.wait_for_pixels("letters", place, Duration::from_secs(5), Pixels::are_written_on);
    says("Fire drill at three.", ": done");

    // A computer that is nobody's appliance is not restarted, and takes no updates.
    admin.tell_screen("Lobby", &[("command", "reboot")]);
    says("<dd>Restart", ": refused: this computer is not its agent");
    admin.tell_screen("Lobby", &[("command", "update_now")]);
    says("<dd>Update now", ": refused: this screen takes no updates");

    // What is given while the server restarts comes as soon as it is back; another screen hears nothing of it.
    office.pair(&admin, "Office", "overview");
    office.wait_for_words("Latest", Duration::from_secs(30));
    lobby.wait_for_no_words("Fire drill at three.", Duration::from_secs(90));
    server.kill();
    server.start();
    admin.tell_screen("Office", &[("command", "identify")]);
    office.wait_for_words("Which screen is this?", Duration::from_secs(60));
    assert!(!lobby.tells("Which screen"), "{:?}", lobby.wall());
}
