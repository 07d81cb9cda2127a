//! The separation law, the floor for an accusation, and that order never shows.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

use std::collections::BTreeMap;

use campaign::Registry;
use campaign::Settings;
use campaign::View;
use campaign::describe;
use campaign::form_candidates;
use campaign::propose;
use cohort::Entity;
use cohort::Identity;
use cohort::Population;
use cohort::frame_ties;
use detect::Context;
use link::Limits;
use link::Tie;
use link::Value;
use observation::Observation;
use profile::Profile;
use record::ObservableKind;
use sketch::hash::mix;
use verdict::Family;
use verdict::Status;
use verdict::ViewKind;

/// A number from names: the same every run.
fn number(parts: [u64; 3]) -> u64 {
    parts.into_iter().fold(1_u64, |sum, part| mix(sum.wrapping_mul(31).wrapping_add(part))) >> 1
}

/// An account of twenty prompts; `template` is shared by a body of work, `card` by a pool.
fn entity(at: u64, template: Option<u64>, card: Option<u64>) -> Entity {
    let mut profile = Profile::default();
    for exchange in 0..20 {
        let own: Vec<u64> = (0..4).map(|frame| number([at, exchange, frame])).collect();
        let shared = template.map(|template| (0..5).map(move |frame| number([template, 77, frame])));
        let mut frames: Vec<u64> = own.into_iter().chain(shared.into_iter().flatten()).collect();
        frames.sort_unstable();
        let features = [(number([at, exchange, 9]) % 100) as i8; sketch::DIMENSIONS];
        profile.observe(&Observation {
            at_us: (exchange as i64 * 7 % 10 + 8) * 3_600_000_000,
            ip: number([at, 5, 5]),
            prompt: number([at, exchange, 3]),
            frames: &frames,
            features: &features,
            status: Some(200),
            output_tokens: Some(100),
            ..Observation::default()
        });
    }
    let identity = Identity {
        payment: card.map_or(number([at, 1, 1]), |card| number([card, 2, 2])),
        known: true,
        ..Identity::default()
    };
    Entity { account: format!("acct_{at:04}"), profile: Box::new(profile), identity }
}

/// Six hundred strangers; `group` are accounts 0 to 40.
fn population(group: impl Fn(u64) -> Entity) -> Population {
    Population::new((0..600).map(|at| if at < 40 { group(at) } else { entity(at, None, None) }).collect(), |_| false)
}

fn views(population: &Population) -> Vec<View> {
    let mut ties: BTreeMap<Family, Vec<Tie>> = BTreeMap::new();
    for (entity, account) in population.entities().iter().zip(0..) {
        let mut add =
            |family, kind, hash| ties.entry(family).or_default().push(Tie { account, value: Value { kind, hash } });
        frame_ties(&entity.profile).for_each(|frame| add(Family::Content, ObservableKind::Frame, frame));
        entity
            .identity
            .personal()
            .into_iter()
            .filter(|(_, hash)| *hash != 0)
            .for_each(|(kind, hash)| add(Family::Identity, kind, hash));
    }
    let view = |(family, ties): (Family, Vec<Tie>)| View {
        family,
        kind: if family == Family::Content { ViewKind::Frames } else { ViewKind::Registration },
        low_specificity: false,
        limits: Limits::default(),
        ties,
    };
    ties.into_iter().map(view).collect()
}

fn statuses(population: &Population) -> Vec<(Status, usize)> {
    let context = Context::for_all(population);
    let candidates = form_candidates(&context, &views(population), 2, &|_, _| {}).all;
    for candidate in &candidates {
        assert!(candidate.findings.iter().all(|finding| finding.family != candidate.formed_by), "the separation law");
    }
    propose(&candidates, population, 0.01)
        .into_iter()
        .map(|proposal| (proposal.status, proposal.accounts.len()))
        .collect()
}

#[test]
fn a_template_and_cards_together_are_a_discovery() {
    assert_eq!(statuses(&population(|at| entity(at, Some(1), Some(at / 8)))), [(Status::Discovered, 40)]);
}

#[test]
fn a_template_alone_is_nothing_to_accuse_anybody_of() {
    assert_eq!(statuses(&population(|at| entity(at, Some(1), None))), []);
}

#[test]
fn cards_alone_are_nothing_to_accuse_anybody_of() {
    assert_eq!(statuses(&population(|at| entity(at, None, Some(at / 8)))), []);
}

#[test]
fn strangers_are_left_alone() {
    assert_eq!(statuses(&population(|at| entity(at, None, None))), []);
}

#[test]
fn one_declared_organisation_is_one_customer() {
    let declared = |at| {
        let mut entity = entity(at, Some(1), Some(at / 8));
        entity.identity.organization = 4711;
        entity
    };
    assert_eq!(statuses(&population(declared)), []);
}

#[test]
fn two_bodies_of_work_are_two_campaigns() {
    let two = |at| entity(at, Some(at % 2), Some(at % 2 * 100 + at / 20));
    assert_eq!(statuses(&population(two)), [(Status::Discovered, 20), (Status::Discovered, 20)]);
}

#[test]
fn order_and_workers_never_show_and_numbers_keep_their_bounds() {
    let population = population(|at| entity(at, Some(1), Some(at / 8)));
    let context = Context::for_all(&population);
    let told = |turn: bool, workers: usize| {
        let mut views = views(&population);
        if turn {
            views.iter_mut().for_each(|view| view.ties.reverse());
        }
        let candidates = form_candidates(&context, &views, workers, &|_, _| {}).all;
        let proposals = propose(&candidates, &population, 0.01);
        describe(&context, &proposals, &mut Registry::default(), &Settings { fdr: 0.01 })
    };
    let (one, other) = (told(false, 1), told(true, 3));
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
    let campaign = &one.campaigns[0];
    assert!(campaign.confidence <= 90 && campaign.corroboration == 2 && (1..=10).contains(&campaign.impact));
    assert_eq!(campaign.leak.high, 800);
    assert!(campaign.leak.low <= campaign.leak.exchanges && campaign.leak.exchanges <= campaign.leak.high);
    assert_eq!(one.accounts.len(), 40);
    assert!(one.accounts.iter().all(|account| !account.reasons.is_empty()));
}
