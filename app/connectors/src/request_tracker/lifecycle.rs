//! Statuses and what they mean. Every lifecycle of RT sorts its statuses into three classes.

use std::collections::HashMap;

use desk::Status;

/// The class of a status. RT tells `initial` and `active` apart by [`super::parse::Ticket::started`] only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Initial or active.
    Active,
    /// Done, one way or another.
    Inactive,
}

/// What is known of statuses, by lifecycle and name.
#[derive(Debug, Default)]
pub(super) struct Classes(HashMap<(String, String), Class>);

impl Classes {
    /// The class of a status, if it is known. RT's own six names keep their meaning in every lifecycle.
    pub(super) fn of(&self, lifecycle: &str, status: &str) -> Option<Class> {
        match status {
            "new" | "open" | "stalled" => Some(Class::Active),
            "resolved" | "rejected" | "deleted" => Some(Class::Inactive),
            _ => self.0.get(&(lifecycle.to_owned(), status.to_owned())).copied(),
        }
    }

    pub(super) fn learn(&mut self, lifecycle: &str, status: &str, class: Class) {
        self.0.insert((lifecycle.to_owned(), status.to_owned()), class);
    }
}

/// The meaning of a status: by class first, by name second.
///
/// RT has no status for "waiting for a third party", and `stalled` is what its own documentation uses for
/// waiting on the requestor. A status whose class is unknown counts as open.
pub(super) fn meaning(class: Option<Class>, status: &str, started: bool) -> Status {
    match (class, status) {
        (Some(Class::Inactive), "rejected") => Status::Closed,
        (Some(Class::Inactive), _) => Status::Solved,
        (_, "stalled") => Status::Pending,
        (_, "new") => Status::New,
        (_, "open") | (None, _) => Status::Open,
        (Some(Class::Active), _) => {
            if started {
                Status::Open
            } else {
                Status::New
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_decides_before_the_name() {
        let mut classes = Classes::default();
        classes.learn("orders", "delivered", Class::Inactive);
        classes.learn("orders", "ordered", Class::Active);
        let meaning = |status, started| meaning(classes.of("orders", status), status, started);
        assert_eq!(meaning("delivered", true), Status::Solved);
        assert_eq!(meaning("ordered", false), Status::New, "it never left its initial status");
        assert_eq!(meaning("ordered", true), Status::Open);
        assert_eq!(meaning("stalled", true), Status::Pending);
        assert_eq!(meaning("rejected", true), Status::Closed);
        assert_eq!(meaning("resolved", true), Status::Solved);
        assert_eq!(meaning("never seen", true), Status::Open, "nothing is dropped");
    }
}
