//! Signed notes (C2SP signed-note): a text, and who signed it with Ed25519.

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer;
use sha2::Digest;
use sha2::Sha256;

use crate::error::Error;
use crate::files::folder_of;
use crate::files::sync_folder;

/// What a signature line begins with.
const DASH: &str = "\u{2014} ";

/// Signatures of the longest note that is read.
const MAX_SIGNATURES: usize = 64;

/// What a signature is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignatureKind {
    /// The text: the log's own.
    Log,
    /// A time and the text: a witness's.
    Witness,
}

impl SignatureKind {
    const fn byte(self) -> u8 {
        match self {
            Self::Log => 1,
            Self::Witness => 4,
        }
    }
}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    /// Whose it is said to be.
    pub name: String,
    /// What tells keys of one name apart.
    pub id: [u8; 4],
    /// The signature.
    pub signature: Vec<u8>,
}

impl SignatureLine {
    fn write(&self, text: &mut String) {
        let bytes = [self.id.as_slice(), &self.signature].concat();
        text.push_str(&format!("{DASH}{} {}\n", self.name, STANDARD.encode(bytes)));
    }

    fn parse(line: &str) -> Option<Self> {
        let (name, bytes) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = STANDARD.decode(bytes).ok()?;
        let (id, signature) = bytes.split_first_chunk::<4>()?;
        is_name(name).then(|| Self { name: name.to_owned(), id: *id, signature: signature.to_vec() })
    }
}

/// A text with signatures, none of which is checked by reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What is signed; ends in a line feed.
    pub text: String,
    /// The signature lines.
    pub(crate) signatures: Vec<SignatureLine>,
}

impl Note {
    /// Reads a note.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Malformed`] where it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let none =
            || Error::malformed("this is no signed note (a text, an empty line, and lines that begin with a dash)");
        let whole = std::str::from_utf8(bytes).map_err(|_| none())?;
        if whole.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
            return Err(none());
        }
        let (text, signed) = whole.rsplit_once("\n\n").ok_or_else(none)?;
        let lines = signed.strip_suffix('\n').ok_or_else(none)?;
        let signatures: Option<Vec<_>> = lines.split('\n').take(MAX_SIGNATURES + 1).map(SignatureLine::parse).collect();
        match signatures {
            Some(signatures) if signatures.len() <= MAX_SIGNATURES => {
                Ok(Self { text: format!("{text}\n"), signatures })
            }
            _ => Err(none()),
        }
    }

    /// The bytes of the note.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut whole = format!("{}\n", self.text);
        self.signatures.iter().for_each(|line| line.write(&mut whole));
        whole.into_bytes()
    }

    /// Whether a key signed the text. `None` where the note has no signature that says so; `Some(false)` where it says so
    /// and is wrong.
    #[must_use]
    pub fn is_signed_by(&self, key: &VerifyingKey) -> Option<bool> {
        let mut lines = self.signatures.iter().filter(|line| key.is_named(line)).peekable();
        lines.peek()?;
        Some(lines.all(|line| key.verifies(&self.text, &line.signature)))
    }

    /// When a witness says that it signed, in seconds since 1970; `None` where it did not sign.
    #[must_use]
    pub fn witnessed_at(&self, key: &VerifyingKey) -> Option<u64> {
        let line = self.signatures.iter().find(|line| key.is_named(line))?;
        let (time, _) = line.signature.split_first_chunk::<8>()?;
        (key.kind == SignatureKind::Witness && self.is_signed_by(key) == Some(true)).then(|| u64::from_be_bytes(*time))
    }

    /// Names of the signatures of which none of these keys can say whether they are right.
    #[must_use]
    pub fn unknown_to(&self, keys: &[VerifyingKey]) -> Vec<String> {
        let is_unknown = |line: &&SignatureLine| !keys.iter().any(|key| key.is_named(line));
        self.signatures.iter().filter(is_unknown).map(|line| line.name.clone()).collect()
    }

    /// Adds a signature of the text, in place of an earlier one of the same key.
    pub(crate) fn add(&mut self, line: SignatureLine) {
        self.signatures.retain(|known| known.name != line.name || known.id != line.id);
        self.signatures.push(line);
    }
}

/// Names of keys must not hold white space, a plus, or what a terminal would act on.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

/// What checks signatures: a name, what they are over, and an Ed25519 key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    name: String,
    kind: SignatureKind,
    key: ed25519_dalek::VerifyingKey,
}

impl VerifyingKey {
    /// Reads `NAME+ID+KEY`, as C2SP signed-note writes keys.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Malformed`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let none = || Error::malformed("this is no key to verify with (it must be NAME+ID+KEY on one line)");
        let mut parts = text.trim_end_matches('\n').splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else { return Err(none()) };
        let bytes = STANDARD.decode(key).map_err(|_| none())?;
        let (kind, key) = match bytes.split_first() {
            Some((1, key)) => (SignatureKind::Log, key),
            Some((4, key)) => (SignatureKind::Witness, key),
            _ => return Err(none()),
        };
        let key: &[u8; 32] = key.try_into().map_err(|_| none())?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(key).map_err(|_| none())?;
        let known = Self { name: name.to_owned(), kind, key };
        if is_name(name) && id == hex(&known.id()) && !key.is_weak() { Ok(known) } else { Err(none()) }
    }

    /// Whose key it is.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its signatures are over.
    #[must_use]
    pub const fn kind(&self) -> SignatureKind {
        self.kind
    }

    fn id(&self) -> [u8; 4] {
        let hash = Sha256::new().chain_update(&self.name).chain_update([b'\n', self.kind.byte()]);
        let hash: [u8; 32] = hash.chain_update(self.key.as_bytes()).finalize().into();
        hash.first_chunk().copied().unwrap_or_default()
    }

    fn is_named(&self, line: &SignatureLine) -> bool {
        line.name == self.name && line.id == self.id()
    }

    fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        let (message, signature) = match self.kind {
            SignatureKind::Log => (text.to_owned(), signature),
            SignatureKind::Witness => match signature.split_first_chunk::<8>() {
                Some((time, signature)) => (witnessed(text, u64::from_be_bytes(*time)), signature),
                None => return false,
            },
        };
        let signature = ed25519_dalek::Signature::from_slice(signature);
        signature.is_ok_and(|signature| self.key.verify_strict(message.as_bytes(), &signature).is_ok())
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [[self.kind.byte()].as_slice(), self.key.as_bytes()].concat();
        write!(f, "{}+{}+{}", self.name, hex(&self.id()), STANDARD.encode(bytes))
    }
}

/// What a witness signs: its time and the text.
fn witnessed(text: &str, seconds: u64) -> String {
    format!("cosignature/v1\ntime {seconds}\n{text}")
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What signs. It is never printed.
pub struct SigningKey {
    name: String,
    kind: SignatureKind,
    key: ed25519_dalek::SigningKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, ..)", self.name)
    }
}

impl SigningKey {
    /// That of a name and 32 random bytes.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Malformed`] where the name is empty, or holds white space or a plus.
    pub fn of(name: &str, kind: SignatureKind, seed: &[u8; 32]) -> Result<Self, Error> {
        if !is_name(name) {
            return Err(Error::malformed("the name of a key must be of letters without spaces and without +"));
        }
        Ok(Self { name: name.to_owned(), kind, key: ed25519_dalek::SigningKey::from_bytes(seed) })
    }

    /// Reads the file of a key, or makes it with a new one that only its owner may read.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Malformed`] where it is no key; [`crate::ErrorKind::Io`].
    pub fn read_or_make(
        path: &Path,
        name: impl FnOnce(&[u8; 32]) -> String,
        kind: SignatureKind,
    ) -> Result<Self, Error> {
        if path.exists() {
            return Self::read(path);
        }
        let seed = random()?;
        let key = Self::of(&name(&seed), kind, &seed)?;
        let parts = [[kind.byte()].as_slice(), &seed].concat();
        let id = hex(&key.verifying().id());
        write_private(path, &format!("PRIVATE+KEY+{}+{id}+{}\n", key.name, STANDARD.encode(parts)))?;
        // Another run may have been first.
        Self::read(path)
    }

    /// Reads `PRIVATE+KEY+NAME+ID+KEY` from a file.
    ///
    /// # Errors
    /// As [`SigningKey::read_or_make`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        let none =
            || Error::malformed(format!("{} is no key to sign with (it begins with PRIVATE+KEY+)", path.display()));
        let bytes = fs::read(path).map_err(Error::read(path))?;
        let text = String::from_utf8(bytes).map_err(|_| none())?;
        let rest = text.strip_suffix('\n').and_then(|text| text.strip_prefix("PRIVATE+KEY+")).ok_or_else(none)?;
        let mut parts = rest.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else { return Err(none()) };
        let bytes = STANDARD.decode(key).map_err(|_| none())?;
        let (kind, seed) = match bytes.split_first() {
            Some((1, seed)) => (SignatureKind::Log, seed),
            Some((4, seed)) => (SignatureKind::Witness, seed),
            _ => return Err(none()),
        };
        let key = Self::of(name, kind, seed.try_into().map_err(|_| none())?)?;
        if hex(&key.verifying().id()) == id { Ok(key) } else { Err(none()) }
    }

    /// What checks its signatures.
    #[must_use]
    pub fn verifying(&self) -> VerifyingKey {
        VerifyingKey { name: self.name.clone(), kind: self.kind, key: self.key.verifying_key() }
    }

    /// Signs a text that is no checkpoint.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Malformed`] where it could be taken for one: its second line must not be a number.
    pub fn sign_text(&self, text: &str) -> Result<Note, Error> {
        let is_number = |line: &str| line.bytes().all(|byte| byte.is_ascii_digit());
        if self.kind != SignatureKind::Log || !text.ends_with('\n') || text.split('\n').nth(1).is_none_or(is_number) {
            return Err(Error::malformed("only a text that is no checkpoint can be signed so"));
        }
        Ok(Note { text: text.to_owned(), signatures: vec![self.sign(text, 0)] })
    }

    /// A signature of a text. `seconds` since 1970 are signed with it by a witness.
    pub(crate) fn sign(&self, text: &str, seconds: u64) -> SignatureLine {
        let signature = match self.kind {
            SignatureKind::Log => self.key.sign(text.as_bytes()).to_bytes().to_vec(),
            SignatureKind::Witness => {
                let signature = self.key.sign(witnessed(text, seconds).as_bytes()).to_bytes();
                [seconds.to_be_bytes().as_slice(), &signature].concat()
            }
        };
        SignatureLine { name: self.name.clone(), id: self.verifying().id(), signature }
    }
}

/// 32 bytes from the system.
pub fn random() -> Result<[u8; 32], Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::malformed(format!("the system gives no random bytes: {error}")))?;
    Ok(bytes)
}

/// Writes a file that only its owner may read; one that is there stays.
pub fn write_private(path: &Path, text: &str) -> Result<(), Error> {
    let folder = folder_of(path);
    // A file of `tempfile` is its owner's alone.
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder).map_err(Error::write(folder))?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(Error::write(path))?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != std::io::ErrorKind::AlreadyExists => Err(Error::write(path)(error.error)),
        _ => sync_folder(folder),
    }
}
