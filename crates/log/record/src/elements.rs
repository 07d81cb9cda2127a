//! Cuts JSON that is not one record a line into its records: arrays, and documents spread over lines.
//!
//! The scanner sees every byte once, knows strings and brackets and nothing else, and keeps its place when the bytes
//! come in pieces, so what it finds does not depend on how a file was cut into blocks.

use memchr::memchr3;

/// Bytes that must be there to tell whether a document wraps its records.
const LOOKAHEAD_BYTES: usize = 64;
/// Documents that hold all their records in one list under their first key.
const WRAPPERS: [&[u8]; 4] = [b"resourceSpans", b"resourceLogs", b"resource_spans", b"resource_logs"];
/// Lists of envelopes, which are opened so where the document is too long to be held.
const ENVELOPES: [&[u8]; 8] =
    [b"records", b"Records", b"events", b"logEvents", b"data", b"result", b"results", b"entries"];

/// One record in the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Line of the file in which it begins, from 1.
    pub(crate) line: u64,
    /// Bytes of the record that were let go before the buffer; not 0 only for a record beyond its bound.
    pub(crate) dropped: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between records.
    Outside,
    /// In a record, outside strings.
    Inside,
    /// In a string of a record.
    Text,
    /// After a backslash in a string.
    Escape,
    /// In what cannot be the beginning of a record.
    Junk,
    /// After damage: nothing counts until a line that begins as a record does.
    Lost,
    /// In a member of a wrapper that is no list of records.
    Member,
    /// In a string of such a member.
    MemberText,
    /// After a backslash in that string.
    MemberEscape,
}

/// The scanner's place in one file.
#[derive(Debug, Clone)]
pub(crate) struct Scanner {
    state: State,
    /// Next byte of the buffer to look at.
    position: usize,
    /// Line of the file at `position`, from 1.
    line: u64,
    in_array: bool,
    in_wrapper: bool,
    /// Whether the lists of envelopes are opened too.
    opens_envelopes: bool,
    was_lost: bool,
    begin: Option<Span>,
    depth: usize,
    /// The kinds of the innermost brackets, 1 for a brace, the innermost in the lowest bit.
    braces: u128,
}

impl Scanner {
    pub(crate) fn new(line: u64) -> Self {
        Self {
            state: State::Outside,
            position: 0,
            line,
            in_array: false,
            in_wrapper: false,
            opens_envelopes: false,
            was_lost: false,
            begin: None,
            depth: 0,
            braces: 0,
        }
    }

    /// A scanner that opens the lists of envelopes too.
    pub(crate) fn of_envelopes(line: u64) -> Self {
        Self { opens_envelopes: true, ..Self::new(line) }
    }

    /// Where the record that is not yet whole begins, or where reading goes on.
    pub(crate) fn open_at(&self) -> usize {
        self.begin.map_or(self.position, |span| span.start)
    }

    /// Says that the first `count` bytes of the buffer are gone. Bytes of an open record among them are remembered.
    pub(crate) fn forget(&mut self, count: usize) {
        self.position = self.position.saturating_sub(count);
        if let Some(span) = &mut self.begin {
            span.dropped += count.saturating_sub(span.start) as u64;
            span.start = span.start.saturating_sub(count);
        }
    }

    /// Finds the records that end in `buffer`. `ended` says that no bytes come after it; then the last record ends
    /// with it, whole or not, and the answer is whether it was cut.
    pub(crate) fn scan(&mut self, buffer: &[u8], ended: bool, spans: &mut Vec<Span>) -> bool {
        while let Some(&byte) = buffer.get(self.position) {
            let go_on = match self.state {
                State::Outside => self.outside(byte, buffer, ended),
                State::Inside => self.inside(byte, spans),
                State::Text => self.text(buffer, spans),
                State::Escape => {
                    self.state = State::Text;
                    // A line feed after a backslash is looked at again, as the damage that it is.
                    self.position += usize::from(byte != b'\n');
                    true
                }
                State::Junk => self.junk(byte, spans),
                State::Lost => self.lost(byte, buffer),
                State::Member | State::MemberText | State::MemberEscape => self.member(byte),
            };
            if !go_on {
                break;
            }
        }
        let is_cut = ended && self.begin.is_some();
        if is_cut {
            self.end(buffer.len(), spans);
        }
        is_cut
    }

    /// Place in the buffer of the next byte to look at.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    /// Line of the file at the next byte, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Whether the bytes so far end inside a record.
    pub(crate) fn is_open(&self) -> bool {
        self.begin.is_some()
    }

    /// One byte between records; `false` if more bytes are needed to go on.
    fn outside(&mut self, byte: u8, buffer: &[u8], ended: bool) -> bool {
        match byte {
            b'\n' => self.line += 1,
            b' ' | b'\t' | b'\r' | b',' => {}
            b'[' if !self.in_array => self.in_array = true,
            b']' if self.in_array => self.in_array = false,
            b'}' if self.in_wrapper => self.in_wrapper = false,
            b'"' if self.in_wrapper && !self.in_array => return self.begin_member(buffer, ended),
            b']' | b'}' if self.was_lost => {}
            b'{' if !self.in_array && !self.in_wrapper => {
                let rest = buffer.get(self.position..).unwrap_or_default();
                if rest.len() < LOOKAHEAD_BYTES && !ended {
                    return false;
                }
                if let Some(prefix) = wrapper(rest).or_else(|| self.envelope(rest)) {
                    let skipped = rest.get(..prefix).unwrap_or_default();
                    self.line += memchr::memchr_iter(b'\n', skipped).count() as u64;
                    self.position += prefix;
                    (self.in_wrapper, self.in_array) = (true, true);
                    return true;
                }
                self.open(byte);
            }
            b'{' | b'[' => self.open(byte),
            _ => {
                self.open(byte);
                self.state = State::Junk;
            }
        }
        self.position += 1;
        true
    }

    fn envelope(&self, bytes: &[u8]) -> Option<usize> {
        if self.opens_envelopes { envelope(bytes) } else { None }
    }

    /// A member of a wrapper after its list: another list of records, or something that is passed over.
    fn begin_member(&mut self, buffer: &[u8], ended: bool) -> bool {
        let rest = buffer.get(self.position..).unwrap_or_default();
        if rest.len() < LOOKAHEAD_BYTES && !ended {
            return false;
        }
        let names = WRAPPERS.iter().chain(ENVELOPES.iter().filter(|_| self.opens_envelopes));
        if let Some(prefix) = list(rest, names) {
            let skipped = rest.get(..prefix).unwrap_or_default();
            self.line += memchr::memchr_iter(b'\n', skipped).count() as u64;
            self.position += prefix;
            self.in_array = true;
            return true;
        }
        (self.state, self.depth) = (State::Member, 0);
        true
    }

    fn member(&mut self, byte: u8) -> bool {
        self.line += u64::from(byte == b'\n');
        self.state = match (self.state, byte) {
            (State::MemberEscape, _) => State::MemberText,
            (State::MemberText, b'\\') => State::MemberEscape,
            (State::MemberText, b'"') => State::Member,
            (State::MemberText, _) => State::MemberText,
            (_, b'"') => State::MemberText,
            (_, b'{' | b'[') => {
                self.depth += 1;
                State::Member
            }
            (_, b'}' | b']') if self.depth > 0 => {
                self.depth -= 1;
                State::Member
            }
            // The brace that ends the wrapper is looked at again.
            (_, b'}') => {
                self.state = State::Outside;
                return true;
            }
            (_, b',') if self.depth == 0 => State::Outside,
            _ => State::Member,
        };
        self.position += 1;
        true
    }

    fn open(&mut self, byte: u8) {
        self.begin = Some(Span { start: self.position, end: self.position, line: self.line, dropped: 0 });
        self.state = State::Inside;
        self.depth = 1;
        self.braces = u128::from(byte == b'{');
    }

    fn inside(&mut self, byte: u8, spans: &mut Vec<Span>) -> bool {
        self.position += 1;
        match byte {
            b'"' => self.state = State::Text,
            b'\n' => self.line += 1,
            b'{' | b'[' => {
                self.depth += 1;
                self.braces = (self.braces << 1) | u128::from(byte == b'{');
            }
            b'}' | b']' => {
                // Below the depth that `braces` remembers the record is refused anyway.
                if self.depth <= 128 && (self.braces & 1 == 1) != (byte == b'}') {
                    self.end(self.position, spans);
                    self.lose();
                    return true;
                }
                self.depth -= 1;
                self.braces >>= 1;
                if self.depth == 0 {
                    self.end(self.position, spans);
                    self.state = State::Outside;
                }
            }
            _ => {}
        }
        true
    }

    fn text(&mut self, buffer: &[u8], spans: &mut Vec<Span>) -> bool {
        let rest = buffer.get(self.position..).unwrap_or_default();
        let Some(found) = memchr3(b'"', b'\\', b'\n', rest) else {
            self.position = buffer.len();
            return true;
        };
        self.position += found;
        match rest.get(found) {
            Some(b'"') => self.state = State::Inside,
            Some(b'\\') => self.state = State::Escape,
            // JSON has no line feed in a string: the record was cut, and a new one may begin on the next line.
            _ => {
                self.end(self.position, spans);
                self.lose();
                return true;
            }
        }
        self.position += 1;
        true
    }

    fn junk(&mut self, byte: u8, spans: &mut Vec<Span>) -> bool {
        match byte {
            b'\n' => {
                self.end(self.position, spans);
                self.lose();
            }
            b',' | b'{' | b'[' | b'}' | b']' => {
                self.end(self.position, spans);
                self.state = State::Outside;
                self.was_lost = true;
            }
            _ => self.position += 1,
        }
        true
    }

    fn lose(&mut self) {
        self.state = State::Lost;
        self.was_lost = true;
        (self.in_array, self.in_wrapper) = (false, false);
    }

    /// At the end of a line or within one that does not count.
    fn lost(&mut self, byte: u8, buffer: &[u8]) -> bool {
        if byte != b'\n' {
            let rest = buffer.get(self.position..).unwrap_or_default();
            self.position = memchr::memchr(b'\n', rest).map_or(buffer.len(), |found| self.position + found);
            return true;
        }
        let after = buffer.get(self.position + 1..).unwrap_or_default();
        let blank = after.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
        match after.get(blank) {
            Some(b'{' | b'[') => self.state = State::Outside,
            Some(_) => {
                self.line += 1;
                self.position += 1 + blank;
            }
            // The line's beginning is not there yet; whoever calls again has it.
            None => return false,
        }
        true
    }

    fn end(&mut self, at: usize, spans: &mut Vec<Span>) {
        if let Some(span) = self.begin.take() {
            spans.push(Span { end: at, ..span });
        }
    }
}

/// Length of `{"resourceSpans":[` at the beginning of `bytes`, whatever the white space.
pub(crate) fn wrapper(bytes: &[u8]) -> Option<usize> {
    opening(bytes, &WRAPPERS)
}

/// Length of `{"records":[` and the like at the beginning of `bytes`, whatever the white space.
pub(crate) fn envelope(bytes: &[u8]) -> Option<usize> {
    opening(bytes, &ENVELOPES)
}

fn opening(bytes: &[u8], names: &[&[u8]]) -> Option<usize> {
    let rest = after(bytes, b"{")?;
    Some(bytes.len() - rest.len() + list(rest, names.iter())?)
}

/// Length of `"name":[` at the beginning of `bytes`, whatever the white space.
fn list<'n>(bytes: &[u8], mut names: impl Iterator<Item = &'n &'n [u8]>) -> Option<usize> {
    let head = bytes.get(..LOOKAHEAD_BYTES.min(bytes.len()))?;
    let rest = after(head, b"\"")?;
    let rest = names.find_map(|name| rest.strip_prefix(*name)?.strip_prefix(b"\""))?;
    let rest = after(rest, b":")?;
    let rest = after(rest, b"[")?;
    Some(head.len() - rest.len())
}

fn after<'a>(bytes: &'a [u8], token: &[u8]) -> Option<&'a [u8]> {
    bytes.trim_ascii_start().strip_prefix(token)
}

#[cfg(test)]
mod tests;
