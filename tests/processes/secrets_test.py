#!/usr/bin/env python3
"""The cluster's JWT secret is exchanged while masters and workers run, by file and by folder: nobody is restarted."""

import os
import unittest

import testing
from cluster_api import db
from datacenter import wait_for


def replace(path, text):
    """As an operator should: the file is never half-written."""
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write(text)
    os.rename(path + ".new", path)


class Secrets(unittest.TestCase):
    def test_change_while_everything_runs(self):
        with testing.Pair("secrets", masters=1, workers=1, cluster_flags=["--fault-controls"]) as pair:
            pair.fill(documents=200)
            pair.configure()
            pair.wait_running()
            pair.wait_equal(20)
            processes = {process.name: process.pid for process in pair.land.processes}

            for dc, api in ((pair.b, pair.api_b), (pair.a, pair.api_a)):
                with self.subTest("the file is exchanged first, the cluster follows", datacenter=dc.name):
                    with open(dc.cluster_secret, encoding="ascii") as file:
                        old = file.read()
                    pair.secrets.add(old)
                    new = dc.name + "-second-secret-0123456789abcdef"
                    pair.secrets.add(new)
                    replace(dc.cluster_secret, new)
                    self.write(pair, f"{dc.name}-before")
                    api.call("PUT", "/_sandbox/secrets", {"secrets": [new, old]})
                    self.write(pair, f"{dc.name}-both")
                    api.call("PUT", "/_sandbox/secrets", {"secrets": [new]})
                    self.write(pair, f"{dc.name}-after")

                with self.subTest("the cluster is exchanged first, the file follows", datacenter=dc.name):
                    third = dc.name + "-third-secret-0123456789abcdef"
                    pair.secrets.add(third)
                    api.call("PUT", "/_sandbox/secrets", {"secrets": [third]})
                    replace(dc.cluster_secret, third)
                    self.write(pair, f"{dc.name}-third")

            with self.subTest("a missing file changes nothing"):
                os.rename(pair.b.cluster_secret, pair.b.cluster_secret + ".away")
                self.write(pair, "missing")
                wait_for("the warning", lambda: "going on with the secret in use" in self.log(pair, "B-master-0"), 10)
                os.rename(pair.b.cluster_secret + ".away", pair.b.cluster_secret)

            for process in pair.land.processes:
                self.assertIsNone(process.poll(), process.name)
                self.assertEqual(processes[process.name], process.pid)

    def test_are_taken_from_a_folder(self):
        with testing.Pair("folder", masters=1, workers=1) as pair:
            folder = pair.b.path("secrets")
            os.mkdir(folder)
            with open(pair.b.cluster_secret, encoding="ascii") as file:
                secret = file.read()
            replace(os.path.join(folder, "1-not-yet-known-to-the-cluster"), "a-future-secret-0123456789abcdef\n")
            replace(os.path.join(folder, "2-in-use"), secret + "\n")
            pair.secrets.add("a-future-secret-0123456789abcdef")
            pair.b.kill(pair.b.masters[0])
            file, pair.b.cluster_secret = pair.b.cluster_secret, folder
            pair.b.start_master(0)
            pair.b.cluster_secret = file
            pair.fill(documents=50)
            pair.configure()
            pair.wait_running()
            pair.wait_equal(30)

    def write(self, pair, key):
        """A change on A arrives on B, whatever the secrets are at the moment."""
        pair.api_a.call("POST", f"{db('shop')}/_api/document/things", {"_key": key})
        wait_for(f"{key} on B", lambda: key in pair.api_b.documents("shop", "things"), 40)

    def log(self, pair, name):
        with open(os.path.join(pair.land.folder, name + ".log"), encoding="utf-8") as file:
            return file.read()


if __name__ == "__main__":
    testing.main()
