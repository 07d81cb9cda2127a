//! The part of the configuration about the doors at which other gateways ask.

use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;

use policy::Channel;
use serde::Deserialize;

use crate::door::Door;
use crate::mode::FailureMode;

/// Where other gateways ask for a decision, and what they may ask.
#[derive(Debug, Clone)]
pub struct Doors {
    /// Where they connect.
    pub listen: SocketAddr,
    /// The doors that are there.
    pub open: Vec<Door>,
    /// File of the word that each question must show.
    pub token: Option<PathBuf>,
    /// Whether they connect by TLS, with the certificate of the gate.
    pub tls: bool,
    /// What happens where no decision can be made.
    pub failure: FailureMode,
    /// The way that the requests come.
    pub channel: Channel,
    /// Whether a request whose body is not shown counts as asking for everything.
    pub unseen_is_everything: bool,
}

/// The part as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDoors {
    listen: SocketAddr,
    open: Vec<Door>,
    token: Option<PathBuf>,
    #[serde(default)]
    tls: bool,
    failure: FailureMode,
    #[serde(default = "direct")]
    channel: String,
    unseen: Option<Unseen>,
}

/// What a request counts as asking for whose body is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Unseen {
    Everything,
    Nothing,
}

fn direct() -> String {
    "direct".to_owned()
}

/// Checks the part.
pub(crate) fn doors(raw: &RawDoors, has_tls: bool, folder: &Path, faults: &mut Vec<String>) -> Option<Doors> {
    if raw.open.is_empty() {
        let all = Door::ALL.map(Door::as_str).join(", ");
        faults.push(format!("doors.open: no door is named (name those that are asked at, of {all})"));
    }
    if !raw.listen.ip().is_loopback() && raw.token.is_none() {
        faults.push(
            "doors.listen: others than this machine reach it (name a file with a secret word in doors.token, or listen \
             on 127.0.0.1)"
                .to_owned(),
        );
    }
    if let Some(door) = raw.open.iter().find(|door| !door.may_see_bodies()).filter(|_| raw.unseen.is_none()) {
        faults.push(format!(
            "doors.unseen: {} does not show what a request asks for (say whether that counts as \"everything\", so that \
             answers which must be limited are refused, or as \"nothing\", so that they are not limited)",
            door.as_str()
        ));
    }
    if raw.open.contains(&Door::ExtProc) && !cfg!(feature = "envoy") {
        faults.push("doors.open: ext_proc is not in this build (build it with the feature envoy)".to_owned());
    }
    if raw.tls && !has_tls {
        faults.push("doors.tls: there is no certificate (add [tls] with certificate and key)".to_owned());
    }
    let Some(channel) = Channel::parse(&raw.channel) else {
        faults.push("doors.channel: direct or partner".to_owned());
        return None;
    };
    Some(Doors {
        listen: raw.listen,
        open: raw.open.clone(),
        token: raw.token.as_ref().map(|path| folder.join(path)),
        tls: raw.tls,
        failure: raw.failure,
        channel,
        unseen_is_everything: raw.unseen != Some(Unseen::Nothing),
    })
}
