"""Reads the collection of a group with the client library that others read TAXII 2.1 with."""

import sys

import requests
from taxii2client.v21 import Server, as_pages

url, password, group = sys.argv[1], sys.argv[2], sys.argv[3]

server = Server(f"{url}/taxii2/", user=group, password=password)
assert server.title and len(server.api_roots) == 1, server.title
assert server.default.url == server.api_roots[0].url
root = server.api_roots[0]
assert root.versions == ["application/taxii+json;version=2.1"], root.versions
assert [one.title for one in root.collections] == [group], root.collections
collection = root.collections[0]
assert collection.can_read and not collection.can_write

whole = collection.get_objects()
kinds = {one["type"] for one in whole["objects"]}
assert {"campaign", "indicator", "identity", "marking-definition"} <= kinds, kinds
assert whole["more"] is False
paged = [one for page in as_pages(collection.get_objects, per_request=3) for one in page.get("objects", [])]
assert paged == whole["objects"], (len(paged), len(whole["objects"]))

manifest = collection.get_manifest()["objects"]
assert [one["id"] for one in manifest] == [one["id"] for one in whole["objects"]]
latest = max(one["date_added"] for one in manifest)
assert "objects" not in collection.get_objects(added_after=latest)

campaign = collection.get_objects(type="campaign")["objects"][0]
assert collection.get_object(campaign["id"])["objects"] == [campaign]
assert collection.get_objects(id=campaign["id"])["objects"] == [campaign]
versions = collection.object_versions(campaign["id"])["versions"]
assert campaign["modified"] == versions[-1], versions

for wrong in ("", "wrong"):
    try:
        Server(f"{url}/taxii2/", user=group, password=wrong).refresh()
        raise AssertionError("a wrong password was taken")
    except requests.exceptions.HTTPError as error:
        assert error.response.status_code == 401, error
print("read by taxii2-client")
