//! A model that is none: it answers each request with what the world says that it was answered.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use bytes::Bytes;
use http::Request;
use http::Response;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;

use crate::error::Error;

/// The header by which a request says which answer is its own.
pub(crate) const HEADER: &str = "x-played";

/// The answers that are expected.
#[derive(Debug, Clone, Default)]
pub struct Model(Arc<Mutex<HashMap<u64, (u16, Bytes)>>>);

impl Model {
    /// Expects a request.
    pub(crate) fn expect(&self, number: u64, status: u16, body: Vec<u8>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(number, (status, body.into()));
    }

    /// Takes an answer away; a second time there is none.
    pub(crate) fn take(&self, number: u64) -> Option<(u16, Bytes)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&number)
    }
}

/// Serves the model on a free port of this machine until the runtime ends, and says where.
///
/// # Errors
/// [`Error::Model`] where nothing can be listened to.
pub async fn serve_model(model: Model) -> Result<SocketAddr, Error> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(Error::Model)?;
    let place = listener.local_addr().map_err(Error::Model)?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let model = model.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| answer(request, model.clone()));
                // A connection that ends early is the gate's business.
                let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    Ok(place)
}

async fn answer(request: Request<Incoming>, model: Model) -> Result<Response<Full<Bytes>>, Infallible> {
    let number = request.headers().get(HEADER).and_then(|value| value.to_str().ok()?.parse().ok());
    // Read to its end, so that the connection can be used again.
    let _ = request.into_body().collect().await;
    let (status, body) = number.and_then(|number| model.take(number)).unwrap_or((404, Bytes::new()));
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::BAD_GATEWAY);
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    Ok(response)
}
