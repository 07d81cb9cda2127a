//! Names of the tools that a request offers.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::de;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde::de::value::MapAccessDeserializer;

use crate::fields;
use crate::json;
use crate::json::Str;

/// Names of tools, from names or full schemas.
#[derive(Default)]
pub(crate) struct Tools<'a>(pub(crate) Vec<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Tools<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        names(deserializer).map(Self)
    }
}

/// The names, as a field of the native form is read.
pub(crate) fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Cow<'de, str>>, D::Error> {
    let tools: Vec<Tool<'de>> = fields::or_default(deserializer)?;
    Ok(tools.into_iter().filter_map(|tool| tool.0).map(json::cut).collect())
}

/// The name of one tool, which comes alone or in a schema.
struct Tool<'a>(Option<Cow<'a, str>>);

/// One tool: `{"name":…}`, `{"function":{"name":…}}`, `{"toolSpec":{"name":…}}` or a built-in's `type`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Schema<'a> {
    #[serde(borrow)]
    name: Option<Str<'a>>,
    #[serde(borrow, rename = "type")]
    kind: Option<Str<'a>>,
    #[serde(borrow)]
    function: Option<Box<Tool<'a>>>,
    #[serde(borrow, rename = "toolSpec")]
    tool_spec: Option<Box<Tool<'a>>>,
}

impl<'a> Schema<'a> {
    fn into_name(self) -> Option<Cow<'a, str>> {
        let inner = || self.function.or(self.tool_spec).and_then(|tool| tool.0);
        self.name.map(|name| name.0).or_else(inner).or(self.kind.map(|kind| kind.0))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Tool<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ToolVisitor;
        impl<'de> Visitor<'de> for ToolVisitor {
            type Value = Tool<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a tool's name or schema")
            }
            fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<Tool<'de>, E> {
                Ok(Tool(Some(Cow::Borrowed(name))))
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<Tool<'de>, E> {
                Ok(Tool(Some(Cow::Owned(name.to_owned()))))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Tool<'de>, A::Error> {
                Schema::deserialize(MapAccessDeserializer::new(map)).map(|schema| Tool(schema.into_name()))
            }
        }
        deserializer.deserialize_any(ToolVisitor)
    }
}
