//! Asking Cedar: the words of a situation as entities, and the rules of each question as a policy set.

use std::collections::HashMap;
use std::collections::HashSet;
use std::str::FromStr;

use cedar_policy::Authorizer;
use cedar_policy::Context;
use cedar_policy::Entities;
use cedar_policy::Entity;
use cedar_policy::EntityId;
use cedar_policy::EntityTypeName;
use cedar_policy::EntityUid;
use cedar_policy::PolicyId;
use cedar_policy::PolicySet;
use cedar_policy::Request;
use cedar_policy::RestrictedExpression;

use crate::error::Error;
use crate::error::ErrorKind;
use crate::situation::Situation;
use crate::words::Capability;
use crate::words::Channel;
use crate::words::Held;
use crate::words::HeldTier;
use crate::words::Kind;
use crate::words::Network;
use crate::words::Programme;
use crate::words::Purpose;
use crate::words::Question;
use crate::words::Volume;

/// The rules of one question.
#[derive(Debug)]
pub(crate) struct Slice {
    pub(crate) question: Question,
    pub(crate) policies: PolicySet,
    /// The place of each rule among all rules.
    pub(crate) places: HashMap<PolicyId, u16>,
}

/// What the rules of one question say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Places of the rules that match.
    pub(crate) matched: Vec<u16>,
    /// Places of the rules that could not be evaluated: a sum in them left 64 bits.
    pub(crate) failed: Vec<u16>,
}

/// The names that requests are made of, built once.
#[derive(Debug)]
pub(crate) struct Names {
    account: EntityUid,
    service: EntityUid,
    questions: Vec<EntityUid>,
    kinds: Vec<EntityUid>,
    programmes: Vec<EntityUid>,
    volumes: Vec<EntityUid>,
    held: Vec<EntityUid>,
    tiers: Vec<EntityUid>,
    capabilities: Vec<EntityUid>,
    purposes: Vec<EntityUid>,
    channels: Vec<EntityUid>,
    networks: Vec<EntityUid>,
}

impl Names {
    pub(crate) fn new() -> Result<Self, Error> {
        Ok(Self {
            account: uid("Account", "asking")?,
            service: uid("Service", "api")?,
            questions: uids("Action", Question::ALL, Question::as_str)?,
            kinds: uids("Kind", Kind::ALL, Kind::as_str)?,
            programmes: uids("Programme", Programme::ALL, Programme::as_str)?,
            volumes: uids("Volume", Volume::ALL, Volume::as_str)?,
            held: uids("Standing", Held::ALL, Held::as_str)?,
            tiers: uids("Tier", HeldTier::ALL, HeldTier::as_str)?,
            capabilities: uids("Capability", Capability::ALL, Capability::as_str)?,
            purposes: uids("Purpose", Purpose::ALL, Purpose::as_str)?,
            channels: uids("Channel", Channel::ALL, Channel::as_str)?,
            networks: uids("Network", Network::ALL, Network::as_str)?,
        })
    }

    /// The situation as Cedar sees it: the account with all that is known of it, and the request.
    ///
    /// The account has no name of its own here: what an adversary calls itself never reaches a policy.
    pub(crate) fn facts(&self, situation: &Situation) -> Result<(Entities, Context), Error> {
        let one = situation;
        let verdict = record([
            ("standing", word(&self.held, one.held as usize)?),
            ("tier", word(&self.tiers, one.tier as usize)?),
            ("corroboration", RestrictedExpression::new_long(i64::from(one.corroboration))),
            ("continuity", RestrictedExpression::new_bool(one.continuity)),
        ])?;
        let organisation = record([("ownership", RestrictedExpression::new_long(i64::from(one.ownership)))])?;
        let attributes = [
            ("verification", RestrictedExpression::new_long(one.verification as i64)),
            ("kind", word(&self.kinds, one.kind as usize)?),
            ("programme", word(&self.programmes, one.programme as usize)?),
            ("organisation", organisation),
            ("firstDay", RestrictedExpression::new_bool(one.is_first_day)),
            ("forwardsEndUsers", RestrictedExpression::new_bool(one.forwards_end_users)),
            ("volume", word(&self.volumes, one.volume as usize)?),
            ("verdict", verdict),
        ];
        let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let account = Entity::new(self.account.clone(), attributes, HashSet::new()).map_err(bug)?;
        let entities = Entities::from_entities([account], None).map_err(bug)?;
        let asks = one.asks.iter().map(|capability| word(&self.capabilities, capability as usize));
        let context = [
            ("asks", RestrictedExpression::new_set(asks.collect::<Result<Vec<_>, _>>()?)),
            ("purpose", word(&self.purposes, one.purpose as usize)?),
            ("channel", word(&self.channels, one.channel as usize)?),
            ("attested", RestrictedExpression::new_bool(one.is_attested)),
            ("place", record([("network", word(&self.networks, one.network as usize)?)])?),
        ];
        let context = context.into_iter().map(|(name, value)| (name.to_owned(), value));
        Ok((entities, Context::from_pairs(context).map_err(bug)?))
    }

    /// Asks one question.
    pub(crate) fn ask(&self, slice: &Slice, entities: &Entities, context: &Context) -> Result<Answer, Error> {
        let question = self.questions.get(slice.question as usize).ok_or_else(|| bug("a question without a name"))?;
        let (account, service) = (self.account.clone(), self.service.clone());
        let request = Request::new(account, question.clone(), service, context.clone(), None).map_err(bug)?;
        let response = Authorizer::new().is_authorized(&request, &slice.policies, entities);
        let place = |id: &PolicyId| slice.places.get(id).copied();
        // Every rule is a `forbid` and there is no `permit`: the reasons are all the rules that match.
        let matched = response.diagnostics().reason().filter_map(place).collect();
        let failed = response.diagnostics().errors().filter_map(|error| match error {
            cedar_policy::AuthorizationError::PolicyEvaluationError(error) => place(error.policy_id()),
        });
        Ok(Answer { matched, failed: failed.collect() })
    }
}

fn uids<T: Copy>(kind: &str, all: &[T], word: impl Fn(T) -> &'static str) -> Result<Vec<EntityUid>, Error> {
    all.iter().map(|value| uid(kind, word(*value))).collect()
}

fn uid(kind: &str, word: &str) -> Result<EntityUid, Error> {
    let kind = EntityTypeName::from_str(kind).map_err(bug)?;
    Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(word)))
}

fn word(uids: &[EntityUid], at: usize) -> Result<RestrictedExpression, Error> {
    let uid = uids.get(at).ok_or_else(|| bug("a word without a name"))?;
    Ok(RestrictedExpression::new_entity_uid(uid.clone()))
}

fn record<const N: usize>(fields: [(&str, RestrictedExpression); N]) -> Result<RestrictedExpression, Error> {
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
    RestrictedExpression::new_record(fields).map_err(bug)
}

fn bug(error: impl ToString) -> Error {
    Error::new(ErrorKind::Bug, format!("this is a bug in stillwatch: {}", error.to_string()))
}
