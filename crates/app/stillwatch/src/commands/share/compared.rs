//! What is compared with another provider, and what came of it.

use std::collections::BTreeSet;
use std::path::Path;

use intersection::Outcome;
use sharing::Ask;
use sharing::Guard;
use sharing::IndicatorValue;

use crate::cli::PsiOwnArguments;
use crate::commands::print_json;
use crate::commands::share::common::campaigns;
use crate::commands::share::common::check_data_dir;
use crate::commands::share::common::level;
use crate::commands::share::common::now;
use crate::commands::share::common::records;
use crate::commands::share::common::who;
use crate::exit::Failure;
use crate::files;
use crate::terminal;

/// Asks the guard, which writes down that something leaves.
pub fn let_leave(own: &PsiOwnArguments, values: usize) -> Result<(), Failure> {
    let tlp = level(&own.tlp)?;
    Guard::open(&own.data_dir)?.pass(&Ask {
        with: &own.with,
        by: &who(own.who.as_deref())?,
        confirmed: own.confirm_first_share.as_deref(),
        tlp,
        campaign: None,
        format: "psi",
        indicators: values,
        at: &now(),
    })?;
    Ok(())
}

/// Shows what is common.
pub fn tell_outcome(outcome: &Outcome, out: Option<&Path>, json: bool) -> Result<(), Failure> {
    let common: Vec<IndicatorValue> =
        outcome.common.iter().filter_map(|bytes| IndicatorValue::of_bytes(bytes)).collect();
    if json {
        let rows = common.iter().map(|one| serde_json::json!({ "kind": one.kind, "value": one.value }));
        return print_json(&serde_json::json!({
            "common": rows.collect::<Vec<_>>(), "peer_points": outcome.peer_points, "out": out,
        }));
    }
    for one in &common {
        terminal::print(&format!("{} {}", one.kind.as_str(), one.value));
    }
    let (common, most) = (common.len(), outcome.peer_points);
    terminal::note(&format!(
        "{common} common values; the other has {most} or fewer. That is shown, and accuses nobody."
    ));
    if let Some(out) = out {
        terminal::note(&format!("send {} to the other provider, who learns as much from it", out.display()));
    }
    Ok(())
}

/// The own values.
pub fn values(own: &PsiOwnArguments) -> Result<BTreeSet<Vec<u8>>, Failure> {
    check_data_dir(&own.data_dir)?;
    let values = match (&own.values, &own.found) {
        (Some(path), _) => {
            let told = |error: &dyn std::fmt::Display| Failure::Usage(format!("{}: {error}", path.display()));
            let text = files::text(path).map_err(|error| told(&error))?;
            sharing::parse_values(&text).map_err(|error| told(&error))?
        }
        (None, Some(found)) => sharing::comparable(&campaigns(found)?, &records(&own.accounts)?),
        (None, None) => return Err(Failure::Usage("say what to compare: --found DIR or --values FILE".to_owned())),
    };
    if values.is_empty() {
        let text = "there is nothing to compare: no value that five accounts of a discovered campaign have";
        return Err(Failure::Usage(text.to_owned()));
    }
    Ok(values.iter().map(IndicatorValue::to_bytes).collect())
}

/// Threads that reckon.
pub fn threads() -> usize {
    workers::available(None)
}
