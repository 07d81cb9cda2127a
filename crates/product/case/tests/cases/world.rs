//! A data directory whose ledger holds two campaigns.

use std::path::Path;

use case::Ask;
use case::Asked;
use case::Case;
use case::Desk;
use case::Error;
use journal::Kind;
use journal::document_record;
use ledger::Ledger;
use serde_json::json;

/// The campaigns, and how many accounts each has.
pub const CAMPAIGNS: [(&str, usize); 2] = [("C-one00000", 8), ("C-two00000", 6)];

/// The name of an account.
pub fn account(campaign: &str, at: usize) -> String {
    format!("{campaign}-{at}")
}

/// Writes verdicts on the campaigns, as a hunt does.
pub fn found(data_dir: &Path) {
    let mut log = Ledger::open(&data_dir.join("ledger")).unwrap();
    for (id, size) in CAMPAIGNS {
        let accounts: Vec<String> = (0..size).map(|at| account(id, at)).collect();
        let accounts =
            json!({ "document": "accounts", "version": 1, "case": id, "accounts": accounts, "verdicts": [] });
        let accounts_entry = append(&mut log, &accounts);
        let group = json!({
            "formed_by": "content", "ties": "frames", "formed_on": "first", "accounts": size, "customers": size, "open": false,
            "tells": true, "score": 2.5, "families": { "content": 2.5 }, "lowered": null, "peers": null, "rank": 0,
            "e_value": 40.0,
        });
        append(
            &mut log,
            &json!({
                "document": "verdict", "version": 1, "program": "0.1.0", "case": id, "accounts_entry": accounts_entry,
                "table_entries": 0, "other_sources": 0, "since_us": null, "until_us": null,
                "run": {
                    "accounts": 100, "exchanges": 1000, "fdr": 0.01, "fdr_suspected": 0.1, "hypotheses": 2, "groups_tested": 3,
                    "calibration": "", "cannot_see": [],
                },
                "campaign": {
                    "status": "discovered", "accounts": size, "exchanges": 80, "input_tokens": 1, "output_tokens": 2,
                    "first_seen": "2026-05-01T00:00:00Z", "last_seen": "2026-05-02T00:00:00Z", "confidence": 90,
                    "corroboration": 2, "impact": 3, "e_value": 40.0, "fdr_at": 0.01, "bank": { "size": 10, "rank": 0 },
                    "families": [], "leak": { "exchanges": 1, "low": 1, "high": 1 }, "strengths": [], "limitations": [],
                    "would_change": [],
                },
                "judgement": { "parts": [group], "strongest": 0, "peers": [] },
            }),
        );
    }
    log.commit().unwrap();
}

fn append(log: &mut Ledger, document: &serde_json::Value) -> u64 {
    log.append(Kind::Verdict.number(), &document_record(document.to_string().as_bytes())).unwrap()
}

/// Acts for a person, with a reason.
pub fn act(desk: &mut Desk, id: &str, who: &str, ask: Ask) -> Result<Case, Error> {
    desk.act(id, Asked { who, why: Some("as discussed"), saw: None }, ask)
}
