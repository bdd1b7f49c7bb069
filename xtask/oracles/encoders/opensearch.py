"""Stores documents from standard input in data streams of the OpenSearch whose address is the first argument, each twice:
the first time all are created, the second time all are there already."""

import base64
import collections
import json
import sys
import urllib.request

KEYWORDS = {"match_mapping_type": "string", "mapping": {"type": "keyword", "ignore_above": 1024}}
# What Elastic's own templates say of the fields whose types refuse documents.
TYPES = {
    "@timestamp": "date",
    "source.ip": "ip",
    "event.created": "date",
    "event.start": "date",
    "event.end": "date",
    "gen_ai.usage.input_tokens": "integer",
    "gen_ai.usage.output_tokens": "integer",
}


def request(method, path, body, kind="application/json"):
    asked = urllib.request.Request(sys.argv[1] + path, data=body, method=method, headers={"Content-Type": kind})
    with urllib.request.urlopen(asked) as answer:
        return json.load(answer)


mappings = {"dynamic_templates": [{"keywords": KEYWORDS}], "properties": {name: {"type": TYPES[name]} for name in TYPES}}
template = {"index_patterns": ["logs-*-oracle"], "data_stream": {}, "template": {"mappings": mappings}}
request("PUT", "/_index_template/oracle", json.dumps(template).encode())
waiting, status = collections.defaultdict(list), collections.Counter()


def send(stream):
    for attempt, wanted in ((1, 201), (2, 409)):
        body = b"".join(waiting[stream])
        answer = request("POST", f"/logs-{stream}-oracle/_bulk", body, "application/x-ndjson")
        for item in answer["items"]:
            item = item["create"]
            status[attempt, item["status"] == wanted] += 1
            if item["status"] != wanted and status[attempt, False] <= 3:
                print(f"{stream}, attempt {attempt}: {item}", file=sys.stderr)
    waiting[stream].clear()


for line in sys.stdin:
    case = json.loads(line)
    stream = case["in"]["stream"]
    waiting[stream].append(base64.b64decode(case["wire"]))
    if len(waiting[stream]) == 500:
        send(stream)
for stream in [stream for stream in waiting if waiting[stream]]:
    send(stream)
for stream in waiting:
    request("DELETE", f"/_data_stream/logs-{stream}-oracle", None)
request("DELETE", "/_index_template/oracle", None)
failed = status[1, False] + status[2, False]
print(f"documents by OpenSearch: {status[1, True]} created, {status[2, True]} known again, {failed} failed")
sys.exit(1 if failed or not status[1, True] else 0)
