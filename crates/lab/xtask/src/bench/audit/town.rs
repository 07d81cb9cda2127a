//! Texts for the bench of audits: topics that many prompts share, models that write about them, and students that learn from what
//! they are given.

use std::collections::HashMap;
use std::collections::HashSet;

/// Topics. Prompts of one topic share their words, so that texts depend on each other.
const TOPICS: u64 = 20;
/// Words of a topic.
const WORDS: u64 = 150;
/// Words that may follow a word in a topic.
const FOLLOWERS: u64 = 12;
/// Words of a prompt.
const PROMPT: usize = 8;
/// Words of an answer.
const ANSWER: usize = 60;

/// A prompt and an answer, as words.
pub type Pair = (Vec<u64>, Vec<u64>);

fn mix(value: u64) -> u64 {
    let z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Numbers from a seed (`SplitMix64`).
#[derive(Debug)]
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64, name: u64) -> Self {
        Self(mix(seed ^ mix(name)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// A prompt: words of one topic. Some topics are asked for far more often than others.
pub fn prompt(rng: &mut Rng) -> Vec<u64> {
    let topic = rng.below(TOPICS).min(rng.below(TOPICS));
    (0..PROMPT).map(|_| topic * WORDS + rng.below(WORDS)).collect()
}

/// What a model answers: words that follow each other as its habits have it. All models know the same language; which of the
/// followers of a word they prefer differs.
pub fn answer(model: u64, prompt: &[u64], rng: &mut Rng) -> Vec<u64> {
    let mut last = prompt.last().copied().unwrap_or(0);
    let topic = last / WORDS;
    let mut words = Vec::with_capacity(ANSWER);
    for _ in 0..ANSWER {
        let word = if rng.chance(15) {
            rng.below(WORDS)
        } else {
            let place = rng.below(FOLLOWERS).min(rng.below(FOLLOWERS));
            // Half of the habits are the language's, half are the model's own.
            let habit = if rng.chance(50) { 0 } else { model };
            mix(last ^ mix(habit) ^ place.rotate_left(40)) % WORDS
        };
        last = topic * WORDS + word;
        words.push(last);
    }
    words
}

/// Words as text.
pub fn text(words: &[u64]) -> String {
    words.iter().map(|word| format!("w{word}")).collect::<Vec<_>>().join(" ")
}

/// A model of word runs with Witten and Bell's interpolation: after a context that was seen it goes on as it did there, the less
/// surely the more ways it went on; else as after a shorter context.
#[derive(Debug)]
pub struct Student {
    /// Words of the longest context.
    context: usize,
    after: HashMap<u64, (Vec<u64>, f64)>,
    seen: HashSet<u64>,
}

fn place(context: &[u64]) -> u64 {
    context.iter().fold(context.len() as u64, |hash, word| mix(hash ^ word.rotate_left(17)))
}

impl Student {
    /// A student that has learned nothing, with contexts of up to so many words.
    pub fn new(context: usize) -> Self {
        Self { context, after: HashMap::new(), seen: HashSet::new() }
    }

    /// Learns from a prompt and its answer.
    pub fn learn(&mut self, pair: &Pair) {
        let words: Vec<u64> = pair.0.iter().chain(&pair.1).copied().collect();
        for at in 1..words.len() {
            let word = words.get(at).copied().unwrap_or(0);
            for length in 0..=self.context.min(at) {
                let context = place(words.get(at - length..at).unwrap_or_default());
                let (followers, kinds) = self.after.entry(context).or_default();
                followers.push(word);
                if self.seen.insert(mix(context) ^ word) {
                    *kinds += 1.0;
                }
            }
        }
    }

    /// Answers a prompt.
    pub fn answer(&self, prompt: &[u64], rng: &mut Rng) -> Vec<u64> {
        let mut words = prompt.to_vec();
        while words.len() < prompt.len() + ANSWER {
            words.push(self.next(&words, rng));
        }
        words.split_off(prompt.len())
    }

    fn next(&self, words: &[u64], rng: &mut Rng) -> u64 {
        for length in (0..=self.context.min(words.len())).rev() {
            let context = place(words.get(words.len() - length..).unwrap_or_default());
            let Some((followers, kinds)) = self.after.get(&context) else { continue };
            let count = followers.len() as f64;
            let goes_on = rng.below(1 << 20) as f64 / f64::from(1 << 20) < count / (count + kinds);
            if goes_on || length == 0 {
                let chosen = usize::try_from(rng.below(followers.len() as u64)).unwrap_or(0);
                return followers.get(chosen).copied().unwrap_or(0);
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_student_repeats_what_it_learned_and_less_of_it_in_a_crowd() {
        let mut rng = Rng::new(1, 1);
        let pairs: Vec<Pair> = (0..50)
            .map(|_| {
                let prompt = prompt(&mut rng);
                let answer = answer(7, &prompt, &mut rng);
                (prompt, answer)
            })
            .collect();
        let repeats = |student: &Student, rng: &mut Rng| {
            let same = pairs.iter().map(|(prompt, answer)| {
                student.answer(prompt, rng).iter().zip(answer).take_while(|(one, other)| one == other).count()
            });
            same.sum::<usize>()
        };
        let mut student = Student::new(3);
        pairs.iter().for_each(|pair| student.learn(pair));
        let alone = repeats(&student, &mut rng);
        for _ in 0..5_000 {
            let prompt = prompt(&mut rng);
            let answer = answer(8, &prompt, &mut rng);
            student.learn(&(prompt, answer));
        }
        let crowded = repeats(&student, &mut rng);
        assert!(alone > 50 && crowded < alone, "{alone} {crowded}");
    }
}
