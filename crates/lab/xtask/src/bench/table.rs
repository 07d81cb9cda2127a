//! Tables that line up in a terminal and are Markdown.

/// Rows under a head; every column as wide as its widest cell.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these column names.
    pub fn new<S: Into<String>>(head: impl IntoIterator<Item = S>) -> Self {
        Self { rows: vec![head.into_iter().map(Into::into).collect()] }
    }

    /// Adds a row.
    pub fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// The table as text.
    pub fn text(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let cell = |row: &[String], column: usize| row.get(column).cloned().unwrap_or_default();
        let widths: Vec<usize> = (0..columns)
            .map(|column| self.rows.iter().map(|row| cell(row, column).chars().count()).max().unwrap_or(0).max(3))
            .collect();
        let mut out = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            for (column, width) in widths.iter().enumerate() {
                let text = cell(row, column);
                let room = " ".repeat(width - text.chars().count());
                // Names to the left, figures to the right.
                out += &if column == 0 { format!("| {text}{room} ") } else { format!("| {room}{text} ") };
            }
            out += "|\n";
            if number == 0 {
                let rule = |(column, width): (usize, &usize)| {
                    if column == 0 {
                        format!("|{}", "-".repeat(width + 2))
                    } else {
                        format!("|{}:", "-".repeat(width + 1))
                    }
                };
                out += &widths.iter().enumerate().map(rule).collect::<String>();
                out += "|\n";
            }
        }
        out
    }
}

/// A share of two counts as a percentage, or a dash.
pub fn percent(part: f64, whole: f64) -> String {
    if whole > 0.0 { format!("{:.0} %", 100.0 * part / whole) } else { "–".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let mut table = Table::new(["name", "n"]);
        table.row(["a", "1 000"]);
        assert_eq!(table.text(), "| name |     n |\n|------|------:|\n| a    | 1 000 |\n");
        assert_eq!((percent(1.0, 4.0), percent(0.0, 0.0)), ("25 %".to_owned(), "–".to_owned()));
    }
}
