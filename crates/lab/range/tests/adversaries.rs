//! What the adversaries of the higher levels do, measured on the worlds they are in.

mod made;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use made::{answered, asked, campaign, make, messages, people, runs, seed, text};
use range::{TextVoice, World};

#[test]
fn an_adversary_who_adapts_shares_nothing() {
    let made = make(24, &campaign("c", "T3", 150, "exchanges = 20\nstart_day = 2"), &seed(1));
    let ids = made.ids("c");
    for field in ["payment", "device", "phone", "email", "signup_ip"] {
        let all: Vec<&str> =
            ids.iter().map(|id| text(&made.accounts[id], &format!("/{field}"))).filter(|v| !v.is_empty()).collect();
        assert_eq!(all.len(), all.iter().collect::<HashSet<_>>().len(), "{field} is shared");
    }
    let mut owners: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for one in made.of("c") {
        assert!(one["conversation"].is_null() && one["end_user"].is_null());
        owners.entry(text(one, "/client/ip")).or_default().insert(text(one, "/account"));
    }
    assert!(owners.values().all(|accounts| accounts.len() == 1), "an exit is shared");
    assert!(ids.iter().all(|id| made.accounts[id]["referrer"].is_null()));
    let days: BTreeSet<&str> = ids.iter().filter_map(|id| text(&made.accounts[id], "/created_at").get(..10)).collect();
    assert!(days.len() > 25, "registered on {} days", days.len());
    // The twins show the same software.
    let agents = |name: &str| -> BTreeSet<String> {
        made.of(name).into_iter().map(|one| text(one, "/client/user_agent").to_owned()).collect()
    };
    assert_eq!(agents("c"), agents("twin"));
}

#[test]
fn prompts_are_worded_anew() {
    let share = |more: &str, voice: Option<TextVoice>| {
        let options = range::GenerateOptions { voice, ..seed(2) };
        let made = make(20, &campaign("c", "T3", 40, &format!("feedback = 0.0\ntemplates = 1\n{more}")), &options);
        let prompts: Vec<HashSet<String>> =
            made.of("c").into_iter().filter(|one| answered(one)).step_by(9).map(|one| runs(asked(one), 6)).collect();
        let (mut pairs, mut shared) = (0.0, 0.0);
        for (rank, one) in prompts.iter().enumerate() {
            for other in prompts.iter().skip(rank + 1) {
                pairs += 1.0;
                shared += f64::from(u8::from(!one.is_disjoint(other)));
            }
        }
        shared / pairs
    };
    let reworded = share("", None);
    assert!(reworded < 0.3, "{reworded} of the pairs share six words");
    assert!(share("rewriters = 1", None) < 0.5);
    assert!(share("rewriters = 0", None) > 0.9, "without rewriters the template is there");
    let second = share("", Some(TextVoice::Second));
    assert!(second < 0.4, "{second} of the pairs share six words in the second voice");
}

#[test]
fn quotas_are_steady_and_the_pool_ramps_up() {
    let spread = |more: &str| {
        let made =
            make(26, &campaign("c", "T3", 100, &format!("exchanges = 28\nstart_day = 2\ndays = 21\n{more}")), &seed(3));
        // Of each account: how much its days differ.
        let mut accounts: HashMap<String, Vec<f64>> = HashMap::new();
        for ((account, _), count) in made.daily("c") {
            accounts.entry(account).or_default().push(f64::from(count));
        }
        let dispersions = accounts.values().map(|counts| {
            let mean = counts.iter().sum::<f64>() / counts.len() as f64;
            counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / counts.len() as f64 / mean
        });
        let dispersion = dispersions.sum::<f64>() / accounts.len() as f64;
        (made, dispersion)
    };
    let (steady, dispersion) = spread("quota = true\nramp_days = 8");
    assert!(dispersion < 0.15, "quotas vary by {dispersion}");
    let (_, loose) = spread("");
    assert!(loose > 4.0 * dispersion, "{loose} without a quota, {dispersion} with one");
    let mut days: BTreeMap<String, u32> = BTreeMap::new();
    for ((_, day), count) in steady.daily("c") {
        *days.entry(day).or_default() += count;
    }
    let days: Vec<u32> = days.into_values().collect();
    let early: u32 = days.iter().take(3).sum();
    let late: u32 = days.iter().skip(10).take(3).sum();
    assert!(early * 2 < late, "{early} exchanges on the first days, {late} at full activity");
}

#[test]
fn cover_has_its_share() {
    for share in [0.3, 0.6, 0.9] {
        let more = format!("exchanges = 28\ncover = {share}\nfeedback = 0.0\nrewriters = 0\ntemplates = 1");
        let made = make(24, &campaign("c", "T3", 80, &more), &seed(4));
        let mut heads: HashMap<String, u32> = HashMap::new();
        let all = made.of("c");
        let head = |one: &serde_json::Value| asked(one).split_whitespace().take(5).collect::<Vec<_>>().join(" ");
        for one in all.iter().filter(|one| messages(one).len() == 1) {
            *heads.entry(head(one)).or_default() += 1;
        }
        let most = f64::from(heads.values().max().copied().unwrap()) / all.len() as f64;
        assert!((most - (1.0 - share)).abs() < 0.08, "{most} of the exchanges are collection at cover {share}");
    }
}

#[test]
fn answers_come_back_on_other_accounts() {
    for (level, share) in [("T1", 0.3), ("T2", 0.4), ("T3", 0.3)] {
        let made = make(20, &campaign("c", level, 60, &format!("feedback = {share}")), &seed(5));
        let returns = made.returns("c");
        let all = made.of("c").into_iter().filter(|one| answered(one)).count() as f64;
        let found = returns.len() as f64 / all;
        assert!((found - share).abs() < 0.08, "{level}: {found} instead of {share}");
        let elsewhere = returns.iter().filter(|(from, _, to, _)| from != to).count();
        assert!(elsewhere * 10 >= returns.len() * 9, "{level}: {elsewhere} of {} on another account", returns.len());
        let before = returns.iter().filter(|(_, given, _, back)| given < back).count();
        assert!(before * 100 >= returns.len() * 98, "{level}: {before} of {} after they were given", returns.len());
        let stages: BTreeSet<String> =
            made.of("c").into_iter().map(|one| one["request"]["params"].to_string()).collect();
        assert!(stages.iter().any(|stage| stage.contains("0.7") && stage.contains("2048")), "{stages:?}");
    }
    assert!(make(20, &campaign("c", "T1", 30, ""), &seed(5)).returns("c").is_empty());
}

#[test]
fn answers_are_texts_and_no_two_alike() {
    let made =
        make(20, &(campaign("c", "T3", 60, "") + &people("individual", 200) + &people("developer", 60)), &seed(6));
    for one in made.of("c").into_iter().filter(|one| answered(one)) {
        let words = text(one, "/response/content").split_whitespace().count();
        assert!((40..=170).contains(&words), "{words} words: {one}");
    }
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for one in &made.exchanges {
        let answer = text(one, "/response/content");
        if answer.split_whitespace().count() >= 12 {
            *counts.entry(answer).or_default() += 1;
        }
    }
    let twice = counts.values().filter(|count| **count > 1).count();
    assert!(twice * 1_000 <= counts.len(), "{twice} of {} answers are given twice", counts.len());
}

#[test]
fn relayed_conversations_move_as_often_as_asked() {
    for share in [0.03, 0.12, 0.3] {
        let made = make(24, &campaign("c", "T4", 120, &format!("migration = {share}\nexchanges = [20, 60]")), &seed(7));
        let mut holders: HashMap<&str, (BTreeSet<&str>, usize)> = HashMap::new();
        for one in made.of("c") {
            let held = holders.entry(text(&messages(one)[0], "/content")).or_default();
            held.0.insert(text(one, "/account"));
            held.1 = held.1.max(messages(one).len());
        }
        holders.retain(|_, (_, length)| *length > 2);
        let moved = holders.values().filter(|held| held.0.len() > 1).count() as f64 / holders.len() as f64;
        assert!((moved - share).abs() < 0.02, "{share}: {moved} of {} conversations moved", holders.len());
        let cards: Vec<&str> = made.ids("c").iter().map(|id| text(&made.accounts[id], "/payment")).collect();
        assert_eq!(cards.len(), cards.iter().collect::<HashSet<_>>().len(), "a card is shared");
        let agents: BTreeSet<&str> = made.of("c").into_iter().map(|one| text(one, "/client/user_agent")).collect();
        assert_eq!(agents.len(), 1, "the relay's client is frozen");
        let refused = made.of("c").into_iter().filter(|one| one["response"]["status"] == 429).count();
        assert!(refused > 3, "some move because they are refused");
    }
    let clean = make(24, &campaign("c", "T4", 60, "clean = true"), &seed(7));
    let agents: BTreeSet<&str> = clean.of("c").into_iter().map(|one| text(one, "/client/user_agent")).collect();
    assert!(agents.len() > 20 && clean.of("c").iter().all(|one| one["end_user"].is_null()));
    let chinese = clean.of("c").into_iter().filter(|one| asked(one).contains('，') || !asked(one).is_ascii());
    assert!(chinese.count() > 50, "several languages");
}

#[test]
fn a_ban_ends_the_accounts_and_the_reserve_goes_on() {
    for level in ["T1", "T2", "T3", "T4"] {
        let made = make(
            26,
            &(campaign("c", level, 60, "ban_day = 12\nreserve = 0.4")
                + &people("individual", 90)
                + "[[ban]]\nkind = 'individual'\naccounts = 5\n"),
            &seed(8),
        );
        let own = made.ids("c");
        let bans: Vec<_> = made.actions.iter().filter(|one| own.contains(text(one, "/account"))).collect();
        assert_eq!((bans.len(), made.actions.len()), (36, 41), "{level}");
        assert!(made.actions.iter().all(|one| one["action"] == "ban"));
        let at: BTreeSet<&str> = bans.iter().map(|one| text(one, "/at")).collect();
        assert_eq!(at.len(), 1, "all at once");
        let banned: BTreeMap<&str, &str> =
            made.actions.iter().map(|one| (text(one, "/account"), text(one, "/at"))).collect();
        let mut denied = 0;
        for one in &made.exchanges {
            let ban = banned.get(text(one, "/account"));
            let after = ban.is_some_and(|at| text(one, "/at").get(..19) >= at.get(..19));
            assert_eq!(after, one["response"]["status"] == 403, "{level}: {one}");
            denied += u32::from(after);
        }
        assert!(denied > 36, "{level}: they try again");
        let ban = at.first().copied().unwrap();
        let next = made.of("c").into_iter().find(|one| answered(one) && text(one, "/at") > ban).unwrap();
        let hours = |at: &str| record::parse_time_us(at).unwrap() / 3_600_000_000;
        assert!(hours(text(next, "/at")) - hours(ban) < 48, "{level}: {} after {ban}", text(next, "/at"));
    }
}

#[test]
fn campaigns_move_to_a_new_model_at_once_and_people_slowly() {
    let tables = campaign("c", "T2", 80, "pivot = 0.5")
        + &people("individual", 300)
        + &people("enthusiast", 40)
        + "[[release]]\nmodel = 'm-next'\nday = 10\n";
    let made = make(24, &tables, &seed(9));
    let share = |name: &str, from: &str, to: &str| {
        let days: Vec<_> = made.of(name).into_iter().filter(|one| (from..to).contains(&text(one, "/at"))).collect();
        days.iter().filter(|one| one["request"]["model"] == "m-next").count() as f64 / days.len() as f64
    };
    assert_eq!(share("c", "2026-04-22", "2026-05-02"), 0.0);
    let pivoted = share("c", "2026-05-04", "2026-05-16");
    assert!((pivoted - 0.5).abs() < 0.06, "{pivoted}");
    assert!(share("individual", "2026-05-03", "2026-05-04") < 0.1);
    assert!(share("individual", "2026-05-12", "2026-05-16") > 0.08);
    assert!(share("enthusiast", "2026-05-04", "2026-05-16") > 0.85);
}

#[test]
fn a_sweep_comes_before_the_scaling_and_canaries_day_after_day() {
    let made = make(24, &campaign("c", "T1", 80, "sweep = 200\ncanaries = true"), &seed(10));
    let own = made.of("c");
    let refused =
        |one: &serde_json::Value| one["response"]["status"] == 400 || one["response"]["stop_reason"] == "refusal";
    let first: Vec<_> = own.iter().take(200).collect();
    let wordings: HashSet<&str> = first.iter().filter_map(|one| asked(one).lines().next()).collect();
    assert!(wordings.len() > 185, "{} wordings", wordings.len());
    let count = first.iter().filter(|one| refused(one)).count();
    assert!((110..170).contains(&count), "{count} of 200 are refused");
    assert!(own.iter().skip(205).filter(|one| refused(one)).count() < 5);
    // One of them, and one that was not refused, is what is scaled.
    let scaled = own.iter().rev().find(|one| one["request"]["params"]["temperature"] != 0.0).unwrap();
    let won = asked(scaled).lines().next().unwrap();
    assert!(first.iter().any(|one| asked(one).starts_with(won) && !refused(one)), "{won}");
    let mut prompts: HashMap<&str, (BTreeSet<&str>, BTreeSet<&str>)> = HashMap::new();
    for one in own.iter().filter(|one| one["request"]["params"]["max_tokens"] == 512) {
        let seen = prompts.entry(asked(one)).or_default();
        seen.0.insert(text(one, "/account"));
        seen.1.insert(text(one, "/at").get(..10).unwrap());
    }
    assert_eq!(prompts.len(), 4);
    assert!(prompts.values().all(|(accounts, days)| accounts.len() > 8 && days.len() > 8));
}

#[test]
fn pools_and_campaigns_are_many_to_many() {
    let tables = campaign("one", "T2", 60, "pool = 'east'")
        + &campaign("two", "T2", 40, "pool = 'east'\noverlap = 0.5")
        + &campaign("three", "T2", 60, "pool = 'east'")
        + &campaign("four", "T1", 50, "pools = 2");
    let made = make(24, &tables, &seed(11));
    let common = |a: &str, b: &str| made.ids(a).intersection(&made.ids(b)).count();
    assert_eq!((common("one", "two"), common("one", "three"), common("one", "four")), (20, 60, 0));
    let pools = made.truth["pools"].as_array().unwrap();
    let sizes: BTreeMap<&str, (usize, usize)> = pools
        .iter()
        .map(|pool| {
            let count = |key: &str| pool[key].as_array().unwrap().len();
            (text(pool, "/name"), (count("accounts"), count("campaigns")))
        })
        .collect();
    assert_eq!(sizes["east"], (80, 3));
    assert_eq!((sizes["four-1"], sizes["four-2"]), ((25, 1), (25, 1)));
    let hosts = |pool: &str| -> BTreeSet<String> {
        let pool = pools.iter().find(|one| one["name"] == pool).unwrap();
        let ids = made::ids(&pool["accounts"]);
        ids.iter().map(|id| text(&made.accounts[id], "/payment").to_owned()).collect()
    };
    assert!(hosts("four-1").is_disjoint(&hosts("four-2")), "the pools have ties of their own");
    let total: u64 = ["one", "two", "three"]
        .iter()
        .map(|name| {
            let all = made.truth["campaigns"].as_array().unwrap();
            all.iter().find(|one| one["name"] == *name).unwrap()["exchanges"].as_u64().unwrap()
        })
        .sum();
    let pool: BTreeSet<String> = made.ids("one").union(&made.ids("two")).cloned().collect();
    let logged = made.exchanges.iter().filter(|one| pool.contains(text(one, "/account"))).count() as u64;
    assert_eq!(total, logged, "each campaign is told what it made");
}

#[test]
fn imitators_look_like_their_victim() {
    let firms = "[[population]]\nkind = 'enterprise'\naccounts = 60\nsize = 30\n";
    let made = make(24, &format!("{firms}[[framing]]\ntarget = 'enterprise'\naccounts = 12\n"), &seed(12));
    let framers = made::ids(&made.truth["framers"]);
    assert_eq!((framers.len(), made.ids("enterprise").len(), made.ids("enterprise_framed").len()), (12, 30, 30));
    let shown = |path: &str, own: &dyn Fn(&str) -> bool| -> BTreeSet<String> {
        let all = made.exchanges.iter().filter(|one| own(text(one, "/account")));
        all.map(|one| text(one, path).to_owned()).filter(|value| !value.is_empty()).collect()
    };
    let victims = made.ids("enterprise_framed");
    for path in ["/request/system", "/client/user_agent"] {
        let (imitated, genuine) = (shown(path, &|id| framers.contains(id)), shown(path, &|id| victims.contains(id)));
        assert_eq!(imitated, genuine, "{path}");
    }
    let cards: BTreeSet<&str> = framers.iter().map(|id| text(&made.accounts[id], "/payment")).collect();
    assert!(victims.iter().all(|id| !cards.contains(text(&made.accounts[id], "/payment"))));
}

#[test]
fn the_yardstick_is_whole() {
    let world = World::load("yardstick").unwrap();
    let options = range::GenerateOptions { scale: 0.12, ..seed(13) };
    let made = made::read_back(&world, &options);
    let mut ids = HashSet::new();
    for one in &made.exchanges {
        assert!(ids.insert(text(one, "/id")), "an id is there twice");
        let created = text(&made.accounts[text(one, "/account")], "/created_at");
        assert!(created < text(one, "/at"), "{one} comes before its account of {created}");
        assert!(!asked(one).is_empty());
    }
    let levels: Vec<&str> = made.truth["campaigns"].as_array().unwrap().iter().map(|one| text(one, "/level")).collect();
    assert_eq!(levels, ["T1", "T2", "T2", "T3", "T4"]);
    let known: BTreeSet<&str> = made.truth["benign"].as_object().unwrap().keys().map(String::as_str).collect();
    for kind in ["enterprise_framed", "shared_chat", "monitor", "quality_team", "chinese_writer", "programme", "twin"] {
        assert!(known.contains(kind), "{kind}");
    }
    assert!(!made.actions.is_empty());
}

#[test]
fn keys_are_set_for_every_campaign() {
    let set = |settings: &[(&str, &str)]| {
        let settings: Vec<(String, String)> =
            settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        World::load_with("frontier", &settings).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(set(&[("cover", "0.6"), ("exchanges", "28"), ("accounts", "50"), ("level", "T3")]), Ok(()));
    assert_eq!(set(&[("exchanges", "[10, 20]"), ("entity", "Some Lab")]), Ok(()));
    let error = set(&[("covr", "0.6")]).unwrap_err();
    assert!(error.contains("covr") && error.contains("rewriters") && error.contains("cover"), "{error}");
    assert!(set(&[("cover", "2.0")]).unwrap_err().contains("cover"));
    let settings = [("cover".to_owned(), "0.5".to_owned())];
    assert!(World::load_with("benign", &settings).unwrap_err().to_string().contains("no campaign"));
}
