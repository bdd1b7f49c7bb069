"""Reads every file of the packs with a reader of its format that is not ours."""

import configparser
import csv
import json
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

import yaml

root = pathlib.Path(sys.argv[1])


def conf(path):
    reader = configparser.ConfigParser(strict=True, interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    reader.optionxform = str
    # A value goes on behind a backslash at the end of its line.
    reader.read_string(path.read_text().replace("\\\n", " "))
    assert reader.sections(), path


def ndjson(path):
    lines = path.read_text().splitlines()
    assert lines, path
    for line in lines:
        json.loads(line)


def table(path):
    rows = list(csv.reader(path.open(newline="")))
    assert len(rows) > 1 and len({len(row) for row in rows}) == 1, path


READERS = {
    ".conf": conf,
    ".csv": table,
    ".json": lambda path: json.loads(path.read_text()),
    ".ndjson": ndjson,
    ".xml": lambda path: ElementTree.parse(path),
    ".yaml": lambda path: yaml.safe_load(path.read_text()),
    ".yml": lambda path: yaml.safe_load(path.read_text()),
}
count = 0
for path in sorted(root.rglob("*")):
    reader = READERS.get(path.suffix)
    if path.is_file() and reader:
        reader(path)
        count += 1
assert count > 30, count
# Expressions of the dashboard as rules, for promtool to read.
dashboard = json.loads((root / "grafana/dashboard.json").read_text())
expressions = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
rules = [
    {"record": f"dashboard:{at}", "expr": expr.replace("$__rate_interval", "5m").replace("$instance", ".*")}
    for at, expr in enumerate(expressions)
]
pathlib.Path(sys.argv[2]).write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
print(f"{count} files, {len(expressions)} expressions")
