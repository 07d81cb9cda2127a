//! Which build a part of the cluster is.
//!
//! A plan names functions and carries their partial results as bytes. Two builds that disagree about either would not
//! fail: they would give other results. So parts that are not of one build do not work together.

use std::env;
use std::fmt;
use std::sync::Arc;

use ballista_core::BALLISTA_VERSION;
use datafusion::prelude::SessionContext;
use observation::Observation;
use sketch::hash::text_hash;

use crate::engine::register_functions;
use columns::SCHEMA_VERSION;

/// Says another build than it is: for the test that other builds are refused.
const PRETENDED: &str = "STILLWATCH_BUILD";

/// The name of a build: equal names work together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Build(Arc<str>);

impl Build {
    /// This program's.
    pub(crate) fn ours() -> Self {
        if let Some(pretended) = env::var(PRETENDED).ok().as_deref().and_then(Self::parse) {
            return pretended;
        }
        let name = format!(
            "{}+columns.{SCHEMA_VERSION}.profile.{}.functions.{:08x}.ballista.{BALLISTA_VERSION}",
            env!("CARGO_PKG_VERSION"),
            profile::FORMAT_VERSION,
            functions() as u32,
        );
        Self(name.into())
    }

    /// A name as another part sends it; `None` where it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-');
        (!text.is_empty() && text.len() <= 200 && text.chars().all(is_plain)).then(|| Self(text.into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A hash of the names of all functions and of what ours takes.
fn functions() -> u64 {
    let context = SessionContext::new();
    register_functions(&context);
    let state = context.state();
    let mut names: Vec<&str> = state.scalar_functions().keys().map(String::as_str).collect();
    names.extend(state.aggregate_functions().keys().map(String::as_str));
    names.extend(state.window_functions().keys().map(String::as_str));
    names.sort_unstable();
    names.extend(Observation::COLUMNS);
    text_hash(names.join("\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_names_itself_and_is_read_back() {
        let ours = Build::ours();
        assert!(ours.as_str().contains("+columns."), "{ours}");
        assert_eq!(Build::parse(ours.as_str()), Some(ours));
        assert_eq!(Build::parse(""), None);
        assert_eq!(Build::parse("a b"), None);
        assert_eq!(Build::parse("a\nb"), None);
    }
}
