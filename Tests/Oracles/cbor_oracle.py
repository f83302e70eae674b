# SPDX-License-Identifier: AGPL-3.0-or-later
"""A second opinion on the CBOR of protocol.md section 2, by cbor2.

Reads lines of hexadecimal digits, each with a tab and a JSON rendering of the same item or nothing. Writes for
each "refused", "accepted", or "differs" where the rendering isn't that of the item.
"""
import io
import json
import sys

import cbor2

MAX_DEPTH = 16


def is_allowed(item, left=MAX_DEPTH):
    """Whether the item is of the subset, and no deeper than it may be."""
    if item is None or isinstance(item, (bool, bytes, str)):
        return True
    if isinstance(item, int):
        return -(2**64) <= item < 2**64
    if left == 0:
        return False
    if isinstance(item, list):
        return all(is_allowed(part, left - 1) for part in item)
    if isinstance(item, dict):
        keys = all(type(key) is int and 0 <= key < 2**64 for key in item)
        return keys and all(is_allowed(part, left - 1) for part in item.values())
    return False


def rendered(item):
    """What the JSON of an item reads as."""
    if isinstance(item, bytes):
        return "0x" + item.hex()
    if isinstance(item, str):
        return "'" + item if item.startswith(("0x", "'")) else item
    if isinstance(item, list):
        return [rendered(part) for part in item]
    if isinstance(item, dict):
        return {str(key): rendered(part) for key, part in item.items()}
    return item


def verdict(data, text):
    stream = io.BytesIO(data)
    try:
        item = cbor2.load(stream)
        again = cbor2.dumps(item, canonical=True)
    except Exception:  # whatever a decoder of everything makes of noise, it is not an item of the subset
        return "refused"
    if again != data or not is_allowed(item):
        return "refused"
    if not text:
        return "accepted"
    same = json.loads(text) == rendered(item) and json.dumps(json.loads(text)) == json.dumps(rendered(item))
    return "accepted" if same else "differs"


for line in sys.stdin:
    digits, _, text = line.rstrip("\n").partition("\t")
    print(verdict(bytes.fromhex(digits), text))
