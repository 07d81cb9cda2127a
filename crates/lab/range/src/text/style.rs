//! How one person types: capitals, slips, how much they say.

use crate::rng::Rng;

/// The habits of one writer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// Sentences begin with a capital letter.
    pub(crate) capitals: bool,
    /// Slips a thousand letters.
    pub(crate) slips: u32,
    /// Sentences of context that come with a question, at most.
    pub(crate) context: u32,
    /// Begins with a greeting or an excuse, in percent.
    pub(crate) opener: u32,
}

impl Style {
    /// The habits of the writer of that seed.
    pub(crate) fn of(seed: u64) -> Style {
        let mut rng = Rng::of(seed, "style");
        Style {
            capitals: rng.chance(0.55),
            slips: if rng.chance(0.4) { rng.between(1, 9) as u32 } else { 0 },
            context: rng.between(0, 3) as u32,
            opener: rng.between(0, 60) as u32,
        }
    }

    /// The habits of a machine: none.
    pub(crate) const fn machine() -> Style {
        Style { capitals: true, slips: 0, context: 1, opener: 0 }
    }

    /// Applies the habits to the text written from `from` on.
    pub(crate) fn apply(self, rng: &mut Rng, out: &mut String, from: usize) {
        if self.slips > 0 {
            let tail = out.split_off(from.min(out.len()));
            slip(&tail, self.slips, rng, out);
        }
        if self.capitals
            && let Some(tail) = out.get_mut(from..)
        {
            capitalise(tail);
        }
    }
}

fn capitalise(text: &mut str) {
    let mut rest = text;
    let mut start = true;
    while let Some(length) = rest.chars().next().map(char::len_utf8) {
        let (letter, tail) = rest.split_at_mut(length);
        if start && letter.chars().all(char::is_alphanumeric) {
            letter.make_ascii_uppercase();
            start = false;
        }
        start |= matches!(&*letter, "." | "?" | "!" | "\n");
        rest = tail;
    }
}

/// Copies `text` with some letters dropped, doubled or swapped.
fn slip(text: &str, per_thousand: u32, rng: &mut Rng, out: &mut String) {
    let mut letters = text.chars();
    let mut next_slip = gap(per_thousand, rng);
    while let Some(letter) = letters.next() {
        next_slip = next_slip.saturating_sub(1);
        if next_slip > 0 || !letter.is_ascii_lowercase() {
            out.push(letter);
            continue;
        }
        next_slip = gap(per_thousand, rng);
        match rng.below(3) {
            0 => {}
            1 => out.extend([letter, letter]),
            _ => {
                out.extend(letters.next());
                out.push(letter);
            }
        }
    }
}

fn gap(per_thousand: u32, rng: &mut Rng) -> u32 {
    (rng.exponential(1000.0 / f64::from(per_thousand.max(1))) as u32).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn habits_change_letters_only_where_asked() {
        let mut out = "keep this. how do i do it? fine".to_owned();
        Style { capitals: true, slips: 0, context: 0, opener: 0 }.apply(&mut Rng::new(1), &mut out, 11);
        assert_eq!(out, "keep this. How do i do it? Fine");
        let mut out = "some words that are long enough to slip in".repeat(20);
        let before = out.clone();
        Style { capitals: false, slips: 50, context: 0, opener: 0 }.apply(&mut Rng::new(2), &mut out, 0);
        assert_ne!(out, before);
    }
}
