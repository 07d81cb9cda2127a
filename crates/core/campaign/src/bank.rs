//! The bank: scores of honest groups, with which groups are compared.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use cohort::Items;
use evidence::RankedScores;
use serde::Deserialize;
use serde::Serialize;
use verdict::Family;
use verdict::ViewKind;

use crate::candidate::Candidate;
use crate::class::Class;
use crate::class::Scores;
use crate::class::SizeClass;
use crate::class::Sizes;

/// The half of the items whose groups make a bank.
pub const BANK_HALF: Items = Items::First;

/// Version of the file's form.
const VERSION: u32 = 3;

/// The most groups of a line, so that sums stay in bounds whatever a file says.
const MAX_GROUPS: usize = 1 << 40;

/// The bank that comes with the program.
const BUILT_IN: &[u8] = include_bytes!("../bank/built_in.jsonl");

/// Where a bank's groups come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BankKind {
    /// The deployment's own: its trusted reference, groups that analysts cleared, earlier logs.
    Own,
    /// Honest worlds that were made for it.
    BuiltIn,
}

impl BankKind {
    /// The name in the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::BuiltIn => "built-in",
        }
    }
}

/// The sections of a bank, by origin and class.
type Sections = BTreeMap<(BankKind, Class), Section>;

/// The groups of one origin and class, as a line of a bank's file.
///
/// Scores are decimal logarithms with two digits, the largest first. Those of zero are left out: what is missing to
/// `groups` scores nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Section {
    kind: BankKind,
    ties: ViewKind,
    size: SizeClass,
    open: bool,
    groups: usize,
    all: Vec<f64>,
    /// See [`Scores::without_strongest`].
    without_strongest: Vec<f64>,
    families: BTreeMap<Family, Vec<f64>>,
}

impl Section {
    fn new(kind: BankKind, class: Class) -> Self {
        let Class { ties, size, open } = class;
        let (all, without_strongest) = (Vec::new(), Vec::new());
        Self { kind, ties, size, open, groups: 0, all, without_strongest, families: BTreeMap::new() }
    }

    /// The section of an origin and class among others, made where it is not there yet.
    fn among(sections: &mut Sections, kind: BankKind, class: Class) -> &mut Self {
        sections.entry((kind, class)).or_insert_with(|| Self::new(kind, class))
    }

    const fn class(&self) -> Class {
        Class { ties: self.ties, size: self.size, open: self.open }
    }

    fn add(&mut self, scores: &Scores) {
        self.groups += 1;
        let told = |score: &&f64| **score > 0.0;
        self.all.extend(Some(&scores.all).filter(told));
        self.without_strongest.extend(Some(&scores.without_strongest()).filter(told));
        for (family, score) in scores.families.iter().filter(|(_, score)| told(score)) {
            self.families.entry(*family).or_default().push(*score);
        }
    }

    fn merge(&mut self, other: Self) {
        self.groups = self.groups.saturating_add(other.groups);
        self.all.extend(other.all);
        self.without_strongest.extend(other.without_strongest);
        for (family, scores) in other.families {
            self.families.entry(family).or_default().extend(scores);
        }
    }

    fn sort(&mut self) {
        let descending = |scores: &mut Vec<f64>| scores.sort_unstable_by(|a, b| b.total_cmp(a));
        descending(&mut self.all);
        descending(&mut self.without_strongest);
        self.families.values_mut().for_each(descending);
    }

    /// Why it cannot be a section.
    fn fault(&self) -> Option<&'static str> {
        let lists = || self.families.values().chain([&self.all, &self.without_strongest]);
        if self.groups > MAX_GROUPS {
            Some("it has more groups than a bank may have")
        } else if lists().any(|scores| scores.len() > self.groups) {
            Some("it has more scores than groups")
        } else if lists().flatten().any(|score| !(score.is_finite() && *score >= 0.0)) {
            Some("a score is no positive number")
        } else {
            None
        }
    }
}

/// What is read of a line of `groups.jsonl`.
#[derive(Debug, Deserialize)]
struct ResultGroup {
    accounts: Vec<String>,
    #[serde(flatten)]
    group: ScoredGroup,
}

/// What is read of a group, in `groups.jsonl` and in the judgement of a campaign.
#[derive(Debug, Deserialize)]
struct ScoredGroup {
    ties: ViewKind,
    formed_on: Items,
    customers: usize,
    open: bool,
    score: f64,
    families: BTreeMap<Family, f64>,
}

impl ScoredGroup {
    fn scored(self) -> (Class, Scores) {
        let class = Class { ties: self.ties, size: SizeClass::of(self.customers), open: self.open };
        (class, Scores { all: self.score, families: self.families })
    }
}

/// The first line of a bank's file.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    bank: u32,
    sections: usize,
}

/// Scores of honest groups.
#[derive(Debug, Clone, Default)]
pub struct Bank {
    sections: Sections,
    pools: BTreeMap<(ViewKind, bool), Vec<Pool>>,
}

/// Honest groups of one kind of ties that are ranked together: of one size class, or of several where one holds too few.
#[derive(Debug, Clone)]
struct Pool {
    sizes: Sizes,
    scores: PoolScores,
}

/// The scores of a pool.
#[derive(Debug, Clone, Default)]
struct PoolScores {
    all: RankedScores,
    /// See [`SizeClass::lifted`].
    lifted: RankedScores,
    /// See [`Scores::without_strongest`].
    without_strongest: RankedScores,
    families: BTreeMap<Family, RankedScores>,
    own: usize,
}

/// Honest groups that a pool holds at least, where there are so many of its ties: with these the largest e-value is about
/// 7,000. That is what campaigns that are together a seventieth of all exchanges need to be discovered at one percent: seventy
/// times a hundred. The price is that sizes with fewer are ranked together: wordings of a hundred accounts
/// and more with those of thirty and more, as long as the bank holds no more of them.
const MIN_POOL: usize = 10_000;

/// The honest groups that a group is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Peers<'a> {
    /// The sizes of those that are ranked together.
    pub sizes: Sizes,
    scores: &'a PoolScores,
}

impl Peers<'_> {
    /// How many they are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.scores.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many of them are the deployment's own.
    #[must_use]
    pub const fn own(&self) -> usize {
        self.scores.own
    }

    /// Their scores over all families.
    #[must_use]
    pub const fn all(&self) -> &RankedScores {
        &self.scores.all
    }

    /// Their scores over all families, lifted by their sizes: see [`SizeClass::lifted`].
    #[must_use]
    pub const fn lifted(&self) -> &RankedScores {
        &self.scores.lifted
    }

    /// Their scores over all families but the strongest of each: see [`Scores::without_strongest`].
    #[must_use]
    pub const fn without_strongest(&self) -> &RankedScores {
        &self.scores.without_strongest
    }

    /// Their scores of one family.
    #[must_use]
    pub fn of_family(&self, family: Family) -> Option<&RankedScores> {
        self.scores.families.get(&family)
    }
}

/// A bank's file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("line {line} of the bank: {reason} (make it with stillwatch bank build)")]
pub struct BankError {
    line: usize,
    reason: String,
}

impl Bank {
    /// The bank of groups of honest accounts that were formed and scored as those of a hunt are.
    ///
    /// Those of one half of the items are taken, [`BANK_HALF`].
    #[must_use]
    pub fn of(honest: &[Candidate], kind: BankKind) -> Self {
        let once = honest.iter().filter(|candidate| candidate.formed_on == BANK_HALF);
        Self::of_groups(kind, once.map(|candidate| (candidate.class(), candidate.scores())))
    }

    /// The groups of a hunt's `groups.jsonl` most of whose accounts are among some that were found to be honest.
    ///
    /// # Errors
    /// [`BankError`] where a line is no group.
    pub fn of_results(groups: &[u8], honest: &BTreeSet<String>) -> Result<Self, BankError> {
        let mut cleared = Vec::new();
        for (at, line) in groups.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty()) {
            let group: ResultGroup =
                serde_json::from_slice(line).map_err(|error| BankError { line: at + 1, reason: error.to_string() })?;
            let inside = group.accounts.iter().filter(|account| honest.contains(*account)).count();
            if group.group.formed_on == BANK_HALF && inside * 2 > group.accounts.len() {
                cleared.push(group.group.scored());
            }
        }
        Ok(Self::of_groups(BankKind::Own, cleared.into_iter()))
    }

    /// Groups that were found to be honest, as the judgement of their campaign had them.
    ///
    /// # Errors
    /// [`BankError`] where one is no group, or scores no number.
    pub fn of_cleared(groups: &[serde_json::Value]) -> Result<Self, BankError> {
        let mut cleared = Vec::new();
        for (at, value) in groups.iter().enumerate() {
            let group = ScoredGroup::deserialize(value);
            let group = group.map_err(|error| BankError { line: at + 1, reason: error.to_string() })?;
            if group.formed_on == BANK_HALF {
                cleared.push(group.scored());
            }
        }
        Ok(Self::of_groups(BankKind::Own, cleared.into_iter()))
    }

    fn of_groups(kind: BankKind, groups: impl Iterator<Item = (Class, Scores)>) -> Self {
        let mut sections = Sections::new();
        for (class, scores) in groups {
            Section::among(&mut sections, kind, class).add(&scores);
        }
        Self::from_sections(sections)
    }

    /// The bank that comes with the program.
    ///
    /// # Errors
    /// [`BankError`]: a fault of the build.
    pub fn built_in() -> Result<Self, BankError> {
        Self::from_lines(BUILT_IN)
    }

    /// Reads a bank.
    ///
    /// # Errors
    /// [`BankError`]
    pub fn from_lines(bytes: &[u8]) -> Result<Self, BankError> {
        let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
        let fault = |line: usize, reason: String| BankError { line: line + 1, reason };
        let Some((first, rest)) = lines.split_first() else { return Err(fault(0, "it is empty".to_owned())) };
        let header: Header = serde_json::from_slice(first).map_err(|error| fault(0, error.to_string()))?;
        if header.bank != VERSION {
            let reason = format!(
                "it is of version {}, and this program reads version {VERSION}: groups are scored in another way since",
                header.bank
            );
            return Err(fault(0, reason));
        }
        if header.sections != rest.len() {
            let reason = format!("it says that {} lines follow, and {} do: it was cut", header.sections, rest.len());
            return Err(fault(0, reason));
        }
        let mut sections = Sections::new();
        for (at, line) in rest.iter().enumerate() {
            let section: Section = serde_json::from_slice(line).map_err(|error| fault(at + 1, error.to_string()))?;
            if let Some(reason) = section.fault() {
                return Err(fault(at + 1, reason.to_owned()));
            }
            let (kind, class) = (section.kind, section.class());
            Section::among(&mut sections, kind, class).merge(section);
        }
        Ok(Self::from_sections(sections))
    }

    /// Its file: the same bytes for the same groups, in whatever order they came.
    ///
    /// # Errors
    /// Where a number cannot be written, which is a bug.
    pub fn to_lines(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec(&Header { bank: VERSION, sections: self.sections.len() })?;
        bytes.push(b'\n');
        for section in self.sections.values() {
            serde_json::to_writer(&mut bytes, section)?;
            bytes.push(b'\n');
        }
        Ok(bytes)
    }

    /// The groups of both.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        let mut sections = self.sections;
        for ((kind, class), section) in other.sections {
            Section::among(&mut sections, kind, class).merge(section);
        }
        Self::from_sections(sections)
    }

    /// Number of honest groups.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sections.values().map(|section| section.groups).sum()
    }

    /// Whether it holds no group.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its pools: the ties, whether openly tied, and the groups that are ranked together.
    pub fn pools(&self) -> impl Iterator<Item = (ViewKind, bool, Peers<'_>)> + '_ {
        self.pools.iter().flat_map(|((ties, open), pools)| pools.iter().map(|pool| (*ties, *open, pool.peers())))
    }

    /// What groups of a class are compared with: `None` where no honest group of its ties is known.
    ///
    /// Size classes are put together from the largest down until each pool holds ten thousand groups. Small groups that are
    /// left over, which weigh little, are ranked among fewer. Which sizes go together is decided by the bank alone, for all
    /// groups alike: an honest group is then one of its pool's groups, and its rank among them is what it should be on average
    /// over the pool. It need not be for each size: where honest groups of a size are rare, a log that holds more of them than
    /// the bank's worlds do breaks it.
    #[must_use]
    pub fn peers(&self, class: Class) -> Option<Peers<'_>> {
        let pools = self.pools.get(&(class.ties, class.open))?;
        pools.iter().find(|pool| (pool.sizes.least..=pool.sizes.most).contains(&class.size)).map(Pool::peers)
    }

    fn from_sections(mut sections: Sections) -> Self {
        sections.values_mut().for_each(Section::sort);
        let mut by_ties: BTreeMap<(ViewKind, bool), Vec<&Section>> = BTreeMap::new();
        for section in sections.values() {
            by_ties.entry((section.ties, section.open)).or_default().push(section);
        }
        let pools = by_ties.into_iter().map(|(key, sections)| (key, Pool::all_of(&sections))).collect();
        Self { sections, pools }
    }
}

impl Pool {
    /// The pools of the sections of one kind of ties. Together they hold every size.
    fn all_of(sections: &[&Section]) -> Vec<Self> {
        let of_size = |size: SizeClass| sections.iter().filter(move |section| section.size == size).copied();
        let groups = |sections: &[&Section]| -> usize { sections.iter().map(|section| section.groups).sum() };
        let mut made: Vec<(Sizes, Vec<&Section>)> = Vec::new();
        for size in SizeClass::ALL.into_iter().rev() {
            match made.last_mut() {
                Some((sizes, open)) if groups(open) < MIN_POOL => {
                    sizes.least = size;
                    open.extend(of_size(size));
                }
                _ => made.push((Sizes { least: size, most: size }, of_size(size).collect())),
            }
        }
        made.into_iter().map(|(sizes, sections)| Self { sizes, scores: PoolScores::of(&sections) }).collect()
    }

    const fn peers(&self) -> Peers<'_> {
        Peers { sizes: self.sizes, scores: &self.scores }
    }
}

impl PoolScores {
    fn of(sections: &[&Section]) -> Self {
        let groups: usize = sections.iter().map(|section| section.groups).sum();
        let ranked = |scores: &dyn Fn(&Section) -> Vec<f64>| {
            RankedScores::new(sections.iter().flat_map(|section| scores(section)), groups)
        };
        let family = |family: Family| ranked(&|section| section.families.get(&family).cloned().unwrap_or_default());
        Self {
            all: ranked(&|section| section.all.clone()),
            lifted: ranked(&|section| section.all.iter().map(|score| section.size.lifted(*score)).collect()),
            without_strongest: ranked(&|section| section.without_strongest.clone()),
            families: Family::ALL.into_iter().map(|one| (one, family(one))).collect(),
            own: sections.iter().filter(|one| one.kind == BankKind::Own).map(|one| one.groups).sum(),
        }
    }
}
