#!/usr/bin/env python3
"""Trouble inside of the clusters, asked for under /_sandbox/: calls that are late, fail or lose their connection, other
leaders, a trimmed log, clocks that disagree. Nothing is lost, and it heals by itself."""

import unittest

import testing
from cluster_api import db
from datacenter import wait_for


class Faults(unittest.TestCase):
    def test_trouble_inside_of_the_clusters(self):
        flags = ["--fault-controls"]
        with testing.Pair("faults", masters=1, workers=1, cluster_flags=flags) as pair:
            a, b = pair.api_a, pair.api_b
            a.call("POST", "/_api/database", {"name": "shop"})
            a.call("POST", f"{db('shop')}/_api/collection",
                   {"name": "things", "numberOfShards": 3, "replicationFactor": 2})
            a.insert("shop", "things", [{"_key": f"k{n}", "n": n} for n in range(1000)])

            with self.subTest("clocks disagree by minutes"):
                a.call("PUT", "/_sandbox/clock", {"offsetMs": -600000})
                b.call("PUT", "/_sandbox/clock", {"offsetMs": 600000})
                pair.configure()
                pair.wait_running()
                self.change(pair, "clocks")

            with self.subTest("the target's Coordinators are overloaded and lose connections"):
                self.struck(b, "/_api/document", {"errorPercent": 20, "status": 503, "errorNum": 21003,
                                                  "dropPercent": 10, "delayMs": 20}, lambda: self.write(a, "overload"))
                b.call("DELETE", "/_sandbox/faults")
                pair.wait_equal(60)

            with self.subTest("the source's DB-Servers lose connections"):
                self.struck(a, "/_api/wal/tail", {"roles": ["dbserver"], "dropPercent": 30, "errorPercent": 20},
                            lambda: self.write(a, "drops"))
                a.call("DELETE", "/_sandbox/faults")
                pair.wait_equal(60)

            with self.subTest("other leaders on both sides, while somebody writes"):
                for side, name in ((a, "leaders-of-A"), (b, "leaders-of-B")):
                    self.write(a, name + "-before")
                    moved = side.call("PUT", "/_sandbox/fail-over", {"database": "shop", "collection": "things"})
                    # The target's collection has as many copies as the source's.
                    self.assertEqual(moved["moved"], 3, name)
                    self.write(a, name + "-after")
                    pair.wait_equal(60)

            with self.subTest("the log is gone that a worker has not read yet"):
                self.struck(a, "/_api/wal/tail", {"roles": ["dbserver"], "errorPercent": 100},
                            lambda: self.write(a, "unread"))
                a.call("PUT", "/_sandbox/log/trim", {})
                self.write(a, "after")
                a.call("DELETE", "/_sandbox/faults")
                pair.wait_equal(60)
                self.assertIn("unread-0", b.documents("shop", "things"))

            pair.wait_running()

    def write(self, a, name):
        a.bulk("POST", "shop", "things", [{"_key": f"{name}-{n}"} for n in range(50)])
        a.bulk("PATCH", "shop", "things", [{"_key": f"k{n}", "changed": name} for n in range(200)])

    def change(self, pair, name):
        self.write(pair.api_a, name)
        pair.wait_equal(60)

    def struck(self, api, path, trouble, work):
        """Does the work under the trouble until that was seen to strike."""
        before = api.call("GET", "/_sandbox/faults")["struck"]
        api.call("PUT", "/_sandbox/faults", {"path": path, **trouble})
        work()
        wait_for("the trouble to strike", lambda: api.call("GET", "/_sandbox/faults")["struck"] > before + 2, 30)


if __name__ == "__main__":
    testing.main()
