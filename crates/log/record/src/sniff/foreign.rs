//! Says in words what a file is that is no log.

/// Magic bytes of files that end up in log folders.
const MAGIC: [(&[u8], &str); 16] = [
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or Office document (unpack it)"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "an SQLite database (export it as JSON lines)"),
    (b"BZh", "bzip2 (unpack it, or pack it as gzip or zstd)"),
    (b"\xfd7zXZ", "xz (unpack it, or pack it as gzip or zstd)"),
    (b"\x04\"M\x18", "lz4 (unpack it, or pack it as gzip or zstd)"),
    (b"\xff\xfe", "UTF-16 text (convert it to UTF-8)"),
    (b"\xfe\xff", "UTF-16 text (convert it to UTF-8)"),
    (b"ORC", "an ORC table (convert it to Parquet)"),
    (b"Obj\x01", "an Avro file (convert it to Parquet)"),
    (b"ARROW1", "an Arrow file (convert it to Parquet)"),
];

/// What the bytes look like.
#[cold]
pub(super) fn describe(head: &[u8]) -> String {
    if let Some((_, name)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return (*name).to_owned();
    }
    if head.get(257..262) == Some(b"ustar") {
        return "a tar archive (unpack it)".to_owned();
    }
    let sample = head.get(..head.len().min(4096)).unwrap_or_default();
    let text = match str::from_utf8(sample) {
        Ok(text) => text,
        // The sample may end within a character.
        Err(error) if error.error_len().is_none() => {
            str::from_utf8(sample.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return binary(head),
    };
    if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\x0c' | '\x1b')) {
        return binary(head);
    }
    let text = text.trim_start();
    let lower = text.get(..text.floor_char_boundary(64)).unwrap_or(text).to_ascii_lowercase();
    if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        return "HTML".to_owned();
    }
    if lower.starts_with("<?xml") {
        return "XML".to_owned();
    }
    if lower.starts_with("event:") || lower.starts_with("data:") {
        return "a bare event stream (put it into a record with `at`, `account` and `request`, as `response`)"
            .to_owned();
    }
    let line = text.lines().next().unwrap_or_default();
    let short: String = line.chars().take(80).collect();
    if short.split(',').count() >= 2 && !short.starts_with(['{', '[']) {
        return format!("CSV with header {}", short.trim_end());
    }
    format!("text beginning `{}`", short.escape_debug())
}

fn binary(head: &[u8]) -> String {
    let hex: String = head.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("binary data beginning 0x{hex}")
}
