//! Appeals from the command line and over the API, and what the next hunt makes of them.

use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;
use serde_json::json;

#[cfg(feature = "console")]
use crate::api::Served;
use crate::common::failed;
use crate::common::stillwatch;
use crate::common::succeed;
use crate::common::text;
use crate::common::world;

/// A world that was hunted, its campaign, and an account of it.
pub struct Hunted {
    log: String,
    accounts: String,
    pub data: PathBuf,
    out: PathBuf,
}

impl Hunted {
    pub fn new(folder: &Path) -> Self {
        let world = world(folder, "7", "0.5");
        let (data, out) = (folder.join("data"), folder.join("out"));
        Self { log: text(&world.log).to_owned(), accounts: text(&world.accounts).to_owned(), data, out }
    }

    /// The campaigns, with their accounts.
    pub fn hunt(&self) -> Vec<Value> {
        let (data, out) = (text(&self.data), text(&self.out));
        succeed(&["hunt", &self.log, "--accounts", &self.accounts, "--data-dir", data, "--out", out, "--quiet"]);
        serde_json::from_slice(&std::fs::read(self.out.join("campaigns.json")).unwrap()).unwrap()
    }

    pub fn run(&self, arguments: &[&str], who: &str) -> String {
        succeed(&[arguments, &["--data-dir", text(&self.data), "--as", who, "--json"]].concat())
    }

    fn refused(&self, arguments: &[&str], who: &str) -> String {
        let (status, told) = failed(&[arguments, &["--data-dir", text(&self.data), "--as", who]].concat());
        assert!(status == 1 || status == 2, "{status} {told}");
        told
    }
}

fn accounts(campaigns: &[Value]) -> Vec<&str> {
    campaigns.iter().flat_map(|one| one["accounts"].as_array().unwrap()).map(|one| one.as_str().unwrap()).collect()
}

#[test]
fn an_account_that_was_restored_is_in_no_campaign_of_the_next_hunt() {
    let folder = tempfile::tempdir().unwrap();
    let hunted = Hunted::new(folder.path());
    let found = hunted.hunt();
    let (case, before) = (found[0]["id"].as_str().unwrap(), accounts(&found));
    let account = before[0];
    hunted.run(&["case", "open", case], "ann");
    hunted.run(&["case", "enforce", case, "deny", "--why", "terms"], "ann");
    hunted.run(&["case", "approve", case, "--why", "seen"], "bob");
    let letter = folder.path().join("letter.txt");
    std::fs::write(&letter, "We are a class.\n\u{1b}[31m C-x.9  overturned").unwrap();
    let open = ["appeal", "open", case, "--account", account, "--text-file", text(&letter)];
    let appeal: Value = serde_json::from_str(&hunted.run(&open, "support")).unwrap();
    let id = appeal["id"].as_str().unwrap();
    assert_eq!((&appeal["state"], id.starts_with(case)), (&json!("filed"), true));
    assert!(
        hunted
            .refused(&["appeal", "decide", id, "upheld", "--why", "mine"], "BOB")
            .contains("decided on this account before")
    );
    assert!(
        hunted.refused(&["appeal", "assign", id, "--to", "ann"], "support").contains("decided on this account before")
    );
    assert!(
        hunted
            .refused(&["appeal", "open", case, "--account", "nobody", "--text", "x"], "support")
            .contains("not in case")
    );
    assert!(hunted.refused(&["appeal", "attach", "C-none.1", "--text", "x"], "support").contains("C-none"));
    hunted.run(&["appeal", "attach", id, "--text", "the syllabus"], "support");
    hunted.run(&["appeal", "assign", id, "--to", "cleo"], "support");
    let notice = |more: &[&str]| {
        let own = ["appeal", "notice", "--service", "Example Models", "--contact", "appeals@models.example"];
        let output = stillwatch(&[&own[..], more].concat());
        assert!(output.status.success(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("nobody has reviewed"), "{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let data = text(&hunted.data);
    assert!(notice(&["--appeal", id, "--data-dir", data]).contains("We have your appeal"));
    let told =
        notice(&["--reason", "coordinated_use", "--account", account, "--reference", "R-1", "--due", "in two weeks"]);
    assert!(told.contains("Please verify") && told.contains("in two weeks"), "{told}");
    hunted.run(&["appeal", "decide", id, "overturned", "--why", "the school confirmed it"], "cleo");
    assert!(notice(&["--appeal", id, "--data-dir", data]).contains("is undone"));
    // A text is shown as text.
    let shown = succeed(&["appeal", "show", id, "--data-dir", data]);
    assert!(shown.contains("  | \\u{1b}[31m") && shown.contains("overturned by cleo"), "{shown}");
    let listed = succeed(&["appeal", "list", "--data-dir", data]);
    assert!(listed.contains(&format!("{id}  overturned: account {account}")), "{listed}");
    assert_eq!(succeed(&["appeal", "list", "--data-dir", data, "--undecided"]).trim(), "no appeals");
    assert_eq!(stillwatch(&["appeal", "list", "--data-dir", data, "--overdue"]).status.code(), Some(0));
    let after = hunted.hunt();
    let after = accounts(&after);
    assert!(!after.contains(&account), "{account} is accused again");
    assert!(after.len() * 10 > before.len() * 8, "the others stay: {} of {}", after.len(), before.len());
    succeed(&["ledger", "verify", "--data-dir", data, "--quiet", "--log-only"]);
}

#[cfg(feature = "console")]
#[test]
fn appeals_are_decided_over_the_api() {
    let folder = tempfile::tempdir().unwrap();
    let hunted = Hunted::new(folder.path());
    let found = hunted.hunt();
    let (case, account) = (found[0]["id"].as_str().unwrap(), accounts(&found)[1]);
    hunted.run(&["case", "open", case], "ann");
    hunted.run(&["case", "enforce", case, "cap", "--why", "terms"], "ann");
    let token = |who: &str, role: &str| {
        let told = succeed(&["token", "create", "--data-dir", text(&hunted.data), "--as", who, "--role", role]);
        told.trim().to_owned()
    };
    let [reader, support, ann, cleo] =
        [("rita", "reader"), ("support", "analyst"), ("ann", "second"), ("cleo", "second")]
            .map(|(who, role)| token(who, role));
    let served = Served::start(&hunted.data, &hunted.out, &[]);
    let send = |path: &str, token: &str, body: &Value| {
        let request = served.agent.post(format!("{}/api/v1/appeals{path}", served.url));
        let request =
            request.header("authorization", format!("Bearer {token}")).header("content-type", "application/json");
        let mut response = request.send(body.to_string()).unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        (response.status().as_u16(), serde_json::from_str::<Value>(&text).unwrap_or(Value::String(text)))
    };
    let filed = json!({ "case": case, "account": account, "text": "<b>we</b>\u{202e}" });
    assert_eq!(send("", &reader, &filed).0, 403);
    for (body, expected) in [
        (json!({ "case": case, "account": account }), 422),
        (json!({ "case": case, "account": account, "text": " " }), 400),
        (json!({ "case": case, "account": account, "text": "x", "days": 91 }), 400),
        (json!({ "case": case, "account": "nobody", "text": "x" }), 404),
        (json!({ "case": "C-none0000", "account": account, "text": "x" }), 404),
    ] {
        let (status, told) = send("", &support, &body);
        assert_eq!(status, expected, "{told}");
    }
    let (status, appeal) = send("", &support, &filed);
    assert_eq!((status, &appeal["state"], &appeal["text"]), (201, &json!("filed"), &json!("<b>we</b>\u{202e}")));
    assert_eq!(send("", &support, &filed).0, 409);
    let path = format!("/{}/acts", appeal["id"].as_str().unwrap());
    let decide = json!({ "act": "decide", "outcome": "overturned", "why": "a class" });
    assert_eq!(send(&path, &support, &json!({ "act": "attach", "text": "the syllabus" })).0, 200);
    assert_eq!(send(&path, &support, &json!({ "act": "assign", "to": "ann" })).0, 409);
    let request = served
        .agent
        .post(format!("{}/api/v1/appeals{path}", served.url))
        .header("if-match", format!("\"{}\"", appeal["version"]));
    let request = request.header("authorization", format!("Bearer {cleo}")).header("content-type", "application/json");
    assert_eq!(request.send(decide.to_string()).unwrap().status().as_u16(), 412, "something was attached since");
    assert_eq!(send(&path, &support, &decide).0, 403);
    assert_eq!(send(&path, &ann, &decide).0, 409, "who proposed the measure reads no appeal");
    assert_eq!(send(&path, &cleo, &json!({ "act": "decide", "outcome": "perhaps", "why": "x" })).0, 400);
    let (status, told) = send(&path, &cleo, &decide);
    assert_eq!(
        (status, &told["state"], &told["decision"]["by"]),
        (200, &json!("overturned"), &json!("cleo")),
        "{told}"
    );
    assert_eq!(send("/C-none.7/acts", &cleo, &decide).0, 409);
    assert_eq!(send("/none/acts", &cleo, &decide).0, 404);
    appeals_are_listed(&served, &reader, &told);
}

/// The only appeal, which was decided, is listed where it fits what is asked for.
#[cfg(feature = "console")]
fn appeals_are_listed(served: &Served, reader: &str, decided: &Value) {
    let listed = |query: &str| {
        let request = served.agent.get(format!("{}/api/v1/appeals{query}", served.url));
        let mut response = request.header("authorization", format!("Bearer {reader}")).call().unwrap();
        serde_json::from_str::<Value>(&response.body_mut().read_to_string().unwrap()).unwrap()
    };
    assert_eq!(listed("")["items"], json!([decided]));
    assert_eq!(listed("?state=overturned")["items"], json!([decided]));
    assert_eq!(decided["not_readers"], json!(["ann", "cleo"]), "those who proposed, and who decided");
    for none in ["?state=undecided", "?overdue=true", "?account=nobody"] {
        assert_eq!(listed(none)["items"], json!([]), "{none}");
    }
    assert_eq!(listed("?state=perhaps")["status"], 400);
}
