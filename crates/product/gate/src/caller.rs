//! Who asks: the account, the key, the address.

use std::net::IpAddr;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::header::USER_AGENT;
use sketch::HashKey;

use crate::config::Config;
use crate::hops::client_address;
use crate::hops::is_trusted;
use crate::keys::KeyHash;
use crate::keys::Keys;
use crate::refusal::Refusal;

/// The account of who shows no key: nobody in particular.
const NOBODY: &str = "anonymous";
/// Headers that hold a key, beside `Authorization`.
const KEY_HEADERS: [&str; 3] = ["x-api-key", "api-key", "x-goog-api-key"];
/// Longest name of an account.
const MAX_ACCOUNT_BYTES: usize = 256;

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The account.
    pub(crate) account: String,
    /// The keyed hash of its key.
    pub(crate) key: Option<String>,
    /// The address.
    pub(crate) address: IpAddr,
    /// Two-letter code of the place of the network, in capitals.
    pub(crate) country: Option<[u8; 2]>,
    /// Fingerprint of its TLS.
    pub(crate) ja4: Option<String>,
    /// What it says that it is.
    pub(crate) user_agent: Option<String>,
}

impl Caller {
    /// Who a gateway says asks; nobody in particular where it does not say.
    pub(crate) fn named(account: Option<String>, address: IpAddr) -> Self {
        let account = account.unwrap_or_else(|| NOBODY.to_owned());
        Self { account, key: None, address, country: None, ja4: None, user_agent: None }
    }

    /// Who sent these headers, and why that cannot be told where it cannot; the caller is then nobody.
    pub(crate) fn of(
        config: &Config,
        hashes: &HashKey,
        keys: &Keys,
        peer: IpAddr,
        headers: &HeaderMap,
    ) -> (Self, Option<Refusal>) {
        let hops = &config.hops;
        let is_believed = is_trusted(peer, &hops.trusted);
        let told = |name: &Option<String>| {
            let value = headers.get(name.as_deref().filter(|_| is_believed)?)?;
            value.to_str().ok().map(str::trim).filter(|value| !value.is_empty() && value.len() <= MAX_ACCOUNT_BYTES)
        };
        let mut caller = Self {
            account: NOBODY.to_owned(),
            key: None,
            address: client_address(peer, headers, &hops.address_header, &hops.trusted),
            country: told(&hops.country_header).and_then(country),
            ja4: told(&hops.ja4_header).map(str::to_owned),
            user_agent: headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).map(str::to_owned),
        };
        let secret = match secret(headers) {
            Ok(secret) => secret,
            Err(refusal) => return (caller, Some(refusal)),
        };
        let key = secret.map(|secret| KeyHash::of(hashes, secret));
        caller.key = key.map(KeyHash::name);
        let is_twice = |name: &String| headers.get_all(name.as_str()).iter().nth(1).is_some();
        if is_believed && config.accounts.header.as_ref().is_some_and(is_twice) {
            // A hop that adds a header beside the caller's own would let the caller choose.
            let text = "The request says twice which account asks.";
            return (caller, Some(Refusal::new(400, "two_accounts", text)));
        }
        if let Some(account) = told(&config.accounts.header) {
            caller.account = account.to_owned();
            return (caller, None);
        }
        match (key.and_then(|key| keys.account(key)), key) {
            (Some(account), _) => caller.account = account.to_owned(),
            (None, _) if config.accounts.refuse_unknown => {
                let refusal = Refusal::new(401, "unknown_key", "The API key is not known here.");
                return (caller, Some(refusal));
            }
            (None, Some(key)) => caller.account = key.name(),
            (None, None) => {}
        }
        (caller, None)
    }
}

/// The key that a request shows. Two different ones are refused: which of them the upstream would take is not known.
fn secret(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let bearer = |value: &'_ str| -> Option<usize> {
        let scheme = value.get(..7)?;
        scheme.eq_ignore_ascii_case("bearer ").then_some(7)
    };
    let mut found: Option<&str> = None;
    let names = std::iter::once(AUTHORIZATION.as_str()).chain(KEY_HEADERS);
    for (name, value) in names.flat_map(|name| headers.get_all(name).iter().map(move |value| (name, value))) {
        let Ok(text) = value.to_str() else {
            return Err(Refusal::new(400, "unreadable_key", "The API key holds characters that no key has."));
        };
        let scheme = bearer(text);
        let text = text.get(scheme.unwrap_or(0)..).unwrap_or(text).trim();
        // Other schemes have commas of their own, but none has a bearer's key after one.
        let is_joined = || {
            let is_list = scheme.is_some() || name != AUTHORIZATION;
            text.contains(',') && (is_list || text.split(',').any(|part| bearer(part.trim_start()).is_some()))
        };
        match found {
            _ if text.is_empty() => {}
            // A gateway may have joined two headers of one name (RFC 9110, 5.3).
            _ if is_joined() => return Err(two_keys()),
            Some(other) if other != text => return Err(two_keys()),
            Some(_) => {}
            None => found = Some(text),
        }
    }
    Ok(found)
}

fn two_keys() -> Refusal {
    Refusal::new(400, "two_keys", "The request shows two different API keys. Send one.")
}

fn country(text: &str) -> Option<[u8; 2]> {
    let code: [u8; 2] = text.as_bytes().try_into().ok()?;
    code.iter().all(u8::is_ascii_alphabetic).then(|| code.map(|byte| byte.to_ascii_uppercase()))
}
