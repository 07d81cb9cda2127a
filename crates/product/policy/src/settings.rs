//! `settings.toml`: the lists and numbers that rules refer to by name.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use budget::Amounts;
use budget::Limit;
use budget::MAX_AMOUNT;
use budget::Scope;
use serde::Deserialize;
use toml::Spanned;

use crate::fault::Fault;
use crate::fault::Place;
use crate::source::SETTINGS;
use crate::words::Volume;

/// The lists and numbers that rules refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Two-letter codes of the places that are embargoed.
    pub embargoed: BTreeSet<String>,
    /// Exchanges a day from which the volume of an account is medium.
    pub medium: u64,
    /// Exchanges a day from which it is high.
    pub high: u64,
    /// Budgets by name.
    pub budgets: BTreeMap<String, BudgetSetting>,
}

/// A budget that rules name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetSetting {
    /// Who draws on it together.
    pub scope: Scope,
    /// How much there is in each window.
    pub limit: Limit,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    places: Places,
    volume: Thresholds,
    #[serde(default)]
    budgets: BTreeMap<String, Spanned<RawBudget>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Places {
    embargoed: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Thresholds {
    medium: Spanned<u64>,
    high: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBudget {
    scope: String,
    period: String,
    requests: Option<u64>,
    tokens: Option<u64>,
    privacy: Option<u64>,
}

/// Windows of budgets, by name, in microseconds.
const PERIODS: [(&str, u64); 3] = [("minute", 60_000_000), ("hour", 3_600_000_000), ("day", 86_400_000_000)];

impl Settings {
    pub(crate) fn read(text: &str, faults: &mut Vec<Fault>) -> Option<Self> {
        let raw: Raw = match toml::from_str(text) {
            Ok(raw) => raw,
            Err(error) => {
                faults.push(unreadable(SETTINGS, text, &error));
                return None;
            }
        };
        let before = faults.len();
        let mut fault = |offset: usize, told: String| {
            faults.push(Fault::of_file(SETTINGS, Place::of(text, offset), told));
        };
        for place in &raw.places.embargoed {
            let code = place.get_ref();
            if code.len() != 2 || !code.chars().all(|c| c.is_ascii_uppercase()) {
                fault(place.span().start, format!("the place {code:?} is no code of two capital letters"));
            }
        }
        let medium = *raw.volume.medium.get_ref();
        if medium >= raw.volume.high {
            fault(raw.volume.medium.span().start, "the medium volume must be below the high one".to_owned());
        }
        let budgets = raw.budgets.iter().filter_map(|(name, budget)| {
            let mut told = |what: String| fault(budget.span().start, what);
            Some((name.clone(), setting(name, budget.get_ref(), &mut told)?))
        });
        let budgets = budgets.collect();
        (faults.len() == before).then_some(Self {
            embargoed: raw.places.embargoed.into_iter().map(Spanned::into_inner).collect(),
            medium,
            high: raw.volume.high,
            budgets,
        })
    }

    /// The class of a number of exchanges a day.
    #[must_use]
    pub const fn volume(&self, exchanges_a_day: u64) -> Volume {
        if exchanges_a_day >= self.high {
            Volume::High
        } else if exchanges_a_day >= self.medium {
            Volume::Medium
        } else {
            Volume::Low
        }
    }
}

/// A fault of a file of TOML that cannot be read.
pub(crate) fn unreadable(file: &str, text: &str, error: &toml::de::Error) -> Fault {
    let place = error.span().and_then(|span| Place::of(text, span.start));
    Fault::of_file(file, place, error.message())
}

fn setting(name: &str, raw: &RawBudget, fault: &mut impl FnMut(String)) -> Option<BudgetSetting> {
    let scope = Scope::ALL.into_iter().find(|scope| scope.as_str() == raw.scope);
    if scope.is_none() {
        let known: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        fault(format!("the scope of budget {name} is one of {}", known.join(", ")));
    }
    let period = PERIODS.iter().find(|(word, _)| *word == raw.period);
    if period.is_none() {
        fault(format!("the period of budget {name} is minute, hour or day"));
    }
    let given = [raw.requests, raw.tokens, raw.privacy];
    let is_given = given.iter().any(Option::is_some) && given.iter().flatten().all(|amount| *amount <= MAX_AMOUNT);
    if !is_given {
        fault(format!("the budget {name} needs requests, tokens or privacy, each at most 2^53"));
    }
    if !is_given {
        return None;
    }
    let most = |amount: Option<u64>| amount.unwrap_or(u64::MAX);
    let most = Amounts { requests: most(raw.requests), tokens: most(raw.tokens), privacy: most(raw.privacy) };
    Some(BudgetSetting { scope: scope?, limit: Limit { most, period_us: period?.1 } })
}
