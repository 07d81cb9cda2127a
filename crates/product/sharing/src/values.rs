//! Values by which the accounts of campaigns are tied, in the clear. They are for comparing in private, and are never written
//! into what leaves.

use std::collections::BTreeSet;

use crate::content::Campaign;
use crate::content::LEAST_ACCOUNTS;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::indicator::IndicatorKind;
use crate::indicator::IndicatorValue;
use crate::indicator::holders;

/// The values that may be compared with another provider's: those that [`LEAST_ACCOUNTS`] accounts or more of a discovered
/// campaign have.
#[must_use]
pub fn comparable(campaigns: &[Campaign], records: &[record::Account]) -> BTreeSet<IndicatorValue> {
    let discovered = campaigns.iter().filter(|campaign| campaign.status == "discovered");
    let held = discovered.flat_map(|campaign| holders(&campaign.accounts, records));
    held.filter(|(_, accounts)| accounts.len() >= LEAST_ACCOUNTS).map(|(value, _)| value).collect()
}

/// Values from a text: a kind, a space and a value on each line. Empty lines, and lines that begin with `#`, are passed over.
///
/// # Errors
/// [`ErrorKind::Usage`] that names the line.
pub fn parse_values(text: &str) -> Result<BTreeSet<IndicatorValue>, Error> {
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim()));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let read = |(number, line): (usize, &str)| {
        let told = line.split_once(char::is_whitespace).filter(|(_, value)| !value.contains('\0'));
        let told = told.and_then(|(kind, value)| Some(IndicatorValue::new(IndicatorKind::of(kind)?, value)));
        told.ok_or_else(|| {
            let known: Vec<&str> = IndicatorKind::ALL.into_iter().map(IndicatorKind::as_str).collect();
            let text = format!("line {number} is no kind and value (kinds: {})", known.join(", "));
            Error::new(ErrorKind::Usage, text)
        })
    };
    lines.map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_gives_each_value_once_in_the_form_that_is_compared() {
        let values = parse_values("# ours\n\nphone +49 30 1\r\n device  AB-1 \ndevice ab-1\n").unwrap();
        let shown: Vec<(&str, &str)> = values.iter().map(|one| (one.kind.as_str(), one.value.as_str())).collect();
        assert_eq!(shown, [("device", "ab-1"), ("phone", "+49 30 1")]);
        assert!(values.iter().all(|one| IndicatorValue::of_bytes(&one.to_bytes()).as_ref() == Some(one)));
    }

    #[test]
    fn a_line_that_is_no_value_is_named() {
        for line in ["phone", "mailbox a@example.com", "phone a\0b"] {
            let error = parse_values(&format!("phone 1\n{line}\n")).unwrap_err().to_string();
            assert!(error.contains("line 2") && error.contains("signup-address"), "{error}");
        }
    }
}
