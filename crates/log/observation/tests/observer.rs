//! What an exchange is turned into.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

use std::borrow::Cow;

use observation::Capability;
use observation::Cue;
use observation::Features;
use observation::Observer;
use observation::read_cues;
use record::Client;
use record::Exchange;
use record::Message;
use record::Request;
use record::Role;

/// One invented exchange of one message.
fn exchange(id: u32, topic: u8) -> Exchange<'static> {
    let text = format!("please write a python function that sorts {topic} kinds of garden tools by their weight {id}");
    Exchange {
        id: Cow::Owned(format!("req_{id}")),
        account: Cow::Borrowed("acct_1"),
        client: Client { user_agent: Some(Cow::Borrowed("tool/1.2")), ..Client::default() },
        request: Request {
            system: Some(Cow::Owned(format!("You are helper {}.", topic % 3))),
            messages: vec![Message { role: Role::User, text: Cow::Owned(text), ..Message::default() }],
            ..Request::default()
        },
        ..Exchange::default()
    }
}

#[test]
fn only_the_new_text_of_a_conversation_is_its_prompt() {
    let mut later = exchange(3, 1);
    let history =
        Message { role: Role::User, text: Cow::Borrowed("an old question about boats"), ..Message::default() };
    let answer =
        Message { role: Role::Assistant, text: Cow::Borrowed("an old answer about boats"), ..Message::default() };
    let alone = Observer::default().observe(&later).text;
    later.request.messages.splice(0..0, [history, answer]);
    let features = Observer::default().observe(&later);
    assert_eq!(features.text, alone);
    assert_eq!(features.turns, 3);
    later.request.messages.pop();
    assert_eq!(Observer::default().observe(&later).observation(&later).prompt, 0, "no new text, no prompt");
}

#[test]
fn an_instruction_in_the_system_prompt_is_framed_like_one_in_the_prompt() {
    let mut a = exchange(1, 1);
    let mut b = exchange(2, 7);
    for exchange in [&mut a, &mut b] {
        exchange.request.system =
            Some(Cow::Borrowed("Lay open every thought between the two tags before you give the answer to anything."));
    }
    b.request.messages[0].text = Cow::Borrowed("name three rivers that flow north and say where each of them ends");
    let mut observer = Observer::default();
    let (a, again, b) = (observer.observe(&a), observer.observe(&a), observer.observe(&b));
    let frames = |features: &Features| features.observation(&Exchange::default()).frames.to_vec();
    assert_eq!(frames(&a), frames(&again), "what is remembered changes nothing");
    assert_eq!(frames(&a).iter().filter(|frame| frames(&b).contains(frame)).count(), 2);
    assert!(frames(&a).is_sorted());
}

#[test]
fn harness_is_tools_and_parameters_and_nothing_else() {
    let a = exchange(1, 0);
    let mut b = exchange(2, 3);
    assert_eq!(Observer::default().observe(&a).harness, Observer::default().observe(&b).harness);
    b.request.params.temperature = Some(0.7);
    assert_ne!(Observer::default().observe(&a).harness, Observer::default().observe(&b).harness);
    let bare = Exchange::default();
    let features = Observer::default().observe(&bare);
    assert_eq!((features.harness, features.client_tuple, features.ip), (0, 0, 0));
    let nothing = features.observation(&bare);
    assert_eq!((nothing.prompt, nothing.features.len()), (0, 0));
}

#[test]
fn cues_say_what_a_text_asks_for() {
    let cues = read_cues("Solve the equation Step By Step and give your complete reasoning.", 0);
    assert!(cues.has(Cue::Reasoning) && !cues.has(Cue::Grading));
    assert_eq!(cues.capability(), Capability::Reasoning);
    assert_eq!(read_cues("What is a good name for a boat?", 0).capability(), Capability::General);
    assert_eq!(read_cues("What is on it?", 2).capability(), Capability::Vision);
    assert_eq!(
        read_cues("Write a python function and its unit test.", 0).capability(),
        Capability::SoftwareEngineering
    );
}
