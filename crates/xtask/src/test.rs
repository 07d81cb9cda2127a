//! `cargo xtask test`: everything that must pass.

use crate::run::run;

/// Format, lints, tests and documentation, in the order in which they fail fastest. Needs nothing but the toolchain.
pub fn test() -> Result<(), String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    run(&cargo, &["fmt", "--all", "--check"])?;
    run(&cargo, &["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"])?;
    run(&cargo, &["test", "--workspace", "--locked", "--no-fail-fast"])
}
