//! Maps: which attribute or column of a foreign log is the account, the time, the text, and so on.
//!
//! A map is a TOML file. Some come with the program, one for each log whose records are flat enough; a user's own, given
//! with `--map`, comes before them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::Error;

mod lookup;

pub(crate) use lookup::get;
use lookup::has;

/// Longest map file in bytes.
const MAX_MAP_BYTES: usize = 256 * 1024;

/// The maps that come with the program, in the order in which they are tried.
const SHIPPED: [(&str, &str); 49] = [
    ("traceloop", include_str!("../maps/traceloop.toml")),
    ("vercel_ai", include_str!("../maps/vercel_ai.toml")),
    ("langsmith", include_str!("../maps/langsmith.toml")),
    ("openinference", include_str!("../maps/openinference.toml")),
    ("openrouter", include_str!("../maps/openrouter.toml")),
    ("litellm_otel", include_str!("../maps/litellm_otel.toml")),
    ("litellm_gcs_2024", include_str!("../maps/litellm_gcs_2024.toml")),
    ("azure_apim", include_str!("../maps/azure_apim.toml")),
    ("azure_apim_llm", include_str!("../maps/azure_apim_llm.toml")),
    ("azure_openai", include_str!("../maps/azure_openai.toml")),
    ("one_api", include_str!("../maps/one_api.toml")),
    ("vertex", include_str!("../maps/vertex.toml")),
    ("kong", include_str!("../maps/kong.toml")),
    ("envoy_ai_gateway", include_str!("../maps/envoy_ai_gateway.toml")),
    ("agentgateway", include_str!("../maps/agentgateway.toml")),
    ("helicone", include_str!("../maps/helicone.toml")),
    ("cloudflare", include_str!("../maps/cloudflare.toml")),
    ("tensorzero", include_str!("../maps/tensorzero.toml")),
    ("databricks", include_str!("../maps/databricks.toml")),
    ("wildchat", include_str!("../maps/wildchat.toml")),
    ("portkey", include_str!("../maps/portkey.toml")),
    ("langfuse", include_str!("../maps/langfuse.toml")),
    ("cloudflare_api", include_str!("../maps/cloudflare_api.toml")),
    ("flat", include_str!("../maps/flat.toml")),
    ("openai_batch", include_str!("../maps/openai_batch.toml")),
    ("anthropic_batch", include_str!("../maps/anthropic_batch.toml")),
    ("openai_batch_requests", include_str!("../maps/openai_batch_requests.toml")),
    ("anthropic_batch_requests", include_str!("../maps/anthropic_batch_requests.toml")),
    ("tensorzero_models", include_str!("../maps/tensorzero_models.toml")),
    ("azure_apim_caller", include_str!("../maps/azure_apim_caller.toml")),
    ("cloudtrail", include_str!("../maps/cloudtrail.toml")),
    ("web_server", include_str!("../maps/web_server.toml")),
    ("langfuse_export", include_str!("../maps/langfuse_export.toml")),
    ("langfuse_trace", include_str!("../maps/langfuse_trace.toml")),
    ("langsmith_runs", include_str!("../maps/langsmith_runs.toml")),
    ("weave", include_str!("../maps/weave.toml")),
    ("braintrust", include_str!("../maps/braintrust.toml")),
    ("promptlayer", include_str!("../maps/promptlayer.toml")),
    ("sagemaker", include_str!("../maps/sagemaker.toml")),
    ("apisix", include_str!("../maps/apisix.toml")),
    ("higress", include_str!("../maps/higress.toml")),
    ("openrouter_generation", include_str!("../maps/openrouter_generation.toml")),
    ("openrouter_activity", include_str!("../maps/openrouter_activity.toml")),
    ("helicone_table", include_str!("../maps/helicone_table.toml")),
    ("azure_apim_table", include_str!("../maps/azure_apim_table.toml")),
    ("databricks_payload", include_str!("../maps/databricks_payload.toml")),
    ("openai_agents", include_str!("../maps/openai_agents.toml")),
    ("app_insights", include_str!("../maps/app_insights.toml")),
    ("addition", include_str!("../maps/addition.toml")),
];

/// What a map can name, in the order of the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Field {
    Id,
    At,
    EndedAt,
    Account,
    Key,
    Secret,
    Channel,
    Conversation,
    EndUser,
    Ip,
    Asn,
    Country,
    UserAgent,
    Ja4,
    Headers,
    Model,
    Path,
    Endpoint,
    System,
    Text,
    Messages,
    Request,
    Response,
    Content,
    StopReason,
    Status,
    InputTokens,
    CachedTokens,
    OutputTokens,
    ThoughtTokens,
    LatencyMs,
    LatencyS,
    Temperature,
    TopP,
    MaxTokens,
    Stream,
    Trace,
    Part,
}

/// Names of one field, the most telling first.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Many(Vec<String>),
}

/// A map file as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct MapForm {
    /// What log it is of, in words.
    name: Option<String>,
    /// Whether it names attributes of OpenTelemetry spans and events, and not columns of records.
    #[serde(default)]
    attributes: bool,
    /// Whether it is of a second log, that only says more of exchanges which another log tells.
    #[serde(default)]
    adds: bool,
    /// Columns that a record of this log has; a map without them is for every record of no known format.
    #[serde(default)]
    when: Vec<String>,
    /// Columns that no record of this log has.
    #[serde(default)]
    unless: Vec<String>,
    /// Columns with the values that a call of a model has in them; other records are passed over.
    #[serde(default)]
    only: BTreeMap<String, Vec<String>>,
    /// Columns with values that tell the status.
    #[serde(default)]
    status_when: BTreeMap<String, BTreeMap<String, u16>>,
    /// What this log is too poor to show.
    #[serde(default, rename = "cannot_see")]
    _cannot_see: Option<String>,
    /// A list of calls that the record is the whole of, and the member in which each of them sees what the whole says.
    #[serde(default)]
    each: Option<[String; 2]>,
    /// Columns of which a call has at least one; other records are passed over.
    #[serde(default)]
    needs: Vec<String>,
    /// The names of the fields.
    #[serde(default)]
    fields: BTreeMap<Field, Names>,
}

/// One map.
#[derive(Debug, Clone)]
pub(crate) struct Map {
    pub(crate) name: String,
    attributes: bool,
    adds: bool,
    is_own: bool,
    when: Vec<String>,
    unless: Vec<String>,
    pub(crate) only: BTreeMap<String, Vec<String>>,
    pub(crate) status_when: BTreeMap<String, BTreeMap<String, u16>>,
    pub(crate) needs: Vec<String>,
    each: Option<[String; 2]>,
    fields: BTreeMap<Field, Vec<String>>,
}

impl Map {
    /// Reads a map file; an error says what is wrong in it.
    fn read(name: &str, text: &str, is_own: bool) -> Result<Self, String> {
        let form: MapForm = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let MapForm {
            name: own,
            attributes,
            adds,
            when,
            unless,
            only,
            status_when,
            _cannot_see: _,
            each,
            needs,
            fields,
        } = form;
        let names = |names| match names {
            Names::One(name) => vec![name],
            Names::Many(names) => names,
        };
        let fields = fields.into_iter().map(|(field, held)| (field, names(held))).collect();
        let name = own.unwrap_or_else(|| name.to_owned());
        Ok(Self { name, attributes, adds, is_own, when, unless, only, status_when, needs, each, fields })
    }

    /// The names of a field.
    pub(crate) fn names(&self, field: Field) -> &[String] {
        self.fields.get(&field).map(Vec::as_slice).unwrap_or_default()
    }

    /// The list of calls that a record is the whole of, and the name under which each sees the whole.
    pub(crate) fn each(&self) -> Option<(&str, &str)> {
        self.each.as_ref().map(|[list, name]| (list.as_str(), name.as_str()))
    }

    /// Whether a record is of the log that this map is of.
    fn is_of(&self, record: &Value) -> bool {
        !self.attributes && !self.adds && !self.when.is_empty() && self.has_columns(record)
    }

    fn has_columns(&self, record: &Value) -> bool {
        self.when.iter().all(|path| has(record, path)) && !self.unless.iter().any(|path| has(record, path))
    }

    /// Whether a record has a time and an account where this map says.
    pub(crate) fn fits(&self, record: &Value) -> bool {
        let has_one =
            |fields: &[Field]| fields.iter().flat_map(|field| self.names(*field)).any(|name| has(record, name));
        has_one(&[Field::At, Field::EndedAt]) && has_one(&[Field::Account, Field::Key, Field::Secret])
    }
}

/// The maps that a log is read with.
#[derive(Debug, Clone)]
pub struct Maps(Arc<Held>);

#[derive(Debug)]
struct Held {
    maps: Vec<Map>,
    /// The first key of each map's first column with the map's place, sorted: few records have any of them.
    firsts: Vec<(String, usize)>,
}

impl Held {
    fn new(maps: Vec<Map>) -> Self {
        let first = |map: &Map| map.when.first().and_then(|name| name.split('.').next()).map(str::to_owned);
        let whole = |map: &Map| map.when.first().cloned();
        let of_records = || maps.iter().zip(0..).filter(|(map, _)| !map.attributes);
        let firsts = of_records().filter_map(|(map, place)| Some((first(map)?, place)));
        let wholes = of_records().filter_map(|(map, place)| Some((whole(map)?, place)));
        let mut firsts: Vec<_> = firsts.chain(wholes).collect();
        firsts.sort();
        firsts.dedup();
        Self { maps, firsts }
    }

    /// The places of maps that a record may be of, by its keys.
    fn candidates<'h>(&'h self, record: &'h Value) -> impl Iterator<Item = usize> + 'h {
        let keys = record.as_object().into_iter().flat_map(|object| object.keys());
        keys.flat_map(|key| {
            let from = self.firsts.partition_point(|(first, _)| first < key);
            let rest = self.firsts.get(from..).unwrap_or_default();
            rest.iter().take_while(move |(first, _)| first == key).map(|(_, place)| *place)
        })
    }
}

impl Default for Maps {
    /// The maps that come with the program.
    fn default() -> Self {
        static MAPS: LazyLock<Maps> = LazyLock::new(|| Maps(Arc::new(Held::new(shipped()))));
        MAPS.clone()
    }
}

impl Maps {
    /// The maps that come with the program, and before them these: names of files with their text.
    ///
    /// # Errors
    /// [`Error::Usage`] with the file and what is wrong in it.
    pub fn with(own: &[(String, String)]) -> Result<Self, Error> {
        if own.is_empty() {
            return Ok(Self::default());
        }
        let mut maps = Vec::new();
        for (name, text) in own {
            let failed =
                |reason: &str| Error::Usage(format!("the map {name} cannot be used: {reason} (docs/formats.md)"));
            if text.len() > MAX_MAP_BYTES {
                return Err(failed("it is longer than 256 KiB"));
            }
            maps.push(Map::read(name, text, true).map_err(|reason| failed(&reason))?);
        }
        maps.extend(Self::default().0.maps.iter().cloned());
        Ok(Self(Arc::new(Held::new(maps))))
    }

    /// The map of a record of a log that some map is of.
    pub(crate) fn of_record(&self, record: &Value) -> Option<&Map> {
        let held = &self.0;
        let places = held.candidates(record).filter(|place| held.maps.get(*place).is_some_and(|map| map.is_of(record)));
        // The first in the order of the list, the user's own before the others.
        places.min().and_then(|place| held.maps.get(place))
    }

    /// The user's map for records of no known format.
    pub(crate) fn own(&self) -> Option<&Map> {
        self.0.maps.iter().find(|map| map.is_own && map.when.is_empty() && !map.attributes && !map.adds)
    }

    /// The map of a second log's record, the user's own before the others.
    pub(crate) fn addition(&self, record: &Value) -> Option<&Map> {
        self.0.maps.iter().find(|map| map.adds && map.has_columns(record))
    }

    /// Whether a record is of a log that the user's own maps are of, which comes before every format.
    pub(crate) fn is_own(&self, record: &Value) -> bool {
        self.0.maps.iter().take_while(|map| map.is_own).any(|map| map.is_of(record))
    }

    /// The names of attributes for a field: the user's own, or those that come with the program.
    pub(crate) fn attributes(&self, field: Field, own: bool) -> impl Iterator<Item = &str> {
        let maps =
            self.0.maps.iter().filter(move |map| map.is_own == own && (map.attributes || (own && map.when.is_empty())));
        maps.flat_map(move |map| map.names(field)).map(String::as_str)
    }
}

fn shipped() -> Vec<Map> {
    // A map that comes with the program is read by a test; one that cannot be read is left out.
    SHIPPED.iter().filter_map(|(name, text)| Map::read(name, text, false).ok()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_maps_that_are_shipped_can_be_read() {
        for (name, text) in SHIPPED {
            let map = Map::read(name, text, false).unwrap_or_else(|reason| panic!("{name}: {reason}"));
            assert!(map.attributes || !map.when.is_empty(), "{name} would take every record");
            assert!(
                map.attributes || map.adds || map.each.is_some() || !map.names(Field::At).is_empty(),
                "{name} names no time"
            );
        }
    }

    #[test]
    fn every_map_that_is_shipped_reads_a_record_of_a_fixture() {
        let records = concat!(
            include_str!("../fixtures/mapped.jsonl"),
            include_str!("../fixtures/mapped_stores.jsonl"),
            include_str!("../fixtures/batches.jsonl")
        );
        let objects =
            |text: &str| -> Vec<Value> { text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect() };
        let mut records = objects(records);
        // A list of records is an envelope, and a table's header has the names of its columns.
        let lists = records.iter().filter_map(|record| record.get("result")?.as_array().cloned());
        records.extend(lists.flatten().collect::<Vec<_>>());
        let header = include_str!("../fixtures/table.csv").lines().next().unwrap_or_default();
        records.push(header.split([',', ';', '\t']).map(|name| (name.to_owned(), Value::from(1))).collect());
        let additions = objects(include_str!("../fixtures/second_log.jsonl"));
        let vendors = include_str!("../fixtures/otel_vendors.jsonl");
        let maps = Maps::default();
        for (name, text) in SHIPPED {
            let map = Map::read(name, text, false).unwrap();
            let is_it = |found: Option<&Map>| found.is_some_and(|found| found.name == map.name);
            let is_used = if map.attributes {
                map.fields.values().flatten().any(|attribute| vendors.contains(&format!("\"{attribute}\"")))
            } else if map.adds {
                additions.iter().any(|record| is_it(maps.addition(record)))
            } else {
                records.iter().any(|record| is_it(maps.of_record(record)))
            };
            assert!(is_used, "{name}");
        }
    }

    #[test]
    fn a_users_map_comes_first_and_its_mistakes_are_named() {
        let own =
            Maps::with(&[("own.toml".to_owned(), "when = [\"tokens\"]\n[fields]\naccount = \"team\"\n".to_owned())])
                .unwrap();
        assert_eq!(own.of_record(&json!({"tokens": 1})).unwrap().names(Field::Account), ["team"]);
        assert!(own.is_own(&json!({"tokens": 1})) && !own.is_own(&json!({"token": 1})));
        let wrong = Maps::with(&[("own.toml".to_owned(), "[fields]\naccuont = \"team\"\n".to_owned())]).unwrap_err();
        assert!(wrong.to_string().contains("own.toml") && wrong.to_string().contains("accuont"), "{wrong}");
    }
}
