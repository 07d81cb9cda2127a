//! What is handed out beside the program, and where each of it goes.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use crate::release::archive::File;
use crate::release::archive::gzip;
use crate::release::names::Names;
use crate::release::sbom;
use crate::run::output;
use crate::run::root;

/// Shells, what the file of each is called, and where a system has it.
const SHELLS: [(&str, &str, &str); 3] = [
    ("bash", "stillwatch.bash", "usr/share/bash-completion/completions/stillwatch"),
    ("fish", "stillwatch.fish", "usr/share/fish/vendor_completions.d/stillwatch.fish"),
    ("zsh", "_stillwatch", "usr/share/zsh/vendor-completions/_stillwatch"),
];

/// Files of the checkout that are installed, and where.
const INSTALLED: [(&str, &str); 8] = [
    ("README.md", "usr/share/doc/stillwatch/README.md"),
    ("docs/operate.md", "usr/share/doc/stillwatch/operate.md"),
    ("packaging/debian/copyright", "usr/share/doc/stillwatch/copyright"),
    ("packaging/grafana/stillwatch.json", "usr/share/doc/stillwatch/grafana/stillwatch.json"),
    ("packaging/prometheus/alerts.yml", "usr/share/doc/stillwatch/prometheus/alerts.yml"),
    ("packaging/systemd/stillwatch.service", "usr/lib/systemd/system/stillwatch.service"),
    ("packaging/sysusers/stillwatch.conf", "usr/lib/sysusers.d/stillwatch.conf"),
    ("packaging/up.toml", "etc/stillwatch/up.toml"),
];

/// What is handed out.
pub struct Parts {
    /// The program without its symbols.
    pub program: Vec<u8>,
    /// Its symbols.
    pub symbols: Vec<u8>,
    /// The pages of its manual, by file name.
    pub manual: Vec<File>,
    /// Completions, by the name of the shell.
    pub completions: Vec<(&'static str, Vec<u8>)>,
    /// What it is made of.
    pub sbom: Vec<u8>,
}

impl Parts {
    /// Those of a program.
    pub fn of(program: &Path, names: &Names, work: &Path) -> Result<Self, String> {
        let (stripped, symbols) = strip(program, names, work)?;
        let folder = work.join("manual");
        fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        let name = program.display().to_string();
        output(&name, &["manual".as_ref(), "--out".as_ref(), folder.as_os_str()])?;
        let completions =
            SHELLS.iter().map(|(shell, ..)| Ok((*shell, output(&name, &["completions", shell])?.into_bytes())));
        Ok(Self {
            program: stripped,
            symbols,
            manual: files_in(&folder)?,
            completions: completions.collect::<Result<_, String>>()?,
            sbom: sbom::of_program()?,
        })
    }

    /// The files of the archive.
    pub fn archive(&self) -> Result<Vec<File>, String> {
        let mut files = vec![
            File::program("stillwatch", self.program.clone()),
            File::new("stillwatch.cdx.json".to_owned(), self.sbom.clone()),
            of_checkout("LICENSE", "LICENSE")?,
            of_checkout("README.md", "README.md")?,
        ];
        for place in packaging()? {
            let mut file = of_checkout(&place, &place)?;
            file.runs = ["postinst", "prerm", "postrm"].iter().any(|script| place.ends_with(script));
            files.push(file);
        }
        files.extend(self.manual.iter().map(|page| File::new(format!("man/{}", page.place), page.bytes.clone())));
        for ((_, bytes), (_, name, _)) in self.completions.iter().zip(SHELLS) {
            files.push(File::new(format!("completions/{name}"), bytes.clone()));
        }
        Ok(files)
    }

    /// The files of a system on which it is installed.
    pub fn installed(&self) -> Result<Vec<File>, String> {
        let mut files = vec![
            File::program("usr/bin/stillwatch", self.program.clone()),
            File::new("usr/share/doc/stillwatch/stillwatch.cdx.json".to_owned(), self.sbom.clone()),
        ];
        for (from, to) in INSTALLED {
            files.push(of_checkout(from, to)?);
        }
        for page in &self.manual {
            files.push(File::new(format!("usr/share/man/man1/{}.gz", page.place), gzip(&page.bytes)?));
        }
        for ((_, bytes), (.., place)) in self.completions.iter().zip(SHELLS) {
            files.push(File::new(place.to_owned(), bytes.clone()));
        }
        Ok(files)
    }
}

/// The program without symbols, which names the file that has them, and that file.
pub fn strip(program: &Path, names: &Names, work: &Path) -> Result<(Vec<u8>, Vec<u8>), String> {
    let (symbols, stripped) = (work.join(format!("{}.debug", names.stem())), work.join("stillwatch"));
    let objcopy = |arguments: &[&OsStr]| output("objcopy", arguments).map(drop);
    objcopy(&["--only-keep-debug".as_ref(), "--compress-debug-sections".as_ref(), program.as_ref(), symbols.as_ref()])?;
    let link = format!("--add-gnu-debuglink={}", symbols.display());
    objcopy(&["--strip-all".as_ref(), link.as_ref(), program.as_ref(), stripped.as_ref()])?;
    Ok((read(&stripped)?, read(&symbols)?))
}

/// All files of `packaging/`, sorted.
fn packaging() -> Result<Vec<String>, String> {
    let mut places = Vec::new();
    let mut folders = vec!["packaging".to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(root().join(&folder)).map_err(|error| format!("{folder}: {error}"))?;
        for entry in entries {
            let entry = entry.map_err(|error| format!("{folder}: {error}"))?;
            let place = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() { folders.push(place) } else { places.push(place) }
        }
    }
    places.sort();
    Ok(places)
}

fn of_checkout(from: &str, to: &str) -> Result<File, String> {
    Ok(File::new(to.to_owned(), read(&root().join(from))?))
}

/// The files in a folder, sorted.
fn files_in(folder: &Path) -> Result<Vec<File>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries.flatten() {
        files.push(File::new(entry.file_name().to_string_lossy().into_owned(), read(&entry.path())?));
    }
    files.sort_by(|one, other| one.place.cmp(&other.place));
    Ok(files)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}
