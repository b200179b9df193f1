#!/usr/bin/env python3
"""Shows that the simulation can fail: builds it with one deliberate bug of the domain after the other
(tests/mutants/*.patch), applied to a copy of the tree, and runs seeds until one breaks a promise. What no seed catches,
a scenario (tests/scenarios) may: then its name stands instead of the seed. A patch with a line "# hidden: why" is
behind a second line of defence of the product: what sees it is a sentence of its room, and the last line counts it
apart.

Called by `./dev sim --mutants [--seeds N] [--from N] [--tree FOLDER] [NAME...]`. Prints a row per mutant: which seed
caught it, and by which promise. Exit code 0: all were. A patch that no longer applies counts as not caught: mend
it. `--check`, which `./dev test` runs, only looks whether all apply: in code that has moved a patch finds a place where
it does no harm, so every line around it has to be as it was.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TREE = ROOT / "build" / "mutants" / "tree"  # unless --tree says otherwise
MUTANTS = ROOT / "tests" / "mutants"
NOT_CAUGHT = "not caught"
BY_A_SENTENCE = "no seed"
DOES_NOT_APPLY = "does not apply"
DOES_NOT_COMPILE = "does not compile"


def run(*command, **options):
    return subprocess.run(command, cwd=TREE, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)


def sync(paths):
    """Copies what differs; equal files keep their time, so that little is compiled."""
    for path in paths:
        source, copy = ROOT / path, TREE / path
        if not source.is_file():
            continue
        if copy.exists() and copy.read_bytes() == source.read_bytes():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        shutil.copymode(source, copy)


def remove_leftovers(paths):
    """Of an earlier version of the tree: the build finds its sources by looking into folders."""
    known = {str(path) for path in paths}
    for copy in TREE.rglob("*"):
        name = copy.relative_to(TREE)
        if copy.is_file() and name.parts[0] != "build" and str(name) not in known:
            copy.unlink()


def build(*targets):
    if not (TREE / "build/dev/build.ninja").exists():
        configured = run("cmake", "--preset", "dev")
        if configured.returncode != 0:
            sys.exit(configured.stdout)
    return run("cmake", "--build", "--preset", "dev", "--target", *(targets or ["simulate"]))


def campaign(first, seeds):
    """Seed and failure of the first broken run, or None."""
    result = run("build/dev/simulate", "--from", str(first), "--seeds", str(seeds), "--once", "--until-broken")
    found = re.search(r"^seed (\d+) FAILED:? (.*)$", result.stdout, re.MULTILINE)
    return (found.group(1), found.group(2)) if found else None


def scenarios():
    """Name and failure of the first scenario that breaks a promise, or None."""
    for scenario in sorted(TREE.glob("tests/scenarios/*.scn")):
        result = run("build/dev/simulate", "--play", str(scenario.relative_to(TREE)))
        if result.returncode != 0:
            return scenario.stem, result.stdout.strip().splitlines()[-1].partition("): ")[2]
    return None


def is_hidden(patch):
    """It says that a second line of defence hides it from every story, and which."""
    return any(line.startswith("# hidden:") for line in patch.read_text().splitlines())


def sentences(patch):
    """The first sentence of the changed rooms that does not hold, or None."""
    for room in sorted(set(re.findall(r"^\+\+\+ b/domain/(\w+)/", patch.read_text(), re.MULTILINE))):
        program = f"test_domain_{room}"
        if build(program).returncode != 0:
            return DOES_NOT_COMPILE, program
        result = run(f"build/dev/tests/{program}", "--gtest_brief=1", timeout=600)
        failed = re.search(r"^\[  FAILED  \] ([\w./]+)", result.stdout, re.MULTILINE)
        if failed:
            return BY_A_SENTENCE, f"{failed.group(1)} does not hold"
        if result.returncode != 0:  # an invariant has ended it
            return BY_A_SENTENCE, (result.stdout.strip().splitlines() or [program])[-1]
    return None


def title_of(patch):
    """The first line of a patch says what is wrong with it."""
    return patch.read_text().splitlines()[0].lstrip("# ")


def apply(patch, *options, tree):
    command = ["patch", "-p1", "-F0", "--no-backup-if-mismatch", "-r", "-", "-i", str(patch), *options]
    return subprocess.run(command, cwd=tree, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def check(patches):
    """Whether all apply; says which do not."""
    stale = [patch for patch in patches if apply(patch, "--dry-run", "--force", tree=ROOT).returncode != 0]
    for patch in stale:
        print(f"tests/mutants/{patch.name} does not apply any more: write it anew for the code as it is")
    print(f"{len(patches) - len(stale)} of {len(patches)} mutants apply")
    return 1 if stale or not patches else 0


def try_mutant(patch, first, seeds):
    applied = apply(patch, tree=TREE)
    if applied.returncode != 0:
        return DOES_NOT_APPLY, applied.stdout.strip().splitlines()[-1]
    built = build()
    if built.returncode != 0:
        error = re.search(r"error: .*", built.stdout)
        return DOES_NOT_COMPILE, error.group(0) if error else built.stdout[-200:]
    caught = campaign(first, seeds) or scenarios()
    if not caught and is_hidden(patch):
        caught = sentences(patch)
    return caught or (NOT_CAUGHT, f"{seeds} seeds and all scenarios hold")


def main():
    global TREE
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="at most so many per mutant [1000]")
    parser.add_argument("--from", type=int, default=1, dest="first", help="the first of these [1]")
    parser.add_argument("--tree", type=pathlib.Path, default=TREE,
                        help="where the copy is built; beside the project, a compiler cache may know its files")
    parser.add_argument("--check", action="store_true", help="builds and runs nothing: do all patches apply?")
    parser.add_argument("names", nargs="*", help="only these")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if not (MUTANTS / f"{name}.patch").is_file()]
    if unknown:
        parser.error(f"no such mutant: {', '.join(unknown)}; tests/mutants has one patch for each")
    patches = sorted(MUTANTS.glob("*.patch"))
    if arguments.names:
        patches = [MUTANTS / f"{name}.patch" for name in arguments.names]
    if arguments.check:
        return check(patches)
    TREE = arguments.tree.resolve()
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, text=True, capture_output=True, check=True).stdout.split()
    TREE.mkdir(parents=True, exist_ok=True)
    remove_leftovers(files)
    sync(files)
    built = build()
    if built.returncode != 0:
        sys.exit(built.stdout[-3000:])
    missed, hidden = 0, 0
    print("| mutant | what is wrong | caught by | because |\n|---|---|---|---|", flush=True)
    for patch in patches:
        caught_by, reason = try_mutant(patch, arguments.first, arguments.seeds)
        hidden += caught_by == BY_A_SENTENCE
        missed += caught_by in (NOT_CAUGHT, DOES_NOT_APPLY, DOES_NOT_COMPILE)
        reason = re.sub(r"^at \d+ ms: ", "", reason)[:110].replace("|", "/")
        print(f"| {patch.stem} | {title_of(patch)} | {caught_by} | {reason} |", flush=True)
        sync(files)
    print(f"\n{len(patches) - missed - hidden} of {len(patches)} mutants caught, {hidden} by a sentence only")
    return 1 if missed else 0


if __name__ == "__main__":
    os.environ.setdefault("NINJA_STATUS", "")
    sys.exit(main())
