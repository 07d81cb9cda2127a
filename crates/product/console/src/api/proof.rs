//! The ledger, and who did and looked at what.

use std::fs;

use axum::Json;
use axum::extract::State as Shared;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use columns::ledger_of;
use journal::Kind;
use journal::document_of;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::Path;
use crate::extract::Query;
use crate::page::AuditQuery;
use crate::page::Page;
use crate::problem::Problem;
use crate::state::State;
use crate::state::blocking;

/// The longest file of a ledger that is handed out, in bytes: a full bundle is far smaller.
const MOST: u64 = 1 << 20;

/// The signed head of the ledger, as C2SP tlog-checkpoint has it.
#[utoipa::path(get, path = "/api/v1/ledger/checkpoint", tag = "ledger",
    responses((status = 200, body = String), (status = "default", body = Problem)))]
pub async fn checkpoint(Shared(state): Shared<State>) -> Result<Response, Problem> {
    file(&state, ledger::CHECKPOINT.to_owned(), "text/plain; charset=utf-8").await
}

/// A tile of the ledger, as C2SP tlog-tiles names it.
#[utoipa::path(get, path = "/api/v1/ledger/tile/{path}", params(("path" = String, Path)), tag = "ledger",
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = "default", body = Problem)))]
pub async fn tile(Shared(state): Shared<State>, Path(path): Path<String>) -> Result<Response, Problem> {
    if !is_tile(&path) {
        return Err(Problem::unknown("there is no such tile"));
    }
    file(&state, format!("tile/{path}"), "application/octet-stream").await
}

/// Whether a path is of the form of tlog-tiles, so that nothing else of the folder is reached.
fn is_tile(path: &str) -> bool {
    let digits = |text: &str, most: usize| {
        !text.is_empty() && text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut parts: Vec<&str> = path.split('/').collect();
    if parts.len() < 2 || parts.len() > 9 {
        return false;
    }
    let level = parts.remove(0);
    if level != "entries" && !digits(level, 2) {
        return false;
    }
    let last = match parts.as_slice() {
        [.., file, width] if file.ends_with(".p") => {
            let is_width = digits(width, 3);
            parts.pop();
            if !is_width {
                return false;
            }
            parts.pop().and_then(|file| file.strip_suffix(".p"))
        }
        _ => parts.pop(),
    };
    let is_group = |part: &&str| part.strip_prefix('x').is_some_and(|part| part.len() == 3 && digits(part, 3));
    last.is_some_and(|last| last.len() == 3 && digits(last, 3)) && parts.iter().all(is_group)
}

async fn file(state: &State, name: String, kind: &'static str) -> Result<Response, Problem> {
    let path = ledger_of(state.data_dir()).join(name);
    let bytes = blocking(move || {
        let none = || Problem::unknown("the ledger has no such file");
        let size = fs::metadata(&path).map_err(|_| none())?.len();
        if size > MOST {
            return Err(Problem::unavailable("a file of the ledger is longer than it can be"));
        }
        fs::read(&path).map_err(|_| none())
    });
    Ok(([(header::CONTENT_TYPE, kind)], bytes.await?).into_response())
}

/// Something that somebody did or looked at.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Audited {
    /// Its entry in the ledger.
    pub entry: u64,
    /// `act`, `look` or `rules`.
    pub kind: &'static str,
    /// The case; null of what is about none.
    pub case: Option<String>,
    /// Its number among the acts of the case.
    pub number: u64,
    /// When, RFC 3339.
    pub at: String,
    /// Who.
    pub who: String,
    /// Why.
    pub why: Option<String>,
    /// What.
    pub act: String,
}

/// What people did and looked at, the oldest first unless it is asked otherwise, as the ledger has it.
#[utoipa::path(get, path = "/api/v1/audit", params(AuditQuery), tag = "ledger",
    responses((status = 200, body = Page<Audited>), (status = "default", body = Problem)))]
pub async fn audit(
    Shared(state): Shared<State>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Page<Audited>>, Problem> {
    let (query, newest) = query.parts();
    blocking(move || {
        let told = |error: &dyn std::fmt::Display| Problem::unavailable(format!("the ledger: {error}"));
        let log = columns::open_ledger(state.data_dir()).map_err(|error| told(&error))?;
        let kinds = log.kinds().map_err(|error| told(&error))?;
        let mut audited = Vec::new();
        log.for_each_record(&mut |index, record| {
            let kind = usize::try_from(index).ok().and_then(|index| kinds.get(index)).and_then(|kind| Kind::of(*kind));
            audited.extend(read(index, kind, record));
            Ok(())
        })
        .map_err(|error| told(&error))?;
        let (list, flip) = if newest { ("audit, newest first", u64::MAX) } else { ("audit", 0) };
        audited.sort_by_key(|one| one.entry ^ flip);
        query.page(list, &audited, |one| format!("{:020}", one.entry ^ flip), Audited::clone).map(Json)
    })
    .await
}

fn read(entry: u64, kind: Option<Kind>, record: &[u8]) -> Option<Audited> {
    let kind = match kind? {
        Kind::Act => "act",
        Kind::Look => "look",
        Kind::Policy => "rules",
        _ => return None,
    };
    let document: serde_json::Value = serde_json::from_slice(document_of(record).ok()?).ok()?;
    let text = |name: &str| document.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
    let case = text("case");
    if case.is_none() && kind != "rules" {
        return None;
    }
    Some(Audited {
        entry,
        kind,
        case,
        number: document.get("number").and_then(serde_json::Value::as_u64).unwrap_or(0),
        at: text("at")?,
        who: text("who")?,
        why: text("why"),
        act: text("act").unwrap_or_else(|| kind.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::is_tile;

    #[test]
    fn only_tiles_are_reached() {
        for good in ["0/000", "0/x001/234", "entries/000.p/12", "1/x001/x002/003.p/255", "63/007", "entries/x001/000"] {
            assert!(is_tile(good), "{good}");
        }
        for bad in [
            "",
            "0",
            "0/",
            "/000",
            "../records",
            "0/../../records",
            "entries/..",
            "0/000.p",
            "0/000.p/",
            "0/000.p/x",
            "0/0000",
            "x/000",
            "0/x01/000",
            "entries/000/12",
            "0/000%00",
            "0/x001/x002/x003/x004/x005/x006/x007/x008/000",
        ] {
            assert!(!is_tile(bad), "{bad}");
        }
    }
}
