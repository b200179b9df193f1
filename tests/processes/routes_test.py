#!/usr/bin/env python3
"""Workers that read the source through its Coordinators: whole replications behind a firewall."""

import unittest

import testing
from cluster_api import db
from datacenter import wait_for


class Routes(unittest.TestCase):
    def changes(self, pair, round_number):
        a = pair.api_a
        for database in ("shop", "archive"):
            a.bulk("POST", database, "things", [{"_key": f"r{round_number}-{n}", "n": n} for n in range(200)])
            a.bulk("PATCH", database, "things", [{"_key": f"k{n}", "round": round_number} for n in range(100)])
            a.bulk("DELETE", database, "things", [f"r{round_number}-{n}" for n in range(50)])

    def replicate(self, pair, route, patience=40):
        pair.fill()
        pair.fill("archive", documents=300)
        pair.configure()
        pair.wait_running()
        pair.wait_equal(patience)
        self.assertEqual(set(pair.routes().values()), {route})
        wait_for("the route in the source's status", lambda: set(pair.shown_routes()) == {route}, 40, 1)

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

    def test_while_both_clusters_are_upgraded_one_after_the_other(self):
        """First to a version that passes no log on any more, then the source too early, then the target."""
        flags = {"cluster_flags": ["--fault-controls"]}
        source = {"cluster_flags": ["--fault-controls", "--hide-dbservers"]}
        with testing.Pair("upgrade", source=source, version="3.12.4", masters=1, workers=1, **flags) as pair:
            shows = ["get", "status", "-v", *pair.b.operator]

            def told():
                return [line for line in pair.land.run(*shows).stdout.splitlines() if "upgrade this datacenter" in line]

            pair.fill()
            pair.fill("archive", documents=300)
            pair.configure()
            pair.wait_running()
            self.assertEqual(set(pair.routes().values()), {"coordinator"})
            pair.api_a.call("PUT", "/_sandbox/version", {"version": "3.12.10"})
            self.changes(pair, 1)
            pair.wait_equal(150)
            wait_for("another route", lambda: set(pair.routes().values()) == {"compare"}, 60)
            self.assertEqual(told(), [], "the patch version may differ")
            pair.api_a.call("PUT", "/_sandbox/version", {"version": "3.13.1"})
            wait_for("the refusal", told, 90, 1)
            self.assertIn("the source runs ArangoDB 3.13.1, this datacenter 3.12.4", told()[0])
            self.changes(pair, 2)
            pair.wait_equal(150)  # what runs is not stopped for it
            pair.api_b.call("PUT", "/_sandbox/version", {"version": "3.13.1"})
            wait_for("the end of the refusal", lambda: not told(), 120, 1)


if __name__ == "__main__":
    testing.main()
