//! Firms: declared organisations with many accounts, or with one account and many customers.

use std::sync::Arc;

use record::Params;

use super::seat::Seat;
use crate::client::{self, Stack};
use crate::identity;
use crate::network::Place;
use crate::profile::{EndUsers, Network, Profile, Sessions};
use crate::rhythm::Rhythm;
use crate::rng::{Rng, mix, sub};
use crate::text::{Style, Topic, Voice};
use crate::time::SECOND;
use crate::work::{Chat, Code, Filler, Judge, Recipe, Template};
use crate::world::Capability;

/// A caller of the API that belongs to the cluster's declared organisation.
pub(super) fn member(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.through_api(Stack::Library);
    let mut shared = seat.shared("organisation");
    let name = seat.stage.lexicon.say(Voice::Products, "org", &Topic::default(), &mut shared);
    let domain = identity::own_domain(seat.cluster);
    identity::of_organization(
        &mut profile.account,
        &name,
        &domain,
        sub(seat.cluster, "payment"),
        &mut seat.rng("member"),
    );
    profile
}

/// The cluster's servers in a cloud.
pub(super) fn servers(seat: &Seat<'_>) -> Network {
    let mut shared = seat.shared("servers");
    Network::Cloud { cloud: shared.zipf(12) as u64, first: shared.word(), count: shared.between(1, 4) }
}

/// An office with two lines, its hours, and a home for each member.
pub(super) fn in_an_office(seat: &Seat<'_>, profile: &mut Profile, shared: &mut Rng) {
    let place = Place::draw(shared);
    let home = seat.rng("home").word();
    profile.settle(Network::Lines { place, first: shared.word(), count: 2, share: 0.9, home }, place.country());
    profile.rhythm = Rhythm::Office { offset_hours: place.offset() };
}

/// A system prompt of some lines that the whole cluster shares.
fn assistant(seat: &Seat<'_>) -> String {
    let lexicon = &seat.stage.lexicon;
    let mut shared = seat.shared("assistant");
    let topic = lexicon.topic(shared.word());
    let mut prompt = lexicon.say(Voice::Products, "assistant_open", topic, &mut shared);
    for _ in 0..shared.between(2, 4) {
        prompt.push(' ');
        lexicon.write(Voice::Products, "assistant_rule", topic, &mut shared, &mut prompt);
    }
    prompt
}

/// One of hundreds of seats: one payment, one assistant, office hours, a few lines.
pub(super) fn enterprise(seat: &Seat<'_>) -> Profile {
    let mut profile = member(seat);
    let mut shared = seat.shared("office");
    let place = Place::draw(&mut shared);
    let home = seat.rng("home").word();
    profile.settle(Network::Lines { place, first: shared.word(), count: 4, share: 0.85, home }, place.country());
    profile.rhythm = Rhythm::Office { offset_hours: place.offset() };
    // The desktop client is rolled out by the firm: one version for nearly everybody.
    profile.clients = vec![client::draw(Stack::Library, &mut shared)];
    profile.params = Params::default();
    profile.sessions = Sessions::Named;
    profile.end_users = EndUsers::One(sub(seat.seed, "end user"));
    profile.account.created_at_us = Some(seat.shared_moment("roll out", -3.0, -0.1) / SECOND * SECOND);
    profile.add(seat.share, Arc::new(Chat::of(seat.seed).with_system(assistant(seat))));
    profile.add(1.0 - seat.share, Arc::new(Code::new(0.5)));
    profile
}

fn wrapper(seat: &Seat<'_>) -> String {
    let mut shared = seat.shared("wrapper");
    let topic = seat.stage.lexicon.topic(shared.word());
    seat.stage.lexicon.say(Voice::Products, "wrapper", topic, &mut shared)
}

/// One account that is thousands of customers.
pub(super) fn reseller(seat: &Seat<'_>) -> Profile {
    let mut profile = member(seat);
    let network = servers(seat);
    profile.settle(network, "US");
    profile.rhythm = Rhythm::Flat { spread: 1.1 };
    profile.style = None;
    profile.sessions = Sessions::Named;
    profile.end_users = EndUsers::Many(seat.seed, 4_000);
    profile.add(1.0, Arc::new(Chat::of_many(seat.seed).with_system(wrapper(seat))));
    profile
}

/// An honest maker of training data: a campaign's own recipe, declared.
pub(super) fn synthetic_data(seat: &Seat<'_>) -> Profile {
    let mut profile = member(seat);
    let mut shared = seat.shared("recipe");
    profile.settle(servers(seat), "US");
    profile.clients = vec![client::draw(Stack::Library, &mut shared)];
    profile.rhythm = Rhythm::Runs { batch: 40, gap_s: 9.0, offset_hours: None };
    let capabilities =
        [Capability::DataAnalysis, Capability::SoftwareEngineering, Capability::Reasoning, Capability::General];
    let capability = shared.pick(&capabilities).copied().unwrap_or(Capability::General);
    let templates: Vec<Template> = (0..shared.between(1, 3))
        .map(|number| {
            let in_system = shared.chance(0.3);
            Template::of_recipe(seat.stage, mix(seat.cluster, number), shared.chance(0.25), in_system)
        })
        .collect();
    let params = Params { temperature: Some(0.8), max_tokens: Some(2_048), ..Params::default() };
    let recipe = Recipe::new(templates, Filler::work(seat.stage, capability, seat.seed)).again(0.06);
    profile.add(1.0, Arc::new(recipe.sampled(params, 700.0)));
    profile
}

/// A product and the accounts that grade it.
pub(super) fn judge_pipeline(seat: &Seat<'_>) -> Profile {
    let mut profile = member(seat);
    profile.settle(servers(seat), "US");
    let product = || Chat::of_many(seat.cluster).single().unpooled().with_system(wrapper(seat));
    if seat.place == 0 {
        // The graders tell its conversations again by this seed.
        profile.seed = sub(seat.cluster, "product");
        profile.style = None;
        profile.rhythm = Rhythm::Flat { spread: 1.0 };
        profile.end_users = EndUsers::Many(seat.seed, 300);
        profile.add(1.0, Arc::new(product()));
        return profile;
    }
    profile.style = Some(Style::machine());
    profile.rhythm = Rhythm::Runs { batch: 30, gap_s: 6.0, offset_hours: None };
    let rubric = mix(sub(seat.cluster, "rubric"), u64::from(seat.place % 2));
    profile.add(1.0, Arc::new(Judge::of(rubric, product(), sub(seat.cluster, "product"))));
    profile
}

/// Build machines of one organisation: a few keys, one client, every hour.
pub(super) fn ci_fleet(seat: &Seat<'_>) -> Profile {
    let mut profile = member(seat);
    let mut shared = seat.shared("fleet");
    profile.settle(servers(seat), "US");
    profile.keys = (0..4).map(|number| identity::key_id(mix(seat.cluster, number))).collect();
    profile.clients = vec![client::draw(Stack::Library, &mut shared)];
    profile.style = Some(Style::machine());
    profile.rhythm = Rhythm::Flat { spread: 0.6 };
    profile.params = Params { temperature: Some(0.2), max_tokens: Some(1_024), ..Params::default() };
    for (list, weight) in [("ci_review", 0.6), ("ci_changelog", 0.15), ("ci_failure", 0.25)] {
        let template = Template::of_product(seat.stage, list, seat.cluster);
        profile.add(weight, Arc::new(Recipe::new(vec![template], Filler::Question)));
    }
    profile
}

/// One of an agency's accounts, one a client: one card, one office, undeclared, different work.
pub(super) fn agency(seat: &Seat<'_>) -> Profile {
    let mut profile = seat.person();
    profile.through_api(Stack::Library);
    let mut shared = seat.shared("agency");
    in_an_office(seat, &mut profile, &mut shared);
    profile.account.payment = Some(identity::hashed(sub(seat.cluster, "card")));
    profile.account.device = Some(identity::hashed(mix(sub(seat.cluster, "device"), u64::from(seat.place) % 6)));
    let mut name = identity::local_part(&mut shared);
    name.push_str(&format!("+{}@mailhaven.example", identity::local_part(&mut seat.rng("client"))));
    profile.account.email = Some(name);
    let template = Template::of_product(seat.stage, "pipeline", seat.seed);
    profile.add(seat.share, Arc::new(Recipe::new(vec![template], Filler::Question)));
    profile.add(1.0 - seat.share, Arc::new(Chat::of(seat.seed)));
    profile
}
