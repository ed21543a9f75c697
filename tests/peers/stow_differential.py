#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""stow_differential.py - hold folding to what GNU Stow makes of the same packages

    stow_differential.py --program LINKFARM [--histories N] [--seed N] [--keep]

Each history is a random set of packages and a random order of adding and
dropping them. After each step the home that Stow made and the one that linkfarm
made must have the same nodes of the same kinds, and the same link texts. Among
the steps there must be some that fold and some that unfold.

Where the two are meant to differ, the packages avoid it, or the comparison
looks away, and the reason stands here:
 - Stow folds over a name that it ignores and over one that it would rename; we
   do not, because the link would show what was to be left out. Packages have no
   ignored names, and `dot-` names at the top only.
 - Stow makes links for empty directories; we make nothing of them. Packages
   have none.
 - Stow (2.3.1) leaves directories behind that it made and emptied, with
   --no-folding. Empty directories are not compared.
 - Stow folds a directory that the user made, once only one package's links are
   in it; we keep what we did not make. The homes have no such directories.
 - Stow takes links away that lead nowhere, whatever package they are of. Links
   in packages lead somewhere.
 - Stow (2.3.1) does not rename directories with --dotfiles, only files: `dot-`
   names are files.
"""

import argparse
import collections
import os
import random
import shutil
import subprocess
import sys
import tempfile

NAMES = ["a", "b", "c", "deep", "x y", "é", "lib"]
MOST_TURNS = 8


def random_leaves(rng, dotfiles):
    """Paths of files: no path is a directory of another."""
    leaves = set()
    dirs = {""}
    for _ in range(rng.randrange(1, 14)):
        above = rng.choice(sorted(dirs))
        path = above + rng.choice(NAMES)
        if rng.random() < 0.55 and path.count("/") < 4:
            if path not in leaves:
                dirs.add(path + "/")
        elif path + "/" not in dirs:
            leaves.add(path)
    if dotfiles:
        leaves |= {f"dot-{name}" for name in NAMES if rng.random() < 0.3}
    return sorted(leaves)


def make_packages(rng, home, dotfiles):
    """Deal the leaves to packages, so that no two want one path."""
    names = [f"p{i}" for i in range(rng.randrange(1, 5))]
    had = {name: [] for name in names}
    for leaf in random_leaves(rng, dotfiles):
        name = rng.choice(names)
        path = os.path.join(home, "dot", name, leaf)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if rng.random() < 0.1:
            os.symlink(".", path)
        else:
            with open(path, "w", encoding="utf-8") as file:
                file.write(leaf)
        had[name].append(leaf)
    return [name for name in names if had[name]]


def snapshot(home):
    """Every link with its text and every other node, but empty directories."""
    nodes = {}
    for above, dirs, files in os.walk(home):
        if above == home and "dot" in dirs:
            dirs.remove("dot")
        for name in dirs + files:
            path = os.path.join(above, name)
            inside = os.path.relpath(path, home)
            if os.path.islink(path):
                nodes[inside] = "-> " + os.readlink(path)
            elif os.path.isdir(path):
                nodes[inside] = "directory"
            else:
                nodes[inside] = "file"
    used = {os.path.dirname(path) for path, kind in nodes.items()
            if kind != "directory"}
    keep = set()
    for path in used:
        while path:
            keep.add(path)
            path = os.path.dirname(path)
    return {path: kind for path, kind in nodes.items()
            if kind != "directory" or path in keep}


def run(command, **more):
    return subprocess.run(command, check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=60, **more)


class History:
    def __init__(self, program, rng, scratch):
        self.program, self.rng = program, rng
        self.folding = rng.random() < 0.7
        self.dotfiles = rng.random() < 0.3
        self.homes = {}
        for who in ("stow", "ours"):
            self.homes[who] = os.path.join(scratch, who, "home")
            os.makedirs(os.path.join(self.homes[who], "dot"))
        self.packages = make_packages(rng, self.homes["stow"], self.dotfiles)
        shutil.rmtree(os.path.join(self.homes["ours"], "dot"))
        shutil.copytree(os.path.join(self.homes["stow"], "dot"),
                        os.path.join(self.homes["ours"], "dot"), symlinks=True)
        self.env = {"HOME": self.homes["ours"], "PATH": "/usr/bin:/bin",
                    "LC_ALL": "C.UTF-8",
                    "XDG_STATE_HOME": os.path.join(scratch, "state")}
        self.active, self.log, self.before = [], [], {}
        self.steps = self.folds = self.unfolds = 0

    def stow(self, action, package):
        home = self.homes["stow"]
        options = [] if self.folding else ["--no-folding"]
        options += ["--dotfiles"] if self.dotfiles else []
        return run(["stow", "-d", os.path.join(home, "dot"), "-t", home,
                    *options, action, package], cwd=home)

    def ours(self):
        home = self.homes["ours"]
        lines = ["version: 1", "name: test", "into: ~/",
                 f"defaults: {{fold: {'auto' if self.folding else 'never'}}}"]
        if self.active:
            lines.append("trees:")
        for package in self.active:
            dot = ", dot: marked" if self.dotfiles else ""
            lines.append(f"  - {{from: {package}{dot}}}")
        path = os.path.join(home, "dot", "linkfarm.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        return run([self.program, "apply", path], cwd=home, env=self.env)

    def step(self):
        """One package more or less. An explanation if the two differ."""
        left = [p for p in self.packages if p not in self.active]
        if left and (not self.active or self.rng.random() < 0.6):
            package = self.rng.choice(left)
            self.active.append(package)
            action = "-S"
        else:
            package = self.rng.choice(self.active)
            self.active.remove(package)
            action = "-D"
        self.log.append(f"{action} {package}")
        theirs, mine = self.stow(action, package), self.ours()
        if theirs.returncode or mine.returncode:
            return (f"stow: {theirs.returncode}\n{theirs.stdout}"
                    f"linkfarm: {mine.returncode}\n{mine.stdout}")
        want = snapshot(self.homes["stow"])
        got = snapshot(self.homes["ours"])
        self.count(got)
        return "".join(
            f"{path}: stow {want.get(path)}, linkfarm {got.get(path)}\n"
            for path in sorted(want.keys() | got.keys())
            if want.get(path) != got.get(path))

    def count(self, nodes):
        """What became of directories."""
        self.steps += 1
        for path in self.before.keys() & nodes.keys():
            was, now = self.before[path], nodes[path]
            self.folds += was == "directory" and now.startswith("->")
            self.unfolds += was.startswith("->") and now == "directory"
        self.before = nodes


def run_history(program, seed, keep, total):
    rng = random.Random(seed)
    scratch = tempfile.mkdtemp(prefix="linkfarm-stow-")
    try:
        history = History(program, rng, scratch)
        for _ in range(rng.randrange(2, 9) if history.packages else 0):
            difference = history.step()
            if difference:
                mode = "folding" if history.folding else "no folding"
                return (f"seed {seed}, {mode}, dotfiles {history.dotfiles}: "
                        f"{', '.join(history.log)}\n{difference}"
                        + (f"kept: {scratch}\n" if keep else ""))
        total.update(steps=history.steps, folds=history.folds,
                     unfolds=history.unfolds)
        return ""
    finally:
        if not keep:
            shutil.rmtree(scratch)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--histories", type=int, default=45)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    seed = options.seed
    if seed is None:
        seed = random.SystemRandom().randrange(1 << 32)
    print(f"# seed {seed}")
    failed, total, count = 0, collections.Counter(), 0
    # folding is rare: where none was met, as many histories follow again
    met = ("folds", "unfolds") if options.histories >= 40 else ()
    while count < options.histories or (
            count < MOST_TURNS * options.histories and
            not all(total[name] for name in met)):
        difference = run_history(program, seed + count, options.keep, total)
        count += 1
        if difference:
            failed += 1
            print(f"not ok {count} - seed {seed + count - 1}")
            for line in difference.splitlines():
                print(f"# {line}")
        else:
            print(f"ok {count} - seed {seed + count - 1}")
    print(f"# {total['steps']} steps, {total['folds']} directories folded, "
          f"{total['unfolds']} unfolded")
    if met:
        some = all(total[name] for name in met)
        failed += not some
        count += 1
        print(f"{'ok' if some else 'not ok'} {count} - "
              "some directories fold and some unfold")
    print(f"1..{count}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
