//! The honest kinds that look like a campaign, measured by what they look like.

mod made;

use std::collections::{BTreeSet, HashMap, HashSet};

use made::{asked, make, messages, people, runs, seed, text};
use range::{GenerateOptions, TextVoice};

#[test]
fn monitors_repeat_and_schedules_are_steady() {
    let made = make(20, &(people("monitor", 40) + &people("cron_fleet", 20)), &seed(1));
    let mut prompts: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for one in made.of("monitor") {
        prompts.entry(asked(one)).or_default().insert(text(one, "/account"));
    }
    assert!(prompts.len() < 120, "{} prompts", prompts.len());
    assert!(prompts.values().any(|accounts| accounts.len() > 4), "strangers run one tool");
    let mut days: HashMap<String, Vec<f64>> = HashMap::new();
    for ((account, _), count) in made.daily("cron_fleet") {
        days.entry(account).or_default().push(f64::from(count));
    }
    for counts in days.values().filter(|counts| counts.len() > 10) {
        let mean = counts.iter().sum::<f64>() / counts.len() as f64;
        let far = counts.iter().filter(|count| (*count - mean).abs() > 3.0).count();
        assert!(far * 5 <= counts.len(), "{counts:?}");
    }
}

#[test]
fn histories_and_answers_travel_among_strangers() {
    let tables =
        people("shared_chat", 80) + &people("few_shot_app", 40) + &people("paster", 24) + &people("quality_team", 8);
    let made = make(20, &tables, &seed(2));
    let sizes =
        |kind: &str| -> Vec<usize> { made.holders(kind).iter().map(BTreeSet::len).filter(|size| *size > 1).collect() };
    let chats = sizes("shared_chat");
    assert!(chats.len() > 5 && chats.iter().any(|size| *size < 5), "{chats:?}");
    assert!(sizes("few_shot_app").iter().any(|size| *size > 2), "strangers ship the same examples");
    let pasted = made.returns("paster");
    assert!((12..40).contains(&pasted.len()), "{} are pasted", pasted.len());
    assert!(pasted.iter().all(|(from, given, to, back)| from != to && given < back));
    assert!(made.returns("quality_team").len() > 60);
    assert!(made.ids("quality_team").iter().all(|id| made.accounts[id]["organization"].is_null()));
}

#[test]
fn testers_and_programmes_have_their_marks() {
    let tables = people("red_teamer", 8) + &people("programme", 60) + &people("chinese_writer", 60);
    let made = make(20, &tables, &seed(3));
    let teams = made.of("red_teamer");
    let refused = teams.iter().filter(|one| one["response"]["stop_reason"] == "refusal").count();
    assert!(refused * 10 > teams.len(), "{refused} of {}", teams.len());
    let referrers: BTreeSet<&str> =
        made.ids("programme").iter().map(|id| text(&made.accounts[id], "/referrer")).collect();
    assert!(referrers.len() == 2 && referrers.iter().all(|referrer| !referrer.is_empty()));
    let chinese = made.of("chinese_writer");
    let foreign = chinese.iter().filter(|one| !asked(one).is_ascii()).count();
    assert!(foreign * 2 > chinese.len());
    let clouds: BTreeSet<bool> = chinese.iter().map(|one| text(one, "/client/ip").starts_with("198.18.")).collect();
    assert_eq!(clouds.len(), 2, "at home and on clouds");
}

#[test]
fn both_voices_tell_the_same_world_in_other_words() {
    let tables = people("individual", 120)
        + &people("agent_users", 40)
        + &people("class", 40)
        + &made::campaign("c", "T1", 40, "");
    let voice = |voice| make(14, &tables, &GenerateOptions { voice: Some(voice), ..seed(4) });
    let (first, second) = (voice(TextVoice::First), voice(TextVoice::Second));
    assert_eq!(first.truth["benign"], second.truth["benign"]);
    let all =
        |made: &made::Made| -> HashSet<String> { made.exchanges.iter().flat_map(|one| runs(asked(one), 5)).collect() };
    let (a, b) = (all(&first), all(&second));
    let common = a.intersection(&b).count();
    assert!(common * 500 < a.len().min(b.len()), "{common} runs of five words are common");
    // The structures are there in the second voice as well.
    let mut heads: HashMap<String, u32> = HashMap::new();
    let single: Vec<_> = second.of("c").into_iter().filter(|one| messages(one).len() == 1).collect();
    for one in &single {
        *heads.entry(asked(one).split_whitespace().take(8).collect::<Vec<_>>().join(" ")).or_default() += 1;
    }
    let repeated: u32 = heads.values().filter(|count| **count > 5).sum();
    assert!(repeated as usize * 10 > single.len() * 9, "templates");
    assert!(second.exchanges.iter().all(|one| messages(one).iter().all(|part| !text(part, "/content").is_empty())));
}

#[test]
fn an_agency_of_forty_has_a_domain_and_a_small_one_may_have_none() {
    let domains = |tables: &str, first: u64| -> BTreeSet<String> {
        let of_world = |number: u64| {
            let made = make(4, tables, &seed(number));
            let mailbox =
                |id: &String| text(&made.accounts[id], "/email").rsplit_once('@').map(|(_, at)| at.to_owned());
            made.ids("template_agency").iter().filter_map(mailbox).collect::<Vec<_>>()
        };
        (first..first + 8).flat_map(of_world).collect()
    };
    let anybodys = |domains: &BTreeSet<String>| domains.contains("mailhaven.example");
    assert!(!anybodys(&domains(&people("template_agency", 40), 1)));
    assert!(anybodys(&domains(&(people("template_agency", 20) + "size = 20\n"), 1)));
}
