//! A question as it is understood, and how it is written.

use std::fmt;

use crate::field::Field;
use crate::literal::Literal;
use crate::literal::time_text;

/// A question: what exchanges must show, all of it, and when.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// What each exchange must show.
    pub terms: Vec<Term>,
    /// First moment, microseconds since 1970; open if `None`.
    pub from_us: Option<i64>,
    /// End, which is not in it; open if `None`.
    pub to_us: Option<i64>,
}

/// What an exchange must show, or must not.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// Whether exchanges that pass the test are those that are not wanted.
    pub is_negated: bool,
    /// The field.
    pub field: Field,
    /// The test of its value.
    pub test: Test,
}

/// A test of the value of a field. Of a field that may hold several values it is enough that one passes.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// The exchange has no value of the field.
    None,
    /// The value is this one.
    Is(Value),
    /// The text begins so.
    Begins(String),
    /// The number is on this side of another. An exchange without one is on no side.
    Compare(Order, Value),
}

/// On which side of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

/// A value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A keyed hash.
    Hash(u64),
    /// A whole number.
    Number(u64),
    /// A number with a fraction; always finite.
    Decimal(f64),
    /// True or false.
    Flag(bool),
    /// One of the field's words.
    Word(&'static str),
}

impl Order {
    /// The sign.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }

    /// Whether one thing is on this side of another, by how they compare.
    #[must_use]
    pub const fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::More => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Hash(hash) => write!(f, "{hash:016x}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Decimal(number) => write!(f, "{number}"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Word(word) => f.write_str(word),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_negated { "-" } else { "" };
        write!(f, "{sign}{}:", self.field.name())?;
        match &self.test {
            Test::None => f.write_str("none"),
            Test::Is(Value::Text(text)) => write!(f, "{}", Literal(text)),
            Test::Is(value) => write!(f, "{value}"),
            Test::Begins(text) if text.is_empty() => f.write_str("*"),
            Test::Begins(text) => write!(f, "{}*", Literal(text)),
            Test::Compare(order, value) => write!(f, "{}{value}", order.as_str()),
        }
    }
}

/// The question as it is written: [`Query::parse`] reads the same question from it.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let terms = self.terms.iter().map(Term::to_string);
        let edge = |name: &str, at: Option<i64>| at.map(|at| format!("{name}:{}", time_text(at)));
        let edges = [edge("from", self.from_us), edge("to", self.to_us)].into_iter().flatten();
        f.write_str(&terms.chain(edges).collect::<Vec<_>>().join(" "))
    }
}
