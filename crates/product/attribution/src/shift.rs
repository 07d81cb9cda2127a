//! Shifts of a campaign beside the dates of releases.
//!
//! *Null:* where in time the campaign shifts has nothing to do with the dates. All dates are moved together, round and round
//! through the log, so that the distances between them stay, and what the campaign did stays as it is; the score with the
//! true dates is then one of as many as there are days, and the largest of them once in as many days.
//! *What breaks it:* a cause of both. Weeks have days on which everybody shifts and on which companies release. Where the
//! honest groups of the log shift on these dates too, that is counted beside it (`crate::weigh`).

/// Days before and after a day, of which the means are compared.
pub const AROUND: usize = 3;

/// The days in which a shift counts for one release, and how much, the most telling first.
pub type Window = Vec<(usize, f64)>;

/// How much the course changes at a day, as a part of its mean: what was in the three days before it against the three from
/// it on.
fn shift(series: &[f64], day: usize) -> f64 {
    let mean = |from: usize, to: usize| {
        series.get(from..to).map_or(0.0, |days| days.iter().sum::<f64>() / days.len().max(1) as f64)
    };
    let overall = mean(0, series.len());
    if day < AROUND || day + AROUND > series.len() || overall <= 0.0 {
        return 0.0;
    }
    (mean(day, day + AROUND) - mean(day - AROUND, day)).abs() / overall
}

/// How well shifts of a course fall into the windows of releases that are all moved by so many days.
pub fn aligned(series: &[f64], windows: &[Window], by: usize) -> f64 {
    let usable = usable(series.len());
    if usable == 0 {
        return 0.0;
    }
    let best = |window: &Window| {
        let days = window.iter().map(|(day, weight)| {
            let moved = AROUND + (day.saturating_sub(AROUND) + by) % usable;
            weight * shift(series, moved)
        });
        days.fold(0.0, f64::max)
    };
    windows.iter().map(best).sum::<f64>() / windows.len().max(1) as f64
}

/// The same for every other place of the dates.
pub fn by_chance(series: &[f64], windows: &[Window]) -> Vec<f64> {
    (1..usable(series.len())).map(|by| aligned(series, windows, by)).collect()
}

/// Days that have enough days on either side.
pub const fn usable(days: usize) -> usize {
    (days + 1).saturating_sub(2 * AROUND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_on_the_day_scores_more_than_on_any_other() {
        let series: Vec<f64> = (0..40).map(|day| if day < 17 { 10.0 } else { 2.0 }).collect();
        let window = vec![vec![(17, 1.0), (18, 0.75), (19, 0.5)]];
        let (here, elsewhere) = (aligned(&series, &window, 0), by_chance(&series, &window));
        assert_eq!(elsewhere.len() + 1, usable(40));
        assert!(elsewhere.iter().all(|other| *other < here), "{here} {elsewhere:?}");
    }

    #[test]
    fn without_a_shift_no_day_stands_out() {
        let series = vec![5.0; 30];
        let window = vec![vec![(10, 1.0)]];
        assert_eq!(aligned(&series, &window, 0), 0.0);
        assert!(by_chance(&series, &window).iter().all(|score| *score == 0.0));
        assert_eq!((usable(5), usable(6)), (0, 1));
    }
}
