//! What people save for themselves, and rules made of questions, over the API of the real binary.

use serde_json::Value;
use serde_json::json;

use crate::api::Served;
use crate::api::is_problem;
use crate::api::token;
use crate::api_draft::Asker;
use crate::api_sessions::empty;

#[test]
fn what_is_saved_is_for_who_saved_it() {
    let folder = tempfile::tempdir().unwrap();
    let (data, found) = empty(folder.path());
    let [ann, bob] = ["ann", "bob"].map(|who| token(&data, who, "reader"));
    let served = Served::start(&data, &found, &[]);
    let [ann, bob] = [ann, bob].map(|token| Asker { served: &served, token });
    let hostile = "<script>alert(1)</script> \u{202e}gnp.exe";
    let body = json!({ "kind": "question", "name": hostile, "query": "q=status%3A429&top=model" });
    let (status, saved, _) = ann.ask("POST", "saved", None, &body);
    assert_eq!(
        (status, &saved["items"][0]["name"], &saved["items"][0]["query"]),
        (200, &hostile.into(), &body["query"])
    );
    assert_eq!(bob.get("saved")["items"], json!([]));
    let path = format!("saved/{}", saved["items"][0]["id"].as_str().unwrap());
    for method in ["PATCH", "DELETE"] {
        let body = if method == "PATCH" { json!({ "name": "mine" }) } else { Value::Null };
        is_problem(&bob.ask(method, &path, None, &body), 404);
    }
    let renamed = ann.ask("PATCH", &path, None, &json!({ "name": "Refused requests" })).1;
    assert_eq!(renamed["items"][0]["name"], "Refused requests");
    for bad in [
        json!({ "kind": "other", "name": "a", "query": "" }),
        json!({ "kind": "queue", "name": "", "query": "" }),
        json!({ "kind": "queue", "name": "a", "query": "x\ny" }),
    ] {
        let answer = ann.ask("POST", "saved", None, &bad);
        assert!(matches!(answer.0, 400 | 422), "{bad}: {}", answer.1);
    }
    assert_eq!(ann.ask("DELETE", &path, None, &Value::Null).1["items"], json!([]));
    // A question is a rule where the policy has words for it.
    let made = ann.get("explore/rule?q=logprobs%3Atrue");
    assert!(made["rule"].as_str().unwrap().contains("context.asks.contains(Capability::\"logprobs\")"), "{made}");
    let none = ann.get("explore/rule?q=logprobs%3Atrue%20model%3Am-large");
    assert!(none["rule"].is_null() && none["terms"][1]["condition"].is_null(), "{none}");
    assert_eq!(none["terms"][1]["term"], "model:m-large");
    is_problem(&ann.ask("GET", "explore/rule?q=nonsense", None, &Value::Null), 400);
}
