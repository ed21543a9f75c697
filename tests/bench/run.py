#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run.py - measure linkfarm against the bare system calls and its peers

Every tool makes, looks at, changes and removes the same links in the same
place, one after the other, again and again, in another order in each round. So
a machine that is busy is busy for all, and the ratio of two tools is taken round
by round. After each run the links are held to the list. Before each run the
file system is synced, so that nobody pays for another's writes.

When linkfarm or a floor fails or leaves a wrong tree, that is the end, and the
exit is 1; a peer that does is left out from then on, and named. Goals that are
missed are no failure. Stopped by SIGINT or SIGTERM it exits 130. Whatever ends
it, what was measured until then is reported.
"""

import argparse
import ctypes
import functools
import json
import os
import platform
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import calls
import places
import report
import tools

ROUNDS = [(100, 41), (1000, 21), (10000, 11), (100000, 5), (1 << 62, 3)]
HELPERS = ["floor", "timed", "verify", "workload"]
PLAN_MOST = 100  # links of a farm whose plan is measured
STOPPED = "STOPPED before it was done"
STAMP_AGE = 0.2  # seconds; a directory is not remembered when it is younger


class Broken(Exception):
    """A tool failed, or left a wrong tree."""


class Failed(Exception):
    """linkfarm or a floor did: nothing is worth measuring then."""


class Field(tools.Field):
    """A field that runs tools and measures them."""

    def __init__(self, path, links, helpers):
        super().__init__(path, links)
        self.helpers = helpers
        self.errors = self.at("errors")
        self.usage = self.at("usage")

    def helper(self, name):
        return os.path.join(self.helpers, name)

    def settle(self):
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            if ctypes.CDLL(None, use_errno=True).syncfs(descriptor) != 0:
                raise OSError(ctypes.get_errno(), "syncfs")
        finally:
            os.close(descriptor)

    def run(self, command):
        """Run a command; its sample, or Broken."""
        self.settle()
        with open(self.errors, "wb") as errors:
            subprocess.run([self.helper("timed"), self.usage,
                            *self.words(command)], cwd=self.path, env=self.env,
                           check=True, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=errors)
        with open(self.usage) as file:
            status, wall, user, system, peak = map(int, file.read().split())
        if status != 0:
            with open(self.errors, errors="replace") as file:
                raise Broken(f"exit {status}: {file.read(400).strip()}")
        return {"wall": wall / 1e6, "user": user / 1e3, "system": system / 1e3,
                "peak": peak}

    def check(self, tool, phase):
        if phase == "plan" or phase == "remove":
            os.makedirs(self.into, exist_ok=True)  # some take it away as well
            words = [tool.rest, self.into]
        else:
            name = "list-changed" if phase == "change" else "list"
            words = [tool.check, self.into, self.at(name)]
        done = subprocess.run([self.helper("verify"), *words],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise Broken(done.stderr.strip())


def one_life(field, tool):
    """Yield each phase that the tool has, and its sample."""
    field.clear()
    tool.prepare(field)
    for phase in tools.PHASES:
        if phase not in tool.commands:
            continue
        if phase == "plan" and field.links > PLAN_MOST:
            continue
        tool.before(field, phase)
        if phase == "again" and tool.kind == "linkfarm":
            time.sleep(STAMP_AGE)
        sample = field.run(tool.commands[phase])
        field.check(tool, phase)
        yield phase, sample


class Bench:
    def __init__(self, options):
        self.options = options
        self.results = {}  # (place, links, tool, phase) -> {round: sample}
        self.slow = {}     # (place, tool) -> (links, seconds) of its last life
        self.left_out = set()
        self.notes = []

    def note(self, text):
        self.notes.append(text)
        print(f"run.py: {text}", file=sys.stderr, flush=True)

    def may_run(self, place, links, tool, number, spent):
        """Peers get so much time; a life that cannot end in it is not begun."""
        if tool.name in self.left_out:
            return False
        if tool.most and links > tool.most:
            self.note(f"SKIPPED {tool.name} with {links:,} links on {place}: "
                      f"it takes {tool.most:,}")
            self.left_out.add(tool.name)
            return False
        if tool.kind in ("linkfarm", "floor") or number == 0 and \
                (place, tool.name) not in self.slow:
            return True
        before, seconds = self.slow[place, tool.name]
        expected = seconds * max(1, links / before)
        if number > 0:
            return spent + expected <= self.options.patience
        if expected > 4 * self.options.patience:
            self.note(f"SKIPPED {tool.name} with {links:,} links on {place}, "
                      f"which would take about {expected:.0f} s")
            self.left_out.add(tool.name)
            return False
        return True

    def live(self, place, field, tool, number):
        begin = time.monotonic()
        try:
            for phase, sample in one_life(field, tool):
                key = place, field.links, tool.name, phase
                self.results.setdefault(key, {})[number] = sample
        except Broken as error:
            if tool.kind in ("linkfarm", "floor"):
                raise Failed(f"FAILED {tool.name} with {field.links:,} links "
                             f"on {place}: {error}") from error
            self.note(f"LEFT OUT {tool.name} with {field.links:,} links on "
                      f"{place}: {error}")
            self.left_out.add(tool.name)
        seconds = time.monotonic() - begin
        self.slow[place, tool.name] = field.links, seconds
        return seconds

    def measure(self, place, root, links, all_tools):
        rounds = self.options.rounds or next(
            count for most, count in ROUNDS if links <= most)
        with places.scratch(root) as path:
            field = Field(path, links, self.options.helpers)
            field.make(field.helper("workload"))
            spent = dict.fromkeys(all_tools, 0)
            print(f"{place}, {links} links, {rounds} rounds", file=sys.stderr,
                  flush=True)
            for number in range(rounds):
                # so that none has the same one before it each time, whose
                # caches it finds; and the same order in each run
                order = random.Random(number).sample(all_tools, len(all_tools))
                for tool in order:
                    if self.may_run(place, links, tool, number, spent[tool]):
                        spent[tool] += self.live(place, field, tool, number)

    def count_calls(self, root):
        """System calls of each phase; they are the same on every machine."""
        counts = {}
        with places.scratch(root) as path:
            field = Field(path, calls.LINKS, self.options.helpers)
            field.make(field.helper("workload"))
            for manifest in ("tree", "flat"):
                tool = tools.linkfarm(self.options.program, manifest)
                counts[tool.name] = calls.count_life(
                    field, tool, functools.partial(field.check, tool))
        return counts


def parse(arguments):
    parser = argparse.ArgumentParser(
        description="measure linkfarm against the bare system calls and peers")
    parser.add_argument("--program", required=True)
    parser.add_argument("--helpers", help="where floor, timed, verify and "
                        "workload are; default: beside the program's build")
    parser.add_argument("--sizes", default="10,1000,10000,100000",
                        help="numbers of links (%(default)s)")
    parser.add_argument("--places", default=",".join(places.MAKERS),
                        help="file systems (%(default)s)")
    parser.add_argument("--rounds", type=int, help="of each size; by itself "
                        "from 41 of the smallest to 3 of the largest")
    parser.add_argument("--patience", type=float, default=120,
                        help="seconds that a peer gets for a size "
                        "(%(default)s)")
    parser.add_argument("--no-peers", dest="peers", action="store_false",
                        help="linkfarm and the floors only")
    parser.add_argument("--no-calls", dest="calls", action="store_false",
                        help="count no system calls")
    parser.add_argument("--image-dir", default="/var/tmp",
                        help="where the image of ext4 and copies of the "
                        "programs are made (%(default)s)")
    parser.add_argument("--dotbot", help="path of dotbot")
    parser.add_argument("--chezmoi", help="path of chezmoi")
    parser.add_argument("--json", metavar="FILE",
                        help="write all that was measured")
    options = parser.parse_args(arguments)
    options.program = os.path.abspath(options.program)
    if options.helpers is None:
        build = os.path.dirname(os.path.dirname(options.program))
        options.helpers = os.path.join(build, "tests", "bench")
    options.helpers = os.path.abspath(options.helpers)
    for name in options.places.split(","):
        if name not in places.MAKERS:
            parser.error(f"no place '{name}'; there are "
                         f"{', '.join(places.MAKERS)}")
    options.sizes = sorted({int(size) for size in options.sizes.split(",")})
    return options


def machine():
    return {"system": f"{platform.system()} {platform.release()}",
            "processors": len(os.sched_getaffinity(0)),
            "when": time.strftime("%Y-%m-%d", time.gmtime())}


def measure_places(bench, all_tools, found, counts):
    options = bench.options
    for name in options.places.split(","):
        with places.place(name, options.sizes[-1], options.image_dir) as (
                root, what):
            if root is None:
                bench.note(f"SKIPPED {name}: {what}")
                continue
            found[name] = what
            if options.calls and not counts and calls.available():
                counts.update(bench.count_calls(root))
            bench.left_out.clear()
            for links in options.sizes:
                bench.measure(name, root, links, all_tools)


def measure_all(options):
    """What was measured, up to where the run was stopped."""
    bench, found, counts = Bench(options), {}, {}
    given = {"dotbot": options.dotbot, "chezmoi": options.chezmoi}
    all_tools, missing = tools.all_tools(options.program, options.helpers,
                                         options.peers, given)
    for name in missing:
        bench.note(f"SKIPPED, not found: {name}")
    try:
        measure_places(bench, all_tools, found, counts)
    except KeyboardInterrupt:
        bench.note(STOPPED)
    except Failed as error:
        bench.note(str(error))
    if options.calls and not counts:
        bench.note("SKIPPED the counts of system calls: strace cannot be used")
    return report.collect(bench.results, found, counts, bench.notes, machine(),
                          [tool.name for tool in all_tools],
                          {tool.name: tool.kind for tool in all_tools})


def install(options, directory):
    """Measure copies of the program and the helpers, as an installation makes
    them. A linker writes its file here and there, and the kernel then keeps it
    in small pieces; that alone takes up to a sixth of a program's start, and
    more of a larger program's than of a smaller one's."""
    for name in HELPERS:
        shutil.copy(os.path.join(options.helpers, name), directory)
    options.helpers = directory
    options.program = shutil.copy(options.program, directory)


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    options = parse(sys.argv[1:])
    places.enter_namespace()
    signal.signal(signal.SIGTERM, interrupt)
    os.umask(0o022)
    with tempfile.TemporaryDirectory(prefix="lf", dir=options.image_dir) as (
            directory):
        install(options, directory)
        data = measure_all(options)
    if options.json:
        with open(options.json, "w") as file:
            json.dump(data, file, indent=1)
            file.write("\n")
    report.write(data, sys.stdout)
    if STOPPED in data["notes"]:
        return 130
    return any(note.startswith("FAILED") for note in data["notes"])


if __name__ == "__main__":
    sys.exit(main())
