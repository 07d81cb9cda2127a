//! What a world's file may say, and what is said where it is wrong.

use super::*;

#[test]
fn every_world_that_comes_along_is_read() {
    for (entry, (listed, about)) in catalogue::ENTRIES.iter().zip(World::builtin()) {
        assert_eq!(entry.name, *listed);
        assert!(!about.is_empty());
        let world = World::load(entry.name).unwrap();
        assert_eq!(world.name(), entry.name);
    }
}

#[test]
fn faults_are_named_with_what_is_known() {
    let head = "name = 'x'\nabout = 'x'\nstart = '2026-01-01'\ndays = 3\n";
    let population = "[[population]]\nkind = 'individual'\naccounts = 3\n";
    for (text, parts) in [
        (format!("{head}colour = 1\n"), vec!["colour", "population", "campaign"]),
        (format!("{head}{population}colour = 1\n"), vec!["colour", "accounts", "exchanges"]),
        (format!("{head}{population}exchanges = {{ mean = 3 }}\n"), vec!["mean", "median", "sigma"]),
        (format!("{head}{population}exchanges = [5, 2]\n"), vec!["[5, 2]"]),
        (format!("{head}{population}share = 2.0\n"), vec!["share"]),
        (format!("{head}[[population]]\nkind = 'alien'\naccounts = 3\n"), vec!["alien", "individual", "viral"]),
        (head.to_owned(), vec!["nobody"]),
        (population.to_owned(), vec!["name"]),
        (head.replace("2026-01-01", "soon") + population, vec!["start"]),
        (head.replace("days = 3", "days = 0") + population, vec!["days"]),
    ] {
        let error = World::parse(&text, "here").unwrap_err().to_string();
        assert!(error.starts_with("here is no world"), "{error}");
        assert!(parts.iter().all(|part| error.contains(part)), "{error} lacks one of {parts:?}");
    }
    let error = World::load("nowhere").unwrap_err().to_string();
    assert!(error.contains("nowhere") && error.contains("standard"), "{error}");
}

#[test]
fn campaigns_are_checked() {
    let campaign = |more: &str| {
        let text = format!(
            "name = 'x'\nabout = 'x'\nstart = 2026-01-01\ndays = 3\n[[campaign]]\nname = 'c'\nlevel = 'T1'\n\
             entity = 'e'\naccounts = 2\ncapability = 'reasoning'\n{more}"
        );
        World::parse(&text, "here").map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(campaign(""), Ok(()));
    assert!(campaign("cover = 0.5").unwrap_err().contains("T2"));
    assert!(campaign("start_day = 3").unwrap_err().contains("start_day"));
    assert!(campaign("twin = true").unwrap_err().contains("twins"));
}
