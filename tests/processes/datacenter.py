"""Starts and stops real processes: a sandbox cluster with sync masters and workers per datacenter, as an
operator would.

Every command line is printed as it is run (unless quiet), so that the demo teaches the tutorial's commands.
Nothing outlives the run: all processes are ended, by pid, when the `Landscape` closes.
"""

import glob
import os
import re
import signal
import socket
import subprocess
import sys
import time
import zlib


class Failure(Exception):
    """One clear line for the reader."""


def wait_for(what, condition, seconds, pause=0.1):
    deadline = time.monotonic() + seconds
    problem = None
    while time.monotonic() < deadline:
        try:
            value = condition()
            if value:
                return value
        except Exception as error:  # the condition may fail while a server comes up; the last reason is shown
            problem = error
        time.sleep(pause)
    raise Failure(f"waited {seconds} s in vain: {what}" + (f" ({problem})" if problem else ""))


given_ports = set()


def free_ports(count):
    """Ports free right now; asked from the system so that parallel runs do not meet. None is given out twice: whoever
    got it may not have opened it yet."""
    ports = []
    while len(ports) < count:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        if port not in given_ports:
            given_ports.add(port)
            ports.append(port)
    return ports


class Landscape:
    def __init__(self, program, folder, quiet=False):
        self.program = os.path.abspath(program)
        self.folder = os.path.abspath(folder)
        self.quiet = quiet
        self.processes = []
        os.makedirs(self.folder, exist_ok=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes = []

    def show(self, arguments):
        if not self.quiet:
            words = ["arangosync"] + [("'%s'" % a if " " in a or a.endswith("=") else a) for a in arguments]
            text = "$ " + " ".join(words)
            print(text.replace(self.folder + os.sep, ""), flush=True)

    def run(self, *arguments, check=True, timeout=120):
        """Runs a command to its end and returns it; fails with its last line of error output."""
        self.show(arguments)
        done = subprocess.run([self.program, *arguments], capture_output=True, text=True, timeout=timeout)
        if check and done.returncode != 0:
            text = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise Failure(
                f"arangosync {' '.join(arguments[:2])} ended with {done.returncode}: "
                f"{text[-1] if text else 'no message'}"
            )
        return done

    def start(self, name, *arguments):
        self.show(arguments)
        log = open(os.path.join(self.folder, name + ".log"), "ab")
        process = subprocess.Popen([self.program, *arguments], stdout=log, stderr=subprocess.STDOUT)
        process.log_path = log.name
        process.name = name
        log.close()
        self.processes.append(process)
        return process


class Datacenter:
    """One datacenter: certificates, secrets, sandbox cluster, masters, workers."""

    def __init__(self, land, name, masters=2, workers=2, dbservers=2, version="3.9.12", password="sandbox",
                 log_level="info", cluster_flags=(), worker_flags=()):
        self.land, self.name, self.password = land, name, password
        self.folder = os.path.join(land.folder, name)
        os.makedirs(self.folder, exist_ok=True)
        self.cluster_secret, self.master_secret = self.path("cluster.jwt"), self.path("master.jwt")
        self.tls_ca, self.tls_key = self.path("tls-ca.crt"), self.path("tls-ca.key")
        self.client_ca, self.client_ca_key = self.path("client-auth-ca.crt"), self.path("client-auth-ca.key")
        self.client_keyfile = self.path("client-auth.keyfile")
        self.monitoring_token = "watch-" + name
        self.trace_folder = self.path("traces")
        self.dbservers, self.version, self.log_level = dbservers, version, log_level
        self.cluster_flags, self.worker_flags = list(cluster_flags), list(worker_flags)
        self.master_count, self.worker_count = masters, workers
        self.masters, self.workers, self.cluster = {}, {}, None
        self.next_worker = 0

    def path(self, name):
        return os.path.join(self.folder, name)

    def make_secrets(self):
        run = self.land.run
        run("create", "tls", "ca", f"--cert={self.tls_ca}", f"--key={self.tls_key}")
        run("create", "client-auth", "ca", f"--cert={self.client_ca}", f"--key={self.client_ca_key}")
        run(
            "create",
            "client-auth",
            "keyfile",
            f"--cacert={self.client_ca}",
            f"--cakey={self.client_ca_key}",
            f"--keyfile={self.client_keyfile}",
            "--host=localhost",
        )
        run("create", "jwt-secret", f"--secret={self.cluster_secret}")
        run("create", "jwt-secret", f"--secret={self.master_secret}")
        for index in range(self.master_count):
            run(
                "create",
                "tls",
                "keyfile",
                f"--cacert={self.tls_ca}",
                f"--cakey={self.tls_key}",
                f"--keyfile={self.path(f'tls-{index}.keyfile')}",
                "--host=127.0.0.1",
                "--host=localhost",
            )

    def start_cluster(self):
        self.cluster = self.land.start(
            f"{self.name}-cluster",
            "sandbox",
            "cluster",
            "--server.port=0",
            f"--dbservers={self.dbservers}",
            f"--seed={zlib.crc32(self.name.encode()) % 1_000_000_000}",
            f"--server.jwt-secret={self.cluster_secret}",
            f"--version-to-imitate={self.version}",
            f"--root-password={self.password}",
            *self.cluster_flags,
        )

        def printed():
            with open(self.cluster.log_path, encoding="utf-8") as file:
                text = file.read()
            if self.cluster.poll() is not None:
                raise Failure(f"sandbox cluster {self.name} ended: {text.strip().splitlines()[-1:]}")
            if "ready" not in text:
                return None
            roles = ("coordinator", "dbserver", "agent", "single")
            return [re.findall(rf"^{role} (http://\S+)", text, re.M) for role in roles]

        urls = wait_for(f"sandbox cluster {self.name}", printed, 20)
        self.coordinators, self.db_servers, self.agents, self.single = urls

    def start_master(self, index):
        port = self.master_ports[index]
        self.masters[index] = self.land.start(
            f"{self.name}-master-{index}",
            "run",
            "master",
            f"--log.level={self.log_level}",
            f"--cluster.endpoint={','.join(self.coordinators)}",
            f"--cluster.jwt-secret={self.cluster_secret}",
            f"--server.keyfile={self.path(f'tls-{index}.keyfile')}",
            f"--server.client-cafile={self.client_ca}",
            f"--server.endpoint=https://127.0.0.1:{port}",
            f"--server.port={port}",
            f"--master.jwt-secret={self.master_secret}",
            f"--monitoring.token={self.monitoring_token}",
            f"--trace.folder={self.trace_folder}",
            "--mq.type=direct",
        )
        self.masters[index].endpoint = self.master_endpoints[index]
        return self.masters[index]

    def start_worker(self, index=None, port=None):
        if index is None:
            index = self.next_worker
        self.next_worker = max(self.next_worker, index + 1)
        port = port or free_ports(1)[0]
        self.workers[index] = self.land.start(
            f"{self.name}-worker-{index}",
            "run",
            "worker",
            f"--log.level={self.log_level}",
            f"--server.port={port}",
            f"--server.endpoint=https://127.0.0.1:{port}",
            f"--master.endpoint={','.join(self.master_endpoints)}",
            f"--master.jwt-secret={self.master_secret}",
            f"--monitoring.token={self.monitoring_token}",
            f"--trace.folder={self.trace_folder}",
            *self.worker_flags,
        )
        self.workers[index].port = port
        self.workers[index].endpoint = f"https://127.0.0.1:{port}"
        return self.workers[index]

    def start(self):
        self.make_secrets()
        self.start_cluster()
        self.master_ports = free_ports(self.master_count)
        self.master_endpoints = [f"https://127.0.0.1:{port}" for port in self.master_ports]
        for index in range(self.master_count):
            self.start_master(index)
        for _ in range(self.worker_count):
            self.start_worker()

    @property
    def operator(self):
        """The flags every operator's command takes."""
        return [
            f"--master.endpoint={','.join(self.master_endpoints)}",
            f"--master.cacert={self.tls_ca}",
            "--auth.user=root",
            f"--auth.password={self.password}",
        ]

    def traces(self):
        """The trace files of every process so far, each process's in their order."""
        files = {}
        for path in sorted(glob.glob(os.path.join(self.trace_folder, "*.trace"))):
            files.setdefault(path.rsplit("-", 1)[0], []).append(path)
        return list(files.values())

    def kill(self, process):
        """The hard way: no farewell."""
        process.send_signal(signal.SIGKILL)
        process.wait()
        if not self.land.quiet:
            print(f"# kill -9 {process.name}", flush=True)


def fail(problem):
    print(f"demo: {problem}", file=sys.stderr)
    return 1
