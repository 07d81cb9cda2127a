//! What a hunt's results say of one account, campaign, lead or item.

use std::fmt::Write;

use serde_json::Value;

use crate::summary::numbers::second;
use crate::summary::numbers::table;
use report::grouped;

/// Rows of a list that are shown.
const SHOWN: usize = 20;
/// Shared items of a campaign that are shown; the page lists them by kind.
const LINKS: usize = 6;

/// What has the name that was asked for.
pub struct Matches {
    /// Campaigns of this id.
    pub campaigns: Vec<Value>,
    /// Leads of this id.
    pub leads: Vec<Value>,
    /// Accounts of this name.
    pub accounts: Vec<Value>,
    /// Evidence of accounts with an item whose hash begins so.
    pub items: Vec<Value>,
}

impl Matches {
    /// Whether nothing has the name.
    pub const fn is_empty(&self) -> bool {
        self.campaigns.is_empty() && self.leads.is_empty() && self.accounts.is_empty() && self.items.is_empty()
    }
}

/// The matches in words.
pub fn show(matches: &mut Matches) -> String {
    let Matches { campaigns, leads, accounts, items: found } = matches;
    [campaigns, leads, accounts, found].into_iter().flatten().for_each(on_one_line);
    let mut parts: Vec<String> = Vec::new();
    parts.extend(matches.campaigns.iter().map(campaign));
    parts.extend(matches.leads.iter().map(lead));
    parts.extend(matches.accounts.iter().map(account));
    if !matches.items.is_empty() {
        parts.push(items(&matches.items));
    }
    parts.join("\n").trim_end().to_owned()
}

/// Takes the line breaks out of all texts: a name with one would begin a line that looks like ours.
fn on_one_line(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.replace(['\n', '\r'], " "),
        Value::Array(values) => values.iter_mut().for_each(on_one_line),
        Value::Object(fields) => fields.values_mut().for_each(on_one_line),
        _ => {}
    }
}

fn campaign(campaign: &Value) -> String {
    let mut text = format!(
        "campaign {}: {}, confidence {}, impact {}\n{} accounts, {} exchanges, from {} to {} (UTC)\n\n",
        word(campaign, "id"),
        word(campaign, "status"),
        number(campaign, "confidence"),
        number(campaign, "impact"),
        grouped(list(campaign, "accounts").len() as u64),
        grouped(number(campaign, "exchanges")),
        second(word(campaign, "first_seen")),
        second(word(campaign, "last_seen")),
    );
    let family = |family: &Value| {
        let e_value = family.get("e_value").and_then(Value::as_f64).unwrap_or(0.0);
        let formed = family.get("formed").and_then(Value::as_bool) == Some(true);
        vec![
            word(family, "family").to_owned(),
            format!("{e_value:.1}"),
            if formed { "yes" } else { "" }.to_owned(),
            word(family, "what").to_owned(),
        ]
    };
    let families: Vec<Vec<String>> = list(campaign, "families").iter().map(family).collect();
    text.push_str(&table(&["FAMILY", ">E-VALUE", "FORMED IT", "WHAT WAS FOUND"], &families));
    let link = |link: &Value| {
        vec![kind(word(link, "kind")).to_owned(), grouped(number(link, "accounts")), grouped(number(link, "common_in"))]
    };
    let links: Vec<Vec<String>> = list(campaign, "links").iter().take(LINKS).map(link).collect();
    if !links.is_empty() {
        text.push('\n');
        text.push_str(&table(&["SHARED ITEM", ">ITS ACCOUNTS", ">CUSTOMERS OF THE LOG"], &links));
    }
    lines(&mut text, "limits", list(campaign, "limitations"));
    lines(&mut text, "what would change the verdict", list(campaign, "would_change"));
    names(&mut text, campaign);
    text
}

fn lead(lead: &Value) -> String {
    let score = lead.get("score").and_then(Value::as_f64).unwrap_or(0.0);
    let rank: Vec<String> = list(lead, "bank_rank").iter().map(|one| grouped(one.as_u64().unwrap_or(0))).collect();
    let mut text = format!(
        "lead {}: nothing is claimed of it\n{} accounts, score {score:.2}; honest groups of its kind that score as much: {}\nset \
         aside by {}; {}\n",
        word(lead, "id"),
        grouped(list(lead, "accounts").len() as u64),
        rank.join(" of "),
        word(lead, "set_aside_by").replace('_', " "),
        word(lead, "what_would_assert"),
    );
    names(&mut text, lead);
    text
}

fn account(account: &Value) -> String {
    let campaigns: Vec<&str> = list(account, "campaigns").iter().filter_map(Value::as_str).collect();
    let mut text = format!(
        "account {}: {}\nin {} (confidence {})\n",
        word(account, "account"),
        word(account, "verdict"),
        campaigns.join(", "),
        number(account, "confidence"),
    );
    lines(&mut text, "reasons", list(account, "reasons"));
    let item = |item: &Value| {
        vec![
            word(item, "family").to_owned(),
            kind(word(item, "kind")).to_owned(),
            word(item, "item").to_owned(),
            grouped(number(item, "accounts_in_common")),
            exchanges(item),
        ]
    };
    let items: Vec<Vec<String>> = list(account, "evidence").iter().map(item).collect();
    if items.is_empty() {
        text.push_str("\nit has no evidence of its own\n");
    } else {
        text.push('\n');
        text.push_str(&table(&["FAMILY", "ITEM", "HASH", ">OTHERS WITH IT", "SEEN IN EXCHANGES"], &items));
    }
    text
}

fn items(items: &[Value]) -> String {
    let mut text = format!("{} accounts have it as evidence\n\n", grouped(items.len() as u64));
    let row = |item: &Value| {
        vec![
            word(item, "account").to_owned(),
            word(item, "verdict").to_owned(),
            word(item, "campaign").to_owned(),
            kind(word(item, "kind")).to_owned(),
            word(item, "item").to_owned(),
            grouped(number(item, "accounts_in_common")),
            exchanges(item),
        ]
    };
    let rows: Vec<Vec<String>> = items.iter().take(SHOWN).map(row).collect();
    let heads = ["ACCOUNT", "VERDICT", "CAMPAIGN", "ITEM", "HASH", ">OTHERS WITH IT", "SEEN IN EXCHANGES"];
    text.push_str(&table(&heads, &rows));
    more(&mut text, items.len());
    text
}

fn exchanges(item: &Value) -> String {
    let ids: Vec<&str> = list(item, "exchanges").iter().filter_map(Value::as_str).collect();
    ids.join(", ")
}

/// The accounts of a campaign or a lead.
fn names(text: &mut String, of: &Value) {
    let accounts = list(of, "accounts");
    text.push_str("\naccounts\n");
    for account in accounts.iter().filter_map(Value::as_str).take(SHOWN) {
        let _ = writeln!(text, "  {account}");
    }
    more(text, accounts.len());
}

fn more(text: &mut String, all: usize) {
    if all > SHOWN {
        let _ = writeln!(text, "  … and {} more (--json has all)", grouped((all - SHOWN) as u64));
    }
}

fn lines(text: &mut String, title: &str, lines: &[Value]) {
    if lines.is_empty() {
        return;
    }
    let _ = write!(text, "\n{title}\n");
    for line in lines.iter().filter_map(Value::as_str) {
        let _ = writeln!(text, "  {line}");
    }
}

fn word<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value, field: &str) -> u64 {
    value.get(field).and_then(Value::as_u64).unwrap_or(0)
}

fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A kind of item in words.
fn kind(name: &str) -> &str {
    match name {
        "payment" => "payment instrument",
        "phone" => "telephone number",
        "ip" => "address",
        "frame" => "wording",
        "phrase" => "word pair",
        other => other,
    }
}
