#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use proptest::prelude::*;

use super::*;

const LINK: &str = "https://nexus.test:8443/s/iaQbpAehBmYm#Jf1U9FZHOKdD16GV2HIy4sT1n_8OtqPCxVqTeBU11us.GrzjglpLcJ3gig_m78blguf9K4jIdm2jPW4fCY1Lups";

fn mistake(text: &str) -> String {
    Config::read(text).unwrap_err().to_string()
}

fn whole() -> String {
    let pem = rcgen::generate_simple_self_signed(["nexus.test".to_owned()]).unwrap().cert.pem();
    format!(
        "# The lobby, ground floor\nserver = \"https://nexus.test:8443\"\naccess_link = \"{LINK}\" # from Monday\n\
         rotation = 90\nreduce_motion = true\nhostname = \"lobby-tv\"\ntime_zone = \"Europe/Berlin\"\nntp = [\"ntp.example.com\", \
         \"192.0.2.123\"]\nproxy = \"http://proxy.example.com:3128\"\n\n[trust]\nca = \"\"\"\n{pem}\"\"\"\n\n\
         [wifi]\nssid = \"Büro 2\"\nkey = 'correct \"horse'   # ask Ada\nsecurity = \"wpa3\"\ncountry = \"DE\"\n\
         hidden = true\n\n[network]\naddress = \"192.0.2.10/24\"\ngateway = \"192.0.2.1\"\ndns = [\"192.0.2.1\", \
         \"2001:db8::1\"]\n"
    )
}

#[test]
fn a_whole_file_is_read() {
    let config = Config::read(&whole()).unwrap();
    assert_eq!(config.server.as_ref().unwrap().as_str(), "https://nexus.test:8443/");
    let place = Place { turned: 90, time_zone: Some("Europe/Berlin".into()), reduce_motion: true };
    assert_eq!(config.place, place);
    assert_eq!(config.proxy.unwrap().as_str(), "http://proxy.example.com:3128/");
    assert!(config.ca.unwrap().contains("BEGIN CERTIFICATE"));
    let link = config.link.unwrap();
    assert_eq!(*link.address.with(&link.key.unwrap()), LINK);

    let Machine { hostname, ntp, wifi, address } = config.machine;
    assert_eq!(hostname.as_deref(), Some("lobby-tv"));
    assert_eq!(ntp, ["ntp.example.com", "192.0.2.123"]);
    let wifi = wifi.unwrap();
    assert_eq!((wifi.ssid.as_str(), wifi.security, wifi.hidden), ("Büro 2", Security::Wpa3, true));
    assert!(matches!(&wifi.key, Key::Written(key) if key.expose() == "correct \"horse"));
    assert_eq!(wifi.country.as_deref(), Some("DE"));
    assert_eq!(address.own.unwrap().to_string(), "192.0.2.10/24");
    assert_eq!((address.gateway.unwrap().to_string(), address.dns.len()), ("192.0.2.1".to_owned(), 2));
}

#[test]
fn of_many_mistakes_the_first_is_told() {
    assert!(mistake("rotation = 90\n\nserver = \"https://nexus\nproxy").starts_with("line 3: "));
    assert!(mistake("server\nproxy\nntp\n").starts_with("line 1: "));
    let not_ended = mistake("rotation = 90\n\n[trust]\nca = \"\"\"\nBEGIN\nEND\n\n");
    assert!(not_ended.starts_with("line 4: "), "{not_ended}");
}

#[test]
fn how_the_display_hangs_is_known_also_where_the_rest_has_a_mistake() {
    let hangs = |text: &str| place(text.as_bytes()).turned;
    assert_eq!(hangs("\u{feff}rotation = 270\r\n"), 270);
    assert_eq!(hangs("server = 5\nrotation = 90\ncolour = \"red\"\n"), 90);
    assert_eq!(hangs("rotation = 90\n\nserver = \"https://nexus\nproxy"), 90, "what stands above what is no TOML");
    assert_eq!(hangs("rotation = 90\n[trust]\nca = \"\"\"\nBEGIN\nEND\n"), 90);
    assert_eq!(hangs("server = \"https://nexus\nrotation = 90\n"), 0);
    assert_eq!(hangs("rotation = 45\nreduce_motion = true\n"), 0);
    assert!(place(b"rotation = 45\nreduce_motion = true\n").reduce_motion);
    assert_eq!(place(b"rotation = 180\nhostname = \"B\xfcro\"\n").turned, 180, "another encoding");
}

#[test]
fn what_is_left_out_is_left_as_it_is() {
    assert_eq!(Config::read("").unwrap(), Config::default());
    assert_eq!(Config::read("\u{feff}rotation = 0\r\n").unwrap(), Config::default());
    let open = Config::read("[wifi]\nssid = \"Guests\"").unwrap().machine.wifi.unwrap();
    assert_eq!((open.key, open.hidden, open.country), (Key::None, false, None));
    let router = Config::read("[network]\naddress = \"2001:db8::5/64\"\ngateway = \"fe80::1\"").unwrap();
    assert_eq!(router.machine.address.gateway.unwrap().to_string(), "fe80::1");
    let by_link = Config::read(&format!("access_link = \"{LINK}\"")).unwrap();
    assert_eq!(by_link.server.unwrap().as_str(), "https://nexus.test:8443/", "the link names the server");
}

#[test]
fn a_mistake_is_told_with_its_line_and_what_would_be_right() {
    assert_eq!(mistake("\nserver = \"http://nexus\""), "line 2: server = \"http://nexus\" must begin with https://");
    assert_eq!(
        mistake("server = \"https://nexus/admin\""),
        "line 1: server = \"https://nexus/admin\" must end after the host name and port"
    );
    assert_eq!(mistake("\n\nrotation = 45"), "line 3: rotation = 45: only 0, 90, 180 and 270");
    for (text, begins) in [
        ("rotation = 0\nserver = \"https://u:p@nexus\"\n", "line 2: server must not contain a user name"),
        ("server = \"nexus\"", "line 1: server = \"nexus\" is no address"),
        ("# set-up\nserver = https://nexus\n", "line 2: "),
        ("serve = \"https://nexus\"", "line 1: there is no setting \u{201c}serve\u{201d}; there are server,"),
        ("server = 7", "line 1: server is a text: put it between quotation marks"),
        ("rotation = \"90\"", "line 1: rotation is a whole number"),
        ("forget = \"yes\"", "line 1: forget is either true or false"),
        ("reduce_motion = \"yes\"", "line 1: reduce_motion is either true or false, without quotation marks"),
        ("wifi = \"Office\"", "line 1: wifi is a table: write [wifi] on a line of its own"),
        ("access_link = \"https://nexus.test/s/iaQbpAehBmYm\"", "line 1: access_link: the part of the access link"),
        ("access_link = \"nexus\"", "line 1: access_link: it is no access link; one looks like https://"),
        ("[trust]\nca = \"no\"", "line 2: ca holds no certificate"),
        (
            "[trust]\nca = \"\"\"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n\"\"\"",
            "line 2: ca cannot",
        ),
        ("[trust]\n\nCA = \"\"", "line 3: there is no setting \u{201c}CA\u{201d} in [trust]; there are ca"),
        ("hostname = \"lobby tv\"", "line 1: hostname = \"lobby tv\": 1 to 63 letters"),
        ("time_zone = \"Mars/Olympus\"", "line 1: time_zone = \"Mars/Olympus\" is none"),
        ("ntp = \"ntp.example.com\"", "line 1: ntp is a list of texts"),
        ("ntp = [\n\"good.example\",\n\"not good\"]", "line 3: ntp: \"not good\" is no host name"),
        ("proxy = \"https://proxy\"", "line 1: proxy must begin with http://"),
        ("proxy = \"http://u:p@proxy\"", "line 1: proxy must not contain a user name"),
        ("proxy = \"http://proxy/path\"", "line 1: proxy is a host name and a port"),
        ("\n[wifi]\nkey = \"12345678\"", "line 2: [wifi] needs an ssid"),
        ("[wifi]\nssid = \"\"", "line 2: ssid is the name of the network"),
        ("[wifi]\nssid = \"a\"\nkey = \"short\"", "line 3: key must have 8 to 63 characters"),
        ("[wifi]\nssid = \"a\"\nkey = \"schlüssel\"", "line 3: key may only have letters"),
        ("[wifi]\nssid = \"a\"\nsecurity = \"wpa2\"", "line 3: security needs a key"),
        ("[wifi]\nssid = \"a\"\nkey = \"12345678\"\nsecurity = \"wep\"", "line 4: security = \"wep\": only wpa2 and"),
        ("[wifi]\nssid = \"a\"\ncountry = \"Germany\"", "line 3: country = \"Germany\": two capital letters"),
        ("[wifi]\nssid = \"a\"\nhidden = 1", "line 3: hidden is either true or false"),
        ("[network]\naddress = \"192.0.2.10\"", "line 2: address = \"192.0.2.10\" is none; write address and prefix"),
        ("[network]\naddress = \"192.0.2.0/24\"", "line 2: address = \"192.0.2.0/24\" is the network's own"),
        ("[network]\naddress = \"127.0.0.1/8\"", "line 2: address = \"127.0.0.1/8\" cannot be"),
        ("[network]\ngateway = \"192.0.2.1\"", "line 2: gateway needs an address"),
        (
            "[network]\naddress = \"192.0.2.10/24\"\ngateway = \"192.0.3.1\"",
            "line 3: gateway = \"192.0.3.1\" is no other machine in 192.0.2.0/24",
        ),
        (
            "[network]\naddress = \"2001:db8::5/64\"\ngateway = \"2001:db9::1\"",
            "line 3: gateway = \"2001:db9::1\" is no other machine in 2001:db8::/64, and none of the link like fe80::1",
        ),
        ("[network]\ndns = [\"ns.example.com\"]", "line 2: dns: \"ns.example.com\" is no address"),
    ] {
        let said = mistake(text);
        assert!(said.starts_with(begins), "{said:?} should begin with {begins:?}");
    }
    let both = mistake(&format!("server = \"https://other.test\"\naccess_link = \"{LINK}\""));
    assert!(both.starts_with("line 2: access_link is for https://nexus.test:8443, which is not what server"), "{both}");
}

#[test]
fn a_mistake_repeats_no_secret() {
    for text in [
        format!("server = \"{LINK}\""),
        format!("access_link = \"{LINK}x\""),
        format!("access_link = [\"{LINK}\"]"),
        format!("access_link = \"{LINK}\"\nserver = \"https://other.test\""),
        format!("access_link = \"{LINK}"),
        format!("access_link = {LINK}"),
        "[wifi]\nssid = \"a\"\nkey = 4815162342".to_owned(),
        "[wifi]\nssid = \"a\"\nkey = \"4815162342ü\"".to_owned(),
        "[wifi]\nssid = \"a\"\nkey = 4815162342horse".to_owned(),
        "[wifi]\nssid = \"a\"\nkey = \"4815162342".to_owned(),
        "wifi = \"4815162342\"".to_owned(),
    ] {
        let said = mistake(&text);
        assert!(!said.contains("Jf1U9FZH") && !said.contains("4815162342"), "{said}");
    }
}

#[test]
fn secrets_are_cut_out_and_every_other_byte_stays() {
    let text = whole();
    let erased = erase(&text).unwrap();
    let (fragment, key) = (LINK.split_once('#').unwrap().1, "'correct \"horse'");
    let hash = fragment.split_once('.').unwrap().1;
    let expected = text.replace(fragment, &format!("erased.{hash}")).replace(key, "\"erased\"");
    assert_eq!(*erased, expected);
    assert!(matches!(Config::read(&erased).unwrap().machine.wifi.unwrap().key, Key::Erased { line } if line > 10));
    assert_eq!(Config::read(&erased).unwrap().link.unwrap().key, None);
    assert_eq!(erase(&erased), None, "there is nothing more to erase");
    assert_eq!(erase("rotation = 90"), None);

    let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(*erase(&windows).unwrap(), format!("\u{feff}{}", expected.replace('\n', "\r\n")));
    let inline = "wifi = { ssid = \"a\", key = \"12345678\" } # one line";
    assert_eq!(*erase("forget = true # once\r\n").unwrap(), "forget = false # once\r\n");
    assert_eq!(erase("forget = false"), None);
    assert_eq!(*erase(inline).unwrap(), "wifi = { ssid = \"a\", key = \"erased\" } # one line");
    assert_eq!(
        *erase("wifi.ssid = \"a\"\nwifi.key = \"12345678\"").unwrap(),
        "wifi.ssid = \"a\"\nwifi.key = \"erased\""
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_it_panic(
        text in "(server|access_link|rotation|forget|true|trust|ca|wifi|ssid|key|network|address|[ -~]|\n|\"|=|\\[|\\]|\\PC){0,60}",
    ) {
        if let Err(mistake) = Config::read(&text) {
            prop_assert!((1..=text.split('\n').count()).contains(&mistake.line));
        }
        let _ = erase(&text);
    }

    #[test]
    fn whatever_the_key_is_it_is_gone_and_the_rest_reads_the_same(key in "[ -~]{8,63}", note in "[a-z #]{0,20}") {
        let quoted = key.replace('\\', "\\\\").replace('"', "\\\"");
        let text = format!("[wifi]\nssid = \"a\" #{note}\nkey = \"{quoted}\"#{note}\n");
        let before = Config::read(&text).unwrap().machine.wifi.unwrap();
        prop_assert!(matches!(&before.key, Key::Written(read) if read.expose() == key));
        let erased = erase(&text).unwrap();
        let after = Config::read(&erased).unwrap().machine.wifi.unwrap();
        prop_assert_eq!(after, Wifi { key: Key::Erased { line: 3 }, ..before });
    }
}
