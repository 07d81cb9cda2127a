//! client.shared_end_users: one downstream user under many accounts.
//!
//! *Sees:* members that name an end user whom another customer of the group names too, and that most of
//! its holders in the whole log are in the group. A relay that passes its clients'
//! ids on shows the same client on every account it has. An end user who moved together with a conversation is not
//! looked at: customers who hold one conversation both say nothing here of the users whom both name, since that the
//! conversation moved is evidence of continuity, and one fact must not speak twice.
//! *Needs:* the caller's own user ids.
//! *Null and reference:* random groups of like size, which share ids by chance.
//! *Benign twin:* a service that spreads its users over several keys; two products of one firm; ids that a library fills in.
//! *Source:* public design notes of relays, which hand the downstream client's hash through.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use sketch::hash::HashedMap;

use crate::context::Context;
use crate::detector::Detector;
use crate::detector::Null;
use crate::detector::Shown;
use cohort::Items;
use verdict::Family;

/// See the module's documentation.
pub const DETECTOR: Detector = Detector {
    name: "client.shared_end_users",
    family: Family::Client,
    what: "serve end users whom another member serves too, in other conversations",
    least: 5,
    null: Null::BySize,
    shows,
};

/// Holders of one id that are compared: an id of more holders is looked at in these alone, in the order of their accounts.
const MAX_COMPARED: usize = 64;

fn shows(context: &Context<'_>, members: &[u32], _: Items) -> Shown {
    let population = context.population;
    let users = |at: u32| population.get(at).into_iter().flat_map(|entity| entity.profile.end_users.iter());
    let mut held: HashedMap<Vec<u32>> = HashedMap::default();
    for at in members {
        users(*at).for_each(|(user, _)| held.entry(user).or_default().push(*at));
    }
    let roots =
        |at: &u32| population.get(*at).map(|entity| entity.profile.roots.iter().map(|(root, _)| root).collect());
    let conversations: Conversations = members.iter().filter_map(|at| Some((*at, roots(at)?))).collect();
    let mut shown: BTreeSet<u32> = BTreeSet::new();
    for (user, holders) in &held {
        let customers: BTreeSet<u32> = holders.iter().map(|at| population.customer(*at)).collect();
        // An id that most of its holders outside the group have too is what a library fills in.
        if customers.len() >= 2 && customers.len() * 2 > context.end_user_customers.of(*user) as usize {
            shown.extend(apart(context, &conversations, holders));
        }
    }
    let shows = |at: &u32| users(*at).next().map(|_| shown.contains(at));
    Shown::Property { members: members.iter().map(shows).collect(), rate: None }
}

/// The conversations of each member.
type Conversations = BTreeMap<u32, BTreeSet<u64>>;

/// Those of the holders of an id that another customer holds too without any conversation in common.
fn apart<'a>(
    context: &'a Context<'_>,
    conversations: &'a Conversations,
    holders: &'a [u32],
) -> impl Iterator<Item = u32> + 'a {
    let customer = |at: u32| context.population.customer(at);
    let compared = holders.get(..MAX_COMPARED.min(holders.len())).unwrap_or_default();
    let is_apart = move |one: u32, other: u32| {
        let (own, others) = (conversations.get(&one), conversations.get(&other));
        customer(one) != customer(other) && own.zip(others).is_some_and(|(own, others)| own.is_disjoint(others))
    };
    compared.iter().copied().filter(move |one| compared.iter().any(|other| is_apart(*one, *other)))
}
