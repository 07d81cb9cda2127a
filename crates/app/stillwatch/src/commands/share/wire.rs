//! `stillwatch share psi serve` and `stillwatch share psi with`: the same three messages over HTTP.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::post;
use console::Server;
use intersection::Answerer;
use intersection::Outcome;
use peer::Client;
use tokio::sync::mpsc;

use crate::cli::PsiServeArguments;
use crate::cli::PsiWithArguments;
use crate::commands::served;
use crate::commands::share::compared::let_leave;
use crate::commands::share::compared::tell_outcome;
use crate::commands::share::compared::threads;
use crate::commands::share::compared::values;
use crate::commands::share::token;
use crate::exit::Failure;
use crate::terminal;

const OFFER: &str = "/psi/offer";
const CLOSING: &str = "/psi/closing";
/// How long the other side may reckon.
const PATIENCE: Duration = Duration::from_secs(600);
/// How often a closing is sent that does not arrive.
const TIMES: u32 = 3;
/// How long the last answer may take to be sent.
const GRACE: Duration = Duration::from_secs(1);

/// `stillwatch share psi with`.
pub fn with(arguments: &PsiWithArguments) -> Result<(), Failure> {
    let token = arguments.token_file.as_deref().map(token::read).transpose()?;
    let authorization = token.map(|token| format!("Bearer {token}"));
    let client = Client::new(&arguments.url, arguments.tls_ca.as_deref(), authorization.as_deref())?;
    let values = values(&arguments.own)?;
    let (mut starter, offer) = intersection::start(&values, threads())?;
    let_leave(&arguments.own, values.len())?;
    let answer = client.ask(&sent(OFFER, offer))?;
    let (outcome, closing) = starter.finish(&answer.body, threads())?;
    drop(starter);
    let mut sending = client.ask(&sent(CLOSING, closing.clone()));
    for _ in 1..TIMES {
        if sending.as_ref().is_err_and(|error| error.kind() == peer::ErrorKind::Unreached) {
            sending = client.ask(&sent(CLOSING, closing.clone()));
        }
    }
    tell_outcome(&outcome, None, arguments.own.json)?;
    sending.map(drop).map_err(|error| {
        let told = "the closing did not arrive, so that the other provider does not know what is common";
        Failure::Other(format!("{told}: {error}"))
    })
}

fn sent(path: &str, body: Vec<u8>) -> peer::Ask<'_> {
    let most = intersection::MAX_MESSAGE_BYTES;
    peer::Ask { method: peer::Method::POST, path, accept: "application/octet-stream", body, most, patience: PATIENCE }
}

/// `stillwatch share psi serve`.
pub fn serve(arguments: &PsiServeArguments) -> Result<(), Failure> {
    let token = arguments.token_file.as_deref().map(token::read).transpose()?;
    let tls = served::tls(arguments.tls_cert.as_deref(), arguments.tls_key.as_deref());
    let no_token = "no token is asked for, so that anybody could compare: give --token-file, or listen on 127.0.0.1";
    let server = Server::guarded(&arguments.listen, tls.as_ref(), || Ok(token.is_none().then_some(no_token)))?;
    let values = values(&arguments.own)?;
    let_leave(&arguments.own, values.len())?;
    let runtime = served::runtime()?;
    let (done, mut outcome) = mpsc::channel(1);
    let session = Arc::new(Session { values, token, step: Mutex::new(Step::Waiting), done });
    let router = Router::new().route(OFFER, post(offered)).route(CLOSING, post(closed)).with_state(session);
    let outcome = runtime.block_on(async {
        let listening = server.bind().await?;
        let scheme = served::scheme(tls.as_ref());
        terminal::note(&format!("waiting for one comparison at {scheme}://{}", listening.address));
        let mut told = None;
        let ended = async {
            told = outcome.recv().await;
            // What is being answered is cut off at the end.
            tokio::time::sleep(GRACE).await;
        };
        listening.serve_plain(router, ended).await;
        Ok::<_, console::Error>(told)
    })?;
    let Some(outcome) = outcome else { return Err(Failure::Other("it ended before the comparison did".to_owned())) };
    tell_outcome(&outcome, None, arguments.own.json)
}

/// One comparison that is waited for.
struct Session {
    values: BTreeSet<Vec<u8>>,
    token: Option<String>,
    step: Mutex<Step>,
    done: mpsc::Sender<Outcome>,
}

enum Step {
    Waiting,
    /// The offer, and what was made of it.
    Answered(Bytes, Box<(Answerer, Bytes)>),
    /// The closing that ended it.
    Closed(Bytes),
}

async fn offered(State(session): State<Arc<Session>>, request: Request) -> Response {
    in_turn(session, request, |session, step, offer| match step {
        Step::Answered(known, made) if *known == offer => Ok(made.1.clone()),
        Step::Waiting => {
            let (answerer, answer) = intersection::answer(&session.values, &offer, threads()).map_err(refused)?;
            let answer = Bytes::from(answer);
            *step = Step::Answered(offer, Box::new((answerer, answer.clone())));
            Ok(answer)
        }
        _ => Err((StatusCode::CONFLICT, "another comparison is under way, and one is served (serve again)".to_owned())),
    })
    .await
}

async fn closed(State(session): State<Arc<Session>>, request: Request) -> Response {
    in_turn(session, request, |session, step, closing| match step {
        Step::Closed(known) if *known == closing => Ok(Bytes::new()),
        Step::Answered(_, made) => {
            let outcome = made.0.finish(&closing, threads()).map_err(refused)?;
            *step = Step::Closed(closing);
            // There is room for one, and one is sent.
            let _ = session.done.try_send(outcome);
            Ok(Bytes::new())
        }
        _ => Err((StatusCode::CONFLICT, "no comparison is at this step (send an offer first)".to_owned())),
    })
    .await
}

type Answered = Result<Bytes, (StatusCode, String)>;

/// Does one step after another, on a thread that may reckon for long.
async fn in_turn(
    session: Arc<Session>,
    request: Request,
    work: impl FnOnce(&Session, &mut Step, Bytes) -> Answered + Send + 'static,
) -> Response {
    // Before anything of the message takes memory.
    if !session.token.as_deref().is_none_or(|token| token::has(request.headers(), token)) {
        return (StatusCode::UNAUTHORIZED, "the token is missing, or is another (--token-file)").into_response();
    }
    let Ok(message) = to_bytes(request.into_body(), intersection::MAX_MESSAGE_BYTES).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "the message ends early, or is too long").into_response();
    };
    let done = tokio::task::spawn_blocking(move || {
        let mut step = session.step.lock().unwrap_or_else(PoisonError::into_inner);
        work(&session, &mut step, message)
    });
    match done.await {
        Ok(Ok(bytes)) => ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response(),
        Ok(Err((status, text))) => (status, text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn refused(error: intersection::Error) -> (StatusCode, String) {
    let status = match error.kind() {
        intersection::ErrorKind::Refused => StatusCode::UNPROCESSABLE_ENTITY,
        intersection::ErrorKind::Mixed => StatusCode::CONFLICT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, error.to_string())
}
