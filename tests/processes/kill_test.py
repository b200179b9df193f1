#!/usr/bin/env python3
"""kill -9 of workers and leading masters while documents change: the other ones take over and both sides end equal."""

import unittest

import testing
from demo import leader_of


class Kill(unittest.TestCase):
    def changes(self, pair, round_number):
        a = pair.api_a
        a.bulk("POST", "shop", "things", [{"_key": f"r{round_number}-{n}", "n": n} for n in range(500)])
        a.bulk("PATCH", "shop", "things", [{"_key": f"k{n}", "round": round_number} for n in range(200)])
        a.bulk("DELETE", "shop", "things", [f"r{round_number}-{n}" for n in range(100)])

    def copies(self, dc):
        """How many shards the source's workers have copied in full, by their own account."""
        count = 0
        for worker in dc.workers.values():
            with open(worker.log_path, encoding="utf-8") as log:
                count += sum("needs a snapshot of its shard" in line for line in log)
        return count

    def test_survives_the_death_of_one_worker_and_the_leading_master_on_each_side(self):
        with testing.Pair("kill") as pair:
            pair.fill()
            pair.configure()
            pair.wait_running()
            for number, (dc, victim) in enumerate(
                [
                    (pair.b, lambda: pair.b.workers[0]),
                    (pair.a, lambda: pair.a.workers[0]),
                    (pair.b, lambda: pair.b.masters[leader_of(pair.b)]),
                    (pair.a, lambda: pair.a.masters[leader_of(pair.a)]),
                ]
            ):
                self.changes(pair, number)
                dc.kill(victim())
                self.changes(pair, number + 100)
            pair.wait_equal(150)
            pair.wait_running(60)
            self.changes(pair, 999)
            pair.wait_equal(60)

    def test_a_restarted_worker_goes_on_without_a_new_copy(self):
        with testing.Pair("restart", workers=1) as pair:
            pair.fill()
            pair.configure()
            pair.wait_running()
            pair.wait_equal(20)
            port = pair.b.workers[0].port
            copies = self.copies(pair.a)
            self.assertGreater(copies, 0)
            pair.b.kill(pair.b.workers[0])
            self.changes(pair, 1)
            pair.b.start_worker(0, port)
            pair.wait_equal(60)
            pair.wait_running(60)
            self.assertEqual(self.copies(pair.a), copies)


if __name__ == "__main__":
    testing.main()
