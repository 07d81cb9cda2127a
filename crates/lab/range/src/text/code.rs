//! Code and data as people paste them: snippets, logs, tables, diffs.

use std::fmt::Write as _;

use super::grammar::write_coined;
use crate::rng::Rng;

const NOUNS: [&str; 24] = [
    "order", "batch", "token", "frame", "route", "shard", "ticket", "sensor", "packet", "cursor", "player", "invoice",
    "lease", "region", "offset", "panel", "draft", "vector", "node", "edge", "slot", "grant", "probe", "quota",
];
const VERBS: [&str; 20] = [
    "load", "merge", "flush", "count", "apply", "emit", "fold", "drain", "bind", "split", "scan", "pack", "send",
    "clip", "rank", "swap", "trim", "join", "hash", "poll",
];
const LEVELS: [&str; 4] = ["INFO", "WARN", "ERROR", "DEBUG"];

fn coined(rng: &mut Rng) -> String {
    let mut word = String::new();
    write_coined(rng, &mut word);
    word
}

// Writing to a `String` cannot fail, so the results are dropped.

/// Writes a short function in one of several languages.
pub(crate) fn write_snippet(rng: &mut Rng, out: &mut String) {
    let (verb, noun, other) = (rng.word_of(&VERBS), rng.word_of(&NOUNS), rng.word_of(&NOUNS));
    let (name, more, limit, step) = (coined(rng), coined(rng), rng.between(2, 900), rng.between(1, 16));
    let _ = match rng.below(6) {
        0 => write!(
            out,
            "def {verb}_{name}({noun}s, {other}={limit}):\n    {more} = {{}}\n    for {noun} in {name}({noun}s):\n        if {noun}.{name} > {other}:\n            {more}[{noun}.id] = {noun}.{name} // {step}\n    return {more}"
        ),
        1 => write!(
            out,
            "fn {verb}_{name}({noun}s: &[{limit}_{other}]) -> Option<u64> {{\n    {noun}s.iter().map(|x| x.{name} + {step}).filter(|v| v % {limit} != 0).max()\n}}"
        ),
        2 => write!(
            out,
            "func {verb}{other}(ctx context.Context, {name} []{more}) error {{\n\tfor {noun}, v := range {name} {{\n\t\tif v.{more} < {limit} {{ return fmt.Errorf(\"{name} %d\", {noun}*{step}) }}\n\t}}\n\treturn {more}(ctx)\n}}"
        ),
        3 => write!(
            out,
            "const {verb}{name} = async ({more}) => {{\n  const {name} = await {other}.get({limit});\n  return {more}.filter(x => x.{name} >= {step} && !{noun}.has(x.{more}));\n}};"
        ),
        4 => write!(
            out,
            "SELECT {noun}_id, SUM({name}) AS {verb}_{other}\nFROM {noun}s LEFT JOIN {other}_{name} USING ({noun}_id)\nWHERE {name} > {limit}\nGROUP BY {more} HAVING COUNT({more}) > {step};"
        ),
        _ => write!(
            out,
            "for f in {name}/*.{noun}; do\n  {verb}_{other} --{noun} {limit} \"$f\" | sort -k{step} >> {name}.out\ndone"
        ),
    };
}

/// Writes some lines of a log.
pub(crate) fn write_log(rng: &mut Rng, out: &mut String) {
    let (name, minute) = (coined(rng), rng.below(60));
    for _ in 0..rng.between(2, 4) {
        let _ = writeln!(
            out,
            "{:02}:{minute:02}:{:02} {} {name}.{}: {} {}={} {}={:x}",
            rng.below(24),
            rng.below(60),
            rng.word_of(&LEVELS),
            rng.word_of(&NOUNS),
            rng.word_of(&VERBS),
            rng.word_of(&NOUNS),
            rng.below(10_000),
            coined(rng),
            rng.below(1 << 24),
        );
    }
}

/// Writes some rows of a table.
pub(crate) fn write_rows(rng: &mut Rng, out: &mut String) {
    let _ = writeln!(out, "{},{},{}", coined(rng), rng.word_of(&NOUNS), rng.word_of(&NOUNS));
    for _ in 0..rng.between(2, 5) {
        let _ = writeln!(out, "{},{},{}.{}", coined(rng), rng.below(5_000), rng.below(100), rng.below(100));
    }
}

/// Writes a small change to a file.
pub(crate) fn write_diff(rng: &mut Rng, out: &mut String) {
    let (file, noun) = (coined(rng), rng.word_of(&NOUNS));
    let _ = write!(
        out,
        "--- a/{noun}/{file}\n+++ b/{noun}/{file}\n@@ -{},{} @@\n-    {}({}, {})\n+    {}({}, {}, {})\n     {} = {}\n",
        rng.between(3, 900),
        rng.between(3, 20),
        rng.word_of(&VERBS),
        coined(rng),
        rng.below(99),
        rng.word_of(&VERBS),
        coined(rng),
        rng.below(99),
        rng.word_of(&NOUNS),
        coined(rng),
        rng.below(9_999),
    );
}
