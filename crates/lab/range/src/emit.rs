//! From the plan of an account to its exchanges.

use std::borrow::Cow;

use record::{Client, Exchange, Message, Request, Response, Role};

use crate::error::Error;
use crate::profile::Profile;
use crate::rng::{Rng, mix};
use crate::segment::Segment;
use crate::stage::Stage;
use crate::text::Style;
use crate::time::SECOND;
use crate::work::{Outcome, Talk, Work, gap_us};

/// Share of requests that fail once and are sent again.
const FAILURES: f64 = 0.008;

/// Where exchanges go.
pub(crate) trait Sink {
    /// Takes one exchange.
    fn exchange(&mut self, exchange: &Exchange<'_>) -> Result<(), Error>;
}

/// Writes all exchanges of an account and says how many there were; `deal` is the number that its first conversation
/// has among all of the world.
pub(crate) fn emit(
    stage: &Stage,
    profile: &Profile,
    segments: &[Segment],
    deal: u64,
    banned_us: Option<i64>,
    sink: &mut dyn Sink,
) -> Result<u64, Error> {
    let mut made = 0;
    let mut ban = Ban { at_us: banned_us.unwrap_or(i64::MAX), left: 1 + (mix(profile.seed, 0x403) % 5) as u32 };
    let mut in_order = Vec::new();
    if banned_us.is_some() {
        // What is tried after the ban is tried in order of time.
        in_order.extend_from_slice(segments);
        in_order.sort_by_key(|segment| segment.start_us);
    }
    for segment in if banned_us.is_some() { in_order.as_slice() } else { segments } {
        if let Some(share) = profile.works.get(usize::from(segment.work)) {
            made += Writer::new(stage, profile, *segment, deal, share.work.as_ref()).write(&mut ban, sink)?;
        }
    }
    Ok(made)
}

/// The end of an account: it is told so a few times and stops.
struct Ban {
    at_us: i64,
    /// How often it still tries.
    left: u32,
}

/// Writes one segment.
struct Writer<'a> {
    stage: &'a Stage,
    profile: &'a Profile,
    segment: Segment,
    work: &'a dyn Work,
    talk: Talk<'a>,
    exchange: Exchange<'a>,
    /// When the account is banned.
    until_us: i64,
}

impl<'a> Writer<'a> {
    fn new(stage: &'a Stage, profile: &'a Profile, segment: Segment, deal: u64, work: &'a dyn Work) -> Writer<'a> {
        let seed = segment.seed;
        let talk = Talk {
            stage,
            seed,
            style: profile.style.unwrap_or_else(|| Style::of(seed)),
            language: profile.language,
            ordinal: u64::from(segment.ordinal),
            deal: deal + u64::from(segment.ordinal),
        };
        let mut system = String::new();
        work.system(talk, &mut system);
        let client = profile.client(seed);
        let exchange = Exchange {
            account: Cow::Borrowed(profile.account.account.as_str()),
            key: Rng::of(seed, "key").pick(&profile.keys).map(|key| Cow::Borrowed(key.as_str())),
            channel: Some(Cow::Borrowed(profile.channel)),
            end_user: profile.end_user(seed),
            client: Client {
                user_agent: client.map(|client| Cow::Borrowed(client.user_agent.as_str())),
                ja4: client.map(|client| Cow::Borrowed(client.ja4.as_str())),
                headers: client.map(|client| Cow::Borrowed(client.headers.as_str())),
                ..Client::default()
            },
            request: Request {
                model: Some(Cow::Borrowed(profile.model_at(stage, segment))),
                endpoint: Some(Cow::Borrowed("chat")),
                system: (!system.is_empty()).then_some(Cow::Owned(system)),
                tools: work.tools().iter().copied().map(Cow::Borrowed).collect(),
                params: work.params(talk).unwrap_or(profile.params),
                messages: Vec::new(),
            },
            ..Exchange::default()
        };
        Writer { stage, profile, segment, work, talk, exchange, until_us: i64::MAX }
    }

    fn write(mut self, ban: &mut Ban, sink: &mut dyn Sink) -> Result<u64, Error> {
        let Segment { first, end, refused, .. } = self.segment;
        let mut at = self.segment.start_us;
        let mut made = 0;
        self.until_us = ban.at_us;
        for turn in 0..u32::from(end) {
            if turn > 0 {
                at += gap_us(self.work.pace(), self.segment.seed, turn);
            }
            let mut text = String::new();
            let role = self.work.ask(self.talk, turn, &mut text);
            let is_told_again = turn < u32::from(first);
            self.disguise(&mut text, turn, is_told_again);
            let media = if turn == 0 { self.work.media() } else { 0 };
            self.exchange.request.messages.push(Message { role, text: Cow::Owned(text), media, signature: None });
            let mut answer = String::new();
            // Nobody reads the last answer of a log that keeps none.
            if self.stage.answers || turn + 1 < u32::from(end) {
                self.work.answer(self.talk, turn, &mut answer);
            }
            if turn >= u32::from(first) {
                if at >= ban.at_us {
                    return Ok(made + self.deny(turn, at, ban, sink)?);
                }
                let last = refused && turn + 1 == u32::from(end);
                made += self.send(turn, at, &answer, last, sink)?;
            }
            if is_told_again {
                self.disguise(&mut answer, turn, true);
            }
            self.exchange.request.messages.push(Message {
                role: Role::Assistant,
                text: Cow::Owned(answer),
                ..Message::default()
            });
        }
        Ok(made)
    }

    /// Changes a text where the adversary does; what was said on another account is changed on the next.
    fn disguise(&self, text: &mut String, turn: u32, is_told_again: bool) {
        if let Some(disguise) = self.profile.disguise.filter(|one| is_told_again || one.is_everywhere()) {
            let mut rng = Rng::new(mix(mix(self.segment.seed, self.profile.seed), 0xD150_0000 + u64::from(turn)));
            *text = disguise.alter(text, &mut rng);
        }
    }

    /// Sends one turn of a banned account.
    fn deny(&mut self, turn: u32, at: i64, ban: &mut Ban, sink: &mut dyn Sink) -> Result<u64, Error> {
        if ban.left == 0 {
            return Ok(0);
        }
        ban.left -= 1;
        // The same may be tried twice, at other times.
        let tried = mix(mix(self.segment.seed, self.profile.seed), at as u64);
        let mut rng = Rng::new(mix(tried, 0x4030_0000 + u64::from(turn)));
        self.place(at);
        self.fail(403, &mut rng);
        sink.exchange(&self.exchange)?;
        Ok(1)
    }

    /// Sends one turn, and sends it again if it failed by chance.
    fn send(&mut self, turn: u32, at: i64, answer: &str, refused: bool, sink: &mut dyn Sink) -> Result<u64, Error> {
        let mut rng = Rng::new(mix(mix(self.segment.seed, self.profile.seed), 0x5E4D_0000 + u64::from(turn)));
        self.place(at);
        if refused {
            self.fail(429, &mut rng);
            sink.exchange(&self.exchange)?;
            return Ok(1);
        }
        let mut made = 1;
        if rng.chance(FAILURES) {
            let status = rng.pick(&[429, 500, 529]).copied().unwrap_or(500);
            self.fail(status, &mut rng);
            sink.exchange(&self.exchange)?;
            let later = at + (rng.between(2, 30) as i64) * SECOND;
            self.place(later.min(self.until_us - 1));
            made += 1;
        }
        self.exchange.id = request_id(&mut rng);
        match self.work.outcome(self.talk) {
            Outcome::Blocked => self.fail_with(400, &mut rng),
            outcome => {
                self.exchange.response = self.response(answer, &mut rng);
                if outcome == Outcome::Declined {
                    self.exchange.response.stop_reason = Some(Cow::Borrowed("refusal"));
                }
            }
        }
        sink.exchange(&self.exchange)?;
        Ok(made)
    }

    /// Sets what depends on the time.
    fn place(&mut self, at: i64) {
        let at = self.stage.window.clamp(at);
        let address = self.profile.network.address(self.profile.seed, self.segment.seed, at);
        self.exchange.at_us = at;
        self.exchange.conversation = self.profile.session(self.segment.seed, at);
        self.exchange.client.ip = Some(Cow::Owned(address.ip));
        self.exchange.client.asn = Some(address.asn);
        self.exchange.client.country = Some(Cow::Borrowed(address.country));
    }

    fn fail(&mut self, status: u16, rng: &mut Rng) {
        self.exchange.id = request_id(rng);
        self.fail_with(status, rng);
    }

    fn fail_with(&mut self, status: u16, rng: &mut Rng) {
        self.exchange.response =
            Response { status: Some(status), latency_ms: Some(rng.between(20, 400)), ..Response::default() };
    }

    fn response(&self, answer: &str, rng: &mut Rng) -> Response<'a> {
        let request = &self.exchange.request;
        let read: usize = request.messages.iter().map(|message| message.text.len()).sum();
        let system = request.system.as_ref().map_or(0, |system| system.len());
        let bound = request.params.max_tokens.unwrap_or(16_384);
        let wanted = rng.log_normal(self.work.answer_tokens(), 0.8).max(1.0) as u64;
        let output = wanted.min(bound);
        Response {
            status: Some(200),
            stop_reason: Some(Cow::Borrowed(if wanted > bound { "max_tokens" } else { "end_turn" })),
            input_tokens: Some(((read + system) / 4 + 8) as u64),
            output_tokens: Some(output),
            latency_ms: Some(250 + (output as f64 * (9.0 + 8.0 * rng.unit())) as u64),
            content: self.stage.answers.then(|| Cow::Owned(answer.to_owned())),
            signature: None,
        }
    }
}

fn request_id(rng: &mut Rng) -> Cow<'static, str> {
    Cow::Owned(format!("req_{:016x}", rng.word()))
}
