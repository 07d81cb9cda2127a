//! The ways by which a request comes before the judge: the proxy itself, and the doors that other gateways ask at.

use serde::Deserialize;

/// A way by which a request comes before the judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// The proxy: it sees everything and passes the request on itself.
    #[serde(skip_deserializing)]
    Proxy,
    /// The request as Traefik's `ForwardAuth` and Caddy's `forward_auth` describe it.
    ForwardAuth,
    /// The request as nginx's `auth_request` shows it.
    AuthRequest,
    /// Envoy's `ext_authz` over HTTP and, in a build with it, over gRPC.
    ExtAuthz,
    /// Envoy's `ext_proc`, which shows answers too.
    ExtProc,
    /// LiteLLM's generic guardrail.
    #[serde(rename = "litellm")]
    LiteLlm,
    /// agentgateway's guardrail webhook.
    #[serde(rename = "agentgateway")]
    AgentGateway,
}

impl Door {
    /// All that can be opened.
    pub(crate) const ALL: [Self; 6] =
        [Self::ForwardAuth, Self::AuthRequest, Self::ExtAuthz, Self::ExtProc, Self::LiteLlm, Self::AgentGateway];

    /// The name in the configuration, in metrics and in records of decisions.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proxy => "proxy",
            Self::ForwardAuth => "forward_auth",
            Self::AuthRequest => "auth_request",
            Self::ExtAuthz => "ext_authz",
            Self::ExtProc => "ext_proc",
            Self::LiteLlm => "litellm",
            Self::AgentGateway => "agentgateway",
        }
    }

    /// Whether the answer of the model passes by, so that there is an exchange to write.
    pub(crate) const fn sees_answers(self) -> bool {
        matches!(self, Self::Proxy | Self::ExtProc)
    }

    /// Whether a request can be changed before it is served.
    pub(crate) const fn rewrites(self) -> bool {
        matches!(self, Self::Proxy | Self::ExtProc)
    }

    /// Whether the parameters of a request are ever shown.
    pub(crate) const fn may_see_bodies(self) -> bool {
        matches!(self, Self::Proxy | Self::ExtAuthz | Self::ExtProc)
    }

    /// What it sees and does, in words for a person.
    pub(crate) const fn sight(self) -> &'static str {
        match self {
            Self::Proxy => "sees everything",
            Self::ForwardAuth => {
                "asks at /forward-auth, sees headers and the path in X-Forwarded-Uri, and refuses with any status"
            }
            Self::AuthRequest => {
                "asks at /auth-request, sees headers and the path in X-Original-URI, and refuses with 401 or 403"
            }
            Self::ExtAuthz => {
                "asks below /ext-authz, sees headers, the path and what Envoy sends of the body, and refuses with any status"
            }
            Self::ExtProc => {
                "asks over gRPC, sees everything and writes exchanges, changes requests, and refuses with any status"
            }
            Self::LiteLlm => {
                "asks at /beta/litellm_basic_guardrail_api, sees texts, tools and who LiteLLM says asks, and blocks requests \
                 and running answers"
            }
            Self::AgentGateway => {
                "asks at /request and /response, sees messages and the headers that agentgateway forwards, and refuses with any \
                 status"
            }
        }
    }
}
