//! Tokens: made, known, taken back.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use console::ErrorKind;
use console::Role;
use console::Tokens;

#[test]
fn a_token_is_known_until_it_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = Tokens::of(folder.path());
    assert_eq!(tokens.list().unwrap(), []);
    let (token, text) = tokens.create(" ann@example.com ", &[Role::Analyst, Role::Analyst]).unwrap();
    let caller = tokens.caller(&text).unwrap().unwrap();
    assert_eq!(caller.who, "ann@example.com");
    let may: Vec<bool> = Role::ALL.into_iter().map(|role| caller.may(role)).collect();
    assert_eq!(may, [true, true, false, false, false]);
    let (_, admin) = tokens.create("root", &[Role::Admin]).unwrap();
    assert!(Role::ALL.into_iter().all(|role| tokens.caller(&admin).unwrap().unwrap().may(role)));
    // Another process sees the same, and what it changes is seen here.
    let other = Tokens::of(folder.path());
    assert!(other.caller(&text).unwrap().is_some());
    other.revoke(&token.id).unwrap();
    assert!(tokens.caller(&text).unwrap().is_none());
    assert_eq!(tokens.revoke("none").unwrap_err().kind(), ErrorKind::Usage);
    assert!(tokens.list().unwrap()[0].revoked.is_some());
    let kept = std::fs::read_to_string(folder.path().join("tokens.json")).unwrap();
    let secret = text.rsplit_once('_').unwrap().1;
    assert!(!kept.contains(secret), "a secret is kept");
}

#[test]
fn what_is_no_token_is_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = Tokens::of(folder.path());
    let (token, text) = tokens.create("ann", &[Role::Reader]).unwrap();
    let (_, other) = tokens.create("bob", &[Role::Reader]).unwrap();
    let foreign = format!("sw_{}_{}", token.id, other.rsplit_once('_').unwrap().1);
    let mut cut = text.clone();
    cut.pop();
    for bad in
        ["", "sw_", "sw__", "sw_x_y", "Bearer", &format!("{text}x"), &cut, &foreign, &text.to_uppercase(), &token.id]
    {
        assert!(tokens.caller(bad).unwrap().is_none(), "{bad}");
    }
    for who in ["", " ", "a\nb", "<script>", "a\u{202e}b"] {
        assert_eq!(tokens.create(who, &[Role::Reader]).unwrap_err().kind(), ErrorKind::Usage, "{who:?}");
    }
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_them() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    Tokens::of(folder.path()).create("ann", &[Role::Reader]).unwrap();
    let data = std::fs::metadata(folder.path().join("tokens.json")).unwrap();
    assert_eq!(data.permissions().mode() & 0o777, 0o600);
}
