#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::os::unix::fs::PermissionsExt as _;

use super::*;
use setup_file::Config;

fn apply(folder: &Path, text: &str) -> bool {
    let config = Config::read(text).unwrap();
    let secrets = TakenOver::default().and(&config, false).unwrap();
    Files::new(folder.to_owned()).apply(&config, &secrets).unwrap()
}

fn read(folder: &Path, name: &str) -> Option<String> {
    fs::read_to_string(folder.join(name)).ok()
}

const WIFI: &str = "system-connections/nexus-wifi.nmconnection";
const WIRED: &str = "system-connections/nexus-wired.nmconnection";

#[test]
fn the_files_say_what_nexus_toml_says() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("machine");
    let text = "hostname = \"lobby-tv\"\nntp = [\"a.example\", \"192.0.2.9\"]\n\
                proxy = \"http://proxy.example:3128\"\n[wifi]\nssid = \"B;ü\"\nkey = ' back\\slash # '\ncountry = \"DE\"\nhidden = true\n\
                [network]\naddress = \"192.0.2.10/24\"\ngateway = \"192.0.2.1\"\ndns = [\"192.0.2.1\", \"2001:db8::1\"]\n";
    assert!(apply(&folder, text));
    assert_eq!(
        read(&folder, WIFI).unwrap(),
        "[connection]\nid=nexus-wifi\ntype=wifi\nautoconnect=true\nautoconnect-retries=0\n\n\
         [wifi]\nmode=infrastructure\nssid=66;59;195;188;\nhidden=true\n\n\
         [wifi-security]\nkey-mgmt=wpa-psk\npsk=\\sback\\\\slash #\\s\n\n\
         [ipv4]\nmethod=manual\naddress1=192.0.2.10/24,192.0.2.1\ndns=192.0.2.1;\n\n\
         [ipv6]\nmethod=auto\ndhcp-hostname=lobby-tv\ndns=2001:db8::1;\n"
    );
    let wired = read(&folder, WIRED).unwrap();
    assert!(
        wired.ends_with("[ipv4]\nmethod=auto\ndhcp-hostname=lobby-tv\n\n[ipv6]\nmethod=auto\ndhcp-hostname=lobby-tv\n"),
        "the address is the Wi-Fi's: {wired}"
    );
    assert_eq!(read(&folder, "timesyncd.conf.d/nexus.conf").unwrap(), "[Time]\nNTP=a.example 192.0.2.9\n");
    for (name, content) in
        [("hostname", "lobby-tv\n"), ("wifi-country", "DE\n"), ("proxy", "http://proxy.example:3128/\n")]
    {
        assert_eq!(read(&folder, name).unwrap(), content);
    }
    let mode = |name: &str| fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(WIFI), mode("hostname"), mode("changed")), (0o600, 0o644, 0o644));
}

#[test]
fn only_news_is_written_and_what_was_taken_out_is_gone() {
    let temp = tempfile::tempdir().unwrap();
    let text = "hostname = \"a\"\n[wifi]\nssid = \"Office\"\nkey = \"12345678\"\nsecurity = \"wpa3\"\n";
    assert!(apply(temp.path(), text));
    assert!(read(temp.path(), WIFI).unwrap().contains("key-mgmt=sae\npsk=12345678\n"));
    let stamp = read(temp.path(), "changed").unwrap();
    assert!(!apply(temp.path(), text));
    assert_eq!(read(temp.path(), "changed").unwrap(), stamp, "nobody is woken for nothing");

    assert!(apply(temp.path(), "[network]\naddress = \"2001:db8::5/64\"\n"));
    assert_eq!((read(temp.path(), WIFI), read(temp.path(), "hostname")), (None, None));
    assert!(read(temp.path(), WIRED).unwrap().ends_with("[ipv6]\nmethod=manual\naddress1=2001:db8::5/64\n"));
    assert_ne!(read(temp.path(), "changed").unwrap(), stamp);

    assert!(apply(temp.path(), "[wifi]\nssid = \"Guests\"\n"));
    assert!(!read(temp.path(), WIFI).unwrap().contains("wifi-security"), "an open network");
    assert!(apply(temp.path(), ""));
    assert_eq!((read(temp.path(), WIFI), read(temp.path(), WIRED)), (None, None));
}
