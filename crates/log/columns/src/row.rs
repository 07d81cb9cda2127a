//! A row of the columnar form, version 2. `docs/columns.md` is its reference for people.
//!
//! The schema, the rows being built and the reader of observations are made from the list of fields in
//! [`observation::with_fields`].

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::LazyLock;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use arrow_schema::Field;
use arrow_schema::Schema;
use arrow_schema::SchemaRef;
use observation::Features;
use observation::Observation;
use observation::with_fields;
use record::Call;
use record::Exchange;
use record::Role;
use sketch::HashKey;
use xxhash_rust::xxh3::xxh3_64;

use crate::kind;
use crate::kind::Kind;
use crate::kind::ReadKind;

/// Version of the columnar form, in the path and in each file's metadata.
pub const SCHEMA_VERSION: u32 = 4;

/// Key of the version in a file's metadata.
pub const VERSION_KEY: &str = "stillwatch.exchange.version";

/// Makes the schema, [`Rows`], [`Facts`] and [`Observations`] from the list of fields.
macro_rules! define_rows {
    // Sort the fields by their role, and keep all of them in order too.
    (@sort $all:tt [$($facts:tt)*] $observed:tt [fact $($field:tt)*] $($rest:tt)*) => {
        define_rows! { @sort $all [$($facts)* [$($field)*]] $observed $($rest)* }
    };
    (@sort $all:tt $facts:tt [$($observed:tt)*] [observed $($field:tt)*] $($rest:tt)*) => {
        define_rows! { @sort $all $facts [$($observed)* [$($field)*]] $($rest)* }
    };
    (@sort
        [$([$role:ident $column:literal $name:ident: $type:ty, $kind:ident, $text:literal])*]
        [$([$fact_column:literal $fact:ident: $fact_type:ty, $fact_kind:ident, $fact_text:literal])*]
        [$([$seen_column:literal $seen:ident: $seen_type:ty, $seen_kind:ident, $seen_text:literal])*]
    ) => {
        fn fields() -> Vec<Field> {
            vec![$(Field::new($column, kind::$kind::data_type(), kind::$kind::IS_NULLABLE)),*]
        }

        /// The fields of a row that are kept and not folded.
        struct Facts<'a> {
            $($fact: $fact_type,)*
        }

        /// Rows of the columnar form being built.
        #[derive(Debug)]
        pub struct Rows {
            len: usize,
            kept_text_bytes: usize,
            $($name: kind::$kind,)*
        }

        impl Default for Rows {
            fn default() -> Self {
                Self { len: 0, kept_text_bytes: 0, $($name: kind::$kind::new(),)* }
            }
        }

        impl Rows {
            fn push_fields(&mut self, facts: &Facts<'_>, observation: &Observation<'_>) {
                $(self.$fact.push(facts.$fact);)*
                $(self.$seen.push(observation.$seen);)*
            }

            /// The rows as a batch; the builder is empty afterwards.
            pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
                (self.len, self.kept_text_bytes) = (0, 0);
                RecordBatch::try_new(exchange_schema(), vec![$(self.$name.finish()),*])
            }
        }

        /// The observations of a batch of rows.
        pub struct Observations<'b> {
            len: usize,
            $($seen: <kind::$seen_kind as ReadKind>::Rows<'b>,)*
        }

        impl<'b> Observations<'b> {
            /// The observations of a batch that has the columns [`Observation::COLUMNS`] and may have others.
            ///
            /// # Errors
            /// The name of a column that is missing or of another type.
            pub fn new(batch: &'b RecordBatch) -> Result<Self, &'static str> {
                Ok(Self {
                    len: batch.num_rows(),
                    $($seen: batch.column_by_name($seen_column).and_then(kind::$seen_kind::open).ok_or($seen_column)?,)*
                })
            }

            /// The observation of one row. A row that is not there is an observation of nothing.
            #[must_use]
            pub fn get(&self, row: usize) -> Observation<'_> {
                Observation { $($seen: kind::$seen_kind::get(&self.$seen, row),)* }
            }
        }
    };
    ($($field:tt)*) => {
        define_rows! { @sort [$($field)*] [] [] $($field)* }
    };
}

with_fields!(define_rows);

/// The columns, in order.
#[must_use]
pub fn exchange_schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        let metadata = [(VERSION_KEY.to_owned(), SCHEMA_VERSION.to_string())].into();
        Arc::new(Schema::new_with_metadata(fields(), metadata))
    });
    Arc::clone(&SCHEMA)
}

impl Observations<'_> {
    /// Number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no row.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// Hashes that identify a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId {
    /// Hash of the exchange's id, time and tokens.
    pub id: i64,
    /// Hash of what the record says.
    pub row: i64,
}

/// What names an exchange, and a hash of its account and of everything that the fold reads.
///
/// An id alone does not name one: a caller can choose it, and some libraries write a run's id on every call. Two records
/// of one id that differ in time or in tokens are two exchanges.
#[must_use]
pub fn row_id(exchange: &Exchange<'_>, features: &Features, key: &HashKey) -> RowId {
    named_row(exchange, features, key.value(&exchange.id))
}

/// As [`row_id`], for a record that the log names by its call beside its id.
#[must_use]
pub(crate) fn row_id_of_call(exchange: &Exchange<'_>, features: &Features, call: Option<Call>, key: &HashKey) -> RowId {
    let id = key.value(&exchange.id);
    named_row(
        exchange,
        features,
        match call {
            // The inner and the outer log of one call have ids of their own, and one trace.
            Some(Call::Trace(trace)) => trace,
            Some(Call::Span(span)) => id ^ span.rotate_left(1),
            Some(Call::Event(_) | Call::Part { .. }) | None => id,
        },
    )
}

fn named_row(exchange: &Exchange<'_>, features: &Features, name: u64) -> RowId {
    let tokens = |tokens: Option<u64>| tokens.map_or(u64::MAX, |tokens| tokens.min(u64::MAX - 1));
    let (read, written) = (tokens(exchange.response.input_tokens), tokens(exchange.response.output_tokens));
    let mut bytes = [0; 32];
    let parts = [name, exchange.at_us as u64, read, written];
    bytes.chunks_exact_mut(8).zip(parts).for_each(|(place, part)| place.copy_from_slice(&part.to_le_bytes()));
    let row = features.observation(exchange).digest(&exchange.account);
    RowId { id: (xxh3_64(&bytes) >> 1) as i64, row: row as i64 }
}

/// What is stored of a record as the log told it.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// The caller's new text; else nothing of it.
    pub text: bool,
    /// Keys, end users and addresses; else their hashes under `key`.
    pub identifiers: bool,
    /// What hashes them.
    pub key: HashKey,
}

impl Kept {
    /// An identifying value in the form in which it is stored.
    fn identifier<'v>(&self, value: Option<&'v str>) -> Option<Cow<'v, str>> {
        let hashed = |value: &str| Cow::Owned(format!("keyed:{:016x}", self.key.value(value)));
        value.map(|value| if self.identifiers { Cow::Borrowed(value) } else { hashed(value) })
    }
}

/// What a row takes in memory without its text, about.
const ROW_BYTES: usize = 700;

impl Rows {
    /// Number of rows held.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Bytes held, about.
    pub const fn bytes(&self) -> usize {
        self.len * ROW_BYTES + self.kept_text_bytes
    }

    /// Appends one exchange.
    pub fn push(&mut self, exchange: &Exchange<'_>, features: &Features, row: RowId, kept: &Kept) {
        let Exchange { id, at_us: _, account, key, channel, conversation, end_user, client, request, response } =
            exchange;
        let (params, text) = (&request.params, kept.text.then(|| new_text(exchange)));
        let [key, end_user, ip] = [key, end_user, &client.ip].map(|value| kept.identifier(value.as_deref()));
        let facts = Facts {
            id,
            account,
            key: key.as_deref(),
            channel: channel.as_deref(),
            conversation_id: conversation.as_deref(),
            end_user_id: end_user.as_deref(),
            ip_text: ip.as_deref(),
            country: client.country.as_deref(),
            user_agent_text: client.user_agent.as_deref(),
            ja4_text: client.ja4.as_deref(),
            headers: client.headers.as_deref(),
            model_name: request.model.as_deref(),
            endpoint: request.endpoint.as_deref(),
            stop_reason: response.stop_reason.as_deref(),
            text: text.as_deref(),
            temperature: params.temperature,
            top_p: params.top_p,
            logprobs: params.logprobs,
            stream: params.stream,
            max_tokens: params.max_tokens,
            n: params.n.map(u64::from),
            top_logprobs: params.top_logprobs.map(u64::from),
            logit_bias: params.logit_bias.map(u64::from),
            latency_ms: response.latency_ms,
            id_hash: row.id as u64,
            row_hash: row.row as u64,
            text_bytes: features.text_bytes,
            turns: features.turns.min(i32::MAX as u32),
        };
        self.len += 1;
        self.kept_text_bytes += text.as_ref().map_or(0, String::len);
        self.push_fields(&facts, &features.observation(exchange));
    }
}

/// The caller's new text, as it is kept when asked for.
fn new_text(exchange: &Exchange<'_>) -> String {
    let new = exchange.request.new_messages().iter().filter(|message| message.role == Role::User);
    new.map(|message| message.text.as_ref()).collect::<Vec<_>>().join("\n")
}
