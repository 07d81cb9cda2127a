//! `stillwatch share serve` and `stillwatch share fetch`: TAXII 2.1.

use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use ::taxii::Answer;
use ::taxii::Collection;
use ::taxii::Error;
use ::taxii::MEDIA_TYPE;
use ::taxii::Place;
use axum::Router;
use axum::extract::Query;
use axum::extract::Request;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use console::Server;
use peer::Client;

use crate::cli::ShareFetchArguments;
use crate::cli::ShareServeArguments;
use crate::commands::served;
use crate::commands::share::common::check_data_dir;
use crate::commands::share::common::now;
use crate::commands::share::common::take_in;
use crate::commands::share::token;
use crate::exit::Failure;
use crate::terminal;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A group, and the token that it shows.
struct Group {
    name: String,
    token: Option<String>,
}

/// What is served to whom.
struct Served {
    data_dir: PathBuf,
    groups: Vec<Group>,
}

/// `stillwatch share serve`.
pub fn serve(arguments: &ShareServeArguments) -> Result<ExitCode, Failure> {
    check_data_dir(&arguments.data_dir)?;
    let groups = arguments.with.iter().map(|text| group(text)).collect::<Result<Vec<_>, _>>()?;
    let is_open = groups.iter().any(|group| group.token.is_none());
    if is_open && groups.len() > 1 {
        let text = "each of several groups needs a token, by which it is known: --with NAME=FILE";
        return Err(Failure::Usage(text.to_owned()));
    }
    let tls = served::tls(arguments.tls_cert.as_deref(), arguments.tls_key.as_deref());
    let no_token = "no token is asked for, so that anybody could read: give --with NAME=FILE, or listen on 127.0.0.1";
    let server = Server::guarded(&arguments.listen, tls.as_ref(), || Ok(is_open.then_some(no_token)))?;
    let served = Arc::new(Served { data_dir: arguments.data_dir.clone(), groups });
    // What cannot be read is told before anybody asks.
    for group in &served.groups {
        let objects = collection(&served.data_dir, &group.name)?.len();
        terminal::note(&format!("{}: {objects} objects", group.name));
    }
    let router = Router::new().fallback(asked).with_state(served);
    let runtime = served::runtime()?;
    let stopped = served::stopped()?;
    runtime.block_on(async {
        let listening = server.bind().await?;
        let scheme = served::scheme(tls.as_ref());
        terminal::print(&format!("listening on {scheme}://{}", listening.address));
        listening.serve_plain(router, stopped).await;
        Ok::<_, console::Error>(())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A group of `--with NAME` or `--with NAME=FILE`.
fn group(text: &str) -> Result<Group, Failure> {
    let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
    let token = file.map(|file| token::read(Path::new(file))).transpose()?;
    Ok(Group { name: name.trim().to_owned(), token })
}

fn collection(data_dir: &Path, group: &str) -> Result<Collection, sharing::Error> {
    let objects = sharing::published(data_dir, group)?;
    let description = format!("What was shared with {group}.");
    Ok(Collection::new(&sharing::collection_id(group), group, &description, objects))
}

async fn asked(State(served): State<Arc<Served>>, request: Request) -> Response {
    let is_for = |group: &&Group| group.token.as_deref().is_none_or(|token| token::has(request.headers(), token));
    let Some(group) = served.groups.iter().find(is_for) else {
        let asks = [(header::WWW_AUTHENTICATE, "Basic realm=\"sharing\"")];
        return (asks, response(refusal(401, "the token is missing, or is another"))).into_response();
    };
    let Ok(Query(parameters)) = Query::<Vec<(String, String)>>::try_from_uri(request.uri()) else {
        return response(refusal(400, "the parameters cannot be read"));
    };
    let (name, data_dir) = (group.name.clone(), served.data_dir.clone());
    // What was exported since is there at once.
    let read = tokio::task::spawn_blocking(move || collection(&data_dir, &name)).await;
    let collection = match read {
        Ok(Ok(collection)) => collection,
        Ok(Err(error)) => {
            terminal::error(&error.to_string());
            return response(refusal(500, "what was shared cannot be read"));
        }
        Err(_) => return response(refusal(500, "what was shared cannot be read")),
    };
    let accept = request.headers().get(header::ACCEPT).map(|value| value.to_str().unwrap_or("unreadable"));
    response(::taxii::answer(
        &[collection],
        &::taxii::Request {
            method: request.method().as_str(),
            path: request.uri().path(),
            parameters: &parameters,
            accept,
        },
    ))
}

fn refusal(status: u16, title: &str) -> Answer {
    let body = serde_json::json!({ "title": title, "http_status": status.to_string() });
    Answer { status, body, added: None }
}

fn response(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], answer.body.to_string()).into_response();
    if let Some((first, last)) = answer.added {
        for (name, value) in [("x-taxii-date-added-first", first), ("x-taxii-date-added-last", last)] {
            if let Ok(value) = value.parse() {
                response.headers_mut().insert(name, value);
            }
        }
    }
    response
}

/// `stillwatch share fetch`.
pub fn fetch(arguments: &ShareFetchArguments) -> Result<ExitCode, Failure> {
    check_data_dir(&arguments.data_dir)?;
    let (origin, discovery) = place(&arguments.url);
    let token = arguments.token_file.as_deref().map(token::read).transpose()?;
    let authorization = token.map(|token| match &arguments.user {
        Some(user) => ::taxii::basic(user, &token),
        None => format!("Bearer {token}"),
    });
    let client = Client::new(origin, arguments.tls_ca.as_deref(), authorization.as_deref())?;
    let mut ask = |path: &str| {
        let body = Vec::new();
        let most = sharing::MAX_BYTES;
        let ask = peer::Ask { method: peer::Method::GET, path, accept: MEDIA_TYPE, body, most, patience: PATIENCE };
        client.ask(&ask).map(|told| told.body.to_vec()).map_err(|error| Error::unreached(&error))
    };
    let place = Place {
        discovery,
        origin,
        collection: arguments.collection.as_deref(),
        added_after: arguments.added_after.as_deref(),
        most_bytes: sharing::MAX_BYTES,
    };
    let fetched = ::taxii::fetch(&mut ask, &place).map_err(|error| Failure::Other(error.to_string()))?;
    for root in &fetched.passed_over {
        terminal::note(&format!("passed over: the API root {root}, which is another server's"));
    }
    if fetched.collections.is_empty() {
        return Err(Failure::Usage(format!("{} shows no collection that could be read", arguments.url)));
    }
    terminal::note(&format!("{} objects of {}", fetched.objects.len(), fetched.collections.join(", ")));
    let bundle = serde_json::json!({ "type": "bundle", "objects": fetched.objects });
    let inbound = sharing::parse(&arguments.from, &now(), bundle.to_string().as_bytes())?;
    take_in(&arguments.data_dir, &inbound, arguments.json)
}

/// The origin of an address, and its path where it has one.
fn place(url: &str) -> (&str, Option<&str>) {
    let authority = url.find("://").map_or(0, |at| at + 3);
    let path = url.get(authority..).and_then(|rest| rest.find('/')).map(|at| authority + at);
    let (origin, path) = path.and_then(|at| url.split_at_checked(at)).unwrap_or((url, ""));
    (origin, Some(path).filter(|path| path.len() > 1))
}
