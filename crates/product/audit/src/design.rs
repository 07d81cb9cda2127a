//! Which labels may change places.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Serialize;

use crate::assignment::is_assigned;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::input::Ours;
use crate::permute::Stratum;

/// The fewest units of either label: with fewer nothing could be shown at a level of one in a hundred.
const LEAST: usize = 10;

/// The design as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Design {
    /// `second answers` where each prompt has an answer that was served and one that was held back, `prompts` where
    /// prompts were held back, `both` where some are so and some so.
    pub kind: &'static str,
    /// `checked` where every label is as the key has it, `declared` where whoever asks says that they are exchangeable.
    pub assignment: &'static str,
    /// Answers that were served and are compared.
    pub served: usize,
    /// Answers that were not served and are compared.
    pub held_back: usize,
    /// What was drawn as one.
    pub units: usize,
    /// Inside which labels change places.
    pub strata: usize,
    /// Answers of ours that are not compared, by reason.
    pub left_out: BTreeMap<&'static str, usize>,
    /// Lines of the suspect and of the comparison models that belong to no prompt of ours.
    pub unmatched: usize,
}

/// The units and the strata.
#[derive(Debug)]
pub struct Layout {
    /// The answers of each unit, by their places among those that are compared.
    pub units: Vec<Vec<usize>>,
    /// The strata in which both labels are.
    pub strata: Vec<Stratum>,
    /// What is reported of it.
    pub design: Design,
}

type Place<'a> = (bool, &'a str, usize);

/// Lays out the answers that are compared.
///
/// Answers to one prompt of which some were served and others not are a stratum of their own. Else what has one prompt, or
/// one `unit`, is one unit: nobody serves the same prompt by two draws without saying so. Units of different size never
/// change places.
///
/// # Errors
/// [`ErrorKind::Unfit`] where a unit has both labels, or too few are left.
pub fn lay_out(ours: &[Ours], kept: &[usize]) -> Result<Layout, Error> {
    let unfit = |text: String| Err(Error::new(ErrorKind::Unfit, text));
    let units = units(ours, kept)?;
    let mut strata: BTreeMap<Place<'_>, [Vec<usize>; 2]> = BTreeMap::new();
    let mut members = Vec::new();
    for ((mixed, stratum, _), (served, rows)) in units {
        let [yes, no] = strata.entry((mixed, stratum, rows.len())).or_default();
        if served {
            yes.push(members.len())
        } else {
            no.push(members.len())
        }
        members.push(rows);
    }
    let mut design = Design {
        kind: "prompts",
        assignment: "declared",
        served: 0,
        held_back: 0,
        units: 0,
        strata: 0,
        left_out: BTreeMap::new(),
        unmatched: 0,
    };
    let (mut usable, mut kinds, mut least) = (Vec::new(), BTreeSet::new(), [0, 0]);
    for ((mixed, _, size), [yes, no]) in strata {
        if yes.is_empty() || no.is_empty() {
            *design.left_out.entry("nothing in its stratum has the other label").or_default() +=
                size * (yes.len() + no.len());
            continue;
        }
        kinds.insert(mixed);
        least = [least[0] + yes.len(), least[1] + no.len()];
        design.served += size * yes.len();
        design.held_back += size * no.len();
        usable.push(Stratum { served: yes.len(), units: yes.into_iter().chain(no).collect() });
    }
    if least.into_iter().any(|count| count < LEAST) {
        let [yes, no] = least;
        return unfit(format!(
            "{yes} served and {no} held-back units can be compared; {LEAST} of each are needed at least"
        ));
    }
    design.kind = match (kinds.contains(&true), kinds.contains(&false)) {
        (true, true) => "both",
        (true, false) => "second answers",
        _ => "prompts",
    };
    (design.units, design.strata) = (least.into_iter().sum(), usable.len());
    Ok(Layout { units: members, strata: usable, design })
}

/// What was drawn as one, by whether its prompt has both labels, its stratum and its name: the label and the answers.
type Units<'a> = BTreeMap<(bool, &'a str, &'a str), (bool, Vec<usize>)>;

fn units<'a>(ours: &'a [Ours], kept: &[usize]) -> Result<Units<'a>, Error> {
    let unfit = |text: String| Err(Error::new(ErrorKind::Unfit, text));
    let rows = || kept.iter().filter_map(|place| ours.get(*place)).enumerate();
    let mut labels: BTreeMap<&str, BTreeSet<bool>> = BTreeMap::new();
    rows().for_each(|(_, row)| _ = labels.entry(row.prompt.trim()).or_default().insert(row.served));
    let is_mixed = |row: &Ours| labels.get(row.prompt.trim()).is_some_and(|labels| labels.len() == 2);
    let (mut units, mut stratum_of): (Units<'_>, BTreeMap<(bool, &str), &str>) = (BTreeMap::new(), BTreeMap::new());
    for (at, row) in rows() {
        let (mixed, prompt) = (is_mixed(row), row.prompt.trim());
        let given = row.stratum.as_deref().unwrap_or_default();
        if mixed && row.unit.is_some() {
            return unfit(format!(
                "{:?}: its prompt has both labels, so that it is drawn by itself (leave out unit)",
                row.id
            ));
        }
        let unit = if mixed { row.id.as_str() } else { row.unit.as_deref().unwrap_or(prompt) };
        let stratum = if mixed { prompt } else { given };
        if *stratum_of.entry((mixed, unit)).or_insert(stratum) != stratum {
            return unfit(format!("the unit {unit:?} is in two strata (what was drawn as one is in one)"));
        }
        let (served, members) = units.entry((mixed, stratum, unit)).or_insert((row.served, Vec::new()));
        if *served != row.served {
            return unfit(format!("the unit {unit:?} has both labels (what was drawn apart is no unit)"));
        }
        members.push(at);
    }
    Ok(units)
}

/// Whether every label is as a key has it: of all answers, those that are not compared among them.
///
/// # Errors
/// [`ErrorKind::Unfit`] that names the first that is not.
pub fn check_assignment(ours: &[Ours], key: &[u8], share: f64) -> Result<(), Error> {
    let mut by_prompt: BTreeMap<&str, Vec<&Ours>> = BTreeMap::new();
    ours.iter().for_each(|row| by_prompt.entry(row.prompt.trim()).or_default().push(row));
    for rows in by_prompt.values() {
        for row in rows {
            let others: Vec<&str> = rows.iter().map(|other| other.id.as_str()).filter(|id| *id != row.id).collect();
            // Answers that were drawn as one go by the name of their unit.
            let is_as_drawn = match &row.unit {
                Some(unit) => is_assigned(key, unit, &[], share),
                None => is_assigned(key, &row.id, &others, share),
            };
            if is_as_drawn != row.served {
                let told = if row.served { "served" } else { "held back" };
                let text =
                    format!("{:?} is said to be {told}, and the key has it otherwise (docs/audit.md: Design)", row.id);
                return Err(Error::new(ErrorKind::Unfit, text));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, prompt: &str, served: bool) -> Ours {
        let (id, prompt, answer) = (id.to_owned(), prompt.to_owned(), String::new());
        Ours { id, prompt, answer, served, stratum: None, unit: None }
    }

    #[test]
    fn second_answers_are_strata_and_repeated_prompts_units() {
        let mut ours = Vec::new();
        for pair in 0..20 {
            ours.push(row(&format!("{pair}a"), &format!("p{pair}"), true));
            ours.push(row(&format!("{pair}b"), &format!("p{pair}"), false));
        }
        let kept: Vec<usize> = (0..40).collect();
        let layout = lay_out(&ours, &kept).unwrap();
        assert_eq!((layout.design.kind, layout.design.strata, layout.design.units), ("second answers", 20, 40));
        for (at, row) in ours.iter_mut().enumerate() {
            row.served = at % 4 < 2;
        }
        let layout = lay_out(&ours, &kept).unwrap();
        assert_eq!((layout.design.kind, layout.design.strata, layout.design.units), ("prompts", 1, 20));
        assert_eq!(layout.units.first().map(Vec::len), Some(2));
        assert!(lay_out(&ours, &(0..6).collect::<Vec<_>>()).unwrap_err().to_string().contains("are needed at least"));
        let before = ours.clone();
        let name = |at: usize| ["odd", "even"][at % 2].to_owned();
        ours.iter_mut().enumerate().for_each(|(at, row)| {
            (row.unit, row.stratum) = (Some(format!("{}", at / 4)), Some(name(at / 2)));
            row.served = at / 4 % 2 == 0;
            row.prompt = format!("q{at}");
        });
        assert!(lay_out(&ours, &kept).unwrap_err().to_string().contains("is in two strata"));
        ours = before;
        ours.iter_mut().for_each(|row| row.unit = Some("one".to_owned()));
        assert!(lay_out(&ours, &kept).unwrap_err().to_string().contains("has both labels"));
    }

    #[test]
    fn a_label_that_the_key_does_not_have_is_named() {
        let mut ours: Vec<Ours> = (0..40).map(|at| row(&format!("r{at}"), &format!("p{at}"), false)).collect();
        ours.iter_mut().for_each(|row| row.served = is_assigned(b"k", &row.id, &[], 0.5));
        check_assignment(&ours, b"k", 0.5).unwrap();
        ours[7].served = !ours[7].served;
        assert!(check_assignment(&ours, b"k", 0.5).unwrap_err().to_string().contains("\"r7\""));
    }
}
