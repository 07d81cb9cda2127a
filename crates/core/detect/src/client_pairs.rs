//! Pairs of values by which the program that an account uses is told.

use profile::Profile;

/// The usual user agent and TLS fingerprint of an account.
pub fn usual_stack(profile: &Profile) -> Option<(u64, u64)> {
    Some((profile.user_agents.most_seen()?, profile.ja4s.most_seen()?))
}

/// The user agent and the client tuple that an account sends most.
pub fn usual_pair(profile: &Profile) -> Option<(u64, u64)> {
    Some((profile.user_agents.most_seen()?, profile.client_tuples.most_seen()?))
}
