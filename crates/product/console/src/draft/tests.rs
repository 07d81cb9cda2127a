#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may panic")]

use std::fs;

use columns::ledger_of;
use journal::Kind;
use ledger::Ledger;
use ledger::Reader;
use tempfile::TempDir;

use super::*;
use crate::deployment::finish;

struct Place {
    folder: TempDir,
}

impl Place {
    /// A folder of rules, and a data directory with a ledger.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        Ledger::open(&ledger_of(&folder.path().join("data"))).unwrap().commit().unwrap();
        Source::shipped().write(&folder.path().join("rules")).unwrap();
        Self { folder }
    }

    fn rules(&self) -> PathBuf {
        self.folder.path().join("rules")
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn drafts(&self) -> Drafts {
        Drafts::of(&self.data(), Some(&self.rules()))
    }

    /// A draft that pat proposed; its version.
    fn proposed(&self) -> u64 {
        let drafts = self.drafts();
        let version = drafts.begin("pat", Beginning::Live).unwrap().version;
        let version = drafts.write(version, "README.md", Some("other words")).unwrap().version;
        drafts.propose("pat", "it is due", version).unwrap().version
    }

    /// What the ledger says of the rules.
    fn entries(&self) -> Vec<serde_json::Value> {
        let log = Reader::open(&ledger_of(&self.data())).unwrap();
        let kinds = log.kinds().unwrap();
        let of_rules = kinds.iter().zip(0_u64..).filter(|(kind, _)| **kind == Kind::Policy.number());
        of_rules
            .map(|(_, index)| {
                let (record, _) = log.record(index).unwrap();
                serde_json::from_slice(journal::document_of(&record).unwrap()).unwrap()
            })
            .collect()
    }

    fn is_deployed_once(&self) {
        let kept = self.drafts().look().unwrap();
        assert!(kept.draft.is_none());
        let last = kept.last.unwrap();
        assert_eq!((last.proposed.by.as_str(), last.approved.by.as_str()), ("pat", "sue"));
        assert_eq!(fs::read_to_string(self.rules().join("README.md")).unwrap(), "other words");
        let entries = self.entries();
        let [entry] = entries.as_slice() else { panic!("{entries:?}") };
        assert_eq!((entry["act"].as_str(), entry["who"].as_str()), (Some("deploy_rules"), Some("sue")));
        let beside: Vec<_> =
            fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(beside.len(), 2, "nothing is left beside the folder: {beside:?}");
    }

    /// Writes down an approval, as the program does before it deploys.
    fn approved(&self) -> Stored {
        self.proposed();
        let drafts = self.drafts();
        drafts
            .change(|kept| {
                let earlier = folder::read(&self.rules())?;
                let approval = Approval { said: said("sue", "agreed")?, earlier };
                kept.draft.as_mut().unwrap().approval = Some(approval);
                Ok(())
            })
            .unwrap()
    }
}

#[test]
fn a_second_person_deploys_it() {
    let place = Place::new();
    let version = place.proposed();
    let refused = |who: &str| place.drafts().approve(who, "agreed", version).unwrap_err().status().as_u16();
    assert_eq!((refused("pat"), refused("PAT")), (409, 409), "names that differ in letters' case are one person's");
    assert_eq!(place.drafts().approve("sue", "agreed", version - 1).unwrap_err().status().as_u16(), 412);
    assert_eq!(place.drafts().approve("sue", " ", version).unwrap_err().status().as_u16(), 400);
    place.drafts().approve("sue", "agreed", version).unwrap();
    place.is_deployed_once();
}

/// The run was stopped after each of its steps; whoever looks next finishes, and does nothing twice.
#[test]
fn what_was_stopped_is_finished() {
    // The approval was written down.
    let place = Place::new();
    place.approved();
    place.is_deployed_once();
    place.is_deployed_once();
    // The folder was exchanged.
    let place = Place::new();
    let kept = place.approved();
    folder::exchange(&place.rules(), &kept.draft.unwrap().files).unwrap();
    place.is_deployed_once();
    // The ledger was added to.
    let place = Place::new();
    let mut kept = place.approved();
    finish(&mut kept, &place.data(), &place.rules()).unwrap();
    place.is_deployed_once();
}

#[test]
fn what_stands_in_the_way_leaves_a_proposal() {
    // Somebody changed the folder after it was approved.
    let place = Place::new();
    place.approved();
    fs::write(place.rules().join("README.md"), "by hand").unwrap();
    assert_eq!(place.drafts().look().unwrap_err().status().as_u16(), 409);
    let draft = place.drafts().look().unwrap().draft.unwrap();
    assert!(draft.proposal.is_some() && draft.approval.is_none());
    assert_eq!(
        (fs::read_to_string(place.rules().join("README.md")).unwrap().as_str(), place.entries().len()),
        ("by hand", 0)
    );
    // The ledger is gone.
    let place = Place::new();
    place.approved();
    fs::rename(ledger_of(&place.data()), place.folder.path().join("gone")).unwrap();
    assert_eq!(place.drafts().look().unwrap_err().status().as_u16(), 503);
    assert!(place.drafts().look().unwrap().draft.unwrap().approval.is_none());
    assert_eq!(folder::read(&place.rules()).unwrap(), Source::shipped());
}

#[test]
fn a_folder_with_something_else_in_it_is_not_exchanged() {
    let place = Place::new();
    for name in [".git", "notes.txt", "tests/.hidden.toml", "tests/more/x.toml"] {
        let other = place.rules().join(name);
        fs::create_dir_all(other.parent().unwrap()).unwrap();
        fs::write(&other, "").unwrap();
        assert_eq!(place.drafts().begin("pat", Beginning::Live).unwrap_err().status().as_u16(), 503, "{name}");
        fs::remove_file(&other).unwrap();
        if name == "tests/more/x.toml" {
            fs::remove_dir(other.parent().unwrap()).unwrap();
        }
    }
    std::os::unix::fs::symlink("caps.cedar", place.rules().join("link.cedar")).unwrap();
    assert_eq!(place.drafts().begin("pat", Beginning::Live).unwrap_err().status().as_u16(), 503);
    fs::remove_file(place.rules().join("link.cedar")).unwrap();
    // Somebody else who deploys is not disturbed.
    let staged = place.folder.path().join(".rules.deploying/caps.cedar");
    fs::create_dir(staged.parent().unwrap()).unwrap();
    fs::write(&staged, "").unwrap();
    place.drafts().begin("pat", Beginning::Live).unwrap();
    assert!(staged.is_file());
    // A link to the folder stays a link, and rights of files stay.
    let (link, file) = (place.folder.path().join("link"), place.rules().join("caps.cedar"));
    std::os::unix::fs::symlink("rules", &link).unwrap();
    let rights =
        |path: &Path| std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777;
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    folder::exchange(&link, &Source::shipped().with("caps.cedar", "// none")).unwrap();
    assert!(link.is_symlink() && fs::read_to_string(&file).unwrap() == "// none" && rights(&file) == 0o640);
}

#[test]
fn a_draft_is_bounded() {
    let place = Place::new();
    let drafts = place.drafts();
    let version = drafts.begin("pat", Beginning::Live).unwrap().version;
    let refused = |name: &str, text: &str| drafts.write(version, name, Some(text)).unwrap_err().status().as_u16();
    assert_eq!(refused("large.cedar", &"x".repeat(MAX_BYTES)), 413);
    for name in [
        "schema.cedarschema",
        "../x.cedar",
        "tests/../x.toml",
        ".x.cedar",
        "x.toml",
        "tests/x.cedar",
        "a/b.cedar",
        ".cedar",
        "x",
        "",
    ] {
        assert_eq!(refused(name, ""), 400, "{name}");
    }
    assert_eq!(drafts.write(version, "none.cedar", None).unwrap_err().status().as_u16(), 404);
    assert_eq!(drafts.begin("sue", Beginning::Live).unwrap_err().status().as_u16(), 409);
    // A draft that follows another is no version of it.
    drafts.discard(version).unwrap();
    assert!(drafts.begin("sue", Beginning::Live).unwrap().version > version + 1);
    assert_eq!(drafts.write(version, "README.md", Some("")).unwrap_err().status().as_u16(), 412);
    assert_eq!(Drafts::of(&place.data(), None).begin("pat", Beginning::Live).unwrap_err().status().as_u16(), 503);
}
