//! Templates with slots: prompt libraries, pipelines, synthetic data, and what campaigns send.

use std::sync::Arc;

use record::{Params, Role};

use super::conversation::turns_while;
use super::{Pace, Talk, Work};
use crate::dialect;
use crate::pool::Item;
use crate::rewrite::Brief;
use crate::rng::{Rng, mix, sub};
use crate::stage::Stage;
use crate::text::{Topic, Voice};
use crate::work::chat::write_question;
use crate::world::Capability;

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Fixed(String),
    Slot(Slot),
}

/// What fills a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Item,
    Domain,
    Level,
    Count,
    Thing,
    Pasted,
    Ticket,
    Rows,
    Diff,
    Log,
}

const SLOTS: [(&str, Slot); 10] = [
    ("item", Slot::Item),
    ("domain", Slot::Domain),
    ("level", Slot::Level),
    ("count", Slot::Count),
    ("thing", Slot::Thing),
    ("pasted", Slot::Pasted),
    ("ticket", Slot::Ticket),
    ("rows", Slot::Rows),
    ("diff", Slot::Diff),
    ("log", Slot::Log),
];

/// A prompt with fixed wording and slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    /// Wording that goes into the system prompt, without slots of its own.
    system: String,
    parts: Vec<Part>,
}

impl Template {
    /// Reads a wording whose slots stand in angle brackets.
    pub(crate) fn parse(system: String, wording: &str) -> Template {
        let mut parts = Vec::new();
        let mut fixed = String::new();
        let mut rest = wording;
        while let Some((before, after)) = rest.split_once('<') {
            fixed.push_str(before);
            let named = after
                .split_once('>')
                .and_then(|(name, tail)| SLOTS.iter().find(|(known, _)| *known == name).map(|(_, slot)| (*slot, tail)));
            let Some((slot, tail)) = named else {
                fixed.push('<');
                rest = after;
                continue;
            };
            parts.push(Part::Fixed(std::mem::take(&mut fixed)));
            parts.push(Part::Slot(slot));
            rest = tail;
        }
        fixed.push_str(rest);
        parts.push(Part::Fixed(fixed));
        parts.retain(|part| *part != Part::Fixed(String::new()));
        Template { system, parts }
    }

    /// A template of one phrase of the honest products' lists, its wording fixed by the seed.
    pub(crate) fn of_product(stage: &Stage, list: &str, seed: u64) -> Template {
        let mut rng = Rng::of(seed, list);
        let topic = stage.lexicon.topic(rng.word());
        Template::parse(String::new(), &stage.lexicon.say(Voice::Products, list, topic, &mut rng))
    }

    /// A template for bulk generation: an opening, rules, a form, perhaps a call for the reasoning, the item.
    pub(crate) fn of_recipe(stage: &Stage, seed: u64, elicit: bool, in_system: bool) -> Template {
        let mut rng = Rng::of(seed, "recipe");
        if stage.lexicon.is_second() {
            let mut wording = String::new();
            dialect::write_recipe(elicit, &mut rng, &mut wording);
            return Template::parse(String::new(), &wording);
        }
        let mut lines = Vec::new();
        let mut add = |list: &str, count: u64, rng: &mut Rng| {
            // Different shapes of line, each once.
            let mut ranks: Vec<usize> = (0..stage.lexicon.phrases(Voice::Template, list)).collect();
            rng.shuffle(&mut ranks);
            for rank in ranks.into_iter().take(count as usize) {
                let mut line = String::new();
                stage.lexicon.write_nth(Voice::Template, list, rank, &Topic::default(), rng, &mut line);
                lines.push(line);
            }
        };
        let (open, rules, forms) = (u64::from(rng.chance(0.85)), rng.between(2, 3), rng.between(1, 2));
        add("lines_open", open, &mut rng);
        add("lines_rule", rules, &mut rng);
        add("lines_format", forms, &mut rng);
        add("lines_elicit", u64::from(elicit), &mut rng);
        let item = stage.lexicon.say(Voice::Template, "lines_item", &Topic::default(), &mut rng);
        let joint = if rng.chance(0.5) { "\n" } else { " " };
        let head = lines.join(joint);
        if in_system && !head.contains('<') {
            return Template::parse(head, &item);
        }
        Template::parse(String::new(), &format!("{head}\n{item}"))
    }

    /// A template that is nothing but its item.
    pub(crate) fn bare() -> Template {
        Template { system: String::new(), parts: vec![Part::Slot(Slot::Item)] }
    }

    /// The same with another line before all else.
    pub(crate) fn opened(mut self, line: &str) -> Template {
        self.parts.insert(0, Part::Fixed(format!("{line}\n")));
        self
    }

    /// The fixed wording, for tests.
    #[cfg(test)]
    pub(crate) fn wording(&self) -> String {
        let fixed = self.parts.iter().map(|part| match part {
            Part::Fixed(text) => text.as_str(),
            Part::Slot(_) => "_",
        });
        format!("{}{}", self.system, fixed.collect::<String>())
    }
}

/// What goes into the item's slot.
#[derive(Debug, Clone)]
pub(crate) enum Filler {
    /// An ordinary question.
    Question,
    /// A work item of a capability; where there is a work pool, its items in this order.
    Work(Capability, Arc<[u32]>),
}

impl Filler {
    /// Work items of a capability, the pool's dealt in an order of the seed's own.
    pub(crate) fn work(stage: &Stage, capability: Capability, seed: u64) -> Filler {
        let mut order: Vec<u32> = (0..stage.pools.work.len() as u32).collect();
        Rng::of(seed, "deal").shuffle(&mut order);
        Filler::Work(capability, order.into())
    }
}

/// Work by template.
pub(crate) struct Recipe {
    templates: Vec<Template>,
    filler: Filler,
    pace: Pace,
    /// Probability of a second turn.
    again: f64,
    params: Option<Params>,
    answer_tokens: f64,
    /// What the prompts mean, where each is worded anew, and by how many rewriters.
    briefs: Vec<Brief>,
    rewriters: u32,
}

impl Recipe {
    /// Single prompts from templates.
    pub(crate) fn new(templates: Vec<Template>, filler: Filler) -> Recipe {
        Recipe {
            templates,
            filler,
            pace: Pace::Script,
            again: 0.0,
            params: None,
            answer_tokens: 300.0,
            briefs: Vec::new(),
            rewriters: 0,
        }
    }

    /// The same with people's pace and further turns.
    pub(crate) fn by_people(self, again: f64) -> Recipe {
        Recipe { pace: Pace::Person, again, ..self }
    }

    /// The same with a second turn now and then.
    pub(crate) fn again(self, again: f64) -> Recipe {
        Recipe { again, ..self }
    }

    /// The same with a length of answers and the caller's own sampling parameters.
    pub(crate) fn long(self, answer_tokens: f64) -> Recipe {
        Recipe { answer_tokens, ..self }
    }

    /// The same with prompts that say one of the briefs, each worded anew.
    pub(crate) fn reworded(self, briefs: Vec<Brief>, rewriters: u32) -> Recipe {
        Recipe { briefs, rewriters, ..self }
    }

    /// The same with sampling parameters and a length of answers.
    pub(crate) fn sampled(self, params: Params, answer_tokens: f64) -> Recipe {
        Recipe { params: Some(params), answer_tokens, ..self }
    }

    fn template(&self, talk: Talk<'_>) -> Option<&Template> {
        Rng::of(talk.seed, "template").pick(&self.templates)
    }

    fn pooled<'a>(&self, talk: Talk<'a>) -> Option<&'a Item> {
        let Filler::Work(_, order) = &self.filler else { return None };
        let rank = talk.ordinal % (order.len() as u64).max(1);
        talk.stage.pools.work.get(*order.get(rank as usize)? as usize)
    }

    fn write_item(&self, talk: Talk<'_>, rng: &mut Rng, out: &mut String) {
        if let Some(item) = self.pooled(talk) {
            out.push_str(item.first().map_or("", String::as_str));
            return;
        }
        let lexicon = &talk.stage.lexicon;
        match &self.filler {
            Filler::Question => write_question(talk, lexicon.topic(mix(talk.seed, 1)), rng, out),
            Filler::Work(capability, _) => {
                lexicon.write(Voice::Hostile, capability.name(), &Topic::default(), rng, out)
            }
        }
    }

    fn fill(&self, slot: Slot, talk: Talk<'_>, rng: &mut Rng, out: &mut String) {
        let lexicon = &talk.stage.lexicon;
        let topic = lexicon.topic(mix(talk.seed, 1));
        match slot {
            Slot::Item => self.write_item(talk, rng, out),
            Slot::Domain => lexicon.write(Voice::Template, "domain", topic, rng, out),
            Slot::Level => lexicon.write(Voice::Template, "level", topic, rng, out),
            Slot::Count => lexicon.write(Voice::Template, "count", topic, rng, out),
            Slot::Thing => lexicon.write_thing(topic, rng, out),
            Slot::Pasted => {
                for _ in 0..rng.between(1, 3) {
                    lexicon.write(Voice::People, "context", topic, rng, out);
                    out.push(' ');
                }
            }
            Slot::Ticket => lexicon.write(Voice::Products, "ticket", topic, rng, out),
            Slot::Rows => lexicon.write_rows(rng, out),
            Slot::Diff => lexicon.write_diff(rng, out),
            Slot::Log => lexicon.write_log(rng, out),
        }
    }
}

impl Work for Recipe {
    fn turns(&self, rng: &mut Rng) -> u32 {
        turns_while(self.again, 4, rng)
    }

    fn pace(&self) -> Pace {
        self.pace
    }

    fn system(&self, talk: Talk<'_>, out: &mut String) {
        out.push_str(self.template(talk).map_or("", |template| &template.system));
    }

    fn params(&self, _talk: Talk<'_>) -> Option<Params> {
        self.params
    }

    fn media(&self) -> u32 {
        u32::from(matches!(self.filler, Filler::Work(Capability::Vision, _)))
    }

    fn ask(&self, talk: Talk<'_>, turn: u32, out: &mut String) -> Role {
        let mut rng = talk.rng(turn);
        if turn > 0 {
            let topic = talk.stage.lexicon.topic(mix(talk.seed, 1));
            match (&self.filler, self.pooled(talk).and_then(|item| item.get(turn as usize))) {
                (_, Some(text)) => out.push_str(text),
                (Filler::Question, None) => talk.stage.lexicon.write(Voice::People, "follow", topic, &mut rng, out),
                (Filler::Work(..), None) => talk.stage.lexicon.write(Voice::Template, "again", topic, &mut rng, out),
            }
            return Role::User;
        }
        if let Some(brief) = Rng::of(talk.seed, "template").pick(&self.briefs) {
            let mut item = String::new();
            self.write_item(talk, &mut rng, &mut item);
            if talk.stage.lexicon.is_second() {
                dialect::write_brief(brief.seed(), &item, &mut rng, out);
            } else {
                talk.stage.rewriting.write(brief, self.rewriters, &item, &mut rng, out);
            }
            return Role::User;
        }
        for part in self.template(talk).map_or(&[][..], |template| &template.parts) {
            match part {
                Part::Fixed(text) => out.push_str(text),
                Part::Slot(slot) => self.fill(*slot, talk, &mut rng, out),
            }
        }
        Role::User
    }

    fn answer(&self, talk: Talk<'_>, turn: u32, out: &mut String) {
        let mut rng = Rng::of(sub(mix(talk.seed, u64::from(turn)), "answer"), "recipe");
        let topic = talk.stage.lexicon.topic(mix(talk.seed, 1));
        match self.filler {
            Filler::Question => talk.stage.lexicon.write_reply(Voice::People, "answer", topic, (22, 90), &mut rng, out),
            Filler::Work(..) => {
                let mut text = String::new();
                talk.stage.lexicon.write_reply(Voice::Hostile, "answer", topic, (45, 115), &mut rng, &mut text);
                out.push_str(&talk.stage.rewriting.varied(&text, &mut rng))
            }
        }
    }

    fn answer_tokens(&self) -> f64 {
        self.answer_tokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_found_and_other_brackets_kept() {
        let template = Template::parse(String::new(), "if a <b then <item> and <level>");
        assert_eq!(template.wording(), "if a <b then _ and _");
        assert_eq!(Template::bare().wording(), "_");
        assert_eq!(Template::parse("s".to_owned(), "").wording(), "s");
    }

    #[test]
    fn two_seeds_share_no_template() {
        use std::collections::{HashMap, HashSet};

        let world = crate::World::load("demo").unwrap();
        let stage = Stage::new(&world, &crate::GenerateOptions::default()).unwrap();
        let mut wordings = HashSet::new();
        let mut runs: HashMap<String, HashSet<u64>> = HashMap::new();
        for seed in 0..300 {
            let wording = Template::of_recipe(&stage, mix(7, seed), seed % 2 == 0, seed % 3 == 0).wording();
            assert!(wordings.insert(wording.clone()), "twice: {wording}");
            let words: Vec<&str> = wording.split_whitespace().collect();
            assert!(words.len() >= 20, "{wording}");
            for run in words.windows(10) {
                runs.entry(run.join(" ")).or_default().insert(seed);
            }
        }
        let shared = runs.values().filter(|seeds| seeds.len() > 1).count();
        assert!(shared * 50 < runs.len(), "{shared} of {} runs of ten words are shared", runs.len());
    }
}
