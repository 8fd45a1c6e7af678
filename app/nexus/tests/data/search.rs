//! How a secret is searched for: in every form that an encoder on the way might have given it.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
};

use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};

pub(crate) struct Canary {
    name: &'static str,
    secret: Vec<u8>,
}

impl Canary {
    pub(crate) fn new(name: &'static str, secret: &str) -> Self {
        Self::of(name, secret.as_bytes())
    }

    /// One that is no text.
    pub(crate) fn of(name: &'static str, secret: &[u8]) -> Self {
        assert!(secret.len() >= 8, "{name} is too short to be searched for");
        Self { name, secret: secret.to_owned() }
    }

    /// The secret in plain, percent-encoded, in hexadecimal digits, and in both alphabets of base64 wherever it begins
    /// within a longer text.
    pub(crate) fn forms(&self) -> BTreeSet<Vec<u8>> {
        let bytes = self.secret.as_slice();
        let percent = |space: &str, plain: &[u8]| -> String {
            let one = |byte: &u8| match byte {
                b' ' => space.to_owned(),
                byte if plain.contains(byte) => char::from(*byte).to_string(),
                byte if byte.is_ascii_alphanumeric() => char::from(*byte).to_string(),
                byte => format!("%{byte:02X}"),
            };
            bytes.iter().map(one).collect()
        };
        // As in forms and queries, and as in the path of a question to a helpdesk.
        let mut forms = vec![percent("%20", b"-._~"), percent("+", b"-._~"), percent("%20", b"")];
        forms.extend([HEXLOWER, HEXUPPER].map(|hex| hex.encode(bytes)));
        for base64 in [BASE64, BASE64URL] {
            for before in 0..3 {
                let encoded = base64.encode(&[&vec![0; before][..], bytes].concat());
                // Characters at both ends that also hold bits of what stands beside it.
                let whole = (before * 8).div_ceil(6)..(before + bytes.len()) * 8 / 6;
                forms.push(encoded[whole].to_owned());
            }
        }
        forms.into_iter().map(String::into_bytes).chain([self.secret.clone()]).collect()
    }

    pub(crate) fn is_in(&self, bytes: &[u8]) -> bool {
        self.forms().iter().any(|form| memchr::memmem::find(bytes, form).is_some())
    }

    pub(crate) fn assert_not_in(&self, bytes: &[u8], place: &str) {
        let found = self.forms().into_iter().find_map(|form| Some((memchr::memmem::find(bytes, &form)?, form.len())));
        if let Some((at, length)) = found {
            let around = &bytes[at.saturating_sub(200)..(at + length + 80).min(bytes.len())];
            panic!("{} is in {place}: {}", self.name, String::from_utf8_lossy(around));
        }
    }
}

const PAGE: usize = 4096;
static EMPTY: [u8; PAGE] = [0; PAGE];

/// All memory that a process has written: what a core dump of it would hold.
pub(crate) fn memory(process: u32) -> io::Result<Vec<u8>> {
    let maps = fs::read_to_string(format!("/proc/{process}/maps"))?;
    let file = File::open(format!("/proc/{process}/mem"))?;
    let mut all = Vec::new();
    for line in maps.lines().filter(|line| line.split_whitespace().nth(1).is_some_and(|mode| mode.starts_with("rw"))) {
        let range = line.split_whitespace().next().unwrap();
        let (from, to) = range.split_once('-').unwrap();
        let address = |text| u64::from_str_radix(text, 16).unwrap();
        let (from, to) = (address(from), address(to));
        let mut region = vec![0; usize::try_from(to - from).unwrap()];
        // A region may be gone again, or not be memory (a device's).
        if file.read_exact_at(&mut region, from).is_ok() {
            // What was never written is most of it, and holds nothing.
            region
                .chunks(PAGE)
                .filter(|page| **page != EMPTY[..page.len()])
                .for_each(|page| all.extend_from_slice(page));
        }
    }
    assert!(all.len() > 1 << 17, "process {process} has {} bytes only", all.len());
    Ok(all)
}
