//! A transparency log in a folder: entries that can be added, and neither changed, moved nor taken away unseen.
//!
//! The tree is that of RFC 6962, kept as tiles (C2SP tlog-tiles). Its head is a signed checkpoint (C2SP tlog-checkpoint and
//! signed-note, Ed25519), which witnesses can cosign (C2SP tlog-cosignature). An entry is a salted commitment to a record;
//! the records are kept beside the tiles and are nobody else's business. `docs/ledger.md` has the whole form.
//!
//! This crate knows bytes. It knows nothing of what the records say.

mod checkpoint;
mod commitment;
mod edge;
mod error;
mod files;
mod merkle;
mod note;
mod pause;
mod proof;
mod reader;
mod records;
mod salts;
mod stamped;
mod tile;
mod verify;
mod witness;
mod writer;

pub use checkpoint::Checkpoint;
pub use commitment::ENTRY_BYTES;
pub use commitment::Entry;
pub use error::Error;
pub use error::ErrorKind;
pub use files::CHECKPOINT;
pub use files::PUBLIC_KEY;
pub use merkle::HASH_BYTES;
pub use merkle::Hash;
pub use merkle::MemoryTree;
pub use merkle::Nodes;
pub use merkle::consistency_proof;
pub use merkle::inclusion_proof;
pub use merkle::leaf_hash;
pub use merkle::node_hash;
pub use merkle::root;
pub use merkle::verify_consistency;
pub use merkle::verify_inclusion;
pub use note::Note;
pub use note::SignatureKind;
pub use note::SigningKey;
pub use note::VerifyingKey;
pub use pause::Pause;
pub use proof::LogProof;
pub use reader::Reader;
pub use records::RecordSink;
pub use salts::SALT_BYTES;
pub use salts::Salts;
pub use stamped::StampedHead;
pub use tile::bundle_path;
pub use tile::tile_path;
pub use verify::Fault;
pub use verify::FaultKind;
pub use verify::Known;
pub use verify::Verified;
pub use verify::verify;
pub use witness::Witness;
pub use writer::Ledger;
