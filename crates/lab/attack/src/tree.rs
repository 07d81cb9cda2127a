//! What is in a folder, to be compared.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// Every file below a folder by its name there, and every folder (with a slash at the end and nothing in it).
pub type Tree = BTreeMap<String, Vec<u8>>;

/// Reads a folder whole.
///
/// # Errors
/// What the system says.
pub fn read_tree(folder: &Path) -> io::Result<Tree> {
    let mut tree = Tree::new();
    add(folder, "", &mut tree)?;
    Ok(tree)
}

fn add(folder: &Path, below: &str, tree: &mut Tree) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            tree.insert(format!("{name}/"), Vec::new());
            add(&entry.path(), &format!("{name}/"), tree)?;
        } else {
            tree.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// In what two trees differ: what the second lacks, has beside, and has with other bytes.
#[must_use]
pub fn differences(one: &Tree, other: &Tree) -> Vec<String> {
    let lacks = one.keys().filter(|name| !other.contains_key(*name)).map(|name| format!("lacks {name}"));
    let differs = one.iter().filter(|(name, bytes)| other.get(*name).is_some_and(|found| found != *bytes));
    let more = other.keys().filter(|name| !one.contains_key(*name)).map(|name| format!("has {name}"));
    lacks.chain(more).chain(differs.map(|(name, _)| format!("differs in {name}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_read_and_compared() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("a/b"), "x").unwrap();
        fs::write(folder.path().join("c"), "y").unwrap();
        let tree = read_tree(folder.path()).unwrap();
        assert_eq!(tree.keys().collect::<Vec<_>>(), ["a/", "a/b", "c"]);
        let mut other = tree.clone();
        other.remove("c");
        other.insert("d".to_owned(), Vec::new());
        other.insert("a/b".to_owned(), b"z".to_vec());
        assert_eq!(differences(&tree, &other), ["lacks c", "has d", "differs in a/b"]);
    }
}
