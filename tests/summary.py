#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""summary.py - count what really ran, from the log of `meson test`

    summary.py TESTLOG.json
    summary.py --self-test

Reads the log, shows the output of each program that failed and the reason of
each skip, and ends with the line `N passed, N failed[, N skipped]` alone.
Exits 1 when anything failed, or when nothing ran.

What counts is the single test, not the program that holds it:
 - a program that prints TAP counts for each of its `ok` and `not ok` lines;
 - one whose last line is `N passed, N failed[, N skipped]` counts for these;
 - any other counts as one.
A program that crashes, runs out of time or exits with a failure that its own
lines do not show counts as one failed more, and so does each test that a TAP
plan announces and that never reports.
"""

import json
import pathlib
import re
import sys

PLAN = re.compile(r"\s*1\.\.(\d+)\s*$")
# cmocka 1.1.5 prints "not ok N # SKIP name", later ones "ok N # SKIP name".
TEST = re.compile(r"(not )?ok\b\s*\d*\s*-?\s*(.*)")
REASON = re.compile(r"# SKIP-REASON ([^:]+): (.*)")
TOTAL = re.compile(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")


class Count:
    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def count_tap(lines, skips):
    """Counts of a TAP output, or None if it is not one."""
    count, planned, reasons, found = Count(), 0, {}, False
    for line in lines:
        if match := PLAN.match(line):
            planned += int(match.group(1))
            found = True
        elif match := REASON.match(line):
            reasons[match.group(1)] = match.group(2)
        elif match := TEST.match(line):
            found = True
            name, skip, why = match.group(2).partition("# SKIP")
            if skip:
                count.skipped += 1
                name, why = name.strip(" -"), why.strip()
                if not name:  # cmocka: the name stands where a reason should
                    name, why = why, reasons.get(why, "no reason given")
                skips.append(f"{name}: {why}")
            elif match.group(1):
                count.failed += 1
            else:
                count.passed += 1
    if not found:
        return None
    seen = count.passed + count.failed + count.skipped
    count.failed += max(0, planned - seen)
    return count


def count_run(run, skips):
    """Counts of one program of the log."""
    lines = run.get("stdout", "").splitlines()
    total = TOTAL.match(lines[-1]) if lines else None
    if total:
        count = Count(*(int(group or 0) for group in total.groups()))
        if count.skipped:
            skips.append(f"{run['name']}: {count.skipped}, see its output")
    else:
        count = count_tap(lines, skips)
    if count is None:
        count = Count()
        if run["result"] == "SKIP":
            count.skipped = 1
            skips.append(f"{run['name']}: {' '.join(lines[-1:])}")
        elif run["result"] == "OK":
            count.passed = 1
    if run["result"] not in ("OK", "SKIP") and not count.failed:
        count.failed = 1
    return count


def show_failure(run):
    print(f"\n==== {run['name']}: {run['result']} "
          f"(exit {run.get('returncode')}) ====")
    print("$ " + " ".join(run.get("command", [])))
    for stream in ("stdout", "stderr"):
        text = run.get(stream, "")
        lines = text.splitlines()
        if stream == "stdout":  # what passed is not news
            lines = [x for x in lines if not re.match(r"ok \d+", x)]
        for line in lines[-400:]:
            print(line)


def summarise(log):
    """Counts of a whole log; failures and skips are printed."""
    total, skips = Count(), []
    for line in log.splitlines():
        if not line.strip():
            continue
        run = json.loads(line)
        count = count_run(run, skips)
        total.add(count)
        if count.failed:
            show_failure(run)
    if skips:
        print("\nSKIPPED:")
        for skip in skips:
            print(f"  {skip}")
    return total


def self_test():
    """What a program printed and how it ended, and what that counts as."""
    table = [
        ("1..2\nok 1 - a\nok 2 - b", "OK", (2, 0, 0)),
        ("1..2\nok 1 - a\nnot ok 2 - b", "FAIL", (1, 1, 0)),
        ("1..3\nok 1 - a\nnot ok 2 # SKIP b\nok 3 # SKIP c", "OK", (1, 0, 2)),
        ("1..3\nok 1 - a", "FAIL", (1, 2, 0)),
        ("1..3\nok 1 - a", "OK", (1, 2, 0)),
        ("1..1\nok 1 - a", "FAIL", (1, 1, 0)),
        ("ok 1 - a # SKIP needs root", "OK", (0, 0, 1)),
        ("okay, a word", "OK", (1, 0, 0)),
        ("", "OK", (1, 0, 0)),
        ("", "FAIL", (0, 1, 0)),
        ("", "TIMEOUT", (0, 1, 0)),
        ("no such tool", "SKIP", (0, 0, 1)),
        ("x\n250 passed, 0 failed", "OK", (250, 0, 0)),
        ("x\n250 passed, 1 failed, 3 skipped", "FAIL", (250, 1, 3)),
        ("x\n250 passed, 0 failed", "FAIL", (250, 1, 0)),
        ("\t1..1\nok 1 - a\n1..1\nok 1 - b", "OK", (2, 0, 0)),
    ]
    print(f"1..{len(table)}")
    bad = 0
    for number, (stdout, result, want) in enumerate(table, 1):
        run = {"name": "x", "stdout": stdout, "result": result}
        count = count_run(run, [])
        got = (count.passed, count.failed, count.skipped)
        bad += got != want
        print(f"{'ok' if got == want else 'not ok'} {number} - "
              f"counts {result} {stdout!r}".replace("#", "%"))
        if got != want:
            print(f"# got {got}, want {want}")
    return bad != 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 64
    total = summarise(pathlib.Path(arguments[0]).read_text(encoding="utf-8"))
    print()
    print(total)
    return total.failed > 0 or total.passed == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
