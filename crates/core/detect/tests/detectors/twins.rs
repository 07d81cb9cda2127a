//! Each detector on what it is for, and on its benign twin.

use crate::exam::finding;
use crate::exam::is_silent;
use crate::exam::passes;
use crate::exam::sees;
use crate::town::Dice;
use crate::town::HOUR_US;
use crate::town::Life;
use crate::town::START_US;
use crate::town::town;

fn filled(dice: &mut Dice) -> String {
    let slot = dice.words(12);
    format!(
        "You are a careful senior engineer who is asked for a worked example. Here is the task for today: {slot}. \
         Write the solution in full, name each decision as you take it, and end with the final program alone."
    )
}

#[test]
fn template_family() {
    let name = "content.template_family";
    sees(name, |_, life| life.prompt = filled);
    // Half of the traffic is somebody's own.
    sees(name, |_, life| life.prompt = |dice| if dice.below(2) == 0 { filled(dice) } else { dice.words(20) });
    // A viral prompt that each tried once or twice in a month.
    passes(name, |_, life| {
        life.exchanges = 60;
        life.prompt = |dice| if dice.below(60) == 0 { filled(dice) } else { dice.words(20) };
    });
    passes(name, |_, _| {});
}

#[test]
fn template_family_in_the_system_prompt() {
    sees("content.template_family", |_, life| {
        life.system =
            Some("Lay open each thought between the two tags before the answer, and leave nothing of it out at all.");
    });
    passes("content.template_family", |_, life| life.system = Some("You are a helpful assistant."));
}

#[test]
fn reasoning_elicitation() {
    let name = "content.reasoning_elicitation";
    sees(name, |_, life| life.prompt = |dice| format!("{} show your complete reasoning step by step", dice.words(9)));
    passes(name, |_, _| {});
}

#[test]
fn prompt_distance() {
    let name = "content.prompt_distance";
    sees(name, |_, life| {
        life.prompt = |dice| format!("integral theorem lemma proof {} integral theorem lemma proof", dice.words(3))
    });
    passes(name, |_, _| {});
}

#[test]
fn shared_identity() {
    let name = "identity.shared_identity";
    sees(name, |number, life| life.account.payment = Some(format!("pool card {}", number / 8)));
    // A fingerprint of a common model is shared by chance all over the town.
    passes(name, |number, life| life.account.device = Some(format!("device {}", number * 7 % 4_000)));
    // A company shares with itself: it is one customer, and there is nobody to share with.
    is_silent(name, |_, life| {
        life.account.organization = Some("Thornfield Mills".to_owned());
        life.account.verified = vec!["business".to_owned()];
        life.account.payment = Some("company card".to_owned());
    });
}

#[test]
fn registration_burst() {
    let name = "identity.registration_burst";
    let together = |number: u64, life: &mut Life| {
        life.account.created_at_us = Some(START_US - 40 * HOUR_US + (number as i64 % 20) * 60_000_000);
    };
    sees(name, together);
    // A class registers from one campus, at one school.
    passes(name, |number, life| {
        together(number, life);
        life.account.email = Some(format!("student{number}@school.example"));
    });
    passes(name, |number, life| {
        together(number, life);
        life.account.signup_ip = Some("10.9.9.9".to_owned());
    });
    passes(name, |number, life| {
        together(number, life);
        life.account.referrer = Some("spring event".to_owned());
    });
}

#[test]
fn frozen_tuple() {
    let name = "client.frozen_tuple";
    sees(name, |_, life| life.tuple = ("client/1", 3));
    // Users of one tool, on their own systems.
    passes(name, |_, _| {});
    // A gateway that logs the user agent alone: nothing is known of what varies.
    is_silent(name, |_, life| life.tuple = ("client/1", u64::MAX));
    // A tool that nobody outside the group uses: nobody knows how much it varies.
    is_silent(name, |_, life| life.tuple = ("rare-tool/9", 3));
}

#[test]
fn egress_rotation() {
    let name = "client.egress_rotation";
    sees(name, |_, life| life.ip = |dice, _| format!("10.77.{}.{}", dice.below(90), dice.below(250)));
    passes(name, |_, _| {});
    // A class behind one address.
    passes(name, |_, life| life.ip = |_, _| "10.9.9.9".to_owned());
}

#[test]
fn shared_harness() {
    let name = "content.shared_harness";
    sees(name, |_, life| life.temperature = Some(0.123));
    // The system prompt is not part of it: its frames speak already.
    passes(name, |_, life| {
        life.system = Some("internal collector, build twelve, which nobody else has seen at all so far")
    });
    // A public agent: most who use its program are outside the group.
    let mut town = town(600, 300, 2, |_, life| life.temperature = Some(0.123));
    town.group.truncate(40);
    let score = finding(&town, name).map_or(1.0, |finding| finding.score);
    assert!(score < 20.0, "{score}");
}

#[test]
fn no_idle_hours() {
    let name = "rhythm.no_idle_hours";
    sees(name, |_, life| {
        life.exchanges = 60;
        life.hour = |dice| dice.below(24) as i64;
    });
    // Night workers have idle hours too, at another time of the clock.
    passes(name, |_, life| life.hour = |dice| (20 + dice.below(12) as i64) % 24);
}

#[test]
fn uniform_shares() {
    let name = "rhythm.uniform_shares";
    sees(name, |number, life| life.exchanges = 58 + number % 5);
    passes(name, |number, life| life.exchanges = 6 << (number % 6));
}
