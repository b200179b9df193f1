#!/usr/bin/env python3
"""Real masters and workers replicate a database: initial copy, live changes, structure, stop, and configuring again."""

import unittest

import testing
from cluster_api import Api, ApiError, db
from datacenter import wait_for
from demo import endpoints_of


class Replication(unittest.TestCase):
    def test_copies_follows_stops_and_copies_again(self):
        with testing.Pair("replication") as pair:
            pair.fill()
            pair.configure()
            pair.wait_running()
            pair.wait_equal(20)
            steps = (
                self.endpoints_answer,
                self.changes_arrive,
                self.a_truncate_arrives,
                self.a_collection_is_made_anew,
                self.a_database_comes_and_goes,
                self.a_user_may_log_in,
                self.views_arrive,
                self.a_service_is_installed,
                self.metrics_say_what_there_is,
                self.writes_are_refused,
                self.stop_leaves_both_inactive,
                self.configured_again,
            )
            for step in steps:
                with self.subTest(step.__doc__):
                    step(pair)

    def endpoints_answer(self, pair):
        """every endpoint the demo names answers"""
        for dc in (pair.a, pair.b):
            named = endpoints_of(dc)
            for kind, count in (
                ("coordinators", 1),
                ("dbServers", 2),
                ("agents", 1),
                ("masters", 2),
                ("workers", 2),
            ):
                self.assertEqual(len(named[kind]), count, kind)
                for url in named[kind]:
                    self.assertIn(Api(url, timeout=10).raw("GET", "/_api/version")[0], (200, 401), url)

    def changes_arrive(self, pair):
        """live changes arrive"""
        a = pair.api_a
        a.bulk("PATCH", "shop", "things", [{"_key": f"k{n}", "changed": True} for n in range(300)])
        a.bulk("DELETE", "shop", "things", [f"k{n}" for n in range(300, 600)])
        a.bulk("POST", "shop", "things", [{"_key": f"new{n}", "big": 2**53 + n} for n in range(300)])
        pair.wait_equal(20)

    def a_truncate_arrives(self, pair):
        """a truncate arrives"""
        a = pair.api_a
        a.call("POST", f"{db('shop')}/_api/collection", {"name": "emptied", "numberOfShards": 2})
        a.insert("shop", "emptied", [{"_key": str(n)} for n in range(100)])
        pair.wait_equal(20)
        a.call("PUT", f"{db('shop')}/_api/collection/emptied/truncate")
        pair.wait_equal(20)

    def a_collection_is_made_anew(self, pair):
        """dropped and re-created under the same name"""
        a = pair.api_a
        a.call("DELETE", f"{db('shop')}/_api/collection/emptied")
        a.call("POST", f"{db('shop')}/_api/collection", {"name": "emptied", "numberOfShards": 3})
        a.insert("shop", "emptied", [{"_key": f"again{n}"} for n in range(50)])
        result = pair.wait_equal(30)
        self.assertIn(("shop", "emptied", 50, 50, 0), result.rows)

    def a_database_comes_and_goes(self, pair):
        """a database comes and goes"""
        a = pair.api_a
        pair.fill("short-lived", documents=10)
        pair.wait_equal(20)
        a.call("DELETE", "/_api/database/short-lived")
        pair.wait_equal(20)

    def a_user_may_log_in(self, pair):
        """a user of A may log in on B"""
        a = pair.api_a
        a.call("POST", "/_api/user", {"user": "alice", "passwd": "wonder", "active": True})
        wait_for(
            "alice on B",
            lambda: pair.api_b.raw(
                "POST", "/_open/auth", {"username": "alice", "password": "wonder"}
            )[0]
            == 200,
            20,
        )

    def views_arrive(self, pair):
        """analyzers and views arrive and change"""
        a = pair.api_a
        shop = db("shop")
        a.call("POST", f"{shop}/_api/analyzer", {"name": "mine", "type": "identity", "features": ["norm"]})
        link = {"fields": {"text": {"analyzers": ["mine"]}}}
        view = {"name": "found", "type": "arangosearch", "links": {"things": link}}
        a.call("POST", f"{shop}/_api/view", view)
        pair.wait_equal(20)
        self.assertIn("found", pair.api_b.views("shop"))
        change = {"commitIntervalMsec": 7000, "links": {"things": None}}
        a.call("PATCH", f"{shop}/_api/view/found/properties", change)
        pair.wait_equal(20)
        a.call("DELETE", f"{shop}/_api/view/found")
        a.call("DELETE", f"{shop}/_api/analyzer/mine")
        pair.wait_equal(20)
        self.assertEqual(pair.api_b.views("shop"), {})

    def a_service_is_installed(self, pair):
        """a service of A is installed on B"""
        a = pair.api_a
        a.insert("shop", "_appbundles", [{"_key": "c0ffee", "_attachment": "UEsFBg=="}])
        a.insert("shop", "_apps", [{"_key": "1", "mount": "/cart", "checksum": "c0ffee"}])
        installed = lambda: [one["mount"] for one in pair.api_b.call("GET", f"{db('shop')}/_api/foxx")]
        wait_for("/cart on B", lambda: installed() == ["/cart"], 20)

    def metrics_say_what_there_is(self, pair):
        """the metrics say what there is"""
        at_least = [
            (pair.a, "arangosync_master_workers", 2),
            (pair.a, 'arangosync_master_tasks{type="send-shard"}', 3),
            (pair.a, 'arangosync_master_agency_transactions{result="applied"}', 1),
            (pair.b, 'arangosync_master_incoming_shards{status="running"}', 3),
            (pair.b, "arangosync_master_total_shards", 3),
            (pair.a, "arangosync_worker_documents_sent", 2000),
            (pair.b, "arangosync_worker_documents_applied", 2000),
            (pair.b, "arangosync_worker_bytes_applied", 2000),
        ]
        for dc, metric, least in at_least:
            told = lambda: any(metric in text for text in pair.metrics(dc)) and pair.sum_of(dc, metric) >= least
            wait_for(f"{metric} of {least} at least", told, 20, 0.5)
        self.assertEqual(pair.sum_of(pair.a, "arangosync_master_tasks_unassigned"), 0)
        wait_for("no copies", lambda: pair.sum_of(pair.a, "arangosync_worker_copies") == 0, 20, 0.5)

    def writes_are_refused(self, pair):
        """the target refuses ordinary writes"""
        with self.assertRaisesRegex(ApiError, "1004|403"):
            pair.api_b.call("POST", f"{db('shop')}/_api/document/things", {"_key": "not-allowed"})

    def stop_leaves_both_inactive(self, pair):
        """stop leaves both sides inactive and B writable"""
        pair.land.run("stop", "sync", *pair.b.operator, timeout=150)
        self.assertEqual(pair.status(pair.b).get("status", "inactive") or "inactive", "inactive")
        wait_for("A to be inactive", lambda: not pair.status(pair.a).get("outgoing"), 10)
        pair.api_b.call("POST", f"{db('shop')}/_api/document/things", {"_key": "only-on-B"})

    def configured_again(self, pair):
        """configured again, what was written on B is gone"""
        pair.configure()
        pair.wait_running()
        pair.wait_equal(30)


if __name__ == "__main__":
    testing.main()
