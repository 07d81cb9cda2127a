use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::thread::JoinHandle;

use budget::Scope;
use budget::Standing;
use policy::Source;
use sketch::HashKey;

use super::super::messages::HeaderMap as Shown;
use super::super::messages::HeaderValue;
use super::*;
use crate::config::Config;
use crate::leases;
use crate::live::Live;
use crate::metrics::Metrics;
use crate::room::Memory;
use crate::traffic::Traffic;
use crate::writer;

/// A gate without listeners, with the shipped rules and a budget for everybody who is not verified.
fn gate(folder: &Path) -> (Arc<Shared>, JoinHandle<()>) {
    let rules = Source::shipped().with_live(|id| id == "caps.unverified");
    // Whenever the tests run, no rule has expired.
    let caps = rules.file("caps.cedar").unwrap().replace("2027-05-31", "2099-12-31");
    rules.with("caps.cedar", &caps).write(&folder.join("rules")).unwrap();
    let text = "listen = \"127.0.0.1:0\"\nmode = \"enforce\"\nsecret = \"secret\"\n[hops]\ntrusted = [\"127.0.0.1\"]\n\
                country_header = \"x-country\"\n[policy]\nfolder = \"rules\"\n[information.everyone]\nmax_n = 1\n\
                [doors]\nlisten = \"127.0.0.1:0\"\nopen = [\"ext_proc\"]\nfailure = \"closed\"\n\
                unseen = \"nothing\"\n";
    let config = Arc::new(Config::parse(text, folder).unwrap());
    let (metrics, hashes) = (Metrics::default(), HashKey::public());
    let budgets = Arc::new(leases::budgets(&config).unwrap());
    let (writer, handle) = writer::start(&config, &hashes, &budgets, &metrics).unwrap();
    let shared = Shared {
        live: Live::open(&config).unwrap(),
        config,
        hashes,
        budgets,
        leases: None,
        traffic: Arc::new(Traffic::new(10, 10)),
        metrics,
        writer,
        door_token: None,
        memory: Memory::new(1 << 20),
        is_draining: AtomicBool::new(false),
        id_prefix: "gate_".to_owned(),
        next_id: AtomicU64::new(0),
    };
    (Arc::new(shared), handle)
}

fn headers_of(pairs: &[(&str, &str)], end_of_stream: bool) -> HttpHeaders {
    let header = |(key, value): &(&str, &str)| HeaderValue {
        key: (*key).to_owned(),
        value: (*value).to_owned(),
        raw_value: Bytes::new(),
    };
    HttpHeaders { headers: Some(Shown { headers: pairs.iter().map(header).collect() }), end_of_stream }
}

/// The headers of a request from a country, without the end of the stream.
fn asked_from(country: &str) -> Step {
    let pairs = [
        (":method", "POST"),
        (":path", "/v1/chat/completions"),
        ("authorization", "Bearer sk-of-somebody"),
        ("x-country", country),
        ("x-forwarded-for", "198.51.100.7"),
    ];
    Step::RequestHeaders(headers_of(&pairs, false))
}

/// What is answered to each step, in modes of bodies.
async fn walk(shared: &Arc<Shared>, modes: [i32; 2], steps: Vec<Step>) -> Vec<Done> {
    let mut process = Process::new(Arc::clone(shared), IpAddr::from([127, 0, 0, 1]));
    let [request_body_mode, response_body_mode] = modes;
    let mut told = Vec::new();
    for step in steps {
        let protocol_config = Some(ProtocolConfiguration { request_body_mode, response_body_mode });
        let request = ProcessingRequest { request: Some(step), observability_mode: false, protocol_config };
        told.push(process.take(request).await.unwrap());
    }
    told
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn status(done: &Done) -> Option<i32> {
    if let Done::Immediate(refusal) = done { refusal.status.as_ref().map(|status| status.code) } else { None }
}

/// A request without a body, but with trailers, ends by these: it must not pass undecided.
#[test]
fn trailers_in_the_place_of_a_body_are_decided_on() {
    let folder = tempfile::tempdir().unwrap();
    let (shared, _) = gate(folder.path());
    let trailers = |country| vec![asked_from(country), Step::RequestTrailers(Trailers {})];
    let refused = run(walk(&shared, [BUFFERED, STREAMED], trailers("CU")));
    assert_eq!((status(&refused[0]), status(&refused[1])), (None, Some(403)), "{refused:?}");
    let served = run(walk(&shared, [BUFFERED, STREAMED], trailers("SG")));
    assert_eq!(served[1], Done::RequestTrailers(Trailers {}));
    let counted = shared.metrics.text().unwrap();
    assert!(counted.contains("door_requests_total{door=\"ext_proc\",decision=\"deny\"} 1"), "{counted}");
    // The same where the answer comes first.
    let answered = Step::ResponseHeaders(headers_of(&[(":status", "200")], true));
    let refused = run(walk(&shared, [BUFFERED, STREAMED], vec![asked_from("CU"), answered]));
    assert_eq!(status(&refused[1]), Some(403), "{refused:?}");
}

/// Envoy sends a whole body, and says that it is not the end of the stream, since trailers follow.
#[test]
fn a_whole_body_before_trailers_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let (shared, _) = gate(folder.path());
    let body = || HttpBody { body: Bytes::from_static(b"{\"model\":\"m\",\"n\":9}"), end_of_stream: false };
    let steps = || vec![asked_from("SG"), Step::RequestBody(body()), Step::RequestTrailers(Trailers {})];
    let told = run(walk(&shared, [BUFFERED, STREAMED], steps()));
    let Done::RequestBody(Processed { response: Some(response) }) = &told[1] else { panic!("{told:?}") };
    let mutation = response.body_mutation.as_ref().and_then(|body| body.mutation.clone());
    assert_eq!(mutation, Some(Mutation::Body(Bytes::from_static(b"{\"model\":\"m\",\"n\":1}"))));
    assert_eq!(told[2], Done::RequestTrailers(Trailers {}));
    // Of a body that may be cut nobody knows what it asks for.
    let told = run(walk(&shared, [BUFFERED_PARTIAL, STREAMED], steps()));
    assert_eq!(status(&told[1]), Some(400), "{told:?}");
}

/// Where Envoy does not show the body of the answer, what was reserved stays spent, and is counted.
#[test]
fn an_answer_that_is_not_shown_costs_what_was_estimated() {
    let folder = tempfile::tempdir().unwrap();
    let (shared, writer) = gate(folder.path());
    let body = HttpBody { body: Bytes::from_static(b"{\"model\":\"m\",\"max_tokens\":70}"), end_of_stream: true };
    let asked = || vec![asked_from("SG"), Step::RequestBody(body.clone())];
    let answered = |status: &str| Step::ResponseHeaders(headers_of(&[(":status", status)], false));
    for status in ["200", "500"] {
        run(walk(&shared, [BUFFERED, NONE], [asked(), vec![answered(status)]].concat()));
    }
    // Not even its status is shown.
    run(walk(&shared, [BUFFERED, NONE], asked()));
    shared.writer.end();
    writer.join().unwrap();
    let standings = shared.budgets.most_used(Some(Scope::Account), None, 10, now());
    let unverified = standings.iter().find(|standing| &*standing.key.budget == "unverified");
    let Some(Standing { used, reserved, .. }) = unverified else { panic!("{standings:?}") };
    // A quarter of the 29 bytes, and as many tokens as may come: of two requests, since the third was an error.
    assert_eq!((used.requests, used.tokens, reserved.tokens), (3, 2 * (70 + 29 / 4), 0));
    let counted = shared.metrics.text().unwrap();
    for class in ["2xx", "unknown"] {
        let line = format!("budget_estimates_total{{door=\"ext_proc\",class=\"{class}\"}} 1");
        assert!(counted.contains(&line), "{counted}");
    }
    assert!(!counted.contains("class=\"5xx\""), "{counted}");
}

fn now() -> u64 {
    u64::try_from(now_us()).unwrap()
}
