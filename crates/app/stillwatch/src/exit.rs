//! Exit status: 0 done, 1 any other failure, 2 bad usage, 3 nothing readable or too much refused, 4 a check that was asked
//! for did not hold.

use std::fmt;
use std::process::ExitCode;

/// Exit status of a check that did not hold.
pub const NOT_HELD: u8 = 4;

/// A failure with its exit status.
#[derive(Debug)]
pub enum Failure {
    /// The command line asks for something impossible.
    Usage(String),
    /// Nothing could be read.
    Unreadable(String),
    /// A check that was asked for did not hold.
    Unmet(String),
    /// Anything else.
    Other(String),
}

impl Failure {
    /// The exit status.
    pub fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Other(_) => 1,
            Self::Usage(_) => 2,
            Self::Unreadable(_) => 3,
            Self::Unmet(_) => 4,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Unreadable(text) | Self::Unmet(text) | Self::Other(text) => f.write_str(text),
        }
    }
}

impl From<columns::Error> for Failure {
    fn from(error: columns::Error) -> Self {
        let text = error.to_string();
        match error {
            columns::Error::Ledger(error) => error.into(),
            columns::Error::Usage(_) | columns::Error::Input(record::Error::Usage(_)) => Self::Usage(text),
            // The logs may be good: it is the store that cannot be asked.
            columns::Error::Input(record::Error::Store { .. }) => Self::Other(text),
            columns::Error::Input(_) => Self::Unreadable(text),
            _ => Self::Other(text),
        }
    }
}

impl From<ledger::Error> for Failure {
    fn from(error: ledger::Error) -> Self {
        let text = error.to_string();
        match error.kind() {
            ledger::ErrorKind::NoLog | ledger::ErrorKind::Malformed | ledger::ErrorKind::OutOfRange => {
                Self::Usage(text)
            }
            _ => Self::Other(text),
        }
    }
}

impl From<dossier::Error> for Failure {
    fn from(error: dossier::Error) -> Self {
        match error {
            dossier::Error::Usage(text) => Self::Usage(text),
            dossier::Error::Columns(error) => error.into(),
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<backup::Error> for Failure {
    fn from(error: backup::Error) -> Self {
        let text = error.to_string();
        match error.kind() {
            backup::ErrorKind::Usage => Self::Usage(text),
            backup::ErrorKind::Damaged => Self::Unmet(text),
            _ => Self::Other(text),
        }
    }
}

impl From<case::Error> for Failure {
    fn from(error: case::Error) -> Self {
        let text = error.to_string();
        match error.kind() {
            case::ErrorKind::Unknown | case::ErrorKind::Malformed => Self::Usage(text),
            // The version is a check that was asked for.
            case::ErrorKind::Conflict => Self::Unmet(text),
            _ => Self::Other(text),
        }
    }
}

#[cfg(feature = "console")]
impl From<console::Error> for Failure {
    fn from(error: console::Error) -> Self {
        let text = error.to_string();
        match error.kind() {
            console::ErrorKind::Usage => Self::Usage(text),
            _ => Self::Other(text),
        }
    }
}

#[cfg(feature = "console")]
impl From<peer::Error> for Failure {
    fn from(error: peer::Error) -> Self {
        let text = error.to_string();
        match error.kind() {
            peer::ErrorKind::Usage => Self::Usage(text),
            _ => Self::Other(text),
        }
    }
}

impl From<attribution::Error> for Failure {
    fn from(error: attribution::Error) -> Self {
        let text = error.to_string();
        match error.kind() {
            attribution::ErrorKind::Data => Self::Other(text),
            _ => Self::Usage(text),
        }
    }
}

impl From<notice::Error> for Failure {
    fn from(error: notice::Error) -> Self {
        Self::Usage(error.to_string())
    }
}

#[cfg(feature = "delivery")]
impl From<delivery::Error> for Failure {
    fn from(error: delivery::Error) -> Self {
        match error.kind() {
            delivery::ErrorKind::Unfit => Self::Usage(error.to_string()),
            _ => Self::Other(error.to_string()),
        }
    }
}

impl From<briefing::Error> for Failure {
    fn from(error: briefing::Error) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<audit::Error> for Failure {
    fn from(error: audit::Error) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<intersection::Error> for Failure {
    fn from(error: intersection::Error) -> Self {
        let text = error.to_string();
        match error.kind() {
            intersection::ErrorKind::Usage | intersection::ErrorKind::State => Self::Usage(text),
            intersection::ErrorKind::Refused | intersection::ErrorKind::Mixed => Self::Unmet(text),
            _ => Self::Other(text),
        }
    }
}

impl From<sharing::Error> for Failure {
    fn from(error: sharing::Error) -> Self {
        let text = error.to_string();
        match error.kind() {
            sharing::ErrorKind::Usage | sharing::ErrorKind::Malformed => Self::Usage(text),
            sharing::ErrorKind::Guarded => Self::Unmet(text),
            _ => Self::Other(text),
        }
    }
}

impl From<hunt::Error> for Failure {
    fn from(error: hunt::Error) -> Self {
        match error {
            hunt::Error::Columns(error) => error.into(),
            other => Self::Other(other.to_string()),
        }
    }
}

#[cfg(feature = "policy")]
impl From<policy::Error> for Failure {
    fn from(error: policy::Error) -> Self {
        let text = error.to_string();
        match error.kind() {
            policy::ErrorKind::Unreadable => Self::Usage(text),
            policy::ErrorKind::Unfit => Self::Unmet(text),
            _ => Self::Other(text),
        }
    }
}

#[cfg(feature = "watch")]
impl From<watch::Error> for Failure {
    fn from(error: watch::Error) -> Self {
        let text = error.to_string();
        match error.kind() {
            watch::ErrorKind::Usage => Self::Usage(text),
            _ => Self::Other(text),
        }
    }
}

#[cfg(feature = "gate")]
impl From<gate::Error> for Failure {
    fn from(error: gate::Error) -> Self {
        let text = error.to_string();
        match error.kind() {
            gate::ErrorKind::Config => Self::Usage(text),
            _ => Self::Other(text),
        }
    }
}

#[cfg(feature = "cluster")]
impl From<cluster::Error> for Failure {
    fn from(error: cluster::Error) -> Self {
        hunt::Error::from(error).into()
    }
}
