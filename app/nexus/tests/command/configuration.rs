//! Settings and configuration: what is wrong is named, and what the container's says.

use std::fs;

use crate::stage::{PASSPHRASE, nexus, run};

#[test]
fn corrupt_settings_are_named_and_nothing_starts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.json");
    fs::write(&path, "{\n  \"instance\": 7\n}").unwrap();
    let (output, said) = run(nexus(folder.path()).arg("serve"));
    assert_eq!(output.status.code(), Some(78));
    assert!(said.contains("settings.json, line 2, column 15") && said.contains("Nothing was changed"), "{said}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "{\n  \"instance\": 7\n}");
}

#[test]
fn a_mistake_in_the_configuration_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.toml");
    fs::write(&file, "\n[log]\nformat = \"xml\"\n").unwrap();
    let (output, said) = run(nexus(folder.path()).arg("serve").arg("--config").arg(&file));
    assert_eq!(output.status.code(), Some(78));
    assert!(said.contains("server.toml, line 3: \"xml\" is not one of text, json"), "{said}");
}

#[test]
fn what_a_person_has_to_mend_is_told_once_with_the_place_and_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken");
    fs::write(&taken, "").unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let data = folder.path().join("data");
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&[("NEXUS_DATA", taken.to_str().unwrap())], "in NEXUS_DATA, or as `data` in the configuration file"),
        (&[("NEXUS_LISTEN", &address)], "Stop what listens there, or set another with NEXUS_LISTEN"),
        (
            &[("NEXUS_CERTIFICATE", "/nowhere"), ("NEXUS_KEY", "/nowhere"), ("NEXUS_NAMES", "nexus.example")],
            "cannot be read: No such file or directory (os error 2); check tls.certificate (NEXUS_CERTIFICATE)",
        ),
        (&[("NEXUS_DEMO_HOURS", "night")], "NEXUS_DEMO_HOURS: \"night\" is not one of all, working"),
        (&[(PASSPHRASE, "")], "give it a value or unset it"),
    ];
    for (variables, remedy) in cases {
        let (output, said) = run(nexus(&data).envs(variables.iter().copied()).arg("serve"));
        assert_eq!(output.status.code(), Some(78), "{said}");
        assert!(said.contains(remedy), "{said} should say {remedy}");
        let line = said.lines().find(|line| line.contains(remedy)).unwrap();
        assert!(line.matches("os error").count() <= 1, "{line}");
    }
}

#[test]
fn in_a_container_nobody_reads_boards_without_being_known() {
    let compose = include_str!("../../packaging/compose.yaml");
    let after = compose.split("    environment:\n").nth(1).unwrap();
    let lines = after.lines().take_while(|line| line.starts_with("      "));
    let variables = lines.filter_map(|line| line.trim().split_once(": ")).map(|(name, value)| {
        // What holds where nobody sets the variable on the host.
        let value = value.strip_prefix("${").map_or(value, |rest| {
            rest.split_once(":-").map_or("nexus.example.com", |(_, usual)| usual.trim_end_matches('}'))
        });
        // YAML takes a bare off for a truth value.
        (name, value.trim_matches('"'))
    });
    let variables = variables.filter(|(name, _)| name.starts_with("NEXUS_"));
    let config = server::Config::read(&variables.collect::<std::collections::BTreeMap<_, _>>(), None).unwrap();
    assert_eq!(config.open_read, server::config::OpenRead::Nobody);
}
