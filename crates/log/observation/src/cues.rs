//! Words and phrases that say what a prompt asks for.
//!
//! A cue is a fact about a text, as case-insensitive literal phrases, not a judgement: asking for steps is what
//! teachers, auditors and distillers all do. Detectors compare how often an account's texts carry a cue with how
//! often others' do. The phrases are few and public; a text that avoids them carries no cue, and content evidence
//! then rests on frames and distance alone.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use aho_corasick::AhoCorasickBuilder;

/// Things a prompt can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Cue {
    /// Reasoning in full: hidden reasoning laid open, earlier thoughts repeated, forced reasoning tags.
    Reasoning = 0,
    /// Marks against a rubric, comparisons, scores.
    Grading = 1,
    /// New tasks, instructions or examples to be written.
    TaskWriting = 2,
    /// The model itself is measured: log probabilities, biased tokens, several answers to one prompt. Read from the
    /// parameters, not from the text.
    Probing = 3,
    /// The provider declined: a refusal, a guardrail or a content filter as the reason to stop, or a 4xx that is neither
    /// for rate nor for keys. Read from the answer.
    Declined = 4,
}

impl Cue {
    /// How many cues there are.
    pub const COUNT: usize = 5;
}

/// What a piece of work exercises, in the words of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Capability {
    /// Writing, reading and mending programs.
    SoftwareEngineering = 0,
    /// Tools, plans and long tasks.
    Agentic = 1,
    /// Mathematics, logic and argument.
    Reasoning = 2,
    /// Tables, queries, statistics.
    DataAnalysis = 3,
    /// Judging other answers.
    Grading = 4,
    /// Images.
    Vision = 5,
    /// Refusals and rules.
    Safety = 6,
    /// Everything else.
    General = 7,
}

impl Capability {
    /// All capabilities in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::SoftwareEngineering,
        Self::Agentic,
        Self::Reasoning,
        Self::DataAnalysis,
        Self::Grading,
        Self::Vision,
        Self::Safety,
        Self::General,
    ];

    /// The name in the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SoftwareEngineering => "software_engineering",
            Self::Agentic => "agentic",
            Self::Reasoning => "reasoning",
            Self::DataAnalysis => "data_analysis",
            Self::Grading => "grading",
            Self::Vision => "vision",
            Self::Safety => "safety",
            Self::General => "general",
        }
    }
}

/// The cues of one text and its capability, packed as stored: bits 0 to 7 are [`Cue`]s, bits 8 to 10 the
/// [`Capability`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cues(pub u32);

impl Cues {
    /// Whether the text carries a cue.
    #[must_use]
    pub const fn has(self, cue: Cue) -> bool {
        self.0 >> cue as u32 & 1 == 1
    }

    /// The capability the text exercises most.
    #[must_use]
    pub fn capability(self) -> Capability {
        Capability::ALL.get((self.0 >> 8 & 7) as usize).copied().unwrap_or(Capability::General)
    }
}

/// What a phrase says of the text that holds it.
#[derive(Debug, Clone, Copy)]
enum Says {
    Cue(Cue),
    Capability(Capability),
}

/// The files of phrases, one phrase a line, and what their phrases say. Lines that begin with `#` are remarks, and
/// quotes keep the spaces at a phrase's ends.
const WORDS: [(Says, &str); 10] = [
    (Says::Cue(Cue::Reasoning), include_str!("../words/asks_reasoning.txt")),
    (Says::Cue(Cue::Grading), include_str!("../words/asks_grading.txt")),
    (Says::Cue(Cue::TaskWriting), include_str!("../words/asks_task_writing.txt")),
    (Says::Capability(Capability::SoftwareEngineering), include_str!("../words/work_software_engineering.txt")),
    (Says::Capability(Capability::Agentic), include_str!("../words/work_agentic.txt")),
    (Says::Capability(Capability::Reasoning), include_str!("../words/work_reasoning.txt")),
    (Says::Capability(Capability::DataAnalysis), include_str!("../words/work_data_analysis.txt")),
    (Says::Capability(Capability::Grading), include_str!("../words/work_grading.txt")),
    (Says::Capability(Capability::Vision), include_str!("../words/work_vision.txt")),
    (Says::Capability(Capability::Safety), include_str!("../words/work_safety.txt")),
];

/// The phrases of one file.
fn phrases(words: &str) -> impl Iterator<Item = &str> {
    let lines = words.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).unwrap_or(line))
}

struct Lexicon {
    automaton: Option<AhoCorasick>,
    says: Vec<Says>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let phrases: Vec<(Says, &str)> =
        WORDS.iter().flat_map(|(says, words)| phrases(words).map(|phrase| (*says, phrase))).collect();
    let automaton = AhoCorasickBuilder::new()
        .ascii_case_insensitive(true)
        .kind(Some(aho_corasick::AhoCorasickKind::DFA))
        .build(phrases.iter().map(|(_, phrase)| phrase))
        .ok();
    Lexicon { automaton, says: phrases.into_iter().map(|(says, _)| says).collect() }
});

/// How much of a text is searched. Instructions stand at the head; a pasted book does not change what is asked.
const SEARCHED_BYTES: usize = 4096;

/// Reads the cues of one text, and of whether it came with images. Linear; allocates nothing.
#[must_use]
pub fn read_cues(text: &str, media: u32) -> Cues {
    let head = text.as_bytes().get(..SEARCHED_BYTES).unwrap_or(text.as_bytes());
    let mut bits = 0_u32;
    let mut votes = [0_u32; Capability::ALL.len()];
    if media > 0 {
        vote(&mut votes, Capability::Vision, 3);
    }
    if let Some(automaton) = &LEXICON.automaton {
        for found in automaton.find_overlapping_iter(head) {
            match LEXICON.says.get(found.pattern().as_usize()) {
                Some(Says::Cue(cue)) => bits |= 1 << *cue as u32,
                Some(Says::Capability(capability)) => vote(&mut votes, *capability, 1),
                None => {}
            }
        }
    }
    // The first of the most voted; `General` only without any vote.
    let most = votes.iter().copied().max().unwrap_or(0);
    let capability = if most == 0 {
        Capability::General as u32
    } else {
        votes.iter().position(|votes| *votes == most).unwrap_or(Capability::General as usize) as u32
    };
    Cues(bits | capability << 8)
}

fn vote(votes: &mut [u32; Capability::ALL.len()], capability: Capability, count: u32) {
    if let Some(votes) = votes.get_mut(capability as usize) {
        *votes += count;
    }
}

#[cfg(test)]
mod tests;
