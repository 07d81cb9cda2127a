//! What changes for whom between two policies.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Serialize;

use crate::attribute::Attribute;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::outcome::Match;
use crate::policy::Policy;
use crate::situation::Situation;
use crate::space::Edges;
use crate::space::size;
use crate::space::space;
use crate::tried::Tried;
use crate::words::Measure;
use crate::words::Question;

/// Most situations of a question that are tried.
const MAX_SITUATIONS: usize = 2_000_000;

/// A change of what is done, for some situations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The question whose rules answer differently.
    pub question: Question,
    /// What was done, and by which rule.
    pub before: Answered,
    /// What is done, and by which rule.
    pub after: Answered,
    /// Situations for which this is so, of those that the rules of the question can tell apart.
    pub situations: usize,
    /// What those have in common that others have not: attributes with the values that occur.
    pub whom: BTreeMap<Attribute, Vec<String>>,
}

/// What the rules of a question say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Answered {
    /// What is done.
    pub decision: Measure,
    /// The rule that says so.
    pub rule: Option<String>,
}

impl Answered {
    /// The strictest of the rules of a question that act.
    fn of(policy: &Policy, matches: &[Match], now_us: i64) -> Self {
        let rules = policy.rules();
        let acting = matches.iter().find_map(|one| {
            let rule = rules.get(usize::from(one.place))?;
            rule.acts(now_us).then(|| Self { decision: one.measure, rule: Some(rule.id.clone()) })
        });
        acting.unwrap_or(Self { decision: Measure::Allow, rule: None })
    }
}

/// Tries every situation that the rules of either policy can tell apart, question by question, and says where they differ.
///
/// # Errors
/// [`ErrorKind::Unfit`] where the rules of a question read so much that there are too many situations.
pub fn diff(before: &Policy, after: &Policy, now_us: i64) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    for question in Question::ALL {
        if before.same_question(after, *question) {
            continue;
        }
        let rules = || before.rules().iter().chain(after.rules()).filter(|rule| rule.question == *question);
        let attributes: BTreeSet<Attribute> = rules().flat_map(|rule| rule.reads.iter().copied()).collect();
        let edges = Edges::of(rules());
        let number = size(&attributes, &edges);
        if number > MAX_SITUATIONS {
            let told = format!(
                "the rules of the question {} tell {number} situations apart (at most {MAX_SITUATIONS} are tried: split them)",
                question.as_str()
            );
            return Err(Error::new(ErrorKind::Unfit, told));
        }
        let all = space(&attributes, &edges);
        let places = |policy: &Policy| -> Vec<u16> {
            let own = (0_u16..).zip(policy.rules()).filter(|(_, rule)| rule.question == *question);
            own.map(|(place, _)| place).collect()
        };
        let (old, new) = (places(before), places(after));
        let (mut were, mut are) = (Tried::new(before), Tried::new(after));
        let mut groups: BTreeMap<(Answered, Answered), Vec<Situation>> = BTreeMap::new();
        for situation in &all {
            let was = Answered::of(before, &were.outcome(&old, situation), now_us);
            let is = Answered::of(after, &are.outcome(&new, situation), now_us);
            if was != is {
                groups.entry((was, is)).or_default().push(*situation);
            }
        }
        for ((before, after), situations) in groups {
            let whom = attributes.iter().filter_map(|attribute| {
                let values = |of: &[Situation]| of.iter().map(|one| attribute.value(one)).collect::<BTreeSet<String>>();
                let (theirs, everybodys) = (values(&situations), values(&all));
                (theirs != everybodys).then(|| (*attribute, theirs.into_iter().collect()))
            });
            let whom = whom.collect();
            changes.push(Change { question: *question, before, after, situations: situations.len(), whom });
        }
    }
    Ok(changes)
}
