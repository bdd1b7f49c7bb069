#!/usr/bin/env python3
"""Verifies a Picket log without Picket: checkpoint, entries, tiles, proofs.

Written from the public specifications alone (RFC 6962 section 2.1, RFC 8785, C2SP signed-note, tlog-checkpoint,
tlog-tiles and tlog-proof); it shares no code with the product. It needs Python 3.9 or newer and the package
`cryptography`. The verifier key must come to you another way than the log: from a contract, a colleague, a print.

    verify_tlog.py tree  --vkey KEY (--url https://host:8081/v1/log/t_… | --folder MIRROR) [--since OLD_CHECKPOINT]
    verify_tlog.py proof --vkey KEY --entry ENTRY --proof PROOF

`tree` reads every entry and recomputes the whole tree; a token for the URL comes from the environment, PICKET_TOKEN.
Exit code 0: everything that is listed was checked and holds. 1: something does not hold. 2: it could not be checked.
"""
import argparse
import base64
import hashlib
import json
import os
import re
import sys
import urllib.error
import urllib.request
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519 = 1
WIDTH = 256
ENTRY_BYTES_MAX = 16_384
INTEGER_MAX = 2**53 - 1


class Broken(Exception):
    """Something does not hold."""


class Unavailable(Exception):
    """Something could not be read."""


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(entry):
    return sha256(b"\x00" + entry)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def unbase64(text, what):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Broken(f"{what} is not base64") from error
    if base64.b64encode(data).decode() != text:
        raise Broken(f"{what} has another spelling of its bytes")
    return data


class Tree:
    """Hashes of complete subtrees, from the largest on the left to the smallest on the right."""

    def __init__(self):
        self.stack = []
        self.size = 0

    def add(self, leaf):
        carried, rest = leaf, self.size
        while rest & 1:
            carried = node_hash(self.stack.pop(), carried)
            rest >>= 1
        self.stack.append(carried)
        self.size += 1

    def root(self):
        if not self.stack:
            return sha256(b"")
        root = self.stack[-1]
        for left in reversed(self.stack[:-1]):
            root = node_hash(left, root)
        return root


class Key:
    """A verifier key: NAME+ID+BASE64(type ‖ key)."""

    def __init__(self, text):
        parts = text.strip().split("+", 2)
        if len(parts) != 3:
            raise Broken("the verifier key has not three parts")
        self.name, digits, encoded = parts
        key = unbase64(encoded, "the verifier key")
        if len(key) != 33 or key[0] != ED25519:
            raise Broken("the verifier key is not one of Ed25519")
        self.id = sha256(self.name.encode() + b"\n" + key)[:4]
        if self.id.hex() != digits:
            raise Broken("the verifier key does not match its own id")
        self.public = Ed25519PublicKey.from_public_bytes(key[1:])


class Checkpoint:
    """A signed note of origin, size and root, verified when it is made."""

    def __init__(self, note, key):
        text, separator, signatures = note.decode("utf-8", "strict").rpartition("\n\n")
        if not separator:
            raise Broken("the checkpoint has no signatures")
        text += "\n"
        self.verify(text.encode(), signatures, key)
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] != "":
            raise Broken("the checkpoint has not three lines")
        self.origin, size, root = lines[:3]
        if self.origin != key.name:
            raise Broken(f"the checkpoint is of `{self.origin}`, the key of `{key.name}`")
        if not re.fullmatch(r"0|[1-9][0-9]{0,18}", size):
            raise Broken("the size is no number")
        self.size = int(size)
        self.root = unbase64(root, "the root")

    @staticmethod
    def verify(text, signatures, key):
        for line in signatures.splitlines():
            match = re.fullmatch("\u2014 (\\S+) (\\S+)", line)
            if not match:
                raise Broken("a signature line is malformed")
            signature = unbase64(match[2], "a signature")
            if match[1] != key.name or signature[:4] != key.id:
                continue
            try:
                return key.public.verify(signature[4:], text)
            except InvalidSignature as error:
                raise Broken("the signature of the checkpoint does not verify") from error
        raise Broken("the checkpoint is not signed with that key")


def canonical(entry, index, log):
    """Checks that an entry is what RFC 8785 writes, of this log, and at this place."""

    def members(pairs):
        names = [name for name, _ in pairs]
        if len(set(names)) != len(names) or not all(re.fullmatch(r"[a-z0-9_]{1,32}", name) for name in names):
            raise Broken(f"entry {index}: member names are doubled or outside the profile")
        return dict(pairs)

    def integer(text):
        if abs(int(text)) > INTEGER_MAX or text == "-0":
            raise Broken(f"entry {index}: a number is outside the profile")
        return int(text)

    def no_float(_):
        raise Broken(f"entry {index}: a number is not whole")

    if len(entry) > ENTRY_BYTES_MAX:
        raise Broken(f"entry {index}: too long")
    try:
        value = json.loads(entry.decode("utf-8"), object_pairs_hook=members, parse_int=integer, parse_float=no_float)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise Broken(f"entry {index}: not JSON") from error
    if json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() != entry:
        raise Broken(f"entry {index}: not canonical")
    if value.get("seq") != index or value.get("tenant") != log:
        raise Broken(f"entry {index}: names another place or another log")
    return value


class Source:
    """Where the files of a log come from: a server, or a mirror of the C2SP layout."""

    def __init__(self, url, folder):
        self.url, self.folder = url, folder

    def read(self, path):
        if self.folder:
            try:
                return Path(self.folder, path).read_bytes()
            except OSError as error:
                raise Unavailable(f"{path}: {error.strerror}") from error
        request = urllib.request.Request(f"{self.url.rstrip('/')}/{path}")
        if os.environ.get("PICKET_TOKEN"):
            request.add_header("authorization", f"Bearer {os.environ['PICKET_TOKEN']}")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            raise Unavailable(f"{path}: the server answers {error.code}") from error
        except OSError as error:
            raise Unavailable(f"{path}: {error}") from error


def tile_path(kind, number, width):
    groups = [f"{number % 1000:03}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03}")
    return f"tile/{kind}/{'/'.join(groups)}" + ("" if width == WIDTH else f".p/{width}")


def tiles(size):
    """Number and width of each tile of a level with so many hashes."""
    for number in range((size + WIDTH - 1) // WIDTH):
        yield number, min(WIDTH, size - number * WIDTH)


def entries(source, size):
    for number, width in tiles(size):
        path = tile_path("entries", number, width)
        data = source.read(path)
        for _ in range(width):
            length = int.from_bytes(data[:2], "big")
            if len(data) < 2 + length:
                raise Broken(f"{path}: ends in the middle of an entry")
            yield data[2 : 2 + length]
            data = data[2 + length :]
        if data:
            raise Broken(f"{path}: holds more than its entries")


def verify_tiles(source, level, hashes):
    """Compares a level with its tiles; the hashes of the level above."""
    above = []
    for number, width in tiles(len(hashes)):
        path = tile_path(str(level), number, width)
        wanted = hashes[number * WIDTH : number * WIDTH + width]
        if source.read(path) != b"".join(wanted):
            raise Broken(f"{path}: does not hold the hashes of the entries")
        if width == WIDTH:
            tree = Tree()
            for each in wanted:
                tree.add(each)
            above.append(tree.root())
    return above


def verify_tree(arguments):
    key = Key(arguments.vkey)
    source = Source(arguments.url, arguments.folder)
    head = Checkpoint(source.read("checkpoint"), key)
    old = Checkpoint(Path(arguments.since).read_bytes(), key) if arguments.since else None
    if old and old.size > head.size:
        raise Broken(f"the log shrank from {old.size} to {head.size} entries")
    log, tree, leaves, types = head.origin.rsplit("/", 1)[-1], Tree(), [], {}
    for index, entry in enumerate(entries(source, head.size)):
        if old and index == old.size and tree.root() != old.root:
            raise Broken("the log was rewritten: it does not continue the older checkpoint")
        value = canonical(entry, index, log)
        types[value.get("type")] = types.get(value.get("type"), 0) + 1
        leaves.append(leaf_hash(entry))
        tree.add(leaves[-1])
    if tree.root() != head.root:
        raise Broken("the root of the checkpoint is not that of the entries")
    if old and old.size == head.size and old.root != head.root:
        raise Broken("two checkpoints of one size have two roots")
    level, hashes = 0, leaves
    while hashes:
        hashes, level = verify_tiles(source, level, hashes), level + 1
    return {
        "origin": head.origin,
        "entries": head.size,
        "root": base64.b64encode(head.root).decode(),
        "continues": old.size if old else None,
        "types": dict(sorted(types.items())),
        "not_checked": ["witnesses and time stamps: none asked for", "bodies: they are outside the tree"]
        + ([] if old else ["continuity: no older checkpoint was given"]),
    }


def verify_inclusion(path, index, size, leaf, root):
    """RFC 9162, section 2.1.3.2."""
    if index >= size:
        raise Broken("the index is outside the tree")
    place, last, value = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise Broken("the path is too long")
        if place & 1 or place == last:
            value = node_hash(step, value)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            value = node_hash(value, step)
        place, last = place >> 1, last >> 1
    if last != 0 or value != root:
        raise Broken("the path does not lead from the entry to the root")


def verify_proof(arguments):
    key = Key(arguments.vkey)
    entry, document = Path(arguments.entry).read_bytes(), Path(arguments.proof).read_bytes()
    head, separator, note = document.partition(b"\n\n")
    lines = head.decode("ascii", "replace").split("\n")
    match = re.fullmatch(r"index (0|[1-9][0-9]{0,18})", lines[1]) if len(lines) > 1 else None
    if not separator or lines[0] != "c2sp.org/tlog-proof@v1" or not match:
        raise Broken("the proof is no c2sp.org/tlog-proof@v1")
    index, checkpoint = int(match[1]), Checkpoint(note, key)
    path = [unbase64(line, "a hash") for line in lines[2:]]
    verify_inclusion(path, index, checkpoint.size, leaf_hash(entry), checkpoint.root)
    value = canonical(entry, index, checkpoint.origin.rsplit("/", 1)[-1])
    return {"origin": checkpoint.origin, "index": index, "entries": checkpoint.size, "type": value.get("type")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    tree = commands.add_parser("tree", help="verify the whole log")
    where = tree.add_mutually_exclusive_group(required=True)
    where.add_argument("--url", help="address of the log, such as https://host:8081/v1/log/t_…")
    where.add_argument("--folder", help="mirror of the log in the C2SP layout")
    tree.add_argument("--since", help="file with an older checkpoint that the log must continue")
    tree.set_defaults(run=verify_tree)
    proof = commands.add_parser("proof", help="verify that an entry is in the log, offline")
    proof.add_argument("--entry", required=True, help="file with the exact bytes of the entry")
    proof.add_argument("--proof", required=True, help="file with the proof")
    proof.set_defaults(run=verify_proof)
    for command in (tree, proof):
        command.add_argument("--vkey", required=True, help="verifier key of the log, from somebody you trust")
    arguments = parser.parse_args()
    try:
        print(json.dumps(arguments.run(arguments), indent=2))
        return 0
    except Broken as error:
        print(f"DOES NOT HOLD: {error}", file=sys.stderr)
        return 1
    except (Unavailable, OSError, UnicodeDecodeError) as error:
        print(f"not checked: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
