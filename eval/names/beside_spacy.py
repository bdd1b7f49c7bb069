"""The named entities of spaCy on the sentences of presidio-research, counted as `cargo xt train-names` counts ours.

    python eval/names/beside_spacy.py CORPORA MODEL

MODEL is a folder or the name of an installed pipeline, such as en_core_web_sm, the one that Presidio asks for by default.
It knows no addresses, so that three kinds are compared. An address and the town right behind it count as one address,
as they do for us.
"""

import json
import sys
import time
from pathlib import Path

import spacy

KINDS = {"PERSON": "PERSON", "GPE": "LOCATION", "LOC": "LOCATION", "LOCATION": "LOCATION", "ORG": "ORGANIZATION",
         "ORGANIZATION": "ORGANIZATION", "STREET_ADDRESS": "ADDRESS", "ADDRESS": "ADDRESS"}
COMPARED = ["PERSON", "LOCATION", "ORGANIZATION"]
TITLES = {"Mr.", "Mrs.", "Ms.", "Dr.", "nan"}


def named(row):
    text = row["text"]
    places = [(e["start"], e["end"], KINDS[e["type"]]) for e in row["entities"] if e["type"] in KINDS]
    places = sorted(p for p in places if text[p[0]:p[1]] not in TITLES)
    merged = []
    for start, end, kind in places:
        if merged and merged[-1][2] == "ADDRESS" and kind in ("ADDRESS", "LOCATION"):
            gap = text[merged[-1][1]:start]
            if start >= merged[-1][1] and len(gap) <= 3 and all(c in " ,\n" for c in gap):
                merged[-1] = (merged[-1][0], end, "ADDRESS")
                continue
        if not merged or merged[-1][1] <= start:
            merged.append((start, end, kind))
    return merged


def is_same(a, b):
    shared = min(a[1], b[1]) - max(a[0], b[0])
    return shared > 0 and 2 * shared >= (a[1] - a[0]) + (b[1] - b[0]) - shared


def main():
    folder, model = Path(sys.argv[1]), sys.argv[2]
    tagger = spacy.load(model, exclude=["parser", "lemmatizer", "tagger", "attribute_ruler", "senter"])
    lines = (folder / "pii_presidio_research.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    for source in sorted({row["source"] for row in rows}):
        some = [row for row in rows if row["source"] == source]
        counts = {kind: [0, 0, 0] for kind in COMPARED}
        begin, size = time.perf_counter(), 0
        for row in some:
            found = [(e.start_char, e.end_char, KINDS[e.label_]) for e in tagger(row["text"]).ents if e.label_ in KINDS]
            size += len(row["text"].encode())
            gold = named(row)
            # What lies within an address is neither found nor made up, since spaCy has no such kind.
            addresses = [g for g in gold if g[2] == "ADDRESS"]
            found = [f for f in found if not any(f[0] < a[1] and a[0] < f[1] for a in addresses)]
            for place in gold:
                if place[2] == "ADDRESS":
                    continue
                counts[place[2]][0] += 1
                match = next((f for f in found if f[2] == place[2] and is_same(f, place)), None)
                if match:
                    counts[place[2]][1] += 1
                    found.remove(match)
            for _, _, kind in found:
                counts[kind][2] += 1
        took = (time.perf_counter() - begin) * 1e6 / (size / 1024)
        print(source, f"{took:.0f} us/KiB")
        for kind, (count, hit, made_up) in counts.items():
            precision, recall = hit / max(1, hit + made_up), hit / max(1, count)
            print(f"  {kind}: {count} named, precision {precision:.3f}, recall {recall:.3f}, F1 {2 * hit / max(1, count + hit + made_up):.3f}")


main()
