//! The check itself, on small invented crates: a circle is found where there is one, and only there.

use std::collections::BTreeMap;

use super::circles;

/// The circles of a crate with these files.
fn of(root: &str, files: &[(&str, &str)]) -> Vec<String> {
    let files: BTreeMap<String, String> = files.iter().map(|(file, text)| ((*file).into(), (*text).into())).collect();
    circles(&files, root)
}

const NONE: [&str; 0] = [];

#[test]
fn two_files_that_import_each_other_are_a_circle() {
    let root = ("lib.rs", "mod a; mod b;");
    let back = [root, ("a.rs", "use crate::b::B; pub struct A;"), ("b.rs", "use crate::a::A; pub struct B;")];
    assert_eq!(of("lib.rs", &back), ["a.rs -> b.rs -> a.rs"]);
    let down = [root, ("a.rs", "use crate::b::B; pub struct A;"), ("b.rs", "pub struct B;")];
    assert_eq!(of("lib.rs", &down), NONE);
}

#[test]
fn a_longer_circle_is_named_once_and_with_every_file() {
    let files = [
        ("main.rs", "mod a; mod b; mod c; mod d; fn main() { a::run(); }"),
        ("a.rs", "use crate::b::{self, B};"),
        ("b.rs", "fn b() -> u8 { crate::c::C.d() } pub struct B;"),
        ("c.rs", "use super::a; use crate::d::D; pub struct C;"),
        ("d.rs", "pub struct D;"),
    ];
    assert_eq!(of("main.rs", &files), ["a.rs -> b.rs -> c.rs -> a.rs"]);
}

#[test]
fn a_parent_and_a_child_that_import_each_other_are_a_circle() {
    for parent in ["use self::child::X;", "use crate::top::child::X;", "pub use child::X;", "fn f() { child::g() }"] {
        for child in ["use super::Y;", "use crate::top::Y;", "fn g(y: super::Y) {}", "fn g(y: crate::top::Y) {}"] {
            let parent = format!("mod child; {parent} pub struct Y;");
            let child = format!("{child} pub struct X;");
            let files = [("lib.rs", "mod top;"), ("top.rs", parent.as_str()), ("top/child.rs", child.as_str())];
            assert_eq!(of("lib.rs", &files), ["top.rs -> top/child.rs -> top.rs"], "{parent} {child}");
        }
    }
}

#[test]
fn declaring_a_module_is_no_import() {
    let files = [
        ("lib.rs", "mod top;"),
        ("top/mod.rs", "mod child; pub struct Y;"),
        ("top/child.rs", "use super::Y; pub struct X;"),
    ];
    assert_eq!(of("lib.rs", &files), NONE);
}

#[test]
fn a_re_export_leads_to_the_file_that_defines_the_thing() {
    let parent = ("top.rs", "mod one; mod two; pub use one::One; pub use two::*;");
    let files = [
        ("lib.rs", "mod top; mod other; pub use top::One as First; pub use top::Two;"),
        parent,
        ("top/one.rs", "use super::Two; use crate::other::Other; pub struct One;"),
        ("top/two.rs", "pub struct Two;"),
        ("other.rs", "use crate::Two; pub struct Other;"),
    ];
    assert_eq!(of("lib.rs", &files), NONE);
    let files = [
        ("lib.rs", "mod top; mod other; pub use top::One as First;"),
        parent,
        ("top/one.rs", "use crate::other::Other; pub struct One;"),
        ("top/two.rs", "pub struct Two;"),
        ("other.rs", "use crate::First; pub struct Other;"),
    ];
    assert_eq!(of("lib.rs", &files), ["other.rs -> top/one.rs -> other.rs"]);
}

#[test]
fn what_the_root_defines_is_not_to_be_imported_by_what_it_calls() {
    let calls = [("main.rs", "mod a; const C: u8 = 1; fn main() { a::run() }"), ("a.rs", "use crate::C; fn run() {}")];
    assert_eq!(of("main.rs", &calls), ["a.rs -> main.rs -> a.rs"]);
    let shows = [("lib.rs", "mod a; pub use a::run; pub const C: u8 = 1;"), ("a.rs", "use crate::C; pub fn run() {}")];
    assert_eq!(of("lib.rs", &shows), NONE);
}

#[test]
fn code_for_tests_comments_and_texts_do_not_count() {
    let a = "use crate::b::B;\npub struct A;";
    for harmless in [
        "// use crate::a::A;",
        "/* one /* use crate::a::A; */ two */",
        "/// See [`crate::a::A`].\nfn f() {}",
        "fn f() { g(\"use crate::a::A; \\\" crate::a::A\"); }",
        "fn f() { g(r#\"\" crate::a::A\"#, br\"crate::a::A\"); }",
        "fn f<'a>(b: &'a str) -> char { if b == '\"' { '\\'' } else { '\"' } }",
        "#[cfg(test)] mod tests { use super::*; use crate::a::A; fn f() { { A } } }",
        "#[cfg(test)] mod tests;",
        "#[cfg(test)] use crate::a::{A, C};",
        "#[cfg(test)] fn f(a: [u8; 2]) -> A { crate::a::A }",
        "use a::A; fn f() { ::a::g(); }",
    ] {
        let b = format!("{harmless}\npub struct B;");
        let tests = "use crate::a::A;";
        let files = [("lib.rs", "mod a; mod b;"), ("a.rs", a), ("b.rs", b.as_str()), ("b/tests.rs", tests)];
        assert_eq!(of("lib.rs", &files), NONE, "{harmless}");
        let b = format!("{harmless}\npub struct B; use crate::a::A;");
        let files = [("lib.rs", "mod a; mod b;"), ("a.rs", a), ("b.rs", b.as_str())];
        assert_eq!(of("lib.rs", &files), ["a.rs -> b.rs -> a.rs"], "after {harmless}");
    }
}
