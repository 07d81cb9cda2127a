//! What is told of a world that is played, as lines.

use std::fmt::Write as _;

use player::CampaignTally;
use player::Summary;

/// A day in a line.
pub fn day(day: i64, summary: &Summary) -> String {
    let of = |one: &CampaignTally| {
        let mut text = format!("{} {} accounts", one.name, one.accounts);
        if one.implicated > 0 {
            let _ = write!(text, ", {} implicated", one.implicated);
        }
        if one.served < one.requests {
            let _ = write!(text, ", {} of {} refused", one.requests - one.served, one.requests);
        }
        text
    };
    let campaigns: Vec<String> = summary.campaigns.iter().map(of).collect();
    let (all, refused) = (summary.honest_requests, summary.honest_refused);
    format!("day {day:>3}  {all:>7} requests of others, {refused} refused; {}", campaigns.join("; "))
}

/// What became of the world.
pub fn end(summary: &Summary) -> String {
    let mut text =
        String::from("\nCAMPAIGN        LEVEL  ACCOUNTS  SERVED                  SUSPECTED  DISCOVERED  CONTAINED\n");
    for one in &summary.campaigns {
        let share = 100.0 * one.served as f64 / one.requests.max(1) as f64;
        let served = format!("{} of {} ({share:.0} %)", one.served, one.requests);
        let _ = writeln!(
            text,
            "{:<15} {:<6} {:>8}  {served:<23} {:>9}  {:>10}  {:>9}",
            one.name,
            one.level,
            one.accounts,
            hours(one.seconds_to_suspected),
            hours(one.seconds_to_discovered),
            hours(one.seconds_to_contained)
        );
    }
    let _ = write!(
        text,
        "\nHours run from a campaign's first request. Of {} requests of others {} were refused.",
        summary.honest_requests, summary.honest_refused
    );
    for (reason, requests) in &summary.honest_refused_by_reason {
        let _ = write!(text, "\n  {reason}: {requests}");
    }
    if summary.failed > 0 {
        let _ = write!(text, "\n{} requests came to no answer.", summary.failed);
    }
    text
}

/// Seconds as hours, or as never.
pub fn hours(seconds: Option<f64>) -> String {
    seconds.map_or_else(|| "never".to_owned(), |seconds| format!("{:.1} h", seconds / 3600.0))
}
