//! Tables and values with the lines that they stand on. What is wrong with a value is told by its kind and never by
//! repeating it, since it may be a secret.

use std::ops::Range;

use toml_edit::{Document, Item, TableLike};

use super::{Mistake, line_of};

/// A table of the file.
pub(super) struct Table<'a> {
    text: &'a str,
    table: &'a dyn TableLike,
    /// "in `[wifi]`", or nothing for what stands above all tables.
    place: String,
}

/// A value, and where it stands.
pub(super) struct Field<'a, T> {
    pub(super) value: T,
    text: &'a str,
    span: Option<Range<usize>>,
}

impl<T> Field<'_, T> {
    pub(super) fn mistake(&self, reason: impl Into<String>) -> Mistake {
        Mistake { line: self.line(), reason: reason.into() }
    }

    pub(super) fn line(&self) -> usize {
        line_of(self.text, self.span.clone())
    }
}

impl<'a> Table<'a> {
    pub(super) fn root(text: &'a str, document: &'a Document<&str>) -> Self {
        Self { text, table: document.as_table(), place: String::new() }
    }

    /// Refuses every setting but these.
    pub(super) fn knows(&self, known: &[&str]) -> Result<(), Mistake> {
        let Some((name, item)) = self.table.iter().find(|(name, _)| !known.contains(name)) else { return Ok(()) };
        let span = self.table.key(name).and_then(toml_edit::Key::span).or_else(|| item.span());
        let reason =
            format!("there is no setting \u{201c}{name}\u{201d}{}; there are {}", self.place, known.join(", "));
        Err(Mistake { line: line_of(self.text, span), reason })
    }

    /// The line on which a setting stands.
    pub(super) fn line_of(&self, name: &str) -> usize {
        let span = self.table.get(name).and_then(Item::span);
        line_of(self.text, span.or_else(|| self.table.key(name).and_then(toml_edit::Key::span)))
    }

    pub(super) fn table(&self, name: &str) -> Result<Option<Table<'a>>, Mistake> {
        let read = |item: &'a Item| item.as_table_like();
        let table = self.value(name, &format!("is a table: write [{name}] on a line of its own"), read)?;
        let place = format!(" in [{name}]");
        Ok(table.map(|table| Table { text: self.text, table: table.value, place }))
    }

    pub(super) fn string(&self, name: &str) -> Result<Option<Field<'a, &'a str>>, Mistake> {
        self.value(name, "is a text: put it between quotation marks", Item::as_str)
    }

    pub(super) fn integer(&self, name: &str) -> Result<Option<Field<'a, i64>>, Mistake> {
        self.value(name, "is a whole number, without quotation marks", Item::as_integer)
    }

    pub(super) fn boolean(&self, name: &str) -> Result<Option<Field<'a, bool>>, Mistake> {
        self.value(name, "is either true or false, without quotation marks", Item::as_bool)
    }

    /// A list of texts.
    pub(super) fn strings(&self, name: &str) -> Result<Vec<Field<'a, &'a str>>, Mistake> {
        let wrong = "is a list of texts: [\"one\", \"another\"]";
        let Some(list) = self.value(name, wrong, Item::as_array)? else { return Ok(Vec::new()) };
        let field = |value: &'a toml_edit::Value| {
            let field = Field { value, text: self.text, span: value.span() };
            match value.as_str() {
                Some(value) => Ok(Field { value, text: field.text, span: field.span }),
                None => Err(field.mistake(format!("{name} {wrong}"))),
            }
        };
        list.value.iter().map(field).collect()
    }

    fn value<T>(
        &self,
        name: &str,
        otherwise: &str,
        read: impl FnOnce(&'a Item) -> Option<T>,
    ) -> Result<Option<Field<'a, T>>, Mistake> {
        let Some(item) = self.table.get(name) else { return Ok(None) };
        let span = item.span().or_else(|| self.table.key(name).and_then(toml_edit::Key::span));
        let field = Field { value: (), text: self.text, span };
        match read(item) {
            Some(value) => Ok(Some(Field { value, text: field.text, span: field.span })),
            None => Err(field.mistake(format!("{name} {otherwise}"))),
        }
    }
}
