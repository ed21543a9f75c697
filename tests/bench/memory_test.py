#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""memory_test.py - linkfarm needs no more memory for a link than it did

    memory_test.py --program LINKFARM --helpers DIRECTORY

The peak of a large farm less that of a small one, for each link between: what
does not grow counts for nothing. It hardly depends on the machine, so this is a
test and no benchmark. A change that needs less lowers the limit. Prints TAP.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

import goals
import tools

SMALL, LARGE = 10000, 40000
# Bytes for each link; some tens more than were measured.
LIMITS = {
    "tree": {"create": 130, "again": 110, "again2": 50, "remove": 310},
    "flat": {"create": 265, "again": 110, "again2": 50, "remove": 310},
}


def goal_of(phase):
    for _, name, each in goals.MEMORY:
        if name == phase:
            return f"the goal is {each}"
    return "no goal"


def peaks(program, helpers, scratch, links):
    """{(manifest, phase): peak in KiB}"""
    field = tools.Field(os.path.realpath(scratch), links)
    field.make(os.path.join(helpers, "workload"))
    found = {}
    for manifest, phases in LIMITS.items():
        tool = tools.linkfarm(program, manifest)
        field.clear()
        for phase in phases:
            tool.before(field, phase)
            if phase in ("create", "again"):  # what is younger is not believed
                time.sleep(0.2)
            report = field.at("report")
            # as many threads as wanted would be as many arenas
            command = [*field.words(tool.commands[phase]), "--threads=2"]
            subprocess.run([os.path.join(helpers, "timed"), report, *command],
                           cwd=field.path, env=field.env, check=True,
                           stdout=subprocess.DEVNULL)
            with open(report, encoding="utf-8") as file:
                status, _, _, _, peak = map(int, file.read().split())
            if status != 0:
                raise RuntimeError(f"{manifest}, {phase}: exit {status}")
            found[manifest, phase] = peak
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--helpers", required=True)
    options = parser.parse_args()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    results = []
    for links in (SMALL, LARGE):
        scratch = tempfile.mkdtemp(prefix="lf", dir=memory)
        try:
            results.append(peaks(os.path.abspath(options.program),
                                 os.path.abspath(options.helpers), scratch,
                                 links))
        finally:
            shutil.rmtree(scratch)
    small, large = results
    failed = False
    for number, key in enumerate(large, start=1):
        manifest, phase = key
        each = (large[key] - small[key]) * 1024 / (LARGE - SMALL)
        most = LIMITS[manifest][phase]
        failed |= each > most
        print(f"{'not ok' if each > most else 'ok'} {number} - {manifest}, "
              f"{phase}: at most {most:,} bytes a link")
        print(f"# {each:,.0f}; {goal_of(phase)}")
    print(f"1..{len(large)}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
