//! The page of an archive, run by Node: it must say of every archive what this crate says.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use ledger::SigningKey;
use ledger::VerifyingKey;
use serde_json::Value;
use serde_json::json;

use crate::claims::Claim;
use crate::tests::mutations::mutants;
use crate::tests::parts::Parts;
use crate::tests::parts::home;
use crate::tests::parts::version_1;
use crate::verifier::verifier_page;
use crate::verify::verify;

/// What Node says of the archives in a folder, by their files; `None` where there is no Node.
fn told_by_page(folder: &std::path::Path) -> Option<BTreeMap<String, Value>> {
    let page = folder.join("verify.html");
    fs::write(&page, verifier_page()).unwrap();
    let mut command = Command::new("node");
    command.args(["--no-warnings"]).arg(home().join("web/tests/agree.mjs")).arg(&page).arg(folder.join("list.json"));
    match command.output() {
        Err(_) => None,
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Some(serde_json::from_slice(&output.stdout).unwrap())
        }
    }
}

/// Gives archives to both, and returns how many held and how many were refused; `None` without Node.
pub fn compare(archives: Vec<(String, Vec<u8>, Option<VerifyingKey>)>) -> Option<(usize, usize)> {
    let folder = tempfile::tempdir().unwrap();
    let name = |at: usize| format!("{at}.zip");
    let mut list = Vec::new();
    for (at, (_, bytes, trusted)) in archives.iter().enumerate() {
        fs::write(folder.path().join(name(at)), bytes).unwrap();
        list.push(json!({ "file": name(at), "trust": trusted.as_ref().map(ToString::to_string) }));
    }
    fs::write(folder.path().join("list.json"), json!(list).to_string()).unwrap();
    let Some(page) = told_by_page(folder.path()) else {
        eprintln!("skipped: the page was not compared, since Node is missing (install nodejs 20 or later)");
        return None;
    };
    let mut held = 0;
    for (at, (what, bytes, trusted)) in archives.iter().enumerate() {
        let (own, theirs) = (verify(bytes, trusted.as_ref()), &page[&name(at)]);
        assert_eq!(theirs["holds"], own.holds(), "{what}\nprogram: {:#?}\npage: {theirs:#}", own.lines);
        let claims: Vec<Claim> = serde_json::from_value(theirs["claims"].clone()).unwrap();
        // Where both got as far as the claims, each must be the same in every letter.
        if !claims.is_empty() && !own.claims.is_empty() {
            assert_eq!(claims, own.claims, "{what}");
        }
        held += usize::from(own.holds());
    }
    Some((held, archives.len() - held))
}

#[test]
fn page_and_program_agree_on_changed_archives() {
    let archives = mutants(7).into_iter().map(|mutant| (mutant.what, mutant.bytes, None)).collect();
    if let Some((held, refused)) = compare(archives) {
        eprintln!("{held} archives held and {refused} were refused, by both");
        // A comparison in which nothing changed holds, or nothing is refused, compares nothing.
        assert!(held > 40 && refused > 200, "{held} {refused}");
    }
}

#[test]
fn page_and_program_agree_on_keys_and_versions() {
    let parts = Parts::court();
    let own = Parts::key();
    let other = SigningKey::of("stillwatch/other", ledger::SignatureKind::Log, &[7; 32]).unwrap();
    let mut foreign = parts.clone();
    foreign.files.insert("key.pub".to_owned(), format!("{}\n", other.verifying()).into_bytes());
    let mut later = parts.clone();
    later.manifest.dossier += 1;
    let mut weak = parts.clone();
    // The key of order one, under which many signatures are right.
    weak.files.insert("key.pub".to_owned(), weak_key(own.verifying().name()).into_bytes());
    let archives = vec![
        ("of version 1".to_owned(), version_1(), None),
        ("of version 1, by the key that is trusted".to_owned(), version_1(), Some(own.verifying())),
        ("by the key that is trusted".to_owned(), parts.sealed(), Some(own.verifying())),
        ("by another key than the trusted".to_owned(), parts.sealed(), Some(other.verifying())),
        ("signed again by another key".to_owned(), parts.sealed_by(&other), None),
        ("signed again by another key, which is in it".to_owned(), foreign.sealed_by(&other), None),
        ("of a later version".to_owned(), later.sealed(), None),
        ("with a weak key".to_owned(), weak.sealed(), None),
    ];
    assert!(compare(archives).is_none_or(|(held, refused)| (held, refused) == (3, 5)));
}

/// A key that is a point of small order.
fn weak_key(name: &str) -> String {
    use base64::Engine;
    use sha2::Digest;
    let mut key = [0; 33];
    (key[0], key[1]) = (1, 1);
    let id = sha2::Sha256::new().chain_update(name).chain_update("\n").chain_update(key).finalize();
    let text = base64::engine::general_purpose::STANDARD.encode(key);
    format!("{name}+{}+{text}\n", crate::export::hex(&id[..4]))
}
