//! Who answers for a request, where a log gives several names or none.

use super::value::is_none;

/// Names that a gateway gives to whoever did not say who it is. As an account each would join all strangers.
const NOBODY: [&str; 5] = ["anonymous", "unknown", "default_user_id", "redacted", "(not set)"];

/// Whether a name is that of an account.
pub(super) fn is_account(name: &str) -> bool {
    let name = name.trim();
    // A name may hold any word; what stands for a whole name is told by its form.
    let is_mask = name.contains("***") || name.starts_with(['[', '<']) || name.ends_with("...") || name.ends_with('…');
    !is_none(name) && !is_mask && !NOBODY.iter().any(|nobody| name.eq_ignore_ascii_case(nobody))
}

/// Whether a secret is one that the log's writer took out: then it is the same for everybody.
pub(super) fn is_masked(secret: &str) -> bool {
    let secret = secret.trim();
    let lower = secret.to_ascii_lowercase();
    let words = ["redacted", "masked", "hidden", "removed", "filtered", "[present]", "scrubbed", "xxxx"];
    is_none(secret)
        || words.iter().any(|word| lower.contains(word))
        || lower.contains("...")
        || secret.contains(['…', '•', '*'])
}

/// Whether a masked secret still shows its end, by which it is told from the other keys of a log.
pub(super) fn shows_its_end(secret: &str) -> bool {
    let end = secret.rsplit(['.', '…', '*', '•']).next().unwrap_or_default();
    end.len() >= 4
        && end.len() < secret.len()
        && end.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::is_account;
    use super::is_masked;
    use super::shows_its_end;

    #[test]
    fn a_secret_that_was_taken_out_is_masked() {
        for secret in
            ["***", "[REDACTED]", "REDACTED", "undefined", "null", "", "sk-an...", "sk-…", "sk...wxyz", "xxxxxxxx"]
        {
            assert!(is_masked(secret), "{secret}");
        }
        for secret in ["sk-live-4f2e", "eyJhbGciOiJI.eyJzdWIi.c2ln", "88dc28d0", "k"] {
            assert!(!is_masked(secret), "{secret}");
        }
        assert!(shows_its_end("sk...wxyz") && !shows_its_end("sk-an...") && !shows_its_end("***"));
    }

    #[test]
    fn nobody_is_no_account() {
        for name in ["anonymous", "Unknown", "default_user_id", "None", "-", "***", "[REDACTED]", "redacted"] {
            assert!(!is_account(name), "{name}");
        }
        assert!(is_account("acct_1") && is_account("12345") && is_account("hidden-lake"));
    }
}
