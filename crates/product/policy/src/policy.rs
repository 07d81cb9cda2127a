//! A folder of policies that is fit to be used.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::str::FromStr;

use cedar_policy::Policy as CedarPolicy;
use cedar_policy::PolicyId;
use cedar_policy::PolicySet;
use cedar_policy::Schema;
use cedar_policy::ValidationMode;
use cedar_policy::Validator;

use crate::cache::Cache;
use crate::cedar::Names;
use crate::cedar::Slice;
use crate::error::Error;
use crate::fault::Fault;
use crate::fault::Place;
use crate::outcome::Outcome;
use crate::outcome::outcome;
use crate::rule::Rule;
use crate::settings::Settings;
use crate::situation::Situation;
use crate::source::SCHEMA;
use crate::source::SETTINGS;
use crate::source::Source;
use crate::words::Basis;
use crate::words::Question;

/// Most rules that are evaluated for one question: Cedar costs about a microsecond a rule.
pub const MAX_RULES_OF_QUESTION: usize = 8;

/// A folder of policies that is fit to be used: parsed, typed, and consistent.
#[derive(Debug)]
pub struct Policy {
    source: Source,
    hash: String,
    settings: Settings,
    rules: Vec<Rule>,
    slices: Vec<Slice>,
    /// Each rule by itself, in the order of the rules.
    alone: Vec<Slice>,
    names: Names,
    cache: Cache,
}

impl Policy {
    /// The policies that come with the program.
    ///
    /// # Errors
    /// Never, as the tests of this crate hold.
    pub fn shipped() -> Result<Self, Error> {
        Self::load(Source::shipped())
    }

    /// Parses and checks the files of a folder.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Unfit`] with every fault: its place, and how to mend it.
    pub fn load(source: Source) -> Result<Self, Error> {
        let mut faults = Vec::new();
        let settings = Settings::read(source.file(SETTINGS).unwrap_or_default(), &mut faults);
        let schema = schema(&source, &mut faults);
        let mut rules = Vec::new();
        let mut policies = BTreeMap::new();
        for (file, text) in source.rules() {
            read(file, text, &mut rules, &mut policies, &mut faults);
        }
        if let Some(schema) = schema {
            validate(schema, &source, &policies, &rules, &mut faults);
        }
        if let Some(settings) = &settings {
            together(&rules, settings, &mut faults);
        }
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        let slices = slices(&rules, &policies, &mut faults);
        match settings {
            Some(settings) if faults.is_empty() => {
                let (hash, names) = (source.hash(), Names::new()?);
                let alone =
                    rules.iter().zip(0_u16..).map(|(rule, place)| slice(rule.question, [(rule, place)], &policies));
                let alone = alone.collect();
                Ok(Self { source, hash, settings, rules, slices, alone, names, cache: Cache::default() })
            }
            _ => Err(Error::unfit(faults)),
        }
    }

    /// The files that it was made of.
    #[must_use]
    pub const fn source(&self) -> &Source {
        &self.source
    }

    /// A hash of all that decisions depend on.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The lists and numbers that rules refer to.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Its rules, by id.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// A rule.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// A rule as it is written, without the lines around it.
    #[must_use]
    pub fn text(&self, id: &str) -> Option<String> {
        let place = self.rules.iter().position(|rule| rule.id == id)?;
        self.alone.get(place)?.policies.policies().next().map(ToString::to_string)
    }

    /// What the rules say of a situation, evaluated anew.
    #[must_use]
    pub fn evaluate(&self, situation: &Situation) -> Outcome {
        outcome(&self.rules, &self.slices, &self.names, situation)
    }

    /// The same from memory where it was asked before.
    pub(crate) fn recall(&self, situation: &Situation) -> std::sync::Arc<Outcome> {
        self.cache.get(situation.number(), || self.evaluate(situation))
    }

    /// What the rules of one question say of a situation.
    #[must_use]
    pub fn evaluate_question(&self, question: Question, situation: &Situation) -> Outcome {
        let slice = self.slices.iter().find(|slice| slice.question == question);
        outcome(&self.rules, slice.map_or(&[], std::slice::from_ref), &self.names, situation)
    }

    /// Whether one rule matches by itself.
    pub(crate) fn matches_alone(&self, place: u16, situation: &Situation) -> bool {
        let slice = self.alone.get(usize::from(place));
        !outcome(&self.rules, slice.map_or(&[], std::slice::from_ref), &self.names, situation).matches.is_empty()
    }

    /// Whether the rules of a question are the same in another policy.
    pub(crate) fn same_question(&self, other: &Self, question: Question) -> bool {
        let texts = |policy: &Self| {
            let slice = policy.slices.iter().find(|slice| slice.question == question);
            let mut texts: Vec<String> =
                slice.into_iter().flat_map(|slice| slice.policies.policies()).map(ToString::to_string).collect();
            texts.sort_unstable();
            texts
        };
        texts(self) == texts(other)
    }
}

fn schema(source: &Source, faults: &mut Vec<Fault>) -> Option<Schema> {
    // Requests are made by this program: a folder that declares other attributes would be typed against what never comes.
    let shipped = Source::shipped();
    let ours = shipped.file(SCHEMA).unwrap_or_default();
    if source.file(SCHEMA) != Some(ours) {
        let told =
            "it is missing, or not the one of this version (copy it from a folder that `stillwatch policy init` makes)";
        faults.push(Fault::of_file(SCHEMA, None, told));
    }
    match Schema::from_cedarschema_str(ours) {
        Ok((schema, _)) => Some(schema),
        Err(error) => {
            faults.push(Fault::of_file(SCHEMA, None, error.to_string()));
            None
        }
    }
}

fn read(
    file: &str,
    text: &str,
    rules: &mut Vec<Rule>,
    policies: &mut BTreeMap<String, CedarPolicy>,
    faults: &mut Vec<Fault>,
) {
    let set = match PolicySet::from_str(text) {
        Ok(set) => set,
        Err(error) => return faults.extend(error.iter().map(|error| located(file, text, error))),
    };
    if set.templates().next().is_some() {
        let told = "it holds a template, which this program does not fill (write the policy out)";
        faults.push(Fault::of_file(file, None, told));
    }
    for policy in set.policies() {
        let Some(rule) = Rule::read(policy, file, text, faults) else { continue };
        let policy = policy.new_id(PolicyId::new(&rule.id));
        if policies.insert(rule.id.clone(), policy).is_some() {
            let told = format!("the rule {} is there twice (give one of them another @id)", rule.id);
            faults.push(Fault::of_file(file, rule.place, told));
        }
        rules.push(rule);
    }
}

/// A fault that Cedar's parser tells.
fn located(file: &str, text: &str, error: &impl miette::Diagnostic) -> Fault {
    Fault::of_file(file, place(text, error), helped(error))
}

/// Where Cedar says that a fault is.
fn place(text: &str, error: &impl miette::Diagnostic) -> Option<Place> {
    let label = error.labels()?.next()?;
    Place::of(text, label.offset())
}

/// What Cedar says of a fault, with its advice.
fn helped(error: &impl miette::Diagnostic) -> String {
    error.help().map_or_else(|| error.to_string(), |help| format!("{error} ({help})"))
}

/// Types every policy against the schema.
fn validate(
    schema: Schema,
    source: &Source,
    policies: &BTreeMap<String, CedarPolicy>,
    rules: &[Rule],
    faults: &mut Vec<Fault>,
) {
    let mut set = PolicySet::new();
    for policy in policies.values() {
        if let Err(error) = set.add(policy.clone()) {
            faults.push(Fault::anywhere(error.to_string()));
        }
    }
    let result = Validator::new(schema).validate(&set, ValidationMode::Strict);
    for error in result.validation_errors() {
        let id = error.policy_id().to_string();
        let file = rules.iter().find(|rule| rule.id == id).map_or("", |rule| rule.file.as_str());
        let text = source.file(file).unwrap_or_default();
        faults.push(Fault::of_one(file, &id, place(text, error), helped(error)));
    }
    for warning in result.validation_warnings() {
        faults.push(Fault::anywhere(warning.to_string()));
    }
}

/// What rules must hold to beside each other.
fn together(rules: &[Rule], settings: &Settings, faults: &mut Vec<Fault>) {
    for rule in rules {
        let mut fault = |told: String| faults.push(Fault::of_one(&rule.file, &rule.id, rule.place, told));
        if let Some(budget) = &rule.budget
            && !settings.budgets.contains_key(budget)
        {
            let known: Vec<&str> = settings.budgets.keys().map(String::as_str).collect();
            fault(format!("settings.toml has no budget {budget} (it has {})", known.join(", ")));
        }
        let other = rules.iter().find(|other| other.reason == rule.reason && other.basis != rule.basis);
        if rule.basis == Basis::Law
            && let Some(other) = other
        {
            fault(format!("its reason code is that of {} too (a rule of law has its own)", other.id));
        }
    }
}

fn slices(rules: &[Rule], policies: &BTreeMap<String, CedarPolicy>, faults: &mut Vec<Fault>) -> Vec<Slice> {
    let of_question = |question: &Question| {
        let own = rules.iter().zip(0_u16..).filter(|(rule, _)| rule.question == *question);
        let slice = slice(*question, own, policies);
        if slice.places.len() > MAX_RULES_OF_QUESTION {
            faults.push(Fault::anywhere(format!(
                "{} rules answer the question {} (at most {MAX_RULES_OF_QUESTION} may: join some, or ask elsewhere)",
                slice.places.len(),
                question.as_str()
            )));
        }
        slice
    };
    Question::ALL.iter().map(of_question).collect()
}

fn slice<'a>(
    question: Question,
    rules: impl IntoIterator<Item = (&'a Rule, u16)>,
    policies: &BTreeMap<String, CedarPolicy>,
) -> Slice {
    let (mut set, mut places) = (PolicySet::new(), HashMap::new());
    for (rule, place) in rules {
        if let Some(policy) = policies.get(&rule.id)
            && set.add(policy.clone()).is_ok()
        {
            places.insert(PolicyId::new(&rule.id), place);
        }
    }
    Slice { question, policies: set, places }
}
