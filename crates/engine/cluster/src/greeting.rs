//! Asking a scheduler who it is.

use std::time::Duration;

use ballista_core::serde::protobuf::GetJobStatusParams;
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use tokio::time::timeout;
use tonic::Code;
use tonic::metadata::MetadataMap;
use tonic::transport::Channel;

use crate::address::Address;
use crate::build::Build;
use crate::gate::BUILD;
use crate::gate::Capacity;
use crate::gate::EXECUTORS;
use crate::gate::RUN;
use crate::gate::SLOTS;
use crate::wire::Wire;

const TIMEOUT: Duration = Duration::from_secs(10);

/// A scheduler that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Greeting {
    /// The scheduler's run: another after a restart.
    pub run: String,
    /// Its executors.
    pub capacity: Capacity,
}

/// Why a scheduler is of no use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ConnectError {
    /// Nobody answers: perhaps later.
    Unreachable(String),
    /// It answers, and will not work with us.
    Refused(String),
}

impl ConnectError {
    pub(crate) fn reason(self) -> String {
        match self {
            Self::Unreachable(reason) | Self::Refused(reason) => reason,
        }
    }
}

/// A line to the scheduler, over which it can be asked again.
#[derive(Clone)]
pub(crate) struct Line {
    address: Address,
    wire: Wire,
    channel: Channel,
}

impl Line {
    /// A line that connects when it is used, and again after it broke.
    pub(crate) fn new(address: &Address, wire: &Wire) -> Result<Self, ConnectError> {
        let endpoint = wire.endpoint(address).map_err(|error| unreachable(address, &error.to_string()))?;
        Ok(Self { address: address.clone(), wire: wire.clone(), channel: endpoint.connect_lazy() })
    }

    /// The client of Ballista's protocol.
    pub(crate) fn client(&self) -> SchedulerGrpcClient<Channel> {
        let bytes = crate::limits::MESSAGE_BYTES;
        SchedulerGrpcClient::new(self.channel.clone()).max_decoding_message_size(bytes).max_encoding_message_size(bytes)
    }

    /// Asks the scheduler who it is. It must be of our build.
    pub(crate) async fn greet(&self) -> Result<Greeting, ConnectError> {
        // Any call would do, since what is asked for is in the headers; this one changes nothing.
        let question = GetJobStatusParams { job_id: String::new() };
        let answer = match timeout(TIMEOUT, self.client().get_job_status(question)).await {
            Err(_) => return Err(self.unreachable("it does not answer")),
            Ok(Ok(response)) => response.metadata().clone(),
            Ok(Err(status)) => match status.code() {
                Code::FailedPrecondition | Code::Unauthenticated => {
                    return Err(ConnectError::Refused(status.message().to_owned()));
                }
                Code::Unavailable | Code::Cancelled | Code::DeadlineExceeded | Code::Unknown => {
                    return Err(self.unreachable(innermost(&status)));
                }
                _ => status.metadata().clone(),
            },
        };
        self.read(&answer)
    }

    fn unreachable(&self, reason: &str) -> ConnectError {
        let known = self.wire.failure(&self.address);
        unreachable(&self.address, known.as_deref().unwrap_or(reason))
    }

    fn read(&self, answer: &MetadataMap) -> Result<Greeting, ConnectError> {
        let value = |name: &str| answer.get(name).and_then(|value| value.to_str().ok());
        let (address, ours) = (&self.address, &self.wire.build);
        match value(BUILD).and_then(Build::parse) {
            Some(build) if build == *ours => {}
            Some(theirs) => {
                return Err(ConnectError::Refused(format!(
                    "the scheduler at {address} is of build {theirs} and this is build {ours} (install one stillwatch on \
                     every machine)"
                )));
            }
            None => {
                return Err(ConnectError::Refused(format!(
                    "what listens at {address} does not answer as a scheduler of stillwatch (start one there: stillwatch \
                     scheduler --bind {address}; or give both the same --tls-cert, --tls-key and --tls-ca)"
                )));
            }
        }
        let count = |name: &str| value(name).and_then(|count| count.parse().ok()).unwrap_or(0);
        let capacity = Capacity { executors: count(EXECUTORS), slots: count(SLOTS) };
        Ok(Greeting { run: value(RUN).unwrap_or("").to_owned(), capacity })
    }
}

fn unreachable(address: &Address, reason: &str) -> ConnectError {
    ConnectError::Unreachable(format!(
        "the scheduler at {address} cannot be reached: {reason} (is it running there? stillwatch scheduler --bind {address})"
    ))
}

/// The deepest cause of a status: what the system said.
fn innermost(status: &tonic::Status) -> &'static str {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(status);
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return match io.kind() {
                std::io::ErrorKind::ConnectionRefused => "connection refused",
                std::io::ErrorKind::TimedOut => "no answer in time",
                std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe => "the connection broke",
                _ => "no connection",
            };
        }
        cause = error.source();
    }
    "no connection"
}
