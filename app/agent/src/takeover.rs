//! What is taken over from `nexus.toml` into the state folder before it is erased there. No I/O.
//!
//! The order makes it safe against a power cut: the secrets are stored first, then cut out of the file, and only then
//! used. Cut off in between, the next start finds them in both places and goes on.

use pairing::link::device::Holder;
use pairing::link::{Id, Key};
use serde::{Deserialize, Serialize};

use setup_file::{self as file, Config, Mistake, Passphrase, Wifi};

/// The secrets that were taken over, as they lie in the state folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenOver {
    /// The key of the wireless network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wifi: Option<WifiKey>,
    /// The key of the access link, until it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<LinkKey>,
    /// The link that is done with: it was used, or the server will never take it. It is not tried again, even where it
    /// could not be erased from the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    finished: Option<Id>,
    /// The pairing was put aside because the file wants that. It is not put aside again, even where the wish could not be
    /// erased from the file.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    forgotten: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct WifiKey {
    ssid: String,
    key: Passphrase,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct LinkKey {
    id: Id,
    key: Key,
}

impl TakenOver {
    /// What is to be kept of this file's secrets, given what was kept before. `paired` says that the screen already
    /// belongs to the server: it needs no link then, now or later.
    ///
    /// # Errors
    /// A key was erased and is not here, or is another network's.
    pub fn and(&self, config: &Config, paired: bool) -> Result<Self, Mistake> {
        let wifi = match config.machine.wifi.as_ref().map(|wifi| (wifi, &wifi.key)) {
            None | Some((_, file::Key::None)) => None,
            Some((wifi, file::Key::Written(key))) => Some(WifiKey { ssid: wifi.ssid.clone(), key: key.clone() }),
            Some((wifi, file::Key::Erased { line })) => {
                let known = self.wifi.clone().filter(|known| known.ssid == wifi.ssid);
                let reason = "this screen does not have the key of this Wi-Fi any more; write it here once more";
                Some(known.ok_or_else(|| Mistake { line: *line, reason: reason.to_owned() })?)
            }
        };
        let mut now = Self { wifi, link: None, finished: self.finished, forgotten: config.forget && self.forgotten };
        if let Some(link) = &config.link {
            let id = link.address.id();
            if paired {
                now.finished = Some(id);
            } else if self.finished != Some(id) {
                let known = || self.link.clone().filter(|known| known.id == id);
                now.link = link.key.clone().map(|key| LinkKey { id, key }).or_else(known);
            }
        }
        Ok(now)
    }

    /// The link is done with; its key is forgotten.
    #[must_use]
    pub fn finished(&self, id: Id) -> Self {
        Self { link: None, finished: Some(id), ..self.clone() }
    }

    /// What the screen was paired with was put aside, because this file wants that.
    #[must_use]
    pub fn forgotten(&self, config: &Config) -> Self {
        Self { forgotten: config.forget, ..self.clone() }
    }

    /// Whether a screen that belongs to a server shall be paired anew: the file says so, and it was not done yet, or it has
    /// a link that was never here before.
    #[must_use]
    pub fn wants_another_pairing(&self, config: &Config) -> bool {
        let known = [self.finished, self.link.as_ref().map(|link| link.id)];
        let link = config.link.as_ref().filter(|link| link.key.is_some());
        (config.forget && !self.forgotten) || link.is_some_and(|link| !known.contains(&Some(link.address.id())))
    }

    /// The link of this file with its key, if there is one that is still to be used.
    #[must_use]
    pub fn link(&self, config: &Config) -> Option<Holder> {
        let address = &config.link.as_ref()?.address;
        let known = self.link.as_ref().filter(|known| known.id == address.id())?;
        Some(Holder::new(address.clone(), known.key.clone()))
    }

    /// Whether it has the key of a wireless network, whose name only the file says.
    #[must_use]
    pub fn has_wifi(&self) -> bool {
        self.wifi.is_some()
    }

    /// The key of this wireless network, if it has one.
    #[must_use]
    pub fn passphrase(&self, wifi: &Wifi) -> Option<&Passphrase> {
        self.wifi.as_ref().filter(|known| known.ssid == wifi.ssid).map(|known| &known.key)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    const LINK: &str = "https://nexus.test/s/iaQbpAehBmYm#Jf1U9FZHOKdD16GV2HIy4sT1n_8OtqPCxVqTeBU11us";

    fn config(text: &str) -> Config {
        Config::read(text).unwrap()
    }

    fn wifi(ssid: &str, key: &str) -> Config {
        config(&format!("[wifi]\nssid = \"{ssid}\"\nkey = \"{key}\"\n"))
    }

    #[test]
    fn a_key_is_kept_once_it_was_erased_for_the_same_network_only() {
        let written = wifi("Office", "correct horse");
        let taken = TakenOver::default().and(&written, false).unwrap();
        let erased = wifi("Office", "erased");
        assert_eq!(taken.and(&erased, false), Ok(taken.clone()));
        let network = erased.machine.wifi.unwrap();
        assert_eq!(taken.passphrase(&network).map(Passphrase::expose), Some("correct horse"));

        for (other, before) in [(wifi("Guests", "erased"), &taken), (wifi("Office", "erased"), &TakenOver::default())] {
            let mistake = before.and(&other, false).unwrap_err();
            assert_eq!(mistake.line, 3);
            assert!(mistake.reason.contains("write it here once more"), "{mistake}");
        }
        assert_eq!(taken.and(&config(""), false), Ok(TakenOver::default()), "no network, no key");
    }

    #[test]
    fn a_link_is_kept_until_it_is_done_with_and_then_never_tried_again() {
        let written = config(&format!("access_link = \"{LINK}\""));
        let erased = config(&format!("access_link = \"{}\"", written.link.clone().unwrap().address));
        let taken = TakenOver::default().and(&written, false).unwrap();
        assert_eq!(taken.and(&erased, false), Ok(taken.clone()));
        assert_eq!(taken.link(&erased), taken.link(&written));
        assert!(taken.link(&written).is_some());

        let done = taken.finished(written.link.clone().unwrap().address.id());
        for config in [&written, &erased] {
            assert_eq!(done.and(config, false).unwrap().link(config), None);
        }
        let other = config(&format!("access_link = \"{}\"", LINK.replace("/s/i", "/s/j")));
        assert!(done.and(&other, false).unwrap().link(&other).is_some(), "a new link is another matter");
    }

    #[test]
    fn a_paired_screen_neither_uses_nor_keeps_a_link() {
        let written = config(&format!("access_link = \"{LINK}\""));
        let taken = TakenOver::default().and(&written, true).unwrap();
        assert_eq!(taken.link(&written), None);
        assert!(!serde_json::to_string(&taken).unwrap().contains("Jf1U9FZHOKdD16GV2HIy4sT1n"));
        assert_eq!(taken.and(&written, false).unwrap().link(&written), None, "nor once it was removed");
    }

    #[test]
    fn a_pairing_is_put_aside_once_for_each_time_that_the_file_says_so() {
        let (forget, nothing) = (config("forget = true"), config("forget = false"));
        let taken = TakenOver::default();
        assert!(taken.wants_another_pairing(&forget) && !taken.wants_another_pairing(&nothing));
        let done = taken.forgotten(&forget).and(&forget, false).unwrap();
        assert!(!done.wants_another_pairing(&forget), "a file that cannot be written says so for ever");
        assert!(done.and(&nothing, true).unwrap().wants_another_pairing(&forget), "somebody says so once more");
    }

    #[test]
    fn only_a_link_that_was_never_here_and_has_its_key_is_a_new_one() {
        let written = config(&format!("access_link = \"{LINK}\""));
        let erased = config(&format!("access_link = \"{}\"", written.link.clone().unwrap().address));
        let (unknown, taken) = (TakenOver::default(), TakenOver::default().and(&written, false).unwrap());
        assert!(unknown.wants_another_pairing(&written) && !unknown.wants_another_pairing(&erased));
        let done = taken.finished(written.link.clone().unwrap().address.id());
        assert!(!taken.wants_another_pairing(&written) && !done.wants_another_pairing(&written));
    }

    #[test]
    fn what_is_kept_reads_back_and_prints_no_secret() {
        let config = config(&format!("access_link = \"{LINK}\"\n[wifi]\nssid = \"Office\"\nkey = \"correct horse\"\n"));
        let taken = TakenOver::default().and(&config, false).unwrap();
        let json = serde_json::to_string(&taken).unwrap();
        assert_eq!(serde_json::from_str::<TakenOver>(&json).unwrap(), taken);
        let printed = format!("{taken:?} {config:?}");
        assert!(!printed.contains("horse") && !printed.contains("Jf1U9FZH"), "{printed}");
    }
}
