"""What every peer's program does: read rows, ask the detector, write verdicts with the time that each took.

Arguments: the folder in which the peer is installed, the file of rows (`{"row", "text", "lang"}` a line), and the file
for verdicts. The first line of those is `{"by", "check"}`, each further one
`{"row", "score", "flagged", "seconds", "entities": [{"type", "start", "end"}]}`; `score` may be null, and places count
in code points, as Python's strings do.
"""

import json
import sys
import time
from importlib.metadata import version


def arguments():
    """The peer's folder, the file of rows and the file for verdicts."""
    if len(sys.argv) != 4:
        sys.exit(f"usage: {sys.argv[0]} HOME ROWS VERDICTS")
    return sys.argv[1:]


def rows(file):
    """The rows of a file."""
    with open(file, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write(file, by, check, verdicts):
    """Writes verdicts as they come."""
    with open(file, "w", encoding="utf-8") as out:
        print(json.dumps({"by": by, "check": check}), file=out)
        for verdict in verdicts:
            print(json.dumps(verdict), file=out)


def run(package, check, judge):
    """Asks `judge` about each text: it returns score or None, flagged, and a list of (type, start, end)."""
    _, source, target = arguments()
    judge("What is compiled at first use is no time of the first text.")

    def verdicts():
        for row in rows(source):
            begun = time.perf_counter()
            score, flagged, places = judge(row["text"])
            seconds = time.perf_counter() - begun
            entities = [{"type": kind, "start": start, "end": end} for kind, start, end in places]
            yield {
                "row": row["row"],
                "score": score,
                "flagged": bool(flagged),
                "seconds": seconds,
                "entities": entities,
            }

    write(target, f"{package} {version(package)}", check, verdicts())
