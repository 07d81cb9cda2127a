//! What a world may not say.

use super::kind::HONEST_KINDS;
use super::level::Level;
use super::spec::{CampaignSpec, FramingSpec, Population, WorldFile};
use super::volume::Volume;

/// Says what is wrong with a world and what would be right.
pub(super) fn check(file: &WorldFile) -> Result<(), String> {
    if !(1..=366).contains(&file.days) {
        return Err(format!("days = {} (write a number from 1 to 366)", file.days));
    }
    if file.population.is_empty() && file.campaign.is_empty() {
        return Err("there is nobody in it (add a [[population]] or a [[campaign]])".to_owned());
    }
    for population in &file.population {
        check_population(population).map_err(|reason| format!("population {:?}: {reason}", population.kind))?;
    }
    for campaign in &file.campaign {
        check_campaign(campaign, file.days).map_err(|reason| format!("campaign {:?}: {reason}", campaign.name))?;
        if file.campaign.iter().filter(|other| other.name == campaign.name).count() > 1 {
            return Err(format!("two campaigns are named {:?} (give each its own name)", campaign.name));
        }
    }
    for framing in &file.framing {
        check_framing(framing, file).map_err(|reason| format!("framing of {:?}: {reason}", framing.target))?;
    }
    if let Some(release) = file.release.iter().find(|release| release.day >= file.days || release.model.is_empty()) {
        return Err(format!("release {:?}: it needs a name and a day before day {}", release.model, file.days));
    }
    let twins = file.campaign.iter().any(|campaign| campaign.twins);
    for ban in &file.ban {
        if !(file.population.iter().any(|one| one.kind == ban.kind) || (ban.kind == "twin" && twins)) {
            return Err(format!("ban of {:?}: nobody of that kind is in the world (see the kinds above it)", ban.kind));
        }
    }
    Ok(())
}

fn share(name: &str, share: f64, most: f64) -> Result<(), String> {
    if (0.0..=most).contains(&share) {
        return Ok(());
    }
    Err(format!("{name} = {share} is no share (write a number from 0 to {most})"))
}

fn check_population(population: &Population) -> Result<(), String> {
    if !HONEST_KINDS.contains(&population.kind.as_str()) {
        return Err(format!("no such kind (known kinds: {})", HONEST_KINDS.join(", ")));
    }
    if population.accounts == 0 || population.size == Some(0) {
        return Err("accounts and size must be at least 1".to_owned());
    }
    share("share", population.share.unwrap_or(0.0), 1.0)?;
    share("new", population.new, 1.0)?;
    population.exchanges.map_or(Ok(()), Volume::check)
}

fn check_framing(framing: &FramingSpec, file: &WorldFile) -> Result<(), String> {
    if !file.population.iter().any(|one| one.kind == framing.target) {
        return Err("nobody of that kind is in the world (add a [[population]] of it)".to_owned());
    }
    if framing.accounts == 0 {
        return Err("accounts must be at least 1".to_owned());
    }
    check_days(framing.start_day, framing.days, file.days)?;
    framing.exchanges.check()
}

fn check_days(start_day: u32, lasts: Option<u32>, days: u32) -> Result<(), String> {
    if start_day >= days || lasts == Some(0) {
        return Err(format!("it must begin before day {days} and last at least a day (see start_day and days)"));
    }
    Ok(())
}

fn check_campaign(campaign: &CampaignSpec, days: u32) -> Result<(), String> {
    if campaign.accounts == 0 || campaign.templates == Some(0) {
        return Err("accounts and templates must be at least 1".to_owned());
    }
    share("cover", campaign.cover, 0.99)?;
    share("feedback", campaign.feedback.unwrap_or(0.0), 0.9)?;
    share("migration", campaign.migration.unwrap_or(0.0), 1.0)?;
    share("reserve", campaign.reserve.unwrap_or(0.0), 0.9)?;
    share("pivot", campaign.pivot, 1.0)?;
    share("overlap", campaign.overlap.unwrap_or(1.0), 1.0)?;
    check_days(campaign.start_day, campaign.days, days)?;
    check_level(campaign)?;
    if campaign.sweep > 20_000 {
        return Err(format!("sweep = {} is too long (write at most 20000)", campaign.sweep));
    }
    if campaign.pools.is_some_and(|pools| !(1..=8).contains(&pools)) {
        return Err("pools must be from 1 to 8".to_owned());
    }
    if campaign.pools.is_some_and(|pools| pools > 1) && campaign.pool.is_some() {
        return Err("a campaign over several pools cannot name one (drop pool or pools)".to_owned());
    }
    if campaign.overlap.is_some() && campaign.pool.is_none() {
        return Err("overlap is the share of a named pool (add pool = \"...\")".to_owned());
    }
    if campaign.reserve.is_some() && campaign.ban_day.is_none() {
        return Err("a reserve waits for a ban (add ban_day)".to_owned());
    }
    let end = campaign.days.map_or(days, |lasts| campaign.start_day.saturating_add(lasts).min(days));
    if campaign.ban_day.is_some_and(|day| day <= campaign.start_day || day >= end) {
        return Err(format!("ban_day must lie between its days {} and {end}", campaign.start_day));
    }
    campaign.exchanges.check()
}

/// Keys that mean something only to some levels.
fn check_level(campaign: &CampaignSpec) -> Result<(), String> {
    let level = campaign.level;
    let only = |given: bool, key: &str, levels: &[Level], names: &str| {
        if given && !levels.contains(&level) {
            return Err(format!("only a {names} campaign has {key} (drop {key} or change level)"));
        }
        Ok(())
    };
    only(campaign.cover > 0.0, "cover", &[Level::T2, Level::T3], "T2 or T3")?;
    only(campaign.rewriters.is_some(), "rewriters", &[Level::T3], "T3")?;
    only(campaign.quota, "quota", &[Level::T3], "T3")?;
    only(campaign.ramp_days > 0, "ramp_days", &[Level::T3], "T3")?;
    only(campaign.migration.is_some(), "migration", &[Level::T4], "T4")?;
    only(campaign.clean, "clean", &[Level::T4], "T4")?;
    let collects = [Level::T1, Level::T2, Level::T3];
    only(campaign.feedback.is_some_and(|share| share > 0.0), "feedback", &collects, "T1, T2 or T3")?;
    only(campaign.sweep > 0, "sweep", &collects, "T1, T2 or T3")?;
    if campaign.rewriters.is_some_and(|rewriters| rewriters > 3) {
        return Err("rewriters must be from 0 to 3 (there are three)".to_owned());
    }
    Ok(())
}
