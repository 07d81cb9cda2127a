//! What the program is made of: a list of components in the form of CycloneDX 1.6.
//!
//! The packages and what needs which are those of `cargo metadata --locked` for one platform, and the digests those of `Cargo.lock`.
//! What only helps to build is marked as `excluded`: it is not in the program. Cargo settles features for the whole workspace, so
//! that a package may be listed of which the linker found nothing to keep.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::env;
use std::fs;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::release::names::FEATURES;
use crate::run::output;
use crate::run::root;

/// The package of the program.
const PROGRAM: &str = "stillwatch";

/// The components of the program of this checkout.
pub fn of_program() -> Result<Vec<u8>, String> {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let platform = format!("{}-unknown-linux-gnu", env::consts::ARCH);
    let manifest = root().join("crates/app/stillwatch/Cargo.toml").display().to_string();
    let told = output(
        &cargo,
        &[
            "metadata",
            "--locked",
            "--format-version",
            "1",
            "--filter-platform",
            &platform,
            "--features",
            FEATURES,
            "--manifest-path",
            &manifest,
        ],
    )?;
    let metadata = serde_json::from_str(&told).map_err(|error| format!("cargo metadata: {error}"))?;
    let lock = fs::read_to_string(root().join("Cargo.lock")).map_err(|error| format!("Cargo.lock: {error}"))?;
    let lock = lock.parse().map_err(|error| format!("Cargo.lock: {error}"))?;
    let text = serde_json::to_string_pretty(&components(&metadata, &lock)?).map_err(|error| error.to_string())?;
    Ok((text + "\n").into_bytes())
}

/// The list, from what cargo tells and the lock file.
pub fn components(metadata: &Value, lock: &toml::Table) -> Result<Value, String> {
    let packages: BTreeMap<&str, &Value> = list(metadata, "/packages").map(|one| (text(one, "id"), one)).collect();
    let needs: BTreeMap<&str, &Value> = list(metadata, "/resolve/nodes").map(|one| (text(one, "id"), one)).collect();
    let own = packages.iter().find(|(_, one)| text(one, "name") == PROGRAM && one["source"].is_null());
    let (program, package) = own.ok_or_else(|| format!("cargo metadata tells of no package {PROGRAM}"))?;
    let linked = reached(program, &needs, &["normal"]);
    let built = reached(program, &needs, &["normal", "build"]);
    let checksums = checksums(lock);
    let mut all = BTreeMap::new();
    let mut edges = BTreeMap::new();
    for id in &built {
        let one = packages.get(id).ok_or_else(|| format!("cargo metadata does not describe {id}"))?;
        let kinds: &[&str] = if linked.contains(id) { &["normal"] } else { &["normal", "build"] };
        let on: BTreeSet<String> =
            needed(id, &needs, kinds).filter_map(|need| packages.get(need)).map(|need| reference(need)).collect();
        edges.insert(reference(one), json!({"ref": reference(one), "dependsOn": on}));
        if id != program {
            all.insert(reference(one), component(one, "library", linked.contains(id), &checksums));
        }
    }
    let root = component(package, "application", true, &checksums);
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": root},
        "components": all.into_values().map(Value::Object).collect::<Vec<_>>(),
        "dependencies": edges.into_values().collect::<Vec<_>>(),
    }))
}

fn component(
    package: &Value,
    kind: &str,
    is_linked: bool,
    checksums: &BTreeMap<(String, String), String>,
) -> Map<String, Value> {
    let (name, version) = (text(package, "name"), text(package, "version"));
    let mut component = Map::new();
    let mut set = |key: &str, value: Value| component.insert(key.to_owned(), value);
    set("type", kind.into());
    set("bom-ref", reference(package).into());
    set("name", name.into());
    set("version", version.into());
    set("scope", if is_linked { "required" } else { "excluded" }.into());
    match (package["license"].as_str(), package["license_file"].as_str()) {
        // Older packages part licences by a slash.
        (Some(license), _) => drop(set("licenses", json!([{"expression": license.replace('/', " OR ")}]))),
        (None, Some(file)) => drop(set("licenses", json!([{"license": {"name": format!("see {file}")}}]))),
        (None, None) => {}
    }
    // What is of this workspace is in no registry.
    if !package["source"].is_null() {
        set("purl", reference(package).into());
    }
    if let Some(sum) = checksums.get(&(name.to_owned(), version.to_owned())) {
        set("hashes", json!([{"alg": "SHA-256", "content": sum}]));
    }
    component
}

/// What a package is called in the list.
fn reference(package: &Value) -> String {
    let (name, version) = (text(package, "name"), text(package, "version"));
    match package["source"].is_null() {
        true => format!("stillwatch:{name}@{version}"),
        false => format!("pkg:cargo/{name}@{}", version.replace('+', "%2B")),
    }
}

/// All that a package needs, itself included, by needs of some kinds.
fn reached<'a>(from: &'a str, needs: &BTreeMap<&'a str, &'a Value>, kinds: &[&str]) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::from([from]);
    let mut left = vec![from];
    while let Some(id) = left.pop() {
        left.extend(needed(id, needs, kinds).filter(|need| found.insert(need)));
    }
    found
}

/// What a package needs itself.
fn needed<'a>(id: &str, needs: &BTreeMap<&'a str, &'a Value>, kinds: &[&str]) -> impl Iterator<Item = &'a str> {
    let is_wanted = move |need: &&Value| {
        let kind = |one: &Value| kinds.contains(&one["kind"].as_str().unwrap_or("normal"));
        list(need, "/dep_kinds").any(kind)
    };
    let node = needs.get(id).copied().unwrap_or(&Value::Null);
    list(node, "/deps").filter(is_wanted).map(|need| text(need, "pkg")).collect::<Vec<_>>().into_iter()
}

/// The digests of packages by name and version.
fn checksums(lock: &toml::Table) -> BTreeMap<(String, String), String> {
    let packages = lock.get("package").and_then(toml::Value::as_array).into_iter().flatten();
    let of = |package: &toml::Value, name: &str| Some(package.get(name)?.as_str()?.to_owned());
    packages.filter_map(|one| Some(((of(one, "name")?, of(one, "version")?), of(one, "checksum")?))).collect()
}

fn list<'a>(value: &'a Value, place: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(place).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
