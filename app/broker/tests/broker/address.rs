use broker::{BaseUrl, Connection, Id, Strategy};
use proptest::prelude::*;
use vault::SecretString;

fn base(text: &str) -> Result<BaseUrl, broker::Error> {
    text.parse()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_request_stays_under_its_address_or_is_refused(path in "([a-z.%/\\\\?#@:2ef5c0-9é]|\\.\\.|%2e|//){0,12}", query in proptest::option::of(".{0,12}")) {
        let base = base("https://desk.example:8443/rt/REST/2.0").unwrap();
        if let Some(url) = base.request(&path, query.as_deref()) {
            prop_assert!(url.as_str().starts_with("https://desk.example:8443/rt/REST/2.0/"), "{url}");
            prop_assert!(!url.path().contains("/../") && !url.path().ends_with("/.."));
        }
    }
}

#[test]
fn addresses_that_no_connection_may_have_are_refused_in_words() {
    for (text, words) in [
        ("desk.example", "no URL"),
        ("ftp://desk.example", "https://"),
        ("file:///etc/passwd", "https://"),
        ("https://ann:secret@desk.example", "user or password"),
        ("https://desk.example/?a=b", "query"),
        ("https://desk.example/#a", "fragment"),
        ("http://93.184.215.14/rt", "local network"),
        ("http://[2606:4700::1111]/", "local network"),
        ("http://169.254.169.254/", "metadata"),
        ("https://2130706433/", "unusual way; 127.0.0.1"),
        ("https://0x7f.1/rt", "unusual way; 127.0.0.1"),
        ("http://0177.0.0.1:8089/", "unusual way"),
        ("https://127%2e0.0.1/", "unusual way"),
        ("https:\\\\desk.example\\rt", "unusual way"),
        ("https://desk.exa\tmple/", "unusual way"),
    ] {
        let error = base(text).unwrap_err().to_string();
        assert!(error.contains(words) && !error.contains("secret"), "{text}: {error}");
    }
    for text in [
        "http://192.168.1.4/rt",
        "http://127.0.0.1:8089",
        "http://[fd00::1]/",
        "http://100.64.0.7",
        "https://93.184.215.14",
    ] {
        assert!(base(text).is_ok(), "{text}");
    }
}

#[test]
fn credentials_and_certificates_that_cannot_work_are_refused_before_they_are_stored() {
    let url = base("https://desk.example").unwrap();
    let connect = |token: &str, ca: Option<&str>| {
        Connection::request_tracker(&url, SecretString::from(token), ca.map(str::to_owned)).map(|_| ())
    };
    assert!(connect("1-14-0123456789abcdef\n", None).is_ok(), "a file ends with a newline");
    for (token, words) in
        [("", "missing"), ("  \n", "missing"), ("short", "8 characters"), ("two\nlines-of-text", "no header")]
    {
        let error = connect(token, None).unwrap_err().to_string();
        assert!(error.contains(words), "{token:?}: {error}");
    }
    for ca in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let error = connect("1-14-0123456789abcdef", Some(ca)).unwrap_err().to_string();
        assert!(error.contains("CA certificate"), "{ca:?}: {error}");
    }
    let strategy = Strategy::Header { name: "not a name".to_owned(), prefix: String::new() };
    assert!(Connection::new(url, strategy, SecretString::from("0123456789"), None).is_err());
    assert!("Request Tracker".parse::<Id>().is_err() && "../x".parse::<Id>().is_err());
}
