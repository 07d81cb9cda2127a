//! What the webhooks of gateways have in common: they show texts and not the request itself.

use std::sync::Arc;

use bytes::Bytes;
use record::clock::now_us;

use super::question::arrival;
use crate::asked::Asked;
use crate::caller::Caller;
use crate::dialect::Dialect;
use crate::dialect::Endpoint;
use crate::door::Door;
use crate::head::Head;
use crate::head::Seen;
use crate::judge::denial;
use crate::mode::GateMode;
use crate::refusal::Refusal;
use crate::shared::Shared;
use crate::unfold::Encoding;

/// What is known of a call before it is judged; `None` where there are no doors.
pub(super) fn head(shared: &Shared, door: Door, caller: Caller, dialect: Dialect) -> Option<Head> {
    let doors = shared.config.doors.as_ref()?;
    let (id, at_us) = arrival(shared);
    let (failure, channel) = (doors.failure, doors.channel);
    Some(Head { id, at_us, door, endpoint: Endpoint::Other, dialect, caller: Arc::new(caller), failure, channel })
}

/// What a prompt asks for, as far as its texts tell.
pub(super) fn asked(shared: &Shared, head: &Head, text_bytes: usize, has_tools: bool) -> Asked {
    let all = Asked::unread(text_bytes, head.counts_unseen(shared));
    Asked { tools: all.tools || has_tools, ..all }
}

/// Decides on a prompt; why it is refused, where it is.
pub(super) async fn prompt(
    shared: &Arc<Shared>,
    head: &Head,
    asked: &Asked,
    unknown: Option<Refusal>,
) -> Option<Refusal> {
    let seen = Seen { path: "", begun: Bytes::new(), is_whole: false, encoding: Encoding::Plain, length: None };
    let (mut watch, entered) = head.enter(shared);
    let refusal = match (entered, unknown.filter(|refusal| head.acts(shared, refusal))) {
        (Err(refusal), _) | (Ok(_), Some(refusal)) => Some(refusal),
        (Ok(requests_before), None) => {
            let beyond = |limit: &_| head.unseen(shared, limit);
            let judged = head.judged(shared, requests_before, asked, &seen, &mut watch, beyond).await;
            judged.refusal.filter(|_| shared.config.mode == GateMode::Enforce)
        }
    };
    match &refusal {
        Some(refusal) => head.record_refusal(shared, refusal, &mut watch),
        None => watch.answered(200, false, Encoding::Plain),
    }
    shared.metrics.asked(head.door, watch.said());
    refusal
}

/// Decides on an answer that is under way: why its account is not served any more, where it is not.
pub(super) fn answer(shared: &Shared, head: &Head) -> Option<Refusal> {
    let ask = head.ask(&Asked::default(), "");
    let account = &head.caller.account;
    let denied = denial(&shared.config, &shared.live, account, &ask, now_us());
    let refusal = denied.filter(|_| shared.config.mode == GateMode::Enforce);
    shared.metrics.asked(head.door, if refusal.is_some() { "cut" } else { "goes_on" });
    refusal
}
