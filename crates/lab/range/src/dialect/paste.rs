//! Programs and data as people of the second voice paste them.

use std::fmt::Write as _;

use super::clause::symbol;
use crate::rng::Rng;

// Writing to a `String` cannot fail, so the results are dropped.

/// Writes a short program.
pub(crate) fn write_program(rng: &mut Rng, out: &mut String) {
    let (a, b, c) = (symbol(rng), symbol(rng), symbol(rng));
    for line in 0..rng.between(3, 7) {
        let (x, n) = (symbol(rng), rng.below(512));
        let _ = match (line, rng.below(5)) {
            (0, _) => writeln!(out, "module {a} imports {b}, {c}:"),
            (_, 0) => writeln!(out, "  let {x} = {b}.{c}({n})"),
            (_, 1) => writeln!(out, "  while {x} > {n} do {c}.{a}()"),
            (_, 2) => writeln!(out, "  if not {x}: raise {b}Error({n})"),
            (_, 3) => writeln!(out, "  yield {x} * {n} + {a}"),
            _ => writeln!(out, "  {c}[{n}] <- {x}"),
        };
    }
    let _ = write!(out, "end {a}");
}

/// Writes some entries of a journal.
pub(crate) fn write_journal(rng: &mut Rng, out: &mut String) {
    let unit = symbol(rng);
    let mut tick = rng.below(900_000);
    for _ in 0..rng.between(2, 5) {
        tick += rng.below(400);
        let _ = writeln!(out, "+{tick}ms [{unit}/{}] {} = {}", symbol(rng), symbol(rng), rng.below(1 << 20));
    }
}

/// Writes a table.
pub(crate) fn write_table(rng: &mut Rng, out: &mut String) {
    let _ = writeln!(out, "{} | {} | {}", symbol(rng), symbol(rng), symbol(rng));
    for _ in 0..rng.between(2, 6) {
        let _ = writeln!(out, "{} | {} | {}.{}", symbol(rng), rng.below(3_000), rng.below(70), rng.below(10));
    }
}

/// Writes a change to a program.
pub(crate) fn write_change(rng: &mut Rng, out: &mut String) {
    let (file, from, to) = (symbol(rng), symbol(rng), symbol(rng));
    let at = rng.between(4, 700);
    let _ = writeln!(out, "{file} line {at}: was `{from}({})`", rng.below(90));
    let _ = writeln!(out, "{file} line {at}: now `{to}({}, {})`", rng.below(90), symbol(rng));
}
