"""Reads a STIX bundle and a MISP event with the libraries that others read them with."""

import json
import sys

import pymisp
import stix2
import stix2validator

bundle_path, event_path, named = sys.argv[1], sys.argv[2], sys.argv[3]

with open(bundle_path, encoding="utf-8") as file:
    text = file.read()
bundle = stix2.parse(text, allow_custom=True)
kinds = {one["type"] for one in bundle.objects}
expected = {"identity", "campaign", "infrastructure", "indicator", "sighting", "course-of-action", "note", "opinion",
            "relationship", "marking-definition"}
assert expected <= kinds, expected - kinds
assert ("intrusion-set" in kinds) == (named == "named"), kinds
for one in bundle.objects:
    if one["type"] != "marking-definition":
        assert len(one["object_marking_refs"]) == 1, one
    if one["type"] == "indicator":
        stix2.pattern_visitor.create_pattern_object(one["pattern"], version="2.1")
# Every reference is to something in the bundle.
ids = {one["id"] for one in bundle.objects}
for one in json.loads(text)["objects"]:
    for key, value in one.items():
        if key.endswith("_ref"):
            assert value in ids, (key, value)
        if key.endswith("_refs"):
            assert all(ref in ids for ref in value), (key, value)

options = stix2validator.ValidationOptions(version="2.1", strict=False)
results = stix2validator.validate_string(text, options)
assert results.is_valid, [str(error) for error in results.errors]

event = pymisp.MISPEvent()
event.load_file(event_path)
assert event.uuid and event.attributes, event
assert [tag.name for tag in event.tags] == ["tlp:amber"], event.tags
assert all(one.type == "text" and one.category == "Other" for one in event.attributes)
print("read by stix2, stix2-validator and pymisp")
