//! What is decided on accounts.

use axum::Json;
use axum::extract::State as Shared;
use record::clock::now_us;

use crate::decided::Verdict;
use crate::decided::verdict;
use crate::extract::Path;
use crate::problem::Problem;
use crate::state::State;

/// The decision on an account. One that is not known is decided on too: it is what a new account would be answered with.
#[utoipa::path(get, path = "/api/v1/verdicts/{account}", params(("account" = String, Path)), tag = "verdicts",
    responses((status = 200, body = Verdict), (status = "default", body = Problem)))]
pub async fn of_account(Shared(state): Shared<State>, Path(account): Path<String>) -> Result<Json<Verdict>, Problem> {
    let (policy, snapshot) = state.rules_and_verdicts().await?;
    Ok(Json(verdict(&account, &snapshot, &policy, now_us())))
}
