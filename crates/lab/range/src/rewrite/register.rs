//! The same wishes said curtly, politely or at length, with the slips of somebody who types.

use super::brief::Brief;
use super::phrase::{capital, filled, numbered, said};
use crate::rng::Rng;
use crate::text::{Grammar, Style};

/// Writes the prompt.
pub(super) fn write(registers: &Grammar, brief: &Brief, item: &str, rng: &mut Rng, out: &mut String) {
    let from = out.len();
    let register = rng.word_of(&["terse", "polite", "rambling"]);
    let mut wishes: Vec<String> = brief.rules.iter().map(|rule| numbered(registers, "rule", *rule, rng)).collect();
    wishes.push(numbered(registers, "format", brief.format, rng));
    if brief.elicit {
        wishes.push(said(registers, "elicit", rng));
    }
    rng.shuffle(&mut wishes);
    let open = said(registers, &format!("{register}_open"), rng);
    let mut lines = vec![filled(registers, &open, brief, rng)];
    for wish in wishes {
        let frame = said(registers, register, rng);
        lines.push(match register {
            "terse" => format!("{frame} {wish}"),
            _ => frame.replace("<wish>", &wish),
        });
    }
    let joint = match register {
        "terse" => rng.word_of(&["\n", "; ", ". "]),
        "polite" => rng.word_of(&[" ", "\n"]),
        _ => rng.word_of(&[", ", " ... ", ". ", "\n"]),
    };
    let capitals = register == "polite" || (register == "terse" && rng.chance(0.5));
    if capitals {
        lines = lines.iter().map(|line| capital(line)).collect();
    }
    out.push_str(&lines.join(joint));
    let slips = if register == "polite" { 0 } else { rng.between(0, 5) as u32 };
    Style { capitals, slips, context: 0, opener: 0 }.apply(rng, out, from);
    out.push('\n');
    out.push_str(&said(registers, &format!("item_{register}"), rng));
    out.push_str(rng.word_of(&[" ", "\n"]));
    out.push_str(item);
}
