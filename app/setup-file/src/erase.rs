//! Cutting out of the file's text what is done with: the secrets, and the wish to forget. Every other byte stays as the
//! operator wrote it.

use pairing::link::Address;
use toml_edit::{Document, Item};
use zeroize::Zeroizing;

use super::ERASED;

/// The text without its secrets and wishes that are done with; `None` where it has none. The text must be one that
/// [`super::Config::read`] takes.
#[must_use]
pub fn erase(text: &str) -> Option<Zeroizing<String>> {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let document = Document::parse(&text[mark..]).ok()?;
    let root = document.as_table();
    let link = root.get("access_link").and_then(|item| {
        let (address, key) = Address::read(item.as_str()?).ok()?;
        key.map(|_| (item, format!("\"{address}\"")))
    });
    let key = root.get("wifi").and_then(Item::as_table_like).and_then(|wifi| wifi.get("key"));
    let key = key.filter(|key| key.as_str() != Some(ERASED)).map(|key| (key, format!("\"{ERASED}\"")));
    let forget = root.get("forget").filter(|forget| forget.as_bool() == Some(true));
    let forget = forget.map(|forget| (forget, false.to_string()));
    let mut cuts = [link, key, forget]
        .into_iter()
        .flatten()
        .map(|(item, rest)| Some((item.span()?, rest)))
        .collect::<Option<Vec<_>>>()?;
    if cuts.is_empty() {
        return None;
    }
    // From the end, so that what stands before keeps its place.
    cuts.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    let mut erased = Zeroizing::new(text.to_owned());
    for (span, rest) in cuts {
        erased.replace_range(span.start + mark..span.end + mark, &rest);
    }
    Some(erased)
}
