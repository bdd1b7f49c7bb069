"""Installs the pack for OpenSearch in a running one and has it take documents of every type of event: as the templates
are, and with `dynamic: strict`, so that a member without a type is refused. Then asks it what the detection rules ask,
which has to be what the searches mean."""

import json
import os
import pathlib
import subprocess
import sys
import urllib.request

url, packs, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
pack = packs / "opensearch"


def ask(method, path, body=None, kind="application/json"):
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/{path}", data, {"Content-Type": kind}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{method} {path}: {error.code} {error.read()[:2000]}")


def drop(stream):
    try:
        urllib.request.urlopen(urllib.request.Request(f"{url}/_data_stream/{stream}", method="DELETE"), timeout=60)
    except urllib.error.HTTPError:
        pass


STREAMS = ["logs-picket-default", "strict-picket-default"]
for stream in STREAMS:
    drop(stream)
environment = {**os.environ, "URL": url, "WITHOUT_LIFE_CYCLE": "1"}
subprocess.run(["sh", pack / "install.sh"], check=True, env=environment, stdout=subprocess.DEVNULL)

# The same parts, strict.
template = json.loads((pack / "index-template.json").read_text())
parts = []
for name in template["composed_of"]:
    part = json.loads((pack / f"component-templates/{name}.json").read_text())
    if "mappings" in part["template"]:
        part["template"]["mappings"]["dynamic"] = "strict"
    ask("PUT", f"_component_template/strict-{name}", part)
    parts.append(f"strict-{name}")
ask("PUT", "_index_template/strict-picket", {**template, "index_patterns": ["strict-picket-*"], "composed_of": parts})

lines = (folder / "documents.ndjson").read_bytes()
sent = lines.count(b"\n") // 2
for stream in STREAMS:
    answer = ask("POST", f"{stream}/_bulk?refresh=true", lines, "application/x-ndjson")
    failed = [item["create"] for item in answer["items"] if item["create"]["status"] != 201]
    for item in failed[:5]:
        print(stream, item["_id"], item["error"], file=sys.stderr)
    assert not failed, f"{stream} refused {len(failed)} of {sent}"
    assert ask("GET", f"{stream}/_count")["count"] == sent

# A member that nobody knows is refused where that is asked for: the check can fail.
stranger = b'{"create":{}}\n{"@timestamp":"2026-06-01T10:13:20.000Z","aisec":{"unheard_of":1}}\n'
refused = ask("POST", "strict-picket-default/_bulk", stranger, "application/x-ndjson")
assert refused["items"][0]["create"]["status"] == 400, refused

# A map whose keys others choose is found by key and value.
found = ask("GET", "logs-picket-default/_count", {"query": {"term": {"aisec.attributes.any_key": "the attributes"}}})
assert found["count"] > 0, found

rules = [json.loads(line) for line in (packs / "elastic/detection-rules.ndjson").read_text().splitlines()]
wanted = json.loads((folder / "counts.json").read_text())
differ = []
for rule in rules:
    # The two languages differ in these words only, for queries such as these.
    query = rule["query"].replace(" and ", " AND ").replace(" or ", " OR ").replace("not ", "NOT ").replace(" > ", ":>")
    count = ask("GET", "logs-picket-default/_count", {"query": {"query_string": {"query": query}}})["count"]
    differ += [] if count == wanted[rule["name"]] else [(rule["name"], count, wanted[rule["name"]])]
    threshold = rule.get("threshold")
    if threshold and threshold["field"]:
        sources = [{name: {"terms": {"field": name}}} for name in threshold["field"]]
        counts = {one["field"]: {"cardinality": {"field": one["field"]}} for one in threshold["cardinality"]}
        groups = {"groups": {"composite": {"size": 10, "sources": sources}, "aggs": counts}}
        ask("GET", "logs-picket-default/_search", {"size": 0, "query": {"query_string": {"query": query}}, "aggs": groups})
assert not differ, f"found here, and wanted: {differ}"
objects = [json.loads(line) for line in (pack / "dashboard.ndjson").read_text().splitlines()]
charts = [json.loads(one["attributes"]["visState"]) for one in objects if one["type"] == "visualization"]
asked = 0
for chart in charts:
    for one in chart["aggs"]:
        if one["type"] in ("terms", "cardinality"):
            ask("GET", "logs-picket-default/_search", {"size": 0, "aggs": {"a": {one["type"]: {"field": one["params"]["field"]}}}})
            asked += 1
print(f"{sent} documents in {len(STREAMS)} streams, none refused; {len(rules)} rules found what they should, {asked} parts of charts answered")
