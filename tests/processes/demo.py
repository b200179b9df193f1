#!/usr/bin/env python3
"""./dev demo: two sandbox clusters, two datacenters of real masters and workers, real data, a change phase, an
equality proof.

Exits 0 only if every replicated document, collection and index is equal on both sides, read through the clusters'
public API.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import time

from cluster_api import Api, ApiError, db
from compare import compare, table
from datacenter import Datacenter, Failure, Landscape, fail, wait_for
import world_data

DATABASE = "world"


def heading(text):
    print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n== {text}", flush=True)


def sync_status(dc):
    """The status API of whichever master answers, with the operator's user."""
    problem = None
    for endpoint in dc.master_endpoints:
        try:
            return Api(endpoint, "root", dc.password, timeout=10).call(
                "GET", "/_api/sync", headers={"X-Allow-Forward-To-Leader": "true"}
            )
        except ApiError as error:
            problem = error
    raise problem


def load(api):
    """Fills the source; returns (documents, bytes)."""
    api.call("POST", "/_api/database", {"name": DATABASE})
    count = size = 0
    for name, kind, make, indexes in world_data.COLLECTIONS:
        api.call(
            "POST",
            f"{db(DATABASE)}/_api/collection",
            {"name": name, "type": kind, "numberOfShards": 3, "replicationFactor": 2},
        )
        for index in indexes:
            api.call("POST", f"{db(DATABASE)}/_api/index?collection={name}", index)
        documents = make()
        api.insert(DATABASE, name, documents)
        count += len(documents)
        size += sum(len(json.dumps(d)) for d in documents)
    return count, size


def watch_copy(dc, seconds):
    """Prints progress until the incoming synchronization runs."""
    started = time.monotonic()
    last = ""

    def running():
        nonlocal last
        status = sync_status(dc)
        shards = status.get("shards") or []
        done = sum(1 for s in shards if s["status"] == "running")
        line = f"  {status['status']}: {done} of {status.get('totalShardsCount', 0)} shards running"
        if line != last:
            print(f"{line}  ({time.monotonic() - started:.1f} s)", flush=True)
            last = line
        return status["status"] == "running"

    wait_for("the initial copy", running, seconds, pause=0.5)
    return time.monotonic() - started


class Changes:
    """A few thousand changes of all kinds on the source, in steps, so that chaos can strike in between."""

    def __init__(self, api, rng):
        self.api, self.rng, self.count, self.new = api, rng, 0, 0

    def bulk(self, method, collection, items, **query):
        self.api.bulk(method, DATABASE, collection, items, **query)
        self.count += len(items)

    def step(self, number):
        keys = ["U%04X" % code for code in self.rng.sample(range(0x4E, 0x2FF), 150)]
        self.bulk(
            "PATCH", "characters", [{"_key": key, "touched": number, "note": "é😀"} for key in keys[:80]]
        )
        self.bulk(
            "PUT",
            "characters",
            [
                {"_key": key, "name": "replaced", "round": number, "big": 9007199254740993}
                for key in keys[80:]
            ],
        )
        first = self.new
        self.new += 150
        self.bulk(
            "POST",
            "languages",
            [
                {"_key": f"x-{n}", "name": f"language {n}", "n": n, "half": n / 2}
                for n in range(first, self.new)
            ],
        )
        self.bulk("DELETE", "languages", [f"x-{n}" for n in range(first, first + 50)])
        if number > 0:
            self.bulk(
                "PATCH",
                "languages",
                [{"_key": f"x-{n}", "again": number} for n in range(first - 60, first - 10)],
            )

    def structure(self):
        self.api.call("POST", f"{db(DATABASE)}/_api/collection", {"name": "births", "numberOfShards": 3})
        self.api.insert(DATABASE, "births", [{"_key": str(n), "n": n} for n in range(500)])
        self.api.call("DELETE", f"{db(DATABASE)}/_api/collection/currencies")
        self.api.call(
            "POST",
            f"{db(DATABASE)}/_api/index?collection=countries",
            {
                "type": "persistent",
                "fields": ["numeric"],
                "unique": False,
                "sparse": False,
                "name": "by_number",
            },
        )
        self.count += 500


def leader_of(dc):
    """Index of the leading master's process, by its own account."""
    for endpoint in dc.master_endpoints:
        try:
            masters = Api(endpoint, "root", dc.password, timeout=10).call(
                "GET", "/_api/masters", headers={"X-Allow-Forward-To-Leader": "true"}
            )["masters"]
        except ApiError:
            continue
        for master in masters:
            if master["leader"]:
                return dc.master_endpoints.index(master["endpoint"])
    raise Failure(f"no leading master in datacenter {dc.name}")


def strike(chaos, step, a, b):
    """kill -9, spread over the change phase; nothing is restarted."""
    plan = {
        "worker-b": (2, lambda: b.kill(b.workers[0])),
        "worker-a": (4, lambda: a.kill(a.workers[1])),
        "master-b": (6, lambda: b.kill(b.masters[leader_of(b)])),
        "master-a": (8, lambda: a.kill(a.masters[leader_of(a)])),
    }
    for name, (when, kill) in plan.items():
        if step == when and (chaos == "all" or chaos == name):
            kill()


def measure_lag(a, b, rounds=5):
    """Seconds from the acknowledged write on A until it can be read on B."""
    lags = []
    for number in range(rounds):
        key = f"probe-{number}"
        a.bulk("POST", DATABASE, "births", [{"_key": key, "probe": True}])
        started = time.monotonic()
        wait_for(
            "a probe document on B",
            lambda: b.raw("GET", f"{db(DATABASE)}/_api/document/births/{key}")[0] == 200,
            60,
            pause=0.01,
        )
        lags.append(time.monotonic() - started)
    return lags


def settle(a, b, seconds):
    """Waits until a full comparison finds both sides equal; returns the last comparison."""
    deadline = time.monotonic() + seconds
    while True:
        result = compare(a, b)
        if result.equal or time.monotonic() > deadline:
            return result
        time.sleep(0.5)


def summary(text, **numbers):
    print(text.format(**numbers), flush=True)


def endpoints_of(dc):
    """Where everything of a datacenter that is alive can be reached, and with what."""
    return {
        "coordinators": dc.coordinators,
        "dbServers": dc.db_servers,
        "agents": dc.agents,
        "masters": [dc.master_endpoints[i] for i, master in dc.masters.items() if master.poll() is None],
        "workers": [worker.endpoint for worker in dc.workers.values() if worker.poll() is None],
        "ca": dc.tls_ca,
        "clientKeyfile": dc.client_keyfile,
        "user": "root",
        "password": dc.password,
        "clusterSecret": dc.cluster_secret,
        "masterSecret": dc.master_secret,
        "monitoringToken": dc.monitoring_token,
        "pids": {
            p.name: p.pid for p in dc.land.processes if p.poll() is None and p.name.startswith(dc.name + "-")
        },
    }


def describe(a, b):
    """What --keep holds open, for people and, last, as one JSON line for programs."""
    heading("everything runs on until Ctrl-C here, which ends it all")
    for dc in (a, b):
        print(
            f"  datacenter {dc.name}: cluster {dc.coordinators[0]} (root / {dc.password}), "
            f"masters {' '.join(dc.master_endpoints)}"
        )
    print("  look around, for example:")
    print("  arangosync get status -v " + " ".join(b.operator))
    print(f"  curl -u root:{a.password} {a.coordinators[0]}/_db/{DATABASE}/_api/document/countries/AR")
    print(json.dumps({dc.name: endpoints_of(dc) for dc in (a, b)}), flush=True)


def configure(land, a, b):
    heading("3. configure the synchronization A → B, on B")
    command = [
        "configure",
        "sync",
        *b.operator,
        f"--master.keyfile={a.client_keyfile}",
        f"--source.endpoint={','.join(a.master_endpoints)}",
        f"--source.cacert={a.tls_ca}",
    ]
    print(land.run(*command).stdout.strip())


def change(options, a, b, api_a):
    heading("4. changes on A while it runs" + (f", with kill -9 ({options.chaos})" if options.chaos else ""))
    changes = Changes(api_a, random.Random(options.seed))
    started = time.monotonic()
    for step in range(10):
        changes.step(step)
        if step == 5:
            changes.structure()
        if options.chaos:
            strike(options.chaos, step, a, b)
        time.sleep(0.2)
    summary(
        "  {count} changes in {seconds:.1f} s, a new collection, a dropped one, a new index",
        count=changes.count,
        seconds=time.monotonic() - started,
    )


def stop(land, b, api_b):
    heading("6. stop the synchronization, on B")
    print(land.run("stop", "sync", *b.operator, timeout=180).stdout.strip())
    wait_for("B to be writable", lambda: api_b.call("GET", "/_admin/server/mode")["mode"] == "default", 30)
    api_b.call("POST", f"{db(DATABASE)}/_api/document/births", {"_key": "written-on-B"})
    print("  stopped; B accepts writes again")


def play(options, land):
    heading("1. certificates, secrets, clusters, masters and workers of both datacenters")
    a = Datacenter(land, "A")
    b = Datacenter(land, "B")
    a.start()
    b.start()
    api_a, api_b = Api(a.coordinators[0], "root", a.password), Api(b.coordinators[0], "root", b.password)

    heading("2. real data into A")
    started = time.monotonic()
    count, size = load(api_a)
    summary(
        "  {count} documents, {mb:.1f} MB, {seconds:.1f} s",
        count=count,
        mb=size / 1e6,
        seconds=time.monotonic() - started,
    )
    if options.dump:
        login = [f"--cluster.endpoint={a.coordinators[0]}", "--auth.user=root", f"--auth.password={a.password}"]
        print(land.run("sandbox", "load", options.dump, *login, timeout=600).stdout.rstrip())
    for dc in (a, b):
        wait_for(f"a leading master in datacenter {dc.name}", lambda: leader_of(dc) is not None, 60)

    configure(land, a, b)
    copy_seconds = watch_copy(b, 600 if options.dump else 90)

    change(options, a, b, api_a)
    heading("5. every document of A and B, read through both clusters' public API")
    started = time.monotonic()
    result = settle(api_a, api_b, 150 if options.chaos else 60)
    caught_up = time.monotonic() - started
    print(table(result))
    if not result.equal:
        for line in result.differences[:20]:
            print("  DIFFERENT " + line)
        raise Failure(f"A and B differ in {len(result.differences)} places")
    lags = measure_lag(api_a, api_b)
    print(land.run("get", "status", *b.operator).stdout.rstrip())
    summary(
        "  equal: {documents} documents. Initial copy {copy:.1f} s ({rate:.0f} documents/s), "
        "caught up and compared {caught:.1f} s after "
        "the last change, lag of single writes {low:.0f} to {high:.0f} ms",
        documents=result.documents,
        copy=copy_seconds,
        rate=count / copy_seconds,
        caught=caught_up,
        low=min(lags) * 1000,
        high=max(lags) * 1000,
    )
    if options.keep:
        describe(a, b)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return
    stop(land, b, api_b)


def main():
    parser = argparse.ArgumentParser(prog="./dev demo")
    parser.add_argument("--program", required=True)
    parser.add_argument(
        "--chaos",
        nargs="?",
        const="all",
        choices=["all", "worker-a", "worker-b", "master-a", "master-b"],
        help="kill -9 processes during the change phase",
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="after the comparison, print how to look around (last, one line of JSON with all endpoints) and stay in "
        "the foreground with everything running, until Ctrl-C or SIGTERM; that ends all processes and their data",
    )
    parser.add_argument(
        "--dump",
        metavar="FOLDER",
        help="load this folder, which arangodump wrote, into A as well (arangosync sandbox load)",
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: nothing may outlive this
    folder = os.path.join("build", "demo")
    shutil.rmtree(folder, ignore_errors=True)
    started = time.monotonic()
    try:
        with Landscape(options.program, folder) as land:
            play(options, land)
    except (Failure, ApiError, KeyboardInterrupt) as problem:
        return fail(f"{problem or 'interrupted'}; the logs are in {folder}")
    print(f"\ndemo: all equal, {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
