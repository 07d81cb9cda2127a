//! `stillwatch share psi` from the command line: two providers and three files.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;

use crate::common::failed;
use crate::common::succeed;
use crate::common::text;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A provider: a data directory, values, and places for what it writes.
struct Party {
    folder: PathBuf,
    with: &'static str,
}

impl Party {
    fn new(folder: &Path, name: &str, with: &'static str, values: &str) -> Self {
        let party = Self { folder: folder.join(name), with };
        fs::create_dir_all(party.folder.join("data")).unwrap();
        fs::write(party.folder.join("values.txt"), values).unwrap();
        party
    }

    fn place(&self, name: &str) -> String {
        text(&self.folder.join(name)).to_owned()
    }

    /// The arguments of a step that begins.
    fn begin(&self, step: &[&str], out: &str, more: &[&str]) -> Vec<String> {
        let (data, values) = (self.place("data"), self.place("values.txt"));
        let (state, out) = (self.place("psi.state"), self.place(out));
        let own = ["--data-dir", &data, "--values", &values, "--with", self.with, "--tlp", "amber", "--as", "ann"];
        let written = ["--state", &state, "--out", &out];
        let all = [&["share", "psi"], step, &own[..], &written, more].concat();
        all.into_iter().map(str::to_owned).collect()
    }

    fn has(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }
}

fn run(arguments: &[String]) -> String {
    succeed(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

fn fails(arguments: &[String]) -> (i32, String) {
    failed(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

fn parties(folder: &Path) -> [Party; 2] {
    let ours = Party::new(folder, "ours", "theirs", "phone +1 555 0100\npayment Card-1\ndevice d-1\n");
    let theirs = Party::new(folder, "theirs", "ours", "payment card-1\nphone +1 555 0100\ndevice d-2\nphone d-1\n");
    [ours, theirs]
}

const OURS: &[&str] = &["--confirm-first-share", "theirs"];
const THEIRS: &[&str] = &["--confirm-first-share", "ours"];

#[test]
fn both_learn_what_both_have_and_nothing_is_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let [ours, theirs] = parties(folder.path());

    let (status, told) = fails(&ours.begin(&["start"], "offer.psi", &[]));
    assert!(status == 4 && told.contains("3 indicators compared in private at TLP:AMBER"), "{status} {told}");
    assert!(!ours.has("psi.state") && !ours.has("offer.psi") && !ours.has("data/shares.json"));
    let told = run(&ours.begin(&["start"], "offer.psi", OURS));
    assert!(told.contains("3 values as 1024 points") && told.contains("Send it to theirs"), "{told}");
    #[cfg(unix)]
    {
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(ours.place("psi.state")).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
    let (status, told) = fails(&ours.begin(&["start"], "offer.psi", &[]));
    assert!(status == 2 && told.contains("not at its end"), "{status} {told}");

    let offer = ours.place("offer.psi");
    let told = json(&run(&theirs.begin(&["answer", &offer], "answer.psi", &[THEIRS, &["--json"]].concat())));
    assert_eq!((&told["step"], &told["values"], &told["points"]), (&"answer".into(), &4.into(), &1024.into()));

    let (answer, state, closing) = (theirs.place("answer.psi"), ours.place("psi.state"), ours.place("closing.psi"));
    let finish = ["share", "psi", "finish", &answer, "--state", &state];
    let (status, told) = failed(&finish);
    assert!(status == 2 && told.contains("--out FILE"), "{status} {told}");
    // A run that cannot write is a run that was killed: the state is there for the next.
    let nowhere = ours.place("nowhere/closing.psi");
    assert_eq!(failed(&[&finish[..], &["--out", &nowhere]].concat()).0, 1);
    let shown = succeed(&[&finish[..], &["--out", &closing]].concat());
    assert_eq!(shown, "payment card-1\nphone +1 555 0100\n");

    let state = theirs.place("psi.state");
    let shown = json(&succeed(&["share", "psi", "finish", &closing, "--state", &state, "--json"]));
    let common = serde_json::json!([
        { "kind": "payment", "value": "card-1" }, { "kind": "phone", "value": "+1 555 0100" },
    ]);
    assert_eq!((&shown["common"], &shown["peer_points"]), (&common, &1024.into()));
    assert!(!ours.has("psi.state") && !theirs.has("psi.state"));
    for message in [&offer, &answer, &closing] {
        let bytes = fs::read(message).unwrap();
        assert!(!bytes.windows(6).any(|part| part.eq_ignore_ascii_case(b"card-1")), "{message}");
    }
    let listed = succeed(&["share", "list", "--data-dir", &ours.place("data")]);
    assert!(listed.contains("theirs: up to TLP:AMBER") && listed.contains("values as psi"), "{listed}");
}

#[test]
fn a_message_that_was_changed_or_replayed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let [ours, theirs] = parties(folder.path());
    run(&ours.begin(&["start"], "offer.psi", OURS));
    let offer = ours.place("offer.psi");
    let (answer, state, closing) = (theirs.place("answer.psi"), ours.place("psi.state"), ours.place("closing.psi"));
    run(&theirs.begin(&["answer", &offer], "answer.psi", THEIRS));
    let finish = |message: &str| failed(&["share", "psi", "finish", message, "--state", &state, "--out", &closing]);

    let bytes = fs::read(&answer).unwrap();
    let mut changed = bytes.clone();
    let last = changed.len() - 40;
    changed[last] ^= 1;
    let forged = theirs.place("forged.psi");
    fs::write(&forged, &changed).unwrap();
    let (status, told) = finish(&forged);
    assert!(status == 4 && told.contains("forged.psi is refused: its proof"), "{status} {told}");
    let (status, told) = finish(&offer);
    assert!(status == 4 && told.contains("this step takes the answer"), "{status} {told}");
    assert!(ours.has("psi.state") && !ours.has("closing.psi"));

    // A second answer, after a first was taken by a run that did not come to its end.
    fs::remove_file(theirs.place("psi.state")).unwrap();
    run(&theirs.begin(&["answer", &offer], "second.psi", &[]));
    let nowhere = ours.place("nowhere/closing.psi");
    assert_eq!(failed(&["share", "psi", "finish", &answer, "--state", &state, "--out", &nowhere]).0, 1);
    let (status, told) = finish(&theirs.place("second.psi"));
    assert!(status == 4 && told.contains("a second is refused"), "{status} {told}");
    assert_eq!(finish(&answer).0, 0);
    // The state is gone, and with it whatever the same answer could be used for again.
    let (status, told) = finish(&answer);
    assert!(status == 2 && told.contains("psi.state"), "{status} {told}");
    // The closing is of the first answer, and the other provider keeps the state of the second.
    let (status, told) = failed(&["share", "psi", "finish", &closing, "--state", &theirs.place("psi.state")]);
    assert!(status == 4 && told.contains("closes another session"), "{status} {told}");
}

#[test]
fn values_that_cannot_be_read_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let party = Party::new(folder.path(), "ours", "theirs", "phone 1\nmailbox x\n");
    let (status, told) = fails(&party.begin(&["start"], "offer.psi", OURS));
    assert!(status == 2 && told.contains("values.txt: line 2"), "{status} {told}");
    fs::write(party.place("values.txt"), "# none\n").unwrap();
    let (status, told) = fails(&party.begin(&["start"], "offer.psi", OURS));
    assert!(status == 2 && told.contains("nothing to compare"), "{status} {told}");
    let same = party.place("psi.state");
    let arguments = party.begin(&["start"], "psi.state", OURS);
    let (status, told) = fails(&arguments);
    assert!(status == 2 && told.contains("two of the files are the same") && !Path::new(&same).exists(), "{told}");
}
