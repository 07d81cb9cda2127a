//! The file form of a snapshot.
//!
//! | bytes | are |
//! |---|---|
//! | 8 | `SWVERDCT` |
//! | 4 | version of the form, little-endian |
//! | 8 | length of the body, little-endian |
//! | 32 | SHA-256 of all that stands before it and of the body |
//! | the rest | the body: protobuf messages, each after its length: one `Head`, then campaigns, then accounts |
//!
//! Fields that a later build adds are passed over by this one. The version changes where an old build would misread a new
//! file; it is then refused, and whoever reads keeps the snapshot that it has.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use prost::Message;
use sha2::Digest;
use sha2::Sha256;

use crate::check;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::families::Families;
use crate::rows::Contents;
use crate::rows::Row;
use crate::rows::SnapshotCampaign;
use crate::rows::SnapshotWindow;
use crate::snapshot::VerdictSnapshot;
use crate::standing::Standing;
use crate::tier::Tier;

const MAGIC: &[u8; 8] = b"SWVERDCT";
/// The version of the form that is written, and the only one that is read.
pub const SNAPSHOT_VERSION: u32 = 1;
/// Largest file that is read, in bytes: some twenty million accounts.
pub const MAX_SNAPSHOT_BYTES: u64 = 1 << 30;
const CHECKSUM_BYTES: usize = 32;
const PREFIX_BYTES: usize = 20;

#[derive(Clone, PartialEq, Message)]
struct Head {
    #[prost(sint64, tag = "1")]
    made_at_us: i64,
    #[prost(sint64, tag = "2")]
    window_start_us: i64,
    #[prost(sint64, tag = "3")]
    window_end_us: i64,
    #[prost(uint32, tag = "4")]
    campaigns: u32,
    #[prost(uint32, tag = "5")]
    accounts: u32,
}

#[derive(Clone, PartialEq, Message)]
struct CampaignRecord {
    #[prost(string, tag = "1")]
    id: String,
    #[prost(uint32, tag = "2")]
    tier: u32,
    #[prost(uint32, tag = "3")]
    corroboration: u32,
    #[prost(uint32, tag = "4")]
    families: u32,
    #[prost(uint32, tag = "5")]
    confidence: u32,
    /// Empty where it is the id.
    #[prost(string, tag = "6")]
    budget_key: String,
}

#[derive(Clone, PartialEq, Message)]
struct AccountRecord {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(uint32, tag = "2")]
    standing: u32,
    #[prost(uint32, tag = "3")]
    tier: u32,
    #[prost(uint32, tag = "4")]
    corroboration: u32,
    #[prost(uint32, tag = "5")]
    families: u32,
    #[prost(uint32, tag = "6")]
    confidence: u32,
    #[prost(uint32, repeated, tag = "7")]
    campaigns: Vec<u32>,
}

impl VerdictSnapshot {
    /// Its file form. Equal snapshots have equal bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        Self::sealed(&body(self.contents()))
    }

    /// A body with what stands before it: its version, length and checksum. For tests of the reader, which looks at nothing
    /// of a body before its checksum is right.
    #[doc(hidden)]
    #[must_use]
    pub fn sealed(body: &[u8]) -> Vec<u8> {
        let mut bytes = prefix(SNAPSHOT_VERSION, body.len());
        bytes.reserve_exact(CHECKSUM_BYTES + body.len());
        let checksum = checksum(&bytes, body);
        bytes.extend_from_slice(&checksum);
        bytes.extend_from_slice(body);
        bytes
    }

    /// Reads the file form.
    ///
    /// # Errors
    /// [`Error`], which says what is wrong; nothing of a refused snapshot is kept.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() as u64 > MAX_SNAPSHOT_BYTES {
            let text = format!("a snapshot of {} bytes is beyond the bound of {MAX_SNAPSHOT_BYTES}", bytes.len());
            return Err(Error::new(ErrorKind::TooLarge, text));
        }
        let (prefix, rest) = bytes.split_at_checked(PREFIX_BYTES).ok_or_else(not_a_snapshot)?;
        let (magic, numbers) = prefix.split_at_checked(MAGIC.len()).ok_or_else(not_a_snapshot)?;
        if magic != MAGIC {
            return Err(not_a_snapshot());
        }
        let (version, length) = numbers.split_first_chunk::<4>().ok_or_else(not_a_snapshot)?;
        let version = u32::from_le_bytes(*version);
        if version != SNAPSHOT_VERSION {
            let text =
                format!("a snapshot of version {version} is not known here (this build reads {SNAPSHOT_VERSION})");
            return Err(Error::new(ErrorKind::Version, text));
        }
        let length = length.first_chunk::<8>().map_or(0, |length| u64::from_le_bytes(*length));
        let (sum, body) = rest.split_at_checked(CHECKSUM_BYTES).ok_or_else(cut)?;
        if body.len() as u64 != length {
            return Err(cut());
        }
        let checksum = checksum(prefix, body);
        if checksum != sum {
            return Err(damaged("its checksum is not that of its contents"));
        }
        Ok(Self::index(id(&checksum), read_body(body)?))
    }

    /// Reads a snapshot from a file of bounded size.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`] with the path, and as [`VerdictSnapshot::from_bytes`].
    pub fn read_file(path: &Path) -> Result<Self, Error> {
        let mut bytes = Vec::new();
        let file = File::open(path).and_then(|file| file.take(MAX_SNAPSHOT_BYTES + 1).read_to_end(&mut bytes));
        file.map_err(|error| Error::new(ErrorKind::Unreadable, format!("cannot read {}: {error}", path.display())))?;
        Self::from_bytes(&bytes).map_err(|error| Error::new(error.kind(), format!("{}: {error}", path.display())))
    }
}

/// The snapshot of checked contents.
pub(crate) fn snapshot(contents: Contents) -> VerdictSnapshot {
    let body = body(&contents);
    let id = id(&checksum(&prefix(SNAPSHOT_VERSION, body.len()), &body));
    VerdictSnapshot::index(id, contents)
}

fn id(checksum: &[u8; CHECKSUM_BYTES]) -> String {
    checksum.iter().take(8).fold("S-".to_owned(), |id, byte| id + &format!("{byte:02x}"))
}

fn prefix(version: u32, length: usize) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&version.to_le_bytes());
    bytes.extend_from_slice(&(length as u64).to_le_bytes());
    bytes
}

fn checksum(prefix: &[u8], body: &[u8]) -> [u8; CHECKSUM_BYTES] {
    Sha256::new().chain_update(prefix).chain_update(body).finalize().into()
}

fn body(contents: &Contents) -> Vec<u8> {
    let mut body = Vec::new();
    let head = Head {
        made_at_us: contents.made_at_us,
        window_start_us: contents.window.start_us,
        window_end_us: contents.window.end_us,
        campaigns: contents.campaigns.len() as u32,
        accounts: contents.rows.len() as u32,
    };
    put(&head, &mut body);
    for campaign in &contents.campaigns {
        let SnapshotCampaign { id, tier, corroboration, families, confidence, budget_key } = campaign;
        let record = CampaignRecord {
            id: id.clone(),
            tier: tier_number(*tier),
            corroboration: u32::from(*corroboration),
            families: u32::from(families.bits()),
            confidence: u32::from(*confidence),
            budget_key: if budget_key == id { String::new() } else { budget_key.clone() },
        };
        put(&record, &mut body);
    }
    for row in &contents.rows {
        let record = AccountRecord {
            name: row.name.to_string(),
            standing: row.standing.map_or(0, standing_number),
            tier: tier_number(row.tier),
            corroboration: u32::from(row.corroboration),
            families: u32::from(row.families.bits()),
            confidence: u32::from(row.confidence),
            campaigns: contents.campaigns_of(row).to_vec(),
        };
        put(&record, &mut body);
    }
    body
}

fn put<M: Message>(message: &M, body: &mut Vec<u8>) {
    // Writing to a vector, which grows, does not fail.
    let _ = message.encode_length_delimited(body);
}

fn read_body(mut body: &[u8]) -> Result<Contents, Error> {
    let head: Head = take(&mut body)?;
    // Numbers are not believed before there are bytes for them: a record has two bytes at least.
    let most = body.len() / 2;
    if head.campaigns as usize > most || head.accounts as usize > most {
        return Err(damaged("it says that it holds more than it has bytes for"));
    }
    let mut campaigns = Vec::with_capacity(head.campaigns as usize);
    for _ in 0..head.campaigns {
        campaigns.push(read_campaign(take(&mut body)?)?);
    }
    let (mut rows, mut places) = (Vec::with_capacity(head.accounts as usize), Vec::new());
    for _ in 0..head.accounts {
        rows.push(read_account(take(&mut body)?, &mut places)?);
    }
    if !body.is_empty() {
        return Err(damaged("there are bytes after its last account"));
    }
    let window = SnapshotWindow { start_us: head.window_start_us, end_us: head.window_end_us };
    let contents = Contents { made_at_us: head.made_at_us, window, campaigns, rows, places };
    check::check(&contents)?;
    Ok(contents)
}

fn take<M: Message + Default>(body: &mut &[u8]) -> Result<M, Error> {
    M::decode_length_delimited(body).map_err(|error| damaged(&error.to_string()))
}

fn read_campaign(record: CampaignRecord) -> Result<SnapshotCampaign, Error> {
    let CampaignRecord { id, tier, corroboration, families, confidence, budget_key } = record;
    Ok(SnapshotCampaign {
        budget_key: if budget_key.is_empty() { id.clone() } else { budget_key },
        id,
        tier: read_tier(tier)?,
        corroboration: small(corroboration)?,
        families: Families::from_bits(families),
        confidence: small(confidence)?,
    })
}

fn read_account(record: AccountRecord, places: &mut Vec<u32>) -> Result<Row, Error> {
    let AccountRecord { name, standing, tier, corroboration, families, confidence, campaigns } = record;
    let first_campaign = check::count(places.len())?;
    places.extend_from_slice(&campaigns);
    Ok(Row {
        name: name.into_boxed_str(),
        first_campaign,
        campaigns: check::campaigns(campaigns.len())?,
        standing: read_standing(standing)?,
        tier: read_tier(tier)?,
        corroboration: small(corroboration)?,
        families: Families::from_bits(families),
        confidence: small(confidence)?,
    })
}

const fn tier_number(tier: Tier) -> u32 {
    match tier {
        Tier::Lead => 1,
        Tier::Suspected => 2,
        Tier::Discovered => 3,
    }
}

fn read_tier(number: u32) -> Result<Tier, Error> {
    let tier = Tier::ALL.into_iter().find(|tier| tier_number(*tier) == number);
    tier.ok_or_else(|| damaged(&format!("the tier {number} is not known here")))
}

const fn standing_number(standing: Standing) -> u32 {
    match standing {
        Standing::Watch => 1,
        Standing::Implicated => 2,
    }
}

fn read_standing(number: u32) -> Result<Option<Standing>, Error> {
    match number {
        0 => Ok(None),
        1 => Ok(Some(Standing::Watch)),
        2 => Ok(Some(Standing::Implicated)),
        _ => Err(damaged(&format!("the standing {number} is not known here"))),
    }
}

fn small(number: u32) -> Result<u8, Error> {
    u8::try_from(number).map_err(|_| damaged(&format!("the number {number} is beyond its bound of 255")))
}

fn not_a_snapshot() -> Error {
    Error::new(ErrorKind::NotASnapshot, "this is no verdict snapshot (give a file that a sweep or a hunt wrote)")
}

fn cut() -> Error {
    Error::new(ErrorKind::Damaged, "the snapshot was cut, or has bytes after its end (copy it again)")
}

fn damaged(text: &str) -> Error {
    Error::new(ErrorKind::Damaged, format!("the snapshot is damaged: {text} (copy it again)"))
}
