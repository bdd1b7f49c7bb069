"""detect-secrets (Apache-2.0): every plugin that it ships, with its default filters, over one file a row.

It is made for files: asked about a line alone, it names every word with its entropy.
"""

import tempfile
from pathlib import Path

from common import run
from detect_secrets import SecretsCollection
from detect_secrets.settings import default_settings

FOLDER = tempfile.TemporaryDirectory()
FILE = Path(FOLDER.name) / "row.txt"


def judge(text):
    """A secret's place is that of its value in its line."""
    FILE.write_text(text, encoding="utf-8", newline="")
    found = SecretsCollection()
    with default_settings():
        found.scan_file(str(FILE))
    lines = text.split("\n")
    places = []
    for _, secret in found:
        line = lines[secret.line_number - 1]
        begin = sum(len(line) + 1 for line in lines[: secret.line_number - 1])
        at = max(line.find(secret.secret_value), 0)
        length = len(secret.secret_value) if secret.secret_value in line else len(line)
        places.append((secret.type, begin + at, begin + at + max(length, 1)))
    return None, places, places


run("detect-secrets", "secret", judge)
