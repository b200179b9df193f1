"""Is an answer of the sandbox the recorded one? Status, the headers that matter, and the body: shape, types and values.

What a server numbers by itself may differ: ids, generated keys, revisions, ticks, times, addresses, sizes in bytes.
Such a value must have the recorded form, and what is one and the same thing twice in the recording must be one and the
same thing here (an id in `_id`, `_key` and Location, a revision in `_rev` and Etag). Everything else must be equal.
"""

import json
import re

from recording import values_in

# Of the connection, not of the answer; and the sandbox never calls itself ArangoDB.
FREE_HEADERS = {
    "connection", "content-length", "date", "keep-alive", "server", "transfer-encoding", "x-arangosync-sandbox",
    "x-arango-queue-time-seconds", "x-arango-request-forwarded-to", "allow",
}  # fmt: skip

# Values that have a form instead of a value, by the name of the member.
FORMS = {
    "id": "<number>", "cid": "<number>", "planId": "<number>", "objectId": "<number>", "serverId": "<number>",
    "tid": "<number>",
    "checksum": "<count>", "tick": "<count>", "tickMin": "<count>", "tickMax": "<count>", "firstTick": "<count>",
    "lastTick": "<count>", "lastLogTick": "<count>", "lastUncommittedLogTick": "<count>", "lastServedTick": "<count>",
    "time": "<time>", "started": "<time>", "expires": "<time>",
    "_rev": "<revision>", "_oldRev": "<revision>", "revision": "<revision or count>",
    "_id": "<handle>", "_key": "<key>",
    "globallyUniqueId": "<unique id>", "cuid": "<unique id>",
    "endpoint": "<address>", "host": "<any>", "path": "<path>", "license": "<any>",
    "hash": "<any>", "salt": "<any>", "name": "<index name>", "shardId": "<shard>",
}  # fmt: skip

# Numbers that are measured.
MEASURED = {
    "executionTime", "peakMemoryUsage", "size", "documentsSize", "fileSize", "cacheSize", "cacheUsage", "totalEvents",
    "lastValue", "lastTick", "uncollectedLogfileEntries",
}  # fmt: skip

PATTERNS = {
    "<number>": r"\d+",
    "<count>": r"\d+",
    "<time>": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|",
    "<revision>": r"[-_A-Za-z0-9]{8,16}",
    "<revision or count>": r"_[-_A-Za-z0-9]{8,16}|\d+",
    "<handle>": r"(?P<kept>[^/]+/)\d+",
    "<key>": r"\d+",
    "<unique id>": r"(?P<kept>[hc])[0-9A-F]*(/s?\d+|\d+/)",
    "<address>": r"(?P<kept>\w+://)[^/]+:\d+",
    "<path>": r"/.*",
    "<any>": r".*",
    "<index name>": r"idx_\d+",
    "<shard>": r"s\d+",
}
# The same thing twice stays the same thing twice.
TRACKED = {"<number>", "<revision>", "<handle>", "<key>", "<shard>"}

SHARD = re.compile(r"s\d+")
SERVER = re.compile(r"(PRMR|CRDN|AGNT|SNGL)-[-0-9a-f]+")


class Differs(Exception):
    pass


def kind_of(value):
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, (int, float)):
        return "number"
    return {str: "string", list: "array", dict: "object"}[type(value)]


class Comparison:
    """One recording beside one answer. Raises Differs with the first difference."""

    def __init__(self, recording):
        self.recording = recording
        self.here, self.there = {}, {}  # identities: of the recording -> of this answer, and back

    def same_thing(self, wanted, got, where):
        wanted, got = wanted.strip('"'), got.strip('"')
        if self.here.setdefault(wanted, got) != got or self.there.setdefault(got, wanted) != wanted:
            raise Differs(f"{where}: {got!r} is not one and the same thing as before (recorded {wanted!r})")

    def check(self, answer):
        recording = self.recording
        if answer.status != recording.status:
            raise Differs(f"status {answer.status} instead of {recording.status}: {answer.body[:160]}")
        self.headers(answer)
        self.body(answer)

    # ---- headers ----
    def headers(self, answer):
        recorded = {n: v for n, v in self.recording.headers.items() if n not in FREE_HEADERS}
        given = {n: v for n, v in answer.headers.items() if n not in FREE_HEADERS}
        for name in recorded.keys() - given.keys():
            raise Differs(f"header {name} is missing")
        for name in given.keys() - recorded.keys():
            raise Differs(f"header {name} is too much")
        for name in sorted(recorded):
            self.header(name, recorded[name], given[name])

    def header(self, name, wanted, got):
        where = "header " + name
        if name == "etag":
            self.formed("<revision>", wanted.strip('"'), got.strip('"'), where)
            if wanted.startswith('"') != got.startswith('"'):
                raise Differs(f"{where}: {got} instead of {wanted}")
        elif name == "location":
            wanted_head, _, wanted_tail = wanted.rpartition("/")
            got_head, _, got_tail = got.rpartition("/")
            if re.fullmatch(r"\d+", wanted_tail) and re.fullmatch(r"\d+", got_tail):
                self.same_thing(wanted_tail, got_tail, where)
                wanted_tail = got_tail
            digits = re.compile(r"(?<=/)\d+")
            if (digits.sub("<number>", wanted_head), wanted_tail) != (digits.sub("<number>", got_head), got_tail):
                raise Differs(f"{where}: {got} instead of {wanted}")
        elif name.startswith("x-arango-replication-") and wanted.isdigit() and wanted != "0":
            if not got.isdigit() or got == "0":
                raise Differs(f"{where}: {got} instead of a tick")
        elif wanted != got:
            raise Differs(f"{where}: {got!r} instead of {wanted!r}")

    # ---- body ----
    def body(self, answer):
        recording = self.recording
        if not recording.body.strip():
            if answer.body.strip():
                raise Differs(f"a body where there is none: {answer.body[:80]}")
            return
        if "x-arango-dump" in recording.headers.get("content-type", ""):
            wanted, got = recording.lines(), values_in(answer.body)
            if len(wanted) != len(got):
                raise Differs(f"{len(got)} lines instead of {len(wanted)}: {answer.body[:160]}")
            for number, pair in enumerate(zip(wanted, got)):
                self.value(*pair, f"line {number + 1}", "")
            return
        if recording.answer is None:
            if answer.body != recording.body:
                raise Differs("another text")
            return
        self.value(recording.answer, answer.value, "body", "")

    def value(self, wanted, got, where, name):
        if kind_of(wanted) != kind_of(got):
            is_free_time = name in MEASURED and {kind_of(wanted), kind_of(got)} <= {"number"}
            if not is_free_time:
                raise Differs(f"{where} is {shown(got)} instead of {shown(wanted)}")
        if isinstance(wanted, dict):
            self.members(wanted, got, where)
        elif isinstance(wanted, list):
            self.elements(wanted, got, where, name)
        elif isinstance(wanted, str):
            self.text(wanted, got, where, name)
        elif wanted != got and name not in MEASURED:
            raise Differs(f"{where} is {shown(got)} instead of {shown(wanted)}")

    def members(self, wanted, got, where):
        wanted, got = self.matched_names(wanted, got, where)
        for name in wanted.keys() - got.keys():
            raise Differs(f"{where}.{name} is missing")
        for name in got.keys() - wanted.keys():
            raise Differs(f"{where}.{name} is too much")
        for name in wanted:
            self.value(wanted[name], got[name], f"{where}.{name}", name)

    def matched_names(self, wanted, got, where):
        """Members that are named by shards or by ids of indexes: in their order."""
        for pattern in (SHARD, re.compile(r"[^/]+/\d+")):
            if wanted and all(pattern.fullmatch(name) for name in [*wanted, *got]):
                if len(wanted) != len(got):
                    raise Differs(f"{where} has {len(got)} members instead of {len(wanted)}")
                numbered = lambda names: sorted(names, key=lambda n: int(re.search(r"\d+$", n).group()))
                pairs = list(zip(numbered(wanted), numbered(got)))
                for old, new in pairs:
                    self.same_thing(*(re.sub(r"^.*/", "", n) for n in (old, new)), where)
                return {old: wanted[old] for old, _ in pairs}, {old: got[new] for old, new in pairs}
        return wanted, got

    def elements(self, wanted, got, where, name):
        if len(wanted) != len(got):
            raise Differs(f"{where} has {len(got)} elements instead of {len(wanted)}: {shown(got)}")
        if self.is_unordered(where):
            wanted, got = sorted(wanted, key=rough), sorted(got, key=rough)
        for number, pair in enumerate(zip(wanted, got)):
            self.value(*pair, f"{where}[{number}]", name)

    def is_unordered(self, where):
        """Listings have no promised order; answers item by item have."""
        listings = (".result", ".collections", ".indexes", ".edges", ".shards", ".clients")
        is_listing = self.recording.method == "GET" or self.recording.family in ("simple", "cursor")
        is_list = where == "body" or where.endswith(listings)
        return is_listing and is_list

    def text(self, wanted, got, where, name):
        form = FORMS.get(name)
        if SERVER.fullmatch(wanted) and SERVER.fullmatch(got):
            self.same_thing(wanted, got, where)
            return
        if name == "shards" and SHARD.fullmatch(wanted) and SHARD.fullmatch(got):
            return
        if name == "id" and "/" in wanted:
            form = "<handle>"  # of an index
        if name == "result" and self.recording.family == "simple":
            wanted_head, _, wanted_tail = wanted.rpartition("/")
            got_head, _, got_tail = got.rpartition("/")
            if wanted_head == got_head and wanted_tail.isdigit() and got_tail.isdigit():
                return
        if name == "errorMessage" or name == "message":
            digits = re.compile(r"\d{2,}")
            wanted, got = digits.sub("<n>", wanted), digits.sub("<n>", got)
        if form and wanted != got or form in TRACKED:
            self.formed(form, wanted, got, where)
        elif wanted != got:
            raise Differs(f"{where} is {shown(got)} instead of {shown(wanted)}")

    def formed(self, form, wanted, got, where):
        pattern = re.compile(PATTERNS[form])
        old, new = pattern.fullmatch(wanted), pattern.fullmatch(got)
        if not old or not new:
            if wanted == got:
                return
            raise Differs(f"{where} is {shown(got)} instead of {shown(wanted)}")
        if "kept" in pattern.groupindex and old.group("kept") != new.group("kept"):
            raise Differs(f"{where} is {shown(got)} instead of {shown(wanted)}")
        if form in TRACKED:
            tail = re.compile(r"^[^/]+/") if form == "<handle>" else re.compile("^$")
            self.same_thing(tail.sub("", wanted), tail.sub("", got), where)


def rough(value):
    """An order of listed values in which corresponding ones stand at the same place: by what does not vary."""
    if isinstance(value, dict):
        kept = {n: rough(v) for n, v in sorted(value.items()) if n not in FORMS or n == "name" and not is_numbered(v)}
        fixed_key = value.get("_key")
        return json.dumps([str(kept), fixed_key if isinstance(fixed_key, str) else ""])
    return json.dumps(value)


def is_numbered(name):
    return isinstance(name, str) and re.fullmatch(r"idx_\d+", name)


def shown(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 90 else text[:90] + "..."
