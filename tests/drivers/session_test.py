#!/usr/bin/env python3
"""session_test.py --program ARANGOSYNC --driver NAME --folder DRIVERS: a day's work with an unmodified driver.

Starts a sandbox cluster with authentication and runs the driver's session against it (session.mjs, session_python.py,
session.go): each creates a database, collections and indexes, loads, changes, finds and removes documents, and sees
that rights are kept. Exits with 77 (skipped) and the reason when install.py could not get the driver.
"""

import argparse
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED = 77
PASSWORD = "a-password-for-root"


def session_of(driver, folder):
    own = os.path.join(folder, driver)
    return {
        "arangojs": ["node", os.path.join(own, "session.mjs")],
        "python-arango": [os.path.join(own, "bin", "python"), os.path.join(HERE, "session_python.py")],
        "go-driver": [os.path.join(own, "session")],
    }[driver]


def reason_to_skip(driver, folder):
    missing = os.path.join(folder, driver + ".missing")
    if os.path.exists(missing):
        with open(missing, encoding="utf-8") as file:
            return file.read().strip()
    if not os.path.exists(os.path.join(folder, driver, "installed")):
        return "not installed; `./dev test` does that (tests/drivers/install.py)"
    return None


def start_sandbox(program, folder):
    secret = os.path.join(folder, "secret")
    with open(secret, "w", encoding="utf-8") as file:
        file.write("0123456789abcdef0123456789abcdef")
    command = [program, "sandbox", "cluster", "--server.port=0", f"--server.jwt-secret={secret}",
               f"--root-password={PASSWORD}"]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    url = None
    for line in process.stdout:
        words = line.split()
        if words[0] == "coordinator":
            url = words[1]
        if words[0] == "ready":
            break
    return process, url


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--driver", required=True)
    parser.add_argument("--folder", required=True, help="where install.py put the drivers")
    options = parser.parse_args()
    reason = reason_to_skip(options.driver, options.folder)
    if reason:
        print(f"skipped: no driver {options.driver}: {reason}")
        return SKIPPED
    if options.driver == "arangojs":
        # A module finds its packages beside itself.
        with open(os.path.join(HERE, "session.mjs"), encoding="utf-8") as source:
            with open(session_of(options.driver, options.folder)[1], "w", encoding="utf-8") as copy:
                copy.write(source.read())
    with tempfile.TemporaryDirectory() as folder:
        process, url = start_sandbox(options.program, folder)
        try:
            environment = {**os.environ, "SANDBOX_URL": url, "SANDBOX_PASSWORD": PASSWORD}
            command = session_of(options.driver, options.folder)
            return subprocess.run(command, env=environment, timeout=100).returncode
        finally:
            process.terminate()
            process.stdout.close()
            process.wait(timeout=10)


if __name__ == "__main__":
    sys.exit(main())
