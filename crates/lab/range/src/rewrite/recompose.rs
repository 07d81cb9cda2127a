//! Prompts put together anew: each clause of the brief said in one of many ways, the clauses in any order.

use super::brief::Brief;
use super::phrase::{capital, filled, numbered, said};
use crate::rng::Rng;
use crate::text::Grammar;

/// Writes the prompt.
pub(super) fn write(clauses: &Grammar, brief: &Brief, item: &str, rng: &mut Rng, out: &mut String) {
    let mut lines = Vec::new();
    if rng.chance(0.8) {
        lines.push(said(clauses, "open", rng));
    }
    lines.push(said(clauses, "task", rng));
    lines.extend(brief.rules.iter().map(|rule| numbered(clauses, "rule", *rule, rng)));
    lines.push(numbered(clauses, "format", brief.format, rng));
    if brief.elicit {
        lines.push(said(clauses, "elicit", rng));
    }
    let mut lines: Vec<String> = lines.iter().map(|line| capital(&filled(clauses, line, brief, rng))).collect();
    rng.shuffle(&mut lines);
    let joint = rng.word_of(&[" ", " ", "\n", "\n- "]);
    let intro = if rng.chance(0.75) { said(clauses, "item", rng) } else { String::new() };
    let case = if intro.is_empty() { item.to_owned() } else { format!("{intro}{}{item}", rng.word_of(&[" ", "\n"])) };
    // The item comes first, last, or somewhere between.
    let place = match rng.below(4) {
        0 => 0,
        1 => rng.below(lines.len() as u64 + 1) as usize,
        _ => lines.len(),
    };
    let (before, after) = lines.split_at(place.min(lines.len()));
    let parts = [before.join(joint), case, after.join(joint)];
    out.push_str(&parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("\n"));
}
