#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench_test.py - the benchmark is to be believed

    bench_test.py --program LINKFARM --helpers DIRECTORY

The generator makes what it says, verify finds each fault of a tree, the floors
do their work and refuse a tree that is not theirs, a tool that fails is found
out, and the report counts right. Prints TAP.
"""

import argparse
import io
import os
import shutil
import subprocess
import sys
import tempfile

import calls
import goals
import report
import tools

LINKS = 300


class Laws:
    def __init__(self):
        self.count = self.failed = 0

    def law(self, name, holds, detail=""):
        self.count += 1
        self.failed += not holds
        print(f"{'ok' if holds else 'not ok'} {self.count} - {name}")
        if not holds:
            print("# " + str(detail).replace("\n", "\n# "))


class World:
    def __init__(self, helpers, scratch):
        self.helpers, self.scratch = helpers, scratch

    def field(self, name, links):
        path = os.path.join(self.scratch, name)
        os.mkdir(path)
        field = tools.Field(path, links)
        field.make(os.path.join(self.helpers, "workload"))
        return field

    def call(self, helper, field, *words):
        return subprocess.run([os.path.join(self.helpers, helper), *words],
                              cwd=field.path, check=False,
                              capture_output=True, text=True)


def source_of(field, path, text):
    """Where a link will lead; its directory is not there yet."""
    return os.path.normpath(os.path.join(
        field.into, os.path.dirname(os.fsdecode(path)), os.fsdecode(text)))


def generator(laws, world):
    for links in (1, 10, 19, 20, 41, 1000):
        field = world.field(f"size-{links}", links)
        listed = tools.read_list(field.at("list"))
        laws.law(f"{links} links are that many, each with a source",
                 len({path for path, _ in listed}) == links and
                 all(os.path.isfile(source_of(field, *link))
                     for link in listed), listed[:3])
        changed = tools.read_list(field.at("list-changed"))
        differ = [new for old, new in zip(listed, changed) if old != new]
        laws.law(f"of {links} links, every hundredth changes",
                 len(differ) == (links + 99) // 100 and
                 differ == tools.read_list(field.at("changed")), differ)
    laws.law("texts are short enough for the inode",
             max(len(text) for _, text in listed) < 60)
    again = world.field("again", 1000)
    laws.law("the same numbers make the same farm", all(
        open(field.at(name), "rb").read() == open(again.at(name), "rb").read()
        for name in ("list", "list-changed", "changed", "flat.yaml")))
    refused = world.call("workload", again, again.path, "1e6")
    laws.law("a number that is none is refused",
             refused.returncode == 64 and "1e6" in refused.stderr,
             refused.stderr)


def damages(field):
    """A word for each fault, and how to make and mend it."""
    path, text = map(os.fsdecode, tools.read_list(field.at("list"))[50])
    link, directory = field.at("t", path), os.path.dirname(field.at("t", path))

    def other(make):
        def damage():
            os.remove(link)
            make(link)

        def mend():
            if os.path.isdir(link) and not os.path.islink(link):
                os.rmdir(link)
            elif os.path.lexists(link):
                os.remove(link)
            os.symlink(text, link)
        return damage, mend

    source = os.path.normpath(os.path.join(directory, text))
    yield "a link that is missing", *other(lambda _: None), "both"
    yield "a file in a link's place", *other(
        lambda at: open(at, "w").close()), "both"
    yield "a directory in a link's place", *other(os.mkdir), "both"
    yield "a link that leads elsewhere", *other(
        lambda at: os.symlink("..", at)), "both"
    yield "a link that leads nowhere", *other(
        lambda at: os.symlink("no", at)), "both"
    yield "another text for the same file", *other(
        lambda at: os.symlink(source, at)), "text"
    more = os.path.join(directory, "more")
    yield "a link too many", lambda: os.symlink("no", more), \
        lambda: os.remove(more), "both"
    yield "a directory too many", lambda: os.mkdir(more), \
        lambda: os.rmdir(more), "both"


def verifier(laws, world):
    field = world.field("verify", LINKS)
    world.call("floor", field, "create", "t", "list")

    def verdict(how):
        return world.call("verify", field, how, "t", "list").returncode

    laws.law("a right tree is right", verdict("text") == verdict("reach") == 0)
    for word, damage, mend, found in damages(field):
        damage()
        verdicts = verdict("text"), verdict("reach")
        mend()
        laws.law(f"found: {word}", verdicts == (1, found == "both"), verdicts)
    laws.law("mended, it is right again", verdict("text") == 0)
    laws.law("a full tree is not empty, and not bare", all(
        world.call("verify", field, how, "t").returncode == 1
        for how in ("empty", "bare")))


def floors(laws, world):
    field = world.field("floors", LINKS)

    def floor(*words):
        return world.call("floor", field, *words)

    def right(name):
        return world.call("verify", field, "text", "t", name).returncode == 0

    planned = floor("plan", "t", "list", "tree.yaml", "s")
    laws.law("a plan has a line for each link",
             planned.stdout.count("\n") == LINKS, planned.stderr)
    for options in ((), ("-t", "3"), ("-s", "floor-state")):
        name = " ".join(("floor", *options))
        done = [floor(*options, "create", "t", "list")]
        made = right("list")
        done += [floor(*options, how, "t", "list") for how in ("read", "look")]
        done += [floor(*options, "change", "t", "list", "changed")]
        changed = right("list-changed")
        stale = floor(*options, "read", "t", "list")
        done += [floor(*options, "remove", "t", "list")]
        gone = not os.listdir(field.into)
        laws.law(f"{name} makes, reads, changes and removes",
                 made and changed and gone and
                 not any(one.returncode for one in done),
                 [one.stderr for one in done])
        laws.law(f"{name} reads texts, and finds the one that changed",
                 stale.returncode == 1 and "has changed" in stale.stderr,
                 stale.stderr)
    laws.law("a crash-safe floor leaves its record, and no journal",
             os.listdir(field.at("floor-state")) == ["ledger"])
    checked = tools.checked_floor("floor")
    for phase, name in (("create", "list"), ("change", "list-changed")):
        done = floor(*checked.commands[phase][1:])
        laws.law(f"a checked floor does {phase}, and leaves nothing aside",
                 done.returncode == 0 and right(name), done.stderr)
    done = floor(*checked.commands["remove"][1:])
    laws.law("and takes all away",
             done.returncode == 0 and not os.listdir(field.into), done.stderr)
    os.mkdir(field.at("nothing"))
    done = floor("-s", "floor-state", "-c", "-l", "nothing", "create", "t",
                 "list")
    laws.law("a source directory that is missing is an error",
             done.returncode == 1 and not os.listdir(field.into), done.stderr)
    laws.law("there are no checks without a state", "usage" in floor(
        "-c", "create", "t", "list").stderr)
    laws.law("what is no list is refused", floor(
        "create", "t", "tree.yaml").returncode == 1)
    laws.law("another word is refused with the usage", "usage" in floor(
        "destroy", "t", "list").stderr)


def runner(laws, world, run, program):
    def call(*words):
        return subprocess.run(
            [sys.executable, run, "--helpers", world.helpers, "--sizes=10",
             "--rounds=1", "--places=tmpfs", "--no-calls", *words],
            check=False, capture_output=True, text=True)

    false = shutil.which("false")
    failed = call("--program", false, "--no-peers")
    laws.law("a linkfarm that fails ends the benchmark",
             failed.returncode == 1 and "linkfarm, " in failed.stderr,
             failed.stderr)
    lazy = call("--program", shutil.which("true"), "--no-peers")
    laws.law("so does one that does nothing",
             lazy.returncode == 1 and "verify" in lazy.stderr, lazy.stderr)
    left_out = call("--program", program, "--dotbot", false)
    laws.law("a peer that fails is left out, and named",
             left_out.returncode == 0 and "LEFT OUT dotbot" in left_out.stderr
             and "| dotbot" not in left_out.stdout, left_out.stderr)
    wrong = call("--program", false, "--places=floppy")
    laws.law("a place that is none is refused with those there are",
             wrong.returncode == 2 and "ext4" in wrong.stderr, wrong.stderr)


def sample(number, wall):
    return {"round": number, "wall": wall, "user": wall / 2,
            "system": wall / 4, "peak": 4096}


def invented(ours, theirs):
    """A run with 1,000 links on ext4, of which the rounds are given."""
    return {
        "machine": {"when": "today", "system": "none", "processors": 1},
        "places": {"ext4": "none"}, "notes": [], "calls": None,
        "tools": [{"name": name, "kind": kind} for name, kind in (
            ("linkfarm, tree", "linkfarm"), (goals.SAFE, "floor"))],
        "results": [
            {"place": "ext4", "links": 1000, "tool": tool, "phase": "create",
             "rounds": [sample(*item) for item in enumerate(rounds)]}
            for tool, rounds in (("linkfarm, tree", ours),
                                 (goals.SAFE, theirs))]}


def reports(laws, world):
    # Round by round 1, 1 and 9; the medians alone would say 2.
    data = invented([10, 20, 90], [10, 20, 10])
    data["results"][1]["rounds"].append(sample(7, 1))
    figures = report.Figures(data)
    (goal,) = goals.judge(data, figures)
    laws.law("a ratio is the median of the rounds that both ran",
             goal.measured == 1 and goal.met, goal)
    laws.law("the fastest runs are compared as well", goal.fastest == 10,
             goal)
    key = "ext4", 1000, "linkfarm, tree", "create"
    laws.law("wall time is told by its median, user and system time by the mean",
             [figures.usual(*key, name) for name in ("wall", "user", "system")]
             == [20, 20, 10], figures.samples[key])
    slow = invented([12], [10])
    (goal,) = goals.judge(slow, report.Figures(slow))
    laws.law("a goal that is missed is said to be", not goal.met, goal)
    # Removed in 10, after 6 that reading takes: 1.6; twice, 2.2; and the goal is 1.5.
    bare = invented([12], [10])
    bare["results"] = [
        {"place": "ext4", "links": 1000, "tool": tool, "phase": phase,
         "rounds": [sample(0, wall)]}
        for tool, phase, wall in ((goals.FLOOR, "again", 6),
                                  (goals.SAFE, "remove", 10))]
    figures = report.Figures(bare)
    both = list(goals.bare_calls(figures))
    out = io.StringIO()
    report.write_bare(figures, out)
    laws.law("what bare calls come to is the sum of the runs, and told",
             [goal.measured for goal in both] == [1.6, 2.2] and
             not any(goal.met for goal in both) and
             out.getvalue().count("ABOVE") == 2, out.getvalue())
    counts = calls.parse(io.StringIO(
        "% time     seconds  usecs/call     calls    errors syscall\n"
        "------ ----------- ----------- --------- --------- ------\n"
        " 60.00    0.000100           1        70         3 openat\n"
        " 40.00    0.000050           1         2           syncfs\n"
        "100.00    0.000150           1        72         3 total\n"))
    laws.law("calls are counted, with and without errors, and not the total",
             counts == {"openat": 70, "syncfs": 2} and
             calls.syncs(counts) == 2, counts)
    page = os.path.join(world.scratch, "page.md")
    with open(page, "w") as file:
        file.write(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    report.put_into(page, data)
    report.put_into(page, data)
    with open(page) as file:
        text = file.read()
    laws.law("figures go between their marks, and replace the old ones",
             text.startswith("before\n") and text.endswith("\nafter\n") and
             "old" not in text and text.count("### Goals") == 1, text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--helpers", required=True)
    options = parser.parse_args()
    laws = Laws()
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="linkfarm-bench-"))
    try:
        world = World(os.path.abspath(options.helpers), scratch)
        generator(laws, world)
        verifier(laws, world)
        floors(laws, world)
        runner(laws, world, os.path.join(os.path.dirname(
            os.path.abspath(__file__)), "run.py"), options.program)
        reports(laws, world)
    finally:
        shutil.rmtree(scratch)
    print(f"1..{laws.count}")
    return 1 if laws.failed else 0


if __name__ == "__main__":
    sys.exit(main())
