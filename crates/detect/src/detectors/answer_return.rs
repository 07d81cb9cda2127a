//! continuity.answer_return: answers given to one account come back as the input of another.
//!
//! *Sees:* members whose prompts hold two runs of 24 words from answers that another customer of the group was given and
//! they were not, a run that fewer than nine customers have ever sent or been given. Pipelines refine, clean and judge what a teacher said; a pool deals these stages to whichever account
//! is next.
//! *Needs:* logged answers, of at least 24 words.
//! *Null and reference:* random groups of like size: text that everybody quotes is quoted in these too.
//! *Benign twin:* a quality team whose judges read each other's answers; an answer that a colleague pasted.
//! *Source:* "Detecting and countering misuse of AI", September 2026 (captured traces sent back to be cleaned); a public
//! distillation toolkit, recorded: 108 of 245 requests hold an earlier answer word for word.

use std::collections::BTreeMap;

use sketch::hash::HashedMap;

use crate::family::Family;
use crate::frames::foreign_quotes;
use crate::population::Context;
use crate::test::Detector;
use crate::test::Null;
use crate::test::Shown;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "continuity.answer_return",
    family: Family::Continuity,
    what: "send answers that another member was given",
    least: 5,
    null: Null::BySize,
    shows,
};

fn shows(context: &Context<'_>, members: &[u32]) -> Shown {
    let population = context.population;
    let profile = |at: &u32| population.get(*at).map(|entity| entity.profile.as_ref());
    let mut given: HashedMap<Vec<u32>> = HashedMap::default();
    for at in members {
        let answers = profile(at).into_iter().flat_map(|profile| profile.answers.iter());
        for (quote, _) in answers.filter(|(quote, _)| context.quote_customers.is_rare(*quote)) {
            given.entry(quote).or_default().push(population.customer(*at));
        }
    }
    let sends = |at: &u32| {
        let profile = profile(at).filter(|profile| !profile.quotes.is_empty())?;
        let own = population.customer(*at);
        // Two quotes of one giver: a single run of words may be boilerplate.
        let givers =
            foreign_quotes(profile).filter_map(|quote| given.get(&quote)).flatten().filter(|giver| **giver != own);
        let mut from: BTreeMap<u32, u32> = BTreeMap::new();
        givers.for_each(|giver| *from.entry(*giver).or_default() += 1);
        Some(from.values().any(|quotes| *quotes >= 2))
    };
    let known = !given.is_empty();
    Shown { members: members.iter().map(|at| sends(at).filter(|_| known)).collect(), rate: None }
}
