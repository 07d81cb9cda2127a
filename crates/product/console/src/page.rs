//! Lists a page at a time.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::Serialize;
use utoipa::IntoParams;
use utoipa::ToSchema;

use crate::problem::Problem;

/// Entries of a page, where nothing is said.
const USUAL: usize = 50;
/// The most entries of a page.
pub const MOST: usize = 1_000;

/// Which part of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many entries, 1 to 1,000; 50 by default.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// Where the page before ended: its `next`.
    after: Option<String>,
}

/// Which part of the audit.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// How many entries, 1 to 1,000; 50 by default.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// Where the page before ended: its `next`.
    after: Option<String>,
    /// Whether the newest come first.
    #[serde(default)]
    newest: bool,
}

impl AuditQuery {
    /// Which part, and whether the newest come first.
    pub fn parts(self) -> (PageQuery, bool) {
        (PageQuery { limit: self.limit, after: self.after }, self.newest)
    }
}

/// Which rules are played.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BacktestQuery {
    /// Those in use, or those of the draft.
    #[serde(default)]
    #[param(inline)]
    pub of: RulesOf,
}

/// Which rules are meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RulesOf {
    /// Those in use.
    #[default]
    Live,
    /// Those of the draft.
    Draft,
}

/// Which appeals.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AppealQuery {
    /// How many entries, 1 to 1,000; 50 by default.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// Where the page before ended: its `next`.
    after: Option<String>,
    /// `undecided`, or the state of an appeal.
    state: Option<String>,
    /// Only those of an account.
    account: Option<String>,
    /// Only those that are undecided after their time.
    #[serde(default)]
    overdue: bool,
}

/// Which appeals, apart from the part of their list.
#[derive(Debug)]
pub struct AppealFilter {
    /// `undecided`, or the state of an appeal.
    pub state: Option<String>,
    /// Only those of an account.
    pub account: Option<String>,
    /// Only those that are undecided after their time.
    pub overdue: bool,
}

impl AppealQuery {
    /// Which part of the list, and of which appeals.
    pub fn parts(self) -> (PageQuery, AppealFilter) {
        let Self { limit, after, state, account, overdue } = self;
        (PageQuery { limit, after }, AppealFilter { state, account, overdue })
    }
}

/// Which budgets.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BudgetQuery {
    /// How many entries, 1 to 1,000; 50 by default.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// Where the page before ended: its `next`.
    after: Option<String>,
    /// Only those of a kind: `account`, `organisation`, `pool` or `campaign`.
    kind: Option<String>,
}

impl BudgetQuery {
    /// Which part of the list, and of which kind.
    pub fn parts(self) -> (PageQuery, Option<String>) {
        (PageQuery { limit: self.limit, after: self.after }, self.kind)
    }
}

/// A question, and what is wanted beside the counts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExploreQuery {
    /// What exchanges must show: terms as `model:m-large`, `-status:>=400`, `user_agent:python*`, `from:2026-04-22`; all exchanges
    /// without.
    #[serde(default)]
    pub q: String,
    /// The field whose most frequent values are wanted; `account` by default.
    pub top: Option<String>,
    /// How many of them, 1 to 100; 10 by default.
    #[param(minimum = 1, maximum = 100)]
    pub values: Option<usize>,
    /// How many of the newest exchanges, 0 to 200; 50 by default.
    #[param(minimum = 0, maximum = 200)]
    pub rows: Option<usize>,
}

/// A question that a rule is to be made of.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SuggestionQuery {
    /// The question.
    pub q: String,
}

/// A page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// What to give as `after` for the next page; null on the last.
    pub next: Option<String>,
}

impl PageQuery {
    /// How many entries are wanted, where a list is made for the page alone.
    ///
    /// # Errors
    /// Where it is no number that is allowed.
    pub fn limit(&self) -> Result<usize, Problem> {
        self.limit_within(USUAL, MOST)
    }

    /// How many entries are wanted.
    ///
    /// # Errors
    /// Where it is no number that is allowed.
    fn limit_within(&self, usual: usize, most: usize) -> Result<usize, Problem> {
        match self.limit.unwrap_or(usual) {
            limit if (1..=most).contains(&limit) => Ok(limit),
            limit => Err(Problem::bad(format!("limit={limit} is not between 1 and {most}"))),
        }
    }

    /// The key after which the page begins; `None` for the first page.
    ///
    /// # Errors
    /// Where the token is none of this list.
    pub fn after(&self, list: &str) -> Result<Option<String>, Problem> {
        let Some(token) = &self.after else { return Ok(None) };
        let bytes = URL_SAFE_NO_PAD.decode(token).ok();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let key = text.as_deref().and_then(|text| text.strip_prefix(list)?.strip_prefix('\0'));
        let told =
            || Problem::bad("after is no token of this list (give the `next` of the page before, or leave it out)");
        key.map(str::to_owned).map(Some).ok_or_else(told)
    }

    /// A page of a list whose entries come by ascending keys.
    ///
    /// # Errors
    /// Where the number is none that is allowed, or the token is none of this list.
    pub fn page<I, T>(
        &self,
        list: &str,
        entries: &[I],
        key: impl Fn(&I) -> String,
        show: impl Fn(&I) -> T,
    ) -> Result<Page<T>, Problem> {
        self.page_within((USUAL, MOST), list, entries, key, show)
    }

    /// The same, with bounds of its own: how many entries where nothing is said, and how many at most.
    ///
    /// # Errors
    /// As [`PageQuery::page`].
    pub fn page_within<I, T>(
        &self,
        (usual, most): (usize, usize),
        list: &str,
        entries: &[I],
        key: impl Fn(&I) -> String,
        show: impl Fn(&I) -> T,
    ) -> Result<Page<T>, Problem> {
        let (limit, after) = (self.limit_within(usual, most)?, self.after(list)?);
        let first = after.map_or(0, |after| entries.partition_point(|entry| key(entry) <= after));
        let rest = entries.get(first..).unwrap_or_default();
        let shown = rest.get(..limit.min(rest.len())).unwrap_or_default();
        let next = shown.last().filter(|_| rest.len() > shown.len());
        let next = next.map(|last| URL_SAFE_NO_PAD.encode(format!("{list}\0{}", key(last))));
        Ok(Page { items: shown.iter().map(show).collect(), next })
    }
}
