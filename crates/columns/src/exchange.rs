//! The columnar form of an exchange, version 2. `docs/columns.md` is its reference for people.

use std::sync::Arc;
use std::sync::LazyLock;

use arrow::array::ArrayRef;
use arrow::array::BooleanBuilder;
use arrow::array::FixedSizeBinaryBuilder;
use arrow::array::Float64Builder;
use arrow::array::Int32Builder;
use arrow::array::Int64Builder;
use arrow::array::ListBuilder;
use arrow::array::RecordBatch;
use arrow::array::StringBuilder;
use arrow::array::TimestampMicrosecondBuilder;
use arrow::datatypes::DataType;
use arrow::datatypes::Field;
use arrow::datatypes::Schema;
use arrow::datatypes::SchemaRef;
use arrow::datatypes::TimeUnit;
use arrow::error::ArrowError;
use profile::Features;
use profile::Observation;
use record::Exchange;
use record::Role;
use sketch::DIMENSIONS;
use sketch::hash::value_hash;
use xxhash_rust::xxh3::Xxh3Default;

/// Version of the columnar form, in the path and in each file's metadata.
pub const SCHEMA_VERSION: u32 = 2;

/// Key of the version in a file's metadata.
pub const VERSION_KEY: &str = "stillwatch.exchange.version";

/// The columns, in order: facts as the log told them, then what was computed once.
#[must_use]
pub fn exchange_schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        let needed = |name: &str, kind: DataType| Field::new(name, kind, false);
        let optional = |name: &str, kind: DataType| Field::new(name, kind, true);
        let mut fields = vec![
            needed("id", DataType::Utf8),
            needed("at", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))),
            needed("account", DataType::Utf8),
        ];
        fields.extend(TEXTS.iter().map(|name| optional(name, DataType::Utf8)));
        fields.extend(["temperature", "top_p"].map(|name| optional(name, DataType::Float64)));
        fields.extend(["logprobs", "stream"].map(|name| optional(name, DataType::Boolean)));
        fields.extend(NUMBERS.iter().map(|name| optional(name, DataType::Int64)));
        fields.extend(COMPUTED.iter().map(|name| needed(name, DataType::Int64)));
        fields.push(needed("cues", DataType::Int32));
        fields.push(needed("turns", DataType::Int32));
        fields.push(needed("frames", DataType::List(Arc::new(Field::new("item", DataType::Int64, false)))));
        fields.push(optional("features", DataType::FixedSizeBinary(DIMENSIONS as i32)));
        fields.extend(ADDED.iter().map(|name| optional(name, DataType::Int64)));
        fields.extend(
            ADDED_LISTS
                .iter()
                .map(|name| optional(name, DataType::List(Arc::new(Field::new("item", DataType::Int64, false))))),
        );
        let metadata = [(VERSION_KEY.to_owned(), SCHEMA_VERSION.to_string())].into();
        Arc::new(Schema::new_with_metadata(fields, metadata))
    });
    Arc::clone(&SCHEMA)
}

const TEXTS: [&str; 13] = [
    "key",
    "channel",
    "conversation",
    "end_user",
    "ip",
    "country",
    "user_agent",
    "ja4",
    "headers",
    "model",
    "endpoint",
    "stop_reason",
    "text",
];
const NUMBERS: [&str; 9] =
    ["asn", "max_tokens", "n", "top_logprobs", "logit_bias", "status", "input_tokens", "output_tokens", "latency_ms"];
/// Hashes of 63 bits, and `text_bytes`. `row_hash` tells apart two records of one id.
const COMPUTED: [&str; 10] = [
    "id_hash",
    "row_hash",
    "ip_hash",
    "client_tuple",
    "user_agent_hash",
    "harness",
    "conversation_hash",
    "end_user_hash",
    "prompt",
    "text_bytes",
];

/// Hashes of 63 bits; null is none.
const ADDED: [&str; 5] = ["root", "minted", "presented", "model_hash", "ja4_hash"];
const ADDED_LISTS: [&str; 3] = ["phrases", "quotes", "answer_quotes"];

/// Rows of the columnar form being built.
#[derive(Debug)]
pub struct Rows {
    len: usize,
    id: StringBuilder,
    at: TimestampMicrosecondBuilder,
    account: StringBuilder,
    texts: [StringBuilder; TEXTS.len()],
    floats: [Float64Builder; 2],
    flags: [BooleanBuilder; 2],
    numbers: [Int64Builder; NUMBERS.len()],
    computed: [Int64Builder; COMPUTED.len()],
    cues: Int32Builder,
    turns: Int32Builder,
    frames: ListBuilder<Int64Builder>,
    features: FixedSizeBinaryBuilder,
    added: [Int64Builder; ADDED.len()],
    added_lists: [ListBuilder<Int64Builder>; ADDED_LISTS.len()],
}

impl Default for Rows {
    fn default() -> Self {
        let list = || ListBuilder::new(Int64Builder::new()).with_field(Field::new("item", DataType::Int64, false));
        Self {
            len: 0,
            id: StringBuilder::new(),
            at: TimestampMicrosecondBuilder::new().with_timezone("UTC"),
            account: StringBuilder::new(),
            texts: std::array::from_fn(|_| StringBuilder::new()),
            floats: std::array::from_fn(|_| Float64Builder::new()),
            flags: std::array::from_fn(|_| BooleanBuilder::new()),
            numbers: std::array::from_fn(|_| Int64Builder::new()),
            computed: std::array::from_fn(|_| Int64Builder::new()),
            cues: Int32Builder::new(),
            turns: Int32Builder::new(),
            frames: list(),
            features: FixedSizeBinaryBuilder::new(DIMENSIONS as i32),
            added: std::array::from_fn(|_| Int64Builder::new()),
            added_lists: std::array::from_fn(|_| list()),
        }
    }
}

/// Hashes that identify a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId {
    /// Hash of the exchange's id.
    pub id: i64,
    /// Hash of what the record says.
    pub row: i64,
}

/// What a record is and says: its id, and a hash over everything a hunt reads.
#[must_use]
pub fn row_id(exchange: &Exchange<'_>, features: &Features) -> RowId {
    let seen = features.observation(exchange);
    let mut hash = Xxh3Default::new();
    hash.update(exchange.account.as_bytes());
    let numbers = [
        seen.at_us as u64,
        seen.ip,
        seen.client_tuple,
        seen.harness,
        seen.conversation,
        seen.end_user,
        features.text.hash,
        u64::from(seen.turns),
        u64::from(seen.cues),
        u64::from(seen.status),
        seen.input_tokens,
        seen.output_tokens,
        seen.latency_ms.map_or(u64::MAX, |latency_ms| latency_ms),
        seen.root,
        seen.minted,
        seen.presented,
        seen.model,
        seen.ja4,
        seen.asn,
    ];
    numbers.iter().chain(seen.answer).for_each(|number| hash.update(&number.to_le_bytes()));
    RowId { id: value_hash(&exchange.id) as i64, row: (hash.digest() >> 1) as i64 }
}

impl Rows {
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Appends one exchange; `keep_text` also stores the caller's new text.
    pub fn push(&mut self, exchange: &Exchange<'_>, features: &Features, row: RowId, keep_text: bool) {
        let Exchange { id, at_us, account, key, channel, conversation, end_user, client, request, response } = exchange;
        self.len += 1;
        self.id.append_value(id);
        self.at.append_value(*at_us);
        self.account.append_value(account);
        let text = keep_text.then(|| new_text(exchange));
        let texts = [
            key,
            channel,
            conversation,
            end_user,
            &client.ip,
            &client.country,
            &client.user_agent,
            &client.ja4,
            &client.headers,
            &request.model,
            &request.endpoint,
            &response.stop_reason,
        ];
        let texts = texts.into_iter().map(Option::as_deref).chain([text.as_deref()]);
        self.texts.iter_mut().zip(texts).for_each(|(column, value)| column.append_option(value));
        let params = &request.params;
        let floats = [params.temperature, params.top_p];
        self.floats.iter_mut().zip(floats).for_each(|(column, value)| column.append_option(value));
        let flags = [params.logprobs, params.stream];
        self.flags.iter_mut().zip(flags).for_each(|(column, value)| column.append_option(value));
        let large = |value: Option<u64>| value.map(|value| i64::try_from(value).unwrap_or(i64::MAX));
        let numbers = [
            client.asn.map(i64::from),
            large(params.max_tokens),
            params.n.map(i64::from),
            params.top_logprobs.map(i64::from),
            params.logit_bias.map(i64::from),
            response.status.map(i64::from),
            large(response.input_tokens),
            large(response.output_tokens),
            large(response.latency_ms),
        ];
        self.numbers.iter_mut().zip(numbers).for_each(|(column, value)| column.append_option(value));
        let observed = features.observation(exchange);
        let hash = |hash: u64| hash as i64;
        let computed = [
            row.id,
            row.row,
            hash(features.ip),
            hash(features.client_tuple),
            hash(features.user_agent),
            hash(features.harness),
            hash(features.conversation),
            hash(features.end_user),
            hash(observed.prompt),
            hash(features.text_bytes),
        ];
        self.computed.iter_mut().zip(computed).for_each(|(column, value)| column.append_value(value));
        self.cues.append_value(features.cues as i32);
        self.turns.append_value(i32::try_from(features.turns).unwrap_or(i32::MAX));
        observed.frames.iter().for_each(|frame| self.frames.values().append_value(*frame as i64));
        self.frames.append(true);
        if observed.features.is_empty() {
            self.features.append_null();
        } else {
            let bytes = features.text.features.map(|feature| feature as u8);
            // INVARIANT (width): the array is as long as the column is wide, so this cannot fail.
            let _ = self.features.append_value(bytes);
        }
        self.push_continuity(&observed);
    }

    /// Appends what shows whether work moves between accounts.
    fn push_continuity(&mut self, observed: &Observation<'_>) {
        let added = [observed.root, observed.minted, observed.presented, observed.model, observed.ja4];
        let known = |hash: u64| (hash != 0).then_some(hash as i64);
        self.added.iter_mut().zip(added).for_each(|(column, hash)| column.append_option(known(hash)));
        for (column, hashes) in self.added_lists.iter_mut().zip([observed.phrases, observed.quotes, observed.answer]) {
            hashes.iter().for_each(|hash| column.values().append_value(*hash as i64));
            column.append(!hashes.is_empty());
        }
    }

    /// The rows as a batch; the builder is empty afterwards.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        self.len = 0;
        let mut columns: Vec<ArrayRef> =
            vec![Arc::new(self.id.finish()), Arc::new(self.at.finish()), Arc::new(self.account.finish())];
        columns.extend(self.texts.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        columns.extend(self.floats.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        columns.extend(self.flags.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        columns.extend(self.numbers.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        columns.extend(self.computed.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        columns.push(Arc::new(self.cues.finish()));
        columns.push(Arc::new(self.turns.finish()));
        columns.push(Arc::new(self.frames.finish()));
        columns.push(Arc::new(self.features.finish()));
        columns.extend(self.added.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        columns.extend(self.added_lists.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        RecordBatch::try_new(exchange_schema(), columns)
    }
}

/// The caller's new text, as it is kept when asked for.
fn new_text(exchange: &Exchange<'_>) -> String {
    let new = exchange.request.new_messages().iter().filter(|message| message.role == Role::User);
    new.map(|message| message.text.as_ref()).collect::<Vec<_>>().join("\n")
}
