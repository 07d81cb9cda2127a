//! The one list of the fields of a row.
//!
//! An exchange becomes a row: facts that the log told, and observations from which profiles are folded. Each field
//! stands here once, in the order of the columnar form. [`Observation`](crate::Observation) and its digest are made from
//! the list, and so are the Arrow schema, the writer and the reader in `columns`. To add a field, add a line here; the
//! compiler then names every place that has to fill it.

/// Calls the macro `$callback` with every field of a row, in the order of the columnar form.
///
/// Each field is `[role "column" name: type, Kind, "documentation"]`. The role is `fact` for what is only kept, and
/// `observed` for what the fold reads. The kinds are:
///
/// | kind | Rust type | Arrow type |
/// |---|---|---|
/// | `Text` | `&str` | `Utf8` |
/// | `OptionalText` | `Option<&str>` | `Utf8`, nullable |
/// | `Time` | `i64` | `Timestamp(µs, UTC)` |
/// | `Float`, `Flag` | `Option<f64>`, `Option<bool>` | `Float64`, `Boolean`, nullable |
/// | `Count` | `Option<u64>` | `Int64`, nullable |
/// | `Hash` | `u64` of 63 bits, 0 for none | `Int64` |
/// | `OptionalHash` | the same | `Int64`, null for none |
/// | `Small` | `u32` | `Int32` |
/// | `Hashes` | `&[u64]` | list of `Int64` |
/// | `OptionalHashes` | `&[u64]`, empty for none | list of `Int64`, null for none |
/// | `Vector` | `&[i8]`, empty for none | `FixedSizeBinary(64)`, null for none |
#[macro_export]
macro_rules! with_fields {
    ($callback:ident) => {
        $callback! {
            [fact "id" id: &'a str, Text, "The exchange's id."]
            [observed "at" at_us: i64, Time, "When it arrived: microseconds since 1970-01-01T00:00:00Z."]
            [fact "account" account: &'a str, Text, "Who is answerable."]
            [fact "key" key: Option<&'a str>, OptionalText, "The API key's name."]
            [fact "channel" channel: Option<&'a str>, OptionalText, "The channel."]
            [fact "conversation" conversation_id: Option<&'a str>, OptionalText, "The conversation's id."]
            [fact "end_user" end_user_id: Option<&'a str>, OptionalText, "The caller's own user."]
            [fact "ip" ip_text: Option<&'a str>, OptionalText, "Source address."]
            [fact "country" country: Option<&'a str>, OptionalText, "Country of the source address."]
            [fact "user_agent" user_agent_text: Option<&'a str>, OptionalText, "User agent."]
            [fact "ja4" ja4_text: Option<&'a str>, OptionalText, "TLS fingerprint."]
            [fact "headers" headers: Option<&'a str>, OptionalText, "Header fingerprint."]
            [fact "model" model_name: Option<&'a str>, OptionalText, "Model."]
            [fact "endpoint" endpoint: Option<&'a str>, OptionalText, "Endpoint."]
            [fact "stop_reason" stop_reason: Option<&'a str>, OptionalText, "Why the answer ended."]
            [fact "text" text: Option<&'a str>, OptionalText, "The caller's new text, where it is kept."]
            [fact "temperature" temperature: Option<f64>, Float, "Parameter."]
            [fact "top_p" top_p: Option<f64>, Float, "Parameter."]
            [fact "logprobs" logprobs: Option<bool>, Flag, "Parameter."]
            [fact "stream" stream: Option<bool>, Flag, "Parameter."]
            [observed "asn" asn: Option<u64>, Count, "Number of the autonomous system of the source address."]
            [fact "max_tokens" max_tokens: Option<u64>, Count, "Parameter."]
            [fact "n" n: Option<u64>, Count, "Parameter."]
            [fact "top_logprobs" top_logprobs: Option<u64>, Count, "Parameter."]
            [fact "logit_bias" logit_bias: Option<u64>, Count, "Parameter: number of biased tokens."]
            [observed "status" status: Option<u64>, Count, "HTTP status."]
            [observed "input_tokens" input_tokens: Option<u64>, Count, "Tokens read."]
            [observed "output_tokens" output_tokens: Option<u64>, Count, "Tokens written."]
            [fact "latency_ms" latency_ms: Option<u64>, Count, "Time to the end of the answer."]
            [fact "id_hash" id_hash: u64, Hash, "Hash of the id, the time and the tokens, by which duplicates are found."]
            [fact "row_hash" row_hash: u64, Hash, "Hash of what the record says."]
            [observed "ip_hash" ip: u64, Hash, "Hash of the source address."]
            [observed "client_tuple" client_tuple: u64, Hash,
                "Hash of user agent, header fingerprint and JA4 together."]
            [observed "user_agent_hash" user_agent: u64, Hash, "Hash of the user agent alone."]
            [observed "harness" harness: u64, Hash, "Hash of tools and parameters together."]
            [observed "conversation_hash" conversation: u64, Hash, "Hash of the conversation's id."]
            [observed "end_user_hash" end_user: u64, Hash, "Hash of the caller's own user."]
            [observed "prompt" prompt: u64, Hash, "Hash of the new text of the caller in this exchange."]
            [fact "text_bytes" text_bytes: u64, Hash, "Bytes of that text."]
            [observed "cues" cues: u32, Small, "What the text asks for, as bits of [`crate::Cues`]."]
            [fact "turns" turns: u32, Small, "Number of messages in the request."]
            [observed "frames" frames: &'a [u64], Hashes, "Frames of that text, ascending."]
            [observed "features" features: &'a [i8], Vector,
                "Features of that text: a unit vector in 127ths, or empty."]
            [observed "root" root: u64, OptionalHash,
                "Hash of the conversation's beginning: all up to the turn with which the model has said enough."]
            [observed "minted" minted: u64, OptionalHash,
                "Hash of the signature under the reasoning in the answer."]
            [observed "presented" presented: u64, OptionalHash,
                "Hash of the last signature that the request presents."]
            [observed "model_hash" model: u64, OptionalHash, "Hash of the model's name."]
            [observed "ja4_hash" ja4: u64, OptionalHash, "Hash of the TLS fingerprint alone."]
            [observed "phrases" phrases: &'a [u64], OptionalHashes, "Phrases of that text, ascending."]
            [observed "quotes" quotes: &'a [u64], OptionalHashes, "Quotes of that text, ascending."]
            [observed "answer_quotes" answer: &'a [u64], OptionalHashes, "Quotes of the answer, ascending."]
        }
    };
}
