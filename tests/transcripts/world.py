"""Builds the world that a recording was made in: what must exist before its request is sent.

Everything follows from the exchange itself by the rules below, one function per kind of thing; names of recordings play
no part. A rule reads: "the answer could not have been like this unless ...". Whatever the server numbers by itself
(ids, ticks) is different here: `ids` says which number of the recording is which of this world.
"""

import json
import urllib.parse

import log_world

COLLECTION_PROPERTIES = (
    "waitForSync", "keyOptions", "schema", "cacheEnabled", "computedValues", "numberOfShards", "shardKeys",
    "replicationFactor", "writeConcern", "shardingStrategy", "doCompact", "journalSize", "indexBuckets", "isVolatile",
)  # fmt: skip
SUFFICIENT_PASSWORD = "a-password"


class CannotBuild(Exception):
    """The sandbox refused a step."""


class World:
    def __init__(self, server, recording):
        self.server = server
        self.recording = recording
        self.ids = {}  # of the recording -> of this world
        self.prefix = ""

    def build(self):
        recording = self.recording
        if recording.database != "_system":
            self.prefix = "/_db/" + quoted(recording.database)
            if recording.error_number != 1228:
                self.create_database(recording.database)
        rules = {
            "collection": collection_rule,
            "document": document_rule,
            "import": import_rule,
            "index": index_rule,
            "simple": simple_rule,
            "cursor": cursor_rule,
            "edges": edges_rule,
            "database": database_rule,
            "user": user_rule,
            "view": view_rule,
            "analyzer": analyzer_rule,
            "aqlfunction": function_rule,
            "replication": replication_rule,
            "wal": log_world.wal_rule,
        }
        rule = rules.get(recording.family)
        if rule:
            rule(self, recording)

    # ---- the request as this world knows it ----
    def url(self):
        split = urllib.parse.urlsplit(self.recording.url)
        path = "/".join(self.ids.get(part, part) for part in split.path.split("/"))
        parts = [each.partition("=") for each in split.query.split("&") if each]
        query = "&".join(name + sign + self.ids.get(value, value) for name, sign, value in parts)
        return path + ("?" + query if query else "")

    def headers(self):
        return dict(self.recording.request_headers)

    def body(self):
        text = self.recording.request_body
        for old, new in self.ids.items():
            text = text.replace(f'"{old}"', f'"{new}"')
        return text or None

    # ---- steps ----
    def step(self, method, path, body=None, may_fail_with=(), database=None):
        prefix = self.prefix if database is None else ("" if database == "_system" else "/_db/" + quoted(database))
        answer = self.server.call(method, prefix + path, body)
        number = answer.value.get("errorNum", 0) if isinstance(answer.value, dict) else 0
        if answer.status >= 400 and number not in may_fail_with:
            raise CannotBuild(f"{method} {path}: {answer.status} {answer.body[:200]}")
        return answer.value

    def create_database(self, name):
        self.step("POST", "/_api/database", {"name": name}, (1207,), database="_system")

    def create_collection(self, name, kind=2, **properties):
        """`name` may be an id of the recording."""
        is_id = name.isdigit()
        real = "collection-" + name if is_id else name
        body = {"name": real, "type": kind, **properties}
        if real.startswith("_"):
            body["isSystem"] = True
        created = self.step("POST", "/_api/collection", body, (1207,))
        if is_id and "id" in created:
            self.ids[name] = created["id"]
        return real

    def store(self, collection, documents):
        """Documents with the revisions they bring along."""
        path = f"/_api/document/{quoted(collection)}"
        for document in documents:
            stored = self.step("POST", path + "?isRestore=true", document, (1210,))
            if "_rev" not in stored or stored.get("error"):  # there is one already; old versions cannot overwrite it
                self.step("PUT", f"{path}/{quoted(document['_key'])}?isRestore=true", document)


def quoted(text):
    return urllib.parse.quote(text, safe="")


def without(document, *names):
    return {name: value for name, value in document.items() if name not in names}


def plain(document):
    return without(document, "_id")


# ---- collections ----


def names_edges(recording):
    """Only a collection of edges holds, misses or asks for ends."""
    texts = recording.request_body + recording.body
    return '"_from"' in texts or "'_from'" in texts or recording.error_number == 1233


def collection_properties(recording):
    answer = recording.answer if isinstance(recording.answer, dict) else {}
    found = {name: answer[name] for name in COLLECTION_PROPERTIES if name in answer}
    if isinstance(found.get("keyOptions"), dict):
        found["keyOptions"] = without(found["keyOptions"], "lastValue")
    return found


def collection_rule(world, recording):
    name = recording.part(2)
    if not name:
        if recording.method == "GET":
            every_listed_collection(world, recording.member("result") or recording.member("collections") or [])
        elif recording.error_number == 1207:
            world.create_collection(recording.sent["name"])
        return
    if recording.error_number == 1203:
        return
    answer = recording.answer if isinstance(recording.answer, dict) else {}
    properties = collection_properties(recording)
    if "shardId" in answer:
        properties = {"numberOfShards": 3}
    wanted = answer["name"] if name.isdigit() and isinstance(answer.get("name"), str) else name
    real = world.create_collection(wanted, answer.get("type", 2), **properties)
    if name.isdigit():
        world.ids[name] = world.step("GET", "/_api/collection/" + real)["id"]
    fill_collection(world, recording, real)
    if recording.error_number == 1207:
        world.create_collection(recording.sent["name"])


def fill_collection(world, recording, real):
    """As many documents as the answer counts; some if it shows a revision; a write where a journal is said to exist."""
    count = recording.member("count", 0)
    revision = recording.member("revision")
    if not count and isinstance(revision, str) and revision.startswith("_"):
        count = 2
    rotates = recording.part(3) == "rotate" and recording.is_done
    world.store(real, [{"value": number} for number in range(max(count, int(rotates)))])


def every_listed_collection(world, entries):
    for entry in entries:
        if not entry["isSystem"]:
            world.create_collection(entry["name"], entry["type"])


# ---- documents ----


def synced(recording):
    """201 for a write and 200 for a removal tell that data was synced; the collection asks for it if the request does
    not."""
    wanted = 200 if recording.method == "DELETE" else 201
    return recording.status == wanted and recording.query.get("waitForSync") != "true"


def document_rule(world, recording):
    name = recording.part(2) or recording.query.get("collection", "")
    if recording.error_number == 1203 or not name:
        return
    properties = {"waitForSync": True} if synced(recording) and recording.method != "GET" else {}
    real = world.create_collection(name, 3 if names_edges(recording) else 2, **properties)
    if recording.part(3):
        one_document(world, recording, real)
    elif isinstance(recording.answer, list):
        many_documents(world, recording, real)
    elif isinstance(recording.sent, dict) and "_key" in recording.sent:
        overwritten_document(world, recording, real)


def stored_form(key, answer, sent):
    """A document that gives such an answer when it is read, replaced, patched or removed."""
    document = {"stored": "before"}
    if isinstance(answer.get("old"), dict):
        document = plain(answer["old"])
    elif isinstance(answer.get("new"), dict) and isinstance(sent, dict):
        document = without(plain(answer["new"]), *sent)
    document["_key"] = key
    revision = answer.get("_oldRev") or answer.get("_rev")
    if revision:
        document["_rev"] = revision
    for end in ("_from", "_to"):
        if isinstance(sent, dict) and end in sent:
            document.setdefault(end, sent[end])
    return document


def one_document(world, recording, collection):
    if recording.status == 404:
        return
    key = recording.part(3)
    answer = recording.answer if isinstance(recording.answer, dict) else {}
    if recording.method == "GET" and recording.is_done and answer:
        world.store(collection, [plain(answer)])
        return
    document = stored_form(key, answer, recording.sent)
    etag = recording.headers.get("etag", "").strip('"')
    if etag and recording.method in ("HEAD", "GET"):
        document["_rev"] = etag
    world.store(collection, [document])


def many_documents(world, recording, collection):
    sent = recording.sent if isinstance(recording.sent, list) else []
    documents = []
    for item, answer in zip(sent, recording.answer):
        key = key_of(item) or answer.get("_key")
        is_insert = recording.method == "POST"
        is_there = answer.get("errorNum", 0) not in (1202, 1221) and (not is_insert or "_oldRev" in answer)
        is_there = is_there or answer.get("errorNum") == 1210
        if not is_there or key is None:
            continue
        reads = recording.query.get("onlyget") == "true" and not answer.get("error")
        documents.append(plain(answer) if reads else stored_form(key, answer, item))
    world.store(collection, documents)


def key_of(item):
    text = item if isinstance(item, str) else item.get("_key") or item.get("_id") if isinstance(item, dict) else None
    return text.split("/")[-1] if isinstance(text, str) else None


def overwritten_document(world, recording, collection):
    answer = recording.answer or {}
    if "_oldRev" in answer or recording.error_number == 1210:
        world.store(collection, [stored_form(recording.sent["_key"], answer, recording.sent)])


def import_rule(world, recording):
    name = recording.query.get("collection", "")
    if recording.error_number == 1203 or not name:
        return
    real = world.create_collection(name, 3 if names_edges(recording) else 2)
    known = recording.member("updated", 0) + recording.member("ignored", 0)
    keys = [item["_key"] for item in sent_documents(recording) if isinstance(item, dict) and "_key" in item]
    world.store(real, [{"_key": key} for key in keys[:known]])


def sent_documents(recording):
    if isinstance(recording.sent, list):
        return recording.sent
    lines = [json.loads(line) for line in recording.request_body.splitlines() if line.strip()]
    if recording.query.get("type"):
        return lines
    return [dict(zip(lines[0], line)) for line in lines[1:]]


# ---- indexes ----


def index_definition(shown):
    return without(shown, "id", "selectivityEstimate", "isNewlyCreated", "error", "code", "figures")


def index_rule(world, recording):
    name = recording.query.get("collection") or recording.part(2)
    if recording.error_number == 1203:
        return
    real = world.create_collection(name)
    if recording.method == "POST":
        if recording.status == 200:
            world.step("POST", f"/_api/index?collection={quoted(real)}", recording.sent)
        return
    if not recording.part(3):
        for shown in recording.member("indexes", []):
            if shown["type"] not in ("primary", "edge"):
                world.step("POST", f"/_api/index?collection={quoted(real)}", index_definition(shown))
        return
    identifier = recording.part(3)
    if recording.status == 404 or identifier in ("0", "1", "primary"):
        return
    definition = {"type": "persistent", "fields": ["a"]}
    if isinstance(recording.answer, dict) and "fields" in recording.answer:
        definition = index_definition(recording.answer)
    if not identifier.isdigit():
        definition["name"] = identifier
    created = world.step("POST", f"/_api/index?collection={quoted(real)}", definition)
    if identifier.isdigit():
        world.ids[identifier] = created["id"].split("/")[1]


# ---- queries ----


def simple_rule(world, recording):
    name = recording.sent.get("collection", "") if isinstance(recording.sent, dict) else ""
    if recording.error_number == 1203 or not name:
        return
    real = world.create_collection(name)
    found = recording.member("result") or []
    documents = [plain(each) if isinstance(each, dict) else {"_key": each.split("/")[-1]} for each in found]
    world.store(real, documents)


def cursor_rule(world, recording):
    """What a plain query over one collection found was in that collection."""
    if not isinstance(recording.sent, dict) or recording.error_number == 1203:
        return
    words = str(recording.sent.get("query", "")).split()
    sources = [words[at + 1].strip("`") for at, word in enumerate(words[:-1]) if word.upper() == "IN"]
    for source in sources:
        if source.startswith("@@"):
            source = (recording.sent.get("bindVars") or {}).get(source[1:], "")
        if not source or not source[0].isalpha():
            continue
        real = world.create_collection(source)
        found = recording.member("result") or []
        world.store(real, [plain(each) for each in found if isinstance(each, dict) and "_key" in each])


def edges_rule(world, recording):
    if recording.error_number == 1203:
        return
    real = world.create_collection(recording.part(2), 3)
    world.store(real, [plain(edge) for edge in recording.member("edges", [])])


# ---- databases and users ----


def database_rule(world, recording):
    names = []
    if recording.method == "DELETE" and recording.is_done:
        names = [recording.part(2)]
    elif recording.error_number == 1207:
        names = [recording.sent["name"]]
    elif recording.method == "GET" and isinstance(recording.member("result"), list):
        names = recording.member("result")
    for name in names:
        if name != "_system":
            world.create_database(name)


def create_user(world, name, active=True, extra=None):
    body = {"user": name, "passwd": SUFFICIENT_PASSWORD, "active": active, "extra": extra or {}}
    world.step("POST", "/_api/user", body, (1702,))


def grant(world, user, path, level):
    if level in ("rw", "ro", "none"):
        world.step("PUT", f"/_api/user/{quoted(user)}/database/{path}", {"grant": level})


def user_rule(world, recording):
    name = recording.part(2)
    if not name:
        for user in recording.member("result") or []:
            create_user(world, user["user"], user["active"], user["extra"])
        if recording.error_number == 1702:
            create_user(world, recording.sent["user"])
        return
    if recording.status == 404:
        return
    create_user(world, name, recording.member("active", True), recording.member("extra"))
    if recording.part(3) == "database":
        granted_rights(world, recording, name)


def granted_rights(world, recording, user):
    database, collection = recording.part(4), recording.part(5)
    if database not in ("", "*", "_system"):
        world.create_database(database)
    if collection and collection != "*" and not collection.startswith("_"):
        world.step("POST", "/_api/collection", {"name": collection}, (1207,), database=database)
    if recording.method == "DELETE":
        grant(world, user, "/".join(quoted(part) for part in recording.parts[4:]), "rw")
    result = recording.member("result")
    if recording.method != "GET" or not recording.is_done:
        return
    if database:
        grant(world, user, "/".join(quoted(part) for part in recording.parts[4:]), result)
        return
    for each, rights in result.items():
        if each not in ("*", "_system"):
            world.create_database(each)
        level = rights if isinstance(rights, str) else rights["permission"]
        if each != "*" or level != "none":
            grant(world, user, quoted(each), level)
        for own, own_level in ({} if isinstance(rights, str) else rights.get("collections", {})).items():
            if own != "*" and not own.startswith("_"):
                world.step("POST", "/_api/collection", {"name": own}, (1207,), database=each)
            grant(world, user, f"{quoted(each)}/{quoted(own)}", own_level)


# ---- views, analyzers, functions ----


def create_view(world, name, kind="arangosearch", **properties):
    for linked in properties.get("links") or {}:
        world.create_collection(linked)
    return world.step("POST", "/_api/view", {"name": name, "type": kind, **properties})


def view_rule(world, recording):
    name = recording.part(2)
    if not name:
        listed = recording.member("result") or [] if recording.method == "GET" else []
        for view in listed:
            create_view(world, view["name"], view["type"])
        if recording.method == "POST" and isinstance(recording.sent, dict):
            for linked in recording.sent.get("links") or {}:
                world.create_collection(linked)
        return
    if recording.status == 404:
        return
    answer = recording.answer if isinstance(recording.answer, dict) else {}
    own = ("error", "code", "id", "name", "type", "globallyUniqueId")
    properties = without(answer, *own) if recording.method == "GET" else {}
    real = answer.get("name", "view-" + name) if name.isdigit() else name
    for linked in answer.get("links") or {}:
        world.create_collection(linked)
    created = create_view(world, real, answer.get("type", "arangosearch"), **properties)
    if name.isdigit():
        world.ids[name] = created["id"]


def analyzer_rule(world, recording):
    shown = []
    if recording.part(2) and recording.status != 404:
        kind, properties = recording.member("type", "identity"), recording.member("properties", {})
        shown = [{"name": recording.part(2), "type": kind, "properties": properties,
                  "features": recording.member("features", [])}]  # fmt: skip
    elif recording.method == "GET":
        shown = [each for each in recording.member("result") or [] if "::" in each["name"]]
    for analyzer in shown:
        world.step("POST", "/_api/analyzer", {**analyzer, "name": analyzer["name"].split("::")[-1]})


def function_rule(world, recording):
    shown = recording.answer if isinstance(recording.answer, list) else recording.member("result") or []
    functions = [each for each in shown if isinstance(each, dict)] if recording.method == "GET" else []
    name = recording.part(2)
    if recording.method == "DELETE" and recording.is_done:
        in_group = recording.query.get("group") == "true"
        count = recording.member("deletedCount", 1) if in_group else 1
        functions = [{"name": f"{name}::f{number}" if in_group else name} for number in range(count)]
    for function in functions:
        body = {"name": function["name"], "code": function.get("code", "function () { return 1; }")}
        if "isDeterministic" in function:
            body["isDeterministic"] = function["isDeterministic"]
        world.step("POST", "/_api/aqlfunction", body)


# ---- replication ----


def replication_rule(world, recording):
    what = recording.part(2)
    if what == "logger-follow":
        log_world.follow_rule(world, recording)
    elif what == "dump":
        log_world.dump_rule(world, recording)
    elif what == "inventory":
        for entry in recording.member("collections", []):
            parameters = entry["parameters"]
            if parameters["isSystem"]:
                continue
            real = world.create_collection(parameters["name"], parameters["type"])
            for index in entry["indexes"]:
                world.step("POST", f"/_api/index?collection={quoted(real)}", index_definition(index))
