"""Compares two clusters through their public HTTP API: every database, collection, index, analyzer, view and document
that is replicated.

Used by the demo and the process tests as the oracle; knows nothing of the replicator but which system collections it
leaves out.
"""

import json

# Analyzers are compared as what they are; their documents carry revisions of their own.
LEFT_OUT = {"_statistics", "_statistics15", "_statisticsRaw", "_frontend", "_analyzers"}
BACKUPS = {"_jobs": "_jobsbackup", "_queues": "_queuesbackup"}
# Attributes of a collection that must be equal; ids, guids and placement differ between clusters by nature.
PROPERTIES = ["type", "numberOfShards", "shardKeys", "waitForSync", "schema", "keyOptions", "isSystem"]


# Parts of smart edge collections, which only a server may make: compared like the users' own.
HIDDEN = ("_local_", "_from_", "_to_")


def replicated(name):
    return name not in LEFT_OUT and not name.startswith("_arangosync")


def is_made_by_server(collection):
    return collection["isSystem"] and not collection["name"].startswith(HIDDEN)


def target_name(name):
    return BACKUPS.get(name, name)


def without_id(document):
    return {k: v for k, v in document.items() if k != "_id"}


def as_text(value):
    """Equal texts are equal values; Python's == would take True for 1, 1 for 1.0 and -0.0 for 0.0."""
    return json.dumps(value, sort_keys=True)


def index_shape(index, across_versions=False):
    if across_versions:  # each version has attributes of its own
        return as_text({k: index.get(k, False) for k in ("type", "fields", "unique", "sparse")})
    left_out = {"id", "selectivityEstimate", "isNewlyCreated", "figures", "error", "code"}
    return as_text({k: v for k, v in index.items() if k not in left_out})


class Comparison:
    def __init__(self):
        self.rows = []  # (database, collection, documents on A, on B, differing)
        self.differences = []  # one line each
        self.across_versions = False

    @property
    def equal(self):
        return not self.differences

    @property
    def documents(self):
        return sum(row[2] for row in self.rows)


def compare(a, b, only_user_data=False, until_different=False, across_versions=False):
    """`until_different`: ends with the first collection that differs. `across_versions`: what ArangoDB itself makes
    differently in another version does not count."""
    result = Comparison()
    result.across_versions = across_versions
    only_user_data = only_user_data or across_versions
    databases_a, databases_b = set(a.databases()), set(b.databases())
    for name in sorted(databases_a ^ databases_b):
        result.differences.append(f"database {name} exists only on {'A' if name in databases_a else 'B'}")
    for database in sorted(databases_a & databases_b):
        if until_different and result.differences:
            break
        compare_database(a, b, database, result, only_user_data, until_different)
    return result


def compare_database(a, b, database, result, only_user_data, until_different):
    on_a = {c["name"]: c for c in a.collections(database) if replicated(c["name"])}
    on_b = {c["name"]: c for c in b.collections(database)}
    expected_b = {target_name(name) for name in on_a}
    for name in sorted(n for n in on_b if replicated(n) and n not in expected_b and n not in BACKUPS):
        if only_user_data and is_made_by_server(on_b[name]):
            continue
        result.differences.append(f"collection {database}/{name} exists only on B")
    for name in sorted(on_a):
        if only_user_data and is_made_by_server(on_a[name]):
            continue
        if target_name(name) not in on_b:
            result.differences.append(f"collection {database}/{name} exists only on A")
            continue
        compare_collection(a, b, database, name, result)
        if until_different and result.differences:
            return
    compare_named("analyzer", database, a.analyzers(database), b.analyzers(database), result)
    views = [{name: without_ids(view) for name, view in api.views(database).items()} for api in (a, b)]
    compare_named("view", database, *views, result)


def without_ids(thing):
    return {k: v for k, v in thing.items() if k not in ("id", "globallyUniqueId", "error", "code")}


def compare_named(kind, database, on_a, on_b, result):
    """Things that are equal if they look the same."""
    for name in sorted(on_a.keys() | on_b.keys()):
        if as_text(on_a.get(name)) != as_text(on_b.get(name)):
            result.differences.append(
                f"{kind} {database}/{name}: A {as_text(on_a.get(name))[:200]}, B {as_text(on_b.get(name))[:200]}"
            )


def compare_collection(a, b, database, name, result):
    other = target_name(name)
    properties_a, properties_b = a.properties(database, name), b.properties(database, other)
    for key in PROPERTIES:
        if as_text(properties_a.get(key)) != as_text(properties_b.get(key)):
            result.differences.append(
                f"{database}/{name}: {key} is {properties_a.get(key)} on A, {properties_b.get(key)} on B"
            )
    if not properties_a.get("isSystem"):
        indexes_a = {index_shape(i, result.across_versions) for i in a.indexes(database, name)}
        indexes_b = {index_shape(i, result.across_versions) for i in b.indexes(database, other)}
        for shape in sorted(indexes_a ^ indexes_b):
            result.differences.append(
                f"{database}/{name}: index only on {'A' if shape in indexes_a else 'B'}: {shape}"
            )
    documents_a, documents_b = a.documents(database, name), b.documents(database, other)
    if name == "_graphs":
        documents_a, documents_b = with_names(a, database, documents_a), with_names(b, database, documents_b)
    differing = 0
    for key in documents_a.keys() | documents_b.keys():
        left, right = documents_a.get(key), documents_b.get(key)
        if left is None or right is None or as_text(without_id(left)) != as_text(without_id(right)):
            differing += 1
            if differing <= 3:
                result.differences.append(f"{database}/{name}/{key}: A {brief(left)}, B {brief(right)}")
    result.rows.append((database, name, len(documents_a), len(documents_b), differing))
    if differing > 3:
        result.differences.append(f"{database}/{name}: {differing} documents differ in all")


def with_names(api, database, graphs):
    """A smart graph says which id its first collection has in its own cluster: the name of that is what is equal."""
    names = {int(c["id"]): c["name"] for c in api.collections(database)}
    return {
        key: {k: names.get(v, "of another cluster") if k == "initialCid" else v for k, v in graph.items()}
        for key, graph in graphs.items()
    }


def brief(document):
    return "has none" if document is None else json.dumps(without_id(document), ensure_ascii=False)[:120]


def table(result):
    lines = [f"{'database':<12} {'collection':<22} {'documents A':>12} {'documents B':>12} {'different':>10}"]
    for database, collection, count_a, count_b, differing in result.rows:
        lines.append(f"{database:<12} {collection:<22} {count_a:>12} {count_b:>12} {differing:>10}")
    return "\n".join(lines)
