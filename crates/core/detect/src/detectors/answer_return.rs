//! continuity.answer_return: answers given to one account come back as the input of another.
//!
//! *Sees:* members whose prompts hold two quotes (some fifty words each) from answers that another customer of the group was
//! given and they were not, quotes that fewer than nine customers have ever sent or been given. Pipelines refine, clean and judge what a teacher said; a pool deals these stages to whichever account
//! is next.
//! *Needs:* logged answers that are long enough for two quotes.
//! *Null and reference:* random groups of like size: text that everybody quotes is quoted in these too.
//! *Benign twin:* a quality team whose judges read each other's answers; an answer that a colleague pasted.
//! *Source:* "Detecting and countering misuse of AI", September 2026 (captured traces sent back to be cleaned); a public
//! distillation toolkit, recorded: 108 of 245 requests hold an earlier answer word for word.

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use cohort::foreign_quotes;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "continuity.answer_return",
    family: Family::Continuity,
    what: "send answers that another member was given",
    least: 5,
    null: Null::BySize,
    shows,
};

fn shows(context: &Context<'_>, members: &[u32], items: Items) -> Shown {
    let population = context.population;
    let profile = |at: &u32| population.get(*at).map(|entity| entity.profile.as_ref());
    let mut given: Vec<(u64, u32)> = Vec::new();
    for at in members {
        let answers =
            profile(at).into_iter().flat_map(|profile| profile.answers.iter()).filter(|(quote, _)| items.hold(*quote));
        given.extend(answers.map(|(quote, _)| (quote, population.customer(*at))));
    }
    given.sort_unstable();
    let givers = |quote: u64| {
        let from = given.partition_point(|(known, _)| *known < quote);
        let run = given.get(from..).unwrap_or_default().iter().take_while(move |(known, _)| *known == quote);
        run.map(|(_, giver)| *giver)
    };
    let sends = |at: &u32| {
        let profile = profile(at).filter(|profile| !profile.quotes.is_empty())?;
        let own = population.customer(*at);
        // Two quotes of one giver: a single run of words may be boilerplate.
        let mut from: Vec<u32> = Vec::new();
        for quote in foreign_quotes(profile) {
            let mut others = givers(quote).filter(|giver| *giver != own).peekable();
            if others.peek().is_some() && context.quote_customers.is_rare(quote) {
                from.extend(others);
            }
        }
        from.sort_unstable();
        Some(from.chunk_by(|a, b| a == b).any(|quotes| quotes.len() >= 2))
    };
    let known = given.iter().any(|(quote, _)| context.quote_customers.is_rare(*quote));
    Shown::Property { members: members.iter().map(|at| sends(at).filter(|_| known)).collect(), rate: None }
}
