//! What a program needs of the system that it runs on.

use std::collections::BTreeSet;
use std::path::Path;

use crate::run::output;

/// Shared libraries, and the packages of Debian that have them.
const PACKAGES: [(&str, &str); 5] = [
    ("libc.so", "libc6"),
    ("libm.so", "libc6"),
    ("libgcc_s.so", "libgcc-s1"),
    ("ld-linux", "libc6"),
    ("libdl.so", "libc6"),
];

/// What a program needs of the system that it runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// The shared libraries that it names.
    libraries: BTreeSet<String>,
    /// The version of the C library that has everything that it asks for.
    glibc: (u32, u32),
}

impl Linked {
    /// Looks at a program.
    pub fn of(program: &Path) -> Result<Self, String> {
        let told = output("objdump", &["-p".as_ref(), program.as_os_str()])?;
        Ok(Self::read(&told))
    }

    /// Reads what objdump tells.
    pub fn read(told: &str) -> Self {
        let libraries =
            told.lines().filter_map(|line| line.trim().strip_prefix("NEEDED")).map(|name| name.trim().to_owned());
        let versions = told.split_whitespace().filter_map(|word| {
            let (major, minor) = word.strip_prefix("GLIBC_")?.split_once('.')?;
            let minor = minor.split('.').next()?;
            Some((major.parse().ok()?, minor.parse().ok()?))
        });
        Self { libraries: libraries.collect(), glibc: versions.max().unwrap_or((2, 0)) }
    }

    /// The libraries, for people.
    pub fn list(&self) -> String {
        self.libraries.iter().cloned().collect::<Vec<_>>().join(", ")
    }

    /// The oldest C library that it runs with.
    pub fn glibc(&self) -> String {
        format!("glibc {}.{}", self.glibc.0, self.glibc.1)
    }

    /// The packages that it depends on, as a Debian package names them.
    pub fn depends(&self) -> Result<String, String> {
        let mut packages = BTreeSet::new();
        for library in &self.libraries {
            let known = PACKAGES.iter().find(|(name, _)| library.starts_with(name));
            let (_, package) = known.ok_or_else(|| {
                format!(
                    "the program links {library}, of which it is not known which package has it (add it to PACKAGES)"
                )
            })?;
            packages.insert(match *package {
                "libc6" => format!("libc6 (>= {}.{})", self.glibc.0, self.glibc.1),
                other => other.to_owned(),
            });
        }
        // `useradd`, which makes the user.
        packages.insert("passwd".to_owned());
        Ok(packages.into_iter().collect::<Vec<_>>().join(", "))
    }
}
