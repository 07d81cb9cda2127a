//! A change of the rules by two people, over the API of the real binary.

use std::fs;
use std::path::Path;

use serde_json::Value;
use serde_json::json;

use crate::api::Served;
use crate::api::is_problem;
use crate::api::token;
use crate::common::succeed;
use crate::common::text;
use crate::common::world;

pub type Answer = (u16, Value, ureq::http::HeaderMap);

/// Who is asking, with the address of the server.
pub struct Asker<'s> {
    pub served: &'s Served,
    pub token: String,
}

impl Asker<'_> {
    pub fn ask(&self, method: &str, path: &str, saw: Option<u64>, body: &Value) -> Answer {
        let request = ureq::http::Request::builder().method(method).uri(format!("{}/api/v1/{path}", self.served.url));
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let mut request = request.header("content-type", "application/json");
        if let Some(saw) = saw {
            request = request.header("if-match", format!("\"{saw}\""));
        }
        let request = request.body(if body.is_null() { String::new() } else { body.to_string() }).unwrap();
        let mut response = self.served.agent.run(request).unwrap();
        let body = response.body_mut().read_to_string().unwrap();
        let value = serde_json::from_str(&body).unwrap_or(Value::String(body));
        (response.status().as_u16(), value, response.headers().clone())
    }

    pub fn get(&self, path: &str) -> Value {
        let (status, value, _) = self.ask("GET", path, None, &Value::Null);
        assert_eq!(status, 200, "{path}: {value}");
        value
    }

    fn begin(&self, from: &str) -> u64 {
        let answer = self.ask("POST", "draft", None, &json!({ "from": from }));
        assert_eq!(answer.0, 200, "{}", answer.1);
        version(&answer)
    }

    fn write(&self, name: &str, saw: u64, text: &str) -> Answer {
        self.ask("PUT", &format!("draft/files/{name}"), Some(saw), &json!({ "text": text }))
    }

    fn act(&self, act: &str, saw: u64) -> Answer {
        self.ask("POST", "draft/acts", Some(saw), &json!({ "act": act, "why": format!("{act} <b>\u{202e}it</b>") }))
    }
}

fn version(answer: &Answer) -> u64 {
    let version = answer.1["version"].as_u64().unwrap_or_else(|| panic!("{}", answer.1));
    assert_eq!(answer.2["etag"], format!("\"{version}\"").as_str());
    version
}

fn is_refused(answer: &Answer, status: u16, code: &str) {
    is_problem(answer, status);
    assert_eq!(answer.1["code"], code, "{}", answer.1);
}

#[test]
fn two_people_change_the_rules() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), "7", "0.2");
    let (data, out, rules) = (folder.path().join("data"), folder.path().join("out"), folder.path().join("rules"));
    let (log, accounts) = (text(&world.log), text(&world.accounts));
    succeed(&["hunt", log, "--accounts", accounts, "--data-dir", text(&data), "--out", text(&out), "--quiet"]);
    succeed(&["policy", "init", text(&rules)]);
    let tokens = [("rita", "reader"), ("pat", "policy"), ("Pat", "second"), ("sue", "second")];
    let [rita, pat, capital, sue] = tokens.map(|(who, role)| token(&data, who, role));
    // Without a folder there is nothing that could be changed.
    let served = Served::start(&data, &out, &[]);
    let answer = Asker { served: &served, token: pat.clone() }.ask("POST", "draft", None, &json!({ "from": "live" }));
    is_refused(&answer, 503, "no_folder");
    assert!(answer.1["detail"].as_str().unwrap().contains("serve --policies DIR"));
    drop(served);
    let served = Served::start(&data, &out, &["--policies", text(&rules)]);
    let [rita, pat, capital, sue] = [rita, pat, capital, sue].map(|token| Asker { served: &served, token });
    is_refused(&pat.ask("GET", "draft", None, &Value::Null), 404, "not_found");
    is_refused(&rita.ask("POST", "draft", None, &json!({ "from": "live" })), 403, "not_your_role");
    is_refused(&pat.ask("POST", "draft", None, &json!({ "from": "earlier" })), 404, "not_found");
    let first = pat.begin("live");
    is_refused(&pat.ask("POST", "draft", None, &json!({ "from": "live" })), 409, "draft_open");
    let quiet = edits(&pat, &rita, first, &rules);
    is_compared_as_the_command_does(&rita, folder.path(), &out, &quiet);
    // One proposes, another approves; who proposed may not, under whatever spelling of the name.
    let saw = version(&pat.ask("GET", "draft", None, &Value::Null));
    is_refused(&sue.act("approve", saw), 409, "not_proposed");
    let saw = version(&pat.act("propose", saw));
    is_refused(&pat.write("README.md", saw, "words"), 409, "proposed");
    is_refused(&pat.act("approve", saw), 403, "not_your_role");
    is_refused(&capital.act("approve", saw), 409, "not_allowed");
    is_refused(&sue.act("approve", saw - 1), 412, "changed_since");
    let saw = version(&sue.act("reject", saw));
    assert_eq!(rita.get("draft")["rejected"]["by"], "sue");
    let saw = version(&pat.act("propose", saw));
    assert_eq!(rita.get("rules/ladder.watch")["mode"], "live");
    let (status, deployed, _) = sue.act("approve", saw);
    assert_eq!((status, &deployed["proposed"]["by"], &deployed["approved"]["by"]), (201, &"pat".into(), &"sue".into()));
    assert_eq!(rita.get("rules/ladder.watch")["mode"], "shadow", "the running program has them");
    assert_eq!(fs::read_to_string(rules.join("ladder.cedar")).unwrap(), quiet);
    let audit = &rita.get("audit?newest=true&limit=1")["items"][0];
    assert_eq!(
        (&audit["kind"], &audit["act"], &audit["who"]),
        (&"rules".into(), &"deploy_rules".into(), &"sue".into())
    );
    assert_eq!((&audit["entry"], &audit["why"]), (&deployed["entry"], &"approve <b>\u{202e}it</b>".into()));
    succeed(&["ledger", "verify", "--data-dir", text(&data)]);
    is_undone(&pat, &sue, &rules, &deployed);
    // Who changes the folder by hand is not overtaken.
    let saw = version(&pat.write("README.md", pat.begin("live"), "words"));
    fs::write(rules.join("README.md"), "by hand").unwrap();
    is_refused(&pat.act("propose", saw), 409, "live_changed");
    assert_eq!(pat.ask("DELETE", "draft", Some(saw), &Value::Null).0, 204);
    is_refused(&pat.ask("GET", "draft", None, &Value::Null), 404, "not_found");
}

/// Edits the draft, with mistakes on the way; the text of the file that was changed.
fn edits(pat: &Asker<'_>, rita: &Asker<'_>, first: u64, rules: &Path) -> String {
    let ladder = rita.get("draft/files/ladder.cedar")["text"].as_str().unwrap().to_owned();
    assert_eq!(ladder, fs::read_to_string(rules.join("ladder.cedar")).unwrap());
    is_refused(&pat.ask("PUT", "draft/files/ladder.cedar", None, &json!({ "text": "" })), 428, "say_what_you_saw");
    is_refused(&rita.write("ladder.cedar", first, ""), 403, "not_your_role");
    for name in ["schema.cedarschema", "..%2fx.cedar", "tests/..%2fx.toml", "%2fetc%2fx.cedar"] {
        is_refused(&pat.write(name, first, ""), 400, "bad_request");
    }
    let wrong = ladder.replacen("principal.verdict.corroboration >= 3", "principal.verdict.corroborations >= 3", 1);
    assert_ne!(wrong, ladder);
    let saw = version(&pat.write("ladder.cedar", first, &wrong));
    is_refused(&pat.write("ladder.cedar", first, &ladder), 412, "changed_since");
    let check = rita.get("draft/check");
    let fault = &check["faults"][0];
    let line = wrong.lines().position(|line| line.contains("corroborations")).unwrap() + 1;
    assert_eq!((&fault["file"], &fault["name"]), (&"ladder.cedar".into(), &"ladder.discovered".into()));
    assert!(fault["line"] == line && fault["column"].as_u64().unwrap() > 1 && check["policy"].is_null(), "{check}");
    is_refused(&pat.act("propose", saw), 409, "not_fit");
    is_refused(&pat.ask("POST", "backtest?of=draft", None, &Value::Null), 409, "not_fit");
    // A test that does not hold is told at its line, and is no less of a reason.
    let saw = version(&pat.write("ladder.cedar", saw, &ladder));
    let tests = rita.get("draft/files/tests/ladder.toml")["text"].as_str().unwrap().to_owned();
    let broken = tests.replacen("rule = \"ladder.discovered\"", "rule = \"ladder.prove\"", 1);
    let saw = version(&pat.write("tests/ladder.toml", saw, &broken));
    let check = rita.get("draft/check");
    let fault = &check["test_faults"][0];
    let name = broken.lines().nth(usize::try_from(fault["line"].as_u64().unwrap()).unwrap() - 1).unwrap();
    assert!(
        fault["file"] == "tests/ladder.toml" && name.starts_with("name = ") && check["faults"] == json!([]),
        "{check}"
    );
    is_refused(&pat.act("propose", saw), 409, "not_fit");
    let saw = version(&pat.write("tests/ladder.toml", saw, &tests));
    is_refused(&pat.act("propose", saw), 409, "no_change");
    let quiet = ladder.replace("@mode(\"live\")", "@mode(\"shadow\")");
    version(&pat.write("ladder.cedar", saw, &quiet));
    let check = rita.get("draft/check");
    assert!(check["refusal"].is_null() && check["tests_held"].as_u64().unwrap() > 40, "{check}");
    let changed: Vec<Value> = rita.get("draft")["files"].as_array().unwrap().to_owned();
    let changed: Vec<&Value> =
        changed.iter().filter(|file| file["change"] != "same").map(|file| &file["name"]).collect();
    assert_eq!(changed, [&Value::from("ladder.cedar")]);
    quiet
}

/// What the API tells of a change is what `policy diff` finds.
fn is_compared_as_the_command_does(rita: &Asker<'_>, folder: &Path, out: &Path, ladder: &str) {
    let (rules, changed) = (folder.join("rules"), folder.join("changed"));
    succeed(&["policy", "init", text(&changed)]);
    fs::write(changed.join("ladder.cedar"), ladder).unwrap();
    let told = succeed(&["policy", "diff", text(&rules), text(&changed), "--found", text(out), "--json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    let diff = rita.get("draft/diff");
    for list in ["changes", "accounts"] {
        let (ours, theirs) = (diff[list].as_array().unwrap(), told[list].as_array().unwrap());
        assert!(!ours.is_empty(), "{list} are there");
        let count = |list: &[Value], name: &str| list.iter().map(|one| one[name].as_u64().unwrap_or(0)).sum::<u64>();
        for name in ["situations", "accounts"] {
            assert_eq!((ours.len(), count(ours, name)), (theirs.len(), count(theirs, name)), "{diff} {told}");
        }
    }
    assert_eq!((&diff["of"], &diff["changes_failed"]), (&told["of"], &Value::Null));
    let lines = diff["files"][0]["hunks"].as_array().unwrap().iter().flat_map(|hunk| hunk["lines"].as_array().unwrap());
    let added: Vec<&str> =
        lines.filter(|line| line["kind"] == "added").map(|line| line["text"].as_str().unwrap()).collect();
    assert!(!added.is_empty() && added.iter().all(|line| line.contains("@mode(\"shadow\")")), "{added:?}");
}

/// What was deployed last is taken back, which needs two people too.
fn is_undone(pat: &Asker<'_>, sue: &Asker<'_>, rules: &Path, deployed: &Value) {
    assert_eq!(&pat.get("deployment"), deployed);
    let saw = pat.begin("earlier");
    assert_eq!(pat.get("draft")["is_undo"], true);
    let saw = version(&pat.act("propose", saw));
    let (status, undone, _) = sue.act("approve", saw);
    assert_eq!((status, &undone["is_undo"]), (201, &true.into()), "{undone}");
    assert_eq!((&undone["before"], &undone["after"]), (&deployed["after"], &deployed["before"]));
    assert_eq!(pat.get("audit?newest=true&limit=1")["items"][0]["act"], "undo_rules");
    let checked: Value = serde_json::from_str(&succeed(&["policy", "check", text(rules), "--json"])).unwrap();
    assert_eq!(checked["policy"], deployed["before"]);
}
