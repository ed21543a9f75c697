#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""calls_test.py - linkfarm makes no more system calls than it did

    calls_test.py --program LINKFARM --helpers DIRECTORY

Counts do not depend on how fast or busy a machine is, so this is a test and no
benchmark. A limit is what a change may not exceed; one that makes fewer calls
lowers it, and a goal that is not yet reached is printed. Prints TAP.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

import calls
import goals
import tools

# For each phase, all calls and those that sync, of calls.LINKS links. There is
# room for some hundred more than were counted: libraries that are found in
# another place, a longer path of the scratch directory, threads that wait.
LIMITS = {
    "tree": {"create": (15400, 5), "again": (12600, 0), "again2": (1400, 0),
             "change": (5200, 6), "remove": (37500, 6)},
    "flat": {"create": (15600, 5), "again": (12600, 0), "again2": (1400, 0),
             "change": (5700, 6), "remove": (37500, 6)},
}


def goal_of(phase):
    """The goal in words, or nothing."""
    if goals.CALLS.get(phase, (None,) * 2)[1] is None:
        return "no goal"
    return f"the goal is {goals.most_calls(phase):,.0f}"


def judge(number, manifest, phase, counts):
    """Print one law; whether it holds."""
    most, most_syncs = LIMITS[manifest][phase]
    total, syncs = sum(counts.values()), calls.syncs(counts)
    holds = total <= most and syncs <= most_syncs
    print(f"{'ok' if holds else 'not ok'} {number} - {manifest}, {phase}: at "
          f"most {most:,} calls and {most_syncs} syncs")
    print(f"# {total:,} calls, {syncs} syncs; {goal_of(phase)}")
    if not holds:
        most_made = sorted(counts.items(), key=lambda item: -item[1])[:9]
        for name, times in most_made:
            print(f"#   {times:8,} {name}")
    return holds


def count(program, helpers, scratch):
    field = tools.Field(os.path.realpath(scratch), calls.LINKS)
    field.make(os.path.join(helpers, "workload"))
    verify = os.path.join(helpers, "verify")

    def check(phase):
        where = {"remove": ["empty", field.into],
                 "change": ["text", field.into, field.at("list-changed")]}
        subprocess.run([verify, *where.get(
            phase, ["text", field.into, field.at("list")])], check=True)

    for manifest in LIMITS:
        tool = tools.linkfarm(program, manifest)
        yield manifest, calls.count_life(field, tool, check)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--helpers", required=True)
    options = parser.parse_args()
    if not calls.available():
        print("# SKIP-REASON calls: strace is missing, or may not trace")
        print("ok 1 - calls # SKIP strace is missing, or may not trace\n1..1")
        return 0
    held = []
    # The deeper the place, the more directories are on the way.
    scratch = tempfile.mkdtemp(prefix="lf", dir="/tmp")
    try:
        for manifest, phases in count(os.path.abspath(options.program),
                                      os.path.abspath(options.helpers),
                                      scratch):
            for phase, counts in phases.items():
                held.append(judge(len(held) + 1, manifest, phase, counts))
    finally:
        shutil.rmtree(scratch)
    print(f"1..{len(held)}")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
