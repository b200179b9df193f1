"""Awkward things that a cluster may hold, one class each: what is put into A before and during the replication, and
what must then be found on B beside equal documents (compare.py). Each has databases of its own, so that a difference
names the item."""

import threading

from cluster_api import db, quote
from datacenter import wait_for

ALL_KEY_LETTERS = "azAZ09_-.@()+,=;$!*'%:"
EDGE_NUMBERS = [
    "0", "-0.0", "1", "1.0", "-1", "9007199254740991", "9007199254740992", "9007199254740993",
    "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615",
    "1.7976931348623157e308", "-1.7976931348623157e308", "5e-324", "2.2250738585072014e-308", "0.1", "1e21", "1e-7",
    "123456789012345.678", "3.141592653589793",
]


class Item:
    """`names` are databases of A."""

    names = ()
    since_version = (3, 3)
    is_heavy = False

    def __init__(self, version):
        self.version = version

    def since(self, major, minor):
        return self.version >= (major, minor)

    def prepare(self, a):
        for name in self.names:
            a.call("POST", "/_api/database", {"name": name})

    def live(self, pair):
        """Runs while the synchronization does."""

    def check(self, test, pair):
        """Runs when both are equal."""


def collection(a, database, name, **properties):
    a.call("POST", f"{db(database)}/_api/collection", {"name": name, **properties})


def raw_documents(api, database, name):
    """The documents as the server writes them, letter by letter."""
    found = {}
    for key in api.documents(database, name):
        status, text = api.raw("GET", f"{db(database)}/_api/document/{quote(name)}/{quote(key)}")
        assert status == 200, (status, text)
        found[key] = text.decode()
    return found


def same_letters(test, pair, database, name):
    on_a, on_b = (raw_documents(api, database, name) for api in (pair.api_a, pair.api_b))
    test.assertTrue(on_a)
    test.assertEqual(on_a, on_b)


class Names(Item):
    """UTF-8, spaces, %, quotes; every letter that a key may have."""

    @property
    def names(self):
        if self.since(3, 9):
            return ("names", "Grüße an 東京", "the 50% of 'a' & \"b\"?x=1#y")
        return ("names", "with-dash_9")

    @property
    def collections(self):
        return ["plain", "Straße \"1\" 50%", "🎉 party+1", "a=b&c?d#e;f,g"] if self.since(3, 11) else ["plain", "a-b_9"]

    def prepare(self, a):
        super().prepare(a)
        for database in self.names:
            for name in self.collections:
                collection(a, database, name, numberOfShards=2)
            self.write(a, database, "early")

    def write(self, a, database, when):
        for name in self.collections:
            a.insert(database, name, [
                {"_key": when + ALL_KEY_LETTERS, "": "no name", "a b": 1, "50%": 2, "'\"\\/": 3, "größe": "東京 🎉"},
                {"_key": when + "%2F", "text": "\u0000\u0001\t\n\r \"quoted\" \\ / \u2028 </script>"},
                {"_key": when + ":", "_name": "not a system attribute"},
                {"_key": when + "k" * 200},
            ])

    def live(self, pair):
        for database in self.names:
            self.write(pair.api_a, database, "late")
            for name in self.collections:
                pair.api_a.bulk("DELETE", database, name, ["early:"])

    def check(self, test, pair):
        for database in self.names:
            for name in self.collections:
                test.assertEqual(len(pair.api_b.documents(database, name)), 7)


class Numbers(Item):
    """Kept as they were written: at the edges of double and of 64 bits."""

    names = ("numbers",)

    def prepare(self, a):
        super().prepare(a)
        collection(a, "numbers", "edges", numberOfShards=2)
        self.write(a, "early")

    def write(self, a, when):
        for place, number in enumerate(EDGE_NUMBERS):
            text = f'{{"_key":"{when}{place}","n":{number},"list":[{number},{{"n":{number}}}]}}'
            a.text("POST", f"{db('numbers')}/_api/document/edges", text)

    def live(self, pair):
        self.write(pair.api_a, "late")

    def check(self, test, pair):
        same_letters(test, pair, "numbers", "edges")
        text = "".join(raw_documents(pair.api_b, "numbers", "edges").values())
        for number in EDGE_NUMBERS:
            test.assertEqual(text.count(f'"n":{number}}}') + text.count(f'"n":{number},'), 4, number)


class Shapes(Item):
    """Deeply nested documents, and such that name an attribute twice."""

    names = ("shapes",)

    def prepare(self, a):
        super().prepare(a)
        collection(a, "shapes", "odd", numberOfShards=2)
        self.write(a, "early")

    def write(self, a, when):
        lists = "[" * 190 + "]" * 190
        objects = '{"a":' * 190 + "1" + "}" * 190
        many = ",".join(f'"a{n}":{n}' for n in range(5000))
        for place, members in enumerate((
            f'"lists":{lists},"objects":{objects}',
            '"twice":1,"twice":2,"in":{"x":[1],"x":[2]}',
            f'"many":{{{many}}}',
            '"empty":{},"list":[],"null":null,"text":"","data":{"_key":"no","_rev":"no"},"type":2300',
            '"_id2":1,"data":[{"_id":"x/y"}],"tick":"5","tid":"7"',
        )):
            a.text("POST", f"{db('shapes')}/_api/document/odd", f'{{"_key":"{when}{place}",{members}}}')

    def live(self, pair):
        self.write(pair.api_a, "late")

    def check(self, test, pair):
        same_letters(test, pair, "shapes", "odd")


class LargeDocument(Item):
    """64 MiB in one document, before and while the log is read."""

    names = ("large",)
    is_heavy = True
    size = 64 << 20

    def prepare(self, a):
        super().prepare(a)
        collection(a, "large", "documents")
        self.write(a, "early")

    def write(self, a, key):
        a.text("POST", f"{db('large')}/_api/document/documents?silent=true",
               f'{{"_key":"{key}","text":"{(key + " ") * (self.size // (len(key) + 1))}"}}')

    def live(self, pair):
        self.write(pair.api_a, "late")

    def check(self, test, pair):
        for key in ("early", "late"):
            text = pair.api_b.call("GET", f"{db('large')}/_api/document/documents/{key}")["text"]
            test.assertEqual(text, (key + " ") * (self.size // (len(key) + 1)))


class ManyCollections(Item):
    """A thousand of them, most of them empty."""

    names = ("many",)
    is_heavy = True
    count = 1000

    def prepare(self, a):
        super().prepare(a)
        for n in range(self.count):
            collection(a, "many", f"c{n}")
        for n in range(0, self.count, 50):
            a.insert("many", f"c{n}", [{"_key": f"early{n}"}])

    def live(self, pair):
        for n in range(0, self.count, 40):
            pair.api_a.insert("many", f"c{n}", [{"_key": f"late{n}"}])

    def check(self, test, pair):
        test.assertEqual(len(pair.api_b.collections("many", system=False)), self.count)


class EmptyDatabase(Item):
    names = ("empty",)

    def check(self, test, pair):
        test.assertIn("empty", pair.api_b.databases())
        test.assertEqual(pair.api_b.collections("empty", system=False), [])


class NineShards(Item):
    """Their names go from s99997 to s100005 on A: in the order of texts, s100000 would be the first."""

    names = ("nine",)
    before_carry = 99_997

    def prepare(self, a):
        super().prepare(a)
        a.call("PUT", "/_sandbox/ids", {"next": self.before_carry})
        collection(a, "nine", "things", numberOfShards=9)
        shards = self.shards(a)
        assert sorted(shards, key=lambda s: int(s[1:])) != sorted(shards), shards
        a.insert("nine", "things", [{"_key": f"k{n}", "n": n} for n in range(300)])

    def shards(self, api):
        """Older servers tell them in the inventory only."""
        inventory = api.call("GET", f"{db('nine')}/_api/replication/clusterInventory")["collections"]
        return list(next(c["parameters"]["shards"] for c in inventory if c["parameters"]["name"] == "things"))

    def place(self, api, key):
        """Index of the key's shard among the shards in the order of their numbers."""
        answer = api.call("PUT", f"{db('nine')}/_api/collection/things/responsibleShard", {"_key": key})
        return sorted(int(s[1:]) for s in self.shards(api)).index(int(answer["shardId"][1:]))

    def live(self, pair):
        pair.api_a.bulk("PATCH", "nine", "things", [{"_key": f"k{n}", "late": True} for n in range(100)])
        # Makes each shard be compared: what it would take for surplus it would remove.
        pair.land.run("reset", "failed", "shard", "--database=nine", "--collection=things", *pair.b.operator)

    def check(self, test, pair):
        for n in range(20 if self.since(3, 5) else 0):
            test.assertEqual(self.place(pair.api_a, f"k{n}"), self.place(pair.api_b, f"k{n}"))


class ShardKeys(Item):
    """Sharded by attributes that are missing, null, numbers or not ASCII."""

    names = ("keys",)
    values = [None, 1, 1.5, True, "", "Köln", "a b", [1, 2], {"x": 1}]

    def prepare(self, a):
        super().prepare(a)
        collection(a, "keys", "places", numberOfShards=4, shardKeys=["country", "city"])
        a.insert("keys", "places", [
            {"country": c, "city": v, "n": n} for n in range(5) for c in ("DE", None) for v in self.values
        ])
        a.insert("keys", "places", [{"n": n} for n in range(5)])

    def live(self, pair):
        a = pair.api_a
        found = list(a.documents("keys", "places").values())
        a.bulk("DELETE", "keys", "places", [d["_key"] for d in found[:20]])
        kept = [{k: v for k, v in d.items() if not k.startswith("_") or k == "_key"} for d in found[20:40]]
        a.bulk("PATCH", "keys", "places", [{**d, "late": True} for d in kept])
        a.insert("keys", "places", [{"country": "FR", "city": v, "late": True} for v in self.values])

    def check(self, test, pair):
        for key in list(pair.api_a.documents("keys", "places"))[:5]:
            test.assertEqual(pair.api_b.documents("keys", "places")[key]["_key"], key)


class Satellite(Item):
    names = ("satellites",)

    def prepare(self, a):
        super().prepare(a)
        collection(a, "satellites", "everywhere", replicationFactor="satellite")
        a.insert("satellites", "everywhere", [{"_key": f"k{n}"} for n in range(50)])

    def live(self, pair):
        pair.api_a.bulk("DELETE", "satellites", "everywhere", [f"k{n}" for n in range(10)])

    def check(self, test, pair):
        found = pair.api_b.properties("satellites", "everywhere")
        test.assertEqual(found["replicationFactor"], "satellite")


class SameRevision(Item):
    """Two documents of one collection in different shards have the same revision: so it is in real clusters, as each
    DB-Server counts for itself."""

    names = ("revisions",)
    since_version = (3, 5)  # older ones do not tell which shard is responsible

    def prepare(self, a):
        super().prepare(a)
        collection(a, "revisions", "twins", numberOfShards=4)
        self.keys = self.of_different_shards(a)
        a.insert("revisions", "twins", [{"_key": k, "_rev": "_gjDBOTm--_"} for k in self.keys], isRestore="true")

    def of_different_shards(self, a):
        found = {}
        for n in range(100):
            path = f"{db('revisions')}/_api/collection/twins/responsibleShard"
            found.setdefault(a.call("PUT", path, {"_key": f"k{n}"})["shardId"], f"k{n}")
        assert len(found) == 4, found
        return list(found.values())

    def live(self, pair):
        pair.land.run("reset", "failed", "shard", "--database=revisions", "--collection=twins", *pair.b.operator)

    def check(self, test, pair):
        found = pair.api_b.documents("revisions", "twins").values()
        test.assertEqual([d["_rev"] for d in found], ["_gjDBOTm--_"] * len(self.keys))


class UniqueValues(Item):
    """Two documents exchange a unique value, again and again."""

    names = ("unique",)
    pairs = 20

    def prepare(self, a):
        super().prepare(a)
        collection(a, "unique", "holders")
        path = f"{db('unique')}/_api/index?collection=holders"
        a.call("POST", path, {"type": "hash", "fields": ["value"], "unique": True, "sparse": True})
        a.insert("unique", "holders", [{"_key": f"k{n}", "value": n} for n in range(2 * self.pairs)])

    def live(self, pair):
        a = pair.api_a
        for n in range(0, 2 * self.pairs, 2):
            one, other = f"k{n}", f"k{n + 1}"
            for changes in ([{"_key": one, "value": f"free{n}"}], [{"_key": other, "value": n}],
                            [{"_key": one, "value": n + 1}]):
                a.bulk("PATCH", "unique", "holders", changes)

    def check(self, test, pair):
        found = pair.api_b.documents("unique", "holders")
        for n in range(0, 2 * self.pairs, 2):
            test.assertEqual((found[f"k{n}"]["value"], found[f"k{n + 1}"]["value"]), (n + 1, n))


class Truncates(Item):
    """Emptied while others write."""

    names = ("truncates",)
    rounds = 5

    def prepare(self, a):
        super().prepare(a)
        for shards in (1, 3):
            collection(a, "truncates", f"of{shards}", numberOfShards=shards)
            a.insert("truncates", f"of{shards}", [{"_key": f"k{n}"} for n in range(1000)])

    def live(self, pair):
        for name in ("of1", "of3"):
            ended = threading.Event()
            other = type(pair.api_a)(pair.a.coordinators[0], "root", pair.a.password)

            def write():
                n = 0
                while not ended.is_set():
                    other.insert("truncates", name, [{"_key": f"w{n}-{i}"} for i in range(50)])
                    n += 1

            writer = threading.Thread(target=write)
            writer.start()
            try:
                for _ in range(self.rounds):
                    count = f"{db('truncates')}/_api/collection/{name}/count"
                    wait_for("documents", lambda: pair.api_a.call("GET", count)["count"] > 100, 20, 0.01)
                    pair.api_a.call("PUT", f"{db('truncates')}/_api/collection/{name}/truncate")
            finally:
                ended.set()
                writer.join()

    def check(self, test, pair):
        test.assertNotIn("k0", pair.api_b.documents("truncates", "of1"))


class Recreated(Item):
    """Dropped and made anew while it is copied, with other shards and other documents."""

    names = ("recreated",)

    def prepare(self, a):
        super().prepare(a)
        collection(a, "recreated", "again", numberOfShards=2)
        a.insert("recreated", "again", [{"_key": f"first{n}", "text": "x" * 500} for n in range(4000)])

    def live(self, pair):
        a = pair.api_a
        for life in range(4):
            a.call("DELETE", f"{db('recreated')}/_api/collection/again")
            collection(a, "recreated", "again", numberOfShards=1 + life)
            a.insert("recreated", "again", [{"_key": f"life{life}-{n}", "text": "y" * 300} for n in range(1000)])
            a.bulk("DELETE", "recreated", "again", [f"life{life}-{n}" for n in range(10)])

    def check(self, test, pair):
        found = pair.api_b.documents("recreated", "again")
        test.assertEqual(len(found), 990)
        test.assertTrue(all(key.startswith("life3-") for key in found))


class Indexes(Item):
    """Made and dropped while the log is read."""

    names = ("indexes",)

    def prepare(self, a):
        super().prepare(a)
        collection(a, "indexes", "things", numberOfShards=2)
        a.insert("indexes", "things", [{"_key": f"k{n}", "n": n, "at": [n, n]} for n in range(200)])

    def definitions(self):
        kinds = [{"type": "skiplist", "fields": ["n"]}, {"type": "geo", "fields": ["at"]},
                 {"type": "fulltext", "fields": ["text"], "minLength": 3},
                 {"type": "hash", "fields": ["_key", "n"], "unique": True}]
        if self.since(3, 5):
            kinds += [{"type": "ttl", "fields": ["at"], "expireAfter": 3600, "name": "by time"}]
        if self.since(3, 12):
            kinds += [{"type": "mdi", "fields": ["x", "y"], "fieldValueTypes": "double", "name": "plane"},
                      {"type": "persistent", "fields": ["n"], "storedValues": ["at"], "cacheEnabled": True}]
        return kinds

    def live(self, pair):
        a = pair.api_a
        made = []
        for n, definition in enumerate(self.definitions()):
            made.append(a.call("POST", f"{db('indexes')}/_api/index?collection=things", definition)["id"])
            a.insert("indexes", "things", [{"_key": f"late{n}", "n": 1000 + n}])
        a.call("DELETE", f"{db('indexes')}/_api/index/{made[1]}")

    def check(self, test, pair):
        found = [i["type"] for i in pair.api_b.indexes("indexes", "things")]
        test.assertEqual(len(found), len(self.definitions()))  # with the primary one, without the dropped one


class VectorIndexes(Item):
    """They learn from the documents that are there, so B's can be made only after its copy is complete."""

    names = ("vectors",)
    since_version = (3, 12)

    def prepare(self, a):
        super().prepare(a)
        collection(a, "vectors", "items", numberOfShards=2)
        a.insert("vectors", "items", [{"_key": f"k{n}", "v": [n, -n]} for n in range(500)])
        self.create(a, "early")

    def create(self, a, name):
        a.call("POST", f"{db('vectors')}/_api/index?collection=items", {
            "type": "vector", "name": name, "fields": ["v"],
            "params": {"metric": "l2" if name == "early" else "cosine", "dimension": 2, "nLists": 20}})

    def live(self, pair):
        self.create(pair.api_a, "late")

    def check(self, test, pair):
        found = {i["name"]: i["trainingState"] for i in pair.api_b.indexes("vectors", "items") if i["type"] == "vector"}
        test.assertEqual(found, {"early": "ready", "late": "ready"})


class SmartGraph(Item):
    """Edges of a smart graph lie in hidden collections, to which nobody but the server may write; `compare` looks into
    them, too. The graph says which id its first collection has in its own cluster."""

    names = ("smart",)

    def prepare(self, a):
        super().prepare(a)
        collection(a, "smart", "filler", numberOfShards=500)  # takes ids, so that those of A are not those of B
        a.call("DELETE", f"{db('smart')}/_api/collection/filler")
        collection(a, "smart", "towns", smartGraphAttribute="country", shardKeys=["_key:"], numberOfShards=2,
                   isSmart=True)
        a.insert("smart", "towns", [{"_key": f"C{n % 5}:t{n}", "country": f"C{n % 5}"} for n in range(100)])
        for name in ("roads", "lanes", "alleys"):
            self.create(a, name)
            self.write(a, name, "early")
        self.add_graph(a, "early", "towns")

    def create(self, a, name):
        collection(a, "smart", name, numberOfShards=2, isSmart=True, type=3, distributeShardsLike="towns",
                   shardKeys=["_key:"], isDisjoint=name == "alleys")

    def write(self, a, name, when):
        """Half of them within one country, half of them from one to another."""
        a.insert("smart", name, [
            {"_key": f"C1:{when}{n}:{to}", "_from": f"towns/C1:t{n}", "_to": f"towns/{to}:t{n}", "when": when}
            for n in range(40) for to in ["C1" if n % 2 or name == "alleys" else "C2"]
        ])

    def add_graph(self, a, key, initial):
        made = a.call("GET", f"{db('smart')}/_api/collection/{initial}")["id"]
        a.insert("smart", "_graphs", [{
            "_key": key, "isSmart": True, "initial": initial, "initialCid": int(made), "smartGraphAttribute": "country",
            "edgeDefinitions": [{"collection": "roads", "from": ["towns"], "to": ["towns"]}]}])

    def live(self, pair):
        a = pair.api_a
        self.write(a, "roads", "late")
        a.bulk("DELETE", "smart", "roads", [f"C1:early{n}:C1" for n in (1, 3)] + [f"C1:early{n}:C2" for n in (0, 2)])
        a.bulk("PATCH", "smart", "roads", [{"_key": f"C1:early{n}:C2", "changed": True} for n in (4, 6)])
        a.bulk("DELETE", "smart", "towns", [f"C{n % 5}:t{n}" for n in range(10)])
        a.call("PUT", f"{db('smart')}/_api/collection/alleys/truncate")
        self.write(a, "alleys", "afterwards")
        a.call("DELETE", f"{db('smart')}/_api/collection/lanes")
        self.create(a, "lanes")
        self.write(a, "lanes", "anew")
        self.add_graph(a, "late", "towns")

    def check(self, test, pair):
        b = pair.api_b
        counts = {name: len(b.documents("smart", name)) for name in (
            "roads", "_local_roads", "_from_roads", "_to_roads", "lanes", "_local_alleys", "_to_lanes")}
        test.assertEqual(counts, {"roads": 76, "_local_roads": 38, "_from_roads": 38, "_to_roads": 38, "lanes": 40,
                                  "_local_alleys": 40, "_to_lanes": 20})
        towns = int(b.call("GET", f"{db('smart')}/_api/collection/towns")["id"])
        test.assertNotEqual(towns, int(pair.api_a.call("GET", f"{db('smart')}/_api/collection/towns")["id"]))
        test.assertEqual({g["_key"]: g["initialCid"] for g in b.documents("smart", "_graphs").values()},
                         {"early": towns, "late": towns})
        told = pair.land.run("get", "status", "-v", *pair.b.operator).stdout
        test.assertEqual([line for line in told.splitlines() if "edges of a smart graph" in line], [])


class Users(Item):
    """Who may log in on A may do so on B, with the same password."""

    def prepare(self, a):
        self.create(a, "early")

    def create(self, a, when):
        a.call("POST", "/_api/user", {"user": when + " Zoë", "passwd": when + "-pass wörd:\"", "active": True})

    def live(self, pair):
        self.create(pair.api_a, "late")
        pair.api_a.call("PATCH", "/_api/user/" + quote("early Zoë"), {"passwd": "another one"})

    def check(self, test, pair):
        def answer(user, password):
            return pair.api_b.raw("POST", "/_open/auth", {"username": user, "password": password})[0]

        for user, password in (("late Zoë", "late-pass wörd:\""), ("early Zoë", "another one")):
            wait_for(f"{user} on B", lambda: answer(user, password) == 200, 20)
        test.assertEqual(answer("early Zoë", "early-pass wörd:\""), 401)


class Service(Item):
    """A Foxx service, whose bundle is 4 MiB."""

    names = ("foxx",)

    def prepare(self, a):
        super().prepare(a)
        self.install(a, "/early", "c0ffee")

    def install(self, a, mount, checksum):
        a.insert("foxx", "_appbundles", [{"_key": checksum, "_attachment": "UEsFBg" + "A" * (4 << 20)}])
        a.insert("foxx", "_apps", [{"_key": checksum, "mount": mount, "checksum": checksum}])

    def live(self, pair):
        self.install(pair.api_a, "/late", "decaf")

    def check(self, test, pair):
        def installed():
            return sorted(one["mount"] for one in pair.api_b.call("GET", f"{db('foxx')}/_api/foxx"))

        wait_for("both services on B", lambda: installed() == ["/early", "/late"], 20)
