//! A rule of the policy out of a question to the table of exchanges, as far as both have words for the same.
//!
//! A question reads what a log told of one exchange. A rule reads what is known of an account and of its request before it is
//! served. Few fields have a counterpart, and which have none is told by name.

use policy::Capability;
use policy::Network;
use query::Field;
use query::Order;
use query::Query;
use query::Term;
use query::Test;
use query::Value;

use crate::kept::hash;

/// A term of a question beside the rule's condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counterpart {
    /// The term.
    pub term: String,
    /// The condition of a rule that says the same; none where none does.
    pub condition: Option<String>,
    /// Why there is none, or what the condition covers besides.
    pub note: String,
}

/// Each term of a question, with its counterpart.
pub fn counterparts(question: &Query) -> Vec<Counterpart> {
    let mut found: Vec<Counterpart> = question.terms.iter().map(counterpart).collect();
    let edges = [("from", question.from_us), ("to", question.to_us)];
    found.extend(edges.into_iter().filter_map(|(name, at)| {
        let term = format!("{name}:{}", query::time_text(at?));
        Some(Counterpart {
            term,
            condition: None,
            note: "a rule holds from when it is deployed until it expires".to_owned(),
        })
    }));
    found
}

fn counterpart(term: &Term) -> Counterpart {
    let asks = |capability: Capability| format!("context.asks.contains(Capability::\"{}\")", capability.as_str());
    let logprobs = "it also covers requests that ask for top log probabilities or bias tokens";
    let (condition, note) = match (term.field, &term.test) {
        (Field::Logprobs, Test::Is(Value::Flag(true))) => (Some(asks(Capability::Logprobs)), logprobs),
        (Field::TopLogprobs | Field::LogitBias, Test::Compare(Order::More, Value::Number(0)))
        | (Field::TopLogprobs | Field::LogitBias, Test::Compare(Order::AtLeast, Value::Number(1))) => (
            Some(asks(Capability::Logprobs)),
            "it covers every request for log probabilities or biased tokens, whichever is asked for",
        ),
        (Field::Country, Test::None) => (
            Some(format!("context.place.network == Network::\"{}\"", Network::Unknown.as_str())),
            "a network whose place is not known",
        ),
        (field, _) => (None, missing(field)),
    };
    let condition = condition.map(|condition| if term.is_negated { format!("!({condition})") } else { condition });
    Counterpart { term: term.to_string(), condition, note: note.to_owned() }
}

/// Why a field has no counterpart, or this test of it has none.
const fn missing(field: Field) -> &'static str {
    match field {
        Field::Account => {
            "a rule names no account: what is held of one comes from a campaign (propose a measure in its case)"
        }
        Field::Country | Field::Asn | Field::Ip => {
            "a rule reads whether the place is embargoed, open or unknown (the places are in settings.toml)"
        }
        Field::Channel => "a rule reads whether a request comes direct or by a partner, and not the channel's name",
        Field::Endpoint => "a rule reads what is asked for, such as an order in bulk, and not the endpoint's name",
        Field::Asks | Field::Capability => "a rule reads parameters of the request, and never what its text is about",
        Field::Status
        | Field::StopReason
        | Field::OutputTokens
        | Field::Latency
        | Field::AnswerQuote
        | Field::Minted => "a rule decides before there is an answer",
        Field::Logprobs | Field::TopLogprobs | Field::LogitBias => {
            "a rule reads whether log probabilities or biased tokens are asked for, and no other value"
        }
        _ => "the policy has no attribute for it",
    }
}

/// The file of a draft that such rules belong into.
pub const FILE: &str = "questions.cedar";
/// Days until such a rule expires.
const DAYS: i64 = 90;

/// A rule in shadow that reads what a question asks for; none where a term has no counterpart, or where there is no term.
pub fn rule(found: &[Counterpart], question: &Query) -> Option<String> {
    let conditions: Option<Vec<&str>> = found.iter().map(|one| one.condition.as_deref()).collect();
    let mut conditions = conditions.filter(|conditions| !conditions.is_empty())?;
    conditions.sort_unstable();
    conditions.dedup();
    // The same question has the same name.
    let id: String = hash(&question.to_string()).chars().take(8).collect();
    let expires =
        (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * DAYS)).to_zoned(jiff::tz::TimeZone::UTC).date();
    Some(format!(
        "\n@id(\"question.{id}\")\n@clause(\"Terms, name the clause\")\n@severity(\"low\")\n@mode(\"shadow\")\n@expires(\"{expires}\")\n\
         @decision(\"observe\")\n@reason(\"none\")\n@text(\"Nothing is asked of you.\")\nforbid (\n  principal,\n  action == \
         Action::\"access\",\n  resource\n)\nwhen {{\n  {}\n}};\n",
        conditions.join(" &&\n  ")
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests may panic")]
mod tests {
    use policy::Policy;
    use policy::Source;

    use super::*;

    fn made(question: &str) -> (Vec<Counterpart>, Option<String>) {
        let question = Query::parse(question).unwrap();
        let found = counterparts(&question);
        let rule = rule(&found, &question);
        (found, rule)
    }

    /// What is made of a question can be loaded, is in shadow, and reads what the question asks for.
    #[test]
    fn a_question_becomes_a_rule_where_each_term_has_a_counterpart() {
        let (found, rule) = made("logprobs:true top_logprobs:>0 -country:none");
        assert!(found.iter().all(|one| one.condition.is_some()));
        let policy = Policy::load(Source::shipped().with(FILE, &rule.unwrap())).unwrap();
        let rule = policy.rules().iter().find(|rule| rule.file == FILE).unwrap();
        let reads: Vec<&str> = rule.reads.iter().map(|read| read.as_str()).collect();
        assert_eq!((rule.mode, reads), (policy::Mode::Shadow, vec!["context.asks", "context.place"]));
        assert!(made("logprobs:true country:none").1.unwrap().contains("== Network::\"unknown\""));
        assert!(policy.text(&rule.id).unwrap().contains("!(context.place.network"));
    }

    #[test]
    fn what_has_no_counterpart_is_named_and_makes_no_rule() {
        for field in Field::ALL {
            let term = match field {
                Field::Logprobs => "logprobs:false",
                Field::TopLogprobs => "top_logprobs:>3",
                Field::LogitBias => "logit_bias:<2",
                Field::Country => "country:SG",
                field => field.example(),
            };
            let (found, rule) = made(&format!("logprobs:true {term}"));
            let missing: Vec<&Counterpart> = found.iter().filter(|one| one.condition.is_none()).collect();
            let [one] = missing.as_slice() else { panic!("{term}: {found:?}") };
            assert_eq!((one.term.as_str(), rule), (Query::parse(term).unwrap().to_string().as_str(), None), "{term}");
            assert!(!one.note.is_empty());
        }
        let (found, rule) = made("logprobs:true from:2026-04-22");
        assert!(found.iter().any(|one| one.term.starts_with("from:") && one.condition.is_none()) && rule.is_none());
        assert_eq!(made("").1, None);
    }
}
