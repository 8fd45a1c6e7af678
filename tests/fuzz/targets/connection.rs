//! Where a connection leads, what signs it, and the paths that the Broker is asked to fetch. One field a line: base
//! address, path, query, header, credential; then a certificate authority as PEM.
#![no_main]

use broker::{BaseUrl, Connection, Id, Strategy};
use libfuzzer_sys::fuzz_target;
use secrecy::SecretString;

fuzz_target!(|text: &str| {
    let mut fields = text.splitn(6, '\n');
    let mut field = || fields.next().unwrap_or_default();
    let (base, path, query, header, credential) = (field(), field(), field(), field(), field());
    let authority = fields.next().map(str::to_owned);

    let Ok(base) = base.parse::<BaseUrl>() else { return };
    assert_eq!(base.to_string().parse().ok().as_ref(), Some(&base), "an address reads as it is written");
    stays_within(&base, path, query);
    if let Ok(further) = base.join("REST/2.0") {
        stays_within(&further, path, query);
    }

    if let Ok(id) = path.parse::<Id>() {
        assert_eq!(id.as_str(), path);
    }
    let strategy = Strategy::Header { name: header.to_owned(), prefix: "token ".to_owned() };
    if let Ok(connection) = Connection::new(base.clone(), strategy, SecretString::from(credential), authority) {
        assert_eq!(connection.base_url(), &base);
        assert!(!format!("{connection:?}").contains(credential.trim()) || text.matches(credential.trim()).count() > 1);
    }
});

/// No path and no query sends the credential to another place than the sealed one.
fn stays_within(base: &BaseUrl, path: &str, query: &str) {
    let Some(request) = base.request(path, Some(query)) else { return };
    let base = base.to_string().parse::<url::Url>().expect("a base address is a URL");
    assert_eq!(request.origin(), base.origin());
    assert!(request.path().starts_with(base.path()), "{request} left {base}");
    assert!(request.username().is_empty() && request.password().is_none() && request.fragment().is_none());
    let rest = &request.path()[base.path().len()..];
    for segment in rest.split('/') {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        assert!(plain != "." && plain != "..", "{request} climbs");
        assert!(
            !["\\", "%2f", "%5c", "%00"].iter().any(|trick| plain.contains(trick)),
            "{request} is read in two ways"
        );
    }
}
