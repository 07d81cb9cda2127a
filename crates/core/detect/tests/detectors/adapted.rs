//! Content, identity, client and rhythm of adversaries who adapt.

use std::borrow::Cow;

use cohort::Lists;
use record::Exchange;
use sketch::hash::value_hash;

use crate::exam::finding;
use crate::exam::is_silent;
use crate::exam::passes;
use crate::exam::passes_among;
use crate::exam::sees;
use crate::exam::sees_among;
use crate::town::Dice;
use crate::town::HOUR_US;
use crate::town::Life;
use crate::town::START_US;
use crate::town::town;

const DAY_US: i64 = 24 * HOUR_US;

/// The same request in ever other words: clauses in any order, each in one of several wordings.
fn paraphrased(dice: &mut Dice) -> String {
    let clauses: [[&str; 4]; 4] = [
        [
            "careful senior engineer",
            "as a senior engineer, careful",
            "engineer, senior and careful",
            "careful engineer",
        ],
        ["explain every decision", "every decision wants explaining", "decisions: explain each", "explain decisions"],
        ["finish with the program", "the finished program last", "program at the finish", "final finished program"],
        ["worked example wanted", "give a worked example", "an example, fully worked", "example worked through"],
    ];
    let mut order = [0, 1, 2, 3];
    for at in (1..4).rev() {
        order.swap(at, dice.below(at as u64 + 1) as usize);
    }
    let mut text = String::new();
    for clause in order {
        text += clauses[clause][dice.below(4) as usize];
        text += &format!(" {} ", dice.words(1 + dice.clone().below(3) as usize));
    }
    text + &dice.words(12)
}

#[test]
fn paraphrase_family() {
    let name = "content.paraphrase_family";
    sees(name, |_, life| life.prompt = paraphrased);
    // Six in ten prompts are somebody's own.
    sees(name, |_, life| life.prompt = |dice| if dice.below(10) < 4 { paraphrased(dice) } else { dice.words(20) });
    passes(name, |_, _| {});
    // One trade's users everywhere: the group is nothing special among them.
    let mut trade = town(0, 640, 1, |_, life| life.prompt = paraphrased);
    trade.group.truncate(40);
    let score = finding(&trade, name).map_or(1.0, |finding| finding.score);
    assert!(score < 20.0, "{score}");
}

#[test]
fn alike_meaning() {
    let name = "content.alike_meaning";
    sees(name, |_, life| life.prompt = |dice| if dice.below(10) < 4 { paraphrased(dice) } else { dice.words(20) });
    passes(name, |_, _| {});
    // Each far from the crowd, and each in its own direction.
    passes(name, |number, life| {
        life.alter = |life, _, exchange, _| {
            let word = Dice(life.number).words(1);
            exchange.request.messages.iter_mut().for_each(|message| message.text = Cow::Owned(word.repeat(12)));
        };
        life.number = number;
    });
}

fn filled(dice: &mut Dice) -> String {
    let slot = dice.words(9);
    format!("Write a short program for the task that stands below and say what each line does: {slot}")
}

#[test]
fn dealt_tasks() {
    let name = "content.dealt_tasks";
    sees(name, |_, life| life.prompt = filled);
    // A class fills the same wording with the same ten exercises.
    passes(name, |_, life| {
        life.prompt = |dice| {
            let exercise = dice.below(10);
            format!("Write a short program for the task that stands below and say what each line does: {exercise}")
        };
    });
    passes(name, |_, _| {});
}

#[test]
fn focused_coverage() {
    let name = "content.focused_coverage";
    let crowd = |life: &mut Life| {
        life.prompt = |dice| {
            let topic =
                ["python function", "theorem to prove", "csv dataset", "", "", "picture"][dice.below(6) as usize];
            format!("{topic} {}", dice.words(8))
        };
    };
    let focused = |life: &mut Life| life.prompt = |dice| format!("python function {}", dice.words(8));
    let mut mixed = town(0, 640, 1, |number, life| if number < 40 { focused(life) } else { crowd(life) });
    mixed.group.truncate(40);
    let score = finding(&mixed, name).map_or(1.0, |finding| finding.score);
    assert!(score >= 100.0, "{score}");
    // A product keeps to its purpose and repeats itself.
    let product = |life: &mut Life| life.prompt = |dice| format!("python function {}", dice.below(4));
    let mut mixed = town(0, 640, 1, |number, life| if number < 40 { product(life) } else { crowd(life) });
    mixed.group.truncate(40);
    let score = finding(&mixed, name).map_or(1.0, |finding| finding.score);
    assert!(score < 20.0, "{score}");
}

#[test]
fn grading_loop() {
    fn now_and_then(life: &mut Life) {
        life.prompt = |dice| if dice.below(30) == 0 { "use the rubric".to_owned() } else { dice.words(12) };
    }
    let name = "content.grading_loop";
    sees_among(name, now_and_then, |life| {
        life.prompt = |dice| format!("Grade the answer with the rubric: {}", dice.words(12));
    });
    passes_among(name, now_and_then, |_| {});
}

#[test]
fn model_probing() {
    let name = "content.model_probing";
    sees(name, |_, life| life.alter = |_, id, exchange, _| exchange.request.params.logprobs = Some(id % 3 == 0));
    passes(name, |_, life| life.alter = |_, id, exchange, _| exchange.request.params.logprobs = Some(id == 0));
}

#[test]
fn address_pattern() {
    let name = "identity.address_pattern";
    sees(name, |number, life| life.account.email = Some(format!("k{:07}x@mail1.example", number * 7_919)));
    // A school's own scheme at its own domain.
    is_silent(name, |number, life| life.account.email = Some(format!("s{number:04}@school.example")));
    // Names and numbers of any length, as everybody has them.
    passes(name, |_, _| {});
}

#[test]
fn programme_cohort() {
    let name = "identity.programme_cohort";
    sees(name, |number, life| {
        life.account.kind = Some("education".to_owned());
        life.account.email = Some(format!("someone{number}@mail2.example"));
    });
    // A cohort with its school's addresses.
    passes(name, |number, life| {
        life.account.kind = Some("education".to_owned());
        life.account.email = Some(format!("someone{number}@school.example"));
    });
}

#[test]
fn lists_that_the_user_gave() {
    let lists = Lists { disposable_domains: [value_hash("minutes.example")].into(), hosting_asns: [64_500].into() };
    let told = |name, change: fn(u64, &mut Life), lists: &Lists| {
        let mut town = town(0, 640, 1, |number, life| {
            life.alter = |_, _, exchange, _| exchange.client.asn = Some(64_502);
            if number < 40 {
                change(number, life);
            }
        });
        town.group.truncate(40);
        town.population = std::mem::take(&mut town.population).with_lists(lists.clone());
        finding(&town, name).map(|finding| finding.score)
    };
    let disposable: fn(u64, &mut Life) = |number, life| life.account.email = Some(format!("a{number}@minutes.example"));
    let hosted: fn(u64, &mut Life) = |_, life| life.alter = |_, _, exchange, _| exchange.client.asn = Some(64_500);
    let at_home: fn(u64, &mut Life) = |_, life| life.alter = |_, _, exchange, _| exchange.client.asn = Some(64_501);
    for (name, seen) in [("identity.disposable_domain", disposable), ("client.hosting_egress", hosted)] {
        assert!(told(name, seen, &lists).is_some_and(|e| e >= 100.0), "{name}");
        assert!(told(name, at_home, &lists).unwrap_or(1.0) < 20.0, "{name}");
        assert!(told(name, seen, &Lists::default()).is_none(), "{name} speaks without a list");
    }
}

#[test]
fn agent_contradiction() {
    let name = "client.agent_contradiction";
    fn fingerprint(exchange: &mut Exchange<'static>, ja4: &'static str) {
        exchange.client.ja4 = Some(Cow::Borrowed(ja4));
    }
    // What everybody else's program shows.
    let told = |ja4_of_group: fn(&Life, u64, &mut Exchange<'static>, &mut Dice)| {
        let mut town = town(0, 640, 1, |number, life| {
            life.alter = if number < 40 { ja4_of_group } else { |_, _, exchange, _| fingerprint(exchange, "usual") };
        });
        town.group.truncate(40);
        finding(&town, name).map_or(1.0, |finding| finding.score)
    };
    let imitation = told(|_, _, exchange, _| fingerprint(exchange, "imitated"));
    assert!(imitation >= 100.0, "{imitation}");
    let true_client = told(|_, _, exchange, _| fingerprint(exchange, "usual"));
    assert!(true_client < 20.0, "{true_client}");
}

#[test]
fn pooled_sessions() {
    let name = "client.pooled_sessions";
    fn talk(exchange: &mut Exchange<'static>, session: u64, conversation: u64) {
        exchange.conversation = Some(Cow::Owned(format!("session {session}")));
        exchange.response.content = Some(Cow::Owned(Dice(conversation).words(30)));
    }
    fn one_each(life: &mut Life) {
        life.exchanges = 30;
        life.alter = |life, id, exchange, _| talk(exchange, life.number << 16 | id, life.number << 16 | id);
    }
    sees_among(name, one_each, |life| {
        life.alter = |life, id, exchange, _| talk(exchange, (life.number << 8) | (id % 3), life.number << 16 | id);
    });
    passes_among(name, one_each, |_| {});
}

#[test]
fn steady_quota() {
    let name = "rhythm.steady_quota";
    sees(name, |_, life| {
        life.exchanges = 40;
        life.alter =
            |_, id, exchange, _| exchange.at_us = START_US + (id as i64 / 2) * DAY_US + id as i64 % 2 * HOUR_US;
    });
    passes(name, |_, _| {});
}

#[test]
fn complementary_load() {
    let name = "rhythm.complementary_load";
    // Five shifts, turn and turn about.
    sees(name, |_, life| {
        life.exchanges = 120;
        life.alter = |life, _, exchange, dice| {
            let turn = dice.below(6) as i64 * 5 + life.number as i64 % 5;
            exchange.at_us = START_US + turn * DAY_US;
        };
    });
    passes(name, |_, _| {});
}

#[test]
fn model_swing() {
    let name = "rhythm.model_swing";
    let told = |group: fn(&Life, u64, &mut Exchange<'static>, &mut Dice)| {
        let mut town = town(0, 640, 1, |number, life| {
            life.exchanges = 240;
            life.alter = if number < 40 {
                group
            } else {
                |life, _, exchange, _| {
                    // One in five goes over, each in its own time.
                    let late = START_US + (12 + life.number as i64 % 15) * DAY_US;
                    let new = life.number % 5 == 0 && exchange.at_us > late;
                    exchange.request.model = Some(Cow::Borrowed(if new { "m-next" } else { "m-large" }));
                }
            };
        });
        town.group.truncate(40);
        finding(&town, name).map_or(1.0, |finding| finding.score)
    };
    let pivot = told(|_, _, exchange, dice| {
        let new = exchange.at_us > START_US + 12 * DAY_US && dice.below(2) == 0;
        exchange.request.model = Some(Cow::Borrowed(if new { "m-next" } else { "m-large" }));
    });
    assert!(pivot >= 100.0, "{pivot}");
    let stayed = told(|_, _, exchange, _| exchange.request.model = Some(Cow::Borrowed("m-large")));
    assert!(stayed < 20.0, "{stayed}");
}

#[test]
fn instant_plan() {
    let name = "rhythm.instant_plan";
    let told = |group: fn(&Life, u64, &mut Exchange<'static>, &mut Dice)| {
        let mut town = town(0, 640, 1, |number, life| {
            life.exchanges = 60;
            life.account.created_at_us = Some(START_US - HOUR_US);
            life.alter = if number < 40 {
                group
            } else {
                // A slow beginning, and more from week to week.
                |_, id, exchange, _| {
                    let day = (id as f64).sqrt() as i64 * 3;
                    exchange.at_us = START_US + day * DAY_US;
                }
            };
        });
        town.group.truncate(40);
        finding(&town, name).map_or(1.0, |finding| finding.score)
    };
    let at_once = told(|_, id, exchange, _| exchange.at_us = START_US + (id as i64 / 6) * DAY_US);
    assert!(at_once >= 100.0, "{at_once}");
    let slow = told(|_, id, exchange, _| exchange.at_us = START_US + (id as f64).sqrt() as i64 * 3 * DAY_US);
    assert!(slow < 20.0, "{slow}");
}
