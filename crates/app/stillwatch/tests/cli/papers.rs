//! Papers from the command line.

use std::fs;

use crate::common::failed;
use crate::common::succeed;
use crate::common::text;
use crate::common::world;

#[test]
fn papers_are_made_anew_and_what_a_person_wrote_stays() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path(), "7", "0.5");
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (data, papers) = (place("data"), place("papers"));
    let (log, accounts) = (text(&world.log), text(&world.accounts));
    succeed(&["hunt", log, "--accounts", accounts, "--data-dir", &data, "--out", &place("out"), "--quiet"]);
    let found: serde_json::Value = serde_json::from_slice(&fs::read(place("out/campaigns.json")).unwrap()).unwrap();
    let id = found[0]["id"].as_str().unwrap();
    assert_eq!(found[0]["status"], "discovered");
    let report = |kind: &str| succeed(&["report", kind, "--data-dir", &data, "--out", &papers]);
    assert!(report("brief").contains(&format!("brief-{id}.html")));
    report("letter");
    report("quarterly");
    let read = |name: &str| fs::read_to_string(format!("{papers}/{name}")).unwrap();
    let (brief, letter) = (read(&format!("brief-{id}.html")), read(&format!("letter-{id}.html")));
    let members = found[0]["accounts"].as_array().unwrap();
    for page in [&brief, &letter, &read("quarterly-2026-Q2.html")] {
        assert!(!page.contains("<script") && !members.iter().any(|one| page.contains(one.as_str().unwrap())));
    }
    assert!(brief.contains("nobody has opened the case"), "{brief}");
    assert!(letter.contains("computed again from records") && !letter.contains("REFUTED"), "{letter}");
    // The same again; then with words of a person, which are not written over.
    report("brief");
    assert_eq!(brief, read(&format!("brief-{id}.html")));
    let texts = format!("{papers}/brief-{id}.toml");
    let written =
        read(&format!("brief-{id}.toml")).replace("(Not written yet: customers", "<i>Everybody</i>: (customers");
    fs::write(&texts, &written).unwrap();
    report("brief");
    assert!(read(&format!("brief-{id}.html")).contains("&lt;i&gt;Everybody&lt;/i&gt;"));
    assert_eq!(written, fs::read_to_string(&texts).unwrap());
    fs::write(&texts, "why_it_maters = \"x\"").unwrap();
    let (status, told) = failed(&["report", "brief", id, "--data-dir", &data, "--out", &papers]);
    assert!(status == 2 && told.contains("why_it_maters") && told.contains(&texts), "{status} {told}");
    let (status, told) = failed(&["report", "letter", "C-none", "--data-dir", &data, "--out", &papers]);
    assert!(status == 2 && told.contains(id), "{status} {told}");
    let (status, told) = failed(&["report", "quarterly", "--quarter", "2026", "--data-dir", &data, "--out", &papers]);
    assert!(status == 2 && told.contains("2026-Q2"), "{status} {told}");
}
