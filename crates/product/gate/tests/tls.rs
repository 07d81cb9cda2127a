//! TLS and HTTP/2, from a caller over one gate to another and to an upstream.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use gate::Config;
use gate::Gate;
use http::Request;
use http::Version;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use sketch::HashKey;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

const CERTIFICATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../app/stillwatch/tests/cli/certificates");

/// An upstream that answers with the head that it got.
fn upstream() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                let (mut all, mut piece) = (Vec::new(), [0; 4096]);
                while let Ok(read @ 1..) = stream.read(&mut piece) {
                    all.extend_from_slice(&piece[..read]);
                    if all.ends_with(b"\"end\":1}") {
                        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", all.len());
                        stream.write_all(&[head.as_bytes(), &all].concat()).unwrap();
                        all.clear();
                    }
                }
            });
        }
    });
    port
}

fn gate(upstream: &str, folder: &Path) -> Gate {
    let text = format!(
        "listen = \"127.0.0.1:0\"\ncores = 1\nmode = \"enforce\"\nsecret = \"secret\"\n\
         upstream_ca = \"{CERTIFICATES}/ours-authority.pem\"\n[tls]\ncertificate = \"{CERTIFICATES}/ours.pem\"\n\
         key = \"{CERTIFICATES}/ours.key\"\n[[routes]]\npath = \"/\"\nupstream = \"{upstream}\"\nfailure = \"open\"\n"
    );
    Gate::start(Config::parse(&text, folder).unwrap(), &HashKey::public()).unwrap()
}

#[test]
fn http2_over_tls_passes_two_gates() {
    let folder = tempfile::tempdir().unwrap();
    let inner = gate(&format!("http://127.0.0.1:{}", upstream()), folder.path());
    let outer = gate(&format!("https://localhost:{}", inner.address().port()), folder.path());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(format!("{CERTIFICATES}/ours-authority.pem")).unwrap() {
        roots.add(certificate.unwrap()).unwrap();
    }
    let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _in_runtime = runtime.enter();
    for is_new in [true, false] {
        let builder = HttpsConnectorBuilder::new().with_tls_config(tls.clone()).https_only();
        let connector = if is_new { builder.enable_http2().build() } else { builder.enable_http1().build() };
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let ask = |number: u32| {
            let body = Full::new(Bytes::from(format!("{{\"number\":{number},\"end\":1}}")));
            let uri = format!("https://localhost:{}/v1/messages?x=1", outer.address().port());
            client.request(Request::post(uri).header("x-api-key", "sk-1").body(body).unwrap())
        };
        let answers = runtime.block_on(async {
            let mut answers = Vec::new();
            for asked in [ask(1), ask(2), ask(3)] {
                let response = asked.await.unwrap();
                let version = response.version();
                let body = response.into_body().collect().await.unwrap().to_bytes();
                answers.push((version, String::from_utf8(body.to_vec()).unwrap()));
            }
            answers
        });
        for (number, (version, text)) in (1..).zip(answers) {
            assert_eq!(version, if is_new { Version::HTTP_2 } else { Version::HTTP_11 });
            assert!(text.starts_with("POST /v1/messages?x=1 HTTP/1.1\r\n"), "{text}");
            assert!(text.ends_with(&format!("{{\"number\":{number},\"end\":1}}")), "{text}");
            assert!(text.contains("x-api-key: sk-1") && text.contains("x-forwarded-for: 127.0.0.1"), "{text}");
        }
    }
    for gate in [outer, inner] {
        gate.stopper().stop();
        gate.wait();
    }
}
