//! The fixed parts of an account's prompts.

use std::collections::BTreeSet;

use profile::Profile;
use sketch::Span;

/// Frames that recur over an account's prompts, with the share of prompts that hold each: in at least two prompts
/// and one in twenty.
pub fn repeated_frames(profile: &Profile) -> impl Iterator<Item = (u64, f64)> + '_ {
    let prompts = profile.prompted().max(1) as f64;
    profile
        .frames
        .iter()
        .map(move |(frame, count)| (frame, count, f64::from(count) / prompts))
        .filter(|(_, count, share)| *count >= 2 && *share >= 0.05)
        .map(|(frame, _, share)| (frame, share))
}

/// The frames by which an account can be tied to others.
pub fn frame_ties(profile: &Profile) -> impl Iterator<Item = u64> + '_ {
    repeated_frames(profile).map(|(frame, _)| frame)
}

/// Quotes in an account's prompts that are not of an answer it was given, as far as its samples can tell: one that its
/// sample of answers would have dropped is left out.
pub fn foreign_quotes(profile: &Profile) -> impl Iterator<Item = u64> + '_ {
    let answers = &profile.answers;
    let quotes = profile.quotes.iter().map(|(quote, _)| quote);
    quotes.filter(|quote| answers.would_keep(*quote) && answers.get(*quote).is_none())
}

/// The conversations of an account by which it can be tied to others. A beginning that most of its exchanges have in
/// common is a fixed text before each of them, an example or a greeting, and no conversation.
pub fn conversations(profile: &Profile) -> impl Iterator<Item = (u64, Span)> + '_ {
    let all: u64 = profile.roots.iter().map(|(_, span)| u64::from(span.count)).sum();
    profile.roots.iter().filter(move |(_, span)| span.count < 4 || u64::from(span.count) * 3 <= all)
}

/// The share of an account's prompts that hold the most repeated of `frames`; a lower bound of the share that hold
/// any of them.
pub fn frame_share(profile: &Profile, frames: &BTreeSet<u64>) -> f64 {
    repeated_frames(profile).filter(|(frame, _)| frames.contains(frame)).map(|(_, share)| share).fold(0.0, f64::max)
}
