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
        let (state, out) = (self.place("psi.state"), self.place(out));
        self.own(step, &[&["--state", &state, "--out", &out], more].concat())
    }

    /// The arguments of a step that compares the own values.
    fn own(&self, step: &[&str], more: &[&str]) -> Vec<String> {
        let (data, values) = (self.place("data"), self.place("values.txt"));
        let own = ["--data-dir", &data, "--values", &values, "--with", self.with, "--tlp", "amber", "--as", "ann"];
        let all = [&["share", "psi"], step, &own[..], more].concat();
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

#[cfg(feature = "console")]
mod wire {
    use std::io::BufRead;
    use std::io::BufReader;
    use std::io::Read;
    use std::process::Child;
    use std::process::Stdio;

    use super::*;
    use crate::common::command;

    fn certificate(name: &str) -> String {
        format!("{}/tests/cli/certificates/{name}", env!("CARGO_MANIFEST_DIR"))
    }

    /// A provider that waits for one comparison, and where.
    struct Waiting {
        child: Child,
        url: String,
    }

    impl Drop for Waiting {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    impl Waiting {
        fn start(party: &Party, more: &[&str]) -> Self {
            let arguments = party.own(&["serve", "--listen", "127.0.0.1:0"], &[THEIRS, more].concat());
            let mut child =
                command().args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
            let mut line = String::new();
            BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
            let url = line.trim().strip_prefix("waiting for one comparison at ").expect("it says where").to_owned();
            Self { child, url }
        }

        /// What it says when it ends.
        fn told(mut self) -> String {
            let mut told = String::new();
            self.child.stdout.take().unwrap().read_to_string(&mut told).unwrap();
            assert!(self.child.wait().unwrap().success());
            told
        }
    }

    const COMMON: &str = "payment card-1\nphone +1 555 0100\n";

    #[test]
    fn over_https_both_learn_what_both_have_and_strangers_learn_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let [ours, theirs] = parties(folder.path());
        let (token, wrong) = (theirs.place("token"), ours.place("token"));
        fs::write(&token, "5a".repeat(32)).unwrap();
        fs::write(&wrong, "5b".repeat(32)).unwrap();
        let (pem, key) = (certificate("ours.pem"), certificate("ours.key"));
        let waiting = Waiting::start(&theirs, &["--tls-cert", &pem, "--tls-key", &key, "--token-file", &token]);
        assert!(waiting.url.starts_with("https://"), "{}", waiting.url);

        let authority = certificate("ours-authority.pem");
        let stranger = certificate("stranger.pem");
        let compare = |token: &str, authority: &str, more: &[&str]| {
            let with = ["with", &waiting.url, "--token-file", token, "--tls-ca", authority];
            ours.own(&with, more)
        };
        let (status, told) = fails(&compare(&token, &authority, &[]));
        assert!(status == 4 && told.contains("--confirm-first-share"), "{status} {told}");
        let (status, told) = fails(&compare(&wrong, &authority, OURS));
        assert!(status == 1 && told.contains("the token is missing, or is another"), "{status} {told}");
        let (status, told) = fails(&compare(&token, &stranger, &[]));
        assert!(status == 1 && told.contains("ertificate"), "{status} {told}");
        assert_eq!(run(&compare(&token, &authority, &[])), COMMON);
        assert_eq!(waiting.told(), COMMON);
    }

    #[test]
    fn on_this_machine_one_comparison_is_served_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let [ours, theirs] = parties(folder.path());
        let waiting = Waiting::start(&theirs, &[]);
        // Somebody sends an offer and goes away: what another sends is not taken.
        run(&ours.begin(&["start"], "offer.psi", OURS));
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let send = |path: &str, bytes: &[u8]| {
            let mut response = agent.post(format!("{}{path}", waiting.url)).send(bytes).unwrap();
            (response.status().as_u16(), response.body_mut().read_to_vec().unwrap())
        };
        let offer = fs::read(ours.place("offer.psi")).unwrap();
        assert_eq!(send("/psi/closing", b"x").0, 409);
        assert_eq!(send("/psi/offer", b"x").0, 422);
        let (status, answer) = send("/psi/offer", &offer);
        assert_eq!(status, 200);
        assert_eq!(send("/psi/offer", &offer), (200, answer.clone()));
        let (status, told) = fails(&ours.own(&["with", &waiting.url], &[]));
        assert!(status == 1 && told.contains("another comparison is under way"), "{status} {told}");
        assert_eq!(send("/psi/closing", &answer).0, 409);

        let (came, closing, state) = (ours.place("answer.psi"), ours.place("closing.psi"), ours.place("psi.state"));
        fs::write(&came, &answer).unwrap();
        assert_eq!(succeed(&["share", "psi", "finish", &came, "--state", &state, "--out", &closing]), COMMON);
        assert_eq!(send("/psi/closing", &fs::read(&closing).unwrap()).0, 200);
        assert_eq!(waiting.told(), COMMON);
    }

    #[test]
    fn what_can_be_reached_from_elsewhere_needs_tls_and_a_token() {
        let folder = tempfile::tempdir().unwrap();
        let [ours, theirs] = parties(folder.path());
        let serve = ["serve", "--listen", "0.0.0.0:0"];
        let (status, told) = fails(&theirs.own(&serve, THEIRS));
        assert!(status == 2 && told.contains("give --tls-cert"), "{status} {told}");
        let (pem, key) = (certificate("ours.pem"), certificate("ours.key"));
        let tls = ["--tls-cert", &pem, "--tls-key", &key];
        let (status, told) = fails(&theirs.own(&serve, &[THEIRS, &tls].concat()));
        assert!(status == 2 && told.contains("give --token-file"), "{status} {told}");
        assert!(!theirs.has("data/shares.json"), "nothing was let leave");
        let (status, told) = fails(&ours.own(&["with", "http://sharing.example.com"], OURS));
        assert!(status == 2 && told.contains("only https:// is spoken there"), "{status} {told}");
        let short = ours.place("short");
        fs::write(&short, "secret").unwrap();
        let (status, told) = fails(&ours.own(&["with", "https://x.example", "--token-file", &short], OURS));
        assert!(status == 2 && told.contains("openssl rand"), "{status} {told}");
    }
}
