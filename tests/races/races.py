#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""races.py - a hostile neighbour changes the tree while linkfarm works in it

    races.py --program LINKFARM --neighbour PROGRAM [--seconds N] [--seed N]

Neighbours (neighbour.c) own the farm's `into`. They exchange its directories
for symlinks to a protected place, and its links for files and symlinks of
theirs, in tight loops, while linkfarm applies, prunes, adopts, rolls back,
removes, is killed, and recovers. When this runs as root, so does linkfarm, and
the neighbours run as another user. These laws hold:
 - nothing in the protected place changes, not even a time;
 - every file and symlink of the neighbours is still somewhere, once;
 - each run ends with a status that is documented for it;
 - once the neighbours rest, recover succeeds and the ledger is readable.
Prints TAP, and before it what was done.
"""

import argparse
import collections
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

NODES, DIRS = 64, 4
STRANGER = 65533  # a user that owns nothing else
# Done or nothing to do, failed, refused, a person must look, stale or locked.
STATUSES = {0, 1, 3, 4, 75, -signal.SIGKILL}


class World:
    def __init__(self, scratch):
        self.scratch = scratch
        self.root = os.geteuid() == 0
        for name in ("into", "pool", "farm", "protected", "home", "state"):
            os.mkdir(self.path(name))
        os.chmod(scratch, 0o755)
        self.dirs = [f"d{i}" for i in range(DIRS)] + ["made"]
        self.links = [f"d{i}/{name}" for i in range(DIRS) for name in "abcd"]
        self.links += ["a", "b"]
        self.make_sources()
        self.make_protected()
        self.make_neighbours()
        self.manifests = [self.manifest(0), self.manifest(1), self.manifest(2)]

    def path(self, *names):
        return os.path.join(self.scratch, *names)

    def source(self, link):
        return "s-" + link.replace("/", "-")

    def make_sources(self):
        for link in self.links + ["made/x"]:
            with open(self.path("farm", self.source(link)), "w") as file:
                file.write("source\n")

    def make_protected(self):
        """What a run that was led here would remove, move, or change."""
        for name in self.dirs:
            os.mkdir(self.path("protected", name))
            os.mkdir(self.path("protected", name, "empty"), 0o700)
            with open(self.path("protected", name, "a"), "w") as file:
                file.write("not for you\n")
        for link in self.links:
            if link[-1] in "bc" and "/" in link:
                os.symlink(f"../../farm/{self.source(link)}",
                           self.path("protected", link))

    def make_neighbours(self):
        for name in self.dirs[:DIRS]:
            os.mkdir(self.path("into", name))
        for number in range(NODES):
            slot = self.path("pool", str(number))
            if number % 4 == 3:
                os.symlink(f"/nowhere/races-{number}", slot)
            else:
                with open(slot, "w") as file:
                    file.write(f"node {number}\n")
        if self.root:
            # root adopts what is theirs only into a directory of theirs
            os.chown(self.path("farm"), STRANGER, STRANGER)
            for top in ("into", "pool"):
                os.chown(self.path(top), STRANGER, STRANGER)
                for name in os.listdir(self.path(top)):
                    os.chown(self.path(top, name), STRANGER, STRANGER,
                             follow_symlinks=False)

    def manifest(self, number):
        """All links; the half of them; others with what is there adopted."""
        chosen = self.links if number != 1 else self.links[::2]
        policy = "adopt" if number == 2 else "backup"
        text = ["version: 1", "name: races", f"into: {self.path('into')}",
                f"defaults: {{conflict: {policy}, dangling: allow}}", "dirs:"]
        text += [f"  {name}/empty: {{mode: \"075{number}\"}}"
                 for name in self.dirs[:DIRS]]
        text += ["  made: {mode: \"0755\"}", "links:", "  made/x: s-made-x"]
        text += [f"  {link}: {self.source(link)}" for link in chosen]
        path = self.path("farm", f"{number}.yaml")
        with open(path, "w") as file:
            file.write("\n".join(text) + "\n")
        return path

    def protected(self):
        """Every node of the protected place, to the times."""
        found = {}
        for folder, dirs, files in os.walk(self.path("protected")):
            for name in [".", *dirs, *files]:
                path = os.path.join(folder, name)
                st = os.lstat(path)
                found[path] = (st.st_mode, st.st_uid, st.st_ino, st.st_nlink,
                               st.st_size, st.st_mtime_ns, st.st_ctime_ns)
        return found

    def nodes(self):
        """How often each node of the neighbours is there, anywhere."""
        seen = collections.Counter()
        for folder, dirs, files in os.walk(self.scratch):
            for name in dirs + files:
                path = os.path.join(folder, name)
                if os.path.islink(path):
                    text = os.readlink(path)
                    if text.startswith("/nowhere/races-"):
                        seen[int(text[len("/nowhere/races-"):])] += 1
                elif stat.S_ISREG(os.lstat(path).st_mode):
                    with open(path, "rb") as file:
                        words = file.read(64).split()
                    if len(words) == 2 and words[0] == b"node":
                        seen[int(words[1])] += 1
        return seen


class Races:
    def __init__(self, program, neighbour, world, rng):
        self.program, self.neighbour = program, neighbour
        self.world, self.rng = world, rng
        self.env = {"HOME": world.path("home"), "PATH": "/usr/bin:/bin",
                    "LC_ALL": "C.UTF-8", **{
                        name: value for name, value in os.environ.items()
                        if name in ("ASAN_OPTIONS", "UBSAN_OPTIONS")}}
        self.ends = collections.defaultdict(collections.Counter)
        self.wrong = []
        self.states = 0
        self.neighbours = []

    def start(self, what, other, names):
        drop = {"user": STRANGER, "group": STRANGER, "extra_groups": []} \
            if self.world.root else {}
        child = subprocess.Popen(
            [self.neighbour, what, self.world.path("into"),
             self.world.path(other), *names],
            stdout=subprocess.PIPE, text=True, **drop)
        self.neighbours.append(child)
        if child.stdout.readline() != "ready\n":
            raise RuntimeError(f"the neighbour of {what} does not start")

    def start_all(self):
        self.start("nodes", "pool", self.world.links)
        self.start("dirs", "protected", self.world.dirs)

    def stop_all(self):
        changes = 0
        for child in self.neighbours:
            child.send_signal(signal.SIGTERM)
        for child in self.neighbours:
            changes += int(child.communicate(timeout=60)[0] or 0)
        self.neighbours = []
        return changes

    def kill_all(self):
        for child in self.neighbours:
            child.kill()
            child.wait()

    def run(self, kind, *words, kill_after=None):
        child = subprocess.Popen(
            [self.program, "--state-dir", self.world.path("state", "linkfarm"),
             *words], env=self.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            cwd=self.world.path("farm"))
        if kill_after is not None:
            time.sleep(kill_after)
            child.kill()
        err = child.communicate(timeout=120)[1].decode("utf-8", "replace")
        self.ends[kind][child.returncode] += 1
        if child.returncode not in STATUSES:
            self.wrong.append(f"{kind}: exit {child.returncode}: {err}")
        if "error[LF308]" in err:
            self.begin_again()
        return child.returncode, err

    def begin_again(self):
        """A node that was put back, and taken by a neighbour before that was
        undone, is missing from the store ever after; the store is kept, for
        what else is in it."""
        self.states += 1
        os.rename(self.world.path("state", "linkfarm"),
                  self.world.path("state", f"before-{self.states}"))

    def one(self):
        kind = self.rng.choice(["apply", "apply", "prune", "adopt", "rollback",
                                "remove", "killed", "recover"])
        manifests = self.world.manifests
        if kind == "killed":
            manifest = self.rng.choice(manifests)
            self.run(kind, "apply", manifest,
                     kill_after=self.rng.random() * 0.012)
            self.run("recover", "recover")
        elif kind in ("rollback", "remove"):
            self.run(kind, kind, "--name=races")
        elif kind == "recover":
            self.run(kind, "recover")
        else:
            self.run(kind, "apply",
                     manifests[["apply", "prune", "adopt"].index(kind)])


def law(number, title, why):
    print(f"{'not ok' if why else 'ok'} {number} - {title}")
    for line in why:
        print(f"#   {line}")
    return bool(why)


def race(races, world, seconds):
    """Run, and return what is wrong with each law."""
    before, touched = world.protected(), []
    until = time.monotonic() + seconds
    races.start_all()
    while time.monotonic() < until and not touched:
        races.one()
        now = world.protected()
        touched = sorted(path for path in before.keys() | now.keys()
                         if before.get(path) != now.get(path))
    changes = races.stop_all()
    late = []
    status, err = races.run("recover", "recover")
    if status != 0:
        late.append(f"recover: exit {status}: {err}")
    status, err = races.run("list", "list")
    if status != 0:
        late.append(f"list: exit {status}: {err}")
    seen = world.nodes()
    lost = [f"node {number} is there {seen[number]} times"
            for number in range(NODES) if seen[number] != 1]
    runs = sum(sum(ends.values()) for ends in races.ends.values())
    print(f"# {runs} runs against {changes} changes; how they ended:")
    for kind, ends in sorted(races.ends.items()):
        print(f"#   {kind}: " + ", ".join(
            f"{count} with {status}" for status, count in sorted(ends.items())))
    if changes < 100:
        races.wrong.append(f"the neighbours made only {changes} changes")
    return touched, lost, races.wrong[:5], late


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--neighbour", required=True)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="linkfarm-races-"))
    print(f"# seed {options.seed}, {options.seconds:g} s, linkfarm as "
          + ("root, the neighbours as another user"
             if os.geteuid() == 0 else "the user that the neighbours are"))
    races = None
    try:
        world = World(scratch)
        # the other user may not reach what is built in a home of root's
        neighbour = world.path("neighbour")
        shutil.copyfile(options.neighbour, neighbour)
        os.chmod(neighbour, 0o755)
        races = Races(os.path.abspath(options.program), neighbour, world,
                      random.Random(options.seed))
        touched, lost, wrong, late = race(races, world, options.seconds)
        failed = law(1, "nothing in the protected place changed", touched)
        failed |= law(2, "no node of the neighbours is lost", lost)
        failed |= law(3, "each run ends as documented", wrong)
        failed |= law(4, "in the end recover succeeds", late)
        print("1..4")
        return int(failed)
    finally:
        if races:
            races.kill_all()
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
