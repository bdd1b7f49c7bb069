"""Rows for training: windows of tokens with their answers, from the corpora and from the texts of our own.

A row is (ids, answer, source); ids are those of one window without the marks at its ends. Deterministic by its seed.
"""
import glob, gzip, json, os, random, re, subprocess, sys, tempfile

from tokenizers import Tokenizer

WINDOW = 254
HERE = os.path.dirname(os.path.abspath(__file__))
WRITTEN = os.path.join(HERE, "../../crates/picket-eval/training")

# Whole sources that are never trained on, so that figures can be had on them.
with open(os.path.join(HERE, "left_out.txt"), encoding="utf8") as lines:
    LEFT_OUT = tuple(line.strip() for line in lines if line.strip() and not line.startswith("# "))
# At most so many texts of a file and an answer, and windows of each text.
CAPS = {
    "inj_neuralchemy": (2600, 1), "ben_promptbook_multilingual": (1700, 1), "ben_longdocs_peps": (330, 6),
    "ben_selfinstruct": (2600, 1), "ben_cyber_frr": (1448, 1), "ben_awesome_prompts": (758, 1), "inj_inthewild": (497, 2),
    "harm_requests": (1100, 1), "pii_presidio_research": (500, 1), "pii_presidio_tests": (200, 1),
    "tox_davidson": (700, 1), "tox_korean_curse": (700, 1), "sec_credsweeper": (150, 1), "sec_gitleaks": (150, 1),
    "sec_neg_lockfiles": (80, 1),
}
LEET = str.maketrans("4310572@$!|", "aeiostzasil")


def read(folder):
    """Every labelled text, file by file."""
    for file in sorted(glob.glob(os.path.join(folder, "*.jsonl*"))):
        name = os.path.basename(file).split(".")[0]
        with (gzip.open if file.endswith(".gz") else open)(file, "rt", encoding="utf8") as lines:
            for line in lines:
                if line.strip():
                    yield name, json.loads(line)


class Written:
    """Lists of templates, the same as `picket-eval`'s trainer reads."""

    def __init__(self, files, rng):
        self.lists, self.rng = {}, rng
        for file in files:
            name = ""
            for line in open(file, encoding="utf8"):
                if line.startswith("# ") or not line.strip():
                    continue
                head = re.fullmatch(r"\[([a-z0-9_]+)\]", line.strip())
                if head:
                    name = head[1]
                else:
                    self.lists.setdefault(name, []).extend(part.strip() for part in line.rstrip("\n").split(" | "))

    def draw(self, name, depth=0):
        if name not in self.lists or depth > 7:
            return name
        template = self.rng.choice(self.lists[name])
        inner = lambda found: self.draw(found[1], depth + 1) if found[1] in self.lists else found[0]
        return re.sub(r"\{([a-z0-9_]+)\}", inner, template).replace("\\n", "\n")


class Maker:
    def __init__(self, tokenizer, seed):
        self.rng, self.tokenizer, self.rows = random.Random(seed), tokenizer, []
        # Numbers of texts of the corpora that are trained on, counted over all files.
        self.used = set()

    def ids(self, text):
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def add(self, ids, answer, source, number=None):
        if len(ids) >= 2:
            self.rows.append((ids[:WINDOW], answer, source))
            self.used.add(number)

    def noisy(self, text):
        """A text in another spelling, now and then."""
        rng, draw = self.rng, self.rng.random()
        if draw < 0.03:
            return text.translate(str.maketrans("aeiost", "431057"))
        if draw < 0.06:
            letters = list(text)
            for _ in range(1 + len(text) // 30):
                at = rng.randrange(len(letters))
                if letters[at].isascii() and letters[at].isalpha():
                    letters[at] = rng.choice(("", letters[at] * 2, rng.choice("abcdefghijklmnopqrstuvwxyz")))
            return "".join(letters)
        if draw < 0.10:
            return text.rstrip(".!?")
        return text

    def windows(self, ids, count):
        """Windows of a text that may be longer: its beginning, then places drawn."""
        starts = [0] + [self.rng.randrange(len(ids) - WINDOW // 2) for _ in range(count - 1) if len(ids) > WINDOW]
        return [ids[start : start + WINDOW] for start in starts]

    def piece(self, ids):
        """A piece of a carrier, of any length up to a window."""
        length = self.rng.choice((16, 32, 48, 64, 96, 128, 192, 254))
        start = self.rng.randrange(max(1, len(ids) - length + 1))
        return ids[start : start + length]

    def dressed(self):
        """What stands around a text in a mail, a page or a tool's answer."""
        rng = self.rng
        name = lambda: rng.choice(("Anna", "Tom Reed", "billing@shop.example", "HR", "J. Ortiz", "support", "noreply@news.example"))
        return rng.choice((
            (f"From: {name()}\nTo: {name()}\nSubject: {rng.choice(('Re: invoice', 'Notes', 'Your order', 'Travel'))}\n\n", f"\n\nBest regards,\n{name()}"),
            ('{"%s": "' % rng.choice(("result", "content", "body", "output")), '", "status": "ok"}'),
            (f"<html><body><h1>{rng.choice(('News', 'Recipe', 'Docs'))}</h1><p>", "</p></body></html>"),
            (rng.choice(("Summarize the following text:\n\n", "Translate this:\n", "What does this document say?\n\n", "Answer from the context.\nContext: ")), ""),
            (f"Review ({rng.randrange(1, 6)}/5): ", ""),
            (f"# {rng.choice(('README', 'Notes', 'Changelog', 'Minutes'))}\n\n", "\n"),
            ("", ""), ("", ""), ("", ""),
        ))

    def placed(self, carrier, text):
        """Tokens of a text inside a carrier, inside what mails and pages put around."""
        rng = self.rng
        if rng.random() < 0.35:
            text = rng.choice((f"<!-- {text} -->", f"\n\nIMPORTANT: {text}\n", f"({text})", f"[SYSTEM] {text}", f"\n---\n{text}\n"))
        head, tail = map(self.ids, self.dressed())
        own = self.ids(text)[: WINDOW - 30]
        room = max(0, WINDOW - len(head) - len(tail) - len(own))
        carrier = carrier[:room]
        stops = [at + 1 for at, token in enumerate(carrier) if token in (1012, 1029, 999, 1636)]
        at = rng.choice([0, len(carrier), len(carrier)] + stops * 2)
        return head + carrier[:at] + own + carrier[at:] + tail


def build(corpora, tokenizer, seed=1, left_out=LEFT_OUT, scale=1.0):
    """All rows, shuffled, and which texts of the corpora are in them; `scale` makes fewer of those that are made."""
    maker = Maker(tokenizer, seed)
    rng = maker.rng
    texts, seen, carriers, payloads = {}, set(), [], []
    for number, (name, row) in enumerate(read(corpora)):
        if row["source"] in left_out or row["label"] == "exfil":
            continue
        key = re.sub(r"[\W_]+", "", row["text"].lower().translate(LEET))[:60]
        if key in seen or (row.get("category") in ("adversarial", "encoding") and rng.random() < 0.75):
            continue
        seen.add(key)
        texts.setdefault((name, int(row["label"] == "injection")), []).append((number, row["text"]))
    for (name, answer), list_ in sorted(texts.items()):
        rng.shuffle(list_)
        most, windows = CAPS.get(name, (1500, 1))
        for number, text in list_[:most]:
            ids = maker.ids(maker.noisy(text[:12000]))
            for window in maker.windows(ids, windows):
                maker.add(window, answer, name, number)
            if answer and len(text) < 260:
                payloads.append(text)
            if not answer and name.startswith("ben_") and len(ids) > 30 and "ignore" not in text.lower():
                carriers.append(ids)
    rng.shuffle(payloads)
    payloads = payloads[:1500]
    written = Written([os.path.join(WRITTEN, "benign.txt"), os.path.join(WRITTEN, "attacks.txt"), os.path.join(HERE, "documents.txt")], rng)
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        subprocess.run([sys.executable, os.path.join(WRITTEN, "generate.py"), file.name, "420", str(seed)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for line in open(file.name, encoding="utf8"):
            row = json.loads(line)
            answer = int(row["label"] == "injection")
            # Twins stay below a third of the harmless texts.
            if not answer and rng.random() < 0.4:
                continue
            maker.add(maker.ids(maker.noisy(row["text"])), answer, "synthetic")
            if answer and row.get("short"):
                payloads.append(row["text"])
    many = lambda count: range(int(count * scale))
    for _ in many(2500):
        maker.add(maker.ids(maker.noisy(written.draw("attacks"))), 1, "written")
    for _ in many(800):
        maker.add(maker.ids(written.draw("foreign")), 1, "written")
    for _ in many(4500):
        maker.add(maker.ids(maker.noisy(written.draw("texts"))), 0, "written")
    for _ in many(500):
        maker.add(maker.ids(" ".join(written.draw("articles") for _ in range(rng.randrange(1, 5)))), 0, "written")
    for _ in many(5000):
        kind = rng.random()
        text = written.draw("indirect") if kind < 0.55 else written.draw("payloads") if kind < 0.7 else rng.choice(payloads)
        maker.add(maker.placed(maker.piece(rng.choice(carriers)), text), 1, "placed")
    for _ in many(5000):
        kind = rng.random()
        text = "" if kind < 0.4 else written.draw("human") if kind < 0.75 else written.draw("texts") if kind < 0.9 else written.draw("articles")
        maker.add(maker.placed(maker.piece(rng.choice(carriers)), text), 0, "placed")
    rng.shuffle(maker.rows)
    return maker.rows, sorted(maker.used - {None})


if __name__ == "__main__":
    from collections import Counter
    tokenizer = Tokenizer.from_file(os.path.join(sys.argv[2], "tokenizer.json"))
    tokenizer.no_padding(), tokenizer.no_truncation()
    rows, _ = build(sys.argv[1], tokenizer)
    print(len(rows), sum(len(ids) for ids, _, _ in rows), "tokens")
    for key, count in sorted(Counter((source, answer) for _, answer, source in rows).items()):
        print(key, count, sum(len(i) for i, a, s in rows if (s, a) == key))
