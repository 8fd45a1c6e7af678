//! The file as TOML, and the first place where it is none.

use toml_edit::{Document, TomlError};

use super::{Mistake, line};

/// Bytes that are read at most to find the first mistake: of an ordinary file thousands of times as many as it has, of the
/// longest that is taken a few dozen times, so that a start is not held up by one that is no text at all.
const LONGEST_SEARCH: usize = 8 * 1024 * 1024;

/// The file as TOML.
///
/// # Errors
/// The first mistake. The parser tells of the last, which may only follow from it, as where a quotation mark is missing.
pub(super) fn parse(text: &str) -> Result<Document<&str>, Mistake> {
    Document::parse(text).map_err(|last| {
        let (above, first) = first_mistake(text, last);
        let reason = first.message().lines().next().unwrap_or("this is no TOML").to_owned();
        Mistake { line: line(text.as_bytes(), above.len()), reason }
    })
}

/// The file as TOML, or what stands above the first line that is none.
pub(super) fn beginning(text: &str) -> Option<Document<&str>> {
    Document::parse(text).or_else(|last| Document::parse(first_mistake(text, last).0)).ok()
}

/// The lines above the first mistake, and that mistake, where the parser told of `last`.
fn first_mistake(text: &str, last: TomlError) -> (&str, TomlError) {
    let mut first = last;
    let mut above = lines_above(text, &first);
    for _ in 0..LONGEST_SEARCH / text.len().max(1) {
        match Document::parse(above) {
            Ok(_) => break,
            Err(earlier) => (above, first) = (lines_above(above, &earlier), earlier),
        }
    }
    (above, first)
}

fn lines_above<'a>(text: &'a str, mistake: &TomlError) -> &'a str {
    let start = mistake.span().map_or(0, |span| span.start);
    // What is missing at the very end is missing in the last line.
    let text = if start >= text.len() { text.trim_end_matches('\n') } else { &text[..text.floor_char_boundary(start)] };
    &text[..text.rfind('\n').map_or(0, |end| end + 1)]
}
