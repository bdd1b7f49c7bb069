"""gitleaks (MIT): the program itself with its own rules, over one file a row.

It is one process for all rows, so that the time of a row is the mean by size, the program's start included.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import arguments, rows, write

HOME, SOURCE, TARGET = arguments()
ROWS = rows(SOURCE)


def place(text, finding):
    """Where the secret stands, in code points; else where the finding's line begins."""
    at = text.find(finding["Secret"])
    begin = sum(len(line) for line in text.split("\n")[: max(finding["StartLine"] - 1, 0)])
    return (at, at + len(finding["Secret"])) if at >= 0 else (begin, begin + 1)


with tempfile.TemporaryDirectory() as folder:
    for row in ROWS:
        (Path(folder) / f"{row['row']}.txt").write_text(row["text"], encoding="utf-8", newline="")
    report = Path(folder) / "report.json"
    command = [str(Path(HOME) / "gitleaks"), "dir", folder, "--report-path", str(report), "--exit-code", "0"]
    command += ["--no-banner", "--log-level", "error", "--max-target-megabytes", "0"]
    begun = time.perf_counter()
    subprocess.run(command, check=True)
    seconds = time.perf_counter() - begun
    findings = json.loads(report.read_text(encoding="utf-8"))

BY_ROW = {}
for finding in findings:
    BY_ROW.setdefault(int(Path(finding["File"]).stem), []).append(finding)
WEIGHT = sum(len(row["text"].encode()) for row in ROWS)
if not findings:
    sys.exit("gitleaks found nothing in any row")


def verdicts():
    for row in ROWS:
        found = BY_ROW.get(row["row"], [])
        entities = []
        for finding in found:
            start, end = place(row["text"], finding)
            entities.append({"type": finding["RuleID"], "start": start, "end": end})
        share = seconds * len(row["text"].encode()) / WEIGHT
        yield {"row": row["row"], "score": None, "flagged": bool(found), "seconds": share, "entities": entities}


write(TARGET, "gitleaks 8.30.1", "secret", verdicts())
