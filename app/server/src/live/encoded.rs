//! Bytes that many readers share, plain or compressed.
//!
//! A gzip stream (RFC 1952) is a header, deflate blocks, and a sum over what they hold. Blocks that refer to nothing
//! before them and end on a byte can follow each other in any order, so an event is compressed once, when the first
//! reader wants it so, and the same blocks go to every reader's own stream: only the sum is the reader's. This is why
//! a layer that compresses each response by itself (`tower-http`) is not used.

use std::sync::OnceLock;

use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use http::{HeaderMap, header};

/// How a reader wants its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// As they are.
    Plain,
    /// In a gzip stream.
    Gzip,
}

/// Bytes in each coding.
#[derive(Debug, Default)]
pub(crate) struct Encoded {
    plain: Bytes,
    blocks: OnceLock<Bytes>,
}

/// The sum over what a reader was sent.
#[derive(Debug, Default)]
pub(crate) struct Sum(Crc);

/// The header of a gzip stream: deflate, no name, no time, an unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

impl Coding {
    /// What a request asks for (RFC 9110, section 12.5.3): gzip where it is named, or everything is, and not refused.
    pub(crate) fn asked(headers: &HeaderMap) -> Self {
        let named = |wanted: &str| {
            let codings = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
            codings.flat_map(|value| value.split(',')).find_map(|coding| {
                let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
                let weight = weight.trim().trim_start_matches(['q', 'Q']).trim_start_matches('=').parse::<f32>();
                name.trim().eq_ignore_ascii_case(wanted).then(|| weight.is_ok_and(|weight| weight > 0.0))
            })
        };
        if named("gzip").or_else(|| named("*")).unwrap_or(false) { Self::Gzip } else { Self::Plain }
    }

    /// Its name in `Content-Encoding`, if it has one.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some("gzip"),
        }
    }
}

impl Encoded {
    pub(crate) fn new(plain: impl Into<Bytes>) -> Self {
        Self { plain: plain.into(), blocks: OnceLock::new() }
    }

    /// The bytes as they are.
    pub(crate) fn plain(&self) -> &Bytes {
        &self.plain
    }

    /// The bytes as blocks for a stream whose sum is `sum`.
    pub(crate) fn blocks(&self, sum: &mut Sum) -> Bytes {
        sum.0.update(&self.plain);
        self.blocks.get_or_init(|| blocks(&self.plain)).clone()
    }

    /// The bytes as a whole gzip file.
    pub(crate) fn gzip(&self) -> Bytes {
        let mut sum = Sum::default();
        let blocks = self.blocks(&mut sum);
        [&HEADER[..], &blocks[..], &sum.end()[..]].concat().into()
    }
}

impl Sum {
    /// What a stream begins with.
    pub(crate) fn begin() -> Bytes {
        Bytes::from_static(&HEADER)
    }

    /// What a stream ends with: an empty last block, and the sum.
    pub(crate) fn end(&self) -> Bytes {
        const LAST: [u8; 2] = [3, 0];
        [&LAST[..], &self.0.sum().to_le_bytes(), &self.0.amount().to_le_bytes()].concat().into()
    }
}

fn blocks(plain: &[u8]) -> Bytes {
    let mut deflate = Compress::new(Compression::default(), false);
    // What cannot be compressed grows by five bytes for each 16 KiB or so, and by the mark at the end.
    let mut blocks = Vec::with_capacity(plain.len() / 2 + 64);
    loop {
        let read = usize::try_from(deflate.total_in()).unwrap_or(plain.len()).min(plain.len());
        let written = deflate.compress_vec(&plain[read..], &mut blocks, FlushCompress::Full);
        let all = deflate.total_in() == plain.len() as u64;
        if all && blocks.len() < blocks.capacity() && matches!(written, Ok(Status::Ok | Status::BufError)) {
            return blocks.into();
        }
        blocks.reserve(blocks.capacity().max(64));
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use http::HeaderValue;

    use super::*;

    fn read(stream: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        GzDecoder::new(stream).read_to_end(&mut plain).unwrap();
        plain
    }

    #[test]
    fn blocks_follow_each_other_in_any_order_and_the_sum_is_the_readers() {
        let noise = (0..200_000_u64).map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect::<Vec<_>>();
        let events =
            [Encoded::new("event: panel\n\n"), Encoded::new(""), Encoded::new(noise), Encoded::new("x".repeat(9000))];
        for order in [[0, 1, 2, 3], [3, 2, 0, 1], [2, 2, 3, 3]] {
            let mut sum = Sum::default();
            let mut stream = Sum::begin().to_vec();
            let mut expected = Vec::new();
            for index in order {
                stream.extend_from_slice(&events[index].blocks(&mut sum));
                expected.extend_from_slice(events[index].plain());
            }
            stream.extend_from_slice(&sum.end());
            assert!(read(&stream) == expected, "{order:?}");
        }
        assert_eq!(read(&events[3].gzip()), *events[3].plain());
        assert!(events[3].gzip().len() < 200);
    }

    #[test]
    fn gzip_is_for_those_who_ask_for_it() {
        let asked = |value: &str| {
            Coding::asked(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_str(value).unwrap())]))
        };
        for yes in ["gzip", "br, GZIP", "gzip;q=0.5", "deflate, gzip; q=1.0, zstd", "*"] {
            assert_eq!(asked(yes), Coding::Gzip, "{yes}");
        }
        for no in ["", "identity", "br", "gzip;q=0", "*, gzip;q=0.0", "*;q=0", "gzip;q=x"] {
            assert_eq!(asked(no), Coding::Plain, "{no}");
        }
        assert_eq!(Coding::asked(&HeaderMap::new()), Coding::Plain);
    }
}
