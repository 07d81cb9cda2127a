//! An upstream for measurements: answers every request with 753 bytes of a chat completion, or with a stream of 64 pieces
//! where the body asks for one. `upstream PORT [GAP_MS]`.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program for measurements may panic and prints")]

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::Response;
use http_body::Frame;
use http_body_util::BodyExt;
use http_body_util::Full;
use http_body_util::combinators::BoxBody;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;

/// Pieces of a stream.
const PIECES: u32 = 64;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().unwrap().parse().unwrap();
    let gap = Duration::from_millis(arguments.next().map_or(0, |text| text.parse().unwrap()));
    let answer = Bytes::from(whole());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        println!("listening on {}", listener.local_addr().unwrap());
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let answer = answer.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| answered(request, answer.clone(), gap));
                let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
}

/// A chat completion of 753 bytes.
fn whole() -> String {
    let (head, tail) = (
        r#"{"id":"chatcmpl-1","object":"chat.completion","created":1764000000,"model":"m-large","choices":[{"index":0,"message":{"role":"assistant","content":""#,
        r#""},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":120,"completion_tokens":96,"total_tokens":216}}"#,
    );
    format!("{head}{}{tail}", "word ".repeat(200).get(..753 - head.len() - tail.len()).unwrap())
}

async fn answered(
    request: Request<Incoming>,
    answer: Bytes,
    gap: Duration,
) -> Result<Response<BoxBody<Bytes, Infallible>>, Infallible> {
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let is_stream = body.windows(13).any(|window| window == b"\"stream\":true");
    if !is_stream {
        let response = Response::builder().header("content-type", "application/json");
        return Ok(response.body(Full::new(answer).boxed()).unwrap());
    }
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    tokio::spawn(async move {
        for piece in 0..PIECES {
            let text = format!(
                "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"model\":\"m-large\",\"choices\":\
                 [{{\"index\":0,\"delta\":{{\"content\":\"word {piece} \"}},\"finish_reason\":null}}]}}\n\n"
            );
            if sender.send(Bytes::from(text)).await.is_err() {
                return;
            }
            if !gap.is_zero() {
                tokio::time::sleep(gap).await;
            }
        }
        let _ = sender.send(Bytes::from_static(b"data: [DONE]\n\n")).await;
    });
    let response = Response::builder().header("content-type", "text/event-stream");
    Ok(response.body(Pieces(receiver).boxed()).unwrap())
}

/// Pieces as they come.
struct Pieces(tokio::sync::mpsc::Receiver<Bytes>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}
