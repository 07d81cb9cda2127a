//! Gates that draw on the same budgets over a real server, which are killed, and whose server is stopped.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::thread;
use std::time::Duration;
use std::time::SystemTime;

use super::gather;
use super::running::HARVESTER;
use super::running::HONEST;
use super::running::Running;
use super::running::Setting;
use crate::common::command;
use crate::common::succeed;
use crate::common::text;
use crate::redis::PASSWORD;
use crate::redis::Server;

/// Requests of a campaign in a minute.
const LIMIT: u64 = 400;
const MINUTE_S: u64 = 60;
/// Refusals in a row after which the budget counts as spent.
const ENOUGH: u32 = 20;

fn now_s() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

/// A gate whose campaign has a budget of a minute, or of a day.
fn setting(url: &str, period: &str) -> Setting {
    let mut setting = Setting::new();
    setting.verdicts(1, &["harvester-1"]);
    let budget = |period: &str, requests: u64| {
        format!("period = \"{period}\"\nrequests = {requests}\ntokens = 1_000_000\nprivacy = 1_000_000")
    };
    setting.change("settings.toml", &budget("day", 500), &budget(period, LIMIT));
    setting.lines = format!("[budgets]\nserver = \"{url}\"\ngates = 2\n");
    setting
}

fn metric(gate: &Running, line: &str) -> f64 {
    let told = String::from_utf8(gate.operators("/metrics").body).unwrap();
    let found = told.lines().find_map(|one| one.strip_prefix(line)?.trim().parse().ok());
    found.unwrap_or_else(|| panic!("no {line} in {told}"))
}

fn degraded(gate: &Running) -> String {
    gate.operators("/readyz").json()["degraded"].to_string()
}

/// Requests that were served, by the minute in which they were sent.
type Served = BTreeMap<u64, u64>;

/// Asks one gate until its budget is spent, or so often.
fn ask(gate: &Running, most: u64) -> Served {
    let (mut served, mut refused) = (Served::new(), 0);
    for _ in 0..most {
        let minute = now_s() / MINUTE_S;
        match gate.ask("/v1/chat/completions", HARVESTER, "", b"{\"model\":\"m\",\"max_tokens\":9}").status {
            200 => {
                *served.entry(minute).or_default() += 1;
                refused = 0;
            }
            429 => refused += 1,
            other => panic!("{other}"),
        }
        if refused == ENOUGH {
            break;
        }
    }
    served
}

fn ask_both(one: &Running, other: &Running) -> Vec<Served> {
    thread::scope(|scope| {
        let asked = [one, other].map(|gate| scope.spawn(|| ask(gate, 10 * LIMIT)));
        asked.map(|served| served.join().unwrap()).to_vec()
    })
}

fn sum<'a>(all: impl IntoIterator<Item = &'a Served>) -> Served {
    let mut sum = Served::new();
    for (minute, count) in all.into_iter().flatten() {
        *sum.entry(*minute).or_default() += count;
    }
    sum
}

/// Waits for the beginning of the next minute; which one it is.
fn next_minute() -> u64 {
    let next = now_s() / MINUTE_S + 1;
    while now_s() / MINUTE_S < next {
        thread::sleep(Duration::from_millis(20));
    }
    next
}

/// What was served in a minute, whose requests were all sent in it.
fn in_minute(served: &[Served], minute: u64) -> u64 {
    let all = sum(served);
    assert_eq!(all.keys().copied().collect::<Vec<u64>>(), [minute], "a minute is too short for the requests");
    all[&minute]
}

/// Two gates that share budgets of a minute over a new server.
fn two_gates(server: &Server) -> [Running; 2] {
    let any = setting(&server.url(), "minute");
    any.write();
    succeed(&["gate", "--config", text(&any.path("gate.toml")), "--new-budget-server"]);
    [setting(&server.url(), "minute").start(), setting(&server.url(), "minute").start()]
}

/// Keeps a figure for who reads the output of the tests.
fn tell(figure: &str) {
    std::io::stderr().write_all(format!("of {LIMIT} a minute for two gates: {figure}\n").as_bytes()).unwrap();
}

/// The most that may be admitted: 1.05 times the limit.
const BOUND: u64 = LIMIT + LIMIT / 20;

/// Side by side, since each waits for a minute to begin.
#[test]
fn two_gates_with_one_quota_admit_one() {
    thread::scope(|scope| {
        let cases = [undisturbed, when_a_gate_is_killed, when_the_server_is_killed].map(|case| scope.spawn(case));
        cases.into_iter().for_each(|case| case.join().unwrap());
    });
}

fn undisturbed() {
    let Some(server) = Server::start("two_gates_with_one_quota_admit_one") else { return };
    let [first, second] = two_gates(&server);
    let minute = next_minute();
    let all = in_minute(&ask_both(&first, &second), minute);
    assert!((LIMIT * 9 / 10..=BOUND).contains(&all), "{all} of {LIMIT}");
    for gate in [&first, &second] {
        assert_eq!(degraded(gate), "[]");
        assert!(metric(gate, "stillwatch_gate_budget_leases_total{kind=\"given\"}") > 1.0);
        assert!(metric(gate, "stillwatch_gate_budget_leases_total{kind=\"failed\"}") < 1.0);
    }
    tell(&format!("{all}"));
}

fn when_a_gate_is_killed() {
    let Some(server) = Server::start("two_gates_with_one_quota_admit_one: a gate is killed") else { return };
    let [first, second] = two_gates(&server);
    let minute = next_minute();
    // All of its own share, and some of what it leased.
    let begun = ask(&first, LIMIT * 3 / 8);
    assert_eq!(in_minute(std::slice::from_ref(&begun), minute), LIMIT * 3 / 8, "of the one that is killed");
    // Dropping it is SIGKILL.
    drop(first);
    let third = setting(&server.url(), "minute").start();
    let mut served = ask_both(&second, &third);
    served.push(begun);
    let all = in_minute(&served, minute);
    assert!((LIMIT * 9 / 10..=BOUND).contains(&all), "{all} of {LIMIT}: {served:?}");
    tell(&format!("{all} with one killed and replaced"));
}

fn when_the_server_is_killed() {
    let Some(mut server) = Server::start("two_gates_with_one_quota_admit_one: the server is killed") else {
        return;
    };
    let [first, second] = two_gates(&server);
    let minute = next_minute();
    // One has leased by then, the other has not used its own share.
    let begun = [ask(&first, LIMIT * 3 / 8), ask(&second, LIMIT / 8)];
    server.kill();
    let mut served = ask_both(&first, &second);
    served.extend(begun);
    let all = in_minute(&served, minute);
    assert!((LIMIT * 5 / 8..=BOUND).contains(&all), "{all} of {LIMIT}: {served:?}");
    for gate in [&first, &second] {
        gate.until("the reason", |gate| degraded(gate).contains("nobody listens at its address"));
        assert_eq!(gate.operators("/readyz").status, 200, "it goes on");
    }
    // From the next minute on each has a quarter of the limit.
    let minute = next_minute();
    let without = in_minute(&ask_both(&first, &second), minute);
    assert_eq!(without, LIMIT / 2);
    assert!(metric(&first, "stillwatch_gate_budget_leases_total{kind=\"failed\"}") > 1.0);
    assert!(metric(&first, "stillwatch_gate_budget_degraded_seconds_total") > 1.0);
    server.start_again();
    first.until("the server", |gate| degraded(gate) == "[]");
    tell(&format!("{all} with the server killed, {without} without it"));
}

#[test]
fn what_was_leased_and_not_spent_is_given_back_at_the_end() {
    let Some(server) = Server::start("what_was_leased") else { return };
    let first = setting(&server.url(), "day");
    first.write();
    let set_up = || succeed(&["gate", "--config", text(&first.path("gate.toml")), "--new-budget-server"]);
    assert!(set_up().contains("is new"));
    assert!(set_up().contains("remembers leases already"));
    // In the window in which they began gates have the pool alone: half of the limit.
    let first = first.start();
    assert_eq!(sum([&ask(&first, 10)]).values().sum::<u64>(), 10, "the first request waits for the first lease");
    let (told, folder) = first.stop();
    assert!(!told.contains(PASSWORD), "{told}");
    let second = setting(&server.url(), "day").start();
    let rest: u64 = ask(&second, LIMIT).values().sum();
    assert_eq!(rest, LIMIT / 2 - 10, "all that the first one did not spend");
    drop(folder);
}

/// A password in the URL is nobody's business: not that of who reads the terminal, the log, the metrics or a file.
#[test]
fn a_password_is_never_told() {
    let server = Server::start("a_password_is_never_told, in part");
    let wrong = "hunter3-90ab";
    let place = server.as_ref().map_or_else(|| "127.0.0.1:1".to_owned(), |server| format!("127.0.0.1:{}", server.port));
    let why = if server.is_some() { "does not take the user and the password" } else { "nobody listens" };
    let url = format!("redis://who:{wrong}@{place}");
    let gate = setting(&url, "day").start();
    let output = |setting: &Setting, argument: &str| {
        let run = command().args(["gate", argument, "--config", text(&setting.path("gate.toml"))]).output().unwrap();
        (run.status.code().unwrap(), String::from_utf8([run.stdout, run.stderr].concat()).unwrap())
    };
    let second = setting(&url, "day");
    second.write();
    let mut all = Vec::new();
    let (code, told) = output(&second, "--check");
    assert!(code == 0 && told.contains(&place) && told.contains(why) && told.contains("shared by 2 gates"), "{told}");
    all.extend(told.into_bytes());
    let (code, told) = output(&second, "--new-budget-server");
    assert!(code == 1 && told.contains(&place) && told.contains(why), "{told}");
    all.extend(told.into_bytes());
    for (from, to, words) in [
        ("redis://", "rediss://", "the client has no TLS"),
        ("redis://", "http://", "no URL of a Redis-protocol server"),
        ("redis://", "", "no URL of a Redis-protocol server"),
        ("gates = 2", "gates = 0", "budgets.gates: between 1 and"),
        ("gates = 2", "gate = 2", "unknown field `gate`"),
        ("\"\ngates", "\ngates", "line "),
        ("\ngates = 2", "", "missing field `gates`"),
    ] {
        let file = second.path("gate.toml");
        second.write();
        let good = fs::read_to_string(&file).unwrap();
        assert!(good.contains(from), "{good}");
        fs::write(&file, good.replace(from, to)).unwrap();
        let (code, told) = output(&second, "--check");
        assert!(code == 2 && told.contains(words), "{words}: {code} {told}");
        all.extend(told.into_bytes());
    }
    gate.until("the reason", |gate| degraded(gate).contains(why));
    assert_eq!(gate.ask("/v1/chat/completions", HONEST, "", b"{}").status, 200, "who draws on no budget is served");
    assert_eq!(gate.ask("/v1/chat/completions", HARVESTER, "", b"{}").status, 429, "nothing can be leased");
    all.extend(gate.operators("/readyz").body);
    all.extend(gate.operators("/metrics").body);
    let (told, folder) = gate.stop();
    all.extend(told.into_bytes());
    fs::remove_file(folder.path().join("gate.toml")).unwrap();
    gather(folder.path(), &mut all);
    let holds = |word: &str| all.windows(word.len()).any(|window| window == word.as_bytes());
    assert!(!holds(wrong) && !holds("who:"), "an output holds the password");
}
