//! The days and hours of a log, as organisations count them.

use std::cell::OnceCell;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::entity::Entity;
use crate::entity::Hours;
use crate::entity::Release;
use crate::observed::Account;
use crate::reference::Compared;
use crate::shift::AROUND;
use crate::shift::Window;

/// Hours of a day.
const DAY_HOURS: i64 = 24;
/// The longest log that is looked at, in days: of a longer one the last so many.
const MAX_DAYS: i64 = 1_100;
/// Days before a release in which a shift counts as ahead of it.
const AHEAD_DAYS: usize = 7;
/// Days from a release on in which one counts as after it.
const AFTER_DAYS: usize = 3;

/// The days of a log, and which of its hours are an organisation's working hours.
#[derive(Debug)]
pub struct Calendar {
    first_day: i64,
    days: usize,
    /// For each organisation that has working hours: for each hour of the log whether it is one of them.
    working: Vec<Option<Vec<bool>>>,
    daily: OnceCell<Vec<Vec<f32>>>,
}

impl Calendar {
    /// The calendar of what is compared.
    #[must_use]
    pub fn new(compared: &Compared<'_>, entities: &[Entity]) -> Self {
        let hours = || compared.accounts.iter().flat_map(|account| account.hours.keys());
        let last = hours().max().map_or(0, |hour| hour.div_euclid(DAY_HOURS));
        let first = hours().min().map_or(0, |hour| hour.div_euclid(DAY_HOURS)).max(last - MAX_DAYS + 1);
        let days = usize::try_from(last - first + 1).unwrap_or(0);
        let mut calendar = Self { first_day: first, days, working: Vec::new(), daily: OnceCell::new() };
        calendar.working =
            entities.iter().map(|entity| Some(calendar.hours_of(&entity.hours.as_ref()?.value))).collect();
        calendar
    }

    /// Days of the log.
    #[must_use]
    pub const fn days(&self) -> usize {
        self.days
    }

    fn hours_of(&self, hours: &Hours) -> Vec<bool> {
        let from = self.first_day * DAY_HOURS;
        let to = from + i64::try_from(self.days).unwrap_or(0) * DAY_HOURS;
        let is_working = |hour: i64| {
            // The middle of the hour stands for it.
            let at = Timestamp::from_second(hour * 3_600 + 1_800).ok().map(|at| at.to_zoned(hours.time_zone.clone()));
            at.is_some_and(|at| {
                let (day, time) = (at.date(), at.time());
                hours.days.contains(&day.weekday())
                    && !hours.holidays.contains(&day)
                    && time >= hours.from
                    && time < hours.to
            })
        };
        (from..to).map(is_working).collect()
    }

    /// Of each account the share of its exchanges in an organisation's working hours.
    pub fn in_hours(&self, compared: &Compared<'_>, entity: usize) -> Vec<Option<f64>> {
        let Some(Some(working)) = self.working.get(entity) else { return vec![None; compared.accounts.len()] };
        let share = |account: &&Account| {
            let (mut inside, mut all) = (0.0, 0.0);
            for (hour, exchanges) in &account.hours {
                let at = usize::try_from(hour - self.first_day * DAY_HOURS).ok();
                let is_working = at.and_then(|at| working.get(at)).copied().unwrap_or(false);
                all += f64::from(*exchanges);
                inside += if is_working { f64::from(*exchanges) } else { 0.0 };
            }
            (all > 0.0).then(|| inside / all)
        };
        compared.accounts.iter().map(share).collect()
    }

    /// Of each account its exchanges by the day, as shares of all of them: every account counts alike.
    pub fn daily(&self, compared: &Compared<'_>) -> &[Vec<f32>] {
        self.daily.get_or_init(|| {
            let series = |account: &&Account| {
                let mut series = vec![0.0_f32; self.days];
                let all: f32 = account.hours.values().map(|exchanges| *exchanges as f32).sum();
                for (hour, exchanges) in &account.hours {
                    let day = usize::try_from(hour.div_euclid(DAY_HOURS) - self.first_day).ok();
                    if let Some(value) = day.and_then(|day| series.get_mut(day)) {
                        *value += *exchanges as f32 / all.max(1.0);
                    }
                }
                series
            };
            compared.accounts.iter().map(series).collect()
        })
    }

    /// The days on which an organisation would work while the campaign lasts, holidays among them, and which of them are
    /// holidays; `None` without a holiday, or with fewer than ten days.
    pub fn working_days(&self, compared: &Compared<'_>, hours: &Hours) -> Option<(Vec<usize>, Vec<usize>)> {
        let daily = self.daily(compared);
        let is_active = |day: &usize| {
            let members = daily.get(..compared.members).unwrap_or_default();
            members.iter().any(|series| series.get(*day).is_some_and(|value| *value > 0.0))
        };
        let (first, last) = ((0..self.days).find(is_active)?, (0..self.days).rev().find(is_active)?);
        let (mut days, mut holidays) = (Vec::new(), Vec::new());
        for day in first..=last {
            let Some(date) = self.date(day) else { continue };
            if hours.days.contains(&date.weekday()) {
                if hours.holidays.contains(&date) {
                    holidays.push(days.len());
                }
                days.push(day);
            }
        }
        (days.len() >= 10 && !holidays.is_empty()).then_some((days, holidays))
    }

    /// The days in which a shift counts for a release: those before it was public, or those from it on. `None` where they are
    /// not all inside the log.
    pub fn window(&self, release: &Release, is_ahead: bool) -> Option<Window> {
        let day = |date: Date| usize::try_from(self.day(date)? - self.first_day).ok();
        let window: Window = if is_ahead {
            let public = day(release.announced)?;
            let first = public.checked_sub(AHEAD_DAYS)?;
            (first..public).map(|at| (at, 1.0 - (public - 1 - at) as f64 / (AHEAD_DAYS + 1) as f64)).collect()
        } else {
            let out = day(release.at)?;
            (out..out + AFTER_DAYS).map(|at| (at, 1.0 - (at - out) as f64 / (AFTER_DAYS + 1) as f64)).collect()
        };
        let is_inside = |(at, _): &(usize, f64)| *at >= AROUND && at + AROUND <= self.days;
        window.iter().all(is_inside).then_some(window)
    }

    fn day(&self, date: Date) -> Option<i64> {
        let at = date.to_zoned(TimeZone::UTC).ok()?.timestamp();
        Some(at.as_second().div_euclid(3_600 * DAY_HOURS))
    }

    fn date(&self, day: usize) -> Option<Date> {
        let day = self.first_day + i64::try_from(day).ok()?;
        let at = Timestamp::from_second(day * 3_600 * DAY_HOURS).ok()?;
        Some(at.to_zoned(TimeZone::UTC).date())
    }
}
