#!/usr/bin/env python3
"""transcripts.py --program ARANGOSYNC FILE...: does the sandbox answer as recorded servers did? `./dev transcripts`.

Each recording is replayed over HTTP against a sandbox of its own that imitates the recording's version, in a world
built by world.py. Prints a table of all recordings and the share that is equal. Exits with 1 if that is less than
--at-least percent of a file or if --page tells something else, 2 without a usable file.
"""

import argparse
import http.client
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import recording as recordings
from comparison import Comparison, Differs
from scope import reason_to_leave_out
from server import Server
from world import CannotBuild, World

EQUAL, DIFFERENT, OUT_OF_SCOPE = "equal", "different", "out of scope"


def verdict_of(program, version, recording, talks=False):
    """What became of one recording, and why if it is not equal."""
    reason = reason_to_leave_out(recording)
    if reason:
        return OUT_OF_SCOPE, reason
    with Server(program, version, recording.db_servers) as server:
        world = World(server, recording)
        try:
            world.build()
            answer = server.call(recording.method, world.url(), world.body(), world.headers())
        except (CannotBuild, LookupError, TypeError, AttributeError, ValueError) as problem:
            # Whatever an exchange of an unknown form does to a rule: that recording is not equal, the others go on.
            return DIFFERENT, f"its world cannot be built: {problem!r}"
        except (OSError, http.client.HTTPException) as problem:
            return DIFFERENT, f"the sandbox does not answer: {problem!r}"
        if talks:
            request = f"{recording.method} {world.url()}"
            print(f"{request}\n{answer.status} {answer.headers}\n{answer.body}\n", file=sys.stderr)
        try:
            Comparison(recording).check(answer)
        except Differs as difference:
            return DIFFERENT, str(difference)
    return EQUAL, ""


class Report:
    """The verdicts of one file."""

    def __init__(self, path, version):
        self.path, self.version, self.rows = path, version, []

    def add(self, recording, verdict, reason):
        self.rows.append((recording, verdict, reason))

    def count(self, verdict):
        return sum(1 for row in self.rows if row[1] == verdict)

    @property
    def percent(self):
        return 100 * self.count(EQUAL) / len(self.rows)

    def summary(self):
        return (
            f"{self.count(EQUAL)} of {len(self.rows)} equal ({self.percent:.1f} %), "
            f"{self.count(DIFFERENT)} different, {self.count(OUT_OF_SCOPE)} out of scope"
        )

    def markdown(self):
        lines = [f"## {os.path.basename(self.path)}", "", self.summary() + ".", ""]
        lines += ["| recording | request | verdict | why |", "|---|---|---|---|"]
        for recording, verdict, reason in self.rows:
            cells = [recording.name, f"`{recording.method} {recording.url}`", verdict, reason]
            lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
        return "\n".join(lines) + "\n"


def check_file(program, path, only="", talks=False):
    rows = recordings.read(path)
    report = Report(path, recordings.full_version(rows))
    chosen = [row for row in rows if only in row.name]
    with ThreadPoolExecutor(max_workers=4) as pool:
        verdicts = pool.map(lambda row: verdict_of(program, report.version, row, talks), chosen)
        for row, verdict in zip(chosen, verdicts):
            report.add(row, *verdict)
    return report


PAGE_HEAD = """# Transcripts

What the sandbox answers beside what real servers were recorded to answer (how: tests/transcripts).
`./dev test -R transcripts` checks that this page is true, `UPDATE_GOLDEN=1 ./dev test -R transcripts` writes it anew.
*Equal* means status, headers that matter, and the body's shape, types and values, but for what a server numbers or
measures by itself.

"""


def page_is_true(path, reports):
    text = PAGE_HEAD + "\n".join(report.markdown() for report in reports)
    if os.environ.get("UPDATE_GOLDEN"):
        with open(path, "w", encoding="utf-8") as page:
            page.write(text)
        return True
    with open(path, encoding="utf-8") as page:
        wanted = page.read()
    for number, (is_told, is_so) in enumerate(zip(wanted.splitlines(), text.splitlines()), 1):
        if is_told != is_so:
            print(f"{path}:{number} tells\n  {is_told}\nbut it is\n  {is_so}", file=sys.stderr)
            return False
    return wanted == text


def print_table(report):
    width = max(len(row[0].name) for row in report.rows)
    for recording, verdict, reason in report.rows:
        print(f"{verdict:<12}  {recording.name:<{width}}  {reason}")
    print(f"{os.path.basename(report.path)}, version {report.version}: {report.summary()}")


def main():
    parser = argparse.ArgumentParser(description="Replays recordings of real servers against the sandbox.")
    parser.add_argument("--program", required=True, help="the arangosync binary")
    parser.add_argument("--at-least", type=float, default=0, metavar="PERCENT", help="fail below this share")
    parser.add_argument("--only", default="", metavar="TEXT", help="recordings whose name contains this")
    parser.add_argument("--talk", action="store_true", help="show each request and answer")
    parser.add_argument("--page", metavar="FILE", help="are these tables true? UPDATE_GOLDEN=1 writes them")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    reports = []
    for path in options.files:
        try:
            reports.append(check_file(options.program, path, options.only, options.talk))
        except (OSError, ValueError, KeyError, IndexError) as problem:
            print(f"transcripts: cannot use {path}: {problem!r}", file=sys.stderr)
            return 2
    for report in reports:
        print_table(report)
    is_true = not options.page or page_is_true(options.page, reports)
    return 0 if is_true and all(report.percent >= options.at_least for report in reports) else 1


if __name__ == "__main__":
    sys.exit(main())
