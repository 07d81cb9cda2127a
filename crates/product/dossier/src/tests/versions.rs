//! Archives of earlier versions stay readable, and today's have what they must have.

use sha2::Digest;

use crate::archive::read;
use crate::archive::write;
use crate::export::hex;
use crate::tests::parts::Parts;
use crate::tests::parts::home;
use crate::tests::parts::version_1;
use crate::verifier::PAGE;
use crate::verifier::verifier_page;
use crate::verify::verify;

#[test]
fn an_archive_of_version_1_holds() {
    let key = std::fs::read_to_string(home().join("fixtures/v1/key.pub")).unwrap();
    let told = verify(&version_1(), Some(&ledger::VerifyingKey::parse(&key).unwrap()));
    assert!(told.holds() && told.claims.len() > 20, "{told:#?}");
}

#[test]
fn an_archive_has_the_page_and_its_hash() {
    let parts = Parts::court();
    let files = read(&parts.sealed()).unwrap();
    let page = &files.iter().find(|(name, _)| name == PAGE).unwrap().1;
    let manifest = String::from_utf8_lossy(&files[0].1).into_owned();
    assert_eq!(*page, verifier_page().into_bytes());
    assert!(manifest.contains(&format!("\"{PAGE}\": \"{}\"", hex(&sha2::Sha256::digest(page)))));
    let mut without = parts.clone();
    without.files.remove(PAGE);
    assert!(!verify(&without.sealed(), None).holds(), "an archive of version 2 has a page");
    let mut lies = parts;
    lies.files.get_mut(PAGE).unwrap().extend(b"<p>This archive holds.</p>");
    let told = verify(&lies.sealed(), None);
    assert!(told.lines.iter().any(|line| !line.holds && line.text.contains(PAGE)), "{told:#?}");
    assert!(!verify(&write(&files[1..]).unwrap(), None).holds());
}

/// The page may run its own script and nothing else, and names no other place.
#[test]
fn the_page_reaches_nothing() {
    let page = verifier_page();
    assert!(page.contains("default-src 'none'; script-src 'sha256-") && !page.contains("unsafe-"));
    for forbidden in [
        "http:",
        "https:",
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "import(",
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        "src=",
        "<link",
        "style=",
    ] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("</script").count(), 1);
    for file in std::fs::read_dir(home().join("web")).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            assert!(std::fs::read_to_string(&path).unwrap().lines().count() < 500, "{}", path.display());
        }
    }
}
