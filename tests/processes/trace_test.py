#!/usr/bin/env python3
"""The traces of real processes replay: of some that were killed, of some that were stopped, of some still running."""

import os
import shutil
import unittest

import testing
from datacenter import wait_for
from demo import leader_of


class Trace(unittest.TestCase):
    def replay(self, pair, files, *flags):
        done = pair.land.run("replay", *flags, *files, check=False)
        self.assertEqual(done.returncode, 0, f"{[os.path.basename(f) for f in files]}: {done.stderr}")
        return done.stdout

    def test_replays_what_killed_stopped_and_running_processes_heard(self):
        with testing.Pair("traces") as pair:
            pair.fill(documents=500)
            pair.configure()
            pair.wait_running()
            pair.b.kill(pair.b.workers[0])
            pair.b.kill(pair.b.masters[leader_of(pair.b)])
            pair.a.kill(pair.a.workers[0])
            pair.api_a.insert("shop", "things", [{"_key": f"late{n}", "n": n} for n in range(100)])
            pair.wait_equal(120)
            pair.wait_running(60)
            for dc in (pair.a, pair.b):
                traces = dc.traces()
                self.assertEqual(len(traces), 4, traces)
                for files in traces:
                    self.assertIn(" led to the same ", self.replay(pair, files))
            files = pair.b.traces()[-1]
            self.assertIn("sequenceDiagram", self.replay(pair, files, "--mermaid"))
            self.assertIn("State{", self.replay(pair, files, "--state", "--until=5"))
            self.assertIn("    effect ", self.replay(pair, files, "--events"))
            master = next(files for files in pair.b.traces() if "master-" in files[0])
            self.assertIn("office=", self.replay(pair, master, "--state"))

    def test_a_process_without_a_place_for_its_trace_says_so_once_and_works(self):
        with testing.Pair("no-place", masters=1, workers=1) as pair:
            pair.fill(documents=50)
            wait_for("a trace of each", lambda: len(pair.b.traces()) == 2, 30)
            shutil.rmtree(pair.b.trace_folder)
            with open(pair.b.trace_folder, "w", encoding="ascii") as file:
                file.write("no folder")
            pair.b.kill(pair.b.workers[0])
            worker = pair.b.start_worker(0, pair.b.workers[0].port)

            def warnings():
                with open(worker.log_path, encoding="utf-8") as log:
                    return [line for line in log if "going on without a trace" in line]

            wait_for("the warning", warnings, 30)
            pair.configure()
            pair.wait_running()
            pair.wait_equal(60)
            self.assertEqual(len(warnings()), 1, warnings())
            os.remove(pair.b.trace_folder)


if __name__ == "__main__":
    testing.main()
