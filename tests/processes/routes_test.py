#!/usr/bin/env python3
"""Workers that read the source through its Coordinators: whole replications behind a firewall."""

import re
import unittest

import testing
from cluster_api import Api, db
from datacenter import wait_for


class Routes(unittest.TestCase):
    def changes(self, pair, round_number):
        a = pair.api_a
        for database in ("shop", "archive"):
            a.bulk("POST", database, "things", [{"_key": f"r{round_number}-{n}", "n": n} for n in range(200)])
            a.bulk("PATCH", database, "things", [{"_key": f"k{n}", "round": round_number} for n in range(100)])
            a.bulk("DELETE", database, "things", [f"r{round_number}-{n}" for n in range(50)])

    def routes(self, pair):
        """The route of each DB-Server of A, by the metrics of A's workers."""
        found = {}
        for worker in pair.a.workers.values():
            if worker.poll() is not None:
                continue
            api = Api(worker.endpoint)
            watcher = {"Authorization": f"Bearer {pair.a.monitoring_token}"}
            text = api.raw("GET", "/metrics", headers=watcher)[1].decode()
            for labels, value in re.findall(r"^arangosync_worker_read_route\{([^}]*)\} (\d)", text, re.M):
                if value == "1":
                    named = dict(re.findall(r'(\w+)="([^"]*)"', labels))
                    found[named["server"]] = named["route"]
        return found

    def replicate(self, pair, route, patience=40):
        pair.fill()
        pair.fill("archive", documents=300)
        pair.configure()
        pair.wait_running()
        pair.wait_equal(patience)
        self.assertEqual(set(self.routes(pair).values()), {route})

        with self.subTest("inserts, updates and removals arrive"):
            self.changes(pair, 1)
            pair.wait_equal(patience)

        with self.subTest("a truncate arrives"):
            pair.api_a.call("PUT", f"{db('archive')}/_api/collection/things/truncate")
            pair.wait_equal(patience)
            pair.api_a.insert("archive", "things", [{"_key": f"k{n}", "n": n} for n in range(300)])

        with self.subTest("a worker of the source dies"):
            pair.a.kill(pair.a.workers[0])
            self.changes(pair, 2)
            pair.wait_equal(patience + 60)
            self.changes(pair, 3)
            pair.wait_equal(patience)

    def test_by_comparing_in_rounds_where_no_log_is_passed_on(self):
        # Both of one version: a target must not be older than its source.
        source = {"cluster_flags": ["--hide-dbservers"]}
        with testing.Pair("rounds", source=source, version="3.12.10") as pair:
            self.replicate(pair, "compare", patience=150)

    def test_through_coordinators_because_it_is_told(self):
        with testing.Pair("told", source={"worker_flags": ["--cluster.read-route=coordinator"]}) as pair:
            self.replicate(pair, "coordinator")

    def test_through_coordinators_because_nothing_else_is_open(self):
        with testing.Pair("firewall", source={"cluster_flags": ["--hide-dbservers"]}) as pair:
            self.replicate(pair, "coordinator")


if __name__ == "__main__":
    testing.main()
