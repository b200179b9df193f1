#!/usr/bin/env python3
"""install.py FOLDER: puts the drivers that people use into the build tree, each from its own package registry.

Called by `./dev test`. What is there already stays. A driver that cannot be had leaves FOLDER/<driver>.missing with the
reason; its test is then skipped and says so.
"""

import os
import shutil
import subprocess
import sys
import venv

PACKAGES = {"arangojs": "arangojs@10.4.0", "python-arango": "python-arango==8.3.7",
            "go-driver": "github.com/arangodb/go-driver@v1.6.6"}  # fmt: skip
HERE = os.path.dirname(os.path.abspath(__file__))


class Missing(Exception):
    pass


def run(command, folder, **environment):
    if shutil.which(command[0]) is None:
        raise Missing(f"{command[0]} is not installed")
    try:
        done = subprocess.run(command, cwd=folder, env={**os.environ, **environment}, timeout=600,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Missing(f"{command[0]} did not end within ten minutes") from None
    if done.returncode != 0:
        raise Missing(f"{' '.join(command[:3])} failed: {done.stdout.strip().splitlines()[-1:]}")


def install_arangojs(folder):
    run(["npm", "install", "--no-audit", "--no-fund", "--prefix", folder, PACKAGES["arangojs"]], folder)


def install_python_arango(folder):
    venv.create(folder, with_pip=True)
    run([os.path.join(folder, "bin", "pip"), "install", "--quiet", PACKAGES["python-arango"]], folder)


def install_go_driver(folder):
    shutil.copy(os.path.join(HERE, "session.go"), os.path.join(folder, "main.go"))
    if not os.path.exists(os.path.join(folder, "go.mod")):
        run(["go", "mod", "init", "session"], folder)
        run(["go", "get", PACKAGES["go-driver"]], folder)
    run(["go", "mod", "tidy"], folder)
    run(["go", "build", "-o", "session", "."], folder)


INSTALLERS = {"arangojs": install_arangojs, "python-arango": install_python_arango, "go-driver": install_go_driver}


def is_fresh(driver, folder):
    mark = os.path.join(folder, "installed")
    if not os.path.exists(mark):
        return False
    session = os.path.join(HERE, "session.go")
    return driver != "go-driver" or os.path.getmtime(mark) >= os.path.getmtime(session)


def main():
    root = os.path.abspath(sys.argv[1])
    for driver, install in INSTALLERS.items():
        folder, missing = os.path.join(root, driver), os.path.join(root, driver + ".missing")
        if is_fresh(driver, folder):
            continue
        os.makedirs(folder, exist_ok=True)
        try:
            install(folder)
            open(os.path.join(folder, "installed"), "w", encoding="utf-8").close()
            if os.path.exists(missing):
                os.remove(missing)
        except (Missing, OSError, subprocess.SubprocessError) as problem:
            with open(missing, "w", encoding="utf-8") as file:
                file.write(f"{problem}\n")
            print(f"driver {driver}: {problem}", file=sys.stderr)


if __name__ == "__main__":
    main()
