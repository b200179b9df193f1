#!/usr/bin/env python3
"""Real masters over TLS: barrier, reset of a shard, the journal, refused circles, abort without the source."""

import re
import signal
import unittest

import testing
from cluster_api import Api, ApiError, db
from datacenter import wait_for


def leader_call(dc, method, path):
    """Asks any master; those that do not lead pass it on."""
    problem = None
    for endpoint in dc.master_endpoints:
        try:
            return Api(endpoint, "root", dc.password, timeout=10).call(
                method, path, headers={"X-Allow-Forward-To-Leader": "true"}
            )
        except Exception as error:
            problem = error
    raise problem


def write(pair):
    pair.api_a.call("POST", f"{db('shop')}/_api/document/things", {"from": "a user"})


class Stopping(unittest.TestCase):
    def test_barrier_reset_events_circles_and_abort(self):
        with testing.Pair("stopping", masters=2, workers=1) as pair:
            pair.fill(documents=300)
            pair.configure()
            pair.wait_running()
            pair.wait_equal(20)
            steps = (
                self.a_barrier_holds_a,
                self.a_takes_writes_again,
                self.a_stop_without_operator,
                self.a_reset_shard_runs_again,
                self.the_journal_tells,
                self.b_cannot_be_the_source,
                self.an_abort_without_the_source,
                self.the_source_is_cleaned_up,
            )
            for step in steps:
                with self.subTest(step.__doc__):
                    step(pair)

    def a_barrier_holds_a(self, pair):
        """a barrier holds A read-only until everything is known to be in sync"""
        b = pair.b
        a = pair.a
        self.assertFalse(leader_call(b, "GET", "/_api/sync/barrier")["SourceServerReadonly"])
        write(pair)
        leader_call(b, "POST", "/_api/sync/barrier")

        def complete():
            seen = leader_call(b, "GET", "/_api/sync/barrier")
            return seen.get("in_sync_shards", 0) > 0 and seen.get("not_in_sync_shards", 0) == 0

        wait_for("everything to be in sync", complete, 60, 0.5)
        with self.assertRaisesRegex(ApiError, "1004|403"):
            write(pair)
        self.assertTrue(pair.status(a)["outgoing"][0]["active_barrier"])
        self.assertTrue(testing.compare(pair.api_a, pair.api_b).equal)
        self.assertIn("in sync", pair.land.run("get", "status", "-v", *b.operator).stdout)

    def a_takes_writes_again(self, pair):
        """A takes writes again when the barrier is gone"""
        b = pair.b
        leader_call(b, "DELETE", "/_api/sync/barrier")
        wait_for("A to take writes", lambda: write(pair) is None, 20)
        pair.wait_equal(20)

    def a_stop_without_operator(self, pair):
        """a stop whose operator is gone leaves A writable"""
        b = pair.b
        b.kill(b.workers[0])  # so that nothing gets in sync

        def is_held():
            try:
                write(pair)
            except ApiError as refusal:
                return re.search("1004|403", str(refusal))
            return False

        def start_stop(name):
            stop = pair.land.start(name, "stop", "sync", "--timeout=100s", *b.operator)
            wait_for("A to be held", is_held, 20)
            return stop

        left = start_stop("left-stop")
        left.send_signal(signal.SIGHUP)
        self.assertNotEqual(left.wait(30), 0)
        with open(left.log_path, encoding="utf-8") as log:
            self.assertRegex(log.read(), "Interrupted; nothing was stopped. The source accepts writes again")
        wait_for("A to take writes", lambda: write(pair) is None, 20)
        # One that is killed tells nobody: the barrier is given up after minutes, which sentences and the
        # simulation prove. Whoever stops again, and gives up, ends it at once.
        b.kill(start_stop("killed-stop"))
        self.assertTrue(is_held())
        again = pair.land.run("stop", "sync", "--timeout=3s", *b.operator, check=False)
        self.assertRegex(again.stderr, "nothing was stopped.*The source accepts writes again")
        wait_for("A to take writes", lambda: write(pair) is None, 20)
        b.start_worker()
        pair.wait_equal(60)

    def a_reset_shard_runs_again(self, pair):
        """a shard that is reset has new channels and runs again"""
        b = pair.b
        def channels():
            tasks = leader_call(b, "GET", "/_api/task")["tasks"]
            return {
                task["task"]["channels"]["data"]
                for task in tasks
                if task["task"].get("collection") == "things" and task["task"].get("shardIndex", 0) == 1
            }

        before = channels()
        pair.land.run(
            "reset", "failed", "shard", "--database=shop", "--collection=things", "--shard=1", *b.operator
        )
        wait_for("new channels", lambda: channels() and not channels() & before, 30)

        def runs():
            shards = pair.status(b)["shards"]
            return all(shard["status"] == "running" for shard in shards)

        wait_for("all shards to run", runs, 60)
        pair.wait_equal(20)
        unknown = pair.land.run(
            "reset", "failed", "shard", "--database=shop", "--collection=none", *b.operator, check=False
        )
        self.assertNotEqual(unknown.returncode, 0)

    def the_journal_tells(self, pair):
        """the journal tells what was decided"""
        b = pair.b
        text = pair.land.run("get", "events", *b.operator).stdout
        for word in ("leadership-begun", "incoming-configured", "barrier-wished", "shard-cancelled"):
            self.assertIn(word, text)
        found = testing.secrets_of.leaks(pair.secrets, text)
        self.assertFalse(found, "get events shows secrets")

    def b_cannot_be_the_source(self, pair):
        """B cannot become A's source"""
        b = pair.b
        a = pair.a
        pair.land.run(
            "configure", "sync", *a.operator,
            f"--master.keyfile={b.client_keyfile}",
            f"--source.endpoint={','.join(b.master_endpoints)}",
            f"--source.cacert={b.tls_ca}",
        )
        failed = wait_for(
            "the circle to be seen", lambda: pair.status(a)["status"] == "failed" and pair.status(a), 30
        )
        self.assertIn("circle", failed["status_message"])
        pair.land.run("abort", "sync", "--timeout=20s", *a.operator)
        self.assertEqual(pair.status(a)["status"], "inactive")
        self.assertEqual(pair.status(b)["status"], "running")

    def an_abort_without_the_source(self, pair):
        """an abort works without the source"""
        b = pair.b
        a = pair.a
        pair.note_secrets()
        for index in list(a.masters):
            a.kill(a.masters[index])
        done = pair.land.run("abort", "sync", "--timeout=16s", *b.operator, timeout=60)
        self.assertIn("abort outgoing sync --target=", done.stdout)
        self.assertTrue(pair.status(b)["cancellationAborted"])
        pair.api_b.call("POST", f"{db('shop')}/_api/document/things", {"_key": "B-is-writable"})

    def the_source_is_cleaned_up(self, pair):
        """and what is left at the source is cleaned up there"""
        a = pair.a
        for index in list(a.masters):
            a.start_master(index)
        target = wait_for("A's masters to lead", lambda: pair.status(a)["outgoing"][0]["id"], 60)
        pair.land.run("abort", "outgoing", "sync", f"--target={target}", *a.operator)
        wait_for("A to have no target", lambda: not pair.status(a).get("outgoing"), 60)
        text = pair.land.run("abort", "outgoing", "sync", *a.operator).stdout
        self.assertIn("nothing to clean up", text)


if __name__ == "__main__":
    testing.main()
