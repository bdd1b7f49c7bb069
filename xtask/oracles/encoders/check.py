"""Reads cases from standard input and checks each with a party that is not ours: Python's own json, hmac and hashlib,
google.protobuf with opentelemetry-proto, standardwebhooks, cryptography, ocsf-json-schema with jsonschema, the dictionary of
cefevent, and readers of CEF and LEEF written here from the standards. What Node reads (signatures of webhooks, documents of ECS) is written to the file named first."""

import base64
import collections
import hashlib
import hmac
import ipaddress
import json
import re
import sys

from cefevent.extensions import extension_dictionary
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from google.protobuf import json_format
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from standardwebhooks.webhooks import Webhook

KEY = re.compile(r"(?:^|(?<= ))([A-Za-z0-9_]+)=")


def unescape(text, escapes):
    out, at = [], 0
    while at < len(text):
        if text[at] == "\\":
            out.append(escapes[text[at + 1]])
            at += 2
        else:
            out.append(text[at])
            at += 1
    return "".join(out)


def cef(given, wire):
    line = wire.decode()
    assert "\n" not in line and "\r" not in line, "one line"
    parts = line.split("|")
    # Pipes behind an odd number of backslashes are part of a field.
    fields, field = [], ""
    for at, part in enumerate(parts):
        field += part
        if (len(part) - len(part.rstrip("\\"))) % 2 and len(fields) < 7:
            field += "|"
            continue
        fields.append(field)
        field = ""
        if len(fields) == 7:
            rest = "|".join(parts[at + 1 :])
            break
    assert fields[0] == "CEF:0"
    header = [unescape(field, {"\\": "\\", "|": "|"}) for field in fields[1:]]
    wanted = [re.sub("\r\n|\r|\n", " ", field) for field in given["header"]]
    assert header == wanted, (header, wanted)
    keys = list(KEY.finditer(rest))
    assert bool(keys) == bool(rest)
    pairs = []
    for at, key in enumerate(keys):
        end = keys[at + 1].start() - 1 if at + 1 < len(keys) else len(rest)
        pairs.append([key.group(1), unescape(rest[key.end() : end], {"\\": "\\", "=": "=", "n": "\n", "r": "\r"})])
    wanted = [[key, value.rstrip(" ").replace("\r\n", "\n")] for key, value in given["pairs"]]
    assert pairs == wanted, (pairs, wanted)


def leef(given, wire):
    line = wire.decode()
    assert "\n" not in line and "\r" not in line, "one line"
    version, vendor, product, number, event, rest = line.split("|", 5)
    assert version == "LEEF:2.0"
    declared, attributes = ("|", rest[2:]) if rest.startswith("||") else rest.split("|", 1)
    code = re.fullmatch(r"(?:0x|x)([0-9A-Fa-f]{1,4})", declared)
    delimiter = chr(int(code.group(1), 16)) if code else declared if len(declared) == 1 else "\t"
    wanted = [re.sub("[\r\n\t]", " ", field.replace("|", "/")) for field in given["header"]]
    assert [vendor, product, number, event] == wanted
    read = {}
    for attribute in attributes.split(delimiter) if attributes else []:
        key, value = attribute.split("=", 1)
        read.setdefault(key, value)
    wanted = {}
    for key, value in given["pairs"]:
        wanted.setdefault(key, re.sub("[\r\n\t" + re.escape(delimiter) + "]", " ", value))
    assert read == wanted, (read, wanted)


def hec(given, wire):
    text, decoder, at = wire.decode(), json.JSONDecoder(parse_float=str, parse_int=str), 0
    for event in given:
        read, at = decoder.raw_decode(text, at)
        seconds, _, fraction = read["time"].partition(".")
        assert int(seconds) * 1000 + int((fraction + "000")[:3]) == event["millis"]
        assert {key: read.get(key) for key in ("host", "source", "sourcetype", "index")} == {
            key: event[key] for key in ("host", "source", "sourcetype", "index")
        }
        assert read["event"]["a"] == event["event"]["a"] == read["fields"]["event_id"]
        assert set(read) <= {"time", "host", "source", "sourcetype", "index", "event", "fields"}
    assert at == len(text)


def bulk(given, wire):
    lines = wire.decode().split("\n")
    assert lines.pop() == "" and len(lines) == 2 * len(given)
    for event, action, document in zip(given, lines[::2], lines[1::2]):
        assert json.loads(action) == {"create": {"_id": event["id"]}}
        assert json.loads(document) == event["document"]


def records(given, request):
    (resource,) = request.resource_logs
    (scope,) = resource.scope_logs
    assert (scope.scope.name, scope.scope.version, scope.schema_url) == (given["name"], given["text"], given["body"])
    assert len(scope.log_records) == given["records"]
    for record in scope.log_records:
        assert record.time_unix_nano == int(given["nanos"]) and record.observed_time_unix_nano == 1
        assert (record.severity_text, record.event_name) == (given["text"], given["name"])
        assert record.body.string_value == given["body"]
        assert (record.trace_id.hex(), record.span_id.hex()) == (given["trace"], given["span"])
        for attributes in (record.attributes, resource.resource.attributes):
            values = [(pair.key, pair.value) for pair in attributes]
            assert [key for key, _ in values] == [given["key"], "i", "d", "b", "l"]
            text, whole, double, truth, texts = [value for _, value in values]
            assert text.string_value == given["text"] and whole.int_value == int(given["int"])
            assert double.double_value == 0.1 and truth.bool_value
            assert [value.string_value for value in texts.array_value.values] == given["list"]


def otlp_json(given, wire):
    request = json.loads(wire)
    for record in request["resourceLogs"][0]["scopeLogs"][0]["logRecords"]:
        # OTLP has ids in hexadecimal where the general rule for JSON says base64.
        for name in ("traceId", "spanId"):
            record[name] = base64.b64encode(bytes.fromhex(record[name])).decode()
    records(given, json_format.ParseDict(request, ExportLogsServiceRequest()))


def otlp_protobuf(given, wire):
    request = ExportLogsServiceRequest.FromString(wire)
    records(given, request)
    assert request.SerializeToString(deterministic=True) == wire, "the canonical bytes"


def webhook(given, wire):
    headers = {
        "webhook-id": given["id"],
        "webhook-timestamp": str(given["timestamp"]),
        "webhook-signature": wire.decode(),
    }
    Webhook(given["secret"]).verify(given["body"], headers, json_parse=False)
    first, second = wire.decode().split(" ")
    assert second.startswith("v1a,")
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(given["public"].removeprefix("whpk_")))
    public.verify(base64.b64decode(second[4:]), f"{given['id']}.{given['timestamp']}.{given['body']}".encode())
    node.write(json.dumps({"headers": headers, "body": given["body"], "secret": given["secret"]}) + "\n")


def digest(given, wire):
    whole = f"{given['workspace']}:{given['event']}:{given['body']}".encode()
    assert hashlib.sha256(whole).hexdigest() == wire.decode()


def sharedkey(given, wire):
    signed = f"POST\n{given['length']}\napplication/json\nx-ms-date:{given['date']}\n/api/logs"
    key = base64.b64decode(given["key"])
    expected = base64.b64encode(hmac.new(key, signed.encode(), hashlib.sha256).digest()).decode()
    assert wire.decode() == f"SharedKey ws-1:{expected}"


VALIDATORS = {}
SCHEMAS = {}


def ocsf(given, wire):
    event = json.loads(wire)
    profiles = tuple(event["metadata"].get("profiles", []))
    key = (given["version"], event["class_uid"], profiles)
    if key not in VALIDATORS:
        schemas = SCHEMAS.setdefault(given["version"], OcsfJsonSchemaEmbedded(get_ocsf_schema(given["version"])))
        name = schemas.lookup_class_name_from_uid(event["class_uid"])
        VALIDATORS[key] = Draft202012Validator(schemas.get_class_schema(name, list(profiles)))
    errors = [f"{list(error.path)}: {error.message[:200]}" for error in VALIDATORS[key].iter_errors(event)]
    assert not errors, (given, errors[:4])
    assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]


# What ArcSight's dictionary has and the package's lacks.
MORE = {"outcome": {"data_type": ["String"], "length": 63}}


def cef_strict(given, wire):
    # The names of our own events escape nothing in the header.
    rest = wire.decode().split("|", 7)[-1]
    keys = list(KEY.finditer(rest))
    assert len(keys) > 3 and len({key.group(1) for key in keys}) == len(keys)
    for at, key in enumerate(keys):
        end = keys[at + 1].start() - 1 if at + 1 < len(keys) else len(rest)
        value = unescape(rest[key.end() : end], {"\\": "\\", "=": "=", "n": "\n", "r": "\r"})
        known = extension_dictionary.get(key.group(1)) or MORE[key.group(1)]
        kind = known["data_type"][0]
        assert not known["length"] or len(value) <= known["length"], (key.group(1), len(value))
        if kind in ("Long", "Integer", "TimeStamp"):
            assert -(2**63) <= int(value) < 2**63, (key.group(1), value)
        elif kind == "Floating Point":
            float(value)
        elif kind == "IPv4 Address":
            ipaddress.IPv4Address(value)
        elif kind == "IPv6 Address":
            ipaddress.IPv6Address(value)


def otel(given, wire):
    request = json.loads(wire)
    for record in request["resourceLogs"][0]["scopeLogs"][0]["logRecords"]:
        for name in ("traceId", "spanId"):
            if name in record:
                record[name] = base64.b64encode(bytes.fromhex(record[name])).decode()
    read = json_format.ParseDict(request, ExportLogsServiceRequest())
    assert read == ExportLogsServiceRequest.FromString(base64.b64decode(given["protobuf"]))
    attributes = [pair.key for pair in read.resource_logs[0].scope_logs[0].log_records[0].attributes]
    assert len(attributes) == len(set(attributes)), "names occur once"


def ecs(given, wire):
    event = json.loads(wire)
    assert event["aisec"]["decision"] and event["event"]["kind"]
    node.write(json.dumps({"ecs": event}) + "\n")


CHECKS = {
    "cef": cef,
    "leef": leef,
    "hec": hec,
    "bulk": bulk,
    "otlp_json": otlp_json,
    "otlp_protobuf": otlp_protobuf,
    "webhook": webhook,
    "digest": digest,
    "sharedkey": sharedkey,
    "ocsf": ocsf,
    "cef_strict": cef_strict,
    "otel": otel,
    "ecs": ecs,
}

done, failed = collections.Counter(), collections.Counter()
with open(sys.argv[1], "w") as node:
    for line in sys.stdin:
        case = json.loads(line)
        name = case["format"]
        done[name] += 1
        try:
            assert "error" not in case, case
            CHECKS[name](case["in"], base64.b64decode(case["wire"]))
        except Exception as cause:
            failed[name] += 1
            if failed[name] <= 3:
                print(f"{name}, case {case['case']}: {cause!r:.600}", file=sys.stderr)
for name in done:
    print(f"{name} by Python: {done[name]} cases, {failed[name]} failed")
sys.exit(1 if failed or not done else 0)
