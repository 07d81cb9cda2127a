//! People who sign in: the real binary, with a client that keeps a cookie as a browser does.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;
use serde_json::json;

use crate::api::Served;
use crate::common::failed;
use crate::common::succeed;
use crate::common::text;
use crate::common::told;

const PASSWORD: &str = "a sentence that is long";

/// A data directory, and results in which nothing was found.
pub fn empty(folder: &Path) -> (PathBuf, PathBuf) {
    let (data, found) = (folder.join("data"), folder.join("found"));
    fs::create_dir(&data).unwrap();
    fs::create_dir(&found).unwrap();
    for (name, content) in [("campaigns.json", "[]"), ("leads.json", "[]"), ("accounts.jsonl", "")] {
        fs::write(found.join(name), content).unwrap();
    }
    (data, found)
}

fn add(data: &Path, who: &str, role: &str) {
    let arguments = ["user", "add", who, "--data-dir", text(data), "--role", role, "--without-totp"];
    told(&arguments, &format!("{PASSWORD}\n")).expect("the user is added");
}

/// Signs in; the status, the body, and the cookie that was set.
fn sign_in(served: &Served, body: &Value) -> (u16, Value, String) {
    let request = served.agent.post(format!("{}/api/v1/sessions", served.url));
    let mut response = request.header("content-type", "application/json").send(body.to_string()).unwrap();
    let cookie = response.headers().get("set-cookie").map(|cookie| cookie.to_str().unwrap().to_owned());
    let body = serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap();
    (response.status().as_u16(), body, cookie.unwrap_or_default())
}

fn get(served: &Served, path: &str, cookie: &str) -> (u16, Value) {
    let request = served.agent.get(format!("{}{path}", served.url)).header("cookie", cookie);
    let mut response = request.call().unwrap();
    let body = response.body_mut().read_to_string().unwrap();
    (response.status().as_u16(), serde_json::from_str(&body).unwrap_or(Value::String(body)))
}

#[test]
fn a_user_signs_in_acts_and_is_signed_out() {
    let folder = tempfile::tempdir().unwrap();
    let (data, found) = empty(folder.path());
    add(&data, "ann@example.com", "analyst");
    let (status, told_twice) =
        failed(&["user", "add", "ANN@example.com", "--data-dir", text(&data), "--role", "reader", "--without-totp"]);
    assert_eq!(status, 2, "{told_twice}");
    let served = Served::start(&data, &found, &[]);
    let ann = json!({ "who": "Ann@example.com", "password": PASSWORD });
    let (status, session, cookie) = sign_in(&served, &ann);
    assert_eq!((status, &session["who"], &session["roles"]), (201, &"ann@example.com".into(), &json!(["analyst"])));
    assert!(cookie.contains("; Path=/; HttpOnly; SameSite=Strict") && !cookie.contains("Secure"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    let (status, same) = get(&served, "/api/v1/session", cookie);
    assert_eq!((status, &same["csrf"]), (200, &session["csrf"]));
    assert_eq!(get(&served, "/api/v1/campaigns", cookie).0, 200);
    assert_eq!(get(&served, "/api/v1/campaigns", "stillwatch=guessed").0, 401);
    // A change needs the header; a token that comes along is who acts.
    let act = |csrf: &str| {
        let request = served.agent.post(format!("{}/api/v1/cases/C-none/acts", served.url)).header("cookie", cookie);
        let request = request.header("content-type", "application/json").header("x-csrf-token", csrf);
        let mut response = request.header("if-match", "\"0\"").send("{\"act\":\"note\",\"text\":\"x\"}").unwrap();
        let body: Value = serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap();
        (response.status().as_u16(), body["code"].as_str().unwrap().to_owned())
    };
    assert_eq!(act(""), (403, "no_csrf_token".to_owned()));
    assert_eq!(act("guessed"), (403, "no_csrf_token".to_owned()));
    assert_eq!(act(session["csrf"].as_str().unwrap()), (409, "not_allowed".to_owned()));
    // Roles hold at once, and so does a removal.
    succeed(&["user", "role", "ann@example.com", "--data-dir", text(&data), "--role", "reader"]);
    assert_eq!(act(session["csrf"].as_str().unwrap()), (403, "not_your_role".to_owned()));
    let ended = served.agent.delete(format!("{}/api/v1/session", served.url)).header("cookie", cookie);
    let ended = ended.header("x-csrf-token", session["csrf"].as_str().unwrap()).call().unwrap();
    assert_eq!(ended.status().as_u16(), 204);
    assert_eq!(get(&served, "/api/v1/session", cookie).0, 401);
    let (_, _, again) = sign_in(&served, &ann);
    succeed(&["user", "remove", "ann@example.com", "--data-dir", text(&data)]);
    assert_eq!(get(&served, "/api/v1/session", again.split(';').next().unwrap()).0, 401);
    let kept = fs::read_to_string(data.join("sessions.json")).unwrap();
    assert!(!kept.contains(again.split(';').next().unwrap().trim_start_matches("stillwatch=")), "a secret is kept");
}

#[test]
fn who_guesses_is_told_one_thing_and_then_to_wait() {
    let folder = tempfile::tempdir().unwrap();
    let (data, found) = empty(folder.path());
    let address = ["user", "add", "ann", "--data-dir", text(&data), "--role", "admin"];
    let address = told(&address, &format!("{PASSWORD}\n")).unwrap();
    assert!(address.starts_with("otpauth://totp/Stillwatch:ann?secret="), "{address}");
    assert!(told(&["user", "add", "bob", "--data-dir", text(&data), "--role", "reader"], "short\n").is_none());
    let listed: Value = serde_json::from_str(&succeed(&["user", "list", "--data-dir", text(&data), "--json"])).unwrap();
    assert_eq!(
        (&listed[0]["who"], &listed[0]["totp"], listed.as_array().unwrap().len()),
        (&"ann".into(), &true.into(), 1)
    );
    let served = Served::start(&data, &found, &[]);
    let mut answers = Vec::new();
    for (who, password, code) in [
        ("nobody", PASSWORD, "000000"),
        ("ann", PASSWORD, ""),
        ("ann", "another", "000000"),
        ("ann", PASSWORD, "12345x"),
    ] {
        answers.push(sign_in(&served, &json!({ "who": who, "password": password, "code": code })));
    }
    for (status, body, cookie) in &answers {
        assert_eq!((*status, &body["code"], cookie.as_str()), (401, &"not_signed_in".into(), ""), "{body}");
        assert_eq!(body["detail"], answers[0].1["detail"]);
    }
    let wait = (0..5).find_map(|_| {
        let (status, body, _) = sign_in(&served, &json!({ "who": "ann", "password": "x", "code": "" }));
        (status == 429).then_some(body)
    });
    assert_eq!(wait.unwrap()["code"], "too_many_attempts");
    let long = json!({ "who": "eve", "password": "x".repeat(100_000) });
    assert_eq!(sign_in(&served, &long).0, 413);
    assert_eq!(sign_in(&served, &json!({ "who": "eve", "password": "x", "extra": 1 })).0, 422);
}

#[test]
fn the_page_is_served_from_a_folder_and_missed_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let (data, found) = empty(folder.path());
    let page = folder.path().join("page");
    fs::create_dir(&page).unwrap();
    let served = Served::start(&data, &found, &["--console", text(&page)]);
    let (status, shown) = get(&served, "/", "");
    assert!(status == 200 && shown.as_str().unwrap().contains("cargo xtask console"), "{shown}");
    fs::write(page.join("index.html"), "<script>start()</script>").unwrap();
    let served = Served::start(&data, &found, &["--console", text(&page)]);
    for (path, status) in [("/queue", 200), ("/gone.js", 404), ("/api/v1/none", 404), ("/api/none", 404)] {
        assert_eq!(get(&served, path, "").0, status, "{path}");
    }
    let response = served.agent.get(format!("{}/queue", served.url)).call().unwrap();
    let policy = response.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'self' 'sha256-") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(served.agent.post(format!("{}/queue", served.url)).send("x").unwrap().status().as_u16(), 404);
    let (status, told) = failed(&[
        "serve",
        "--data-dir",
        text(&data),
        "--found",
        text(&found),
        "--listen",
        "127.0.0.1:0",
        "--console",
        text(&folder.path().join("none")),
    ]);
    assert!(status == 2 && told.contains("cargo xtask console"), "{status} {told}");
}
