//! What is seen of a world while it is played.

use player::Summary;
use verdict::VerdictSnapshot;

/// What is seen at a moment.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// Days of the world that have passed.
    pub day: f64,
    /// Days that it has.
    pub days: f64,
    /// How many times as fast as it was time runs.
    pub speed: u32,
    /// Who was served.
    pub summary: Summary,
    /// Campaigns of the last verdicts, the most accounts first.
    pub found: Vec<Held>,
    /// Where the gate listens.
    pub gate: String,
    /// Where the API does.
    pub api: String,
}

/// A campaign of the verdicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its id.
    pub id: String,
    /// How firmly it is held.
    pub tier: String,
    /// Its accounts.
    pub accounts: usize,
    /// 0 to 100.
    pub confidence: u8,
}

/// The campaigns of verdicts; leads are none.
pub fn held(snapshot: &VerdictSnapshot) -> Vec<Held> {
    let campaigns = snapshot.campaigns().iter().filter(|one| one.tier != verdict::Tier::Lead);
    let held = campaigns.map(|one| Held {
        id: one.id.clone(),
        tier: one.tier.as_str().to_owned(),
        accounts: snapshot.members(&one.id).count(),
        confidence: one.confidence,
    });
    let mut held: Vec<Held> = held.collect();
    held.sort_by(|a, b| b.accounts.cmp(&a.accounts).then_with(|| a.id.cmp(&b.id)));
    held
}
