//! How much groups of accounts show an item: the campaign, and the honest groups that it is compared with.

use std::collections::BTreeSet;

use crate::days::Calendar;
use crate::entity::Entity;
use crate::entity::InstrumentKind;
use crate::item::ItemKind;
use crate::observed::Account;
use crate::reference::Compared;
use crate::reference::Cut;
use crate::shift::aligned;
use crate::shift::by_chance;

/// What the campaign scores, and the honest groups beside it.
#[derive(Debug, Default)]
pub struct Measured {
    /// Score of the whole campaign.
    pub campaign: f64,
    /// For each cut the score of those who stand for the campaign, and those of the honest groups.
    pub cuts: Vec<(f64, Vec<f64>)>,
    /// Scores of the whole campaign had the dates been others; none where the item is not about dates.
    pub elsewhere: Option<Vec<f64>>,
    /// Accounts of the campaign that show it and count, and those that can be asked; both zero where it is not about accounts.
    pub shown: (usize, usize),
}

/// What is asked of whom.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The accounts.
    pub compared: &'a Compared<'a>,
    /// The days of the log.
    pub calendar: &'a Calendar,
    /// The organisation's place in the list.
    pub at: usize,
    /// The organisation.
    pub entity: &'a Entity,
    /// Members of the campaign that count elsewhere already, and show nothing here.
    pub counted: &'a BTreeSet<usize>,
}

/// Measures one item of one organisation with facts that so many independent sources tell at least; `None` where the log or
/// the organisation's file does not allow it to be asked.
pub fn measure(question: Question<'_>, item: ItemKind, least: usize) -> Option<Measured> {
    let Question { compared, calendar, at, entity, counted } = question;
    match item {
        ItemKind::Hours => {
            entity.hours.as_ref().filter(|fact| fact.weight() >= least)?;
            of_values(compared, &calendar.in_hours(compared, at), false)
        }
        ItemKind::Holidays => {
            let hours = entity.hours.as_ref().filter(|fact| fact.weight() >= least)?;
            let (days, holidays) = calendar.working_days(compared, &hours.value)?;
            of_days(compared, calendar, |series| {
                let volumes: Vec<f64> = days.iter().map(|day| series.get(*day).copied().unwrap_or(0.0)).collect();
                drops(&volumes, &holidays)
            })
        }
        ItemKind::ReleaseAhead | ItemKind::ReleaseAfter => {
            let known = entity.releases.iter().filter(|fact| fact.weight() >= least);
            let is_ahead = item == ItemKind::ReleaseAhead;
            let windows: Vec<_> = known.filter_map(|fact| calendar.window(&fact.value, is_ahead)).collect();
            if windows.is_empty() {
                return None;
            }
            of_days(compared, calendar, |series| (aligned(series, &windows, 0), by_chance(series, &windows)))
        }
        _ => {
            if !has_facts(entity, item, least) {
                return None;
            }
            let value = |(place, account): (usize, &&Account)| {
                Some(f64::from(account.shows(at, item, least)? && !counted.contains(&place)))
            };
            of_values(compared, &compared.accounts.iter().enumerate().map(value).collect::<Vec<_>>(), true)
        }
    }
}

/// Whether an organisation's file says anything by which accounts can show the item.
fn has_facts(entity: &Entity, item: ItemKind, least: usize) -> bool {
    let is_address = |kind: InstrumentKind| kind == InstrumentKind::Address;
    match item {
        ItemKind::MailVerified | ItemKind::MailSpelled => entity.domains.iter().any(|fact| fact.weight() >= least),
        ItemKind::ExchangeNetwork | ItemKind::SignupNetwork => {
            entity.networks.iter().any(|fact| fact.weight() >= least && !fact.value.is_rented_out)
        }
        ItemKind::RentedNetwork => {
            entity.networks.iter().any(|fact| fact.weight() >= least && fact.value.is_rented_out)
        }
        ItemKind::Instrument => {
            entity.instruments.iter().any(|fact| fact.weight() >= least && !is_address(fact.value.kind))
        }
        ItemKind::KnownAddress => {
            entity.instruments.iter().any(|fact| fact.weight() >= least && is_address(fact.value.kind))
        }
        ItemKind::CodeNameUnpublished => entity.code_names.iter().any(|fact| fact.weight() >= least),
        ItemKind::CodeNamePublic => {
            entity.code_names.iter().any(|fact| fact.weight() >= least && fact.value.public_since.is_some())
        }
        ItemKind::Hours | ItemKind::Holidays | ItemKind::ReleaseAhead | ItemKind::ReleaseAfter => false,
    }
}

/// Scores that are means over accounts, each of which counts alike.
fn of_values(compared: &Compared<'_>, values: &[Option<f64>], is_count: bool) -> Option<Measured> {
    let mean = |places: &mut dyn Iterator<Item = usize>| {
        let (sum, count) = places
            .filter_map(|at| values.get(at).copied().flatten())
            .fold((0.0, 0_usize), |(sum, count), value| (sum + value, count + 1));
        (count > 0).then(|| sum / count as f64)
    };
    let campaign = mean(&mut (0..compared.members))?;
    let of_cut = |cut: &Cut| {
        let groups = cut.groups.iter().map(|group| mean(&mut group.iter().copied()).unwrap_or(0.0)).collect();
        (mean(&mut cut.campaign.iter().copied()).unwrap_or(0.0), groups)
    };
    let cuts = compared.cuts.iter().map(of_cut).collect();
    let members = values.get(..compared.members).unwrap_or_default();
    let shown = members.iter().flatten().filter(|value| **value > 0.0).count();
    let shown = if is_count { (shown, members.iter().flatten().count()) } else { (0, 0) };
    Some(Measured { campaign, cuts, elsewhere: None, shown })
}

/// Scores of the daily course of a group. `score` gives that of the dates as they are, and those of other dates.
fn of_days(
    compared: &Compared<'_>,
    calendar: &Calendar,
    score: impl Fn(&[f64]) -> (f64, Vec<f64>),
) -> Option<Measured> {
    let daily = calendar.daily(compared);
    let course = |places: &mut dyn Iterator<Item = usize>| {
        let mut sum = vec![0.0; calendar.days()];
        for series in places.filter_map(|at| daily.get(at)) {
            sum.iter_mut().zip(series).for_each(|(sum, value)| *sum += f64::from(*value));
        }
        sum
    };
    let (campaign, elsewhere) = score(&course(&mut (0..compared.members)));
    if elsewhere.is_empty() {
        return None;
    }
    let of_cut = |cut: &Cut| {
        let groups = cut.groups.iter().map(|group| score(&course(&mut group.iter().copied())).0).collect();
        (score(&course(&mut cut.campaign.iter().copied())).0, groups)
    };
    let cuts = compared.cuts.iter().map(of_cut).collect();
    Some(Measured { campaign, cuts, elsewhere: Some(elsewhere), shown: (0, 0) })
}

/// By how much less there was on some of a row of working days than on the others, and the same had the row begun elsewhere.
fn drops(volumes: &[f64], holidays: &[usize]) -> (f64, Vec<f64>) {
    let count = volumes.len();
    let drop = |by: usize| {
        let is_free = |at: usize| holidays.iter().any(|holiday| (holiday + by) % count == at);
        let (mut free, mut busy) = ((0.0, 0_usize), (0.0, 0_usize));
        for (at, volume) in volumes.iter().enumerate() {
            let side = if is_free(at) { &mut free } else { &mut busy };
            *side = (side.0 + volume, side.1 + 1);
        }
        let mean = |(sum, count): (f64, usize)| sum / count.max(1) as f64;
        if mean(busy) > 0.0 { (1.0 - mean(free) / mean(busy)).max(0.0) } else { 0.0 }
    };
    if count < 2 || holidays.is_empty() || holidays.len() >= count {
        return (0.0, Vec::new());
    }
    (drop(0), (1..count).map(drop).collect())
}
