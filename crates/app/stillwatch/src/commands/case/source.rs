//! `stillwatch case source`: what sources tell of a case from outside.

use std::path::Path;
use std::process::ExitCode;

use attribution::source::Source;
use attribution::source::Tier;

use crate::cli::SourceArguments;
use crate::cli::SourceTier;
use crate::commands::case_store::decided;
use crate::commands::print_json;
use crate::exit::Failure;
use crate::terminal;

/// A source from the command line.
pub fn source_of(arguments: &SourceArguments) -> Source {
    let SourceArguments { source_id, citation, publisher, tier, at, cites } = arguments;
    let tier = match tier {
        SourceTier::Primary => Tier::Primary,
        SourceTier::Wire => Tier::Wire,
        SourceTier::Specialist => Tier::Specialist,
        SourceTier::Other => Tier::Other,
    };
    Source {
        id: source_id.clone(),
        citation: citation.clone(),
        publisher: publisher.clone(),
        tier,
        at: at.clone(),
        cites: cites.clone(),
    }
}

/// Lists the claims of a case.
pub fn list(id: &str, data_dir: &Path, json: bool) -> Result<ExitCode, Failure> {
    let Some(case) = decided(data_dir)?.remove(id) else {
        return Err(Failure::Usage(format!("case {id} is not open (open it: stillwatch case open {id})")));
    };
    let claims = case.claims();
    if json {
        print_json(&claims)?;
        return Ok(ExitCode::SUCCESS);
    }
    if claims.is_empty() {
        terminal::print("no source tells anything of this case (add one: stillwatch case source add)");
    }
    for claim in &claims {
        terminal::print(&format!("{}\n  {}", claim.claim.replace('\n', " "), claim.standing.words));
        for told in &claim.standing.timeline {
            let side = if told.against { "against" } else { "for" };
            let repeats = told.repeats.as_ref().map_or_else(String::new, |first| format!(", repeats {first}"));
            let line =
                format!("{}  {side}  {} ({}, {}){repeats}", told.at, told.source, told.publisher, told.tier.as_str());
            terminal::print(&format!("  {}", line.replace('\n', " ")));
        }
        let numbers = |numbers: &[u64]| numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        let against = if claim.contested_by.is_empty() {
            String::new()
        } else {
            format!("; contested by acts {}", numbers(&claim.contested_by))
        };
        terminal::print(&format!("  acts {}{against}", numbers(&claim.acts)));
    }
    Ok(ExitCode::SUCCESS)
}
