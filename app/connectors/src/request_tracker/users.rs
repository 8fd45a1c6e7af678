//! Who is who: on whose side somebody writes, as far as RT lets that be known.
//!
//! RT lets only privileged users look up others, so a token of anybody else sees no agents. Who cannot be looked up is taken
//! for an agent only where a ticket is theirs, which RT allows to those who work with it; anybody else counts as a customer.
//! The other way round somebody who was copied in would be the first to answer, and a ticket that waits would not.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::PROVIDER;
use super::history::Side;
use super::parse::{Ticket, User};
use super::rest::Lookup;
use crate::Warning;

/// The user as whom RT itself acts.
const RT_SYSTEM: &str = "RT_System";

#[derive(Debug, Default)]
pub(super) struct Users {
    known: HashMap<String, User>,
    /// Those that need not be asked about yet.
    asked: HashSet<String>,
    /// Those about whom RT gave no word, and never had.
    refused: BTreeSet<String>,
    owners: HashSet<String>,
}

impl Users {
    /// From now on everybody is asked about again; what was known stays until then.
    pub(super) fn ask_again(&mut self) {
        self.asked.clear();
    }

    pub(super) fn is_to_be_asked(&self, ticket: &Ticket, name: &str) -> bool {
        name != RT_SYSTEM && !is_requestor(ticket, name) && !self.asked.contains(name)
    }

    /// Takes what RT says of somebody; that it says nothing is told once.
    pub(super) fn answered(&mut self, name: &str, answer: Lookup) {
        self.asked.insert(name.to_owned());
        match answer {
            Lookup::Found(user) => {
                self.refused.remove(name);
                self.known.insert(name.to_owned(), user);
            }
            Lookup::Nobody => {
                self.refused.remove(name);
                self.known.remove(name);
            }
            // Who somebody was is still the best that is known.
            Lookup::Refused if self.known.contains_key(name) => {}
            Lookup::Refused => {
                if self.refused.is_empty() {
                    tracing::warn!(
                        "Request Tracker does not let the token's user look up others, so agents cannot be told from customers; \
                         who owns no ticket counts as a customer, and where nobody can be looked up, replies are not counted; \
                         make that user privileged"
                    );
                }
                self.refused.insert(name.to_owned());
            }
        }
    }

    /// Somebody about whom RT gave no word, to try whether it does by now.
    pub(super) fn refused(&self) -> Option<String> {
        self.refused.first().cloned()
    }

    /// RT gives its word again: everybody is asked about when needed.
    pub(super) fn forget_refusals(&mut self) {
        self.refused.clear();
        self.asked.clear();
        tracing::info!("Request Tracker lets the token's user look up others again");
    }

    /// Whether agents cannot be told from customers at all.
    pub(super) fn are_hidden(&self) -> bool {
        !self.refused.is_empty() && self.agents().next().is_none()
    }

    pub(super) fn note_owners(&mut self, tickets: &[Ticket]) {
        for owner in tickets.iter().filter_map(|ticket| ticket.owner.as_ref()) {
            if !self.owners.contains(&owner.name) {
                self.owners.insert(owner.name.clone());
            }
        }
    }

    /// Those who work with RT, of those who were looked up.
    pub(super) fn agents(&self) -> impl Iterator<Item = (&String, &User)> {
        self.known.iter().filter(|(_, user)| user.privileged)
    }

    /// On whose side somebody writes in a ticket.
    pub(super) fn side(&self, ticket: &Ticket, name: &str) -> Side {
        if name == RT_SYSTEM {
            return Side::Automatic;
        }
        let works_here = self.known.get(name).map_or_else(|| self.owners.contains(name), |user| user.privileged);
        if works_here && !is_requestor(ticket, name) { Side::Agent } else { Side::Requester }
    }

    pub(super) fn warning(&self) -> Option<Warning> {
        let names = self.refused.iter().cloned().collect();
        let no_replies = self.are_hidden();
        (!self.refused.is_empty()).then_some(Warning::PeopleHidden { provider: PROVIDER, names, no_replies })
    }
}

fn is_requestor(ticket: &Ticket, name: &str) -> bool {
    ticket.requestors.iter().any(|requestor| requestor.name == name)
}
