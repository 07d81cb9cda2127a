//! The queries that a cluster runs.

use columns::day_of;

use observation::Observation;

/// The fold of every account's exchanges that meet a condition. An id that `is_repeated` counts once, as the record with
/// the smallest row hash, as within one table.
pub(crate) fn fold_sql(condition: &str, is_repeated: bool) -> String {
    let columns = Observation::COLUMNS.join(", ");
    format!("SELECT account, fold({columns}) AS profile FROM {}{condition} GROUP BY account", source(is_repeated))
}

fn source(is_repeated: bool) -> String {
    let columns = Observation::COLUMNS.join(", ");
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
