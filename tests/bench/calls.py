# SPDX-License-Identifier: MIT
"""calls.py - how many system calls a run makes, counted by strace(1)"""

import os
import shutil
import subprocess
import time

LINKS = 10000
DIRECTORIES = 500
PHASES = ["create", "again", "again2", "change", "remove"]
SYNCS = {"fsync", "fdatasync", "sync", "syncfs", "sync_file_range", "msync"}


def available():
    """Whether strace is there and may trace."""
    return shutil.which("strace") is not None and subprocess.run(
        ["strace", "-qq", "-o", "/dev/null", "true"],
        stdin=subprocess.DEVNULL, capture_output=True).returncode == 0


def count(command, cwd, env):
    """{name of the call: how often} of a command that must succeed."""
    table = os.path.join(cwd, "calls")
    # LeakSanitizer cannot work under another tracer.
    env = dict(env, ASAN_OPTIONS="detect_leaks=0")
    done = subprocess.run(["strace", "-c", "-f", "-qq", "-o", table, *command],
                          cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}: "
                           f"{done.stderr.strip()}")
    with open(table) as file:
        return parse(file)


def parse(lines):
    """A line is: % of time, seconds, usecs/call, calls, errors if any, name. How
    often threads wait for each other depends on the load, and is left out."""
    counts = {}
    for line in lines:
        words = line.split()
        if len(words) in (5, 6) and words[3].isdigit() and (
                words[-1] not in ("total", "futex")):
            counts[words[-1]] = int(words[3])
    return counts


def count_life(field, tool, check):
    """{phase: counts} of each phase of a tool's life; `check` gets the phase
    that is over."""
    field.clear()
    counts = {}
    for phase in PHASES:
        tool.before(field, phase)
        # what is younger is not believed
        if phase in ("create", "again", "remove"):
            time.sleep(0.2)
        counts[phase] = count(field.words(tool.commands[phase]), field.path,
                              field.env)
        check(phase)
    return counts


def syncs(counts):
    return sum(number for name, number in counts.items() if name in SYNCS)
