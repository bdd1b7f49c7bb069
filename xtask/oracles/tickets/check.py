"""Holds the golden files of ticket payloads against the makers' own libraries and schemas.

usage: check.py TESTDATA ADF_SCHEMA TEAMS_OUT
"""

import email
import email.policy
import http.server
import json
import re
import sys
import threading

import jsonschema
import pagerduty
from slack_sdk.models.blocks import Block

testdata, adf_schema, teams_out = sys.argv[1:4]
checked = 0


def requests(kind):
    """Act, method, URL and JSON body of each request of a golden file."""
    text = open(f"{testdata}/{kind}.txt", encoding="utf-8").read()
    for part in re.split(r"^# ", text, flags=re.M)[1:]:
        act, rest = part.split("\n", 1)
        for found in re.finditer(r"^(GET|POST|PATCH) (\S+)\n((?:[a-z-]+: .*\n)*)(?:\n(\{\n(?:.*\n)*?\}\n))?", rest, re.M):
            method, url, _headers, body = found.groups()
            yield act, method, url, json.loads(body) if body else None


def slack():
    global checked
    for _act, _method, url, body in requests("slack"):
        assert url.startswith("https://hooks.slack.com/services/")
        blocks = Block.parse_all(body["blocks"])
        assert len(blocks) == len(body["blocks"]) <= 50
        # Each block checks its own limits when it is written again.
        assert [block.to_dict() for block in blocks] == body["blocks"], "slack_sdk reads something else"
        checked += 1


def jira():
    global checked
    schema = json.load(open(adf_schema, encoding="utf-8"))
    validator = jsonschema.Draft4Validator(schema)
    for broken in [{"type": "doc", "version": 1, "content": "text"},
                   {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": ""}]}]}]:
        assert not validator.is_valid(broken), "the schema takes everything"
    for _act, _method, url, body in requests("jira"):
        document = body and (body.get("fields", {}).get("description") if isinstance(body.get("fields"), dict) else body.get("body"))
        if document:
            validator.validate(document)
            checked += 1


class Mock(http.server.BaseHTTPRequestHandler):
    got = []

    def do_POST(self):
        Mock.got.append((self.path, json.loads(self.rfile.read(int(self.headers["content-length"])))))
        answer = json.dumps({"status": "success", "message": "Event processed", "dedup_key": "x"}).encode()
        self.send_response(202)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args):
        pass


def pager_duty():
    """What the maker's client sends when it is asked for the same."""
    global checked
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mock)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = pagerduty.EventsApiV2Client("k" * 32)
    client._url = f"http://127.0.0.1:{server.server_port}"
    for act, _method, url, body in requests("pagerduty"):
        assert url == "https://events.pagerduty.com/v2/enqueue"
        Mock.got.clear()
        key = body["dedup_key"]
        if body["event_action"] == "trigger":
            payload = dict(body["payload"])
            more = {name: payload.pop(name) for name in ["timestamp", "component", "group", "class"]}
            client.trigger(payload["summary"], payload["source"], dedup_key=key, severity=payload["severity"],
                           payload=more, custom_details=payload["custom_details"], links=body["links"])
        else:
            getattr(client, body["event_action"])(key)
        path, theirs = Mock.got.pop()
        assert path == "/v2/enqueue"
        for name in theirs:
            if name != "routing_key":
                assert theirs[name] == body[name] or name in ("client", "client_url"), (act, name, theirs[name], body.get(name))
        for name in set(body) - set(theirs):
            assert name in ("client", "client_url", "images"), (act, name)
        checked += 1


def mail():
    global checked
    text = open(f"{testdata}/email.txt", encoding="utf-8").read()
    threads = set()
    for part in re.split(r"^# ", text, flags=re.M)[1:]:
        act, rest = part.split("\n", 1)
        message = rest.split("\n\n", 1)[1].rsplit("\n= ", 1)[0]
        read = email.message_from_string(message, policy=email.policy.default)
        assert not read.defects, read.defects
        assert read["auto-submitted"] == "auto-generated" and read["from"] and read["to"] and read["date"]
        assert {part.get_content_type() for part in read.iter_parts()} == {"text/plain", "text/html"}
        html = read.get_body(("html",)).get_content()
        assert "<b>x</b>" not in html and "&lt;b&gt;" in html
        threads.add(read["message-id"] if act == "open" else read["references"])
        checked += 1
    assert len(threads) == 1, threads


def teams():
    cards = [body["attachments"][0]["content"] for _act, _method, _url, body in requests("teams")]
    assert all(len(json.dumps(card)) < 28 * 1024 for card in cards)
    json.dump(cards, open(teams_out, "w", encoding="utf-8"))


for check in (slack, jira, pager_duty, mail, teams):
    check()
print(f"{checked} payloads are what Slack's, Atlassian's and PagerDuty's libraries and the mail parser of Python take")
