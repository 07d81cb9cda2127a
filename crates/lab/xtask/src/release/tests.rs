use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use serde_json::json;

use super::*;
use crate::release::archive::digest;
use crate::release::parts::strip;

const NAMES: Names = Names { version: "0.1.0", arch: "x86_64", epoch_s: 1_795_000_000 };

/// A program that is no Stillwatch: what is handed out beside it does not depend on it.
fn parts() -> Parts {
    Parts {
        program: b"\x7fELF of the test".to_vec(),
        symbols: b"symbols".to_vec(),
        manual: vec![File::new("stillwatch.1".to_owned(), b".TH stillwatch 1".to_vec())],
        completions: ["bash", "fish", "zsh"].map(|shell| (shell, format!("# {shell}").into_bytes())).to_vec(),
        sbom: b"{}".to_vec(),
    }
}

fn linked() -> Linked {
    Linked::read(
        "  NEEDED               libc.so.6\n  NEEDED   libgcc_s.so.1\n 0x09 0x00 05 GLIBC_2.34\n 0x06 00 02 GLIBC_2.9\n",
    )
}

fn have(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

#[test]
fn the_archive_is_the_same_twice_and_its_digests_are_right() {
    let files = parts().archive().unwrap();
    let packed = tar_gz(&NAMES.stem(), &files, NAMES.epoch_s).unwrap();
    let mut backwards = files.clone();
    backwards.reverse();
    assert_eq!(packed, tar_gz(&NAMES.stem(), &backwards, NAMES.epoch_s).unwrap());
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(packed.as_slice()));
    let mut found: BTreeMap<String, (u32, Vec<u8>)> = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let header = entry.header();
        let (mode, owner) = (header.mode().unwrap(), (header.uid().unwrap(), header.gid().unwrap()));
        assert_eq!((owner, header.mtime().unwrap()), ((0, 0), NAMES.epoch_s));
        let place = entry.path().unwrap().display().to_string();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        found.insert(place.strip_prefix("stillwatch-0.1.0-x86_64-linux/").unwrap().to_owned(), (mode, bytes));
    }
    for (place, mode) in [
        ("stillwatch", 0o755),
        ("LICENSE", 0o644),
        ("README.md", 0o644),
        ("man/stillwatch.1", 0o644),
        ("completions/_stillwatch", 0o644),
        ("packaging/systemd/stillwatch.service", 0o644),
        ("packaging/debian/postinst", 0o755),
        ("stillwatch.cdx.json", 0o644),
    ] {
        assert_eq!(found.get(place).map(|(mode, _)| *mode), Some(mode), "{place}");
    }
    let sums = String::from_utf8(found.remove("SHA256SUMS").unwrap().1).unwrap();
    let expected: String = found.iter().map(|(place, (_, bytes))| format!("{}  {place}\n", digest(bytes))).collect();
    assert_eq!(sums, expected);
}

/// With this program in the place of the one that is handed out.
#[test]
fn symbols_are_kept_apart() {
    if !have("objcopy") || !have("objdump") {
        return note("skipped: objcopy and objdump are not installed");
    }
    let program = env::current_exe().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (stripped, symbols) = strip(&program, &NAMES, folder.path()).unwrap();
    assert_eq!(strip(&program, &NAMES, folder.path()).unwrap(), (stripped.clone(), symbols));
    assert!((stripped.len() as u64) < fs::metadata(&program).unwrap().len());
    let bare = folder.path().join("stillwatch");
    let headers = told("objdump", &["--section-headers", bare.to_str().unwrap()]);
    assert!(headers.contains(".gnu_debuglink") && !headers.contains(".debug_info"), "{headers}");
    assert!(told(bare.to_str().unwrap(), &["--list"]).contains("symbols_are_kept_apart"), "it runs");
    assert!(Linked::of(&program).unwrap().depends().unwrap().contains("libc6 (>= 2."));
}

#[test]
fn what_is_linked_becomes_what_is_depended_on() {
    assert_eq!(linked().glibc(), "glibc 2.34");
    assert_eq!(linked().depends().unwrap(), "libc6 (>= 2.34), libgcc-s1, passwd");
    let other = Linked::read("  NEEDED               libssl.so.3\n");
    assert!(other.depends().unwrap_err().contains("libssl.so.3"));
}

/// What `dpkg-deb --contents` lists, without sizes and times.
const CONTENTS: &str = "\
drwxr-xr-x root/root ./
drwxr-xr-x root/root ./etc/
drwxr-xr-x root/root ./etc/stillwatch/
-rw-r--r-- root/root ./etc/stillwatch/up.toml
drwxr-xr-x root/root ./usr/
drwxr-xr-x root/root ./usr/bin/
-rwxr-xr-x root/root ./usr/bin/stillwatch
drwxr-xr-x root/root ./usr/lib/
drwxr-xr-x root/root ./usr/lib/systemd/
drwxr-xr-x root/root ./usr/lib/systemd/system/
-rw-r--r-- root/root ./usr/lib/systemd/system/stillwatch.service
drwxr-xr-x root/root ./usr/lib/sysusers.d/
-rw-r--r-- root/root ./usr/lib/sysusers.d/stillwatch.conf
drwxr-xr-x root/root ./usr/share/
drwxr-xr-x root/root ./usr/share/bash-completion/
drwxr-xr-x root/root ./usr/share/bash-completion/completions/
-rw-r--r-- root/root ./usr/share/bash-completion/completions/stillwatch
drwxr-xr-x root/root ./usr/share/doc/
drwxr-xr-x root/root ./usr/share/doc/stillwatch/
-rw-r--r-- root/root ./usr/share/doc/stillwatch/README.md
-rw-r--r-- root/root ./usr/share/doc/stillwatch/copyright
drwxr-xr-x root/root ./usr/share/doc/stillwatch/grafana/
-rw-r--r-- root/root ./usr/share/doc/stillwatch/grafana/stillwatch.json
-rw-r--r-- root/root ./usr/share/doc/stillwatch/operate.md
drwxr-xr-x root/root ./usr/share/doc/stillwatch/prometheus/
-rw-r--r-- root/root ./usr/share/doc/stillwatch/prometheus/alerts.yml
-rw-r--r-- root/root ./usr/share/doc/stillwatch/stillwatch.cdx.json
drwxr-xr-x root/root ./usr/share/fish/
drwxr-xr-x root/root ./usr/share/fish/vendor_completions.d/
-rw-r--r-- root/root ./usr/share/fish/vendor_completions.d/stillwatch.fish
drwxr-xr-x root/root ./usr/share/man/
drwxr-xr-x root/root ./usr/share/man/man1/
-rw-r--r-- root/root ./usr/share/man/man1/stillwatch.1.gz
drwxr-xr-x root/root ./usr/share/zsh/
drwxr-xr-x root/root ./usr/share/zsh/vendor-completions/
-rw-r--r-- root/root ./usr/share/zsh/vendor-completions/_stillwatch
";

fn told(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The package of the test, twice; `None` where it cannot be made here.
fn package(folder: &Path) -> Option<PathBuf> {
    let files = parts().installed().unwrap();
    let made = |work: &str| debian::package(&files, &linked(), &NAMES, &folder.join(work)).unwrap();
    let Some((name, bytes)) = made("one") else {
        note("skipped: dpkg-deb is not installed");
        return None;
    };
    assert_eq!(made("other"), Some((name.clone(), bytes)), "the same files give the same package");
    assert_eq!(name, "stillwatch_0.1.0_amd64.deb");
    Some(folder.join("one").join(name))
}

#[test]
fn the_package_holds_what_a_system_needs() {
    let folder = tempfile::tempdir().unwrap();
    let Some(package) = package(folder.path()) else { return };
    let package = package.to_str().unwrap();
    let contents = told("dpkg-deb", &["--contents", package]);
    let mut listed: Vec<String> = contents
        .lines()
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            format!("{} {} {}\n", words[0], words[1], words[5])
        })
        .collect();
    listed.sort_by(|one, other| one.split(' ').nth(2).cmp(&other.split(' ').nth(2)));
    assert_eq!(listed.concat(), CONTENTS);
    let info = told("dpkg-deb", &["--info", package]);
    for line in ["Depends: libc6 (>= 2.34), libgcc-s1, passwd", "Version: 0.1.0", "Architecture: amd64"] {
        assert!(info.contains(line), "{line}: {info}");
    }
    let control = folder.path().join("control");
    told("dpkg-deb", &["--control", package, control.to_str().unwrap()]);
    assert_eq!(fs::read_to_string(control.join("conffiles")).unwrap(), "/etc/stillwatch/up.toml\n");
    for script in ["postinst", "prerm", "postrm"] {
        told("sh", &["-n", control.join(script).to_str().unwrap()]);
    }
}

/// Unpacked by dpkg itself, into a folder. Nothing of this system changes: no script runs.
#[test]
fn dpkg_unpacks_the_package() {
    let folder = tempfile::tempdir().unwrap();
    let Some(package) = package(folder.path()) else { return };
    if !have("dpkg") {
        return note("skipped: dpkg is not installed");
    }
    let system = folder.path().join("system");
    for name in ["info", "updates", "triggers"] {
        fs::create_dir_all(system.join("var/lib/dpkg").join(name)).unwrap();
    }
    fs::write(system.join("var/lib/dpkg/status"), "").unwrap();
    fs::write(system.join("var/lib/dpkg/available"), "").unwrap();
    let unpacked = Command::new("dpkg")
        .arg(format!("--root={}", system.display()))
        .args(["--force-not-root", "--force-bad-path", "--force-architecture", "--log=/dev/null", "--unpack"])
        .arg(&package)
        .output()
        .unwrap();
    assert!(unpacked.status.success(), "{}", String::from_utf8_lossy(&unpacked.stderr));
    let status = fs::read_to_string(system.join("var/lib/dpkg/status")).unwrap();
    assert!(status.contains("Status: install ok unpacked") && status.contains("/etc/stillwatch/up.toml"), "{status}");
    assert_eq!(fs::read(system.join("usr/bin/stillwatch")).unwrap(), parts().program);
}

#[test]
fn components_are_those_that_are_reached() {
    let package = |id: &str, source: Value, license: &str| json!({"id": id, "name": id, "version": "1.0.0", "source": source, "license": license, "license_file": null});
    let registry = || json!("registry+https://github.com/rust-lang/crates.io-index");
    let need = |id: &str, kind: Value| json!({"pkg": id, "dep_kinds": [{"kind": kind}]});
    let metadata = json!({
        "packages": [
            package("stillwatch", Value::Null, "Apache-2.0"),
            package("linked", registry(), "MIT/Apache-2.0"),
            package("builds", registry(), "MIT"),
            package("tests", registry(), "MIT"),
        ],
        "resolve": {"nodes": [
            {"id": "stillwatch", "deps": [need("linked", Value::Null), need("tests", json!("dev"))]},
            {"id": "linked", "deps": [need("builds", json!("build"))]},
            {"id": "builds", "deps": []},
            {"id": "tests", "deps": []},
        ]},
    });
    let lock = "[[package]]\nname = 'linked'\nversion = '1.0.0'\nchecksum = 'ab'\n".parse().unwrap();
    let told = sbom::components(&metadata, &lock).unwrap();
    let linked = json!({
        "type": "library", "bom-ref": "pkg:cargo/linked@1.0.0", "name": "linked", "version": "1.0.0", "scope": "required",
        "licenses": [{"expression": "MIT OR Apache-2.0"}], "purl": "pkg:cargo/linked@1.0.0",
        "hashes": [{"alg": "SHA-256", "content": "ab"}],
    });
    let names: Vec<&str> =
        told["components"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["builds", "linked"]);
    assert_eq!((&told["components"][1], &told["components"][0]["scope"]), (&linked, &json!("excluded")));
    assert_eq!(told["metadata"]["component"]["bom-ref"], "stillwatch:stillwatch@1.0.0");
    assert_eq!(
        told["dependencies"][2],
        json!({"ref": "stillwatch:stillwatch@1.0.0", "dependsOn": ["pkg:cargo/linked@1.0.0"]})
    );
}

/// The list of this checkout: everything from a registry has a licence and a digest.
#[test]
fn the_list_of_this_checkout_is_whole() {
    let told: Value = serde_json::from_slice(&sbom::of_program().unwrap()).unwrap();
    let components = told["components"].as_array().unwrap();
    let foreign: Vec<&Value> = components.iter().filter(|one| one["purl"].is_string()).collect();
    assert!(foreign.len() > 100, "{}", foreign.len());
    for one in foreign {
        assert!(one["licenses"].is_array() && one["hashes"].is_array(), "{one}");
    }
    for name in ["zstd", "rusqlite", "cedar-policy", "datafusion"] {
        assert!(components.iter().any(|one| one["name"] == name && one["scope"] == "required"), "{name}");
    }
}
