//! `stillwatch audit` from the command line.

use std::fs;

use serde_json::Value;
use serde_json::json;

use crate::common::failed;
use crate::common::stillwatch;
use crate::common::succeed;
use crate::common::text;

/// Two answers to each of some prompts, and what a model says that remembers those that were served.
fn write(folder: &std::path::Path) {
    let words = |seed: usize| {
        (0..20).map(|at| format!("w{}", (seed * 7919 + at * at * 31) % 997)).collect::<Vec<_>>().join(" ")
    };
    let (mut ours, mut learned, mut other) = (String::new(), String::new(), String::new());
    for number in 0..40 {
        let prompt = format!("prompt {number}");
        for (at, served) in [number % 2 == 0, number % 2 == 1].into_iter().enumerate() {
            let answer = words(2 * number + at);
            if served {
                learned += &format!("{}\n", json!({"prompt": prompt, "answer": answer}));
            }
            ours += &format!(
                "{}\n",
                json!({"id": format!("{number}-{at}"), "prompt": prompt, "answer": answer, "served": served})
            );
        }
        other += &format!("{}\n", json!({"prompt": prompt, "answer": words(1_000 + number)}));
    }
    for (name, text) in
        [("ours", ours), ("learned", learned), ("other", other.clone()), ("strange", other.replace("w1", "v1"))]
    {
        fs::write(folder.join(name), text).unwrap();
    }
}

#[test]
fn a_model_that_repeats_served_answers_is_found_and_another_is_not() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let place = |name: &str| folder.path().join(name).display().to_string();
    let asked = |suspect: &str| {
        succeed(&[
            "audit",
            "--case",
            &place("ours"),
            "--suspect",
            &place(suspect),
            "--compare",
            &place("other"),
            "--json",
        ])
    };
    let found: Value = serde_json::from_str(&asked("learned")).unwrap();
    assert_eq!((&found["finding"], &found["design"]["kind"]), (&json!("trained"), &json!("second answers")), "{found}");
    let found: Value = serde_json::from_str(&asked("strange")).unwrap();
    assert_eq!(found["finding"], "not_shown", "{found}");
    let told =
        succeed(&["audit", "--case", &place("ours"), "--suspect", &place("learned"), "--compare", &place("other")]);
    assert!(told.starts_with("Trained on answers that the campaign was served."), "{told}");
    // What learned from the same answers is no comparison: the design is refused.
    let output =
        stillwatch(&["audit", "--case", &place("ours"), "--suspect", &place("other"), "--compare", &place("learned")]);
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("in the place of the suspect"));
}

#[test]
fn bad_files_are_named_with_the_line() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let (ours, bad) = (folder.path().join("ours"), folder.path().join("bad"));
    let other = folder.path().join("other");
    for (content, told) in [
        ("", "is empty"),
        ("{\"answer\":\"x\"}", "line 1"),
        ("{\"prompt\":\"none of ours\",\"answer\":\"x\"}", "answers none"),
    ] {
        fs::write(&bad, content).unwrap();
        let (status, error) =
            failed(&["audit", "--case", text(&ours), "--suspect", text(&bad), "--compare", text(&other)]);
        assert!(status == 2 && error.contains(told), "{content}: {status} {error}");
    }
    let (status, error) = failed(&["audit", "--case", text(&ours), "--suspect", text(&other)]);
    assert!(status == 2 && error.contains("--compare"), "{error}");
    let (status, error) = failed(&[
        "audit",
        "--case",
        text(&ours),
        "--suspect",
        text(&other),
        "--compare",
        text(&other),
        "--assignment-key",
        text(&bad),
    ]);
    assert!(status == 2 && error.contains("the key has it otherwise"), "{error}");
}
