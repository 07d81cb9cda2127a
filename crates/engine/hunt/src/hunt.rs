//! A hunt from end to end.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;
use std::time::Instant;

use assess::Assessment;
use assess::assess;
use campaign::AccountVerdict;
use campaign::Bank;
use campaign::Campaign;
use campaign::Described;
use campaign::Looks;
use campaign::Rates;
use campaign::Registry;
use campaign::Settings;
use campaign::describe;
use campaign::describe_leads;
use campaign::describe_looks;
use campaign::tested_groups;
use cohort::Population;
use record::Reject;

use crate::bank::entities;
use crate::bank::gather_bank;
use crate::charts::Drawn;
use crate::charts::charts;
use crate::error::Error;
use crate::kept::write_ties;
use crate::losses::cannot_see;
use crate::losses::losses;
use crate::options::Evidence;
use crate::options::Found;
use crate::options::Options;
use crate::output::Outputs;
use crate::output::Summary;
use crate::output::check_place;
use crate::output::replace_file;
use crate::output::write_outputs;
use crate::seen::name_exchanges;
use crate::side::Refused;
use crate::side::names_of;
use crate::side::read_account_files;
use crate::side::read_bans;
use crate::side::read_lists;
use crate::sources::FoldedLogs;
use crate::sources::fold_logs;
use crate::verdicts::Seen;
use crate::verdicts::see_table;
use crate::verdicts::write_verdicts;
use columns::Ingested;
use columns::Unread;
use columns::Window;
use verdict::Standing;
use verdict::Status;
use workers::Progress;
use workers::available;
use workers::check;

/// What a hunt found.
#[derive(Debug)]
pub struct Outcome {
    /// Campaigns, the most confident first.
    pub campaigns: Vec<Campaign>,
    /// Accounts that are not clear.
    pub accounts: Vec<AccountVerdict>,
    /// Counts.
    pub summary: Summary,
    /// The first refused records, as a taste of `rejects.jsonl`.
    pub first_rejects: Vec<Reject>,
    /// Files that could not be read, or not to their end.
    pub unread: Vec<Unread>,
}

const REGISTRY: &str = "campaigns.json";
const LOOKS: &str = "looks.json";

/// Hunts, and writes the results.
///
/// # Errors
/// [`Error`]; the output path is then as it was before.
pub fn hunt(options: &Options, progress: &dyn Progress) -> Result<Outcome, Error> {
    let started = Instant::now();
    check_options(options)?;
    let options = &options.with_secret()?;
    let workers = available(options.workers);
    let mut registry = read_registry(options.data_dir.as_deref())?;
    let (bank, trusted) = gather_bank(options, workers, progress)?;
    let gathered = gather(options, &trusted, workers, progress)?;
    let seen = match &options.data_dir {
        Some(data_dir) => Some(see_table_of(data_dir, &gathered.logs.roots, progress)?),
        None => None,
    };
    let population = &gathered.population;
    let to_fold = started.elapsed();
    let looks = read_looks(options)?;
    let settings = assess::Settings { rates: options.rates, workers, looks: looks.as_ref() };
    let assessment = assess(population, &bank, settings, progress)?;
    let Assessment { context, views, candidates, ranked, selected, .. } = &assessment;
    let mut described = describe(context, &selected.proposals, &mut registry, &Settings { fdr: options.rates.action });
    let window = Window { since_us: options.since_us, until_us: options.until_us };
    name_exchanges(&mut described.accounts, &gathered.logs.roots, window, workers, progress)?;
    attribute(options, &mut described, &gathered.logs.roots, window, progress)?;
    let leads = describe_leads(context, &selected.leads);
    check(progress)?;
    let groups = tested_groups(context, &candidates.all, ranked);
    let mut summary = summarise(options, &gathered, &described);
    summary.leads = leads.len() as u64;
    summary.calibration = calibration(&bank);
    searched(&mut summary, &assessment, options.rates, to_fold);
    summary.cannot_see = cannot_see(&gathered.ingested, &summary);
    summary.wall_seconds = started.elapsed().as_secs_f64();
    let (charts, others) = charts(population, views, &described.campaigns);
    let page = options.page.as_ref().map(|page| {
        let (campaigns, accounts) = (&described.campaigns, &described.accounts);
        page.render(&Found { campaigns, accounts, leads: &leads, summary: &summary, charts: &charts, others: &others })
    });
    let drawn = described.campaigns.iter().zip(&charts).map(|(campaign, charts)| Drawn::of(&campaign.id, charts));
    let outputs = Outputs {
        campaigns: &described.campaigns,
        accounts: &described.accounts,
        leads: &leads,
        groups: &groups,
        rejects: &gathered.ingested.rejects,
        summary: &summary,
        charts: &drawn.collect::<Vec<_>>(),
        page,
    };
    let kept = |folder: &Path| if options.keep_ties { write_ties(folder, population, views) } else { Ok(()) };
    write_outputs(&options.out, &outputs, kept)?;
    if let Some(data_dir) = &options.data_dir {
        replace_file(&data_dir.join(REGISTRY), &registry.to_json()?)?;
        if let Some(looks) = &selected.looks {
            replace_file(&data_dir.join(LOOKS), &looks.to_json()?)?;
        }
    }
    if let (Some(data_dir), Some(seen)) = (&options.data_dir, seen) {
        let found = (described.campaigns.as_slice(), described.accounts.as_slice());
        write_verdicts(data_dir, seen, options, &bank, &assessment, found, &summary)?;
    }
    let first_rejects = gathered.ingested.rejects.iter().take(3).cloned().collect();
    let unread = gathered.ingested.unread;
    Ok(Outcome { campaigns: described.campaigns, accounts: described.accounts, summary, first_rejects, unread })
}

/// Asks who may be behind each campaign, where anybody is to be asked.
fn attribute(
    options: &Options,
    described: &mut Described,
    roots: &[PathBuf],
    window: Window,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let Some(attributor) = &options.attributor else { return Ok(()) };
    let evidence = Evidence { roots, accounts: &options.accounts, window, key: &options.key() };
    let told = attributor.attribute(&described.campaigns, &described.accounts, &evidence, progress);
    for (campaign, told) in described.campaigns.iter_mut().zip(told.map_err(Error::Attribution)?) {
        campaign.attribution = told;
    }
    Ok(())
}

/// Brings the ledger of a data directory up to what was read of it.
fn see_table_of(data_dir: &Path, roots: &[PathBuf], progress: &dyn Progress) -> Result<Seen, Error> {
    let own = data_dir.canonicalize().unwrap_or_else(|_| data_dir.to_owned());
    see_table(data_dir, roots.len(), roots.contains(&own), progress)
}

/// Adds what the search did.
fn searched(summary: &mut Summary, assessment: &Assessment<'_>, rates: Rates, to_fold: Duration) {
    let Assessment { context, views, candidates, selected, timings, .. } = assessment;
    summary.hypotheses = selected.hypotheses as u64;
    summary.exchanges_at_stake = selected.exchanges_at_stake.round() as u64;
    summary.looks = selected.looks.as_ref().map(|looks| describe_looks(looks, rates));
    summary.ties = views.iter().map(|view| (view.kind, view.ties.len() as u64)).collect();
    summary.groups_tested = candidates.all.len() as u64;
    summary.ties_unsearched = assessment.ties_left_out as u64;
    summary.detector_seconds = context.detector_seconds();
    summary.wall_seconds_to_fold = to_fold.as_secs_f64();
    summary.wall_seconds_to_ties = (to_fold + timings.to_ties).as_secs_f64();
    summary.wall_seconds_to_tests = (to_fold + timings.to_tests).as_secs_f64();
}

/// The counts of a run; what the search and the clock say is added by the caller.
fn summarise(options: &Options, gathered: &Gathered, described: &Described) -> Summary {
    let population = &gathered.population;
    let count = |status: Status| described.campaigns.iter().filter(|campaign| campaign.status == status).count() as u64;
    let ingested = &gathered.ingested;
    Summary {
        version: env!("CARGO_PKG_VERSION"),
        files: ingested.files,
        bytes: ingested.bytes,
        read: ingested.read,
        accepted: ingested.accepted,
        refused: ingested.refused,
        duplicates: ingested.duplicates,
        conflicting_duplicates: ingested.conflicts,
        reused_ids: ingested.reused_ids,
        passed_over: ingested.counts.passed_over.clone(),
        skipped_files: ingested.skipped.len() as u64,
        unread_files: ingested.unread.len() as u64,
        without_text: ingested.counts.without_text,
        without_status: ingested.counts.without_status,
        without_account_records: gathered.without_account_records,
        accounts_by_key: ingested.counts.accounts_by_key,
        joined: ingested.second_log.exchanges,
        rejects_left_out: (ingested.refused + gathered.account_records_refused + gathered.acts_refused)
            .saturating_sub(ingested.rejects.len() as u64),
        account_records: gathered.account_records,
        account_records_refused: gathered.account_records_refused,
        acts: gathered.acts,
        acts_refused: gathered.acts_refused,
        accounts_shut_out: population.shut_out() as u64,
        accounts: population.entities().len() as u64,
        exchanges: population.entities().iter().fold(0, |sum, entity| sum.saturating_add(entity.profile.exchanges)),
        discovered: count(Status::Discovered),
        suspected: count(Status::Suspected),
        implicated: described.accounts.iter().filter(|account| account.verdict == Standing::Implicated).count() as u64,
        fdr: options.rates.action,
        fdr_suspected: options.rates.investigation,
        notes: options.notes.iter().cloned().chain(losses(ingested)).collect(),
        events: described.events.clone(),
        peak_memory_bytes: peak_memory_bytes(),
        ..Summary::default()
    }
}

fn check_options(options: &Options) -> Result<(), Error> {
    let rates = [("--fdr", options.rates.action, 0.01), ("--fdr-suspected", options.rates.investigation, 0.1)];
    if let Some((name, rate, usual)) = rates.into_iter().find(|(_, rate, _)| !(*rate > 0.0 && *rate < 1.0)) {
        return Err(Error::usage(format!("{name} {rate} is not between 0 and 1 ({usual} is usual)")));
    }
    if options.rates.action > options.rates.investigation {
        let text =
            "--fdr is larger than --fdr-suspected: accounts would be acted on that are not worth a look (swap them)";
        return Err(Error::usage(text));
    }
    if let (Some(since), Some(until)) = (options.since_us, options.until_us)
        && since >= until
    {
        return Err(Error::usage("--since is not before --until (the window would be empty)".to_owned()));
    }
    let files = [&options.inputs, &options.accounts, &options.reference, &options.reference_accounts, &options.actions];
    let lists = [&options.disposable_domains, &options.hosting_asns, &options.data_dir];
    let given = files.into_iter().chain([&options.joins]).flatten().map(Path::new);
    check_place(&options.out, given.chain(lists.into_iter().flatten().map(PathBuf::as_path)))
}

/// Everything that is read before groups are formed.
struct Gathered {
    population: Population,
    ingested: Ingested,
    account_records: u64,
    account_records_refused: u64,
    without_account_records: u64,
    acts: u64,
    acts_refused: u64,
    /// Where the columns are.
    logs: FoldedLogs,
}

fn gather(
    options: &Options,
    trusted: &BTreeSet<String>,
    workers: usize,
    progress: &dyn Progress,
) -> Result<Gathered, Error> {
    let mut ingested = Ingested::default();
    let mut logs = fold_logs(options, &options.inputs, options.data_dir.as_deref(), workers, progress, &mut ingested)?;
    let mut folded = std::mem::take(&mut logs.accounts);
    // An account in both is the reference's: it is trusted, and nobody accuses it.
    folded.retain(|(account, _)| !trusted.contains(account));
    let mut identities = BTreeMap::new();
    let mut refused = Refused::default();
    let names = names_of(&folded);
    let account_records = read_account_files(&options.accounts, &names, &options.key(), &mut identities, &mut refused)?;
    let account_records_refused = refused.count;
    let (bans, acts) = read_bans(&options.actions, &names, options.until_us, &mut refused)?;
    let acts_refused = refused.count - account_records_refused;
    let without_account_records =
        folded.iter().filter(|(account, _)| !identities.contains_key(account.as_str())).count() as u64;
    let lists = read_lists(options.disposable_domains.as_deref(), options.hosting_asns.as_deref(), &options.key())?;
    ingested.rejects.extend(refused.kept);
    ingested.unread.extend(refused.unread);
    let population = Population::new(entities(folded, &identities))
        .with_bans(&bans)
        .with_lists(lists)
        .with_rulings(&options.rulings);
    Ok(Gathered {
        population,
        ingested,
        account_records,
        account_records_refused,
        without_account_records,
        acts,
        acts_refused,
        logs,
    })
}

fn read_registry(data_dir: Option<&Path>) -> Result<Registry, Error> {
    let Some(path) = data_dir.map(|data_dir| data_dir.join(REGISTRY)) else { return Ok(Registry::default()) };
    if !path.is_file() {
        return Ok(Registry::default());
    }
    Ok(Registry::from_json(&fs::read(&path).map_err(columns::Error::table(&path))?)?)
}

/// What earlier hunts of the data directory saw, where this one is one look of many.
fn read_looks(options: &Options) -> Result<Option<Looks>, Error> {
    let (Some(schedule), Some(data_dir)) = (&options.looks, &options.data_dir) else { return Ok(None) };
    let path = data_dir.join(LOOKS);
    if !path.is_file() {
        return Ok(Some(Looks::new(schedule.clone())));
    }
    Ok(Some(Looks::from_json(&fs::read(&path).map_err(columns::Error::table(&path))?, schedule.clone())?))
}

/// What groups are judged against, in words.
fn calibration(bank: &Bank) -> String {
    let (all, own) = bank.pools().fold((0, 0), |(all, own), (.., peers)| (all + peers.len(), own + peers.own()));
    format!("bank of {all} honest groups, {own} of them this deployment's own")
}

/// Peak resident memory, from the process's own status file where the system has one.
fn peak_memory_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}
