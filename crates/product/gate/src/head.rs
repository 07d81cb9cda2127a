//! What is known of a request before its body is read, and the decision about it: the same for the proxy and for every door.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use policy::Ask;
use policy::Capability;
use policy::Channel;
use tokio::time::timeout;

use crate::answer::Answer;
use crate::answer::refused;
use crate::asked::Asked;
use crate::caller::Caller;
use crate::dialect::Dialect;
use crate::dialect::Endpoint;
use crate::door::Door;
use crate::edit::Limit;
use crate::edit::edited;
use crate::judge::Judged;
use crate::judge::Question;
use crate::judge::judge;
use crate::members::Members;
use crate::metrics::Metrics;
use crate::mode::FailureMode;
use crate::mode::GateMode;
use crate::refusal::Refusal;
use crate::room::Room;
use crate::shared::Shared;
use crate::tap::Watch;
use crate::traffic::NoPlace;
use crate::unfold::Encoding;
use crate::unfold::unfolded;
use crate::writer::Decided;
use crate::writer::Finished;
use crate::writer::UNANSWERED;

/// How long a request waits at most for a part of a budget that is being leased.
const PATIENCE: Duration = Duration::from_millis(100);

/// What is known of a request before its body is read.
pub(crate) struct Head {
    pub(crate) id: String,
    pub(crate) at_us: i64,
    pub(crate) door: Door,
    pub(crate) endpoint: Endpoint,
    pub(crate) dialect: Dialect,
    pub(crate) caller: Arc<Caller>,
    /// What happens where no decision can be made.
    pub(crate) failure: FailureMode,
    /// The way that its requests come.
    pub(crate) channel: Channel,
}

/// What of a request is looked at.
pub(crate) struct Seen<'a> {
    /// Its path.
    pub(crate) path: &'a str,
    /// What was read of its body.
    pub(crate) begun: Bytes,
    /// Whether that is all of it.
    pub(crate) is_whole: bool,
    /// How it is compressed.
    pub(crate) encoding: Encoding,
    /// The length that the caller tells.
    pub(crate) length: Option<usize>,
}

impl Head {
    /// Takes a place among the requests that are being served; says how many of the account there were before on this day.
    pub(crate) fn enter(&self, shared: &Arc<Shared>) -> (Watch, Result<u64, Refusal>) {
        let (requests_before, place) = shared.traffic.enter(&self.caller.account, self.at_us);
        let mut watch = Watch::new(shared, self.finished(shared));
        let refusal = match place {
            Ok(place) => {
                watch.hold(place);
                None
            }
            // The bound of the gate is for its own safety, in shadow too.
            Err(NoPlace::Gate) => {
                let text = "Too many requests are being served at present. Please try again.";
                Some(Refusal::for_now(503, "too_many_requests", text))
            }
            Err(NoPlace::Account) => {
                let text = "Too many requests of this account are being served at present.";
                let refusal = Refusal::for_now(429, "too_many_at_once", text);
                Some(refusal).filter(|refusal| self.acts(shared, refusal))
            }
        };
        (watch, refusal.map_or(Ok(requests_before), Err))
    }

    fn finished(&self, shared: &Shared) -> Finished {
        Finished {
            id: self.id.clone(),
            at_us: self.at_us,
            ended_us: self.at_us,
            door: self.door,
            caller: Arc::clone(&self.caller),
            endpoint: self.endpoint,
            request: Bytes::new(),
            room: Room::new(&shared.memory),
            answer: Vec::new(),
            encoding: Encoding::Plain,
            is_stream: false,
            // What ends before its answer was ended by the caller.
            status: UNANSWERED,
            sees_answer: self.door.sees_answers(),
            receipt: None,
            tokens: 0,
            decision: None,
        }
    }

    /// Whether a refusal acts. In shadow it is counted and does not.
    pub(crate) fn acts(&self, shared: &Shared, refusal: &Refusal) -> bool {
        if shared.config.mode == GateMode::Shadow {
            Metrics::count(&shared.metrics.refused, kind_of(refusal));
        }
        shared.config.mode == GateMode::Enforce
    }

    /// Counts a refusal and keeps its answer.
    pub(crate) fn record_refusal(&self, shared: &Shared, refusal: &Refusal, watch: &mut Watch) {
        Metrics::count(&shared.metrics.refused, kind_of(refusal));
        watch.answered(refusal.status, false, Encoding::Plain);
        watch.keep(&self.dialect.body(refusal, &self.id));
    }

    /// The answer of a refusal in the caller's dialect.
    pub(crate) fn refuse(&self, shared: &Shared, refusal: &Refusal, mut watch: Watch) -> Response<Answer> {
        self.record_refusal(shared, refusal, &mut watch);
        refused(refusal, self.dialect, &self.id)
    }

    /// Decides by what is seen of a request; returns the body that takes the place of the caller's, where one does.
    pub(crate) async fn decide(
        &self,
        shared: &Arc<Shared>,
        requests_before: u64,
        seen: &Seen<'_>,
        watch: &mut Watch,
    ) -> Result<Option<Bytes>, Refusal> {
        let most = shared.config.limits.inspect_bytes;
        let plain = if seen.is_whole { unfolded(&seen.begun, seen.encoding, most) } else { None };
        let members = plain.as_deref().and_then(Members::read);
        let length = seen.length.unwrap_or(seen.begun.len());
        let is_known = self.endpoint != Endpoint::Other;
        let is_shown = self.door == Door::Proxy || !seen.begun.is_empty();
        let unread = || Asked::unread(length, is_known && (is_shown || self.counts_unseen(shared)));
        let asked = members.as_ref().map_or_else(unread, |members| Asked::of(members, length));
        let beyond = |limit: &Limit| match (&members, &plain) {
            _ if !is_known => None,
            (None, _) if !is_shown => self.unseen(shared, limit),
            (Some(members), Some(plain)) if !self.door.rewrites() => reveals_too_much(limit, Some(members), &asked)
                .or_else(|| edited(plain, members, limit).map(|_| ask_for_less())),
            _ => reveals_too_much(limit, members.as_ref(), &asked),
        };
        let judged = self.judged(shared, requests_before, &asked, seen, watch, beyond).await;
        if shared.config.mode == GateMode::Shadow {
            return Ok(None);
        }
        if let Some(refusal) = judged.refusal {
            return Err(refusal);
        }
        let (Some(members), Some(plain)) = (&members, &plain) else { return Ok(None) };
        Ok(if is_known { edited(plain, members, &judged.limit) } else { None })
    }

    /// Judges what is asked, refuses what is `beyond` the limit, and counts and records what comes of it.
    pub(crate) async fn judged(
        &self,
        shared: &Arc<Shared>,
        requests_before: u64,
        asked: &Asked,
        seen: &Seen<'_>,
        watch: &mut Watch,
        beyond: impl FnOnce(&Limit) -> Option<Refusal>,
    ) -> Judged {
        let ask = self.ask(asked, seen.path);
        let question = Question {
            id: &self.id,
            account: &self.caller.account,
            failure: self.failure,
            ask: &ask,
            tokens: asked.tokens,
            requests_before,
            now_us: self.at_us,
            may_wait: false,
        };
        let mut judged = judged_when_leased(shared, question).await;
        if judged.refusal.is_none() {
            judged.refusal = beyond(&judged.limit);
        }
        shared.metrics.decided(judged.measure);
        if let Some(failure) = judged.failure {
            Metrics::count(&shared.metrics.failed, failure);
        }
        if let Some(spent) = judged.refusal.as_ref().and_then(|refusal| refusal.budget.as_deref()) {
            shared.metrics.spent(spent.scope, &spent.name, spent.unit);
        }
        let decided = self.decided(shared, &mut judged);
        watch.decided(seen.begun.clone(), asked.tokens, judged.receipt, decided);
        watch.measured(judged.measure, judged.refusal.is_some());
        if let Some(refusal) = judged.refusal.as_ref().filter(|_| shared.config.mode == GateMode::Shadow) {
            Metrics::count(&shared.metrics.refused, kind_of(refusal));
        }
        judged
    }

    /// Whether a request whose body is not shown counts as asking for everything.
    pub(crate) fn counts_unseen(&self, shared: &Shared) -> bool {
        shared.config.doors.as_ref().is_none_or(|doors| doors.unseen_is_everything)
    }

    /// The refusal of a request of which nothing is shown, where its answer would have to be limited.
    pub(crate) fn unseen(&self, shared: &Shared, limit: &Limit) -> Option<Refusal> {
        // INVARIANT (limits): what cannot be read cannot be limited, and is not passed on, unless the operator says so.
        let text = "What this account may have of an answer is limited, and this way of asking does not show what is asked for.";
        (!limit.is_nothing() && self.counts_unseen(shared)).then(|| Refusal::new(403, "cannot_be_limited", text))
    }

    /// What is recorded of a decision.
    fn decided(&self, shared: &Shared, judged: &mut Judged) -> Option<Decided> {
        shared.config.decisions.as_ref()?;
        if judged.refusal.is_none() && judged.record.is_none() && judged.failure.is_none() {
            return None;
        }
        Some(Decided {
            record: judged.record.take(),
            mode: if shared.config.mode == GateMode::Shadow { "shadow" } else { "enforce" },
            refused: judged.refusal.as_ref().map(|refusal| (refusal.status, refusal.reason.clone().into_owned())),
            failure: judged.failure,
        })
    }

    /// What a rule may read of a request.
    pub(crate) fn ask(&self, asked: &Asked, path: &str) -> Ask {
        let paths = [("/batches", Capability::Batch), ("/fine_tuning", Capability::Tuning)];
        let by_path = paths.into_iter().filter(|(part, _)| path.contains(part)).map(|(_, capability)| capability);
        Ask {
            capabilities: asked.capabilities().chain(by_path).collect(),
            channel: self.channel,
            country: self.caller.country,
            ..Ask::default()
        }
    }
}

/// Judges a question. Where what is missing of a budget is being leased, it waits for that, [`PATIENCE`] at most; the thread serves others
/// meanwhile.
async fn judged_when_leased(shared: &Shared, mut question: Question<'_>) -> Judged {
    let ask = |question: &Question<'_>| judge(&shared.config, &shared.live, &shared.budgets, question);
    if let Some(mut asked) = shared.leases.as_ref().and_then(|leases| leases.next()) {
        question.may_wait = true;
        let waiting = async {
            // The first time may be that of others, which were asked for before.
            for _ in 0..2 {
                let judged = ask(&question);
                if !judged.waits {
                    return Some(judged);
                }
                asked.changed().await.ok()?;
            }
            None
        };
        if let Ok(Some(judged)) = timeout(PATIENCE, waiting).await {
            return judged;
        }
    }
    question.may_wait = false;
    ask(&question)
}

/// What a limit refuses: a request that gives the last layer away, and one that cannot be read.
fn reveals_too_much(limit: &Limit, members: Option<&Members<'_>>, asked: &Asked) -> Option<Refusal> {
    if limit.is_nothing() {
        return None;
    }
    // INVARIANT (limits): what cannot be read cannot be limited, and is not passed on.
    if members.is_none() {
        let text =
            "The body of this request is no JSON object, or too large. Please send a smaller one, not compressed.";
        return Some(Refusal::new(400, "unreadable_body", text));
    }
    if limit.caps.refuse_logit_bias_with_logprobs && !limit.no_logprobs && asked.logprobs && asked.logit_bias {
        let text = "Log probabilities cannot be asked for together with logit_bias. Please leave one of them out.";
        return Some(Refusal::new(400, "logit_bias_with_logprobs", text));
    }
    None
}

/// The refusal where a request asks for more than is allowed and the door cannot change it.
fn ask_for_less() -> Refusal {
    let text =
        "This account cannot have as many answers or log probabilities as the request asks for. Please ask for less.";
    Refusal::new(403, "asks_for_too_much", text)
}

/// The label of a refusal in metrics: reason codes of the policy are those of its files, so that they are bounded, but
/// labels live as long as the program.
fn kind_of(refusal: &Refusal) -> &'static str {
    match (refusal.status, refusal.budget.is_some()) {
        (_, true) => "budget",
        (403, _) => "policy",
        (401, _) => "key",
        (400..429, _) => "request",
        (429, _) => "account_at_once",
        (502 | 504, _) => "upstream",
        _ => "gate",
    }
}
