//! Hunts on a cluster: the same results as on one machine, whatever part of it dies.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::common::assert_same;
use crate::common::command;
use crate::common::failed;
use crate::common::results;
use crate::common::succeed;
use crate::common::text;
use crate::parts::Parts;
use crate::parts::data;
use crate::parts::hunting;
use crate::parts::partial_results;
use crate::parts::said;
use crate::parts::wait;
use crate::parts::within;
use crate::process::Part;

const LONG: Duration = Duration::from_secs(240);

fn local(input: &Path, accounts: &Path, found: &Path, more: &[&str]) -> Vec<(String, String)> {
    let output = within(LONG, &mut hunting(input, accounts, found, "local", more));
    assert!(output.status.success(), "{:?}", said(&output));
    results(found)
}

#[test]
fn a_cluster_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let data = data(folder.path(), "1", "0.3");
    let parts = Parts::start(folder.path(), 2);
    let windowed = ["--since", "2026-04-24", "--until", "2026-04-30T12:00:00Z"];
    for (name, more) in [("whole", &[][..]), ("windowed", &windowed[..])] {
        let expected = local(&data.dir, &data.accounts, &at(&format!("{name}-local")), more);
        let found = at(name);
        let output = within(LONG, &mut hunting(&data.dir, &data.accounts, &found, &parts.engine(), more));
        assert!(output.status.success(), "{:?}", said(&output));
        assert_same(&results(&found), &expected, name);
    }
    assert!((0..2).all(|number| partial_results(&parts.work(number)) > 0), "both executors worked");

    // A log is ingested here first, where every machine reaches the data directory.
    let (code, error) = said(&within(LONG, &mut hunting(&data.log, &data.accounts, &at("raw"), &parts.engine(), &[])));
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("--data-dir") && !at("raw").exists(), "{error}");
    let (kept, other) = (at("kept"), at("kept-local"));
    let expected = local(&data.log, &data.accounts, &at("raw-local"), &["--data-dir", text(&other)]);
    let more = ["--data-dir", text(&kept)];
    let output = within(LONG, &mut hunting(&data.log, &data.accounts, &at("raw"), &parts.engine(), &more));
    assert!(output.status.success(), "{:?}", said(&output));
    assert_same(&results(&at("raw")), &expected, "raw");
    // A record that is in two tables counts once, there as here.
    let expected = local(&data.dir, &data.accounts, &at("two-local"), &[text(&other)]);
    let output = within(LONG, &mut hunting(&data.dir, &data.accounts, &at("two"), &parts.engine(), &[text(&other)]));
    assert!(output.status.success(), "{:?}", said(&output));
    assert_same(&results(&at("two")), &expected, "two");
}

#[test]
fn an_executor_killed_in_mid_job_costs_time_and_not_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path(), "2", "0.5");
    let expected = local(&data.dir, &data.accounts, &folder.path().join("local"), &[]);
    let mut parts = Parts::start(folder.path(), 2);
    let found = folder.path().join("found");
    let mut hunt = hunting(&data.dir, &data.accounts, &found, &parts.engine(), &[])
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    // Results that others will want and never get.
    let started = Instant::now();
    while partial_results(&parts.work(0)) < 3 {
        assert!(
            started.elapsed() < LONG && hunt.try_wait().unwrap().is_none(),
            "the job ended before it could be hurt"
        );
        thread::sleep(Duration::from_millis(2));
    }
    parts.executors[0].kill();
    assert!(hunt.try_wait().unwrap().is_none(), "the job ended before it could be hurt");
    let output = wait(LONG, hunt);
    assert!(output.status.success(), "{:?}", said(&output));
    assert_same(&results(&found), &expected, "found");
}

#[test]
fn another_build_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let parts = Parts::start(folder.path(), 0);
    let old =
        |arguments: &[&str]| said(&within(LONG, command().args(arguments).env("STILLWATCH_BUILD", "0.0.9+columns.1")));
    let (code, error) = old(&["executor", "--scheduler", &parts.scheduler.place]);
    assert_eq!(code, 1, "{error}");
    let ours = format!("the scheduler is of build {}+columns.", env!("CARGO_PKG_VERSION"));
    assert!(error.contains(&ours) && error.contains("0.0.9+columns.1"), "{error}");
    let found = folder.path().join("found");
    fs::create_dir(folder.path().join("data")).unwrap();
    fs::create_dir_all(folder.path().join("data/exchange/v4")).unwrap();
    fs::write(folder.path().join("data/embedder"), "hashed-words").unwrap();
    let data = folder.path().join("data");
    let (code, error) = old(&["hunt", text(&data), "--out", text(&found), "--engine", &parts.engine()]);
    assert!(code != 0 && !found.exists(), "{code} {error}");
}

#[test]
fn a_scheduler_that_is_not_there_is_an_error_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path(), "3", "0.1");
    let found = folder.path().join("found");
    let place = Part::start(folder.path(), &["scheduler", "--bind", "127.0.0.1:0"]).place.clone();
    let engine = format!("ballista://{place}");
    let limit = Duration::from_secs(30);
    let (code, error) = said(&within(limit, &mut hunting(&data.dir, &data.accounts, &found, &engine, &[])));
    assert_eq!(code, 1, "{error}");
    assert!(error.contains(&place) && error.contains("cannot be reached"), "{error}");
    assert!(!found.exists());

    // One that dies in mid-job.
    let mut parts = Parts::start(folder.path(), 1);
    parts.executors[0].signal("-STOP");
    let hunt = hunting(&data.dir, &data.accounts, &found, &parts.engine(), &[]).stderr(Stdio::piped()).spawn().unwrap();
    thread::sleep(Duration::from_secs(3));
    parts.scheduler.kill();
    let (code, error) = said(&wait(Duration::from_secs(60), hunt));
    assert_eq!(code, 1, "{error}");
    assert!(error.contains("cannot be reached") && !found.exists(), "{error}");
}

#[test]
fn a_scheduler_that_comes_back_is_given_the_job_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path(), "7", "0.1");
    let expected = local(&data.dir, &data.accounts, &folder.path().join("local"), &[]);
    let found = folder.path().join("found");
    let mut parts = Parts::start(folder.path(), 1);
    let place = parts.scheduler.place.clone();
    // Nobody works, so that the job is there when its scheduler dies.
    parts.executors[0].signal("-STOP");
    let hunt = hunting(&data.dir, &data.accounts, &found, &parts.engine(), &[]).stderr(Stdio::piped()).spawn().unwrap();
    thread::sleep(Duration::from_secs(2));
    parts.scheduler.kill();
    parts.scheduler = Part::start(folder.path(), &["scheduler", "--bind", &place]);
    parts.executors[0].signal("-CONT");
    let output = wait(Duration::from_secs(60), hunt);
    assert!(output.status.success(), "{:?}", said(&output));
    assert_same(&results(&found), &expected, "after the scheduler came back");
}

#[test]
fn a_hunt_that_is_stopped_takes_its_job_back() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path(), "8", "0.1");
    let found = folder.path().join("found");
    let parts = Parts::start(folder.path(), 1);
    parts.executors[0].signal("-STOP");
    let hunt = hunting(&data.dir, &data.accounts, &found, &parts.engine(), &[]).stderr(Stdio::piped()).spawn().unwrap();
    thread::sleep(Duration::from_secs(2));
    assert!(Command::new("kill").args(["-INT", &hunt.id().to_string()]).status().unwrap().success());
    let (code, error) = said(&wait(Duration::from_secs(5), hunt));
    assert!(code == 1 && error.contains("nothing was written") && !found.exists(), "{code} {error}");
    // What waited for the executor is not done for nobody.
    parts.executors[0].signal("-CONT");
    thread::sleep(Duration::from_secs(1));
    assert_eq!(partial_results(&parts.work(0)), 0);
}

#[test]
fn a_cluster_without_executors_is_an_error_in_bounded_time() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path(), "4", "0.1");
    let found = folder.path().join("found");
    let mut parts = Parts::start(folder.path(), 1);
    parts.executors[0].signal("-STOP");
    let hunt = hunting(&data.dir, &data.accounts, &found, &parts.engine(), &[]).stderr(Stdio::piped()).spawn().unwrap();
    thread::sleep(Duration::from_secs(1));
    parts.executors[0].kill();
    let (code, error) = said(&wait(Duration::from_secs(120), hunt));
    assert_eq!(code, 1, "{error}");
    assert!(error.contains("executor") && !found.exists(), "{error}");
}

#[test]
fn strangers_are_kept_out() {
    let folder = tempfile::tempdir().unwrap();
    for role in [&["scheduler"][..], &["executor", "--scheduler", "127.0.0.1:1"][..]] {
        let (code, error) = failed(&[role, &["--bind", "0.0.0.0:0"]].concat());
        assert_eq!(code, 2, "{error}");
        assert!(error.contains("beyond this machine") && error.contains("--network-is-trusted"), "{error}");
    }
    let token = folder.path().join("token");
    fs::write(&token, "0123456789abcdef0123456789abcdef\n").unwrap();
    let scheduler = Part::start(folder.path(), &["scheduler", "--bind", "127.0.0.1:0", "--token-file", text(&token)]);
    let (code, error) = failed(&["executor", "--scheduler", &scheduler.place]);
    assert_eq!(code, 1, "{error}");
    assert!(error.contains("token"), "{error}");
    let with_token = ["executor", "--scheduler", &scheduler.place, "--token-file", text(&token)];
    let _executor = Part::start(folder.path(), &with_token);
    let data = data(folder.path(), "5", "0.1");
    let (found, engine) = (folder.path().join("found"), format!("ballista://{}", scheduler.place));
    let (code, error) = said(&within(LONG, &mut hunting(&data.dir, &data.accounts, &found, &engine, &[])));
    assert_eq!(code, 1, "{error}");
    assert!(error.contains("token") && !found.exists(), "{error}");
    let more = ["--token-file", text(&token)];
    let output = within(LONG, &mut hunting(&data.dir, &data.accounts, &found, &engine, &more));
    assert!(output.status.success(), "{:?}", said(&output));
    fs::write(&token, "short").unwrap();
    let (code, error) = failed(&["scheduler", "--bind", "127.0.0.1:0", "--token-file", text(&token)]);
    assert!(code == 2 && error.contains("openssl rand"), "{error}");
}

#[test]
fn with_certificates_all_is_encrypted_and_strangers_are_kept_out() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| format!("{}/tests/cli/certificates/{name}", env!("CARGO_MANIFEST_DIR"));
    let keys = |who: &str| {
        let [certificate, key, authority] =
            [at(&format!("{who}.pem")), at(&format!("{who}.key")), at("ours-authority.pem")];
        ["--tls-cert".into(), certificate, "--tls-key".into(), key, "--tls-ca".into(), authority]
    };
    let (ours, stranger) = (keys("ours"), keys("stranger"));
    let ours: Vec<&str> = ours.iter().map(String::as_str).collect();
    let stranger: Vec<&str> = stranger.iter().map(String::as_str).collect();
    // Beyond this machine without a word about the network, since nobody else can hear or call.
    let scheduler = Part::start(folder.path(), &[&["scheduler", "--bind", "0.0.0.0:0"], &ours[..]].concat());
    let place = scheduler.place.replace("0.0.0.0", "127.0.0.1");
    let executor = ["executor", "--scheduler", &place, "--slots", "1"];
    let _executors = [(); 2].map(|()| Part::start(folder.path(), &[&executor[..], &ours[..]].concat()));
    let data = data(folder.path(), "6", "0.2");
    let found = folder.path().join("found");
    let engine = format!("ballista://{place}");
    let limit = Duration::from_secs(60);
    for (who, keys) in [("nobody", &[][..]), ("stranger", &stranger[..])] {
        let (code, error) = said(&within(limit, &mut hunting(&data.dir, &data.accounts, &found, &engine, keys)));
        assert_eq!(code, 1, "{who}: {error}");
        let is_told = error.contains("--tls-cert") || error.contains("cannot be reached");
        assert!(is_told && !found.exists(), "{who}: {error}");
    }
    let expected = local(&data.dir, &data.accounts, &folder.path().join("local"), &[]);
    let output = within(LONG, &mut hunting(&data.dir, &data.accounts, &found, &engine, &ours));
    assert!(output.status.success(), "{:?}", said(&output));
    assert_same(&results(&found), &expected, "with certificates");
}

#[test]
fn parts_end_when_told_to_and_clean_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut parts = Parts::start(folder.path(), 1);
    parts.executors[0].signal("-TERM");
    assert_eq!(parts.executors[0].ended_within(Duration::from_secs(10)), Some(0));
    assert_eq!(fs::read_dir(parts.work(0)).unwrap().count(), 0, "its folder is gone");
    // The same port is free again at once.
    let place = parts.scheduler.place.clone();
    parts.scheduler.signal("-INT");
    assert_eq!(parts.scheduler.ended_within(Duration::from_secs(10)), Some(0));
    drop(Part::start(folder.path(), &["scheduler", "--bind", &place]));
    let help = succeed(&["scheduler", "--help"]);
    assert!(help.contains("ballista://"), "{help}");
}
