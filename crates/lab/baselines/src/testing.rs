//! Small planted worlds for tests.

use std::collections::BTreeMap;

use crate::embed::Hashed;
use crate::log::Log;
use crate::method::Method;
use crate::method::Outcome;
use crate::rng::Rng;
use crate::score::Score;
use crate::score::score;
use crate::truth::TrueCampaign;
use crate::truth::Truth;
use crate::world::World;

const WORDS: [&str; 48] = [
    "garden", "river", "budget", "train", "recipe", "winter", "letter", "window", "teacher", "market", "music",
    "doctor", "ticket", "bread", "holiday", "lamp", "bicycle", "paper", "coffee", "island", "bridge", "parcel",
    "school", "dinner", "story", "engine", "ladder", "orange", "pencil", "quilt", "rocket", "saddle", "tunnel",
    "violin", "wagon", "yoghurt", "zebra", "anchor", "button", "candle", "drawer", "envelope", "feather", "goblet",
    "hammer", "insect", "jacket", "kettle",
];

/// A sentence of so many random words.
pub(crate) fn chatter(rng: &mut Rng, words: usize) -> String {
    (0..words).map(|_| WORDS[rng.below(WORDS.len())]).collect::<Vec<_>>().join(" ")
}

/// One filling of a fixed template.
pub(crate) fn filled(rng: &mut Rng) -> String {
    let what = chatter(rng, 3);
    format!("You are an expert data analyst. Give complete and transparent reasoning for this task: {what}. Show it.")
}

/// A world of `honest` accounts that chatter and of `hostile` ones made by `plant`, of `each` exchanges an account
/// ten minutes apart; `plant` takes chance, the number of the account and of its exchange, and gives time and text.
pub(crate) fn planted(
    honest: usize,
    hostile: usize,
    each: usize,
    mut plant: impl FnMut(&mut Rng, usize, usize) -> (i64, String),
) -> (World, Truth) {
    let mut rng = Rng::new(11);
    let mut rows: Vec<(String, i64, String)> = Vec::new();
    for account in 0..honest {
        for number in 0..each {
            let at = (number * 600 + rng.below(600)) as i64;
            rows.push((format!("honest{account}"), at * 1_000_000, chatter(&mut rng, 12)));
        }
    }
    for account in 0..hostile {
        for number in 0..each {
            let (at_s, text) = plant(&mut rng, account, number);
            rows.push((format!("hostile{account}"), at_s * 1_000_000, text));
        }
    }
    let log = Log::of_texts(rows.iter().map(|(name, at_us, text)| (name.as_str(), *at_us, text.as_str())));
    let campaigns = if hostile == 0 {
        Vec::new()
    } else {
        let accounts = (0..hostile).map(|account| format!("hostile{account}")).collect();
        vec![TrueCampaign { name: "plant".to_owned(), accounts, ..TrueCampaign::default() }]
    };
    let benign = BTreeMap::from([("people".to_owned(), (0..honest).map(|one| format!("honest{one}")).collect())]);
    let truth = Truth { campaigns, benign };
    (World::prepare(log, &truth, &Hashed::new(128)).unwrap(), truth)
}

/// Scores of a method, one a setting.
pub(crate) fn scores(method: &dyn Method, world: &World, truth: &Truth) -> Vec<Score> {
    method.accuse(world).iter().map(|outcome: &Outcome| score(&world.log, truth, outcome, true)).collect()
}

/// The score whose setting contains these words.
pub(crate) fn with<'a>(scores: &'a [Score], setting: &str) -> &'a Score {
    let known: Vec<&str> = scores.iter().map(|score| score.setting.as_str()).collect();
    scores.iter().find(|score| score.setting.contains(setting)).unwrap_or_else(|| panic!("{setting} not in {known:?}"))
}
