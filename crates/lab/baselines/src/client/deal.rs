//! A recorded client's calls dealt over invented accounts.

use std::borrow::Cow;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use record::Account;
use record::Client;
use record::Exchange;
use record::Message;
use record::Params;
use record::Request;
use record::Response;
use record::native::write_account;
use record::native::write_exchange;
use record::time::DAY_US;

use super::donor::Donor;
use super::recording::Call;
use super::recording::Recording;
use crate::error::Error;
use crate::rng::Rng;
use crate::text::hash;
use crate::text::words;

/// Accounts of a pool register over this time before the work begins.
const REGISTRATION: i64 = 28 * DAY_US;

/// Who sends which call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dealing {
    /// All passes are one body of work; each call goes to the account that has been idle for longest, but for a
    /// shuffle among those that are idle.
    LeastRecent,
    /// All passes are one body of work; each call goes to an account drawn at random.
    Random,
    /// Each account runs passes of its own, and nobody else's: strangers with the same program.
    OwnPass,
}

/// How a recording is dealt.
#[derive(Debug, Clone)]
pub struct Deal {
    /// Who sends which call.
    pub dealing: Dealing,
    /// How often the recording is gone through, each time at other tasks.
    pub passes: u64,
    /// First moment of the work: microseconds since 1970-01-01T00:00:00Z.
    pub from_us: i64,
    /// Days that the work takes.
    pub days: f64,
    /// Share of an account's exchanges that is its donor's ordinary use.
    pub cover: f64,
    /// The organisation that all accounts declare, verified and on one payment instrument.
    pub organization: Option<String>,
    /// Whether the accounts registered in the weeks before the work, and not when their donors did.
    pub fresh: bool,
    /// The model that is asked; the recorded one is not served in these worlds.
    pub model: String,
    /// Fixes every draw.
    pub seed: u64,
}

/// What was written.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// The exchanges.
    pub exchanges: PathBuf,
    /// The account records.
    pub accounts: PathBuf,
    /// Names of the accounts.
    pub names: Vec<String>,
    /// Calls of the recording that were dealt.
    pub calls: usize,
    /// Exchanges that are cover.
    pub cover: usize,
}

impl Deal {
    /// Writes `dealt.jsonl` and `dealt-accounts.jsonl` into a folder.
    ///
    /// # Errors
    /// If there is no account, or a file cannot be written.
    pub fn write(&self, recording: &Recording, seats: &[Donor], folder: &Path) -> Result<Files, Error> {
        if seats.is_empty() {
            return Err(Error::Usage("no account to deal to (give a count of one or more)".to_owned()));
        }
        let mut rng = Rng::new(self.seed);
        let mut files = Files {
            exchanges: folder.join("dealt.jsonl"),
            accounts: folder.join("dealt-accounts.jsonl"),
            ..Files::default()
        };
        let mut records = Vec::new();
        for seat in seats {
            let account = self.register(seat, seats, &mut rng);
            write_account(&account, &mut records);
            files.names.push(account.account);
        }
        let mut lines = Vec::new();
        let mut counts = vec![0_usize; seats.len()];
        for (call, at_us, seat) in &self.schedule(recording, seats.len(), &mut rng) {
            if let (Some(donor), Some(count)) = (seats.get(*seat), counts.get_mut(*seat)) {
                self.line(call, *at_us, donor, &mut rng, &mut lines);
                (*count, files.calls) = (*count + 1, files.calls + 1);
            }
        }
        for (seat, count) in seats.iter().zip(counts) {
            let wanted = (count as f64 * self.cover / (1.0 - self.cover).max(0.01)).round() as usize;
            let taken = seat.lines.iter().take(wanted);
            files.cover += taken.len();
            taken.for_each(|line| lines.extend_from_slice(line));
        }
        write(&files.exchanges, &lines)?;
        write(&files.accounts, &records)?;
        Ok(files)
    }

    fn register(&self, seat: &Donor, seats: &[Donor], rng: &mut Rng) -> Account {
        let mut account = seat.account.clone();
        if self.fresh {
            account.created_at_us = Some(self.from_us - rng.below(REGISTRATION as usize) as i64);
        }
        if let Some(name) = &self.organization {
            account.organization = Some(name.clone());
            account.payment = seats.first().and_then(|first| first.account.payment.clone());
            account.verified.push("organization".to_owned());
            account.kind = Some("organization".to_owned());
            account.plan = Some("enterprise".to_owned());
        }
        account
    }

    /// Every call with its time and its seat.
    fn schedule(&self, recording: &Recording, seats: usize, rng: &mut Rng) -> Vec<(Call, i64, usize)> {
        let calls: Vec<Call> = (0..self.passes).flat_map(|pass| recording.pass(pass).calls).collect();
        let span = self.days * DAY_US as f64;
        let own = self.dealing == Dealing::OwnPass;
        // What one body of work is: everything, or what one account runs by itself.
        let body = if own { calls.len().div_ceil(seats) } else { calls.len() }.max(1);
        let (mut order, mut first) = (Vec::new(), 0.0);
        let mut dealt = Vec::new();
        for (place, call) in calls.into_iter().enumerate() {
            if place % body == 0 {
                // People begin when they like; a pool begins when it begins.
                first = if own { rng.below(span as usize) as f64 } else { 0.0 };
            }
            if order.is_empty() {
                order = rng.distinct(seats, seats);
            }
            let seat = match self.dealing {
                Dealing::OwnPass => place / body,
                Dealing::Random => rng.below(seats),
                Dealing::LeastRecent => order.pop().unwrap_or_default(),
            };
            let within = (place % body) as f64 + rng.below(1 << 20) as f64 / f64::from(1 << 20);
            let length = if own { span / 7.0 } else { span };
            dealt.push((call, self.from_us + (first + length * within / body as f64) as i64, seat));
        }
        dealt
    }

    fn line(&self, call: &Call, at_us: i64, donor: &Donor, rng: &mut Rng, out: &mut Vec<u8>) {
        let (ip, asn, country) = donor.places.get(rng.below(donor.places.len())).cloned().unwrap_or_default();
        let sent: usize = call.messages.iter().map(|(_, text)| tokens(text)).sum();
        let answered = tokens(&call.answer) as u64;
        let key = hash(format!("key {}", donor.account.account).as_bytes()) >> 16;
        write_exchange(
            &Exchange {
                id: format!("req_{:016x}", rng.next()).into(),
                at_us,
                account: donor.account.account.as_str().into(),
                key: Some(format!("key_{key:012x}").into()),
                channel: Some("api".into()),
                client: Client {
                    ip: ip.map(Cow::Owned),
                    asn,
                    country: country.map(Cow::Owned),
                    user_agent: call.user_agent.as_deref().map(Cow::Borrowed),
                    ja4: None,
                    headers: Some(call.headers.as_str().into()),
                },
                request: Request {
                    model: Some(self.model.as_str().into()),
                    endpoint: Some("chat".into()),
                    system: call.system.as_deref().map(Cow::Borrowed),
                    messages: call.messages.iter().map(message).collect(),
                    params: Params { temperature: call.temperature, max_tokens: call.max_tokens, ..Params::default() },
                    ..Request::default()
                },
                response: Response {
                    status: Some(200),
                    stop_reason: Some("end_turn".into()),
                    input_tokens: Some(sent as u64),
                    output_tokens: Some(answered),
                    latency_ms: Some(400 + 20 * answered + rng.below(400) as u64),
                    content: Some(call.answer.as_str().into()),
                    ..Response::default()
                },
                ..Exchange::default()
            },
            out,
        );
    }
}

fn message((role, text): &(record::Role, String)) -> Message<'_> {
    Message { role: *role, text: text.as_str().into(), ..Message::default() }
}

/// About as many tokens as a text has: four for three words.
fn tokens(text: &str) -> usize {
    words(text).len() * 4 / 3 + 1
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    fs::write(path, bytes).map_err(Error::write(path))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use record::Role;

    use super::*;
    use crate::client::donor::each;

    fn deal(dealing: Dealing, passes: u64) -> Deal {
        Deal {
            dealing,
            passes,
            from_us: 1_000 * DAY_US,
            days: 21.0,
            cover: 0.5,
            organization: None,
            fresh: true,
            model: "m".to_owned(),
            seed: 3,
        }
    }

    fn seats(count: usize) -> Vec<Donor> {
        let seat = |number: usize| {
            let account = Account { account: format!("a{number}"), ..Account::default() };
            let mut line = Vec::new();
            let own = Exchange {
                id: format!("own {number}").into(),
                account: account.account.as_str().into(),
                ..Exchange::default()
            };
            write_exchange(&own, &mut line);
            Donor { account, lines: vec![line], places: vec![Default::default()], ..Donor::default() }
        };
        (0..count).map(seat).collect()
    }

    fn recording() -> Recording {
        let call =
            |number: usize| Call { messages: vec![(Role::User, format!("do task {number}"))], ..Call::default() };
        Recording { calls: (0..12).map(call).collect() }
    }

    /// Exchanges by account, and all of them, of what a deal writes.
    fn dealt(deal: &Deal, count: usize) -> (BTreeMap<String, usize>, Vec<i64>) {
        let folder = tempfile::tempdir().unwrap();
        let files = deal.write(&recording(), &seats(count), folder.path()).unwrap();
        assert_eq!((files.names.len(), files.calls), (count, 12 * deal.passes as usize));
        let (mut counts, mut times) = (BTreeMap::new(), Vec::new());
        each(&files.exchanges, &mut |exchange| {
            *counts.entry(exchange.account.clone().into_owned()).or_default() += 1;
            times.push(exchange.at_us);
        })
        .unwrap();
        (counts, times)
    }

    #[test]
    fn a_pool_shares_the_work_and_strangers_do_not() {
        let (counts, times) = dealt(&deal(Dealing::LeastRecent, 2), 4);
        // Six calls and one exchange of cover, of the one that its donor has.
        assert!(counts.len() == 4 && counts.values().all(|count| *count == 7), "{counts:?}");
        assert!(times.iter().filter(|at| **at > 0).all(|at| (1_000 * DAY_US..1_021 * DAY_US).contains(at)));
        let (counts, _) = dealt(&deal(Dealing::OwnPass, 4), 4);
        assert!(counts.values().all(|count| *count == 13), "{counts:?}");
        assert!(deal(Dealing::OwnPass, 1).write(&recording(), &[], Path::new("")).is_err());
    }

    #[test]
    fn an_organisation_is_declared_and_verified() {
        let declared = Deal { organization: Some("Alder Reach".to_owned()), ..deal(Dealing::LeastRecent, 1) };
        let account = declared.register(&seats(1)[0], &seats(1), &mut Rng::new(1));
        assert_eq!(account.organization.as_deref(), Some("Alder Reach"));
        assert!(account.verified.contains(&"organization".to_owned()));
    }
}
