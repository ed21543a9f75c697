#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""growth_test.py - linkfarm's work grows no faster than what it is given

    growth_test.py --program LINKFARM [NAME...]

Each law is about one thing that there can be many of. The instructions of a
command are counted by valgrind(1) for N, 4 N and 16 N of it; from 4 N to 16 N
four times as many may be added as from N to 4 N, and a little more, as sorting
takes it. Counts do not depend on how fast or busy a machine is, so this is a
test and no benchmark. Prints TAP.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

SIZES = (50, 200, 800)
MOST = 4.5  # what grows with the square comes to 16
HEAD = "version: 1\nname: f\nfrom: s\ninto: t\n"


class Field:
    """A directory with sources `s`, links `t` and a manifest."""

    def __init__(self, path):
        self.path = path
        self.make("h")
        self.make("t")
        self.make("s")

    def make(self, name):
        os.makedirs(os.path.join(self.path, name), exist_ok=True)

    def file(self, name, text=""):
        self.make(os.path.dirname(name))
        with open(os.path.join(self.path, name), "w", encoding="utf-8") as out:
            out.write(text)

    def files(self, number, *names):
        for i in range(number):
            for name in names:
                self.file(name.format(i))

    def manifest(self, text):
        self.file("m.yaml", HEAD + text)

    def link(self, name, text):
        os.symlink(text, os.path.join(self.path, name))


def each(number, line):
    return "".join(line.format(i) for i in range(number))


# ---- what there can be many of; each gives the commands, the last of which is
# counted

def rules(field, number):
    field.files(number, "s/f{}")
    field.manifest("trees:\n  - from: .\n    rules:\n" + each(
        number, "      f{}: {{style: absolute}}\n"))
    return [["apply"]]


def ignored(field, number):
    field.files(number, "s/f{}", "s/g{}")
    field.manifest("trees:\n  - from: .\n    ignore:\n" + each(
        number, "      - /g{}\n"))
    return [["check"]]


def ignored_in_each_tree(field, number):
    field.files(number, "s/d{0}/f{0}", "s/d{0}/g{0}")
    field.manifest("ignore:\n" + each(number, "  - g{}*\n") + "trees:\n" +
                   each(number, "  - from: d{}\n"))
    return [["check"]]


def taken(field, number):
    field.files(number, "s/f{}.c", "s/g{}")
    field.manifest("trees:\n  - from: .\n    only:\n" + each(
        number, '      - "**/f{}.c"\n'))
    return [["check"]]


def overridden(field, number):
    """One tree wins over all others."""
    field.files(number, "s/d{}/f")
    field.manifest("trees:\n" + each(number, "  - from: d{}\n") +
                   "  - {from: d0, name: last, overrides: [" +
                   each(number, "d{}, ") + "]}\n")


def overriding(field, number):
    overridden(field, number)
    return [["check"]]


def why_overridden(field, number):
    overridden(field, number)
    return [["apply"], ["why", "t/f"]]


def profiles(field, number):
    field.files(number, "s/f{}")
    field.manifest("links:\n" + each(
        number, "  a{0}: {{from: f{0}, when: {{profile: p{0}}}}}\n"))
    return [["check", "--profile=" + each(number, "p{},")]]


def why_conditions(field, number):
    number *= 4  # they cost little
    field.files(1, "s/f0")
    field.manifest("links:\n  a: f0\n" + each(
        number, "  a{}: {{from: f0, when: {{profile: p}}}}\n"))
    return [["apply"], ["why", "t/a"]]


def traversed(field, number):
    field.files(number, "s/f{}")
    field.manifest("traverse:\n" + each(number, "  - x{}\n") + "links:\n" +
                   each(number, "  x{0}/a: f{0}\n"))
    for i in range(number):
        field.make(f"t/y{i}")
        field.link(f"t/x{i}", f"y{i}")
    return [["check"]]


def allowed(field, number):
    field.files(number, "o{}/f")
    field.manifest("policy:\n  deny: [escape]\n  allow_under:\n" + each(
        number, "    - ../o{}\n") + "links:\n" + each(
            number, "  a{0}: ../o{0}/f\n"))
    return [["check"]]


def swept(field, number):
    """What adopting has displaced, when nothing needs it any more."""
    field.files(number, "s/f{}")
    for i in range(number):
        field.file(f"t/a{i}", "mine")
    field.manifest("defaults: {conflict: adopt}\nlinks:\n" + each(
        number, "  a{0}: f{0}\n"))
    return [["apply"], ["remove"], ["gc", "--keep=1"]]


def adopted(field, number):
    """Files that become sources, beside as many trees."""
    field.files(number, "s/d{}/f", "t/a{}")
    field.manifest("trees:\n" + each(
        number, "  - {{from: d{0}, into: e{0}}}\n") + "links:\n" + each(
            number, "  a{0}: {{from: g{0}, conflict: adopt}}\n"))
    return [["check"]]


def closed(field, number):
    """Directories that keep their owner out, who is not root, when all in
    them is done."""
    number *= 2  # they cost little
    field.manifest("dirs:\n" + each(number, '  d{}: {{mode: "0500"}}\n'))
    return [["apply"]]


def beside_farms(field, number):
    """Links in a directory in which many other farms have one each."""
    field.files(number // 4, "s/f{}")
    field.manifest("links:\n" + each(number * 2, "  a{}: f0\n"))
    for i in range(number // 4):
        field.file(f"m{i}.yaml", HEAD.replace("name: f", f"name: f{i}") +
                   f"links: {{b{i}: f{i}}}\n")
    return [*(["apply", f"m{i}.yaml"] for i in range(number // 4)), ["check"]]


def imported(field, number):
    """Packages of Stow, each with a directory of its own and one of all."""
    number //= 2  # they cost much
    field.files(number, "st/p{0}/d{0}/f", "st/p{0}/all/g{0}")
    field.make("all")
    for i in range(number):
        field.link(f"d{i}", f"st/p{i}/d{i}")
        field.link(f"all/g{i}", f"../st/p{i}/all/g{i}")
    return [["import", "stow", *(f"st/p{i}" for i in range(number))]]


LAWS = [rules, ignored, ignored_in_each_tree, taken, overriding,
        why_overridden, profiles, why_conditions, traversed, allowed,
        swept, adopted, closed, beside_farms, imported]


# ---- counting

def run(field, program, command, before=()):
    words = [*before, program, *command, "--threads=1"]
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C",
           "LINKFARM_MANIFEST": "m.yaml",
           "HOME": os.path.join(field.path, "h"),
           "XDG_STATE_HOME": os.path.join(field.path, "h/state")}
    done = subprocess.run(words, cwd=field.path, env=env, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)[:200]}: exit {done.returncode}: "
                           f"{done.stderr.strip()[:500]}")
    return done.stderr


VALGRIND = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]


def count(program, scratch, law, number):
    path = os.path.join(scratch, f"{law.__name__}-{number}")
    field = Field(path)
    *first, last = law(field, number)
    for command in first:
        run(field, program, command)
    told = run(field, program, last, VALGRIND)
    shutil.rmtree(path)
    return int(re.search(r"Collected : (\d+)", told).group(1))


def available(program):
    return shutil.which("valgrind") is not None and subprocess.run(
        [*VALGRIND, program, "version"], stdin=subprocess.DEVNULL,
        capture_output=True).returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    if not available(program):
        print("# SKIP-REASON growth: valgrind is missing, or cannot run it")
        print("ok 1 - growth # SKIP valgrind is missing, or cannot run it\n"
              "1..1")
        return 0
    laws = [law for law in LAWS
            if not options.names or law.__name__ in options.names]
    held = []
    scratch = tempfile.mkdtemp(prefix="lf", dir="/tmp")
    try:
        for law in laws:
            few, more, many = (count(program, scratch, law, number)
                               for number in SIZES)
            ratio = (many - more) / (more - few)
            held.append(ratio <= MOST)
            print(f"{'ok' if held[-1] else 'not ok'} {len(held)} - "
                  f"{law.__name__}: {ratio:.2f} times as much is added for "
                  f"four times as many", flush=True)
            print(f"# {few:,}, {more:,} and {many:,} instructions")
    finally:
        shutil.rmtree(scratch)
    print(f"1..{len(held)}")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
