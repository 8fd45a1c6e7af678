//! Looking for a server where nothing names one, and once more where the one that was found is gone.
//!
//! An unpaired screen asks one of those that were found after the other, until one gives it a code. A paired one belongs to
//! its server and to no other; it only asks whether that one has another address now, and believes nobody who does not verify
//! against its anchor.

use url::Url;

use super::{Action, CallError, Contact, Core, Now, Phase, Reply, backoff};
use crate::discovery::Found;
use pairing::Entropy;

/// After so many failures in a row a server that was found is looked for once more.
const GONE: u32 = 4;
/// How many servers are remembered that were asked in vain.
const REMEMBERED: usize = 16;

/// What is known of servers that nothing names.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// How often nobody was found, since somebody was.
    pub(super) misses: u32,
    /// Among how many the present server was chosen; none where it was not found in this way.
    pub(super) among: Option<usize>,
    /// Those that were asked in vain; the others have their turn first.
    in_vain: Vec<Url>,
    /// The paired server's own address, while another one is tried.
    home: Option<Url>,
    /// Other addresses that may be the paired server's.
    elsewhere: Vec<Url>,
    /// After how many failures it was looked for.
    looked_after: u32,
}

impl Core {
    /// The address by which the server is known to people.
    pub(super) fn server(&self) -> Option<&Url> {
        self.search.home.as_ref().or(self.setup.server.as_ref())
    }

    /// Somebody looked around. Gives what an unpaired screen goes on with.
    pub(super) fn looked(&mut self, found: &[Found], now: Now, entropy: &Entropy, actions: &mut Vec<Action>) {
        let mut servers = found.iter().map(|found| found.server().clone());
        if !matches!(self.phase, Phase::Searching) {
            let home = self.setup.server.clone();
            self.search.elsewhere = servers.filter(|server| Some(server) != home.as_ref()).collect();
            return;
        }
        if found.iter().all(|found| self.search.in_vain.contains(found.server())) {
            self.search.in_vain.clear();
        }
        let Some(server) = servers.find(|server| !self.search.in_vain.contains(server)) else {
            self.search.misses = self.search.misses.saturating_add(1);
            self.due = now.instant + backoff::full_jitter(self.search.misses, entropy);
            return;
        };
        self.search.misses = 0;
        self.search.among = Some(found.len());
        self.asks(server, actions);
        (self.failures, self.contact, self.due) = (0, Contact::Unknown, now.instant);
        self.phase = self.begin();
    }

    /// Whether the search is due rather than another call to a server that does not answer.
    pub(super) fn wants_to_look(&mut self) -> bool {
        match self.phase {
            Phase::Searching => true,
            Phase::Paired(_) => {
                let gone = !self.setup.configured
                    && self.contact.is_silence()
                    && self.failures > 0
                    && self.failures.is_multiple_of(GONE)
                    && self.failures != self.search.looked_after;
                if gone {
                    self.search.looked_after = self.failures;
                }
                gone
            }
            _ => false,
        }
    }

    /// The next call of a paired screen goes to another address, where there is one to be tried.
    pub(super) fn try_elsewhere(&mut self, actions: &mut Vec<Action>) {
        if matches!(self.phase, Phase::Paired(_))
            && self.search.home.is_none()
            && self.contact.is_silence()
            && let Some(server) = self.search.elsewhere.pop()
        {
            self.search.home = self.setup.server.clone();
            self.asks(server, actions);
        }
    }

    /// What came of a call to another address: it is the server's own from now on, or nothing happened.
    pub(super) fn came_home(
        &mut self,
        result: Result<Box<Reply>, CallError>,
        actions: &mut Vec<Action>,
    ) -> Result<Box<Reply>, CallError> {
        let Some(home) = self.search.home.take() else { return result };
        match result {
            // Whoever says anything at all verified against the anchor.
            Ok(_) | Err(CallError::Refused { .. } | CallError::Malformed(_)) => {
                self.search.elsewhere.clear();
                if let Phase::Paired(session) = &self.phase {
                    actions.push(Action::Store(Box::new(session.paired.clone())));
                }
                result
            }
            Err(CallError::Silent(_) | CallError::UnknownName(_) | CallError::Untrusted(_)) => {
                self.asks(home, actions);
                Err(CallError::Silent("nor at another address".to_owned()))
            }
        }
    }

    /// Whether the server that gives no code, or that nobody paired the screen with, makes room for another one.
    pub(super) fn gives_up(&mut self, error: &CallError) -> bool {
        let unpaired = matches!(self.phase, Phase::Joining(_) | Phase::Pairing(_));
        let hopeless = self.failures >= GONE || matches!(error, CallError::Untrusted(_));
        let gives_up = self.search.among.is_some() && unpaired && hopeless;
        if gives_up {
            self.pass_over();
        }
        gives_up
    }

    /// The present server was asked in vain, and others have their turn.
    pub(super) fn pass_over(&mut self) {
        if self.search.in_vain.len() >= REMEMBERED {
            self.search.in_vain.remove(0);
        }
        self.search.in_vain.extend(self.setup.server.take());
        self.search.among = None;
        (self.failures, self.contact) = (0, Contact::Unknown);
        self.phase = Phase::Searching;
    }

    fn asks(&mut self, server: Url, actions: &mut Vec<Action>) {
        self.setup.server = Some(server.clone());
        actions.push(Action::Ask(server));
    }
}
