#!/usr/bin/env python3
"""Wrong inputs give one clear line naming the thing, a non-zero exit code, and nothing half-written."""

import http.server
import json
import os
import subprocess
import threading
import unittest

import testing
from cluster_api import Api
from datacenter import Datacenter, Landscape, free_ports, wait_for


def workers_of(dc):
    return Api(dc.master_endpoints[0], "root", dc.password, timeout=10).call(
        "GET", "/_api/worker", headers={"X-Allow-Forward-To-Leader": "true"}
    )["workers"]


class OtherServer:
    """Servers that no sandbox imitates, as their answers to what a master asks first."""

    def __init__(self, answers, status=200, headers=()):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = self.path.split("?")[0]
                text = json.dumps(answers.get(path, {})).encode()
                self.send_response(status if path in answers else 404)
                for name, value in (("Content-Length", str(len(text))), *headers):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class WrongInputs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.land = Landscape(
            testing.arguments.program, os.path.join(testing.arguments.folder, "wrong"), quiet=True
        )
        cls.dc = Datacenter(cls.land, "A")
        cls.dc.start()

    @classmethod
    def tearDownClass(cls):
        cls.land.close()

    def refused(self, *arguments, names, code=None):
        done = self.land.run(*arguments, check=False, timeout=60)
        lines = [line for line in done.stderr.strip().splitlines() if "Accepting unverified" not in line]
        self.assertNotEqual(done.returncode, 0, arguments)
        if code is not None:
            self.assertEqual(done.returncode, code, (arguments, done.stderr))
        self.assertEqual(len(lines), 1, (arguments, done.stderr))
        for name in names:
            self.assertIn(name, lines[0])
        if done.returncode != 2:
            self.assertRegex(lines[0], r"^\S+ \|FATAL\| .* component=cli$")

    def test_unknown_flag(self):
        self.refused("get", "status", "--no-such-flag", names=["no-such-flag"], code=2)

    def test_missing_file(self):
        self.refused(
            "create",
            "tls",
            "keyfile",
            "--cacert=/nowhere/ca.crt",
            "--cakey=/nowhere/ca.key",
            f"--keyfile={self.dc.path('half')}",
            names=["/nowhere/ca"],
        )
        self.assertFalse(os.path.exists(self.dc.path("half")))

    def test_bad_pem(self):
        bad = self.dc.path("bad.pem")
        with open(bad, "w") as file:
            file.write("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
        self.refused(
            "create",
            "tls",
            "keyfile",
            f"--cacert={bad}",
            f"--cakey={bad}",
            f"--keyfile={self.dc.path('half')}",
            names=["bad.pem"],
        )
        self.assertFalse(os.path.exists(self.dc.path("half")))
        self.refused(
            "run",
            "master",
            f"--cluster.endpoint={self.dc.coordinators[0]}",
            f"--cluster.jwt-secret={self.dc.cluster_secret}",
            f"--server.keyfile={bad}",
            f"--server.client-cafile={self.dc.client_ca}",
            "--server.endpoint=https://127.0.0.1:1",
            "--server.port=1",
            f"--master.jwt-secret={self.dc.master_secret}",
            names=["bad.pem"],
        )

    def test_wrong_password(self):
        flags = [flag for flag in self.dc.operator if not flag.startswith("--auth.password")]
        self.refused("get", "status", *flags, "--auth.password=wrong", names=["root"], code=4)

    def test_unreachable_endpoint(self):
        port = free_ports(1)[0]
        self.refused(
            "get",
            "status",
            f"--master.endpoint=https://127.0.0.1:{port}",
            "--auth.user=root",
            "--auth.password=x",
            names=[str(port)],
            code=3,
        )

    def test_wrong_ca(self):
        flags = [flag for flag in self.dc.operator if not flag.startswith("--master.cacert")]
        self.refused("get", "status", *flags, f"--master.cacert={self.dc.client_ca}", names=["127.0.0.1"])

    def test_port_in_use(self):
        port = self.dc.master_ports[0]
        self.refused(
            "run",
            "master",
            f"--cluster.endpoint={self.dc.coordinators[0]}",
            f"--cluster.jwt-secret={self.dc.cluster_secret}",
            f"--server.keyfile={self.dc.path('tls-0.keyfile')}",
            f"--server.client-cafile={self.dc.client_ca}",
            f"--server.endpoint=https://127.0.0.1:{port}",
            f"--server.port={port}",
            f"--master.jwt-secret={self.dc.master_secret}",
            f"--log.file={self.dc.path('in-use.log')}",
            names=[str(port), "in use"],
        )
        with open(self.dc.path("in-use.log"), encoding="utf-8") as log:
            last = log.read().splitlines()[-1]
        self.assertRegex(last, rf"\|FATAL\| .*{port}.*in use.* component=master$")

    def test_wrong_cluster_secret(self):
        other = self.dc.path("other.jwt")
        self.land.run("create", "jwt-secret", f"--secret={other}")
        port = free_ports(1)[0]
        self.refused(
            "run",
            "master",
            f"--cluster.endpoint={self.dc.coordinators[0]}",
            f"--cluster.jwt-secret={other}",
            f"--server.keyfile={self.dc.path('tls-0.keyfile')}",
            f"--server.client-cafile={self.dc.client_ca}",
            f"--server.endpoint=https://127.0.0.1:{port}",
            f"--server.port={port}",
            f"--master.jwt-secret={self.dc.master_secret}",
            names=["secret"],
        )

    def master_of(self, dc, endpoint):
        """The command line of a master whose cluster is there."""
        port = free_ports(1)[0]
        return ["run", "master", f"--cluster.endpoint={endpoint}", f"--cluster.jwt-secret={dc.cluster_secret}",
                f"--server.keyfile={self.dc.path('tls-0.keyfile')}", f"--server.client-cafile={self.dc.client_ca}",
                f"--server.endpoint=https://127.0.0.1:{port}", f"--server.port={port}",
                f"--master.jwt-secret={self.dc.master_secret}"]

    def test_clusters_that_cannot_be_synchronized(self):
        for name, kind, names in (
            ("single", {"cluster_flags": ["--single-server"]}, ["Active Failover", "only a cluster"]),
            ("old", {"version": "3.2.18"}, ["3.2.18", "too old"]),
        ):
            with self.subTest(name), Landscape(
                testing.arguments.program, os.path.join(testing.arguments.folder, name), quiet=True
            ) as land:
                dc = Datacenter(land, "U", **kind)
                dc.make_secrets()
                dc.start_cluster()
                front = (dc.coordinators or dc.single)[0]
                self.refused(*self.master_of(dc, front), names=names, code=5)

    def test_an_active_failover_pair(self):
        not_leader = {"error": True, "code": 503, "errorNum": 1496, "errorMessage": "not a leader"}
        with OtherServer({"/_api/version": not_leader, "/_admin/server/role": not_leader}, 503,
                         [("X-Arango-Endpoint", "tcp://leader:8529")]) as front:
            self.refused(*self.master_of(self.dc, front), code=5,
                         names=[f"the ArangoDB server at {front} cannot be used: it belongs to an Active Failover "
                                "pair: only a cluster can be synchronized"])

    def test_a_cluster_with_another_storage_engine(self):
        server = {"Role": "DBServer", "Endpoint": "tcp://127.0.0.1:8530", "Engine": "mmfiles", "Status": "GOOD"}
        with OtherServer({"/_api/version": {"server": "arango", "version": "3.6.5"},
                          "/_admin/server/role": {"role": "COORDINATOR"},
                          "/_admin/cluster/health": {"Health": {"PRMR-1": server}}}) as front:
            self.refused(*self.master_of(self.dc, front), code=5,
                         names=["a server uses the storage engine mmfiles: only rocksdb has the log that is read here; "
                                "convert the cluster by dump and restore"])

    def test_a_database_of_replication_version_2(self):
        with testing.Pair("version-2", version="3.12.4", masters=1, workers=1) as pair:
            pair.api_a.call("POST", "/_api/database", {"name": "new", "options": {"replicationVersion": "2"}})
            pair.configure()
            pair.fill()
            why = ("has replication version 2, which cannot be synchronized: "
                   "dump it and restore it into one of version 1")
            shows = ["get", "status", "-v", *pair.b.operator]

            def told():
                return [line for line in pair.land.run(*shows).stdout.splitlines() if "database new" in line]

            wait_for(why, lambda: any(why in line for line in told()), 60, 1)
            pair.wait_running(60)  # all others are copied
            wait_for("the other documents", lambda: "shop" in pair.api_b.databases() and
                     len(pair.api_b.documents("shop", "things")) == 2000, 60)
            self.assertNotIn("new", pair.api_b.databases())
            pair.api_a.call("DELETE", "/_api/database/new")
            wait_for("nothing to tell", lambda: not told(), 60, 1)

    def test_a_target_that_is_older_than_its_source(self):
        sizes = {"masters": 1, "workers": 1}
        with Landscape(testing.arguments.program, os.path.join(testing.arguments.folder, "older"), quiet=True) as land:
            for letter, version, why in (("O", "3.12.4", "upgrade this datacenter first"),
                                         ("N", "3.11.9", "--database.extended-names")):
                source = Datacenter(land, "A" + letter, version=version, cluster_flags=["--extended-names"], **sizes)
                target = Datacenter(land, "B" + letter, version="3.11.9", **sizes)
                source.start()
                target.start()
                shows = ["get", "status", *target.operator]
                wait_for("masters", lambda: land.run(*shows, check=False).returncode == 0, 30)
                wait_for("configure sync", lambda: land.run(
                    "configure", "sync", *target.operator, f"--master.keyfile={source.client_keyfile}",
                    f"--source.endpoint={source.master_endpoints[0]}", f"--source.cacert={source.tls_ca}",
                    check=False).returncode == 0, 30)
                wait_for(why, lambda: why in land.run("get", "status", "-v", *target.operator).stdout, 30)
                text = land.run("get", "status", "-v", *target.operator).stdout
                self.assertEqual(len([line for line in text.splitlines() if why in line]), 1, text)

    def test_kafka_is_refused_with_its_replacement(self):
        self.refused(
            "run", "master", "--mq.type=kafka", "--mq.kafka-addr=127.0.0.1:9092", names=["--mq.type=direct"]
        )

    def test_sigterm_ends_every_process_in_time(self):
        with Landscape(
            testing.arguments.program, os.path.join(testing.arguments.folder, "term"), quiet=True
        ) as land:
            dc = Datacenter(land, "T", masters=1, workers=1)
            dc.start()
            wait_for("a registered worker", lambda: workers_of(dc), 60)
            for process in list(land.processes)[::-1]:
                process.terminate()
                try:
                    self.assertEqual(process.wait(timeout=10), 0, process.name)
                except subprocess.TimeoutExpired:
                    self.fail(f"{process.name} did not end within 10 s of SIGTERM")


if __name__ == "__main__":
    testing.main()
