//! A rule: a Cedar policy with what it enforces, how, and until when.

use std::collections::BTreeSet;

use cedar_policy::ActionConstraint;
use cedar_policy::Effect;
use cedar_policy::Policy;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::attribute::Attribute;
use crate::fault::Fault;
use crate::fault::Place;
use crate::situation::Capabilities;
use crate::words::Basis;
use crate::words::Capability;
use crate::words::Information;
use crate::words::Measure;
use crate::words::Mode;
use crate::words::Question;
use crate::words::Severity;

/// The annotations that a rule has or may have.
const ANNOTATIONS: [&str; 12] =
    ["id", "clause", "basis", "severity", "mode", "expires", "decision", "reason", "text", "budget", "limits", "why"];
/// Longest text for a customer, in characters.
const LONGEST_TEXT: usize = 500;

/// What a rule says of itself.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name.
    pub id: String,
    /// The clause of the terms that it enforces, or the law.
    pub clause: String,
    /// What it rests on.
    pub basis: Basis,
    /// How grave a breach is.
    pub severity: Severity,
    /// Whether it acts.
    pub mode: Mode,
    /// The first day on which a rule of contract no longer acts.
    pub expires: Date,
    /// The same: microseconds since 1970-01-01T00:00:00Z.
    pub expires_us: i64,
    /// What it does.
    pub measure: Measure,
    /// What a program is told.
    pub reason: String,
    /// What the customer is told.
    pub text: String,
    /// The budget that is drawn on, where the measure is a cap.
    pub budget: Option<String>,
    /// What the answer does not reveal, where the measure is a limit.
    pub limits: Vec<Information>,
    /// The question that it answers.
    pub question: Question,
    /// What it reads.
    pub reads: BTreeSet<Attribute>,
    /// Whole numbers in it.
    pub numbers: BTreeSet<i64>,
    /// Capabilities that it names.
    pub capabilities: Capabilities,
    /// The file that it is in.
    pub file: String,
    /// Where it begins in its file, as far as that is known.
    pub place: Option<Place>,
}

impl Rule {
    /// Whether it acts at a moment, in microseconds since 1970-01-01T00:00:00Z.
    ///
    /// INVARIANT (law stays): a rule of law acts beyond its expiry. A date that nobody looked at opens no embargoed path.
    #[must_use]
    pub fn acts(&self, now_us: i64) -> bool {
        self.mode == Mode::Live && !self.is_over(now_us)
    }

    /// Whether it no longer counts at a moment, live or in shadow.
    #[must_use]
    pub fn is_over(&self, now_us: i64) -> bool {
        self.basis == Basis::Contract && self.expires_us <= now_us
    }

    /// Reads a policy of a file, whose text tells the places of faults.
    pub(crate) fn read(policy: &Policy, file: &str, text: &str, faults: &mut Vec<Fault>) -> Option<Self> {
        let id = policy.annotation("id").unwrap_or_default();
        let mut told = Told { policy, file, id, text, faults };
        let rule = told.read(id);
        let known = told.faults.len();
        let rule = rule?;
        told.check(&rule);
        (told.faults.len() == known).then_some(rule)
    }
}

/// Collects the faults of one policy.
struct Told<'a> {
    policy: &'a Policy,
    file: &'a str,
    id: &'a str,
    /// The text of the file.
    text: &'a str,
    faults: &'a mut Vec<Fault>,
}

impl Told<'_> {
    fn fault(&mut self, text: &str) {
        let name = if self.id.is_empty() { "a policy without @id" } else { self.id };
        // What begins with the name of an annotation is a fault of that one.
        let annotation = text.split(' ').next().filter(|word| word.starts_with('@')).unwrap_or("@id");
        let place = self.place(annotation).or_else(|| self.place("@id"));
        self.faults.push(Fault::of_one(self.file, name, place, text));
    }

    /// Where an annotation of the policy is written; its `@id` comes first.
    fn place(&self, annotation: &str) -> Option<Place> {
        if self.id.is_empty() {
            return None;
        }
        let begin = self.text.find(&format!("@id(\"{}\")", self.id))?;
        let rest = self.text.get(begin..)?;
        let rest = rest.find(';').and_then(|end| rest.get(..end)).unwrap_or(rest);
        Place::of(self.text, begin + rest.find(&format!("{annotation}("))?)
    }

    fn read(&mut self, id: &str) -> Option<Rule> {
        let before = self.faults.len();
        for (name, _) in self.policy.annotations() {
            if !ANNOTATIONS.contains(&name) {
                self.fault(&format!("the annotation @{name} is not known (known are {})", ANNOTATIONS.join(", ")));
            }
        }
        let clause = self.needed("clause");
        let reason = self.needed("reason");
        let text = self.needed("text");
        let basis = if self.policy.annotation("basis").is_some() {
            self.word("basis", Basis::ALL, Basis::as_str)
        } else {
            Some(Basis::Contract)
        };
        let severity = self.word("severity", Severity::ALL, Severity::as_str);
        let mode = self.word("mode", Mode::ALL, Mode::as_str);
        let measure = self.word("decision", Measure::ALL, Measure::as_str);
        let expires = self.expires();
        let limits = self.limits();
        let question = self.question();
        let Mentions { reads, numbers, capabilities } = self.mentions();
        if self.faults.len() > before {
            return None;
        }
        let (expires, expires_us) = expires?;
        Some(Rule {
            id: id.to_owned(),
            clause,
            basis: basis?,
            severity: severity?,
            mode: mode?,
            expires,
            expires_us,
            measure: measure?,
            reason,
            text,
            budget: self.policy.annotation("budget").map(str::to_owned),
            limits,
            question: question?,
            reads,
            numbers,
            capabilities: capabilities.into_iter().collect(),
            file: self.file.to_owned(),
            place: self.place("@id"),
        })
    }

    /// What a rule must hold to by itself.
    fn check(&mut self, rule: &Rule) {
        let is_name = |text: &str, more: &[char]| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || more.contains(&c))
        };
        if !is_name(&rule.id, &['.', '-', '_']) {
            self.fault("@id must be a name of lower-case letters, digits, `.`, `-` and `_`");
        }
        if !is_name(&rule.reason, &['_']) {
            self.fault("@reason must be a code of lower-case letters, digits and `_`");
        }
        let is_sentence = rule.text.ends_with('.') && rule.text.chars().count() <= LONGEST_TEXT;
        if !is_sentence || rule.text.chars().any(char::is_control) {
            self.fault(&format!(
                "@text must be sentences for the customer, of at most {LONGEST_TEXT} characters without line breaks"
            ));
        }
        if rule.measure == Measure::Allow {
            self.fault(
                "@decision cannot be allow: what no rule holds back is allowed (write an exemption into `unless`)",
            );
        }
        if (rule.measure == Measure::Cap) != rule.budget.is_some() {
            self.fault("@budget belongs to a rule whose @decision is cap, and to no other");
        }
        if (rule.measure == Measure::Limit) == rule.limits.is_empty() {
            self.fault("@limits belongs to a rule whose @decision is limit, and to no other");
        }
        if rule.basis == Basis::Law && rule.reads.contains(&Attribute::Verdict) {
            self.fault("a rule of law reads principal.verdict (an embargo stands apart from every score)");
        }
    }

    fn needed(&mut self, name: &str) -> String {
        let text = self.policy.annotation(name).unwrap_or_default().trim().to_owned();
        if text.is_empty() {
            self.fault(&format!("@{name} is missing"));
        }
        text
    }

    fn word<T: Copy>(&mut self, name: &str, all: &[T], word: impl Fn(T) -> &'static str) -> Option<T> {
        let text = self.policy.annotation(name).unwrap_or_default();
        let found = all.iter().copied().find(|value| word(*value) == text);
        if found.is_none() {
            let known: Vec<&str> = all.iter().map(|value| word(*value)).collect();
            let told = if text.is_empty() { "is missing".to_owned() } else { format!("cannot be {text:?}") };
            self.fault(&format!("@{name} {told} (it is one of {})", known.join(", ")));
        }
        found
    }

    fn expires(&mut self) -> Option<(Date, i64)> {
        let text = self.policy.annotation("expires").unwrap_or_default();
        let date: Option<Date> = text.parse().ok();
        let found = date.and_then(|date| Some((date, date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_microsecond())));
        if found.is_none() {
            self.fault("@expires must be a day such as 2027-06-30");
        }
        found
    }

    fn limits(&mut self) -> Vec<Information> {
        let text = self.policy.annotation("limits").unwrap_or_default();
        let mut limits = Vec::new();
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match Information::parse(word) {
                Some(limit) => limits.push(limit),
                None => self.fault(&format!(
                    "@limits cannot hold {word:?} (known are {})",
                    Information::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", ")
                )),
            }
        }
        limits
    }

    /// The one question that it answers: rules are sliced by it.
    fn question(&mut self) -> Option<Question> {
        if self.policy.effect() != Effect::Forbid {
            self.fault("it is a `permit` (write `forbid`: a rule says what is held back, and all else is allowed)");
            return None;
        }
        let found = match self.policy.action_constraint() {
            ActionConstraint::Eq(action) => Question::parse(action.id().unescaped()),
            _ => None,
        };
        if found.is_none() {
            let known: Vec<&str> = Question::ALL.iter().map(|one| one.as_str()).collect();
            self.fault(&format!(
                "it must name one question, as in `action == Action::\"serve\"` ({})",
                known.join(", ")
            ));
        }
        found
    }

    /// The attributes and numbers in its conditions, from Cedar's own JSON form.
    fn mentions(&mut self) -> Mentions {
        let mut mentions = Mentions::default();
        match self.policy.to_json() {
            Ok(json) => mentions.walk(&json),
            Err(error) => self.fault(&error.to_string()),
        }
        mentions
    }
}

/// What the conditions of a policy mention.
#[derive(Default)]
struct Mentions {
    reads: BTreeSet<Attribute>,
    numbers: BTreeSet<i64>,
    capabilities: BTreeSet<Capability>,
}

impl Mentions {
    fn walk(&mut self, json: &Value) {
        match json {
            Value::Object(fields) => {
                for access in [".", "has"].iter().filter_map(|access| fields.get(*access)) {
                    let base = access.pointer("/left/Var").and_then(Value::as_str).unwrap_or_default();
                    let name = access.get("attr").and_then(Value::as_str).unwrap_or_default();
                    self.reads.extend(Attribute::parse(&format!("{base}.{name}")));
                }
                if fields.get("type").and_then(Value::as_str) == Some("Capability") {
                    self.capabilities.extend(fields.get("id").and_then(Value::as_str).and_then(Capability::parse));
                }
                fields.values().for_each(|field| self.walk(field));
            }
            Value::Array(values) => values.iter().for_each(|value| self.walk(value)),
            Value::Number(number) => self.numbers.extend(number.as_i64()),
            _ => {}
        }
    }
}
