//! The state of a case, from the acts on it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::act::Act;
use crate::act::Measure;
use crate::act::What;
use crate::act::is_same_person;
use crate::appeal::Appeal;
use crate::appeal::Outcome;
use crate::error::Error;
use crate::error::ErrorKind;

/// How far a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Nobody has looked at it.
    Open,
    /// Somebody looks at it.
    Acknowledged,
    /// It was decided: the group is honest, or a measure was approved.
    Decided,
    /// Nothing is left to do.
    Closed,
    /// It was closed or decided, and is looked at again.
    Reopened,
}

impl Phase {
    /// Its name, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Decided => "decided",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
        }
    }
}

/// A measure that was proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposed {
    /// The number of the act.
    pub number: u64,
    /// The measure.
    pub measure: Measure,
    /// Who proposed it.
    pub by: String,
    /// Who agreed; `None` while nobody did.
    pub approved_by: Option<String>,
}

/// A case as it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Case {
    /// The id of its campaign.
    pub id: String,
    /// How many acts there are. A write names the version that it saw.
    pub version: u64,
    /// How far it is.
    pub phase: Phase,
    /// When it came into each phase, the last time, RFC 3339.
    pub times: BTreeMap<Phase, String>,
    /// Seconds from its first opening until somebody first looked at it.
    pub seconds_to_acknowledge: Option<i64>,
    /// Seconds from its first opening until it was first decided.
    pub seconds_to_decide: Option<i64>,
    /// Whose it is.
    pub assignee: Option<String>,
    /// Whether the group is held to be honest.
    pub cleared: bool,
    /// The measure that was proposed last and not withdrawn.
    pub enforcement: Option<Proposed>,
    /// What the holders of its accounts said against it, the oldest first.
    pub appeals: Vec<Appeal>,
    /// All acts, the oldest first.
    pub acts: Vec<Act>,
    /// Numbers of acts that hold no longer.
    #[serde(skip)]
    pub(crate) withdrawn: Vec<u64>,
}

impl Case {
    /// A case before its first act.
    pub(crate) fn unopened(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            version: 0,
            phase: Phase::Open,
            times: BTreeMap::new(),
            seconds_to_acknowledge: None,
            seconds_to_decide: None,
            assignee: None,
            cleared: false,
            enforcement: None,
            appeals: Vec::new(),
            acts: Vec::new(),
            withdrawn: Vec::new(),
        }
    }

    /// The state after some acts.
    ///
    /// # Errors
    /// [`ErrorKind::Disagree`] where they are not the acts of one case, in order and without a gap.
    pub fn of(id: &str, acts: Vec<Act>) -> Result<Self, Error> {
        let mut case = Self::unopened(id);
        for act in acts {
            case.check(&act).map_err(|error| {
                Error::new(
                    ErrorKind::Disagree,
                    format!("the store of cases is damaged at act {} of {id}: {error}", act.number),
                )
            })?;
            case.apply(act);
        }
        Ok(case)
    }

    /// Whether an act may follow.
    ///
    /// # Errors
    /// [`ErrorKind::NotAllowed`], [`ErrorKind::Conflict`], [`ErrorKind::Unknown`].
    pub fn check(&self, act: &Act) -> Result<(), Error> {
        let id = &self.id;
        let no = |text: String| Err(Error::new(ErrorKind::NotAllowed, text));
        if act.number != self.version + 1 {
            return Err(conflict(id, self.version, act.number.saturating_sub(1)));
        }
        match (&act.what, self.version) {
            (What::Open, 0) => return Ok(()),
            (What::Open, _) => return no(format!("case {id} was opened already (show it: stillwatch case show {id})")),
            (_, 0) => {
                let text = format!("case {id} is not open (open it: stillwatch case open {id})");
                return Err(Error::new(ErrorKind::NotAllowed, text));
            }
            _ => {}
        }
        let is_closed = self.phase == Phase::Closed;
        match &act.what {
            What::Reopen if !matches!(self.phase, Phase::Closed | Phase::Decided) => {
                no(format!("case {id} is {}: there is nothing to open again", self.phase.as_str()))
            }
            What::Reopen | What::Note { .. } => Ok(()),
            What::Appeal { .. }
            | What::AssignAppeal { .. }
            | What::AttachToAppeal { .. }
            | What::DecideAppeal { .. } => self.check_appeal(act),
            _ if is_closed => no(format!("case {id} is closed (open it again first: stillwatch case reopen {id})")),
            What::Acknowledge if !matches!(self.phase, Phase::Open | Phase::Reopened) => {
                no(format!("case {id} is {}: somebody looks at it already", self.phase.as_str()))
            }
            What::Clear { .. } if self.cleared => no(format!("case {id} is cleared already")),
            What::Clear { .. } if self.enforcement.is_some() => {
                no(format!("a measure is proposed or in force in case {id} (withdraw it first)"))
            }
            What::Propose { .. } if self.cleared => {
                no(format!("case {id} is held to be honest (open it again first: stillwatch case reopen {id})"))
            }
            What::Propose { .. } if self.enforcement.is_some() => {
                no(format!("another measure is proposed or in force in case {id} (withdraw it first)"))
            }
            What::Approve { of } => self.check_approval(act, *of),
            What::Withdraw { of } if !self.can_be_withdrawn(*of) => {
                no(format!("act {of} of case {id} is no cut, pin, source, proposal or overturned appeal that holds"))
            }
            What::Source { source, .. } | What::Contest { source, .. } if self.knows(&source.id) => {
                no(format!("case {id} has a source {:?} already (give this one another id)", source.id))
            }
            What::Contest { of, .. } if !self.is_source(*of) => no(format!(
                "act {of} of case {id} is no source that holds (list them: stillwatch case source list {id})"
            )),
            _ => Ok(()),
        }
    }

    fn check_approval(&self, act: &Act, of: u64) -> Result<(), Error> {
        let (id, no) = (&self.id, |text: String| Err(Error::new(ErrorKind::NotAllowed, text)));
        match &self.enforcement {
            Some(proposed) if proposed.number != of || proposed.approved_by.is_some() => {
                no(format!("act {of} of case {id} is no proposal that waits (look again: stillwatch case show {id})"))
            }
            // Names that differ in letters' case alone are one person's.
            Some(proposed) if is_same_person(&proposed.by, &act.who) => {
                no(format!("{} proposed it: a second person has to approve", proposed.by))
            }
            Some(_) => Ok(()),
            None => no(format!("no measure is proposed in case {id}")),
        }
    }

    fn can_be_withdrawn(&self, number: u64) -> bool {
        let is_such = |act: &&Act| {
            matches!(
                act.what,
                What::Cut { .. }
                    | What::Pin { .. }
                    | What::Propose { .. }
                    | What::Source { .. }
                    | What::Contest { .. }
                    | What::DecideAppeal { outcome: Outcome::Overturned, .. }
            )
        };
        let act = self.acts.iter().find(|act| act.number == number).filter(is_such);
        act.is_some() && !self.withdrawn.contains(&number)
    }

    /// Adds an act that [`Case::check`] let pass.
    pub(crate) fn apply(&mut self, act: Act) {
        let at = act.at.clone();
        self.apply_appeal(&act);
        match &act.what {
            What::Open => self.enter(Phase::Open, &at),
            What::Acknowledge => self.acknowledge(&at),
            What::Assign { to } => {
                self.assignee.clone_from(to);
                if to.is_some() && matches!(self.phase, Phase::Open | Phase::Reopened) {
                    self.acknowledge(&at);
                }
            }
            What::Note { .. } | What::Cut { .. } | What::Pin { .. } | What::Source { .. } | What::Contest { .. } => {}
            What::Appeal { .. }
            | What::AssignAppeal { .. }
            | What::AttachToAppeal { .. }
            | What::DecideAppeal { .. } => {}
            What::Clear { .. } => {
                self.cleared = true;
                self.decide(&at);
            }
            What::Propose { measure } => {
                let (number, measure, by) = (act.number, *measure, act.who.clone());
                self.enforcement = Some(Proposed { number, measure, by, approved_by: None });
            }
            What::Approve { .. } => {
                if let Some(proposed) = &mut self.enforcement {
                    proposed.approved_by = Some(act.who.clone());
                }
                self.decide(&at);
            }
            What::Withdraw { of } => {
                self.withdrawn.push(*of);
                if self.enforcement.as_ref().is_some_and(|proposed| proposed.number == *of) {
                    self.enforcement = None;
                }
            }
            What::Close => self.enter(Phase::Closed, &at),
            What::Reopen => {
                self.cleared = false;
                self.enter(Phase::Reopened, &at);
            }
        }
        self.version = act.number;
        self.acts.push(act);
    }

    fn acknowledge(&mut self, at: &str) {
        self.seconds_to_acknowledge = self.seconds_to_acknowledge.or_else(|| self.seconds_since_opened(at));
        self.enter(Phase::Acknowledged, at);
    }

    fn decide(&mut self, at: &str) {
        self.seconds_to_decide = self.seconds_to_decide.or_else(|| self.seconds_since_opened(at));
        self.enter(Phase::Decided, at);
    }

    fn enter(&mut self, phase: Phase, at: &str) {
        self.phase = phase;
        self.times.insert(phase, at.to_owned());
    }

    fn seconds_since_opened(&self, at: &str) -> Option<i64> {
        let second = |text: &str| text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second);
        Some((second(at)? - second(&self.acts.first()?.at)?).max(0))
    }

    /// The acts that hold: those that were not withdrawn.
    pub(crate) fn holding(&self) -> impl Iterator<Item = &Act> {
        self.acts.iter().filter(|act| !self.withdrawn.contains(&act.number))
    }
}

/// That somebody else wrote since.
pub fn conflict(id: &str, is: u64, saw: u64) -> Error {
    let text = format!(
        "case {id} is at version {is}, and this act was made for version {saw}: somebody else wrote since (look at it again: \
         stillwatch case show {id})"
    );
    Error::new(ErrorKind::Conflict, text)
}
