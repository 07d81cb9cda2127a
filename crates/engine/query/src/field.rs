//! The fields of an exchange that can be asked for. Each is a column of the columnar form (docs/columns.md), or a part of one.

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text as the log told it.
    Text,
    /// A keyed hash: 16 hexadecimal digits.
    Hash,
    /// A whole number.
    Number,
    /// A number with a fraction.
    Decimal,
    /// `true` or `false`.
    Flag,
    /// One of some words.
    Word(&'static [&'static str]),
}

impl Kind {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Hash => "hash",
            Self::Number => "number",
            Self::Decimal => "decimal",
            Self::Flag => "flag",
            Self::Word(_) => "word",
        }
    }
}

/// The words of [`Field::Asks`], by the number of their bit.
pub(crate) const ASKS: [&str; 5] = ["reasoning", "grading", "task_writing", "probing", "declined"];

/// The words of [`Field::Capability`].
const CAPABILITIES: [&str; 8] =
    ["software_engineering", "agentic", "reasoning", "data_analysis", "grading", "vision", "safety", "general"];

/// Makes [`Field`] of the list of fields.
macro_rules! fields {
    ($($variant:ident $name:literal $column:literal $kind:expr, $example:literal, $about:literal;)*) => {
        /// A field of an exchange that can be asked for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Field {
            $(#[doc = $about] $variant,)*
        }

        impl Field {
            /// All fields, in the order in which they are listed.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name in a question.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The column that it is read from.
            #[must_use]
            pub const fn column(self) -> &'static str {
                match self { $(Self::$variant => $column,)* }
            }

            /// What its values are.
            #[must_use]
            pub const fn kind(self) -> Kind {
                match self { $(Self::$variant => $kind,)* }
            }

            /// What it is, in a sentence.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }

            /// A term that asks for it.
            #[must_use]
            pub const fn example(self) -> &'static str {
                match self { $(Self::$variant => $example,)* }
            }
        }
    };
}

fields! {
    Account "account" "account" Kind::Text, "account:acct_17", "Who is answerable.";
    Model "model" "model" Kind::Text, "model:m-large", "The model that was asked.";
    Endpoint "endpoint" "endpoint" Kind::Text, "endpoint:chat", "The endpoint that was asked.";
    Channel "channel" "channel" Kind::Text, "channel:api", "The channel it came by.";
    Status "status" "status" Kind::Number, "status:>=400", "The HTTP status of the answer.";
    StopReason "stop_reason" "stop_reason" Kind::Text, "stop_reason:max_tokens", "Why the answer ended.";
    InputTokens "input_tokens" "input_tokens" Kind::Number, "input_tokens:>8000", "Tokens read.";
    OutputTokens "output_tokens" "output_tokens" Kind::Number, "output_tokens:>=2000", "Tokens written.";
    Latency "latency_ms" "latency_ms" Kind::Number, "latency_ms:>30000", "Milliseconds to the end of the answer.";
    Country "country" "country" Kind::Text, "country:SG", "Country of the source address, as the log told it.";
    Asn "asn" "asn" Kind::Number, "asn:64500", "Number of the network of the source address.";
    Ip "ip" "ip_hash" Kind::Hash, "ip:1f0c22d47a9be310", "Source address, as a keyed hash.";
    Client "client" "client_tuple" Kind::Hash, "client:77aa01b2c3d4e5f6",
        "User agent, header fingerprint and TLS fingerprint together, as a keyed hash.";
    UserAgent "user_agent" "user_agent" Kind::Text, "user_agent:python*", "User agent.";
    Ja4 "ja4" "ja4" Kind::Text, "ja4:t13d1516h2*", "TLS fingerprint.";
    Headers "headers" "headers" Kind::Text, "headers:a1b2", "Header fingerprint.";
    Harness "harness" "harness" Kind::Hash, "harness:3b1d55e0904f2c81", "Tools and parameters together, as a keyed hash.";
    Key "key" "key" Kind::Text, "key:keyed:00c4f1d2a3b49576",
        "The API key's name, as a keyed hash with a word before it. A name that was kept in the clear counts as none.";
    Conversation "conversation" "conversation_hash" Kind::Hash, "conversation:5a0e6c1144d97b20",
        "The conversation, as a keyed hash.";
    EndUser "end_user" "end_user_hash" Kind::Hash, "end_user:10f3a7b9d2c4e685", "The caller's own user, as a keyed hash.";
    Asks "asks" "cues" Kind::Word(&ASKS), "asks:reasoning",
        "What the text asks for; several may hold; declined is what the provider did.";
    Capability "capability" "cues" Kind::Word(&CAPABILITIES), "capability:agentic", "What the text exercises most.";
    Prompt "prompt" "prompt" Kind::Hash, "prompt:2c9e4f0171b8a3d6", "The new text of the caller, exactly, as a keyed hash.";
    TextBytes "text_bytes" "text_bytes" Kind::Number, "text_bytes:>50000", "Length of that text in bytes.";
    Turns "turns" "turns" Kind::Number, "turns:>20", "Messages in the request.";
    Frame "frame" "frames" Kind::Hash, "frame:4d1b0c77e2f98a36", "A wording in that text, as a keyed hash; several may hold.";
    Phrase "phrase" "phrases" Kind::Hash, "phrase:0a7cc3519de2b4f8",
        "A pair of neighbouring words in that text, as a keyed hash; several may hold.";
    Quote "quote" "quotes" Kind::Hash, "quote:6e2f8810ab4d7c93",
        "A long passage of that text, as a keyed hash; several may hold.";
    AnswerQuote "answer_quote" "answer_quotes" Kind::Hash, "answer_quote:6e2f8810ab4d7c93",
        "A long passage of the answer, as a keyed hash; several may hold.";
    Root "root" "root" Kind::Hash, "root:31c5f9a0027be4d8", "The beginning of the conversation, as a keyed hash.";
    Minted "minted" "minted" Kind::Hash, "minted:7b3e4450c1f28d9a",
        "Signature under the reasoning in the answer, as a keyed hash.";
    Presented "presented" "presented" Kind::Hash, "presented:7b3e4450c1f28d9a",
        "The last signature that the request presents, as a keyed hash.";
    MaxTokens "max_tokens" "max_tokens" Kind::Number, "max_tokens:>=4096", "Parameter.";
    Temperature "temperature" "temperature" Kind::Decimal, "temperature:>=1", "Parameter.";
    TopP "top_p" "top_p" Kind::Decimal, "top_p:<1", "Parameter.";
    Answers "n" "n" Kind::Number, "n:>1", "Parameter: how many answers are wanted.";
    Logprobs "logprobs" "logprobs" Kind::Flag, "logprobs:true", "Parameter.";
    TopLogprobs "top_logprobs" "top_logprobs" Kind::Number, "top_logprobs:>0", "Parameter.";
    LogitBias "logit_bias" "logit_bias" Kind::Number, "logit_bias:>0", "Parameter: number of biased tokens.";
    Stream "stream" "stream" Kind::Flag, "stream:false", "Parameter.";
    Id "id" "id" Kind::Text, "id:req_01", "The exchange's id.";
}

impl Field {
    /// The field of a name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }

    /// The names of all fields, for messages.
    pub(crate) fn names() -> String {
        Self::ALL.iter().map(|field| field.name()).collect::<Vec<_>>().join(", ")
    }

    /// The field whose name is nearest to a word, where one is near.
    pub(crate) fn like(word: &str) -> Option<Self> {
        let near = Self::ALL.iter().map(|field| (distance(word, field.name()), *field)).min()?;
        (near.0 <= 2 && near.0 < word.chars().count()).then_some(near.1)
    }
}

/// Levenshtein's distance of two words, of which the second is short. Words that are longer by far are as far apart as they differ
/// in length, so that a long one costs nothing.
fn distance(one: &str, other: &str) -> usize {
    let (long, short) = (one.chars().count(), other.chars().count());
    if long.abs_diff(short) > 2 {
        return long.abs_diff(short);
    }
    let mut row: Vec<usize> = (0..=short).collect();
    for (at, letter) in (1..).zip(one.chars()) {
        let mut corner = at - 1;
        let mut left = at;
        if let Some(first) = row.first_mut() {
            *first = at;
        }
        for (cell, against) in row.iter_mut().skip(1).zip(other.chars()) {
            let here = (corner + usize::from(letter != against)).min(left + 1).min(*cell + 1);
            corner = *cell;
            *cell = here;
            left = here;
        }
    }
    row.last().copied().unwrap_or(long)
}

#[cfg(test)]
mod tests {
    use columns::exchange_schema;
    use observation::Capability;

    use super::*;

    #[test]
    fn every_field_is_a_column_and_none_is_text() {
        let schema = exchange_schema();
        for field in Field::ALL {
            assert!(schema.column_with_name(field.column()).is_some(), "{field:?}");
            assert_ne!(field.column(), "text", "the text of prompts cannot be asked for");
            assert_eq!(Field::of(field.name()), Some(*field));
        }
    }

    #[test]
    fn words_are_those_of_the_columns() {
        assert_eq!(CAPABILITIES.as_slice(), Capability::ALL.map(Capability::as_str));
        assert_eq!(ASKS.len(), observation::Cue::COUNT);
    }

    #[test]
    fn a_word_that_is_nearly_a_field_is_known() {
        assert_eq!(Field::like("modle"), Some(Field::Model));
        assert_eq!(Field::like("acount"), Some(Field::Account));
        assert_eq!(Field::like("zebra"), None);
        assert_eq!(Field::like(&"x".repeat(4_000)), None);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "ip"), 2);
    }
}
