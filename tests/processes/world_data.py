"""The demo's data set: real data from the Debian packages iso-codes and unicode-data, about 48 000 documents."""

import json
import re

ISO = "/usr/share/iso-codes/json/iso_{}.json"
UNICODE = "/usr/share/unicode/UnicodeData.txt"


def _iso(part):
    with open(ISO.format(part), encoding="utf-8") as file:
        return json.load(file)[part]


def _key(text):
    return re.sub(r"[^A-Za-z0-9_.@()+,=;$!*'%:-]", "_", text)


def countries():
    return [{"_key": c["alpha_2"], **c} for c in _iso("3166-1")]


def subdivisions():
    return [{"_key": _key(s["code"]), **s} for s in _iso("3166-2")]


def languages():
    return [{"_key": lang["alpha_3"], **lang} for lang in _iso("639-3")]


def currencies():
    return [{"_key": c["alpha_3"], **c} for c in _iso("4217")]


def located_in():
    """Edges country → subdivision."""
    edges = []
    for s in subdivisions():
        country = s["code"].split("-")[0]
        edges.append(
            {
                "_key": "in:" + s["_key"],
                "_from": f"countries/{country}",
                "_to": f"subdivisions/{s['_key']}",
                "kind": s["type"],
            }
        )
    return edges


def characters():
    found = []
    with open(UNICODE, encoding="ascii") as file:
        for line in file:
            code, name, category, combining, *_, upper, lower, _title = line.rstrip("\n").split(";")
            value = int(code, 16)
            document = {
                "_key": "U" + code,
                "code": value,
                "name": name,
                "category": category,
                "combining": int(combining),
            }
            if not 0xD800 <= value <= 0xDFFF and not name.startswith("<"):
                document["text"] = chr(value)
            if upper:
                document["upper"] = upper
            if lower:
                document["lower"] = lower
            found.append(document)
    return found


COLLECTIONS = [  # name, type, documents, indexes
    (
        "countries",
        2,
        countries,
        [{"type": "persistent", "fields": ["name"], "unique": False, "sparse": False, "name": "by_name"}],
    ),
    (
        "subdivisions",
        2,
        subdivisions,
        [
            {
                "type": "persistent",
                "fields": ["type", "name"],
                "unique": False,
                "sparse": True,
                "name": "by_type",
            }
        ],
    ),
    (
        "languages",
        2,
        languages,
        [{"type": "hash", "fields": ["scope"], "unique": False, "sparse": False, "name": "by_scope"}],
    ),
    ("currencies", 2, currencies, []),
    (
        "characters",
        2,
        characters,
        [
            {
                "type": "persistent",
                "fields": ["category"],
                "unique": False,
                "sparse": False,
                "name": "by_category",
            },
            {"type": "skiplist", "fields": ["code"], "unique": False, "sparse": False, "name": "by_code"},
        ],
    ),
    ("located_in", 3, located_in, []),
]
