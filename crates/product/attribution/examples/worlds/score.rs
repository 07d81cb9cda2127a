//! How often who is named runs the pool, and how often what is called likely is true.

use std::collections::BTreeMap;

use attribution::Attributed;
use attribution::Entity;
use attribution::NONE;
use attribution::SEVERAL;
use attribution::words::LIKELY;
use serde_json::Value;
use serde_json::json;

use crate::story::Story;
use crate::story::Told;

/// Counts of one story.
#[derive(Debug, Default, Clone)]
struct Counts {
    judged: u64,
    /// Worlds in which an organisation is called likely or more that does not run the pool.
    wrong: u64,
    /// Organisations of which evidence exists.
    evident: u64,
    /// Those of them that are named.
    evident_named: u64,
    /// Worlds in which nobody is named.
    nobody: u64,
}

/// Figures over all worlds.
#[derive(Debug, Default)]
pub struct Tally {
    stories: BTreeMap<Story, Counts>,
    /// For each word: how often it was used, how often it was true, and the sum of the stated probabilities.
    words: BTreeMap<u32, (&'static str, u64, u64, f64)>,
    /// The same of organisations alone.
    of_entities: BTreeMap<u32, (&'static str, u64, u64, f64)>,
}

impl Tally {
    /// Adds what was judged of one world.
    pub fn add(&mut self, story: Story, told: &Told, judged: &Attributed, entities: &[Entity]) {
        let name = |at: &usize| entities.get(*at).map_or("", |entity| entity.name.as_str());
        let culprits: Vec<&str> = told.culprits.iter().map(name).collect();
        let counts = self.stories.entry(story).or_default();
        counts.judged += 1;
        counts.nobody += u64::from(judged.named.is_empty());
        let likely = judged.hypotheses.iter().filter(|one| one.posterior >= LIKELY && one.entity != NONE);
        let is_wrong = likely.clone().any(|one| one.entity != SEVERAL && !culprits.contains(&one.entity.as_str()))
            || judged.named.iter().any(|name| !culprits.contains(&name.as_str()));
        counts.wrong += u64::from(is_wrong);
        for at in &told.evident {
            counts.evident += 1;
            counts.evident_named += u64::from(judged.named.iter().any(|named| named == name(at)));
        }
        for one in &judged.hypotheses {
            let is_true = match one.entity.as_str() {
                NONE => culprits.is_empty(),
                SEVERAL => culprits.len() > 1,
                entity => culprits.contains(&entity),
            };
            let add = |words: &mut BTreeMap<u32, (&'static str, u64, u64, f64)>| {
                let word = words.entry(one.likelihood.from).or_insert((one.likelihood.word, 0, 0, 0.0));
                *word = (word.0, word.1 + 1, word.2 + u64::from(is_true), word.3 + one.posterior);
            };
            add(&mut self.words);
            if one.entity != NONE {
                add(&mut self.of_entities);
            }
        }
    }

    fn sum(&self, of: impl Fn(&Counts) -> u64) -> u64 {
        self.stories.values().map(of).sum()
    }

    /// One line on the way.
    pub fn so_far(&self) -> String {
        format!(
            "{} worlds, {} wrong, {} of {} named",
            self.sum(|one| one.judged),
            self.sum(|one| one.wrong),
            self.sum(|one| one.evident_named),
            self.sum(|one| one.evident)
        )
    }

    /// All figures.
    pub fn json(&self) -> Value {
        let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
        let story = |(story, one): (&Story, &Counts)| {
            json!({
                "story": story.name(), "worlds": one.judged, "wrong_at_likely_or_above": one.wrong,
                "evident": one.evident, "evident_named": one.evident_named, "nobody_named": one.nobody,
            })
        };
        let words = |words: &BTreeMap<u32, (&'static str, u64, u64, f64)>| {
            let row = |(from, (word, used, right, stated)): (&u32, &(&str, u64, u64, f64))| {
                json!({ "word": word, "from": from, "used": used, "true": right, "share_true": share(*right, *used),
                        "stated": stated / (*used).max(1) as f64 })
            };
            words.iter().map(row).collect::<Vec<Value>>()
        };
        let (evident, named) = (self.sum(|one| one.evident), self.sum(|one| one.evident_named));
        json!({
            "worlds": self.sum(|one| one.judged), "wrong_at_likely_or_above": self.sum(|one| one.wrong),
            "right_named_share": share(named, evident), "evident": evident, "evident_named": named,
            "stories": self.stories.iter().map(story).collect::<Vec<Value>>(),
            "words": words(&self.words), "words_without_none": words(&self.of_entities),
        })
    }
}
