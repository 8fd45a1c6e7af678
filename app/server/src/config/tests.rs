use super::*;

fn read(text: &str, variables: &[(&'static str, &'static str)]) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.toml");
    std::fs::write(&path, text).unwrap();
    let strings = variables.iter().copied().collect::<BTreeMap<_, _>>();
    let prefix = format!("{}/", folder.path().display());
    Config::read(&strings, Some(&path)).map_err(|error| error.to_string().replace(&prefix, ""))
}

#[test]
fn an_empty_configuration_is_complete() {
    let config = read("", &[]).unwrap();
    assert_eq!(config.listen.to_string(), "0.0.0.0:8443");
    assert_eq!((config.open_read, config.announce), (OpenRead::Private, Announce::Network));
    assert_eq!(config.certificate, Certificate::PrivateAuthority);
    assert_eq!(config.broker_socket, Path::new("/data/run/broker.sock"));
}

#[test]
fn a_variable_wins_over_the_file() {
    let config = read("listen = \"127.0.0.1:1\"", &[("NEXUS_LISTEN", "[::1]:2")]).unwrap();
    assert_eq!(config.listen.to_string(), "[::1]:2");
}

#[test]
fn a_server_can_be_told_to_keep_quiet() {
    assert_eq!(read("announce = \"off\"", &[]).unwrap().announce, Announce::Nowhere);
    assert_eq!(read("announce = \"off\"", &[("NEXUS_ANNOUNCE", "on")]).unwrap().announce, Announce::Network);
}

#[test]
fn a_mistake_in_the_file_is_told_where_a_variable_wins_too() {
    let text = "[desk]\nhours = \"sometimes\"";
    let alone = read(text, &[]).unwrap_err();
    assert!(alone.starts_with("server.toml, line 2:"), "{alone}");
    assert_eq!(read(text, &[("NEXUS_DEMO_HOURS", "working")]).unwrap_err(), alone);
    let split = "[tls]\ncertificate = \"/tls/certificate.pem\"";
    let variables = [("NEXUS_KEY", "/tls/key.pem"), ("NEXUS_NAMES", "nexus.example.com")];
    assert!(read(split, &variables).is_ok(), "{:?}", read(split, &variables));
}

#[test]
fn the_demo_desk_is_chosen_by_the_file_or_by_variables() {
    let text = "[desk]\nseed = 7\nscenario = \"busy_day\"\nhours = \"working\"\nspeed = 5";
    let desk = read(text, &[("NEXUS_DEMO_SPEED", "20"), ("NEXUS_DEMO_HOURS", "all")]).unwrap().desk;
    let expected = DeskChoice {
        seed: Some(7),
        scenario: Some(Scenario::BusyDay),
        hours: Some(DemoHours::All),
        speed: Some(Speed::Twenty),
        poll: None,
    };
    assert_eq!(desk, expected);
    assert_eq!(read("", &[]).unwrap().desk, DeskChoice::default());
}

#[test]
fn parts_of_the_program_may_have_levels_of_their_own() {
    for filter in ["debug", "INFO", "info,server=debug", "warn, broker=trace"] {
        assert_eq!(read("", &[("NEXUS_LOG", filter)]).unwrap().log_filter, filter);
    }
}

#[test]
fn networks_come_from_a_list_or_a_comma_separated_text() {
    let text = "read_allowlist = [\"192.168.0.0/16\", \"2001:db8::/32\"]";
    let config = read(text, &[("TRUSTED_PROXIES", "10.0.0.1, 10.0.1.0/24")]).unwrap();
    assert_eq!(config.read_allowlist.unwrap().to_string(), "192.168.0.0/16, 2001:db8::/32");
    assert_eq!(config.trusted_proxies.unwrap().to_string(), "10.0.0.1/32, 10.0.1.0/24");
    let text = "read_allowlist = \"192.168.0.0/16, 2001:db8::/32\"";
    assert_eq!(read(text, &[]).unwrap().read_allowlist.unwrap().to_string(), "192.168.0.0/16, 2001:db8::/32");
    assert_eq!(read("", &[("READ_ALLOWLIST", "")]).unwrap().read_allowlist, None);
}

#[test]
fn names_come_from_a_list_or_a_comma_separated_variable() {
    let config = read("names = [\"Nexus.example.com\", \"192.0.2.7\"]", &[]).unwrap();
    assert_eq!(config.names[0], PublicName::Host("nexus.example.com".to_owned()));
    assert_eq!(config.names[1].to_string(), "192.0.2.7");
    assert_eq!(read("", &[("NEXUS_NAMES", "a.example, b.example")]).unwrap().names.len(), 2);
}

#[test]
fn a_mistake_is_named_with_its_file_line_and_remedy() {
    type Case = (&'static str, &'static [(&'static str, &'static str)], &'static str);
    let cases: &[Case] = &[
        ("\nlisten = \"8443\"", &[], "server.toml, line 2: \"8443\" is not an address and port such as 0.0.0.0:8443"),
        ("announce = \"no\"", &[], "server.toml, line 1: \"no\" is not one of on, off"),
        ("", &[("NEXUS_ANNOUNCE", "false")], "NEXUS_ANNOUNCE: \"false\" is not one of on, off"),
        ("a = [", &[], "server.toml, line 1"),
        ("listne = \"x\"", &[], "server.toml, line 1: unknown field `listne`"),
        ("[log]\nformat = \"xml\"", &[], "server.toml, line 2: \"xml\" is not one of text, json"),
        ("", &[("NEXUS_LOG", "inof")], "NEXUS_LOG: \"inof\" is not off, error, warn, info, debug or trace, or"),
        ("[log]\nfilter = \"info,servre\"", &[], "server.toml, line 2: \"info,servre\" is not off, error"),
        ("", &[("NEXUS_TIME_ZONE", "Mars/Olympus")], "NEXUS_TIME_ZONE: \"Mars/Olympus\" is not a time zone"),
        ("[tls]\nkey = \"k\"", &[], "server.toml, line 2: the private key needs its certificate"),
        ("[tls]\ncertificate = \"c\"\nkey = \"k\"", &[], "server.toml, line 2: screens must know"),
        ("[desk]\npoll_seconds = \"0\"", &[], "server.toml, line 2: \"0\" is not a whole number from 1 to 3600"),
        ("[broker]\npeer = \"nexus\"", &[], "server.toml, line 2: \"nexus\" is not the number of a user"),
        ("[desk]\nseed = -1", &[], "server.toml, line 2: \"-1\" is not a whole number, 0 or more"),
        ("[desk]\nspeed = 2", &[], "server.toml, line 2: \"2\" is not one of 1, 5, 20"),
        ("[desk]\nhours = \"night\"", &[], "server.toml, line 2: \"night\" is not one of all, working"),
        ("", &[("NEXUS_DEMO_SCENARIO", "quiet")], "NEXUS_DEMO_SCENARIO: \"quiet\" is not one of calm_day,"),
        ("", &[("NEXUS_DEMO_SPEED", "fast")], "NEXUS_DEMO_SPEED: \"fast\" is not one of 1, 5, 20"),
        ("[metrics]\nnetworks = [\"10.0.0.0/33\"]", &[], "server.toml, line 2: \"10.0.0.0/33\" is not a network"),
        ("trusted_proxies = [\"10.0.0.0/33\"]", &[], "server.toml, line 1: \u{201c}10.0.0.0/33\u{201d} is no network"),
        ("", &[("READ_ALLOWLIST", " , ")], "READ_ALLOWLIST: \" , \" is not a network"),
        (
            "\nread_allowlist = \"::1, 10.0.0.0/33\"",
            &[],
            "server.toml, line 2: \u{201c}10.0.0.0/33\u{201d} is no network",
        ),
        ("read_allowlist = \" , \"", &[], "server.toml, line 1: \" , \" is not a network"),
        ("names = 7", &[], "server.toml, line 1: invalid type: integer `7`, expected a list of strings"),
        ("names = [\"a b\"]", &[], "server.toml, line 1: \"a b\" is not a host name or an address"),
    ];
    for (text, variables, expected) in cases {
        let error = read(text, variables).unwrap_err();
        assert!(error.starts_with(expected), "{error} should begin with {expected}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let error = Config::read(&BTreeMap::new(), Some(Path::new("/nowhere/server.toml"))).unwrap_err();
    assert!(error.to_string().starts_with("/nowhere/server.toml: "), "{error}");
}
