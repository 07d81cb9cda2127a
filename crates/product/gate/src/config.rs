//! The configuration of a gate: one TOML file.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use crate::config_budgets::BudgetSharing;
use crate::config_budgets::budget_sharing;
use crate::config_budgets::fault_of_toml;
use crate::config_doors::Doors;
use crate::config_doors::doors;
use crate::config_raw::Raw;
use crate::config_raw::Span;
use crate::error::Error;
use crate::mode::Caps;
use crate::mode::FailureMode;
use crate::mode::GateMode;
use http::Uri;
use ipnet::IpNet;
use policy::Channel;

/// What a gate does. Made from a file by [`Config::read`].
#[derive(Debug, Clone)]
pub struct Config {
    /// Where callers connect.
    pub listen: SocketAddr,
    /// Where metrics and readiness are served.
    pub admin: Option<SocketAddr>,
    /// Threads that serve, each with connections of its own.
    pub cores: usize,
    /// Whether decisions act.
    pub mode: GateMode,
    /// File of the secret from which the key of all hashes comes.
    pub secret: PathBuf,
    /// Certificate and key, where callers connect by TLS.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Certificates of authorities that sign the upstream's, beside those of the system.
    pub upstream_ca: Option<PathBuf>,
    /// Where requests go, the longest path first.
    pub routes: Vec<Route>,
    /// Who is asking.
    pub accounts: Accounts,
    /// Whose words about a caller are believed.
    pub hops: Hops,
    /// Folder of rules; without one everything is served.
    pub policy: Option<PathBuf>,
    /// File of the verdict snapshot.
    pub snapshot: Option<PathBuf>,
    /// Age from which a snapshot no longer counts.
    pub snapshot_max_age: Option<Duration>,
    /// Bounds.
    pub limits: Limits,
    /// What answers may reveal to everybody.
    pub everyone: Caps,
    /// What answers may reveal to accounts that a rule limits.
    pub limited: Caps,
    /// Where a refused caller may ask why.
    pub link: String,
    /// The server over which budgets are shared with other gates.
    pub budgets: Option<BudgetSharing>,
    /// Where exchanges are written.
    pub spool: Option<SpoolConfig>,
    /// Where other gateways ask for a decision.
    pub doors: Option<Doors>,
    /// Folder for the records of refusals, limits, failures, and of what rules in shadow would refuse.
    pub decisions: Option<PathBuf>,
}

/// Where requests with a path go.
#[derive(Debug, Clone)]
pub struct Route {
    /// How their paths begin.
    pub path: String,
    /// Scheme and authority; a path of it comes before that of the request.
    pub upstream: Uri,
    /// What happens where no decision can be made.
    pub failure: FailureMode,
    /// The way that its requests come.
    pub channel: Channel,
}

/// How the account of a request is found.
#[derive(Debug, Clone, Default)]
pub struct Accounts {
    /// File of keys.
    pub keys: Option<PathBuf>,
    /// Whether a key that is not in the file is refused, and not an account by itself.
    pub refuse_unknown: bool,
    /// Header with the account, believed from trusted hops only.
    pub header: Option<String>,
    /// Account records: what of an account was verified.
    pub records: Option<PathBuf>,
}

/// Whose words about a caller are believed.
#[derive(Debug, Clone)]
pub struct Hops {
    /// Networks of the proxies before the gate.
    pub trusted: Vec<IpNet>,
    /// Header in which they name the addresses before them.
    pub address_header: String,
    /// Header in which they name the country of the caller's network.
    pub country_header: Option<String>,
    /// Header in which they name the JA4 fingerprint.
    pub ja4_header: Option<String>,
}

/// Bounds of memory and time.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Most connections at a time, of each thread.
    pub connections: usize,
    /// Most requests at a time, of all threads.
    pub in_flight: usize,
    /// Most requests at a time of one account.
    pub in_flight_per_account: u32,
    /// Most bytes of the headers of a request.
    pub header_bytes: usize,
    /// Most headers of a request.
    pub headers: usize,
    /// Most streams at a time of one connection of HTTP/2.
    pub streams: u32,
    /// Most bytes of a request's body that are looked at.
    pub inspect_bytes: usize,
    /// Most bytes of an answer that are kept to be written down.
    pub capture_bytes: usize,
    /// Most bytes of requests and answers that are kept at a time, of all threads.
    pub held_bytes: usize,
    /// Time for the headers of a request; also how long a connection may be idle.
    pub header_timeout: Duration,
    /// Time between two pieces of a request's body.
    pub body_timeout: Duration,
    /// Time until the upstream begins to answer.
    pub answer_timeout: Duration,
    /// Time between two pieces of an answer.
    pub token_timeout: Duration,
    /// Time that streams have to end when the gate is stopped.
    pub drain: Duration,
}

/// How exchanges are written.
#[derive(Debug, Clone)]
pub struct SpoolConfig {
    /// The folder.
    pub folder: PathBuf,
    /// Size at which a file is ended.
    pub file_bytes: u64,
    /// Age at which a file is ended.
    pub file_age: Duration,
    /// Most exchanges that wait to be written.
    pub queue: usize,
    /// Whether prompts and answers are written.
    pub texts: bool,
    /// Whether keys, addresses and end users are written as they are, and not as keyed hashes.
    pub clear_identifiers: bool,
}

/// The longest file of settings, in bytes.
const MAX_BYTES: u64 = 1 << 20;

impl Config {
    /// Reads and checks a file. Paths in it are relative to its folder.
    ///
    /// # Errors
    /// [`Error`] with every fault: the key, and how to mend it.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = record::read_text_file(path, MAX_BYTES)
            .map_err(|error| Error::config(vec![format!("{} cannot be read: {error}", path.display())]))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder).map_err(|error| {
            let place = |fault: &String| format!("{}: {fault}", path.display());
            Error::config(error.faults().iter().map(place).collect())
        })
    }

    /// Checks the text of a file; `folder` is what its paths are relative to.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn parse(text: &str, folder: &Path) -> Result<Self, Error> {
        let raw: Raw = toml::from_str(text).map_err(|error| Error::config(vec![fault_of_toml(&error, text)]))?;
        let mut faults = Vec::new();
        let routes = routes(&raw, &mut faults);
        let limits = limits(&raw, &mut faults);
        let trusted = networks(&raw.hops.trusted, &mut faults);
        let path = |text: &PathBuf| folder.join(text);
        let tls = raw.tls.as_ref().map(|tls| (path(&tls.certificate), path(&tls.key)));
        let cores = raw.cores.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
        if cores == 0 || cores > 1024 {
            faults.push("cores: between 1 and 1024".to_owned());
        }
        callers(&raw, &trusted, &mut faults);
        let spool = raw.spool.as_ref().map(|spool| SpoolConfig {
            folder: path(&spool.folder),
            file_bytes: spool.file_bytes.max(4096),
            file_age: spool.file_age.read("spool.file_age", &mut faults),
            queue: spool.queue.clamp(1, 1 << 20),
            texts: spool.texts,
            clear_identifiers: spool.identifiers.are_clear(),
        });
        let snapshot_max_age = raw.verdicts.max_age.as_ref().map(|age| age.read("verdicts.max_age", &mut faults));
        let doors = raw.doors.as_ref().and_then(|raw_doors| doors(raw_doors, tls.is_some(), folder, &mut faults));
        let budgets = raw.budgets.as_ref().map(|budgets| budget_sharing(budgets, &mut faults));
        let config = Self {
            listen: raw.listen,
            admin: raw.admin,
            cores,
            mode: raw.mode,
            secret: path(&raw.secret),
            tls,
            upstream_ca: raw.upstream_ca.as_ref().map(path),
            routes,
            accounts: Accounts {
                keys: raw.accounts.keys.as_ref().map(path),
                refuse_unknown: raw.accounts.unknown.refuses(),
                header: raw.accounts.header.as_ref().map(|name| name.to_ascii_lowercase()),
                records: raw.accounts.records.as_ref().map(path),
            },
            hops: Hops {
                trusted,
                address_header: raw.hops.address_header.to_ascii_lowercase(),
                country_header: raw.hops.country_header.as_ref().map(|name| name.to_ascii_lowercase()),
                ja4_header: raw.hops.ja4_header.as_ref().map(|name| name.to_ascii_lowercase()),
            },
            policy: raw.policy.folder.as_ref().map(path),
            snapshot: raw.verdicts.snapshot.as_ref().map(path),
            snapshot_max_age,
            limits,
            everyone: raw.information.everyone,
            limited: raw.information.limited,
            link: raw.refusals.link.clone(),
            budgets,
            spool,
            doors,
            decisions: raw.decisions.folder.as_ref().map(path),
        };
        if faults.is_empty() { Ok(config) } else { Err(Error::config(faults)) }
    }
}

fn routes(raw: &Raw, faults: &mut Vec<String>) -> Vec<Route> {
    let mut routes = BTreeMap::new();
    for (place, route) in raw.routes.iter().enumerate() {
        let key = |name: &str| format!("routes[{place}].{name}");
        if !route.path.starts_with('/') {
            faults.push(format!("{}: a path begins with /", key("path")));
        }
        let upstream: Uri = match route.upstream.parse() {
            Ok(uri) => uri,
            Err(error) => {
                faults.push(format!("{}: {error} (write it as https://HOST)", key("upstream")));
                continue;
            }
        };
        let is_http = upstream.scheme_str().is_some_and(|scheme| scheme == "http" || scheme == "https");
        if !is_http || upstream.authority().is_none() || upstream.query().is_some() {
            faults.push(format!("{}: write it as https://HOST or http://HOST:PORT", key("upstream")));
        }
        let Some(channel) = Channel::parse(&route.channel) else {
            faults.push(format!("{}: direct or partner", key("channel")));
            continue;
        };
        let route = Route { path: route.path.clone(), upstream, failure: route.failure, channel };
        if routes.insert(route.path.clone(), route).is_some() {
            faults.push(format!("{}: the path is there twice", key("path")));
        }
    }
    if routes.is_empty() && faults.is_empty() && raw.doors.is_none() {
        faults.push("routes: there are none (add [[routes]] with path and upstream)".to_owned());
    }
    let mut routes: Vec<Route> = routes.into_values().collect();
    // The longest path that fits decides.
    routes.sort_by_key(|route| std::cmp::Reverse(route.path.len()));
    routes
}

/// What is said of callers must fit together.
fn callers(raw: &Raw, trusted: &[IpNet], faults: &mut Vec<String>) {
    if raw.accounts.header.is_some() && trusted.is_empty() {
        faults.push("accounts.header: nobody is trusted to set it (name their networks in hops.trusted)".to_owned());
    }
    if raw.accounts.unknown.refuses() && raw.accounts.keys.is_none() {
        faults.push("accounts.unknown: \"refuse\" needs accounts.keys".to_owned());
    }
    for (key, name) in [
        ("accounts.header", raw.accounts.header.as_deref()),
        ("hops.address_header", Some(raw.hops.address_header.as_str())),
        ("hops.country_header", raw.hops.country_header.as_deref()),
        ("hops.ja4_header", raw.hops.ja4_header.as_deref()),
    ] {
        if name.is_some_and(|name| http::HeaderName::try_from(name).is_err()) {
            faults.push(format!("{key}: this is no name of a header"));
        }
    }
}

fn networks(texts: &[String], faults: &mut Vec<String>) -> Vec<IpNet> {
    let read = |text: &String| {
        let one = || text.parse().map(|address: std::net::IpAddr| IpNet::from(address));
        text.parse::<IpNet>()
            .or_else(|_| one())
            .map_err(|_| format!("hops.trusted: {text:?} is no network, such as 10.0.0.0/8"))
    };
    texts.iter().filter_map(|text| read(text).map_err(|fault| faults.push(fault)).ok()).collect()
}

fn limits(raw: &Raw, faults: &mut Vec<String>) -> Limits {
    let limits = &raw.limits;
    let mut time = |name: &str, span: &Span| span.read(&format!("limits.{name}"), faults);
    let read = Limits {
        connections: limits.connections,
        in_flight: limits.in_flight,
        in_flight_per_account: limits.in_flight_per_account,
        header_bytes: limits.header_bytes,
        headers: limits.headers,
        streams: limits.streams,
        inspect_bytes: limits.inspect_bytes,
        capture_bytes: limits.capture_bytes,
        held_bytes: limits.held_bytes,
        header_timeout: time("header_timeout", &limits.header_timeout),
        body_timeout: time("body_timeout", &limits.body_timeout),
        answer_timeout: time("answer_timeout", &limits.answer_timeout),
        token_timeout: time("token_timeout", &limits.token_timeout),
        drain: time("drain", &limits.drain),
    };
    let positive = [
        ("connections", read.connections),
        ("in_flight", read.in_flight),
        ("in_flight_per_account", read.in_flight_per_account as usize),
        ("headers", read.headers),
        ("streams", read.streams as usize),
        ("inspect_bytes", read.inspect_bytes),
        ("capture_bytes", read.capture_bytes),
    ];
    faults.extend(
        positive.iter().filter(|(_, number)| *number == 0).map(|(name, _)| format!("limits.{name}: 1 or more")),
    );
    if read.header_bytes < 8192 {
        faults.push("limits.header_bytes: 8192 or more".to_owned());
    }
    read
}
