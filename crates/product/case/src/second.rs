//! The rules of appeals: who reads one is a second reader.
//!
//! It is nobody who proposed or approved a measure in the case, and nobody who decided an earlier appeal for the same account.

use crate::act::Act;
use crate::act::What;
use crate::act::is_same_person;
use crate::appeal::Appeal;
use crate::appeal::AppealState;
use crate::appeal::Attached;
use crate::appeal::MAX_EVIDENCE;
use crate::appeal::Outcome;
use crate::appeal::Ruled;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::state::Case;

impl Case {
    /// An appeal, by its number.
    #[must_use]
    pub fn appeal(&self, number: u64) -> Option<&Appeal> {
        self.appeals.iter().find(|appeal| appeal.number == number)
    }

    /// The accounts for which what was decided does not stand: an appeal was overturned. No measure of the case is for them.
    pub fn restored(&self) -> impl Iterator<Item = &str> {
        let holds = |appeal: &&Appeal| appeal.state == AppealState::Overturned;
        self.appeals.iter().filter(holds).map(|appeal| appeal.account.as_str())
    }

    /// Whether an act on an appeal may follow. These may come when the case is closed too.
    pub(crate) fn check_appeal(&self, act: &Act) -> Result<(), Error> {
        let id = &self.id;
        let no = |text: String| Err(Error::new(ErrorKind::NotAllowed, text));
        let (of, reader) = match &act.what {
            What::Appeal { account, .. } => {
                if self.cleared {
                    return no(format!("case {id} is held to be honest: there is nothing to appeal against"));
                }
                let earlier = self.appeals.iter().rfind(|appeal| appeal.account == *account);
                return match earlier.map(|appeal| (appeal.state, &appeal.id)) {
                    Some((AppealState::Filed | AppealState::Assigned, known)) => no(format!(
                        "appeal {known} for this account is not decided (attach to it: stillwatch appeal attach {known})"
                    )),
                    Some((AppealState::Overturned, known)) => {
                        no(format!("appeal {known} restored this account: there is nothing to appeal against"))
                    }
                    _ => Ok(()),
                };
            }
            What::AssignAppeal { of, to } => (*of, Some(to)),
            What::AttachToAppeal { of, .. } => (*of, None),
            What::DecideAppeal { of, .. } => (*of, Some(&act.who)),
            _ => return Ok(()),
        };
        let Some(appeal) = self.appeal(of) else {
            return no(format!("act {of} of case {id} is no appeal (list them: stillwatch appeal list)"));
        };
        if let Some(decision) = &appeal.decision {
            return no(format!("appeal {} was {} already, by {}", appeal.id, decision.outcome.as_str(), decision.by));
        }
        if matches!(act.what, What::AttachToAppeal { .. }) && appeal.evidence.len() >= MAX_EVIDENCE {
            return no(format!("appeal {} has {MAX_EVIDENCE} pieces of evidence already", appeal.id));
        }
        let Some(reader) = reader else { return Ok(()) };
        if self.has_decided(&appeal.account, reader) {
            return no(format!("{reader} decided on this account before: an appeal is read by somebody else"));
        }
        let is_decision = matches!(act.what, What::DecideAppeal { .. });
        match &appeal.reader {
            Some(other) if is_decision && !is_same_person(other, reader) => no(format!(
                "appeal {} is read by {other} (give it to {reader} first: stillwatch appeal assign)",
                appeal.id
            )),
            _ => Ok(()),
        }
    }

    /// Whether somebody proposed or approved a measure in the case, or decided an appeal for the account.
    fn has_decided(&self, account: &str, who: &str) -> bool {
        self.deciders(account).any(|name| is_same_person(name, who))
    }

    /// Those who proposed or approved a measure in the case, or decided an appeal for an account: they read no appeal of it. A name
    /// comes as often as its person did so.
    pub fn deciders<'a>(&'a self, account: &str) -> impl Iterator<Item = &'a str> {
        let measures = self.acts.iter().filter(|act| matches!(act.what, What::Propose { .. } | What::Approve { .. }));
        let appeals = self.appeals.iter().filter(move |appeal| appeal.account == account);
        let decided = appeals.filter_map(|appeal| Some(appeal.decision.as_ref()?.by.as_str()));
        measures.map(|act| act.who.as_str()).chain(decided)
    }

    /// Adds an act on an appeal that was let pass.
    pub(crate) fn apply_appeal(&mut self, act: &Act) {
        let number = act.number;
        match &act.what {
            What::Appeal { account, text, due } => self.appeals.push(Appeal {
                id: format!("{}.{number}", self.id),
                number,
                account: account.clone(),
                text: text.clone(),
                filed_at: act.at.clone(),
                filed_by: act.who.clone(),
                due: due.clone(),
                reader: None,
                evidence: Vec::new(),
                decision: None,
                state: AppealState::Filed,
            }),
            What::AssignAppeal { of, to } => self.change_appeal(*of, |appeal| {
                appeal.reader = Some(to.clone());
                appeal.state = AppealState::Assigned;
            }),
            What::AttachToAppeal { of, text } => self.change_appeal(*of, |appeal| {
                appeal.evidence.push(Attached { number, at: act.at.clone(), text: text.clone() });
            }),
            What::DecideAppeal { of, outcome } => self.change_appeal(*of, |appeal| {
                let (at, by, why) = (act.at.clone(), act.who.clone(), act.why.clone());
                appeal.reader.get_or_insert_with(|| by.clone());
                appeal.decision = Some(Ruled { number, at, by, why, outcome: *outcome });
                appeal.state = match outcome {
                    Outcome::Upheld => AppealState::Upheld,
                    Outcome::Overturned => AppealState::Overturned,
                };
            }),
            // What restored an account was taken back.
            What::Withdraw { of } => {
                let is_it = |appeal: &&mut Appeal| appeal.decision.as_ref().is_some_and(|ruled| ruled.number == *of);
                if let Some(appeal) = self.appeals.iter_mut().find(is_it) {
                    appeal.state = AppealState::Withdrawn;
                }
            }
            _ => {}
        }
    }

    fn change_appeal(&mut self, number: u64, change: impl FnOnce(&mut Appeal)) {
        if let Some(appeal) = self.appeals.iter_mut().find(|appeal| appeal.number == number) {
            change(appeal);
        }
    }
}
