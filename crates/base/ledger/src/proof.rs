//! Proofs that stand alone (C2SP tlog-proof): where an entry is, the hashes that show it, and the checkpoint.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::Checkpoint;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::merkle::Hash;
use crate::merkle::leaf_hash;
use crate::merkle::verify_inclusion;
use crate::note::Note;
use crate::note::VerifyingKey;

const HEAD: &str = "c2sp.org/tlog-proof@v1";

/// The longest path of a tree whose size is a number of 64 bits.
const LONGEST: usize = 64;

/// That an entry is in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogProof {
    /// Its index.
    pub index: u64,
    /// The hashes beside the path to the root, from the entry up.
    pub path: Vec<Hash>,
    /// The checkpoint, signed.
    pub checkpoint: Note,
}

impl LogProof {
    /// Checks it for an entry.
    ///
    /// # Errors
    /// [`ErrorKind::Damaged`] where it shows nothing of the kind.
    pub fn check(&self, entry: &[u8], key: &VerifyingKey) -> Result<Checkpoint, Error> {
        let checkpoint = Checkpoint::open(&self.checkpoint, key)?;
        if verify_inclusion(&leaf_hash(entry), self.index, checkpoint.size, &self.path, &checkpoint.root) {
            return Ok(checkpoint);
        }
        let text = format!("the proof does not show that the entry is number {} of the log", self.index);
        Err(Error::new(ErrorKind::Damaged, text))
    }
}

impl std::fmt::Display for LogProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{HEAD}\nindex {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", STANDARD.encode(hash)))?;
        write!(f, "\n{}", String::from_utf8_lossy(&self.checkpoint.to_bytes()))
    }
}

impl std::str::FromStr for LogProof {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let none = || Error::malformed(format!("this is no proof (its first line must be {HEAD})"));
        let (head, checkpoint) = text.split_once("\n\n").ok_or_else(none)?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEAD) {
            return Err(none());
        }
        let index: u64 = lines.next().and_then(|line| line.strip_prefix("index ")?.parse().ok()).ok_or_else(none)?;
        let hash = |line: &str| STANDARD.decode(line).ok().and_then(|bytes| Hash::try_from(bytes).ok());
        let path: Option<Vec<Hash>> = lines.take(LONGEST + 1).map(hash).collect();
        let path = path.filter(|path| path.len() <= LONGEST).ok_or_else(none)?;
        let proof = Self { index, path, checkpoint: Note::parse(checkpoint.as_bytes())? };
        // No other text says the same.
        if proof.to_string() == text { Ok(proof) } else { Err(none()) }
    }
}
