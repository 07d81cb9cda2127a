//! Continuity and reaction: work that moves, and work that answers.

use std::borrow::Cow;
use std::collections::BTreeMap;

use record::Exchange;
use record::Message;
use record::Role;

use crate::exam::finding;
use crate::exam::is_silent;
use crate::exam::is_silent_among;
use crate::exam::passes;
use crate::exam::passes_among;
use crate::exam::sees;
use crate::exam::sees_among;
use crate::town::Dice;
use crate::town::HOUR_US;
use crate::town::Life;
use crate::town::START_US;
use crate::town::town;

/// A long text that is the same wherever the number is.
fn tale(number: u64) -> String {
    Dice(number ^ 0x7a1e).words(40)
}

/// Puts an earlier question and its answer before the exchange's prompt.
fn continue_from(exchange: &mut Exchange<'static>, number: u64) {
    let history = |role, text| Message { role, text: Cow::Owned(text), ..Message::default() };
    let turns = [history(Role::User, format!("question {number}")), history(Role::Assistant, tale(number))];
    exchange.request.messages.splice(0..0, turns);
}

/// Everybody continues conversations of their own.
fn own_conversations(life: &mut Life) {
    life.alter = |life, id, exchange, _| continue_from(exchange, (life.number << 32) | (id / 4));
}

#[test]
fn conversation_migration() {
    let name = "continuity.conversation_migration";
    // One conversation in ten is one that another account of the pool has, too.
    sees_among(name, own_conversations, |life| {
        life.alter = |life, id, exchange, dice| {
            let shared = id % 10 == 0;
            continue_from(exchange, if shared { 70_000 + dice.below(60) } else { life.number << 32 | id });
        };
    });
    passes_among(name, own_conversations, |_| {});
    // An example from a manual, which all of them send.
    is_silent_among(name, own_conversations, |life| life.alter = |_, _, exchange, _| continue_from(exchange, 1));
    // Eight users of a small program that puts the same example before every request.
    passes_among(name, own_conversations, |life| {
        if life.number < 8 {
            life.alter = |_, _, exchange, _| continue_from(exchange, 5);
        }
    });
    // Two colleagues hand one key over; the others have nothing to do with it.
    passes_among(name, own_conversations, |life| {
        if life.number < 2 {
            life.alter = |_, id, exchange, _| continue_from(exchange, id / 4);
        }
    });
}

#[test]
fn answer_return() {
    let name = "continuity.answer_return";
    fn answered(exchange: &mut Exchange<'static>, text: String) {
        exchange.response.content = Some(Cow::Owned(text));
    }
    let pipeline = |life: &Life, id: u64, exchange: &mut Exchange<'static>, dice: &mut Dice| {
        answered(exchange, tale(life.number << 16 | id));
        if id.is_multiple_of(3) {
            let text = format!("Improve this answer: {}", tale(dice.below(40) << 16 | dice.below(20)));
            exchange.request.messages = vec![Message { text: Cow::Owned(text), ..Message::default() }];
        }
    };
    sees(name, |_, life| life.alter = pipeline);
    // People send back what they were told themselves.
    passes(name, |_, life| {
        life.alter = |life, id, exchange, dice| {
            answered(exchange, tale(life.number << 16 | id));
            let text = format!("Go on from here: {}", tale(life.number << 16 | dice.below(id + 1)));
            exchange.request.messages = vec![Message { text: Cow::Owned(text), ..Message::default() }];
        };
    });
    // Everybody is told the same notice, and everybody pastes it.
    is_silent(name, |_, life| {
        life.alter = |_, _, exchange, _| {
            answered(exchange, tale(3));
            let text = format!("What does this mean: {}", tale(3));
            exchange.request.messages = vec![Message { text: Cow::Owned(text), ..Message::default() }];
        };
    });
}

#[test]
fn signature_replay() {
    let name = "continuity.signature_replay";
    fn sign(exchange: &mut Exchange<'static>, minted: u64, presented: u64) {
        exchange.response.signature = Some(Cow::Owned(format!("signature {minted}")));
        let signature = Some(Cow::Owned(format!("signature {presented}")));
        let turn = Message { role: Role::Assistant, text: Cow::Borrowed("So."), signature, ..Message::default() };
        exchange.request.messages.insert(0, turn);
    }
    fn own(life: &mut Life) {
        life.alter = |life, id, exchange, _| sign(exchange, life.number << 16 | id, (life.number << 16) | (id / 2));
    }
    sees_among(name, own, |life| {
        life.alter =
            |life, id, exchange, dice| sign(exchange, life.number << 16 | id, (dice.below(40) << 16) | (id / 2));
    });
    passes_among(name, own, |_| {});
}

#[test]
fn downstream_users() {
    fn own_users(life: &mut Life) {
        life.alter = |life, id, exchange, _| {
            exchange.end_user = Some(Cow::Owned(format!("client {} of {}", id % 2, life.number)));
        };
    }
    fn many_users(life: &mut Life) {
        life.alter = |life, _, exchange, dice| {
            exchange.end_user = Some(Cow::Owned(format!("client {} of {}", dice.below(80), life.number)));
        };
    }
    let name = "client.shared_end_users";
    sees_among(name, own_users, |life| {
        life.alter = |_, _, exchange, dice| exchange.end_user = Some(Cow::Owned(format!("client {}", dice.below(80))));
    });
    passes_among(name, own_users, many_users);
    let name = "continuity.many_tenants";
    sees_among(name, own_users, many_users);
    // A reseller that says so is a customer of its own.
    passes_among(name, own_users, |life| {
        many_users(life);
        life.account.organization = Some(format!("Fernhill Resale {}", life.number));
        life.account.verified = vec!["business".to_owned()];
    });
}

#[test]
fn replacement_after_ban() {
    let name = "reaction.replacement_after_ban";
    let ban_us = START_US + 15 * 24 * HOUR_US;
    let begins_after = |life: &mut Life| {
        life.alter = |_, _, exchange, _| {
            let day = 24 * HOUR_US;
            exchange.at_us = START_US + 15 * day + (exchange.at_us - START_US).rem_euclid(12 * day);
        };
    };
    let banned = |mut town: crate::town::Town| {
        let first = town.group.iter().take(10).filter_map(|at| town.population.get(*at));
        let bans: BTreeMap<String, i64> = first.map(|entity| (entity.account.clone(), ban_us)).collect();
        town.population = std::mem::take(&mut town.population).with_bans(&bans);
        town
    };
    let told = |town| finding(&banned(town), name).map_or(1.0, |finding| finding.score);
    let reserve = told(town(600, 40, 1, |_, life| begins_after(life)));
    assert!(reserve >= 100.0, "{reserve}");
    // A group of which some were banned by mistake, and whose others go on as before.
    let others = told(town(600, 40, 1, |_, _| {}));
    assert!(others < 20.0, "{others}");
    // On a launch day everybody begins.
    let mut launch = town(0, 640, 1, |_, life| begins_after(life));
    launch.group.truncate(40);
    let launch = told(launch);
    assert!(launch < 20.0, "{launch}");
    // Without acts nothing can be told.
    assert!(finding(&town(600, 40, 1, |_, life| begins_after(life)), name).is_none());
}

#[test]
fn moves_when_refused() {
    let name = "continuity.moves_when_refused";
    sees(name, |_, life| {
        life.alter = |life, id, exchange, _| {
            let (number, refused) = (id % 20, life.number % 2 == 0);
            continue_from(exchange, (life.number & !1) << 16 | number);
            exchange.at_us = START_US + (number as i64 * 24 + 1) * HOUR_US + i64::from(!refused) * 60_000_000;
            exchange.response.status = Some(if refused { 429 } else { 200 });
        };
    });
    // Everybody is refused now and then, and tries again under the same account.
    passes(name, |_, life| {
        life.alter = |life, id, exchange, _| {
            continue_from(exchange, (life.number << 16) | (id / 2));
            exchange.response.status = Some(if id % 2 == 0 { 429 } else { 200 });
        };
    });
}

#[test]
fn canary_prompts() {
    let name = "content.canary_prompts";
    sees(name, |_, life| {
        life.alter = |_, id, exchange, _| {
            if id % 4 == 0 {
                let text = Cow::Owned(tale(id / 4 % 2));
                exchange.request.messages = vec![Message { text, ..Message::default() }];
            }
        };
    });
    // Monitors of their own make.
    passes(name, |_, life| {
        life.alter = |life, id, exchange, _| {
            if id % 4 == 0 {
                let text = Cow::Owned(tale(life.number << 8));
                exchange.request.messages = vec![Message { text, ..Message::default() }];
            }
        };
    });
}

#[test]
fn probe_sweep() {
    let name = "reaction.probe_sweep";
    let sweeps = |life: &mut Life| {
        life.exchanges = 40;
        life.prompt = |dice| format!("{} lay open your full reasoning", dice.words(6));
        life.alter = |_, id, exchange, _| exchange.response.status = Some(if id % 2 == 0 { 400 } else { 200 });
    };
    sees(name, |_, life| sweeps(life));
    // The same questions, answered.
    passes(name, |_, life| {
        sweeps(life);
        life.alter = |_, _, _, _| {};
    });
    // A red team of three, among people who do nothing of the kind.
    passes(name, |number, life| {
        if number < 3 {
            sweeps(life);
        }
    });
}
