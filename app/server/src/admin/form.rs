//! Forms: what their fields show, what was sent, and what is wrong with it.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    Form,
    body::Body,
    extract::{FromRequest, Request},
    response::Response,
};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use zeroize::Zeroize;

use super::page::incomplete;

/// What a form holds, by the names of its fields. A box that is not ticked is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Values(pub(super) BTreeMap<String, String>);

impl Values {
    /// What a browser sent, with plain ends of lines.
    pub(super) fn sent(pairs: Vec<(String, String)>) -> Self {
        Self(pairs.into_iter().map(|(name, text)| (name, text.replace("\r\n", "\n"))).collect())
    }

    /// The text of a field without the space around it; nothing where there is no such field.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }

    /// Whether a box is ticked.
    pub(super) fn is_ticked(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The lines of a text that hold something.
    pub(super) fn lines<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.text(name).lines().map(str::trim).filter(|line| !line.is_empty())
    }

    /// Puts a text in.
    pub(super) fn put(&mut self, name: impl Into<String>, text: impl Into<String>) {
        self.0.insert(name.into(), text.into());
    }

    /// Ticks a box, or leaves it.
    pub(super) fn tick(&mut self, name: impl Into<String>, ticked: bool) {
        if ticked {
            self.put(name, TICKED);
        }
    }
}

/// What a ticked box sends.
const TICKED: &str = "on";

/// What is wrong with a form, by the names of its fields.
pub(super) type Errors = BTreeMap<String, String>;

/// A field of a form, with its label and all that describes it.
#[derive(Template)]
#[template(path = "field.html")]
pub(super) struct Field {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) hint: String,
    pub(super) kind: Kind,
    pub(super) error: Option<String>,
    /// What the person had entered, where somebody else's newer value is shown.
    pub(super) yours: Option<String>,
    pub(super) focus: bool,
}

/// How it is filled in.
pub(super) enum Kind {
    /// One line of text. `list` names suggestions.
    Line { value: String, input: &'static str, list: &'static str },
    /// One line that nobody shall see; it is never filled in beforehand.
    Secret,
    /// Several lines.
    Area { value: String, rows: u8 },
    /// A box to tick.
    Box { ticked: bool },
    /// Boxes that belong together.
    Boxes { boxes: Vec<Tick> },
    /// One of some.
    Choice { options: Vec<Choice> },
    /// What cannot be changed here.
    Fixed { value: String },
}

/// One of several boxes.
pub(super) struct Tick {
    pub(super) id: String,
    pub(super) label: &'static str,
    pub(super) ticked: bool,
}

/// Something to choose.
pub(super) struct Choice {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) chosen: bool,
}

impl Field {
    pub(super) fn new(id: impl Into<String>, label: impl Into<String>, hint: impl Into<String>, kind: Kind) -> Self {
        Self { id: id.into(), label: label.into(), hint: hint.into(), kind, error: None, yours: None, focus: false }
    }

    /// One line of text as it is among the values.
    pub(super) fn line(id: &str, label: &str, hint: &str, input: &'static str, values: &Values) -> Self {
        Self::new(id, label, hint, Kind::Line { value: values.text(id).to_owned(), input, list: "" })
    }

    /// Several lines.
    pub(super) fn area(id: &str, label: &str, hint: &str, rows: u8, values: &Values) -> Self {
        Self::new(id, label, hint, Kind::Area { value: values.text(id).to_owned(), rows })
    }

    /// A box to tick.
    pub(super) fn tick(id: &str, label: &str, hint: &str, values: &Values) -> Self {
        Self::new(id, label, hint, Kind::Box { ticked: values.is_ticked(id) })
    }

    /// One of some, each with its name and its title.
    pub(super) fn choice(
        id: &str,
        label: &str,
        hint: &str,
        all: &[(&'static str, &'static str)],
        values: &Values,
    ) -> Self {
        let option =
            |(id_, title): &(&'static str, &'static str)| Choice { id: id_, title, chosen: values.text(id) == *id_ };
        Self::new(id, label, hint, Kind::Choice { options: all.iter().map(option).collect() })
    }

    /// Whether it is ticked rather than written.
    pub(super) fn is_box(&self) -> bool {
        matches!(self.kind, Kind::Box { .. } | Kind::Boxes { .. })
    }

    /// The ids of what is filled in, each with a label of its own where there are several.
    pub(super) fn inputs(&self) -> Vec<(String, &'static str)> {
        match &self.kind {
            Kind::Boxes { boxes } => boxes.iter().map(|tick| (tick.id.clone(), tick.label)).collect(),
            Kind::Fixed { .. } => Vec::new(),
            _ => vec![(self.id.clone(), "")],
        }
    }

    /// Attributes that tie the field to what describes it, for those who hear the page. Ids are ours, so nothing in them
    /// needs escaping.
    fn state(&self) -> String {
        let parts = [("hint", !self.hint.is_empty()), ("error", self.error.is_some()), ("yours", self.yours.is_some())];
        let ids = parts.iter().filter(|(_, there)| *there).map(|(part, _)| format!("{}-{part}", self.id));
        let ids = ids.collect::<Vec<_>>().join(" ");
        let mut attributes = String::new();
        if !ids.is_empty() {
            attributes.push_str(&format!(" aria-describedby=\"{ids}\""));
        }
        if self.error.is_some() {
            attributes.push_str(" aria-invalid=\"true\"");
        }
        if self.focus {
            attributes.push_str(" autofocus");
        }
        attributes
    }
}

/// Puts each error at its field, and the focus at the first of them.
pub(super) fn mark<'a>(fields: impl Iterator<Item = &'a mut Field>, errors: &Errors) {
    let mut first = true;
    for field in fields {
        field.error = errors.get(&field.id).cloned();
        field.focus = field.error.is_some() && std::mem::take(&mut first);
    }
}

/// A form that may hold a secret: its bytes are wiped once it is read, as far as they are ours alone. Hyper's and the TLS
/// session's buffers are not; they are used again by the next request.
pub(super) struct Wiped<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Wiped<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (head, body) = request.into_parts();
        let bytes = Bytes::from_request(Request::new(body), state).await.map_err(|_| incomplete())?;
        let copy = Request::from_parts(head, Body::from(bytes.clone()));
        let form = Form::<T>::from_request(copy, state).await;
        if let Ok(mut bytes) = bytes.try_into_mut() {
            bytes.zeroize();
        }
        form.map(|Form(form)| Self(form)).map_err(|_| incomplete())
    }
}
