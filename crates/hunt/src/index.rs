//! The observable index: which account holds which value.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::array::Int64Array;
use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use arrow::datatypes::Field;
use arrow::datatypes::Schema;
use campaign::View;
use detect::Family;
use detect::Population;
use detect::conversations;
use detect::foreign_quotes;
use detect::frame_ties;
use link::Limits;
use link::Shape;
use link::Tie;
use link::Value;
use record::ObservableKind;

use crate::engine::TieRow;
use crate::error::Error;

/// Quotes of answers that are looked for in others' prompts.
const MOST_ANSWERS: usize = 1 << 24;

/// Rows of one batch.
const BATCH: usize = 64 * 1024;

/// The index of a population, as columns `kind`, `value`, `account`, `customer`, all 64-bit integers.
pub(crate) fn observable_index(population: &Population) -> Result<Vec<RecordBatch>, Error> {
    let names = ["kind", "value", "account", "customer"];
    let schema = Arc::new(Schema::new(names.map(|name| Field::new(name, DataType::Int64, false)).to_vec()));
    let mut rows: Vec<[i64; 4]> = Vec::new();
    let returned = returned_answers(population);
    for (entity, at) in population.entities().iter().zip(0_u32..) {
        let customer = i64::from(population.customer(at));
        let mut add = |kind: ObservableKind, value: u64| {
            if value != 0 {
                rows.push([i64::from(kind as u8), value as i64, i64::from(at), customer]);
            }
        };
        entity.identity.personal().into_iter().for_each(|(kind, value)| add(kind, value));
        let profile = &entity.profile;
        profile.ips.iter().for_each(|(ip, _)| add(ObservableKind::Ip, ip));
        frame_ties(profile).for_each(|frame| add(ObservableKind::Frame, frame));
        profile.phrases.iter().for_each(|(phrase, _)| add(ObservableKind::Phrase, phrase));
        conversations(profile).for_each(|(root, _)| add(ObservableKind::Root, root));
        profile.minted.iter().for_each(|(signature, _)| add(ObservableKind::Signature, signature));
        profile.presented.iter().for_each(|(signature, _)| add(ObservableKind::Signature, signature));
        let quotes = profile.answers.iter().map(|(quote, _)| quote).chain(foreign_quotes(profile));
        quotes.filter(|quote| returned.contains(quote)).for_each(|quote| add(ObservableKind::Answer, quote));
    }
    rows.chunks(BATCH)
        .map(|chunk| {
            let columns = (0..names.len())
                .map(|at| {
                    let column: Int64Array = chunk.iter().filter_map(|row| row.get(at).copied()).collect();
                    Arc::new(column) as ArrayRef
                })
                .collect();
            RecordBatch::try_new(Arc::clone(&schema), columns).map_err(|error| Error::bug(error.to_string()))
        })
        .collect()
}

/// Quotes of answers that came back from an account that was not given them: of answers of which at least two quotes
/// came from one account to one other, since a single run of words may be boilerplate. Bounded: of more than
/// [`MOST_ANSWERS`] quotes those with the smallest hashes are looked for, which is a fair sample.
fn returned_answers(population: &Population) -> BTreeSet<u64> {
    let given = |at: u32| population.get(at).into_iter().flat_map(|entity| entity.profile.answers.iter());
    let accounts = 0..population.entities().len() as u32;
    let customer = |at: u32| population.customer(at);
    let mut given: Vec<(u64, u32)> =
        accounts.flat_map(|at| given(at).map(move |(quote, _)| (quote, customer(at)))).collect();
    given.sort_unstable();
    given.dedup();
    given.truncate(MOST_ANSWERS);
    let givers = |quote: u64| {
        let from = given.partition_point(|(known, _)| *known < quote);
        given.get(from..).unwrap_or_default().iter().take_while(move |(known, _)| *known == quote).map(|(_, at)| *at)
    };
    let mut returned = BTreeSet::new();
    for entity in population.entities() {
        let mut by_giver: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
        for quote in foreign_quotes(&entity.profile) {
            // A quote that many were given is nobody's.
            if givers(quote).nth(Limits::handed_over().most_holders).is_none() {
                givers(quote).for_each(|giver| by_giver.entry(giver).or_default().push(quote));
            }
        }
        returned.extend(by_giver.into_values().filter(|quotes| quotes.len() >= 2).flatten());
    }
    returned
}

/// The families' ties, each with what counts as a group in it. Content is looked at twice: by frames, which hold a
/// fixed wording, and by phrases, which a paraphrase keeps in part.
pub(crate) fn views(rows: Vec<TieRow>) -> Vec<View> {
    let wide = Limits { least_bits: 4.0, shape: Shape::Clustered, ..Limits::default() };
    let mut views = [
        (Family::Continuity, "what was handed over", Limits::handed_over(), false),
        (Family::Content, "frames", Limits::default(), false),
        (Family::Content, "phrases", wide, true),
        (Family::Identity, "registration", Limits::default(), false),
        (Family::Client, "addresses", Limits::default(), false),
    ]
    .map(|(family, name, limits, is_faint)| View { family, name, limits, is_faint, ties: Vec::new() });
    let [continuity, frames, phrases, identity, client] = &mut views;
    for (kind, hash, account) in rows {
        let Some(kind) = ObservableKind::from_u8(kind) else { continue };
        let view = match kind {
            ObservableKind::Root | ObservableKind::Answer | ObservableKind::Signature => &mut *continuity,
            ObservableKind::Frame => frames,
            ObservableKind::Phrase => phrases,
            ObservableKind::Ip => client,
            _ => identity,
        };
        view.ties.push(Tie { account, value: Value { kind, hash } });
    }
    views.into_iter().collect()
}
