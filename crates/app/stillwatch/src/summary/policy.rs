//! What `stillwatch policy` says to people.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::path::PathBuf;

use policy::BlastRadius;
use policy::Change;
use policy::DecisionRecord;
use policy::Explained;
use policy::Policy;
use report::grouped;

use crate::summary::numbers::table;

/// Values of an attribute that are named.
const SHOWN: usize = 6;
/// Accounts that are named.
const SAMPLE: usize = 3;

/// Paths in a sentence.
pub fn paths(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// What was written.
pub fn init(folder: &Path, live: bool) -> String {
    let folder = folder.display();
    let mode = if live { "all rules are live" } else { "rules that act on people are in shadow" };
    format!(
        "wrote the rules into {folder}: {mode}. The clauses are those of invented terms: put your own in their place.\nLook \
         next:\n  stillwatch policy check {folder}\n  stillwatch policy backtest {folder} --data-dir data --found found"
    )
}

/// The rules of a folder that is fit.
pub fn rules(policy: &Policy, now_us: i64) -> String {
    let rows: Vec<Vec<String>> = policy
        .rules()
        .iter()
        .map(|rule| {
            let mode = if rule.is_over(now_us) { "expired" } else { rule.mode.as_str() };
            [&rule.id, rule.measure.as_str(), mode, rule.question.as_str(), &rule.expires.to_string(), &rule.clause]
                .map(str::to_owned)
                .to_vec()
        })
        .collect();
    let heads = ["RULE", "DECISION", "MODE", "QUESTION", "EXPIRES", "CLAUSE"];
    format!("{}\npolicy {}: {} rules, fit to be used", table(&heads, &rows), policy.hash(), rows.len())
}

/// What changes for whom.
pub fn diff(changes: &[Change], hit: &BTreeMap<[String; 4], Vec<String>>, of: usize) -> String {
    if changes.is_empty() {
        return "nothing changes for anybody".to_owned();
    }
    let mut text = String::new();
    for change in changes {
        let said = |one: &policy::Answered| {
            let rule = one.rule.as_ref().map(|rule| format!(" ({rule})")).unwrap_or_default();
            format!("{}{rule}", one.decision.as_str())
        };
        let _ =
            writeln!(text, "{}: {} becomes {}", change.question.as_str(), said(&change.before), said(&change.after));
        for (attribute, values) in &change.whom {
            let more = if values.len() > SHOWN { ", …" } else { "" };
            let values: Vec<&str> = values.iter().take(SHOWN).map(String::as_str).collect();
            let _ = writeln!(text, "  where {} is {}{more}", attribute.as_str(), values.join(", or "));
        }
    }
    if of > 0 {
        let changed: usize = hit.values().map(Vec::len).sum();
        let _ = writeln!(
            text,
            "\nof {} known accounts {} would see a change:",
            grouped(of as u64),
            grouped(changed as u64)
        );
        let rows: Vec<Vec<String>> = hit
            .iter()
            .map(|([was, was_by, is, is_by], accounts)| {
                let sample = accounts.iter().take(SAMPLE).cloned().collect::<Vec<_>>().join(", ");
                vec![
                    format!("{was} {was_by}"),
                    format!("{is} {is_by}"),
                    grouped(accounts.len() as u64),
                    one_line(&sample),
                ]
            })
            .collect();
        text.push_str(&table(&["BEFORE", "AFTER", ">ACCOUNTS", "SUCH AS"], &rows));
    }
    text.trim_end().to_owned()
}

/// Which rules match, and why.
pub fn explain(decision: &DecisionRecord, explained: &[Explained]) -> String {
    let mut text = format!("decision: {}, reason {}\n", decision.decision.as_str(), decision.reason_code);
    if let (Some(rule), Some(clause), Some(words)) = (&decision.rule, &decision.clause, &decision.text) {
        let _ = writeln!(text, "by {rule}: {clause}\nthe customer is told: {words}");
    }
    let _ = writeln!(text, "policy {}, snapshot {}", decision.policy, decision.snapshot);
    for one in explained {
        let state = match (one.expired, one.lowered) {
            (true, _) => "expired, without effect",
            (false, true) => "lowered to observe: a verdict may cause no more here",
            (false, false) => one.mode.as_str(),
        };
        let _ = writeln!(text, "\n{} ({}): {}, {state}", one.rule, one.file, one.decision.as_str());
        for decisive in &one.decided_by {
            let more = if decisive.not_with.len() > SHOWN { ", …" } else { "" };
            let others: Vec<&str> = decisive.not_with.iter().take(SHOWN).map(String::as_str).collect();
            let name = decisive.attribute.as_str();
            let _ = writeln!(
                text,
                "  {name} is {}; it would not match with {}{more}",
                decisive.value,
                others.join(", or ")
            );
        }
    }
    if explained.is_empty() {
        text.push_str("\nno rule matches\n");
    }
    text.trim_end().to_owned()
}

/// Whom each rule would have hit.
pub fn backtest(radius: &[BlastRadius], days: u64, has_records: bool) -> String {
    let rows: Vec<Vec<String>> = radius
        .iter()
        .map(|one| {
            let sample = one.sample.iter().take(SAMPLE).cloned().collect::<Vec<_>>().join(", ");
            vec![
                one.rule.clone(),
                one.mode.as_str().to_owned(),
                one.decision.as_str().to_owned(),
                grouped(one.accounts),
                if has_records { grouped(one.paying_accounts) } else { "?".to_owned() },
                grouped(one.exchanges_per_day.round() as u64),
                grouped(one.tokens_per_day.round() as u64),
                one_line(&sample),
            ]
        })
        .collect();
    let heads = ["RULE", "MODE", "DECISION", ">ACCOUNTS", ">PAYING", ">EXCHANGES/DAY", ">TOKENS/DAY", "SUCH AS"];
    let records = if has_records { "" } else { "; without --accounts every account counts as not verified" };
    format!("{}\nover {days} days{records}", table(&heads, &rows))
}

/// A name with a line break would begin a line that looks like ours.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}
