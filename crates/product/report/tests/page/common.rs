//! A small result, drawn by hand.

use std::collections::BTreeMap;

use campaign::AccountEvidence;
use campaign::AccountVerdict;
use campaign::Attribution;
use campaign::BankEvidence;
use campaign::Campaign;
use campaign::CapabilityLeak;
use campaign::CapabilityShare;
use campaign::DetectorEvidence;
use campaign::FamilyEvidence;
use campaign::Innocent;
use campaign::Interval;
use campaign::LeadReport;
use campaign::Leak;
use campaign::LinkSummary;
use campaign::PartSummary;
use campaign::Pool;
use campaign::Revision;
use hunt::Activity;
use hunt::Charts;
use hunt::Day;
use hunt::Found;
use hunt::Others;
use hunt::Page;
use hunt::SharedItem;
use hunt::Summary;
use report::Report;
use verdict::Family;
use verdict::Standing;
use verdict::Status;
use verdict::ViewKind;

/// What a page is made of, owned.
pub struct Results {
    pub campaigns: Vec<Campaign>,
    pub accounts: Vec<AccountVerdict>,
    pub leads: Vec<LeadReport>,
    pub summary: Summary,
    pub charts: Vec<Charts>,
    pub others: Others,
}

impl Results {
    pub fn page(&self) -> String {
        Report.render(&Found {
            campaigns: &self.campaigns,
            accounts: &self.accounts,
            leads: &self.leads,
            summary: &self.summary,
            charts: &self.charts,
            others: &self.others,
        })
    }
}

/// Nothing was found in a small log.
pub fn nothing() -> Results {
    let summary = Summary {
        version: "0.0.0",
        read: 1_203,
        accepted: 1_200,
        refused: 3,
        accounts: 40,
        exchanges: 1_200,
        groups_tested: 7,
        hypotheses: 5,
        fdr: 0.01,
        fdr_suspected: 0.1,
        calibration: "bank of 64,569 honest groups, 0 of them this deployment's own".to_owned(),
        cannot_see: vec![
            "who the accounts are: no account records were given (give --accounts)".to_owned(),
            "where requests come from: the log has no addresses".to_owned(),
        ],
        ..Summary::default()
    };
    Results {
        campaigns: Vec::new(),
        accounts: Vec::new(),
        leads: Vec::new(),
        summary,
        charts: Vec::new(),
        others: Others { accounts: 40, activity: Activity::default() },
    }
}

/// One campaign of accounts with these names, and a lead. The text stands wherever a log or a detector gives one.
pub fn campaign(names: &[&str], text: &str) -> Results {
    let mut results = nothing();
    let mut accounts: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    accounts.sort();
    results.accounts = accounts.iter().map(|account| verdict(account, text)).collect();
    results.charts = vec![charts(accounts.len(), text)];
    results.leads = vec![lead(text)];
    results.others = Others { accounts: 36, activity: activity(806) };
    results.campaigns = vec![described(accounts, text)];
    let summary = &mut results.summary;
    (summary.discovered, summary.leads, summary.implicated) = (1, 1, names.len() as u64);
    (summary.account_records, summary.acts) = (40, 2);
    summary.notes = vec![text.to_owned()];
    summary.ties = BTreeMap::from([(ViewKind::Frames, 9), (ViewKind::Registration, 4), (ViewKind::Addresses, 3)]);
    results
}

fn verdict(account: &str, text: &str) -> AccountVerdict {
    let item = |family, detector, kind, item: &str, exchanges: Vec<String>| AccountEvidence {
        family,
        detector,
        kind,
        item: item.to_owned(),
        accounts_in_common: 3,
        exchanges,
    };
    AccountVerdict {
        account: account.to_owned(),
        verdict: Standing::Implicated,
        campaign: "C-00000001".to_owned(),
        campaigns: vec!["C-00000001".to_owned()],
        confidence: 99,
        e_value: 2_000.0,
        reasons: vec![text.to_owned()],
        evidence: vec![
            item(
                Family::Content,
                ViewKind::Frames,
                "frame",
                "15128ce4f2705d18",
                vec![text.to_owned(), "req_2".to_owned()],
            ),
            item(Family::Identity, ViewKind::Registration, "payment", "0a0a0a0a0a0a0a0a", Vec::new()),
        ],
    }
}

fn activity(exchanges: u64) -> Activity {
    let mut hours = [0; 24];
    hours.iter_mut().zip(0..).for_each(|(hour, at)| *hour = if at < 8 { 1 } else { exchanges / 16 });
    let capabilities = [exchanges / 2, 0, exchanges / 4, 0, 0, 0, 0, exchanges / 4];
    Activity { exchanges, first_us: Some(1_776_816_001_000_000), hours, capabilities }
}

fn charts(accounts: usize, text: &str) -> Charts {
    let shared = |family, kind, item: &str, holders: Vec<usize>, in_log| SharedItem {
        family,
        kind,
        item: item.to_owned(),
        holders,
        in_log,
    };
    let half = accounts / 2;
    Charts {
        days: (0..6)
            .map(|day| Day {
                day: 20_565 + 2 * day,
                exchanges: 20 * day as u64 + 5,
                active: 3,
                new: u32::from(day < 4),
            })
            .collect(),
        accounts: (0..accounts).map(|at| activity(100_u64.saturating_sub(at as u64))).collect(),
        shared: vec![
            shared(Family::Content, "frame", "15128ce4f2705d18", (0..accounts).collect(), accounts),
            shared(Family::Identity, "payment", "0a0a0a0a0a0a0a0a", (0..half).collect(), half),
            shared(Family::Identity, "payment", text, (half..accounts).collect(), accounts),
        ],
        shared_in_all: 3,
    }
}

fn family(family: Family, e_value: f64, text: &str) -> FamilyEvidence {
    FamilyEvidence {
        family,
        e_value,
        score: 4.25,
        null: format!("honest groups formed by frames, of 5 to 9 customers score this much by chance {text}"),
        formed: family == Family::Content,
        half: family == Family::Content,
        what: if e_value > 0.0 { format!("4 of 4 members share {text}") } else { String::new() },
        detectors: vec![
            DetectorEvidence { name: "content.template_family", score: 17_962.7, what: text.to_owned() },
            DetectorEvidence { name: "content.alike_meaning", score: 3.5, what: text.to_owned() },
        ],
    }
}

fn described(accounts: Vec<String>, text: &str) -> Campaign {
    let all = Interval { exchanges: 300, low: 250, high: 394 };
    Campaign {
        id: "C-00000001".to_owned(),
        status: Status::Discovered,
        pools: vec![Pool { id: "P-1".to_owned(), accounts: accounts.clone() }],
        accounts,
        exchanges: 394,
        input_tokens: 81_234,
        output_tokens: 1_234_567,
        first_seen: "2026-04-22T00:00:01.123456Z".to_owned(),
        last_seen: "2026-05-02T21:17:09Z".to_owned(),
        confidence: 99,
        corroboration: 2,
        corroborated_by_others: false,
        impact: 6,
        e_value: 2_000.0,
        fdr_at: 0.005,
        looks: None,
        bank: BankEvidence { kind: "own", size: 2_000, rank: 0, transport: Some(0.25) },
        overturned_by: 0.61,
        survives: 1.0,
        parts: Vec::new(),
        families: vec![
            family(Family::Identity, 958.0, text),
            family(Family::Content, 355.3, text),
            family(Family::Client, 0.0, text),
        ],
        capabilities: vec![
            CapabilityShare { name: "reasoning", share: 0.75 },
            CapabilityShare { name: "software_engineering", share: 0.25 },
        ],
        links: vec![LinkSummary { kind: "frame", accounts: 4, bits: 3.3, common_in: 4 }],
        attribution: vec![Attribution {
            entity: text.to_owned(),
            likelihood: "not assessed",
            log10_lr: 0.0,
            evidence: Vec::new(),
            posterior: None,
            named: false,
            refused: Vec::new(),
        }],
        leak: Leak {
            exchanges: 300,
            output_tokens: 1_000_000,
            low: 250,
            high: 394,
            distinct_prompts: 280,
            by_capability: vec![CapabilityLeak { name: "reasoning", exchanges: 225, low: 190, high: 300 }],
            first_alarm: "2026-05-02T21:17:09Z".to_owned(),
            before_alarm: all,
            contained: None,
            before_containment: all,
            revisions: vec![Revision { log_end: text.to_owned(), accounts: 4, exchanges: 300, low: 250, high: 394 }],
        },
        innocent: Innocent { accounts_in_pools: 2, other_traffic: 0.24 },
        strengths: vec![text.to_owned()],
        limitations: vec![format!("24 % may be other people's {text}")],
        would_change: vec![format!("a public tool {text}")],
    }
}

fn lead(text: &str) -> LeadReport {
    LeadReport {
        id: "L-00000002".to_owned(),
        accounts: vec![text.to_owned(), "b".to_owned()],
        score: 2.5,
        bank_rank: (12, 3_379),
        e_value: 17.25,
        exchanges_at_stake: 56.0,
        families: BTreeMap::from([(Family::Content, 12.0)]),
        parts: vec![PartSummary { ties: ViewKind::TransferredContent, accounts: 2, score: 2.5, e_value: 17.25 }],
        set_aside_by: "rate",
        what_would_assert: text.to_owned(),
    }
}
