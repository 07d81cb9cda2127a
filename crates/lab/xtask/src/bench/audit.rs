//! `cargo xtask bench audit`: how often a model is said to be trained on our answers that was not, and that was.

mod town;

use std::fs;
use std::path::Path;
use std::process::Command;

use clap::Args;
use serde_json::Value;
use serde_json::json;

use crate::bench::audit::town::Pair;
use crate::bench::audit::town::Rng;
use crate::bench::audit::town::Student;
use crate::bench::audit::town::answer;
use crate::bench::audit::town::prompt;
use crate::bench::audit::town::text;
use crate::bench::options::Figures;
use crate::bench::options::Program;
use crate::bench::options::command;
use crate::bench::table::Table;
use crate::bench::table::percent;
use crate::run::note;
use crate::run::output;
use crate::run::say;
use crate::run::scratch;

/// Our model, another one, and one that comparison models learned from.
const OURS: u64 = 1;
const OTHER: u64 = 2;
const THIRD: u64 = 3;

/// Are models that were trained on our answers found, and no others?
///
/// Trains small models of word runs on texts that share topics: some on answers that a campaign was served, as a share of all
/// that they learn, and some on none of them. `stillwatch audit` is asked of each. docs/audit.md shows the rows.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask bench audit --students 200 --json audit.json")]
pub struct Arguments {
    #[command(flatten)]
    program: Program,
    /// Students that were not trained on the answers, of each design
    #[arg(long, value_name = "N", default_value_t = 200)]
    students: u64,
    /// Students that were, for each share
    #[arg(long, value_name = "N", default_value_t = 40)]
    trained: u64,
    /// Shares of their training that the campaign's answers are
    #[arg(long, value_name = "SHARE", value_delimiter = ',', default_values_t = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5])]
    shares: Vec<f64>,
    /// Answers that the campaign was served
    #[arg(long, value_name = "N", default_value_t = 500)]
    answers: u64,
    /// Words of context of the longest runs that students learn: the more, the more they remember word for word
    #[arg(long, value_name = "N", default_value_t = 2)]
    context: usize,
    /// Level of the audits
    #[arg(long, value_name = "RATE", default_value_t = 0.01)]
    level: f64,
    #[command(flatten)]
    figures: Figures,
}

/// How it is decided which answers are not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Design {
    /// A coin for each prompt.
    Prompts,
    /// A coin between two answers to each prompt.
    Answers,
    /// Prompts of other topics: not exchangeable.
    Skewed,
}

/// What a student learned beside the usual.
#[derive(Debug, Clone, Copy)]
enum Learned {
    /// The campaign's answers, as this share of all.
    Served(f64),
    /// Nothing more: another model's answers on the same topics.
    Nothing,
    /// Our answers to other people's prompts, as half of all.
    Others,
    /// The campaign's prompts with another model's answers, as half of all.
    Prompts,
}

/// One answer of ours.
struct Row {
    id: String,
    pair: Pair,
    served: bool,
}

fn pair(model: u64, rng: &mut Rng) -> Pair {
    let prompt = prompt(rng);
    let answer = answer(model, &prompt, rng);
    (prompt, answer)
}

fn rows(design: Design, answers: u64, rng: &mut Rng) -> Vec<Row> {
    let mut rows = Vec::new();
    while rows.len() < 2 * answers as usize {
        let (prompt, first) = pair(OURS, rng);
        let coin = rng.below(2) == 0;
        let number = rows.len();
        let mut add = |name: &str, answer: Vec<u64>, served: bool| {
            rows.push(Row { id: format!("{number}{name}"), pair: (prompt.clone(), answer), served });
        };
        match design {
            Design::Prompts => add("", first, coin),
            Design::Answers => {
                let second = answer(OURS, &prompt, rng);
                add("a", first, coin);
                add("b", second, !coin);
            }
            // Topics come by number, so that early words are served ones four times in five.
            Design::Skewed => {
                let is_early = prompt.first().is_some_and(|word| *word < 900);
                add("", first, is_early == (rng.below(5) > 0));
            }
        }
    }
    rows
}

fn student(rows: &[Row], learned: Learned, arguments: &Arguments, rng: &mut Rng) -> Student {
    let mut student = Student::new(arguments.context);
    let served: Vec<&Row> = rows.iter().filter(|row| row.served).collect();
    let mut others = 2 * arguments.answers;
    match learned {
        Learned::Served(share) => {
            served.iter().for_each(|row| student.learn(&row.pair));
            others = (served.len() as f64 * (1.0 - share) / share) as u64;
        }
        Learned::Nothing => {}
        Learned::Others => (0..others).for_each(|_| student.learn(&pair(OURS, rng))),
        Learned::Prompts => {
            for row in &served {
                let said = answer(OTHER, &row.pair.0, rng);
                student.learn(&(row.pair.0.clone(), said));
            }
        }
    }
    (0..others).for_each(|_| student.learn(&pair(OTHER, rng)));
    student
}

fn lines(rows: impl Iterator<Item = Value>) -> String {
    rows.map(|row| format!("{row}\n")).collect()
}

fn said(student: &Student, rows: &[Row], rng: &mut Rng) -> String {
    let mut last: Option<&Vec<u64>> = None;
    let mut prompts: Vec<&Vec<u64>> = rows.iter().map(|row| &row.pair.0).collect();
    prompts.retain(|prompt| last.replace(prompt) != Some(*prompt));
    lines(
        prompts.into_iter().map(|prompt| json!({"prompt": text(prompt), "answer": text(&student.answer(prompt, rng))})),
    )
}

/// What the program finds of one student.
fn audit(
    program: &str,
    folder: &Path,
    seed: u64,
    design: Design,
    learned: Learned,
    arguments: &Arguments,
) -> Result<String, String> {
    let mut rng = Rng::new(seed, design as u64);
    let rows = rows(design, arguments.answers, &mut rng);
    let suspect = student(&rows, learned, arguments, &mut rng);
    let ours = lines(rows.iter().map(
        |row| json!({"id": row.id, "prompt": text(&row.pair.0), "answer": text(&row.pair.1), "served": row.served}),
    ));
    let mut files = vec![("ours", ours), ("suspect", said(&suspect, &rows, &mut rng))];
    for name in ["other-a", "other-b"] {
        let mut model = Student::new(arguments.context);
        (0..2 * arguments.answers).for_each(|_| model.learn(&pair(THIRD, &mut rng)));
        files.push((name, said(&model, &rows, &mut rng)));
    }
    let path = |name: &str| folder.join(name).with_extension("jsonl");
    for (name, text) in &files {
        fs::write(path(name), text).map_err(|error| format!("{}: {error}", path(name).display()))?;
    }
    let asked = Command::new(program)
        .args(["audit", "--json", "--level", &arguments.level.to_string(), "--case"])
        .args([path("ours").as_os_str(), "--suspect".as_ref(), path("suspect").as_os_str(), "--compare".as_ref()])
        .args([path("other-a"), path("other-b")])
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    let told: Value = serde_json::from_slice(&asked.stdout)
        .map_err(|error| format!("{program}: {error}\n{}", String::from_utf8_lossy(&asked.stderr)))?;
    Ok(told.get("finding").and_then(Value::as_str).unwrap_or_default().to_owned())
}

/// How often each finding is made.
struct Counts {
    trained: u64,
    refused: u64,
    all: u64,
}

/// How often each finding is made of students whose training is known.
pub fn bench(arguments: &Arguments) -> Result<(), String> {
    let (program, folder) = (arguments.program.path()?, scratch("audit")?);
    let count = |design: Design, first: u64, students: u64, learned: &dyn Fn(u64) -> Learned| {
        let mut counts = Counts { trained: 0, refused: 0, all: students };
        for seed in first..first + students {
            let finding = audit(&program, &folder, seed, design, learned(seed), arguments)?;
            counts.trained += u64::from(finding == "trained");
            counts.refused += u64::from(finding == "refused");
        }
        note(&format!("{design:?}: {} trained, {} refused of {}", counts.trained, counts.refused, counts.all));
        Ok::<Counts, String>(counts)
    };
    let untrained = |seed: u64| match seed % 3 {
        0 => Learned::Nothing,
        1 => Learned::Others,
        _ => Learned::Prompts,
    };
    let mut found = Vec::new();
    for design in [Design::Prompts, Design::Answers] {
        let untrained = count(design, 1, arguments.students, &untrained)?;
        let mut power = Vec::new();
        for (at, share) in arguments.shares.iter().enumerate() {
            let found = count(design, 10_000 + 1_000 * at as u64, arguments.trained, &|_| Learned::Served(*share))?;
            power.push((*share, found));
        }
        found.push((untrained, power));
    }
    let skewed = count(Design::Skewed, 1, arguments.trained, &untrained)?;
    print(&found, &skewed, arguments);
    arguments.figures.write(&figures(&found, &skewed, arguments))
}

/// Students of one design: those that were not trained on the answers, and those that were, by their share.
type OfDesign = (Counts, Vec<(f64, Counts)>);

fn print(found: &[OfDesign], skewed: &Counts, arguments: &Arguments) {
    let mut table =
        Table::new(["training", "students", "trained (prompts)", "refused", "trained (second answers)", "refused"]);
    let [(untrained, power), (untrained_of_answers, power_of_answers)] = found else { return };
    let mut row = |name: String, one: &Counts, other: &Counts| {
        let share = |part: u64, of: &Counts| percent(part as f64, of.all as f64);
        table.row([
            name,
            one.all.to_string(),
            share(one.trained, one),
            share(one.refused, one),
            share(other.trained, other),
            share(other.refused, other),
        ]);
    };
    row("none of it".to_owned(), untrained, untrained_of_answers);
    for ((share, one), (_, other)) in power.iter().zip(power_of_answers) {
        row(format!("{} % of it", 100.0 * share), one, other);
    }
    say(&format!("\n{}", table.text()));
    say(&format!(
        "false claims: {} and {} of {} at the level {}; of {} designs with other topics held back {} were refused, {} claimed",
        untrained.trained,
        untrained_of_answers.trained,
        untrained.all,
        arguments.level,
        skewed.all,
        skewed.refused,
        skewed.trained
    ));
}

fn figures(found: &[OfDesign], skewed: &Counts, arguments: &Arguments) -> Value {
    let of_design = |(untrained, power): &OfDesign| {
        let row = |(share, found): &(f64, Counts)| {
            let power = found.trained as f64 / found.all.max(1) as f64;
            json!({"share": share, "power": power, "refused": found.refused, "students": found.all})
        };
        let power: Vec<Value> = power.iter().map(row).collect();
        json!({
            "false_claims": untrained.trained, "refused": untrained.refused, "students": untrained.all, "power": power
        })
    };
    let mut designs = found.iter().map(of_design);
    let mut measured = designs.next().unwrap_or_default();
    if let Some(fields) = measured.as_object_mut() {
        fields.insert("level".to_owned(), json!(arguments.level));
        fields.insert("answers".to_owned(), json!(arguments.answers));
        fields.insert("context".to_owned(), json!(arguments.context));
        fields.insert("second_answers".to_owned(), designs.next().unwrap_or_default());
        fields.insert(
            "skewed".to_owned(),
            json!({"students": skewed.all, "refused": skewed.refused, "false_claims": skewed.trained}),
        );
        fields.insert("commit".to_owned(), json!(output("git", &["rev-parse", "HEAD"]).unwrap_or_default().trim()));
        fields.insert("cores".to_owned(), json!(std::thread::available_parallelism().map_or(0, usize::from)));
        fields.insert("command".to_owned(), json!(command()));
    }
    measured
}
