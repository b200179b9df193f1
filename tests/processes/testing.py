"""What the process tests share: program and folder from the command line, a pair of running datacenters whose logs
are searched for secrets at the end, a small data set."""

import argparse
import glob
import json
import os
import re
import shutil
import sys
import unittest

import secrets_of
from cluster_api import Api, db
from compare import compare
from datacenter import Datacenter, Landscape, wait_for

arguments = argparse.Namespace(program=None, folder=None)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--folder", required=True)
    parser.parse_known_args(namespace=arguments)
    rest = parser.parse_known_args()[1]
    shutil.rmtree(arguments.folder, ignore_errors=True)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2, warnings="ignore")


class Pair:
    """Datacenters A and B, running; A → B configured on demand."""

    def __init__(self, name, source=None, **sizes):
        """`source`: what A has otherwise, or only A is given."""
        self.land = Landscape(arguments.program, os.path.join(arguments.folder, name), quiet=True)
        # One password, as A's users are copied to B; a word that no log holds by chance.
        self.a, self.b = (
            Datacenter(self.land, name, password="operators-password", log_level="debug", **{**sizes, **more})
            for name, more in (("A", source or {}), ("B", {}))
        )
        self.secrets, self.queue_tokens = set(), set()

    def __enter__(self):
        try:
            self.a.start()
            self.b.start()
        except BaseException:
            self.land.close()
            raise
        self.api_a = Api(self.a.coordinators[0], "root", self.a.password)
        self.api_b = Api(self.b.coordinators[0], "root", self.b.password)
        return self

    def __exit__(self, failed, *_):
        try:
            if not failed:
                self.note_secrets()
        finally:
            self.land.close()
        if not failed:
            self.check_logs()

    def note_secrets(self):
        """What is secret now; tokens come and go with the synchronization."""
        for dc in (self.a, self.b):
            tokens = secrets_of.of_agency(dc)
            self.queue_tokens |= tokens
            self.secrets |= tokens | secrets_of.of_files(dc.folder) | {dc.password, dc.monitoring_token}

    def check_logs(self):
        """And the traces. Of all processes of both datacenters, from their start to their end."""
        assert self.queue_tokens, "no queue token was seen; the search of the logs would prove little"
        logs = glob.glob(os.path.join(self.land.folder, "*.log"))
        assert len(logs) >= 6, logs
        traces = [path for dc in (self.a, self.b) for files in dc.traces() for path in files]
        assert len(traces) >= 2, traces
        for path in logs + traces:
            with open(path, encoding="utf-8", errors="replace") as file:
                found = secrets_of.leaks(self.secrets, file.read())
            assert not found, f"{os.path.basename(path)} holds secrets: {sorted(set(found))}"

    def configure(self):
        wait_for(
            "configure sync",
            lambda: self.land.run(
                "configure",
                "sync",
                *self.b.operator,
                f"--master.keyfile={self.a.client_keyfile}",
                f"--source.endpoint={','.join(self.a.master_endpoints)}",
                f"--source.cacert={self.a.tls_ca}",
            ).returncode
            == 0,
            60,
            1,
        )

    def status(self, dc):
        problem = None
        for endpoint in dc.master_endpoints:
            try:
                return Api(endpoint, "root", dc.password, timeout=10).call(
                    "GET", "/_api/sync", headers={"X-Allow-Forward-To-Leader": "true"}
                )
            except Exception as error:  # a killed master; the other one is asked
                problem = error
        raise problem

    def metrics(self, dc):
        """The metrics of each running master and worker of a datacenter, as text."""
        daemons = [*dc.masters.values(), *dc.workers.values()]
        endpoints = [daemon.endpoint for daemon in daemons if daemon.poll() is None]
        watcher = {"Authorization": f"Bearer {dc.monitoring_token}"}
        return [Api(url).raw("GET", "/metrics", headers=watcher)[1].decode() for url in endpoints]

    def sum_of(self, dc, metric):
        """Over all masters and workers; `metric` with its labels, if it has any."""
        lines = re.compile(rf"^{re.escape(metric)} ([0-9.e+-]+)$", re.M)
        values = [float(value) for text in self.metrics(dc) for value in lines.findall(text)]
        assert values, f"no process of {dc.name} has the metric {metric}"
        return sum(values)

    def routes(self):
        """The route of each DB-Server of A, by the metrics of A's workers."""
        found = {}
        for text in self.metrics(self.a):
            for labels, value in re.findall(r"^arangosync_worker_read_route\{([^}]*)\} (\d)", text, re.M):
                if value == "1":
                    named = dict(re.findall(r'(\w+)="([^"]*)"', labels))
                    found[named["server"]] = named["route"]
        return found

    def shown_routes(self):
        """The route of each shard, as A's status tells it; "" of those that do not say (yet)."""
        outgoing = self.status(self.a).get("outgoing", [])
        return [shard.get("read_route", "") for target in outgoing for shard in target.get("shards", [])]

    def wait_running(self, seconds=60):
        wait_for("status running", lambda: self.status(self.b)["status"] == "running", seconds, 0.3)
        self.note_secrets()

    def wait_equal(self, seconds, **how):
        """Compares until equal; the failure shows the first differences."""
        last = {}

        def equal():
            last["result"] = compare(self.api_a, self.api_b, until_different=True, **how)
            return last["result"].equal

        try:
            wait_for("A and B to be equal", equal, seconds, 0.5)
        except Exception as error:
            raise AssertionError(
                f"{error}: {json.dumps(last['result'].differences[:5]) if last else ''}"
            ) from error
        return last["result"]

    def fill(self, database="shop", documents=2000, shards=3):
        if database not in self.api_a.databases():
            self.api_a.call("POST", "/_api/database", {"name": database})
        self.api_a.call(
            "POST", f"{db(database)}/_api/collection", {"name": "things", "numberOfShards": shards}
        )
        self.api_a.insert(
            database,
            "things",
            [
                {"_key": f"k{n}", "n": n, "half": n / 2, "text": "x" * 50, "odd": [True, 1, 1.0, -0.0, None]}
                for n in range(documents)
            ],
        )
