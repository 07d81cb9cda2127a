//! How a store is asked. What a URL, the environment or a store's answer may hold beside what is needed, such as a
//! password, is kept out of errors.

use std::env;

use async_trait::async_trait;
use futures::StreamExt as _;
use object_store::ClientOptions;
use object_store::client::HttpClient;
use object_store::client::HttpConnector;
use object_store::client::HttpError;
use object_store::client::HttpRequest;
use object_store::client::HttpResponse;
use object_store::client::HttpResponseBody;
use object_store::client::HttpService;
use object_store::client::ReqwestConnector;

/// Bytes of an answer with an error that are read.
const MAX_ERROR_BYTES: usize = 64 * 1024;
/// Longest message of a store, in characters.
const MAX_MESSAGE_CHARS: usize = 300;
/// Longest name of a bucket.
const MAX_BUCKET_BYTES: usize = 63;

/// A URL without what stands before an `@`.
pub(super) fn redacted(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match host.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://…@{host}{path}"),
        None => url.to_owned(),
    }
}

/// Checks a bucket's name.
///
/// # Errors
/// Why it is none.
pub(super) fn check_bucket(bucket: &str) -> Result<(), String> {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    if (1..=MAX_BUCKET_BYTES).contains(&bucket.len()) && bucket.bytes().all(is_of_name) {
        return Ok(());
    }
    let reason = "the name of a bucket is of letters, digits, `.`, `-` and `_`";
    Err(if bucket.contains('@') {
        format!("{reason} (credentials come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and not in the URL)")
    } else {
        format!("{reason} (write s3://BUCKET/PATH)")
    })
}

/// Checks the addresses that the environment names, which the library takes as they are.
///
/// # Errors
/// Which one is wrong, without its value.
pub(super) fn check_environment() -> Result<(), String> {
    env::vars_os()
        .filter(|(name, _)| name.to_string_lossy().to_ascii_uppercase().starts_with("AWS_ENDPOINT"))
        .try_for_each(|(name, value)| {
            let value = value.to_string_lossy();
            check_endpoint(&value).map_err(|reason| format!("{} {reason}", name.to_string_lossy()))
        })
}

fn check_endpoint(value: &str) -> Result<(), String> {
    let host = value.strip_prefix("http://").or_else(|| value.strip_prefix("https://"));
    let host = host.ok_or("is no address (write it as https://HOST:PORT)")?;
    if host.contains('@') {
        return Err("holds a user name or a password (use AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)".to_owned());
    }
    let is_of_address = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:/[]%~".contains(&byte);
    if host.is_empty() || !host.bytes().all(is_of_address) {
        return Err("is no address (write it as https://HOST:PORT)".to_owned());
    }
    Ok(())
}

/// What a store's error says: of its answer only the code, since the rest may repeat the request with its keys.
pub(super) fn told(error: &str) -> String {
    const STATUS: &str = "status code: ";
    let told = match error.find(STATUS).map(|at| error.split_at(at + STATUS.len())) {
        Some((before, answer)) => {
            let (status, body) = answer.split_once(": ").unwrap_or((answer, ""));
            let code = body.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map(|(code, _)| code);
            let is_code = |code: &&str| code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
            code.filter(is_code).map_or_else(|| format!("{before}{status}"), |code| format!("{before}{status}: {code}"))
        }
        None => error.to_owned(),
    };
    match told.char_indices().nth(MAX_MESSAGE_CHARS) {
        Some((end, _)) => format!("{}…", told.get(..end).unwrap_or_default()),
        None => told,
    }
}

/// The library's client, with answers that tell of an error cut to a bound: it holds them whole.
#[derive(Debug, Default)]
pub(super) struct Bounded(ReqwestConnector);

impl HttpConnector for Bounded {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        self.0.connect(options).map(|client| HttpClient::new(BoundedService(client)))
    }
}

#[derive(Debug)]
struct BoundedService(HttpClient);

#[async_trait]
impl HttpService for BoundedService {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let answer = self.0.execute(request).await?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let (parts, body) = answer.into_parts();
        let (mut pieces, mut kept) = (body.bytes_stream(), Vec::new());
        while kept.len() < MAX_ERROR_BYTES
            && let Some(piece) = pieces.next().await
        {
            kept.extend_from_slice(&piece?);
        }
        kept.truncate(MAX_ERROR_BYTES);
        Ok(HttpResponse::from_parts(parts, HttpResponseBody::from(kept)))
    }
}

#[cfg(test)]
mod tests;
