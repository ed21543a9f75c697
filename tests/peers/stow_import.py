#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""stow_import.py - import what GNU Stow made, and hold the farm to it

    stow_import.py --program LINKFARM [--homes N] [--seed N] [--keep]

Each home has random packages, with names that YAML, patterns or regular
expressions give a meaning, and ignore lists. Once they are stowed, `import stow`
must find that its manifest says all that stands there; `apply` must take the
links over as they are, a second one find nothing to do, and `remove` leave no
link.

Stow ignores by Perl's regular expressions. The lists here have such as patterns
can say, and a few that no name has anything to do with, which must be told.

Where the two are meant to differ, the packages avoid it: no empty directories,
of which Stow makes links; no directories of a `dot-` name, which Stow 2.3.1 does
not rename; nothing named `.stow`, which Stow keeps away from.
"""

import argparse
import os
import random
import re
import shutil
import sys
import tempfile

from stow_differential import run, snapshot

NAMES = ["a", "b", "bin", "x y", "é", "README.md", "LICENSE", ".git", "foo~",
         ".gitignore", "#tmp#", "CVS", "a.b", "q'uote", 'd"q', "$HOME",
         "${x}", "*star", "[b]", "!bang", "-dash", "~tilde", "#hash",
         "colon: x", "new\nline", "tab\tx", "100%", "yes", "null", "1.5",
         "a\\b", ".hid", "trail ", " lead", "{c}", "@at", "a,b", "?q", ",v"]
PACKAGES = ["my pkg", "p'q", "#p", "[p]", "p*", ".pp", "~p", "p$"]
UNSAID = ["zz+q", "(?i)zzq", "z{3}q", "\\bzzq"]


def literal(name):
    return re.sub(r"([^\w\s~,-])", r"\\\1", name)


def random_line(rng, names):
    """A line of an ignore list; Stow takes blanks at its ends away."""
    raw = rng.choice(names)
    name, other = literal(raw), literal(rng.choice(names))
    return rng.choice([
        name, f"^{name}$", f"{name}|{other}", f"({name}|{other})?x",
        f".*{literal(raw[-1])}", f"{literal(raw[0])}.*",
        r".*\.md", "[ab]", "[^a-z]", r"\d.*", r"\w", "a.b",
        f"^/{name}$", f"/{name}", f"^/{name}/.*", f"{name}/{other}",
        f"^/.*/{name}$", f".*/{name}", f"^/(a|b)/{name}", f"^/{name}/.+",
        f"{name}/", "# a comment", "", f"{other}  # a comment",
    ]).replace("\n", "")


def random_option(rng, names):
    """A line of a .stowrc; blanks would end the expression."""
    names = [name for name in names if not re.search(r"\s", name)] or ["a"]
    raw = rng.choice(names)
    name, other = literal(raw), literal(rng.choice(names))
    regex = rng.choice([
        name, f"^{name}", f"{name}$|{other}", f"{literal(raw[0])}.*|{other}",
        f"/{name}", f"(^|/){name}", f"{name}/{other}", f"^{name}/.*",
        f"{literal(raw[-1])}", "^[^a-z]", r"\d"])
    return rng.choice(["--ignore=", "-v0 --ignore "]) + regex


def random_list(rng, names):
    lines = [random_line(rng, names) for _ in range(rng.randrange(1, 5))]
    unsaid = rng.random() < 0.1
    if unsaid:
        lines.insert(rng.randrange(len(lines)), rng.choice(UNSAID))
    return "\n".join(lines) + rng.choice(["\n", ""]), unsaid


def make_leaves(rng, names):
    dirs, leaves = {""}, set()
    for _ in range(rng.randrange(1, 18)):
        above = rng.choice(sorted(dirs))
        path = above + rng.choice(names)
        if rng.random() < 0.45 and path.count("/") < 4:
            if path not in leaves:
                dirs.add(path + "/")
        elif path + "/" not in dirs:
            leaves.add(path)
    return sorted(leaves)


def put(path, text=""):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


class Home:
    def __init__(self, program, rng, scratch):
        self.program, self.rng = program, rng
        self.home = os.path.join(scratch, "home")
        self.dot = os.path.join(self.home, "dot")
        self.env = {"HOME": self.home, "PATH": "/usr/bin:/bin",
                    "LC_ALL": "C.UTF-8",
                    "XDG_STATE_HOME": os.path.join(scratch, "state")}
        self.packages = [f"p{i}" for i in range(rng.randrange(1, 4))]
        if rng.random() < 0.3:
            self.packages[0] = rng.choice(PACKAGES)
        self.unsaid = False
        self.fill()

    def fill(self):
        rng = self.rng
        names = rng.sample(NAMES, rng.randrange(3, 12))
        leaves = make_leaves(rng, names)
        for leaf in leaves:
            path = os.path.join(self.dot, rng.choice(self.packages), leaf)
            put(path)
            if rng.random() < 0.1:
                os.remove(path)
                os.symlink(rng.choice([".", "nowhere", "/etc"]), path)
            above = os.path.dirname(leaf)
            if above and rng.random() < 0.1:
                os.makedirs(os.path.join(self.home, above), exist_ok=True)
        self.packages = [name for name in self.packages if
                         os.path.isdir(os.path.join(self.dot, name))]
        without = 0
        for name in self.packages:
            without += rng.random() < 0.6
            if without == 0 or rng.random() < 0.5:
                self.add_list(f"dot/{name}/.stow-local-ignore", names)
            else:
                without += 1
        if rng.random() < 0.2:
            self.add_list(".stow-global-ignore", names)
        if rng.random() < 0.2:
            self.add_options(names)

    def add_list(self, path, names):
        text, unsaid = random_list(self.rng, names)
        put(os.path.join(self.home, path), text)
        # one that is not read need not be told
        lists = [os.path.exists(os.path.join(self.dot, name,
                                             ".stow-local-ignore"))
                 for name in self.packages]
        if path.startswith("dot/") or not all(lists):
            self.unsaid |= unsaid

    def add_options(self, names):
        """In the home directory, in which Stow is run, too."""
        lines = [random_option(self.rng, names)
                 for _ in range(self.rng.randrange(1, 4))]
        put(os.path.join(self.home, ".stowrc"), "\n".join(lines) + "\n")

    def stow(self):
        options = ["--no-folding"] if self.rng.random() < 0.3 else []
        return run(["stow", "-d", self.dot, "-t", self.home, *options, "--",
                    *self.packages], cwd=self.home, env=self.env)

    def ours(self, *words):
        return run([self.program, *words], cwd=self.dot, env=self.env)

    def check(self):
        """An explanation if something is not as it should be."""
        before = snapshot(self.home)
        words = [f"./{name}" for name in self.packages]
        found = self.ours("import", "-q", "stow", *words)
        told = "left out: the regular expression" in found.stdout
        if told != self.unsaid or (found.returncode and not told):
            return f"import: {found.returncode}\n{found.stdout}"
        if found.returncode:
            return ""
        manifest = os.path.join(self.dot, "linkfarm.yaml")
        put(manifest, found.stdout)
        for words in (["apply", manifest], ["apply", manifest]):
            done = self.ours(*words)
            if done.returncode or snapshot(self.home) != before:
                return f"apply: {done.returncode}\n{done.stdout}"
        if "nothing to do" not in done.stdout:
            return f"apply again:\n{done.stdout}"
        if not any(kind.startswith("->") for kind in before.values()):
            return ""
        done = self.ours("remove", manifest)
        left = [path for path, kind in snapshot(self.home).items()
                if kind.startswith("->")]
        return (f"remove: {done.returncode}\n{done.stdout}{left}\n"
                if done.returncode or left else "")


def try_home(program, seed, keep):
    """(what is wrong, whether Stow refused)"""
    scratch = tempfile.mkdtemp(prefix="linkfarm-stow-")
    try:
        home = Home(program, random.Random(seed), scratch)
        if not home.packages or home.stow().returncode:
            return "", True
        wrong = home.check()
        return wrong + (f"kept: {scratch}\n" if wrong and keep else ""), False
    finally:
        if not keep:
            shutil.rmtree(scratch)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--homes", type=int, default=120)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    seed = options.seed
    if seed is None:
        seed = random.SystemRandom().randrange(1 << 32)
    print(f"# seed {seed}")
    failed = refused = 0
    for count in range(options.homes):
        wrong, skipped = try_home(program, seed + count, options.keep)
        refused += skipped
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {count + 1} - "
              f"seed {seed + count}{', refused by stow' if skipped else ''}")
        for line in wrong.splitlines():
            print(f"# {line}")
    some = refused < options.homes or options.homes == 0
    print(f"{'ok' if some else 'not ok'} {options.homes + 1} - "
          "some homes can be stowed")
    print(f"1..{options.homes + 1}")
    return 1 if failed or not some else 0


if __name__ == "__main__":
    sys.exit(main())
