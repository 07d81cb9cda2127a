//! A bundle of STIX 2.1 (OASIS Standard, June 2021).
//!
//! Domain objects have ids of version 5 in a name space of this program, so that the same campaign of the same provider is the
//! same object in every export. The standard keeps its own name space for observables, of which none is shared: a value is a
//! hash in the pattern of an indicator. Its type there, `x-stillwatch-observable`, is ours; a reader that does not know it keeps
//! the indicator and matches nothing.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::content::Content;
use crate::content::Indicator;
use crate::ids;
use crate::tlp::Tlp;

/// The extension by which OASIS marks with version 2.0 of the protocol.
const TLP_EXTENSION: &str = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

/// When the identity of every provider was created: the same in all of its exports, as its id is.
const IDENTITY_CREATED: &str = "2026-11-01T00:00:00.000Z";

/// The id of an object of a type.
pub(crate) fn id(kind: &str, content: &Content, name: &str) -> String {
    let name = format!("{}\u{1f}{}\u{1f}{kind}\u{1f}{name}", content.provider, content.campaign);
    format!("{kind}--{}", ids::named(&ids::own(), name.as_bytes()))
}

/// The pattern of an indicator.
#[must_use]
pub fn pattern(indicator: &Indicator) -> String {
    format!(
        "[x-stillwatch-observable:kind = '{}' AND x-stillwatch-observable:keyed_hash = '{}']",
        indicator.kind.as_str(),
        indicator.keyed_hash
    )
}

/// What objects have in common.
struct Maker<'c> {
    content: &'c Content,
    tlp: Tlp,
    modified: String,
    identity: String,
}

impl Maker<'_> {
    /// An object with what every domain object has.
    fn object(&self, kind: &str, name: &str, fields: Value) -> Value {
        let mut object = Map::new();
        object.insert("type".to_owned(), json!(kind));
        object.insert("spec_version".to_owned(), json!("2.1"));
        object.insert("id".to_owned(), json!(id(kind, self.content, name)));
        object.insert("created".to_owned(), json!(self.content.first_seen));
        object.insert("modified".to_owned(), json!(self.modified));
        if kind != "identity" {
            object.insert("created_by_ref".to_owned(), json!(self.identity));
            object.insert("confidence".to_owned(), json!(self.content.confidence));
        }
        object.insert("object_marking_refs".to_owned(), json!([self.tlp.marking()]));
        if let Value::Object(fields) = fields {
            object.extend(fields);
        }
        Value::Object(object)
    }

    fn id(&self, kind: &str, name: &str) -> String {
        id(kind, self.content, name)
    }

    fn relationship(&self, from: &str, kind: &str, to: &str) -> Value {
        let name = format!("{from} {kind} {to}");
        let fields = json!({ "relationship_type": kind, "source_ref": from, "target_ref": to });
        self.object("relationship", &name, fields)
    }
}

/// The bundle. `at` is the moment of the export, RFC 3339 in UTC with milliseconds.
#[must_use]
pub fn bundle(content: &Content, tlp: Tlp, at: &str) -> Value {
    // The identity is the provider's, whatever the campaign.
    let owner = Content { campaign: String::new(), ..content.clone() };
    let identity = id("identity", &owner, "");
    let modified = if at < content.first_seen.as_str() { content.first_seen.clone() } else { at.to_owned() };
    let make = Maker { content, tlp, modified, identity: identity.clone() };
    let mut objects = vec![marking(tlp)];
    let fields = json!({
        "id": identity, "name": content.provider, "identity_class": "organization", "created": IDENTITY_CREATED,
        "modified": IDENTITY_CREATED,
    });
    objects.push(make.object("identity", "", fields));
    let campaign = make.id("campaign", "");
    objects.push(make.object(
        "campaign",
        "",
        json!({
            "name": content.campaign, "description": description(content), "first_seen": content.first_seen,
            "last_seen": last_seen(content), "objective": "collection of a model's answers as training data",
        }),
    ));
    let infrastructure = make.id("infrastructure", "");
    objects.push(make.object(
        "infrastructure",
        "",
        json!({
            "name": format!("account pool of {}", content.campaign), "infrastructure_types": ["unknown"],
            "description": "accounts under one operator, registered as strangers",
        }),
    ));
    objects.push(make.relationship(&campaign, "uses", &infrastructure));
    let measure = make.id("course-of-action", "");
    objects.push(make.object(
        "course-of-action",
        "",
        json!({
            "name": "Verify who is behind accounts that share these values",
            "description": "One value is no ground for a refusal: look for evidence of your own, and ask the customer first.",
        }),
    ));
    for indicator in &content.indicators {
        add_indicator(&make, indicator, [&campaign, &measure], &mut objects);
    }
    if let Some((name, likelihood, posterior)) = &content.named {
        add_named(&make, (name, likelihood, *posterior), &campaign, &mut objects);
    }
    add_remarks(&make, &campaign, &mut objects);
    let name = format!("{campaign} {} {}", make.modified, tlp.as_str());
    json!({ "type": "bundle", "id": format!("bundle--{}", ids::named(&ids::own(), name.as_bytes())), "objects": objects })
}

/// The marking definition of a level, as OASIS publishes it.
fn marking(tlp: Tlp) -> Value {
    json!({
        "type": "marking-definition", "spec_version": "2.1", "id": tlp.marking(), "created": "2022-10-01T00:00:00.000Z",
        "name": format!("TLP:{}", tlp.as_str().to_uppercase()),
        "extensions": { TLP_EXTENSION: { "extension_type": "property-extension", "tlp_2_0": tlp.as_str() } },
    })
}

fn description(content: &Content) -> String {
    format!(
        "{}: at least {} accounts and {} exchanges. Evidence: {}. Aimed at: {}. Counts are rounded down.",
        content.status,
        content.accounts,
        content.exchanges,
        content.families.join(", "),
        content.capabilities.join(", ")
    )
}

/// The end of a stretch is not before its beginning, and both are midnights.
fn last_seen(content: &Content) -> &str {
    content.last_seen.as_str().max(content.first_seen.as_str())
}

fn add_indicator(make: &Maker<'_>, one: &Indicator, [campaign, measure]: [&String; 2], objects: &mut Vec<Value>) {
    let name = format!("{} {}", one.kind.as_str(), one.keyed_hash);
    let id = make.id("indicator", &name);
    objects.push(make.object(
        "indicator",
        &name,
        json!({
            "name": format!("{} shared by accounts of {}", one.kind.as_str(), make.content.campaign),
            "description": "A hash under the key of the group.", "indicator_types": ["anomalous-activity"],
            "pattern": pattern(one), "pattern_type": "stix", "valid_from": make.content.first_seen,
        }),
    ));
    objects.push(make.object(
        "sighting",
        &name,
        json!({
            "sighting_of_ref": id, "count": one.accounts, "first_seen": make.content.first_seen,
            "last_seen": last_seen(make.content), "where_sighted_refs": [make.identity],
        }),
    ));
    objects.push(make.relationship(&id, "indicates", campaign));
    objects.push(make.relationship(measure, "mitigates", &id));
}

/// An intrusion set, only where somebody is named.
fn add_named(make: &Maker<'_>, (name, word, posterior): (&str, &str, f64), campaign: &str, objects: &mut Vec<Value>) {
    let id = make.id("intrusion-set", name);
    let confidence = (100.0 * posterior.clamp(0.0, 1.0)).round() as u64;
    objects.push(make.object(
        "intrusion-set",
        name,
        json!({
            "name": format!("activity attributed to {name}"), "confidence": confidence,
            "description": format!("{word}, in the words of ICD 203. Attribution is apart from detection."),
            "resource_level": "organization", "primary_motivation": "organizational-gain",
        }),
    ));
    let mut relationship = make.relationship(campaign, "attributed-to", &id);
    if let Some(fields) = relationship.as_object_mut() {
        fields.insert("confidence".to_owned(), json!(confidence));
    }
    objects.push(relationship);
}

fn add_remarks(make: &Maker<'_>, campaign: &str, objects: &mut Vec<Value>) {
    let held_back = make.content.held_back;
    objects.push(make.object(
        "note",
        "",
        json!({
            "abstract": "What is not in this bundle",
            "content": format!(
                "No text of any customer, no account and no address is shared. {held_back} values that fewer than five accounts \
                 have stay with the provider. Confidence is a hundred less the false discovery rate in percent at which the \
                 campaign is a discovery."
            ),
            "authors": [make.content.provider], "object_refs": [campaign],
        }),
    ));
    let opinion = match make.content.confidence {
        90.. => "strongly-agree",
        60..90 => "agree",
        _ => "neutral",
    };
    objects.push(make.object(
        "opinion",
        "",
        json!({
            "opinion": opinion, "object_refs": [campaign],
            "explanation": format!("the provider's own assessment: {} ({} of 100)", make.content.status, make.content.confidence),
        }),
    ));
}
