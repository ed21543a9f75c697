#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""threads.py - what comes out does not depend on how many threads work

    threads.py --program LINKFARM [--kills N]

Carries a large farm through its life (made, changed, drifted, disturbed,
rolled back, removed, written out) with one thread and with several, and has
faulty manifests refused: what is printed, the exit status and the tree have to
be the same each time, to the byte. Then kills runs by several threads, at any
time, and lets the next one recover: all or nothing. Prints TAP.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

COUNTS = (1, 2, 3, 8)
DIRS, FILES = 60, 40
SETTLED = 0.15      # seconds, after which stamps can be told from later ones


class Farm:
    def __init__(self, program, top, threads, sources=True):
        self.program, self.top, self.threads = program, top, threads
        self.home = top + "/home"
        self.said = []
        self.env = {"HOME": self.home, "PATH": "/usr/bin:/bin", "LC_ALL": "C",
                    "LINKFARM_STATE_DIR": f"{self.top}/state"}
        shutil.rmtree(top, ignore_errors=True)
        os.makedirs(self.home)
        for number in range(DIRS * FILES if sources else 0):
            path = f"{top}/src/{number % DIRS}/{number % 7}/{number}"
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8"):
                pass
        self.manifest("src")

    def write(self, text):
        with open(f"{self.top}/linkfarm.yaml", "w", encoding="utf-8") as file:
            file.write(text)

    def manifest(self, source):
        self.write(f"version: 1\nname: t\ninto: ~/\n"
                   f"trees: [{{from: {source}, into: ~/t}}]\n"
                   f"dirs: {{~/own: {{}}}}\n")

    def run(self, *arguments):
        done = subprocess.run(
            [self.program, *arguments, f"--threads={self.threads}"],
            check=False, cwd=self.top, timeout=120, stdin=subprocess.DEVNULL,
            env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        # times, and what is made of random numbers
        said = re.sub(rb'"time": ?\d+|\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?', b"T",
                      done.stdout)
        self.said.append((arguments, done.returncode, said, self.tree(),
                          self.remembered()))

    def remembered(self):
        """How many directories the stamps hold, if there are any."""
        counts = []
        for name in sorted(os.listdir(f"{self.top}/state")
                           if os.path.isdir(f"{self.top}/state") else []):
            if name.startswith("stamps."):
                with open(f"{self.top}/state/{name}", "rb") as file:
                    counts.append(sum(line.startswith(
                        (b"looked ", b"passed ", b"places ", b"made "))
                        for line in file))
        return counts

    def tree(self):
        """Every path below home, and what stands there."""
        found = []
        for folder, dirs, files in os.walk(self.home):
            for name in dirs + files:
                path = os.path.join(folder, name)
                found.append((path, os.readlink(path)
                              if os.path.islink(path) else ""))
        return sorted(found)


def links_of(farm):
    return [path for path, text in farm.tree() if text]


def make(farm):
    time.sleep(SETTLED)
    farm.run("plan", "--json")
    farm.run("apply")
    time.sleep(SETTLED)
    farm.run("apply")
    farm.run("status")
    farm.run("apply", "-v")
    farm.run("status", "--full", "-v")


def change(farm):
    """Another source for all, some of which are gone by then."""
    os.rename(f"{farm.top}/src", f"{farm.top}/new")
    for number in range(0, DIRS * FILES, 3):
        os.remove(f"{farm.top}/new/{number % DIRS}/{number % 7}/{number}")
    farm.manifest("new")
    time.sleep(SETTLED)
    farm.run("plan", "-v")
    farm.run("apply", "-v")
    farm.run("apply")
    farm.run("history", "-v")


def drift(farm):
    """Links that are gone, that lead elsewhere, that are files now."""
    for number, link in enumerate(links_of(farm)):
        if number % 5 < 3:
            os.remove(link)
        if number % 5 == 1:
            os.symlink("/elsewhere", link)
        elif number % 5 == 2:
            with open(link, "w", encoding="utf-8"):
                pass
    farm.run("status", "-v")
    farm.run("apply")
    for link in [path for path, _ in farm.tree() if os.path.isfile(path)
                 and not os.path.islink(path)]:
        os.remove(link)
    for link in [path for path, text in farm.tree() if text == "/elsewhere"]:
        os.remove(link)
    farm.run("apply", "--json")


def take_back(farm):
    farm.run("rollback", "--name=t", "-v")
    farm.run("rollback", "--name=t", "-v")
    farm.run("remove", "-n", "-v")
    farm.run("remove", "-v")


def spelled(number):
    """A link in one of the ways in which one can be written, on several lines
    some of them."""
    path = f"new/{number % DIRS}/{number % 7}/{number}"
    return (f"  ~/w/{number}: {path}\n",
            f"  '~/w/{number}': \"{path}\"   # a comment\n",
            f"  ~/w/{number}: {{from: {path}, style: absolute}}\n",
            f"  ~/w/{number}:\n    from: {path}\n    style: relative\n",
            f"  ~/w/{number}:\n  - from: {path}\n    when: {{os: linux}}\n"
            f"  - to: elsewhere\n",
            f"  ~/w/{number}:\n\n    {path}\n",
            f"  ~/w/{number}: |-\n      {path}\n")[number % 7]


# What is wrong with a manifest, in the middle of it.
FAULTS = ("  ~/w/1: new/1/1/1\n", "  ~/w/again: 'a\n", "  ~/w/x: {a: b\n",
          "  ~/w/x: &a b\n", "...\n", "---\n", " x: y\n",
          "into: /\nlinks:\n  ~/w/x: y\n")


def written_out(fault=""):
    """A manifest of which several threads read a part each."""
    links = [spelled(number) for number in range(DIRS * FILES) if number % 3]
    half = len(links) // 2
    return ("version: 1\nname: t\ninto: ~/\nlinks:\n"
            + "".join(links[:half]) + fault + "".join(links[half:])
            + "dirs:\n" + "".join(f"  ~/d/{n}: {{}}\n" for n in range(FILES)))


def write_out(farm):
    farm.write(written_out())
    farm.run("plan", "-v")
    farm.run("apply")
    farm.run("list", "--json")


def refuse(program, top, threads):
    """What is said of manifests with faults."""
    farm = Farm(program, top, threads, sources=False)
    for fault in FAULTS:
        farm.write(written_out(fault))
        farm.run("check")
    return farm.said


def live(program, top, threads):
    farm = Farm(program, top, threads)
    for part in (make, change, drift, take_back, write_out):
        part(farm)
    return farm.said


def kill_after(farm, seconds, *arguments):
    """Whether the run was killed before it was done."""
    process = subprocess.Popen(
        [farm.program, "-q", *arguments, "--threads=4"], cwd=farm.top,
        env=farm.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    return process.wait() != 0


def timed(farm, *arguments):
    begin = time.monotonic()
    farm.run(*arguments)
    return time.monotonic() - begin, farm.said[-1][3]


def kill(program, top, kills):
    """(what was seen, whether each run came out old or new)."""
    farm = Farm(program, top, 4)
    farm.run("plan")
    none = farm.said[-1][3]
    lasts = {}
    lasts["apply"], made = timed(farm, "apply", "-q")
    lasts["remove"], _ = timed(farm, "remove", "-q")
    killed, seen = 0, {"old": 0, "new": 0, "mixed": 0}
    for number in range(kills):
        command = ("apply", "remove")[number % 2]
        old, new = (none, made) if command == "apply" else (made, none)
        # both ends of a run, and what is between
        killed += kill_after(farm, lasts[command] * (number + 1) / kills,
                             command)
        farm.run("recover")
        tree = farm.said.pop()[3]
        seen["old" if tree == old else
             "new" if tree == new else "mixed"] += 1
        farm.run(command, "-q")
        if farm.said.pop()[3] != new:
            seen["mixed"] += 1
    said = f"{killed} of {kills} killed: {seen}"
    return said, killed > 0 and seen["mixed"] == 0


def differs(one, many):
    for first, other in zip(one, many):
        for a, b in zip(first, other):
            if a != b:
                return f"{first[0]}: {str(a)[-2000:]}\nbecame {str(b)[-2000:]}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--kills", type=int, default=20)
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    # thousands of links, again and again: a disk would only take longer
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="linkfarm-threads-",
                                                dir=memory))
    failed = False
    try:
        one = live(program, f"{scratch}/top", 1)
        statuses = [status for _, status, _, _, _ in one]
        failed |= statuses != ([0] * 11 + [3, 0] + [0] * 4
                               + [0] * 3)
        print("# remembered:", [kept for _, _, _, _, kept in one])
        print(f"{'not ok' if failed else 'ok'} 1 - by one thread: {statuses}")
        if failed:
            print("# " + str([(a, s, o[-300:]) for a, s, o, _, _ in one]))
        for number, threads in enumerate(COUNTS[1:], start=2):
            why = differs(one, live(program, f"{scratch}/top", threads))
            failed |= why is not None
            print(f"{'not ok' if why else 'ok'} {number} - "
                  f"by {threads} threads it is the same")
            if why:
                print("# " + why.replace("\n", "\n# "))
        one = refuse(program, f"{scratch}/top", 1)
        why = differs(one, refuse(program, f"{scratch}/top", COUNTS[-1]))
        bad = why or {status for _, status, _, _, _ in one} != {65}
        failed |= bool(bad)
        print(f"{'not ok' if bad else 'ok'} {len(COUNTS) + 1} - "
              f"by {COUNTS[-1]} threads the same is refused")
        if bad:
            print("# " + str(why or one).replace("\n", "\n# "))
        said, ok = kill(program, f"{scratch}/top", options.kills)
        failed |= not ok
        print(f"{'ok' if ok else 'not ok'} {len(COUNTS) + 2} - {said}")
        print(f"1..{len(COUNTS) + 2}")
    finally:
        shutil.rmtree(scratch)
    return failed


if __name__ == "__main__":
    sys.exit(main())
