//! What groups are held to be campaigns, on whose evidence, and that order never shows.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use campaign::Bank;
use campaign::Candidate;
use campaign::Looks;
use campaign::Proposal;
use campaign::Rates;
use campaign::Registry;
use campaign::Schedule;
use campaign::Selected;
use campaign::SetAside;
use campaign::Settings;
use campaign::View;
use campaign::describe;
use campaign::form_candidates;
use campaign::judge_without_tenths;
use campaign::propose;
use campaign::rank_all;
use cohort::Entity;
use cohort::Identity;
use cohort::Items;
use cohort::Population;
use cohort::Rulings;
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
use verdict::Standing;
use verdict::Status;
use verdict::ViewKind;

/// A number from names: the same every run.
fn number(parts: [u64; 3]) -> u64 {
    parts.into_iter().fold(1_u64, |sum, part| mix(sum.wrapping_mul(31).wrapping_add(part))) >> 1
}

/// An account of twenty prompts; `template` is shared by a body of work, `card` by a pool.
fn entity(at: u64, template: Option<u64>, card: Option<u64>) -> Entity {
    entity_with(at, template, 5, card)
}

/// As [`entity`], with so many of the template's five frames.
fn entity_with(at: u64, template: Option<u64>, frames: u64, card: Option<u64>) -> Entity {
    let mut profile = Profile::default();
    for exchange in 0..20 {
        let own: Vec<u64> = (0..4).map(|frame| number([at, exchange, frame])).collect();
        let shared = template.map(|template| (0..frames).map(move |frame| number([template, 77, frame])));
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
    // A card and a device: what is tied by the one may be tested on the other.
    let shared = |kind| card.map_or(number([at, 1, kind]), |card| number([card, 2, kind]));
    let identity =
        Identity { payment: shared(1), device: shared(2), phone: shared(3), known: true, ..Identity::default() };
    Entity { account: format!("acct_{at:04}"), profile: Box::new(profile), identity }
}

/// Six hundred strangers; `group` are accounts 0 to 40.
fn population(group: impl Fn(u64) -> Entity) -> Population {
    Population::new((0..600).map(|at| if at < 40 { group(at) } else { entity(at, None, None) }).collect())
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

/// A bank with so many honest groups of every class, which score at most ten to one: the scores of real banks are in the program's
/// own and are tried on whole worlds.
fn bank(groups: usize) -> Bank {
    let mut lines = Vec::new();
    for ties in ["addresses", "frames", "phrases", "registration", "transferred_content"] {
        for size in ["handful", "dozens", "scores", "hundreds"] {
            for open in [false, true] {
                let scores: Vec<f64> = (0..groups).map(|at| 1.0 - at as f64 / groups as f64).collect();
                let families: BTreeMap<&str, &Vec<f64>> =
                    Family::ALL.iter().map(|family| (family.as_str(), &scores)).collect();
                lines.push(
                    serde_json::json!({
                        "kind": "own", "ties": ties, "size": size, "open": open, "groups": groups, "all": scores,
                        "without_strongest": scores, "families": families,
                    })
                    .to_string(),
                );
            }
        }
    }
    let header = serde_json::json!({ "bank": 3, "sections": lines.len() }).to_string();
    Bank::from_lines([vec![header], lines].concat().join("\n").as_bytes()).unwrap()
}

fn selected(population: &Population, bank: &Bank) -> Selected {
    let context = Context::for_all(population);
    let views = views(population);
    let candidates = form_candidates(&context, &views, &Items::HALVES, 2, &|_, _| {}).all;
    propose(&context, &views, &candidates, &rank_all(&candidates, bank), Rates::default(), None)
}

fn statuses(population: &Population) -> Vec<(Status, usize)> {
    let told = |proposal: Proposal| (proposal.status, proposal.accounts.len());
    selected(population, &bank(2_000)).proposals.into_iter().map(told).collect()
}

#[test]
fn a_template_and_cards_together_are_a_discovery() {
    assert_eq!(statuses(&population(|at| entity(at, Some(1), Some(at / 8)))), [(Status::Discovered, 40)]);
}

/// What is held of a population after its campaigns were judged without each tenth of their accounts.
fn survivors(population: &Population) -> Vec<(Status, usize)> {
    let bank = bank(4_000);
    let mut selected = selected(population, &bank);
    let context = Context::for_all(population);
    judge_without_tenths(&context, &bank, &mut selected.proposals, 2);
    selected.proposals.iter().map(|one| (one.status, one.survived)).collect()
}

#[test]
fn a_campaign_stands_without_any_tenth_of_its_accounts() {
    let population = population(|at| entity(at, Some(1), Some(at / 8)));
    assert_eq!(survivors(&population), [(Status::Discovered, 10)]);
}

/// Six accounts with one template and one card: two of them make the difference.
#[test]
fn a_campaign_that_a_tenth_of_its_accounts_decides_is_looked_into_and_not_acted_on() {
    let population = population(|at| if at < 6 { entity(at, Some(1), Some(1)) } else { entity(at, None, None) });
    let known = selected(&population, &bank(4_000));
    assert_eq!(known.proposals.iter().map(|one| one.status).collect::<Vec<_>>(), [Status::Discovered]);
    let told = survivors(&population);
    assert!(matches!(told[..], [(Status::Suspected, 1..=9)]), "{told:?}");
}

#[test]
fn a_template_alone_is_looked_into_and_accuses_nobody() {
    let population = population(|at| entity(at, Some(1), None));
    assert_eq!(statuses(&population), [(Status::Suspected, 40)]);
    let context = Context::for_all(&population);
    let proposals = selected(&population, &bank(2_000)).proposals;
    let described = describe(&context, &proposals, &mut Registry::default(), &Settings { fdr: 0.01 });
    assert!(described.accounts.iter().all(|account| account.verdict == Standing::Watch));
    assert_eq!(described.accounts.len(), 40);
}

#[test]
fn without_honest_groups_to_compare_with_nothing_is_claimed() {
    let population = population(|at| entity(at, Some(1), Some(at / 8)));
    let selected = selected(&population, &Bank::default());
    assert!(selected.proposals.is_empty());
    assert!(selected.leads.iter().any(|lead| lead.accounts.len() == 40), "what scores is listed all the same");
    assert!(selected.leads.iter().all(|lead| lead.set_aside_by == SetAside::SmallBank));
}

#[test]
fn a_small_bank_supports_suspicion_and_no_action() {
    let population = population(|at| entity(at, Some(1), Some(at / 8)));
    let statuses: Vec<Status> = selected(&population, &bank(30)).proposals.iter().map(|one| one.status).collect();
    assert_eq!(statuses, [Status::Suspected]);
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
fn what_formed_a_group_is_not_what_its_family_is_tested_on() {
    let population = population(|at| entity(at, Some(1), Some(at / 8)));
    let context = Context::for_all(&population);
    let candidates = form_candidates(&context, &views(&population), &Items::HALVES, 2, &|_, _| {}).all;
    let formed = |candidate: &&Candidate| candidate.group.accounts.len() >= 8;
    assert!(candidates.iter().filter(formed).count() >= 2);
    for candidate in &candidates {
        let own = candidate.group.values.iter().map(|shared| shared.value.hash);
        assert!(own.clone().count() > 0);
        assert!(own.clone().all(|hash| candidate.formed_on.hold(hash)));
        assert!(own.clone().all(|hash| !candidate.formed_on.others().hold(hash)));
        assert_ne!(candidate.formed_on, Items::All);
    }
}

#[test]
fn what_is_openly_tied_is_compared_with_its_like() {
    let open = |change: fn(&mut Identity)| {
        let population = population(|at| {
            let mut entity = entity(at, Some(1), Some(at / 8));
            change(&mut entity.identity);
            entity
        });
        let context = Context::for_all(&population);
        let candidates = form_candidates(&context, &views(&population), &Items::HALVES, 2, &|_, _| {}).all;
        let group = candidates.into_iter().max_by_key(|candidate| candidate.group.accounts.len()).unwrap();
        assert_eq!(group.group.accounts.len(), 40);
        group.open
    };
    assert!(!open(|_| {}));
    assert!(open(|identity| identity.referrer = 7));
    assert!(open(|identity| identity.signup_ip = 7));
    assert!(open(|identity| identity.email_domain = 7));
    assert!(open(|identity| *identity = Identity::default()), "without records it cannot be told");
}

#[test]
fn who_shares_nothing_of_its_own_is_watched_and_not_implicated() {
    // Five of the forty pay with the pool's cards and never use its template: each half of the items says so.
    let population = population(|at| entity(at, (at >= 5).then_some(1), Some(at / 8)));
    let context = Context::for_all(&population);
    let proposals = selected(&population, &bank(2_000)).proposals;
    let described = describe(&context, &proposals, &mut Registry::default(), &Settings { fdr: 0.01 });
    let implicated = described.accounts.iter().filter(|account| account.verdict == Standing::Implicated);
    assert!(implicated.clone().count() >= 35);
    for account in implicated {
        assert!(!account.evidence.is_empty() && !account.reasons.is_empty(), "{account:?}");
        assert!(account.evidence.iter().all(|item| item.accounts_in_common > 0));
    }
    let stranger = |account: &str| account >= "acct_0040";
    assert!(described.accounts.iter().all(|account| !stranger(&account.account)));
}

/// As [`population`], its forty on one template, with an exchange three days later so that there is something to look at.
fn population_of_days(has_cards: bool) -> Population {
    let account = |at: u64| entity(at, (at < 40).then_some(1), (at < 40 && has_cards).then_some(at / 8));
    let mut entities: Vec<Entity> = (0..600).map(account).collect();
    let later = Observation { at_us: 72 * 3_600_000_000, status: Some(200), ..Observation::default() };
    entities[599].profile.observe(&later);
    Population::new(entities)
}

fn looked_at(population: &Population, looks: &Looks) -> Selected {
    let (context, views) = (Context::for_all(population), views(population));
    let candidates = form_candidates(&context, &views, &Items::HALVES, 2, &|_, _| {}).all;
    let ranked = rank_all(&candidates, &bank(2_000));
    propose(&context, &views, &candidates, &ranked, Rates::default(), Some(looks))
}

#[test]
fn what_was_acted_on_is_acted_on_when_it_shows_less() {
    let first = looked_at(&population_of_days(true), &Looks::new(Schedule::of_hours(&[0]).unwrap()));
    let campaign = &first.proposals[0];
    assert!(campaign.status == Status::Discovered && campaign.corroboration == 2);
    // The cards are gone, and wording is all that it shows.
    let (known, faint) = (first.looks.clone().unwrap(), population_of_days(false));
    let unlatched = looked_at(&faint, &known);
    assert_eq!(unlatched.proposals[0].status, Status::Suspected);
    let mut latched = known;
    latched.latch(campaign.look.as_ref().unwrap(), campaign.corroboration, 0.01);
    let later = looked_at(&faint, &latched);
    let kept = &later.proposals[0];
    assert_eq!((kept.status, kept.corroboration, kept.is_kept), (Status::Discovered, 2, true));
    assert!(kept.fdr_at <= 0.01 && !campaign.is_kept);
}

/// The accounts of the one campaign in which six of the forty were grouped by one half of the items alone.
fn members_where_one_half_draws_six_in(population: &Population) -> Vec<u32> {
    let context = Context::for_all(population);
    let views = views(population);
    let mut candidates = form_candidates(&context, &views, &Items::HALVES, 2, &|_, _| {}).all;
    for candidate in candidates.iter_mut().filter(|candidate| candidate.formed_on == Items::Second) {
        candidate.group.accounts.retain(|account| *account < 34);
    }
    let ranked = rank_all(&candidates, &bank(2_000));
    let [one] = propose(&context, &views, &candidates, &ranked, Rates::default(), None).proposals.try_into().unwrap();
    one.accounts
}

#[test]
fn who_is_drawn_in_by_one_half_alone_is_a_member_where_it_is_like_the_others() {
    let forty: Vec<u32> = (0..40).collect();
    let alike = population(|at| entity(at, Some(1), None));
    assert_eq!(members_where_one_half_draws_six_in(&alike), forty);
    // These hold four of the wordings that the others hold five of.
    let less_alike = population(|at| entity_with(at, Some(1), if at < 34 { 5 } else { 4 }, None));
    assert_eq!(members_where_one_half_draws_six_in(&less_alike), forty[..34]);
    // A card of the pool is nobody's by accident.
    let by_card = population(|at| entity(at, None, Some(1)));
    assert_eq!(members_where_one_half_draws_six_in(&by_card), forty);
}

#[test]
fn order_and_workers_never_show_and_numbers_keep_their_bounds() {
    let population = population(|at| entity(at, Some(1), Some(at / 8)));
    let context = Context::for_all(&population);
    let bank = bank(2_000);
    let told = |turn: bool, workers: usize| {
        let mut views = views(&population);
        if turn {
            views.iter_mut().for_each(|view| view.ties.reverse());
        }
        let candidates = form_candidates(&context, &views, &Items::HALVES, workers, &|_, _| {}).all;
        let ranked = rank_all(&candidates, &bank);
        let proposals = propose(&context, &views, &candidates, &ranked, Rates::default(), None).proposals;
        describe(&context, &proposals, &mut Registry::default(), &Settings { fdr: 0.01 })
    };
    let (one, other) = (told(false, 1), told(true, 3));
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
    let campaign = &one.campaigns[0];
    assert!(campaign.confidence <= 99 && campaign.corroboration == 2 && (1..=10).contains(&campaign.impact));
    assert!(campaign.fdr_at <= 0.01 && campaign.bank.rank == 0 && campaign.bank.size == 8_000);
    assert_eq!(campaign.leak.high, 800);
    assert!(campaign.leak.low <= campaign.leak.exchanges && campaign.leak.exchanges <= campaign.leak.high);
    assert_eq!(one.accounts.len(), 40);
}

/// The names of accounts.
fn named(accounts: impl IntoIterator<Item = u64>) -> BTreeSet<String> {
    accounts.into_iter().map(|at| format!("acct_{at:04}")).collect()
}

#[test]
fn a_cut_parts_a_group_and_adds_no_evidence() {
    let whole = population(|at| entity(at, Some(1), Some(at / 8)));
    let uncut = form_candidates(&Context::for_all(&whole), &views(&whole), &Items::HALVES, 2, &|_, _| {}).all;
    let most = |family: Family| {
        let scores = uncut.iter().filter_map(|one| one.scores().families.get(&family).copied());
        scores.fold(0.0, f64::max)
    };
    let cut = population(|at| entity(at, Some(1), Some(at / 8)))
        .with_rulings(&Rulings { cuts: vec![named(0..20), named([700])], ..Rulings::default() });
    let parts = form_candidates(&Context::for_all(&cut), &views(&cut), &Items::HALVES, 2, &|_, _| {}).all;
    assert!(parts.iter().any(|part| part.part_of.is_some()));
    for part in &parts {
        let inside = part.group.accounts.iter().filter(|account| **account < 20).count();
        assert!(inside == 0 || inside == part.group.accounts.len(), "{:?}", part.group.accounts);
        for (family, score) in part.scores().families {
            assert!(score <= most(family), "{family:?}: {score} of a part");
        }
        assert!(part.group.values.iter().all(|shared| shared.inside as usize <= part.group.accounts.len()));
    }
    let proposals = selected(&cut, &bank(2_000)).proposals;
    let sides: Vec<bool> = proposals.iter().map(|one| one.accounts.iter().all(|account| *account < 20)).collect();
    assert!(sides.contains(&true) && sides.contains(&false), "{sides:?}");
    assert!(
        proposals.iter().all(|one| one.accounts.iter().all(|at| *at < 20) || one.accounts.iter().all(|at| *at >= 20))
    );
}

#[test]
fn a_pin_makes_one_of_two_and_adds_nobody() {
    let two = || population(|at| entity(at, Some(at % 2), Some(at % 2 * 100 + at / 20)));
    let pinned = |pin: BTreeSet<String>, cuts: Vec<BTreeSet<String>>| {
        let population = two().with_rulings(&Rulings { pins: vec![pin], cuts, ..Rulings::default() });
        statuses(&population)
    };
    assert_eq!(pinned(named(0..40), Vec::new()), [(Status::Discovered, 40)]);
    // Accounts that share nothing with them stay strangers.
    assert_eq!(pinned(named(0..60), Vec::new()), [(Status::Discovered, 40)]);
    let apart = [(Status::Discovered, 20), (Status::Discovered, 20)];
    assert_eq!(pinned(named((0..40).step_by(2)), Vec::new()), apart);
    assert_eq!(pinned(named(0..40), vec![named((0..40).step_by(2))]), apart, "a pin joins nothing across a cut");
}

#[test]
fn what_was_cleared_is_a_lead_until_most_of_it_is_new() {
    let cleared = |honest: BTreeSet<String>| {
        let rulings = Rulings { cleared: vec![honest], ..Rulings::default() };
        selected(&population(|at| entity(at, Some(1), Some(at / 8))).with_rulings(&rulings), &bank(2_000))
    };
    let told = cleared(named(0..40));
    assert!(told.proposals.is_empty());
    let lead = told.leads.iter().find(|lead| lead.accounts.len() == 40).unwrap();
    assert_eq!(lead.set_aside_by, SetAside::Cleared);
    assert!(cleared(named(0..21)).proposals.is_empty());
    assert_eq!(cleared(named(0..20)).proposals.len(), 1, "half of it is not most of it");
}
