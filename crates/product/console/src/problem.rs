//! Errors as callers see them: RFC 9457 problem details.

use axum::Json;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// Why a request was not answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: what there is to know is here.
    #[serde(rename = "type")]
    #[schema(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What is wrong and how to mend it.
    detail: String,
    /// What a program may go by.
    code: &'static str,
    /// Which characters of a question cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<TextPlace>,
}

/// Some characters of a text, counted from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct TextPlace {
    /// The first.
    start: usize,
    /// The one after the last.
    end: usize,
}

impl Problem {
    /// A problem of a status.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or_default().to_owned();
        Self { kind: "about:blank", title, status: status.as_u16(), detail: detail.into(), code, place: None }
    }

    /// The same problem with the characters that it is about.
    #[must_use]
    pub fn at(self, start: usize, end: usize) -> Self {
        Self { place: Some(TextPlace { start, end }), ..self }
    }

    /// The caller asks for something that cannot be.
    #[must_use]
    pub fn bad(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", detail)
    }

    /// There is no such thing.
    #[must_use]
    pub fn unknown(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// The state of something does not allow what is asked.
    #[must_use]
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// Something that this server needs is not there.
    #[must_use]
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail)
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = (status, Json(self)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<case::Error> for Problem {
    fn from(error: case::Error) -> Self {
        let detail = error.to_string();
        match error.kind() {
            case::ErrorKind::Unknown => Self::unknown(detail),
            case::ErrorKind::Malformed => Self::bad(detail),
            case::ErrorKind::NotAllowed => Self::new(StatusCode::CONFLICT, "not_allowed", detail),
            case::ErrorKind::Conflict => Self::new(StatusCode::PRECONDITION_FAILED, "changed_since", detail),
            _ => Self::unavailable(detail),
        }
    }
}
