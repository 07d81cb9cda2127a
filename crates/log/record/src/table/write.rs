//! Exchanges to a Parquet table of flat columns.

use std::io;
use std::io::Write;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::RecordBatch;
use arrow_array::builder::BooleanBuilder;
use arrow_array::builder::Float64Builder;
use arrow_array::builder::ListBuilder;
use arrow_array::builder::StringBuilder;
use arrow_array::builder::TimestampMicrosecondBuilder;
use arrow_array::builder::UInt64Builder;
use arrow_schema::DataType;
use arrow_schema::Field;
use arrow_schema::Schema;
use arrow_schema::SchemaRef;
use arrow_schema::TimeUnit;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::basic::ZstdLevel;
use parquet::file::properties::WriterProperties;

use crate::Exchange;
use crate::native::write_messages;

/// Rows, and bytes of text, that are gathered before they are handed to the writer.
const BATCH_ROWS: usize = 4096;
const BATCH_TEXT_BYTES: usize = 16 * 1024 * 1024;

/// How a column's cell is had from an exchange.
#[derive(Clone, Copy)]
enum Cell {
    Time,
    Messages,
    Tools,
    Text(for<'e> fn(&'e Exchange<'_>) -> Option<&'e str>),
    Count(fn(&Exchange<'_>) -> Option<u64>),
    Number(fn(&Exchange<'_>) -> Option<f64>),
    Flag(fn(&Exchange<'_>) -> Option<bool>),
}

/// The columns in their order.
const COLUMNS: [(&str, Cell); 32] = [
    ("id", Cell::Text(|x| Some(&x.id))),
    ("at", Cell::Time),
    ("account", Cell::Text(|x| Some(&x.account))),
    ("key", Cell::Text(|x| x.key.as_deref())),
    ("channel", Cell::Text(|x| x.channel.as_deref())),
    ("conversation", Cell::Text(|x| x.conversation.as_deref())),
    ("end_user", Cell::Text(|x| x.end_user.as_deref())),
    ("ip", Cell::Text(|x| x.client.ip.as_deref())),
    ("asn", Cell::Count(|x| x.client.asn.map(u64::from))),
    ("country", Cell::Text(|x| x.client.country.as_deref())),
    ("user_agent", Cell::Text(|x| x.client.user_agent.as_deref())),
    ("ja4", Cell::Text(|x| x.client.ja4.as_deref())),
    ("headers", Cell::Text(|x| x.client.headers.as_deref())),
    ("model", Cell::Text(|x| x.request.model.as_deref())),
    ("endpoint", Cell::Text(|x| x.request.endpoint.as_deref())),
    ("system", Cell::Text(|x| x.request.system.as_deref())),
    ("messages", Cell::Messages),
    ("tools", Cell::Tools),
    ("temperature", Cell::Number(|x| x.request.params.temperature)),
    ("top_p", Cell::Number(|x| x.request.params.top_p)),
    ("max_tokens", Cell::Count(|x| x.request.params.max_tokens)),
    ("n", Cell::Count(|x| x.request.params.n.map(u64::from))),
    ("logprobs", Cell::Flag(|x| x.request.params.logprobs)),
    ("top_logprobs", Cell::Count(|x| x.request.params.top_logprobs.map(u64::from))),
    ("logit_bias", Cell::Count(|x| x.request.params.logit_bias.map(u64::from))),
    ("stream", Cell::Flag(|x| x.request.params.stream)),
    ("status", Cell::Count(|x| x.response.status.map(u64::from))),
    ("stop_reason", Cell::Text(|x| x.response.stop_reason.as_deref())),
    ("input_tokens", Cell::Count(|x| x.response.input_tokens)),
    ("output_tokens", Cell::Count(|x| x.response.output_tokens)),
    ("latency_ms", Cell::Count(|x| x.response.latency_ms)),
    ("content", Cell::Text(|x| x.response.content.as_deref())),
];

/// The columns that [`ExchangeWriter`] writes. `messages` is the JSON of the list.
#[must_use]
pub fn exchange_schema() -> SchemaRef {
    let field = |(name, cell): &(&str, Cell)| {
        let needed = matches!(*name, "id" | "at" | "account");
        let kind = match cell {
            Cell::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Cell::Messages | Cell::Text(_) => DataType::Utf8,
            Cell::Tools => DataType::new_list(DataType::Utf8, true),
            Cell::Count(_) => DataType::UInt64,
            Cell::Number(_) => DataType::Float64,
            Cell::Flag(_) => DataType::Boolean,
        };
        Field::new(*name, kind, !needed)
    };
    Arc::new(Schema::new(COLUMNS.iter().map(field).collect::<Vec<_>>()))
}

/// One column in the making.
enum Column {
    Time(TimestampMicrosecondBuilder),
    Messages(StringBuilder),
    Tools(ListBuilder<StringBuilder>),
    Text(for<'e> fn(&'e Exchange<'_>) -> Option<&'e str>, StringBuilder),
    Count(fn(&Exchange<'_>) -> Option<u64>, UInt64Builder),
    Number(fn(&Exchange<'_>) -> Option<f64>, Float64Builder),
    Flag(fn(&Exchange<'_>) -> Option<bool>, BooleanBuilder),
}

impl Column {
    fn new(cell: Cell) -> Self {
        match cell {
            Cell::Time => Self::Time(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
            Cell::Messages => Self::Messages(StringBuilder::new()),
            Cell::Tools => Self::Tools(ListBuilder::new(StringBuilder::new())),
            Cell::Text(get) => Self::Text(get, StringBuilder::new()),
            Cell::Count(get) => Self::Count(get, UInt64Builder::new()),
            Cell::Number(get) => Self::Number(get, Float64Builder::new()),
            Cell::Flag(get) => Self::Flag(get, BooleanBuilder::new()),
        }
    }

    /// Adds a row's cell and returns the bytes of text that it took.
    fn push(&mut self, exchange: &Exchange<'_>) -> usize {
        match self {
            Self::Time(column) => column.append_value(exchange.at_us),
            Self::Messages(column) if exchange.request.messages.is_empty() => column.append_null(),
            Self::Messages(column) => {
                let mut json = Vec::new();
                write_messages(&exchange.request.messages, &mut json);
                // What was written is JSON and so UTF-8.
                column.append_value(str::from_utf8(&json).unwrap_or_default());
                return json.len();
            }
            Self::Tools(column) => {
                for tool in &exchange.request.tools {
                    column.values().append_value(tool);
                }
                column.append(!exchange.request.tools.is_empty());
            }
            Self::Text(get, column) => {
                let text = get(exchange);
                column.append_option(text);
                return text.map_or(0, str::len);
            }
            Self::Count(get, column) => column.append_option(get(exchange)),
            Self::Number(get, column) => column.append_option(get(exchange)),
            Self::Flag(get, column) => column.append_option(get(exchange)),
        }
        0
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Time(column) => Arc::new(column.finish()),
            Self::Messages(column) | Self::Text(_, column) => Arc::new(column.finish()),
            Self::Tools(column) => Arc::new(column.finish()),
            Self::Count(_, column) => Arc::new(column.finish()),
            Self::Number(_, column) => Arc::new(column.finish()),
            Self::Flag(_, column) => Arc::new(column.finish()),
        }
    }
}

/// Writes exchanges as a Parquet file with the columns of [`exchange_schema`], compressed by zstd.
pub struct ExchangeWriter<W: Write + Send> {
    writer: ArrowWriter<W>,
    schema: SchemaRef,
    columns: Vec<Column>,
    rows: usize,
    text_bytes: usize,
}

impl<W: Write + Send> ExchangeWriter<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// If the first bytes cannot be written.
    pub fn new(out: W) -> io::Result<Self> {
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
        let schema = exchange_schema();
        let writer = ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties)).map_err(write_failed)?;
        let columns = COLUMNS.iter().map(|(_, cell)| Column::new(*cell)).collect();
        Ok(Self { writer, schema, columns, rows: 0, text_bytes: 0 })
    }

    /// Adds one exchange.
    ///
    /// # Errors
    /// If a batch was full and cannot be written.
    pub fn push(&mut self, exchange: &Exchange<'_>) -> io::Result<()> {
        for column in &mut self.columns {
            self.text_bytes += column.push(exchange);
        }
        self.rows += 1;
        if self.rows >= BATCH_ROWS || self.text_bytes >= BATCH_TEXT_BYTES { self.flush() } else { Ok(()) }
    }

    /// Writes what is left and the file's end, and gives back the writer below.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        self.writer.into_inner().map_err(write_failed)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let columns = self.columns.iter_mut().map(Column::finish).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(io::Error::other)?;
        (self.rows, self.text_bytes) = (0, 0);
        self.writer.write(&batch).map_err(write_failed)
    }
}

/// A failure of the Parquet writer as the caller's kind of error.
fn write_failed(error: parquet::errors::ParquetError) -> io::Error {
    io::Error::other(error)
}
