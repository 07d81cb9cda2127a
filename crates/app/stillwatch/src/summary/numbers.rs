//! Times and tables for people.

use std::fmt::Write;

/// A time of the results, which are in UTC, to the second; the text as it is where it has another form.
pub fn second(time: &str) -> String {
    match time.split_once('T') {
        Some((date, clock)) if time.ends_with('Z') && clock.is_char_boundary(8) => {
            format!("{date} {}", clock.chars().take(8).collect::<String>())
        }
        _ => time.to_owned(),
    }
}

/// Rows under their heads, each column as wide as its widest cell; those whose head begins with `>` are flush right.
pub fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let width = |at: usize, head: &str| {
        let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count());
        cells.chain([head.trim_start_matches('>').chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = heads.iter().enumerate().map(|(at, head)| width(at, head)).collect();
    let names: Vec<String> = heads.iter().map(|head| head.trim_start_matches('>').to_owned()).collect();
    let mut text = String::new();
    for row in std::iter::once(&names).chain(rows) {
        let mut line = String::new();
        for ((cell, width), head) in row.iter().zip(&widths).zip(heads) {
            // Writing to a string cannot fail.
            let _ =
                if head.starts_with('>') { write!(line, "{cell:>width$}  ") } else { write!(line, "{cell:<width$}  ") };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_cut_to_the_second() {
        assert_eq!(second("2026-04-23T00:01:17.780505Z"), "2026-04-23 00:01:17");
        assert_eq!(second("2026-04-23T00:01:17+02:00"), "2026-04-23T00:01:17+02:00", "another zone stays visible");
        assert_eq!(second(""), "");
    }

    #[test]
    fn a_table_is_aligned() {
        let rows = [vec!["a".to_owned(), "1".to_owned()], vec!["long".to_owned(), "1,000".to_owned()]];
        assert_eq!(table(&["name", ">n"], &rows), "name      n\na         1\nlong  1,000\n");
    }
}
