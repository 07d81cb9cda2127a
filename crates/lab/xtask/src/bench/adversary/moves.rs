//! What an attacker may do, and what it costs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use toml::Table;
use toml::Value;

/// A file of moves.
#[derive(Debug)]
pub struct Moves {
    /// Dollars an account, by level.
    account: BTreeMap<String, f64>,
    /// Dollars an exchange.
    exchange: f64,
    moves: Vec<Move>,
}

/// One thing that an attacker may do.
#[derive(Debug)]
pub struct Move {
    /// In words.
    pub name: String,
    levels: Vec<String>,
    /// Keys of the campaign, with the values that it gives them.
    set: Table,
    /// The number of accounts is multiplied by this.
    accounts: f64,
    /// Dollars that it adds to an account.
    account: f64,
    /// Dollars that it adds to an exchange.
    exchange: f64,
}

impl Moves {
    /// Reads a file of moves.
    pub fn read(path: &Path) -> Result<Self, String> {
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = fs::read_to_string(path).map_err(|error| told(&error))?;
        Self::parse(&text).map_err(|error| told(&error))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let file: Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
        let prices = file.get("prices").and_then(Value::as_table).ok_or("it has no table `prices`")?;
        let exchange = prices.get("exchange").and_then(number).ok_or("`prices.exchange` is no number")?;
        let levels = prices.get("account").and_then(Value::as_table).ok_or("`prices.account` is no table")?;
        let price = |(level, price): (&String, &Value)| {
            let price = number(price).ok_or_else(|| format!("`prices.account.{level}` is no number"))?;
            Ok((level.clone(), price))
        };
        let account = levels.iter().map(price).collect::<Result<_, String>>()?;
        let none = Vec::new();
        let listed = file.get("move").and_then(Value::as_array).unwrap_or(&none);
        let moves: Vec<Move> = listed.iter().map(Move::parse).collect::<Result<_, _>>()?;
        Ok(Self { account, exchange, moves })
    }

    /// The places of the moves that make sense at a level.
    pub fn of_level(&self, level: &str) -> Vec<usize> {
        let fits = |(at, one): (usize, &Move)| one.levels.iter().any(|own| own == level).then_some(at);
        self.moves.iter().enumerate().filter_map(fits).collect()
    }

    /// Whether two moves can be made together: they give no key two values.
    pub fn go_together(&self, one: usize, other: usize) -> bool {
        let (Some(one), Some(other)) = (self.moves.get(one), self.moves.get(other)) else { return false };
        one.set.keys().all(|key| !other.set.contains_key(key))
    }

    /// A plan in words.
    pub fn told(&self, plan: &[usize]) -> String {
        let names: Vec<&str> = self.among(plan).map(|one| one.name.as_str()).collect();
        if names.is_empty() { "as it is".to_owned() } else { names.join("; ") }
    }

    /// Makes a campaign carry out a plan.
    pub fn carry_out(&self, plan: &[usize], campaign: &mut Table) {
        for one in self.among(plan) {
            campaign.extend(one.set.clone());
            if let Some(accounts) = campaign.get("accounts").and_then(number) {
                campaign.insert("accounts".to_owned(), Value::Integer((accounts * one.accounts).round() as i64));
            }
        }
    }

    /// What a plan costs for so many accounts and exchanges, in dollars.
    pub fn dollars(&self, plan: &[usize], level: &str, accounts: f64, exchanges: f64) -> f64 {
        let own = self.account.get(level).copied().unwrap_or(0.0);
        let account = own + self.among(plan).map(|one| one.account).sum::<f64>();
        let exchange = self.exchange + self.among(plan).map(|one| one.exchange).sum::<f64>();
        accounts * account + exchanges * exchange
    }

    fn among(&self, plan: &[usize]) -> impl Iterator<Item = &Move> {
        plan.iter().filter_map(|at| self.moves.get(*at))
    }
}

impl Move {
    fn parse(value: &Value) -> Result<Self, String> {
        let name = value.get("name").and_then(Value::as_str).ok_or("a move has no `name`")?;
        let told = |what: &str| format!("the move `{name}` {what}");
        let levels = value.get("levels").and_then(Value::as_array).ok_or_else(|| told("has no list `levels`"))?;
        let price = |key: &str, default: f64| match value.get(key) {
            None => Ok(default),
            Some(price) => number(price).ok_or_else(|| told(&format!("has no number in `{key}`"))),
        };
        Ok(Self {
            name: name.to_owned(),
            levels: levels.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            set: value.get("set").and_then(Value::as_table).cloned().ok_or_else(|| told("has no table `set`"))?,
            accounts: price("accounts", 1.0)?,
            account: price("account", 0.0)?,
            exchange: price("exchange", 0.0)?,
        })
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        [prices]
        account = { T2 = 3 }
        exchange = 0.02
        [[move]]
        name = "more accounts"
        levels = ["T2"]
        set = { exchanges = [1, 2] }
        accounts = 2
        [[move]]
        name = "cover"
        levels = ["T2", "T3"]
        set = { cover = 0.5 }
        account = 1.0
        exchange = 0.01
        [[move]]
        name = "more cover"
        levels = ["T3"]
        set = { cover = 0.8 }
    "#;

    #[test]
    fn a_plan_changes_the_campaign_and_its_price() {
        let moves = Moves::parse(FILE).unwrap();
        assert_eq!((moves.of_level("T2"), moves.of_level("T3")), (vec![0, 1], vec![1, 2]));
        assert!(moves.go_together(0, 1) && !moves.go_together(1, 2));
        let mut campaign: Table = "accounts = 100\ncover = 0.1".parse().unwrap();
        moves.carry_out(&[0, 1], &mut campaign);
        assert_eq!(campaign.get("accounts").and_then(Value::as_integer), Some(200));
        assert_eq!(campaign.get("cover").and_then(Value::as_float), Some(0.5));
        let price = moves.dollars(&[0, 1], "T2", 200.0, 1000.0);
        assert!((price - (200.0 * 4.0 + 1000.0 * 0.03)).abs() < 1e-9, "{price}");
        assert_eq!(moves.told(&[0, 1]), "more accounts; cover");
    }

    #[test]
    fn a_file_that_is_wrong_is_told_where() {
        let fault = |text: &str| Moves::parse(text).unwrap_err();
        assert!(fault("").contains("prices"));
        assert!(fault("[prices]\nexchange = 1\naccount = { T1 = \"x\" }").contains("prices.account.T1"));
        assert!(
            fault(&format!("{FILE}\n[[move]]\nname = \"x\"\nlevels = []")).contains("the move `x` has no table `set`")
        );
    }
}
