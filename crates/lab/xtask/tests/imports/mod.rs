//! Which files of a crate import which other files, and whether those imports run in a circle.
//!
//! An import leads to the file in which the thing is defined: a re-export is followed. The `use` lines of `lib.rs` and
//! `main.rs` are re-exports and import nothing themselves. Code that is only compiled for tests does not count.

mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::VecDeque;

use source::Source;

/// How many re-exports an import may go through.
const MAX_HOPS: u32 = 16;

/// The circles of a crate, each as the files on its way with the first one again at the end.
///
/// `files` holds the text of each file by its path below `src`, and `root` is `lib.rs` or `main.rs`.
pub fn circles(files: &BTreeMap<String, String>, root: &str) -> Vec<String> {
    let modules = Modules::read(files, root);
    let imports = modules.imports();
    let found: BTreeSet<Vec<&str>> = imports.keys().filter_map(|file| shortest_way_back(&imports, file)).collect();
    found.into_iter().map(|files| files.join(" -> ")).collect()
}

/// The shortest way from a file over its imports back to it, told from the first of its files by name.
fn shortest_way_back<'a>(imports: &BTreeMap<&'a str, BTreeSet<&'a str>>, start: &'a str) -> Option<Vec<&'a str>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(file) = waiting.pop_front() {
        for next in imports.get(file).into_iter().flatten().copied() {
            if next == start {
                let mut way = vec![file];
                while let Some(before) = way.last().and_then(|last| came_from.get(last)) {
                    way.push(before);
                }
                way.reverse();
                // The same circle begins at the same file, wherever the search began.
                let first = way.iter().enumerate().min_by_key(|(_, file)| **file).map_or(0, |(place, _)| place);
                way.rotate_left(first);
                way.push(way[0]);
                return Some(way);
            }
            if !came_from.contains_key(next) {
                came_from.insert(next, file);
                waiting.push_back(next);
            }
        }
    }
    None
}

/// One module in a file of its own.
struct Module {
    file: String,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    source: Source,
}

/// The modules of a crate; the root is the first.
struct Modules(Vec<Module>);

impl Modules {
    fn read(files: &BTreeMap<String, String>, root: &str) -> Modules {
        let mut modules = Modules(Vec::new());
        modules.add(files, root, "", None);
        modules
    }

    /// Reads a module and those below it, whose files are in `folder`.
    fn add(&mut self, files: &BTreeMap<String, String>, file: &str, folder: &str, parent: Option<usize>) -> usize {
        let source = Source::parse(&files[file]);
        let names = source.children.clone();
        let number = self.0.len();
        self.0.push(Module { file: file.to_owned(), parent, children: BTreeMap::new(), source });
        for name in names {
            let below = format!("{folder}{name}/");
            let places = [format!("{folder}{name}.rs"), format!("{below}mod.rs")];
            let place = places.iter().find(|place| files.contains_key(*place));
            let place = place.unwrap_or_else(|| panic!("{file}: no file of the module {name}"));
            let child = self.add(files, place, &below, Some(number));
            self.0[number].children.insert(name, child);
        }
        number
    }

    /// The files that each file imports.
    fn imports(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut imports: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (number, module) in self.0.iter().enumerate() {
            let lines = module.source.uses.iter().map(|one| &one.path).filter(|_| module.parent.is_some());
            let targets = lines.chain(&module.source.paths).filter_map(|path| self.resolve(number, path, 0));
            let targets = targets.filter(|target| *target != number).map(|target| self.0[target].file.as_str());
            imports.entry(&module.file).or_default().extend(targets);
        }
        imports
    }

    /// The module that defines what a path means inside a module; none where that is another crate.
    fn resolve(&self, inside: usize, path: &[String], hops: u32) -> Option<usize> {
        let (first, rest) = path.split_first()?;
        let module = &self.0[inside];
        match first.as_str() {
            "crate" => self.descend(0, rest, hops),
            "self" => self.descend(inside, rest, hops),
            "super" => self.descend(module.parent?, rest, hops),
            name if module.children.contains_key(name) => self.descend(inside, path, hops),
            // A name that a `use` line of the same file brought in.
            name if module.source.uses.iter().any(|one| one.name == name && one.path != path) => {
                self.descend(inside, path, hops)
            }
            _ => None,
        }
    }

    /// Follows the rest of a path from a module.
    fn descend(&self, at: usize, path: &[String], hops: u32) -> Option<usize> {
        let Some((name, rest)) = path.split_first() else { return Some(at) };
        if hops > MAX_HOPS {
            return None;
        }
        let module = &self.0[at];
        if name == "super" {
            return self.descend(module.parent?, rest, hops);
        }
        if let Some(child) = module.children.get(name) {
            return self.descend(*child, rest, hops);
        }
        if module.source.defined.contains(name) {
            return Some(at);
        }
        if let Some(line) = module.source.uses.iter().find(|one| one.name == *name) {
            let whole: Vec<String> = line.path.iter().chain(rest).cloned().collect();
            return self.resolve(at, &whole, hops + 1);
        }
        let globs = module.source.uses.iter().filter(|one| one.name == "*");
        let through_glob = globs
            .filter_map(|one| self.resolve(at, &one.path, hops + 1))
            .filter(|target| *target != at)
            .find(|target| self.offers(*target, name));
        through_glob.map_or(Some(at), |target| self.descend(target, path, hops + 1))
    }

    /// Whether a module defines or re-exports a name.
    fn offers(&self, module: usize, name: &str) -> bool {
        let module = &self.0[module];
        module.source.defined.contains(name)
            || module.children.contains_key(name)
            || module.source.uses.iter().any(|one| one.name == name)
    }
}
