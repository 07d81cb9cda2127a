//! TAXII 2.1 (OASIS Standard, June 2021): the answers of a server that is only read, and the questions of a client.
//!
//! It knows neither connections nor where objects come from. [`answer`] makes the answer to one request from the collections that
//! its caller may see; [`fetch`] asks through a function that it is given.

mod client;
mod collection;
mod credentials;
mod error;
mod query;
mod server;

pub use client::Fetched;
pub use client::Place;
pub use client::fetch;
pub use collection::Collection;
pub use credentials::basic;
pub use credentials::password;
pub use error::Error;
pub use error::ErrorKind;
pub use server::Answer;
pub use server::Request;
pub use server::answer;

/// The media type of every answer.
pub const MEDIA_TYPE: &str = "application/taxii+json;version=2.1";
/// The media type of what collections have.
pub const STIX: &str = "application/stix+json;version=2.1";
/// The path at which a client begins.
pub const DISCOVERY: &str = "/taxii2/";
