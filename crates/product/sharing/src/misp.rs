//! An event in the JSON form of MISP.

use serde_json::Value;
use serde_json::json;

use crate::content::Content;
use crate::ids;
use crate::stix::id;
use crate::tlp::Tlp;

/// The part of an id behind its type.
fn uuid(id: &str) -> &str {
    id.rsplit_once("--").map_or(id, |(_, uuid)| uuid)
}

/// The event. `at` is the moment of the export, RFC 3339.
#[must_use]
pub fn event(content: &Content, tlp: Tlp, at: &str) -> Value {
    let second = at.parse::<jiff::Timestamp>().map_or(0, jiff::Timestamp::as_second).to_string();
    let owner = Content { campaign: String::new(), ..content.clone() };
    let organisation = json!({ "name": content.provider, "uuid": uuid(&id("identity", &owner, "")) });
    let attribute = |kind: &str, value: &str, comment: String| {
        let name = format!("{}\u{1f}{kind}\u{1f}{value}", id("campaign", content, ""));
        json!({
            "uuid": ids::named(&ids::own(), name.as_bytes()), "type": "text", "category": "Other", "value": value, "comment": comment,
            "to_ids": false, "distribution": "5", "timestamp": second, "disable_correlation": false,
        })
    };
    let mut attributes: Vec<Value> = content
        .indicators
        .iter()
        .map(|one| {
            let value = format!("stillwatch:{}:{}", one.kind.as_str(), one.keyed_hash);
            attribute("indicator", &value, format!("{} accounts or more; a hash under the group's key", one.accounts))
        })
        .collect();
    if let Some((name, word, posterior)) = &content.named {
        let comment = format!("{word} in the words of ICD 203 ({:.0} of 100); apart from detection", 100.0 * posterior);
        attributes.push(attribute("named", &format!("attributed to {name}"), comment));
    }
    // Levels of MISP: 1 high, 2 medium. 0 initial, 2 completed. Distribution 0: this organisation only, until it is published.
    let threat = if content.status == "discovered" { "1" } else { "2" };
    json!({
        "Event": {
            "uuid": uuid(&id("campaign", content, "")),
            "info": format!(
                "Account pool {}: {}, confidence {}, {} accounts and {} exchanges or more",
                content.campaign, content.status, content.confidence, content.accounts, content.exchanges
            ),
            "date": content.first_seen.get(..10).unwrap_or_default(), "threat_level_id": threat, "analysis": "2",
            "distribution": "0", "published": false, "timestamp": second, "Orgc": organisation,
            "Tag": [{ "name": format!("tlp:{}", tlp.as_str()) }],
            "Attribute": attributes,
        }
    })
}
