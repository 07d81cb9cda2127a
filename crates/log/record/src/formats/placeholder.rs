//! What stands in place of a text.

use std::borrow::Cow;

/// What loggers write in place of a text that they do not have or were told not to log. Read as text it would be the
/// same wording in everybody's log.
const PLACEHOLDERS: [&str; 12] = [
    "default-message-value",
    "audio_file",
    "redacted-by-litellm",
    "redacted",
    "[redacted]",
    "<redacted>",
    "***redacted***",
    "{}",
    "[]",
    "null",
    "none",
    "[object object]",
];

/// Whether a text stands in place of one.
pub(super) fn is_placeholder(text: &str) -> bool {
    text.len() <= 24 && PLACEHOLDERS.iter().any(|placeholder| text.trim().eq_ignore_ascii_case(placeholder))
}

/// A text as the content of an answer; what stands in place of one is none.
pub(super) fn answered(text: &str) -> Option<Cow<'_, str>> {
    (!is_placeholder(text)).then_some(Cow::Borrowed(text))
}
