//! What the configurations of long-running parts are in need of.

use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::net::ToSocketAddrs;
use std::path::Path;
use std::time::Duration;

use crate::commands::doctor::data;
use crate::commands::doctor::finding::Finding;

/// How long an upstream may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(3);

/// Looks at a configuration of the live engine.
#[cfg(feature = "watch")]
pub fn watch_file(path: &Path) -> Vec<Finding> {
    match watch::Settings::read(path) {
        Ok(settings) => watch_settings(&settings),
        Err(error) => vec![Finding::wrong("watch", error.to_string())],
    }
}

#[cfg(feature = "watch")]
fn watch_settings(settings: &watch::Settings) -> Vec<Finding> {
    let mut findings = vec![Finding::well("watch", "its configuration is fit")];
    if settings.data_dir.is_dir() {
        findings.extend(data::data_dir(&settings.data_dir));
    } else {
        findings.push(made_when_needed("data directory", &settings.data_dir));
    }
    for (what, place) in [("results", &settings.found), ("verdicts", &settings.snapshot)] {
        findings.push(made_when_needed(what, place));
    }
    findings.extend(settings.listen.map(|listen| port("watch listens", listen)));
    for follow in settings.follow.iter().filter(|follow| !follow.path.contains("://") && !follow.path.contains('*')) {
        let is_there = Path::new(&follow.path).exists();
        let text = format!("{} is not there yet (it is read once it is; check the path)", follow.path);
        findings.push(if is_there {
            Finding::well("follows", &follow.path)
        } else {
            Finding::warning("follows", text)
        });
    }
    findings
}

/// Something that is made when it is needed: can it be?
#[cfg(feature = "watch")]
fn made_when_needed(what: &str, place: &Path) -> Finding {
    let there = place.ancestors().skip(1).find(|folder| folder.as_os_str().is_empty() || folder.is_dir());
    let there = there.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    data::folder(what, there)
}

/// Looks at a configuration of the gate.
#[cfg(feature = "gate")]
pub fn gate_file(path: &Path) -> Vec<Finding> {
    match gate::Config::read(path) {
        Ok(config) => gate_config(&config),
        Err(error) => vec![Finding::wrong("gate", error.to_string())],
    }
}

#[cfg(feature = "gate")]
fn gate_config(config: &gate::Config) -> Vec<Finding> {
    let mut findings = match gate::check(config) {
        Ok(notes) if notes.is_empty() => vec![Finding::well("gate", "its configuration is fit")],
        Ok(notes) => notes.into_iter().map(|note| Finding::warning("gate", note)).collect(),
        Err(error) => vec![Finding::wrong("gate", error.to_string())],
    };
    findings.push(port("gate listens", config.listen));
    findings.extend(config.admin.map(|admin| port("gate's admin", admin)));
    findings.extend(config.doors.as_ref().map(|doors| port("gate's doors", doors.listen)));
    findings.extend(config.routes.iter().map(|route| upstream(&route.path, &route.upstream.to_string())));
    let spool = config.spool.as_ref().map(|spool| spool.folder.as_path());
    findings.extend(spool.filter(|folder| folder.is_dir()).map(|folder| data::folder("spool", folder)));
    findings
}

/// Looks at a configuration of all of them.
#[cfg(all(feature = "gate", feature = "watch", feature = "console"))]
pub fn up_file(path: &Path) -> Vec<Finding> {
    match crate::commands::up::read(path) {
        Ok(plan) => {
            let mut findings = watch_settings(&plan.watch);
            findings.extend(gate_config(&plan.gate));
            match plan.listen.parse() {
                Ok(listen) => findings.push(port("API listens", listen)),
                Err(_) => findings.push(Finding::wrong(
                    "API listens",
                    format!("{} is no address (for example 127.0.0.1:8480)", plan.listen),
                )),
            }
            findings
        }
        Err(failure) => vec![Finding::wrong("up", failure.to_string())],
    }
}

/// Whether an address can be listened to.
fn port(what: &str, address: SocketAddr) -> Finding {
    match TcpListener::bind(address) {
        Ok(_) => Finding::well(what, format!("{address} is free")),
        Err(error) => Finding::wrong(
            what,
            format!("{address} cannot be listened to: {error} (end what listens there, or set another address)"),
        ),
    }
}

/// Whether an upstream accepts connections.
#[cfg(feature = "gate")]
fn upstream(path: &str, place: &str) -> Finding {
    let what = format!("upstream {path}");
    let (rest, usual) = match place.split_once("://") {
        Some(("https", rest)) => (rest, 443),
        Some((_, rest)) => (rest, 80),
        None => (place, 443),
    };
    let host = rest.split('/').next().unwrap_or_default();
    let host = if host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
        host.to_owned()
    } else {
        format!("{host}:{usual}")
    };
    let addresses = match host.to_socket_addrs() {
        Ok(addresses) => addresses,
        Err(error) => {
            return Finding::wrong(
                &what,
                format!("{host} is not known here: {error} (check the name and this machine's resolver)"),
            );
        }
    };
    let reached = addresses.map(|address| TcpStream::connect_timeout(&address, PATIENCE)).find(Result::is_ok);
    match reached {
        Some(_) => Finding::well(&what, format!("{host} accepts connections")),
        None => {
            Finding::wrong(&what, format!("{host} accepts no connection (is it up, and may this machine reach it?)"))
        }
    }
}
