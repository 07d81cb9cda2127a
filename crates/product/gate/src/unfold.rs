//! Compressed bodies, read up to a bound.

use std::borrow::Cow;
use std::io::Read;

/// How often larger than its compressed form a body may be.
const MAX_UNFOLDING: usize = 64;
/// Memory that a compressed body may ask for to be read, as a power of two.
const MAX_WINDOW_LOG: u32 = 23;

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    Gzip,
    Zstd,
    Unknown,
}

/// A body as it was before it was compressed, up to a bound; `None` where that is not known.
pub(crate) fn unfolded(body: &[u8], encoding: Encoding, most: usize) -> Option<Cow<'_, [u8]>> {
    let most = most.min(body.len().saturating_mul(MAX_UNFOLDING)) as u64;
    let mut out = Vec::new();
    // What was cut ends with an error; what came before it counts.
    match encoding {
        Encoding::Plain => return Some(Cow::Borrowed(body)),
        Encoding::Gzip => _ = flate2::read::MultiGzDecoder::new(body).take(most).read_to_end(&mut out),
        Encoding::Zstd => {
            let mut decoder = zstd::Decoder::new(body).ok()?;
            decoder.window_log_max(MAX_WINDOW_LOG).ok()?;
            let _ = decoder.take(most).read_to_end(&mut out);
        }
        Encoding::Unknown => return None,
    }
    Some(Cow::Owned(out))
}
