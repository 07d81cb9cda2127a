//! The server's answers, and the client that reads them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may panic")]

use serde_json::Value;
use serde_json::json;
use taxii::Answer;
use taxii::Collection;
use taxii::Error;
use taxii::ErrorKind;
use taxii::Place;
use taxii::Request;
use taxii::answer;
use taxii::fetch;

const ID: &str = "c0ffee00-0000-5000-8000-000000000001";
const ORIGIN: &str = "https://sharing.example.com:8491";

fn object(kind: &str, number: usize, modified: &str) -> Value {
    json!({ "type": kind, "spec_version": "2.1", "id": format!("{kind}--{number:04}"), "modified": modified })
}

/// Two days: two campaigns and a note on the first, a newer version of one campaign on the second.
fn collection() -> Collection {
    let (first, second) = ("2026-05-01T00:00:00Z", "2026-05-02T00:00:00.5Z");
    let added = [
        (first, object("campaign", 1, first)),
        (first, object("campaign", 2, first)),
        (first, object("note", 1, first)),
        // The same version again is the same object, from the first day.
        (second, object("campaign", 2, first)),
        (second, object("campaign", 1, second)),
        ("never", object("note", 2, first)),
        (second, json!({ "type": "note" })),
    ];
    Collection::new(ID, "forum", "for forum", added.map(|(at, value)| (at.to_owned(), value)))
}

fn get(path: &str, parameters: &[(&str, &str)]) -> Answer {
    let parameters: Vec<(String, String)> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    answer(&[collection()], &Request { method: "GET", path, parameters: &parameters, accept: None })
}

fn ids(answer: &Answer) -> Vec<String> {
    let list = answer.body["objects"].as_array().cloned().unwrap_or_default();
    let shown = |one: &Value| {
        format!("{} {}", one["id"].as_str().unwrap(), one["modified"].as_str().unwrap().get(8..10).unwrap())
    };
    list.iter().map(shown).collect()
}

fn objects(parameters: &[(&str, &str)]) -> Vec<String> {
    ids(&get(&format!("/sharing/collections/{ID}/objects/"), parameters))
}

#[test]
fn a_collection_is_found_from_the_beginning() {
    assert_eq!(get("/taxii2/", &[]).body["api_roots"], json!(["/sharing/"]));
    assert_eq!(get("/sharing/", &[]).body["versions"], json!([taxii::MEDIA_TYPE]));
    let list = get("/sharing/collections/", &[]).body["collections"].clone();
    assert_eq!(
        (&list[0]["id"], &list[0]["can_read"], &list[0]["can_write"]),
        (&json!(ID), &json!(true), &json!(false))
    );
    assert_eq!(get(&format!("/sharing/collections/{ID}"), &[]).body, list[0]);
    let nobody = answer(&[], &Request { method: "GET", path: "/sharing/collections/", parameters: &[], accept: None });
    assert_eq!(nobody.body, json!({}));
}

#[test]
fn filters_are_those_of_the_standard() {
    assert_eq!(objects(&[]), ["campaign--0002 01", "note--0001 01", "campaign--0001 02"]);
    assert_eq!(objects(&[("match[version]", "all")]).len(), 4);
    assert_eq!(objects(&[("match[version]", "first"), ("match[id]", "campaign--0001")]), ["campaign--0001 01"]);
    assert_eq!(objects(&[("match[type]", "note,course-of-action")]), ["note--0001 01"]);
    assert_eq!(objects(&[("match[id]", "note--0001,note--0009")]), ["note--0001 01"]);
    assert_eq!(objects(&[("added_after", "2026-05-01T00:00:00Z")]), ["campaign--0001 02"]);
    assert_eq!(objects(&[("added_after", "2026-05-01T23:00:00-05:00")]), Vec::<String>::new());
    assert_eq!(objects(&[("match[spec_version]", "2.0")]), Vec::<String>::new());
    assert_eq!(objects(&[("match[spec_version]", "2.0,2.1")]).len(), 3);
    for (name, value) in [("limit", "0"), ("limit", "x"), ("added_after", "May"), ("next", "x")] {
        assert_eq!(get(&format!("/sharing/collections/{ID}/objects/"), &[(name, value)]).status, 400, "{name}");
    }
}

#[test]
fn pages_follow_each_other() {
    let path = format!("/sharing/collections/{ID}/objects/");
    let (mut all, mut next) = (Vec::new(), None::<String>);
    for _ in 0..3 {
        let parameters = next.as_deref().map_or(vec![("limit", "1")], |next| vec![("limit", "1"), ("next", next)]);
        let page = get(&path, &parameters);
        all.extend(ids(&page));
        assert_eq!(page.body["more"], json!(all.len() < 3));
        next = page.body["next"].as_str().map(str::to_owned);
    }
    assert_eq!((all, next), (objects(&[]), None));
    let whole = get(&path, &[]);
    let added = ("2026-05-01T00:00:00.000000Z".to_owned(), "2026-05-02T00:00:00.500000Z".to_owned());
    assert_eq!(whole.added, Some(added));
}

#[test]
fn objects_have_manifests_and_versions() {
    let manifest = get(&format!("/sharing/collections/{ID}/manifest/"), &[("match[type]", "note")]).body;
    let row = json!({ "id": "note--0001", "date_added": "2026-05-01T00:00:00.000000Z",
        "version": "2026-05-01T00:00:00Z", "media_type": "application/stix+json;version=2.1" });
    assert_eq!(manifest, json!({ "more": false, "objects": [row] }));
    let versions = get(&format!("/sharing/collections/{ID}/objects/campaign--0001/versions/"), &[]).body;
    assert_eq!(versions["versions"], json!(["2026-05-01T00:00:00Z", "2026-05-02T00:00:00.5Z"]));
    assert_eq!(ids(&get(&format!("/sharing/collections/{ID}/objects/campaign--0001/"), &[])), ["campaign--0001 02"]);
}

#[test]
fn what_is_not_there_or_not_allowed_is_refused_in_the_standards_form() {
    let path = format!("/sharing/collections/{ID}/objects/");
    let ask = |method: &str, path: &str, accept: Option<&str>| {
        let answer = answer(&[collection()], &Request { method, path, parameters: &[], accept });
        if answer.status != 200 {
            assert_eq!(answer.body["http_status"], json!(answer.status.to_string()));
            assert!(answer.body["title"].is_string());
        }
        answer.status
    };
    for accept in ["application/taxii+json;version=2.1", "application/taxii+json; version=\"2.1\"", "text/html, */*"] {
        assert_eq!(ask("GET", &path, Some(accept)), 200, "{accept}");
    }
    for accept in ["application/taxii+json;version=2.0", "application/vnd.oasis.taxii+json", "text/html"] {
        assert_eq!(ask("GET", &path, Some(accept)), 406, "{accept}");
    }
    assert_eq!(ask("GET", "/sharing/collections/other/objects/", None), 404);
    assert_eq!(ask("GET", &format!("{path}note--0009/"), None), 404);
    assert_eq!(ask("GET", "/", None), 404);
    assert_eq!(ask("POST", &path, None), 403);
    assert_eq!(ask("DELETE", &format!("{path}note--0001"), None), 403);
    assert_eq!(ask("PUT", "/sharing/", None), 405);
}

/// Asks the server as a client does, with its query taken apart.
fn asked(collections: &[Collection], asked: &str) -> Result<Vec<u8>, Error> {
    let (path, query) = asked.split_once('?').unwrap_or((asked, ""));
    let plain = |text: &str| text.replace("%3A", ":").replace("%2B", "+");
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let parameters: Vec<(String, String)> = pairs.map(|(name, value)| (plain(name), plain(value))).collect();
    let told = answer(collections, &Request { method: "GET", path, parameters: &parameters, accept: None });
    if told.status == 200 { Ok(told.body.to_string().into_bytes()) } else { Err(Error::unreached(&told.status)) }
}

#[test]
fn the_client_fetches_everything_and_no_more() {
    let at = |number: usize| {
        (format!("2026-05-01T00:{:02}:00Z", number / 50), object("note", number, "2026-05-01T00:00:00Z"))
    };
    let many = Collection::new("a-1", "many", "", (0..2_500).map(at));
    let collections = [many, collection()];
    let place = Place { origin: ORIGIN, most_bytes: 1 << 20, ..Place::default() };
    let fetched = fetch(&mut |path| asked(&collections, path), &place).unwrap();
    assert_eq!(
        (fetched.collections.as_slice(), fetched.objects.len()),
        (["many".into(), "forum".into()].as_slice(), 2_503)
    );
    let one = Place { collection: Some(ID), added_after: Some("2026-05-01T00:00:00+00:00"), ..place.clone() };
    assert_eq!(fetch(&mut |path| asked(&collections, path), &one).unwrap().objects.len(), 1);
    let few = Place { most_bytes: 10_000, ..place };
    assert_eq!(fetch(&mut |path| asked(&collections, path), &few).unwrap_err().kind(), ErrorKind::TooMuch);
}

#[test]
fn a_server_cannot_send_the_client_elsewhere_or_round_in_circles() {
    let place = Place { origin: ORIGIN, most_bytes: 1 << 20, ..Place::default() };
    let roots = json!({ "api_roots": ["https://elsewhere.example/x/", "//elsewhere.example/", "/a?b", format!("{ORIGIN}/b/")] });
    let mut paths = Vec::new();
    let mut ask = |path: &str| {
        paths.push(path.to_owned());
        Ok(if path == "/taxii2/" { roots.to_string().into_bytes() } else { b"{}".to_vec() })
    };
    assert_eq!(fetch(&mut ask, &place).unwrap().passed_over.len(), 3);
    assert_eq!(paths, ["/taxii2/", "/b/collections/"]);

    let with = |id: &'static str, page: Value| {
        let list = json!({ "collections": [{ "id": id, "can_read": true }] });
        let mut ask = |path: &str| {
            Ok(match path {
                "/taxii2/" => json!({ "api_roots": ["/b/"] }),
                "/b/collections/" => list.clone(),
                _ => page.clone(),
            }
            .to_string()
            .into_bytes())
        };
        fetch(&mut ask, &place).map(|fetched| fetched.objects.len()).map_err(|error| error.kind())
    };
    assert_eq!(with("1", json!({ "more": false, "objects": [1] })), Ok(1));
    assert_eq!(with("1", json!({ "more": true, "next": "x" })), Err(ErrorKind::Malformed));
    assert_eq!(with("1", json!({ "more": true })), Err(ErrorKind::Malformed));
    assert_eq!(with("../x", json!({})), Err(ErrorKind::Malformed));
}
