use super::*;

fn names(inputs: &[String]) -> Vec<String> {
    let found = expand(inputs).unwrap();
    found.iter().map(|input| input.name().rsplit('/').next().unwrap().to_owned()).collect()
}

#[test]
fn files_folders_and_globs_are_sorted_and_come_once() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("sub/deeper")).unwrap();
    for name in ["b.jsonl", "a.jsonl.gz", "sub/c.parquet", "sub/deeper/d.zst", "notes.txt", ".hidden.jsonl"] {
        fs::write(root.join(name), "x").unwrap();
    }
    let path = |name: &str| root.join(name).display().to_string();
    assert_eq!(names(&[path("")]), ["a.jsonl.gz", "b.jsonl", "c.parquet", "d.zst"]);
    assert_eq!(
        names(&[path("*.jsonl"), path("b.jsonl"), path("sub/../b.jsonl"), path("notes.txt")]),
        ["b.jsonl", "notes.txt"]
    );
    assert_eq!(names(&[path("**/*.zst")]), ["d.zst"]);
    assert_eq!(names(&[path("s?b/*")]), ["c.parquet", "d.zst"]);
    assert_eq!(names(&[path("[s]ub/deeper/d.z*")]), ["d.zst"]);
    assert_eq!(names(&[format!("file://{}", path("b.jsonl"))]), ["b.jsonl"]);
    assert_eq!(expand(&[path("b.jsonl")]).unwrap()[0].size_bytes(), Some(1));
}

#[cfg(unix)]
#[test]
fn links_that_go_round_and_pipes_end() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir(root.join("logs")).unwrap();
    fs::write(root.join("logs/a.jsonl"), "x").unwrap();
    for name in ["one", "two", "three"] {
        std::os::unix::fs::symlink(".", root.join("logs").join(name)).unwrap();
    }
    let path = |name: &str| root.join(name).display().to_string();
    assert_eq!(names(&[path("**/*.jsonl")]), ["a.jsonl"]);
    // One folder behind a link is looked into where the pattern names it.
    assert_eq!(names(&[path("logs/t*/a.jsonl")]), ["a.jsonl"]);
    let pipe = root.join("pipe.jsonl");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let input = expand(&[pipe.display().to_string()]).unwrap();
    let error = input[0].open(None).map(drop).unwrap_err().to_string();
    assert!(error.contains("it is a pipe or a device"), "{error}");
}

#[test]
fn results_of_a_hunt_among_logs_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().display().to_string();
    fs::create_dir(folder.path().join("found")).unwrap();
    for name in ["log.jsonl", "found/campaigns.json", "found/accounts.jsonl", "found/groups.jsonl"] {
        fs::write(folder.path().join(name), "x").unwrap();
    }
    assert!(expand(std::slice::from_ref(&logs)).is_ok(), "a log may have one of these names");
    fs::write(folder.path().join("found/summary.json"), "x").unwrap();
    let error = expand(&[logs]).unwrap_err().to_string();
    assert!(error.contains("found holds the results of a hunt"), "{error}");
}

#[test]
fn what_names_nothing_is_an_error_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["absent.jsonl", "*.jsonl", ""] {
        let input = folder.path().join(name).display().to_string();
        let error = expand(&[input]).unwrap_err();
        assert!(matches!(error, Error::NoFiles { .. }), "{error}");
    }
    assert!(matches!(expand(&["a[".to_owned()]), Err(Error::Usage(_))));
}
