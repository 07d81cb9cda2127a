//! `stillwatch appeal notice --deliver`: a notice is sent to a webhook, and the case says so.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;
use std::time::Instant;

use case::Ask;
use case::What;
use case::appeal_id;
use delivery::Endpoint;
use delivery::MAX_ATTEMPTS;
use delivery::Message;
use delivery::Outbox;
use delivery::Status;
use delivery::message_id;
use jiff::Timestamp;
#[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
use notice::Facts;
use notice::Notice;
#[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
use notice::Templates;

use crate::cli::ActArguments;
use crate::cli::NoticeArguments;
use crate::commands::case::act::do_it;
use crate::commands::case_store::decided;
use crate::exit::Failure;
use crate::files;
use crate::terminal;

/// How long the command tries.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked for decisions, and for what is due.
#[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
const PAUSE: Duration = Duration::from_secs(2);
/// Who sends by itself, in the record of the case.
#[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
const SENDER: &str = "stillwatch up";
/// How often it is looked whether it is time for another attempt.
const LOOK: Duration = Duration::from_millis(100);

/// Sends a notice, if that is asked for. It is on disk before it is sent first; what is not taken in time waits there.
pub fn deliver(arguments: &NoticeArguments, reason: &str, account: &str, notice: &Notice) -> Result<(), Failure> {
    let (Some(url), Some(secret), Some(appeal), Some(data_dir)) =
        (&arguments.deliver, &arguments.secret, &arguments.appeal, &arguments.data_dir)
    else {
        return Ok(());
    };
    let endpoint = endpoint_of(url, secret)?;
    let outbox = Outbox::of(data_dir)?;
    let message = message_of(appeal, reason, account, notice)?;
    let id = message.id.clone();
    outbox.add(&message)?;
    let who = arguments.who.as_deref();
    let taken = |message: &Message| record(data_dir, appeal, who, message, endpoint.host());
    let began = Instant::now();
    loop {
        let sent = outbox.send(&id, &endpoint, Timestamp::now().as_second(), taken)?;
        let Some(message) = sent else {
            return Err(Failure::Other(format!("the notice {id} is gone from the outbox (send it again)")));
        };
        let (attempts, why) = (message.attempts, message.last_error.unwrap_or_default());
        match message.status {
            Status::Delivered => {
                terminal::note(&format!("{} took the notice {id}", endpoint.host()));
                return Ok(());
            }
            Status::Failed => {
                let text =
                    format!("{} did not take the notice {id} in {MAX_ATTEMPTS} attempts: {why}", endpoint.host());
                return Err(Failure::Other(text));
            }
            Status::Waiting if began.elapsed() > PATIENCE => {
                let text = format!(
                    "{} did not take the notice {id} in {attempts} attempts: {why} (it waits; the same command goes on)",
                    endpoint.host()
                );
                return Err(Failure::Other(text));
            }
            Status::Waiting => sleep(LOOK),
        }
    }
}

/// The webhook at an address, with the secret in a file.
fn endpoint_of(url: &str, secret: &Path) -> Result<Endpoint, Failure> {
    let told = |error: &dyn std::fmt::Display| {
        Failure::Usage(format!("the secret of the webhook, {}: {error}", secret.display()))
    };
    let bytes = files::small(secret).map_err(|error| told(&error))?;
    Ok(Endpoint::new(url, &String::from_utf8(bytes).map_err(|error| told(&error))?)?)
}

/// A notice as it is sent. One whose template nobody reviewed is not.
fn message_of(appeal: &str, reason: &str, account: &str, notice: &Notice) -> Result<Message, Failure> {
    if notice.reviewed.is_none() {
        let text = format!(
            "nobody has reviewed the templates of {}, and nothing is sent (give reviewed ones: docs/appeals.md)",
            notice.language
        );
        return Err(Failure::Usage(text));
    }
    Ok(Message {
        id: message_id(appeal, reason),
        at: Timestamp::now().to_string(),
        account: account.to_owned(),
        reason_code: reason.to_owned(),
        language: notice.language.clone(),
        text: format!("{}\n\n{}", notice.subject, notice.text),
        status: Status::Waiting,
        attempts: 0,
        next_s: 0,
        last_error: None,
    })
}

/// `[notices]` of `up`: what the holders of accounts are told by itself when an appeal is decided.
#[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notices {
    webhook: String,
    secret: std::path::PathBuf,
    templates: std::path::PathBuf,
    service: String,
    contact: String,
    #[serde(default = "english")]
    language: String,
}

#[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
fn english() -> String {
    "en".to_owned()
}

#[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
impl Notices {
    /// The same, with paths that are relative to a folder.
    pub fn within(self, folder: &Path) -> Self {
        Self { secret: folder.join(&self.secret), templates: folder.join(&self.templates), ..self }
    }

    /// Reads what it names.
    pub fn check(&self) -> Result<(Endpoint, Templates), Failure> {
        let (endpoint, templates) = (endpoint_of(&self.webhook, &self.secret)?, Templates::load(&self.templates)?);
        for reason in ["appeal_upheld", "appeal_overturned"] {
            message_of("", reason, "", &templates.notice(&self.language, reason, &Facts::default())?)?;
        }
        Ok((endpoint, templates))
    }

    /// Starts the thread that sends. It ends with the program, since what it was about to send is on disk.
    pub fn start(self, data_dir: std::path::PathBuf) -> Result<(), Failure> {
        let (endpoint, templates) = self.check()?;
        let outbox = Outbox::of(&data_dir)?;
        let since = outbox.since(&Timestamp::now().to_string())?;
        let work = move || self.run(&data_dir, &endpoint, &templates, &outbox, &since);
        let spawned = std::thread::Builder::new().name("notices".to_owned()).spawn(work);
        spawned.map(drop).map_err(|error| Failure::Other(format!("no thread can be started: {error}")))
    }

    /// Sends as long as the program runs. What goes wrong is told once.
    fn run(&self, data_dir: &Path, endpoint: &Endpoint, templates: &Templates, outbox: &Outbox, since: &str) {
        let mut last = String::new();
        loop {
            let told = self.pass(data_dir, endpoint, templates, outbox, since);
            let told = told.map_or_else(|failure| failure.to_string(), |()| String::new());
            if !told.is_empty() && told != last {
                terminal::note(&format!("note: notices: {told}"));
            }
            last = told;
            sleep(PAUSE);
        }
    }

    /// Sends what is due of the decisions since a moment.
    fn pass(
        &self,
        data_dir: &Path,
        endpoint: &Endpoint,
        templates: &Templates,
        outbox: &Outbox,
        since: &str,
    ) -> Result<(), Failure> {
        let mut problem = Ok(());
        for appeal in decided(data_dir)?.into_values().flat_map(|case| case.appeals) {
            let Some(ruled) = appeal.decision.as_ref().filter(|ruled| is_since(&ruled.at, since)) else { continue };
            let reason = ruled.outcome.reason();
            let id = message_id(&appeal.id, reason);
            if outbox.message(&id)?.is_none() {
                let due: String = appeal.due.chars().take_while(|c| *c != 'T').collect();
                let facts = Facts {
                    account: &appeal.account,
                    service: &self.service,
                    reference: &appeal.id,
                    due: &due,
                    contact: &self.contact,
                };
                let notice = templates.notice(&self.language, reason, &facts)?;
                outbox.add(&message_of(&appeal.id, reason, &appeal.account, &notice)?)?;
            }
            let taken = |message: &Message| record(data_dir, &appeal.id, Some(SENDER), message, endpoint.host());
            let sent = outbox.send(&id, endpoint, Timestamp::now().as_second(), taken)?;
            if let Some(Message { last_error: Some(why), .. }) = sent {
                problem = Err(Failure::Other(format!("{} did not take {id}: {why}", endpoint.host())));
            }
        }
        problem
    }
}

/// Whether a time is not before another, both RFC 3339.
#[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
fn is_since(at: &str, since: &str) -> bool {
    let read = |text: &str| text.parse::<Timestamp>().ok();
    read(at).zip(read(since)).is_some_and(|(at, since)| at >= since)
}

/// Writes into the case that a notice was delivered, once.
fn record(data_dir: &Path, appeal: &str, who: Option<&str>, message: &Message, host: &str) -> Result<(), String> {
    let done = || -> Result<(), Failure> {
        let (case, _) = appeal_id(appeal)?;
        let begins = format!("notice {} delivered", message.id);
        let is_told = |what: &What| matches!(what, What::Note { text } if text.starts_with(&begins));
        if decided(data_dir)?.get(case).is_some_and(|case| case.acts.iter().any(|act| is_told(&act.what))) {
            return Ok(());
        }
        let Message { reason_code, language, .. } = message;
        let text = format!("{begins} to {host}: appeal {appeal}, {reason_code}, in {language}");
        let act = ActArguments {
            id: case.to_owned(),
            data_dir: data_dir.to_owned(),
            who: who.map(str::to_owned),
            why: None,
            version: None,
            json: true,
        };
        do_it(&act, Ask::Note(text)).map(drop)
    };
    done().map_err(|failure| failure.to_string())
}
