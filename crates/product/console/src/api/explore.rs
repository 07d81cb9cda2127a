//! Questions to the table of exchanges.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use query::Answer;
use query::Budget;
use query::Error;
use query::ErrorKind;
use query::Field;
use query::Kind;
use query::MAX_ROWS;
use query::MAX_TOP;
use query::Query as Question;
use query::Row;
use query::Term;
use query::Test;
use query::TopValue;
use query::Value;
use query::time_text;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::Query;
use crate::page::ExploreQuery;
use crate::page::Page;
use crate::page::SuggestionQuery;
use crate::problem::Problem;
use crate::state::State;
use crate::state::blocking;
use crate::suggestion;

/// Characters of a value that are shown among the most frequent ones; the term of a longer one asks for its beginning.
const MAX_SHOWN: usize = 300;

/// The answer to a question.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explored {
    /// The question, as it was understood.
    pub query: String,
    /// The first moment that was asked for, RFC 3339; that of the table where the question names none.
    pub from: String,
    /// The end, which is not in it.
    pub to: String,
    /// The first exchange of the table; null where there is none.
    pub table_from: Option<String>,
    /// The last exchange of the table.
    pub table_to: Option<String>,
    /// Exchanges that match.
    pub rows: u64,
    /// Accounts of them.
    pub accounts: u64,
    /// Whether these are all accounts; else there are as many at least.
    pub are_accounts_exact: bool,
    /// The time before, as long; null where the question has no beginning.
    pub before: Option<ExploredBefore>,
    /// Seconds of a bucket.
    pub bucket_seconds: u64,
    /// Exchanges that match, by time.
    pub buckets: Vec<ExploredBucket>,
    /// The most frequent values of a field.
    pub top: ExploredTop,
    /// The newest exchanges that match.
    pub newest: Vec<ExploredRow>,
    /// Whether all of the time that was asked for was read. Where not, all counts are of what was read.
    pub is_complete: bool,
    /// How much was read.
    pub read: ExploredRead,
}

/// What matched in the time before.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExploredBefore {
    /// Its first moment.
    pub from: String,
    /// Its end.
    pub to: String,
    /// Exchanges that matched.
    pub rows: u64,
    /// Accounts of them.
    pub accounts: u64,
    /// Whether all of it was read.
    pub is_complete: bool,
    /// Whether the table begins before it does; if not, there is less to compare with than its length says.
    pub is_covered: bool,
}

/// Exchanges of a stretch of time.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExploredBucket {
    /// When it begins.
    pub at: String,
    /// Exchanges in it.
    pub rows: u64,
}

/// The most frequent values of a field.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExploredTop {
    /// The field.
    pub field: &'static str,
    /// The values, the most frequent first.
    pub values: Vec<ExploredValue>,
    /// Different values that were counted.
    pub distinct: u64,
    /// How often values came that were counted and are not listed.
    pub others: u64,
    /// How often values came that found no room to be counted by themselves.
    pub uncounted: u64,
}

/// A value and how often it came.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExploredValue {
    /// The value, of a long one the beginning; null for exchanges without one.
    pub value: Option<String>,
    /// The term that asks for it.
    pub term: String,
    /// Exchanges with it.
    pub rows: u64,
    /// Exchanges with it in the time before; null where there is none.
    pub rows_before: Option<u64>,
}

/// An exchange that matches.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExploredRow {
    /// When it came.
    pub at: String,
    /// Its values, by field. A field that may hold several comes once for each.
    pub values: Vec<ExploredCell>,
}

/// A value of an exchange.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExploredCell {
    /// The field.
    pub field: &'static str,
    /// The value, of a text of more than 1,000 characters the beginning.
    pub value: String,
    /// The term that asks for it.
    pub term: String,
}

/// How much was read.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExploredRead {
    /// Exchanges that were looked at.
    pub rows: u64,
    /// Exchanges that may be of the time that was asked for and were not looked at; null where it is not known.
    pub unread_rows: Option<u64>,
    /// Why reading ended early: `rows` or `time`, as many as one question may take.
    pub stopped: Option<&'static str>,
    /// Days (UTC) from this moment on were read whole.
    pub whole_from: String,
    /// How long it took.
    pub milliseconds: u64,
}

/// A field that can be asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldView {
    /// Its name.
    pub name: &'static str,
    /// What its values are: `text`, `hash`, `number`, `decimal`, `flag` or `word`.
    pub kind: &'static str,
    /// What it is.
    pub about: &'static str,
    /// A term that asks for it.
    pub example: &'static str,
    /// Its values, where they are words.
    pub words: Vec<&'static str>,
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match (error.kind(), error.place()) {
            (ErrorKind::Question, Some(place)) => Self::bad(detail).at(place.start, place.end),
            (ErrorKind::Question, None) => Self::bad(detail),
            _ => Self::unavailable(detail),
        }
    }
}

/// A number within its bounds.
fn within(name: &str, given: Option<usize>, usual: usize, (least, most): (usize, usize)) -> Result<usize, Problem> {
    let number = given.unwrap_or(usual);
    match (least..=most).contains(&number) {
        true => Ok(number),
        false => Err(Problem::bad(format!("{name}={number} is not between {least} and {most}"))),
    }
}

/// Asks the table of exchanges: how many match, when, which values of a field are the most frequent, and the newest. The text of prompts
/// is not read. Two questions are answered at a time.
#[utoipa::path(get, operation_id = "explore", path = "/api/v1/explore", params(ExploreQuery), tag = "explore",
    responses((status = 200, body = Explored), (status = 429, body = Problem), (status = "default", body = Problem)))]
pub async fn explore(
    Shared(state): Shared<State>,
    Query(query): Query<ExploreQuery>,
) -> Result<Json<Explored>, Problem> {
    let usual = query::Options::default();
    let top = match &query.top {
        None => usual.top,
        Some(name) => Field::of(name).ok_or_else(|| {
            let fields = Field::ALL.iter().map(|field| field.name()).collect::<Vec<_>>().join(", ");
            Problem::bad(format!("top={name:?} is no field (the fields are {fields})"))
        })?,
    };
    let values = within("values", query.values, usual.values, (1, MAX_TOP))?;
    let rows = within("rows", query.rows, usual.rows, (0, MAX_ROWS))?;
    let options = query::Options { top, values, rows, budget: Budget::default() };
    let question = Question::parse(&query.q)?;
    let turn = Arc::clone(state.questions()).try_acquire_owned().map_err(|_| {
        let detail = "two questions are being answered already (ask again in a few seconds)";
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "busy", detail)
    })?;
    blocking(move || {
        // The turn ends with the work, whether somebody still waits for it or not.
        let _turn = turn;
        let answer = query::ask(state.data_dir(), &question, &options)?;
        Ok(Json(explored(&question, answer)))
    })
    .await
}

/// The fields that a question can name.
#[utoipa::path(get, operation_id = "explore_fields", path = "/api/v1/explore/fields", tag = "explore",
    responses((status = 200, body = Page<FieldView>), (status = "default", body = Problem)))]
pub async fn fields() -> Json<Page<FieldView>> {
    let view = |field: &Field| FieldView {
        name: field.name(),
        kind: field.kind().as_str(),
        about: field.about(),
        example: field.example(),
        words: if let Kind::Word(words) = field.kind() { words.to_vec() } else { Vec::new() },
    };
    Json(Page { items: Field::ALL.iter().map(view).collect(), next: None })
}

/// A rule that a question would be.
#[derive(Debug, Serialize, ToSchema)]
pub struct Suggestion {
    /// Each term of the question, with its counterpart.
    pub terms: Vec<SuggestionTerm>,
    /// The rule, in shadow; null where a term has no counterpart, or the question has no term.
    pub rule: Option<String>,
    /// The file of the draft that it belongs into.
    pub file: &'static str,
}

/// A term of a question beside the condition of a rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuggestionTerm {
    /// The term.
    pub term: String,
    /// The condition that says the same; null where none does.
    pub condition: Option<String>,
    /// Why there is none, or what the condition covers besides.
    pub note: String,
}

/// A rule in shadow that reads what a question asks for, where the attributes of the policy have a counterpart for each of its terms;
/// which have none otherwise.
#[utoipa::path(get, operation_id = "explore_rule", path = "/api/v1/explore/rule", params(SuggestionQuery), tag = "explore",
    responses((status = 200, body = Suggestion), (status = "default", body = Problem)))]
pub async fn rule(Query(query): Query<SuggestionQuery>) -> Result<Json<Suggestion>, Problem> {
    let question = Question::parse(&query.q)?;
    let found = suggestion::counterparts(&question);
    let rule = suggestion::rule(&found, &question);
    let view = |one: suggestion::Counterpart| {
        let suggestion::Counterpart { term, condition, note } = one;
        SuggestionTerm { term, condition, note }
    };
    Ok(Json(Suggestion { terms: found.into_iter().map(view).collect(), rule, file: suggestion::FILE }))
}

fn explored(question: &Question, answer: Answer) -> Explored {
    let is_complete = answer.is_complete();
    let (from, to) = answer.window_us;
    let has_before = answer.before.is_some();
    let top = answer.top.field;
    Explored {
        query: question.to_string(),
        from: time_text(from),
        to: time_text(to),
        table_from: answer.table_us.map(|(first, _)| time_text(first)),
        table_to: answer.table_us.map(|(_, last)| time_text(last)),
        rows: answer.rows,
        accounts: answer.accounts,
        are_accounts_exact: answer.are_accounts_exact,
        before: answer.before.map(|before| ExploredBefore {
            from: time_text(before.window_us.0),
            to: time_text(before.window_us.1),
            rows: before.rows,
            accounts: before.accounts,
            is_complete: before.is_complete,
            is_covered: before.is_covered,
        }),
        bucket_seconds: answer.bucket_seconds,
        buckets: answer
            .buckets
            .iter()
            .map(|bucket| ExploredBucket { at: time_text(bucket.at_us), rows: bucket.rows })
            .collect(),
        top: ExploredTop {
            field: top.name(),
            values: answer.top.values.into_iter().map(|value| value_view(top, value, has_before)).collect(),
            distinct: answer.top.distinct,
            others: answer.top.others,
            uncounted: answer.top.uncounted,
        },
        newest: answer.newest.into_iter().map(row_view).collect(),
        is_complete,
        read: ExploredRead {
            rows: answer.progress.rows,
            unread_rows: answer.progress.unread_rows,
            stopped: answer.progress.stopped.map(query::Stopped::as_str),
            whole_from: time_text(answer.progress.whole_from_us),
            milliseconds: answer.progress.milliseconds,
        },
    }
}

fn value_view(field: Field, top: TopValue, has_before: bool) -> ExploredValue {
    ExploredValue {
        term: term(field, top.value.as_ref()),
        value: top.value.map(|value| value.to_string().chars().take(MAX_SHOWN).collect()),
        rows: top.rows,
        rows_before: has_before.then_some(top.rows_before),
    }
}

fn row_view(row: Row) -> ExploredRow {
    let cell = |(field, value): (Field, Value)| ExploredCell {
        field: field.name(),
        term: term(field, Some(&value)),
        value: value.to_string(),
    };
    ExploredRow { at: time_text(row.at_us), values: row.values.into_iter().map(cell).collect() }
}

/// The term that asks for a value; of a long text, for what begins as it does.
fn term(field: Field, value: Option<&Value>) -> String {
    let test = match value {
        None => Test::None,
        Some(Value::Text(text)) if text.chars().nth(MAX_SHOWN).is_some() => {
            Test::Begins(text.chars().take(MAX_SHOWN).collect())
        }
        Some(value) => Test::Is(value.clone()),
    };
    Term { is_negated: false, field, test }.to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may panic")]
mod tests {
    use super::*;

    #[test]
    fn the_term_of_a_value_asks_for_it() {
        let text = |text: &str| Some(Value::Text(text.to_owned()));
        assert_eq!(term(Field::Model, None), "model:none");
        assert_eq!(term(Field::Model, text("none").as_ref()), "model:\"none\"");
        let long = term(Field::UserAgent, text(&"\u{202e}".repeat(5_000)).as_ref());
        let question = Question::parse(&long).unwrap();
        assert!(
            matches!(&question.terms.first().unwrap().test, Test::Begins(start) if start.chars().count() == MAX_SHOWN)
        );
    }
}
