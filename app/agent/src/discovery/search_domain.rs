//! The search domains of this machine, as DHCP or the set-up named them: resolv.conf(5). No I/O.

use rustls_pki_types::DnsName;

/// What the C library looks at.
const MOST: usize = 6;

/// The search domains of a `resolv.conf`. As the C library has it, the last line that names any counts.
#[must_use]
pub fn domains(text: &str) -> Vec<String> {
    let mut lines = text.lines().filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        matches!(words.next()?, "search" | "domain").then(|| words.collect::<Vec<_>>())
    });
    let names = lines.next_back().unwrap_or_default().into_iter().map(|name| name.trim_end_matches('.'));
    names.filter(|name| DnsName::try_from(*name).is_ok()).take(MOST).map(str::to_ascii_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_last_line_with_search_domains_counts() {
        let text =
            "# by NetworkManager\ndomain old.example\nsearch Office.Example.com. example.com\nnameserver 192.0.2.1";
        assert_eq!(domains(text), ["office.example.com", "example.com"]);
        assert_eq!(domains("nameserver 192.0.2.1\n#search a.example\noptions edns0"), [""; 0]);
        assert_eq!(domains("search . a_b.example a/b"), ["a_b.example"]);
    }

    proptest! {
        #[test]
        fn of_any_file_at_most_six_domain_names_come(text in "(search|domain|[a-z.\\PC]){0,4}[ \t\n\\PC]{0,300}") {
            let domains = domains(&text);
            prop_assert!(domains.len() <= MOST);
            prop_assert!(domains.iter().all(|domain| DnsName::try_from(domain.as_str()).is_ok()));
        }
    }
}
