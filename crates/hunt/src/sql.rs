//! The queries of a hunt.

#[cfg(feature = "ballista")]
use columns::day_of;

use crate::fold::COLUMNS;

/// The fold of every account's exchanges that meet a condition. An id that `is_repeated` counts once, as the record with
/// the smallest row hash, as within one table.
pub(crate) fn fold_sql(condition: &str, is_repeated: bool) -> String {
    let columns = COLUMNS.join(", ");
    format!("SELECT account, fold({columns}) AS profile FROM {}{condition} GROUP BY account", source(is_repeated))
}

/// The same by the hour, or for one day, with the ids of what was folded.
pub(crate) fn increment_sql(by_hour: bool) -> String {
    let columns = COLUMNS.join(", ");
    let (hour, by) = if by_hour {
        (format!("{HOUR} AS hour, "), format!("{HOUR}, account"))
    } else {
        (String::new(), "account".to_owned())
    };
    format!(
        "SELECT {hour}account, fold({columns}) AS profile, ids(id_hash) AS ids FROM exchange GROUP BY {by} ORDER BY {by}"
    )
}

/// Hours since 1970 of an exchange.
const HOUR: &str = "CAST(floor(CAST(arrow_cast(at, 'Int64') AS DOUBLE) / 3600000000) AS BIGINT)";

/// Increments with those of one account made one.
pub(crate) const ROLL_SQL: &str =
    "SELECT account, merge(profile) AS profile, ids(ids) AS ids FROM part GROUP BY account ORDER BY account";

/// The profiles of increments, of the hours between two where they are by the hour.
pub(crate) fn merge_sql(table: &str, since_us: Option<i64>, until_us: Option<i64>) -> String {
    let since = since_us.map(|since| format!("hour >= {}", since.div_euclid(profile::HOUR_US)));
    let until = until_us.map(|until| format!("hour < {}", until.div_euclid(profile::HOUR_US)));
    format!("SELECT account, merge(profile) AS profile FROM {table}{} GROUP BY account", condition(since, until))
}

/// How many ids are in more than one place.
pub(crate) const REPEATED_SQL: &str = "SELECT count(*) AS repeated FROM (SELECT id FROM (\
     SELECT unnest(ids) AS id FROM part UNION ALL SELECT id_hash AS id FROM exchange\
     ) GROUP BY id HAVING count(*) > 1)";

fn source(is_repeated: bool) -> String {
    let columns = COLUMNS.join(", ");
    if is_repeated {
        format!(
            "(SELECT DISTINCT ON (id_hash) id_hash, account, {columns} FROM exchange ORDER BY id_hash, row_hash) once"
        )
    } else {
        "exchange".to_owned()
    }
}

/// The condition that a row is in the window.
pub(crate) fn time_sql(since_us: Option<i64>, until_us: Option<i64>) -> String {
    let since = since_us.map(|since| format!("at >= {}", timestamp(since)));
    let until = until_us.map(|until| format!("at < {}", timestamp(until)));
    condition(since, until)
}

/// The same over folders whose files are in days: the day prunes files before they are opened, the time decides.
#[cfg(feature = "ballista")]
pub(crate) fn window_sql(since_us: Option<i64>, until_us: Option<i64>) -> String {
    let since = since_us.map(|since| format!("day >= '{}' AND at >= {}", day_of(since), timestamp(since)));
    let until = until_us.map(|until| format!("day <= '{}' AND at < {}", day_of(until), timestamp(until)));
    condition(since, until)
}

fn condition(since: Option<String>, until: Option<String>) -> String {
    let filters: Vec<String> = since.into_iter().chain(until).collect();
    if filters.is_empty() { String::new() } else { format!(" WHERE {}", filters.join(" AND ")) }
}

fn timestamp(at_us: i64) -> String {
    format!("arrow_cast(arrow_cast({at_us}, 'Int64'), 'Timestamp(Microsecond, Some(\"UTC\"))')")
}
