//! Files of organisations.

use attribution::ErrorKind;
use attribution::parse_entity;
use attribution::read_entities;

const SOURCE: &str =
    "\n[[source]]\nid = \"s\"\ncitation = \"c\"\npublisher = \"p\"\ntier = \"primary\"\nat = \"2026-01-01\"\n";

#[test]
fn the_examples_are_fit() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/entities");
    let entities = read_entities(&folder).unwrap();
    let names: Vec<&str> = entities.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Northmere Cognition Works", "Oriel Basin Labs", "Tarn and Fell Intelligence"]);
    // A subsidiary of which most is owned brings its domain.
    assert!(entities[0].domains.iter().any(|fact| fact.value == "northmere-tools.example"));
    assert!(entities[0].domains.iter().all(|fact| fact.standing.independent == 2));
}

#[test]
fn where_somebody_comes_from_is_refused() {
    for field in ["country = \"XX\"", "language = \"xx\"", "nationality = \"x\""] {
        let error = parse_entity("x.toml", &format!("name = \"X\"\n{field}\n")).unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind(), ErrorKind::Entity);
        assert!(text.starts_with("x.toml: line 2: ") && text.contains("no evidence"), "{text}");
    }
}

#[test]
fn each_fault_names_its_line_and_the_fix() {
    let file = |body: &str| format!("name = \"X\"\n{body}{SOURCE}");
    for (body, line, word) in [
        ("strange = 1", 2, "unknown field"),
        ("[[domain]]\nname = \"a@b\"\nsources = [\"s\"]", 3, "is no domain"),
        ("[[domain]]\nname = \"x.example\"", 3, "has no source"),
        ("[[domain]]\nname = \"x.example\"\nsources = [\"t\"]", 3, "there is no source \"t\""),
        ("[[network]]\ncidr = \"10.0.0.0/33\"\nsources = [\"s\"]", 3, "is no network"),
        ("[[network]]\ncidr = \"0.0.0.0/0\"\nsources = [\"s\"]", 3, "larger than any one"),
        ("[[subsidiary]]\nname = \"Y\"\nshare = 120\nsources = [\"s\"]", 4, "0 to 100"),
        ("[[release]]\nname = \"R\"\nat = \"May\"\nsources = [\"s\"]", 4, "is no date"),
        ("[[code_name]]\nword = \"ab\"\nsources = [\"s\"]", 3, "four letters"),
        (
            "[hours]\ntime_zone = \"Mars\"\nfrom = \"09:00\"\nto = \"17:00\"\ndays = [\"mon\"]\nsources = [\"s\"]",
            3,
            "POSIX",
        ),
        (
            "[hours]\ntime_zone = \"UTC\"\nfrom = \"18:00\"\nto = \"17:00\"\ndays = [\"mon\"]\nsources = [\"s\"]",
            4,
            "before to",
        ),
    ] {
        let text = parse_entity("x.toml", &file(body)).unwrap_err().to_string();
        assert!(text.starts_with(&format!("x.toml: line {line}: ")) && text.contains(word), "{body}: {text}");
    }
}

#[test]
fn a_subsidiary_that_is_not_controlled_brings_nothing() {
    let file = |share: u32| {
        format!(
            "name = \"X\"\n[[subsidiary]]\nname = \"Y\"\nshare = {share}\ndomains = [\"y.example\"]\nsources = [\"s\"]{SOURCE}"
        )
    };
    assert_eq!(parse_entity("x", &file(50)).unwrap().domains.len(), 0);
    assert_eq!(parse_entity("x", &file(51)).unwrap().domains.len(), 1);
}
