#!/usr/bin/env python3
"""Collections that keep no revision trees: whatever is lost, and by whatever route the source is read, only what
differs is sent."""

import unittest

import testing
from cluster_api import db
from datacenter import wait_for

DOCUMENTS = 6000
TREELESS = {"syncByRevision": False, "usesRevisionsAsDocumentIds": False}


class Treeless(unittest.TestCase):
    def written(self, pair):
        """Documents that B's workers have written so far."""
        return int(pair.sum_of(pair.b, "arangosync_worker_documents_applied"))

    def fill(self, pair, **properties):
        a = pair.api_a
        a.call("POST", "/_api/database", {"name": "shop"})
        a.call("POST", f"{db('shop')}/_api/collection", {"name": "things", "numberOfShards": 2, **properties})
        a.insert("shop", "things", [{"_key": f"k{n}", "n": n} for n in range(DOCUMENTS)])
        pair.configure()
        pair.wait_running()
        pair.wait_equal(60)
        for api in (a, pair.api_b):
            self.assertFalse(api.properties("shop", "things").get("syncByRevision", False))

    def change(self, pair, name):
        """400 documents differ."""
        a = pair.api_a
        a.bulk("POST", "shop", "things", [{"_key": f"{name}-{n}"} for n in range(150)])
        a.bulk("PATCH", "shop", "things", [{"_key": f"k{n}", "changed": name} for n in range(0, 4000, 20)])
        a.bulk("DELETE", "shop", "things", [f"k{n}" for n in range(5950 - len(name), 6000 - len(name))])
        a.insert("shop", "things", [{"_key": f"k{n}", "n": n} for n in range(5950 - len(name), 6000 - len(name))])

    def sends_little(self, pair, work, patience=60):
        before = self.written(pair)
        work()
        pair.wait_equal(patience)
        sent = self.written(pair) - before
        self.assertGreaterEqual(sent, 400)
        self.assertLess(sent, 1200, f"of {DOCUMENTS} documents 400 differ")

    def lose_log(self, pair, path, name):
        """The log is gone before a worker has read what was written."""
        a = pair.api_a
        before = a.call("GET", "/_sandbox/faults")["struck"]
        a.call("PUT", "/_sandbox/faults", {"path": path, "errorPercent": 100, "status": 503})
        self.change(pair, name)
        wait_for("readers to fail", lambda: a.call("GET", "/_sandbox/faults")["struck"] > before + 2, 30)
        a.call("PUT", "/_sandbox/log/trim", {})
        a.call("DELETE", "/_sandbox/faults")

    def test_a_lost_log_costs_what_differs_and_still_does_after_an_upgrade(self):
        flags = {"cluster_flags": ["--fault-controls"]}
        with testing.Pair("old", version="3.7.18", masters=1, workers=1, **flags) as pair:
            self.fill(pair)
            self.assertEqual(set(pair.routes().values()), {"direct"})
            self.sends_little(pair, lambda: self.lose_log(pair, "/_api/wal/tail", "first"))
            for api in (pair.api_b, pair.api_a):
                api.call("PUT", "/_sandbox/version", {"version": "3.12.10"})
            self.sends_little(pair, lambda: self.lose_log(pair, "/_api/wal/tail", "upgraded"))

    def test_a_lost_log_that_is_read_through_coordinators(self):
        flags = {"cluster_flags": ["--fault-controls", "--hide-dbservers"]}
        with testing.Pair("passed-on", version="3.12.4", masters=1, workers=1, **flags) as pair:
            self.fill(pair, **TREELESS)
            self.assertEqual(set(pair.routes().values()), {"coordinator"})
            self.sends_little(pair, lambda: self.lose_log(pair, "/_api/replication/logger-follow", "first"))

    def test_rounds_where_no_log_can_be_read(self):
        source = {"cluster_flags": ["--hide-dbservers"]}
        with testing.Pair("rounds-of-keys", source=source, version="3.12.10", masters=1, workers=1) as pair:
            self.fill(pair, **TREELESS)
            self.assertEqual(set(pair.routes().values()), {"compare"})
            for name in ("one", "second", "another"):
                self.sends_little(pair, lambda: self.change(pair, name), 150)


if __name__ == "__main__":
    testing.main()
