//! The Debian package.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::release::archive::File;
use crate::release::linked::Linked;
use crate::release::names::Names;
use crate::run::root;

/// What runs when a package comes or goes.
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];

/// What Debian calls a processor.
fn arch_of(arch: &str) -> Result<&'static str, String> {
    match arch {
        "x86_64" => Ok("amd64"),
        "aarch64" => Ok("arm64"),
        other => Err(format!("no Debian package is made for {other}")),
    }
}

/// Makes the package, and returns its name and bytes; `None` where `dpkg-deb` is not installed.
pub fn package(
    files: &[File],
    linked: &Linked,
    names: &Names,
    work: &Path,
) -> Result<Option<(String, Vec<u8>)>, String> {
    if Command::new("dpkg-deb").arg("--version").output().is_err() {
        return Ok(None);
    }
    let arch = arch_of(names.arch)?;
    let tree = work.join("tree");
    let control = control(files, linked, names, arch)?;
    stage(files, &control, &tree)?;
    let name = format!("stillwatch_{}_{arch}.deb", names.version);
    let place = work.join(&name);
    let mut build = Command::new("dpkg-deb");
    build.args(["--build", "--root-owner-group", "-Zxz"]).arg(&tree).arg(&place);
    let told = build.env("SOURCE_DATE_EPOCH", names.epoch_s.to_string()).output();
    let told = told.map_err(|error| format!("dpkg-deb: {error}"))?;
    if !told.status.success() {
        return Err(format!("dpkg-deb failed: {}", String::from_utf8_lossy(&told.stderr)));
    }
    let bytes = fs::read(&place).map_err(|error| format!("{}: {error}", place.display()))?;
    Ok(Some((name, bytes)))
}

fn control(files: &[File], linked: &Linked, names: &Names, arch: &str) -> Result<String, String> {
    let kib: usize = files.iter().map(|file| file.bytes.len().div_ceil(1024)).sum();
    Ok(format!(
        "Package: stillwatch\n\
         Version: {version}\n\
         Architecture: {arch}\n\
         Maintainer: The Stillwatch authors <stillwatch@localhost>\n\
         Installed-Size: {kib}\n\
         Depends: {depends}\n\
         Section: net\n\
         Priority: optional\n\
         Description: finds, proves and stops illicit distillation\n \
         Finds groups of accounts that harvest a model's answers together, says how sure it\n \
         is and why, stops them at a gate, and hands over evidence that others can check.\n \
         .\n \
         The service is not started by the package: /etc/stillwatch/up.toml names the API\n \
         that the gate stands before.\n",
        version = names.version,
        depends = linked.depends()?,
    ))
}

/// Writes the tree that the package is made of.
fn stage(files: &[File], control: &str, tree: &Path) -> Result<(), String> {
    if tree.exists() {
        fs::remove_dir_all(tree).map_err(|error| format!("{}: {error}", tree.display()))?;
    }
    for file in files {
        write(tree, file)?;
    }
    write(tree, &File::new("DEBIAN/control".to_owned(), control.as_bytes().to_vec()))?;
    let is_conf = |file: &&File| file.place.starts_with("etc/");
    let conffiles: String = files.iter().filter(is_conf).map(|file| format!("/{}\n", file.place)).collect();
    write(tree, &File::new("DEBIAN/conffiles".to_owned(), conffiles.into_bytes()))?;
    for script in SCRIPTS {
        let from = root().join("packaging/debian").join(script);
        let bytes = fs::read(&from).map_err(|error| format!("{}: {error}", from.display()))?;
        write(tree, &File::program(&format!("DEBIAN/{script}"), bytes))?;
    }
    Ok(())
}

fn write(tree: &Path, file: &File) -> Result<(), String> {
    let path = tree.join(&file.place);
    let told = |error: std::io::Error| format!("{}: {error}", path.display());
    for folder in
        path.ancestors().skip(1).take_while(|folder| folder.starts_with(tree)).collect::<Vec<_>>().iter().rev()
    {
        fs::create_dir_all(folder).map_err(told)?;
        // Whatever the mask of whoever makes it.
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).map_err(told)?;
    }
    fs::write(&path, &file.bytes).map_err(told)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(file.mode())).map_err(told)
}
