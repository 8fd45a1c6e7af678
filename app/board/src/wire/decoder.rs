//! Reads Server-Sent Events as they come over a connection, in pieces of any length.
//!
//! The grammar is the one of the [HTML standard](https://html.spec.whatwg.org/multipage/server-sent-events.html);
//! `retry` is ignored, because a server of boards says [`super::Bye`].

use super::MAX_EVENT;

/// Longest name or id of an event; a line is at most this much longer than [`MAX_EVENT`].
const MAX_FIELD: usize = 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What a stream holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// An event.
    Message(Message),
    /// A comment: the server is alive.
    Comment,
}

/// An event as it stands in the stream; [`super::Event::from_fields`] reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The `event:` field, `message` without one.
    pub name: String,
    /// The `data:` fields, joined by newlines.
    pub data: String,
    /// The `id:` field.
    pub id: Option<String>,
}

/// Why a stream cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server sent an event that is longer than the {MAX_EVENT} bytes that are accepted")]
pub struct TooLong;

/// A decoder of one connection. After an error the connection is of no more use.
#[derive(Debug, Default)]
pub struct Decoder {
    line: Vec<u8>,
    after_first_line: bool,
    after_carriage_return: bool,
    name: Option<String>,
    data: Option<String>,
    id: Option<String>,
}

impl Decoder {
    /// Takes the next bytes and appends what they complete to `items`.
    ///
    /// # Errors
    /// [`TooLong`]; what was complete before it is in `items`.
    pub fn push(&mut self, mut bytes: &[u8], items: &mut Vec<Item>) -> Result<(), TooLong> {
        while let Some(&first) = bytes.first() {
            if std::mem::take(&mut self.after_carriage_return) && first == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
                return self.keep(bytes);
            };
            self.keep(&bytes[..end])?;
            self.after_carriage_return = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            let line = std::mem::take(&mut self.line);
            items.extend(self.line(&line)?);
            // The allocation is kept for the next line, unless it is the one of a rare, long event.
            if line.capacity() <= 64 * 1024 {
                self.line = line;
                self.line.clear();
            }
        }
        Ok(())
    }

    fn keep(&mut self, part: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + part.len() > MAX_EVENT + MAX_FIELD {
            return Err(TooLong);
        }
        self.line.extend_from_slice(part);
        Ok(())
    }

    fn line(&mut self, line: &[u8]) -> Result<Option<Item>, TooLong> {
        let line = match std::mem::replace(&mut self.after_first_line, true) {
            false => line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line),
            true => line,
        };
        if line.is_empty() {
            return Ok(self.dispatch());
        }
        let (field, value) = match line.iter().position(|&byte| byte == b':') {
            Some(0) => return Ok(Some(Item::Comment)),
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &[][..]),
        };
        let value = String::from_utf8_lossy(value.strip_prefix(b" ").unwrap_or(value));
        match field {
            b"data" => {
                let held = self.data.as_ref().map_or(0, |data| data.len() + 1);
                if held + value.len() > MAX_EVENT {
                    return Err(TooLong);
                }
                match &mut self.data {
                    Some(data) => {
                        data.push('\n');
                        data.push_str(&value);
                    }
                    None => self.data = Some(value.into_owned()),
                }
            }
            b"event" | b"id" if value.len() > MAX_FIELD => return Err(TooLong),
            b"event" => self.name = Some(value.into_owned()),
            b"id" if !value.contains('\0') => self.id = Some(value.into_owned()),
            _ => {}
        }
        Ok(None)
    }

    fn dispatch(&mut self) -> Option<Item> {
        let (name, data, id) = (self.name.take(), self.data.take(), self.id.take());
        let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| "message".to_owned());
        Some(Item::Message(Message { name, data: data?, id }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(pieces: &[&[u8]]) -> Result<Vec<Item>, TooLong> {
        let mut decoder = Decoder::default();
        let mut items = Vec::new();
        for piece in pieces {
            decoder.push(piece, &mut items)?;
        }
        Ok(items)
    }

    fn message(name: &str, data: &str, id: Option<&str>) -> Item {
        Item::Message(Message { name: name.into(), data: data.into(), id: id.map(Into::into) })
    }

    #[test]
    fn the_fields_of_an_event_are_read() {
        let stream =
            b"\xef\xbb\xbfevent: panel\nid: 1f.7\ndata: {\"a\":1}\n\n: alive\ndata\ndata:two\nretry: 5\nother: x\n\n";
        assert_eq!(
            decode(&[stream]).unwrap(),
            [message("panel", "{\"a\":1}", Some("1f.7")), Item::Comment, message("message", "\ntwo", None)]
        );
    }

    #[test]
    fn a_truncated_event_is_not_an_event() {
        assert_eq!(decode(&[b"event: panel\ndata: {\"a\":1}\n"]).unwrap(), []);
    }

    #[test]
    fn an_event_without_data_is_none() {
        assert_eq!(decode(&[b"event: panel\nid: 1.1\n\n"]).unwrap(), []);
    }

    #[test]
    fn an_event_over_the_limit_ends_the_stream_in_one_line_and_in_many() {
        let line = [b"data: ".as_slice(), &vec![b'x'; MAX_EVENT + 1], b"\n\n"].concat();
        assert_eq!(decode(&[b"data: whole\n\n", &line]), Err(TooLong));
        let endless = vec![b'x'; MAX_EVENT + MAX_FIELD + 1];
        assert_eq!(decode(&[&endless]), Err(TooLong));
        let many = b"data: 0123456789\n".repeat(MAX_EVENT / 10);
        assert_eq!(decode(&[&many]), Err(TooLong));
        let longest = [b"data: ".as_slice(), &vec![b'x'; MAX_EVENT], b"\n\n"].concat();
        assert_eq!(decode(&[&longest]).unwrap().len(), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn pieces_of_any_length_and_any_line_end_read_the_same(
            cuts in proptest::collection::vec(0usize..200, 0..12),
            end in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
        ) {
            let text = "event: board\nid: a.1\ndata: {\"é\":1}\ndata: 2\n\n: alive\n\ndata: last\n\n".replace('\n', end);
            let bytes = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
            prop_assert_eq!(
                decode(&pieces).unwrap(),
                [message("board", "{\"é\":1}\n2", Some("a.1")), Item::Comment, message("message", "last", None)]
            );
        }
    }
}
