#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""pattern_oracle.py - random patterns against random names: ours and git's answers

    pattern_oracle.py PATTERN_MATCH [--lists N] [--seed SEED]

For each name both must name the same line of the list as the one that decides.
Each kind of pattern must have decided some name, so that none is left out by
chance or by mistake. Differences are printed with all that is needed to see
them again. Prints TAP.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile

TREES = 4   # the lists are spread over so many trees of names
GROUP = 25  # lists that git answers for at once, each in a copy of the tree
NAMES = 60  # in a tree

ALPHABET = [b"a", b"b", b"c", b"A", b"-", b".", b" ", b"!", b"#", b"]", b"[",
            b"^", b"\\", b"*", b"?", b"\xff", b"\xc3\xa9", b"\n", b"\t", b"0",
            b"\x0b", b"~", b":"]
NAME_WEIGHTS = [12, 12, 8, 3, 2, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 1, 1, 2,
                1, 1, 1]
PIECES = [b"*", b"?", b"**", b"**/", b"/**", b"/", b"a", b"b", b"c", b"ab",
          b"*a", b"b*", b"[ab]", b"[!a]", b"[^b]", b"[a-c]", b"[]a]", b"[!]a]",
          b"[[:alpha:]]", b"[[:digit:]a]", b"[[:space:]]", b"[[:punct:]]",
          b"[![:lower:]]", b"[[:nope:]]", b"[a", b"[a-]", b"[-a]", b"[a\\]]",
          b"[\\]-c]", b"\\", b"\\*", b"\\a", b"\\!", b"\\#", b"\xff", b"\xc3",
          b".", b" ", b"\\ ", b"***", b"[[:alpha:", b"[a-[:alpha:]]", b"[/]",
          b"[a/b]", b"[*]", b"[?]", b"!", b"#", b"A", b"-", b"0", b"a/b",
          b"\\#a", b"\\!a", b"  ", b"\\  ", b"\t", b"[\x80-\xff]", b"[^\xc3]",
          b"a**", b"**b", b"a/**/b", b"/**/", b"*/", b"B", b"[A-Z]", b"[[:cntrl:]]", b"[[:graph:]]", b"[[:xdigit:]]", b"[[a]", b"[\\",
          b"\\/", b"[a-\\c]", b"[c-a]", b"[[:alpha:]-c]"]


def random_name(rng):
    length = rng.choice([1, 1, 2, 2, 3, 4])
    while True:
        name = b"".join(rng.choices(ALPHABET, NAME_WEIGHTS, k=length))
        if name not in (b".", b"..", b".git", b".gitignore"):
            return name


def random_tree(rng):
    """Directories three deep with files, as (path, is_dir)."""
    paths, dirs = {b"#a": False, b"!b": False}, [b""]
    while len(paths) < NAMES:
        parent = rng.choice(dirs)
        path = os.path.join(parent, random_name(rng))
        if path in paths:
            continue
        paths[path] = parent.count(b"/") < 3 and rng.random() < 0.35
        if paths[path]:
            dirs.append(path)
    return list(paths.items())


def random_pattern(rng, paths):
    """Half made of pieces, half a real path bent a little."""
    if rng.random() < 0.5:
        text = b"".join(rng.choices(PIECES, k=rng.choice([1, 2, 2, 3, 4, 5])))
    else:
        text = rng.choice(paths)[0]
        if rng.random() < 0.4:
            text = text.split(b"/")[-1]
        for _ in range(rng.randrange(3)):
            at = rng.randrange(len(text) + 1)
            text = text[:at] + rng.choice(PIECES) + text[at + rng.randrange(3):]
    if rng.random() < 0.03:
        text = rng.choice([b"\\#a", b"\\!b", b"\\#*", b"\\!?"])
    text = (b"!" if rng.random() < 0.25 else b"") + \
        (b"/" if rng.random() < 0.15 else b"") + text + \
        (b"/" if rng.random() < 0.15 else b"") + \
        (b" " if rng.random() < 0.05 else b"")
    return text.replace(b"\n", b"?").replace(b"\r", b"?")


def features(pattern):
    """What is special about a pattern that has decided a name."""
    body = pattern.rstrip(b" ")
    names = {
        "negation": body.startswith(b"!"),
        "directories only": body.endswith(b"/"),
        "anchored": b"/" in body[:-1],
        "two stars": b"**" in body,
        "a bracket": b"[" in body and b"]" in body,
        "a class": b"[:" in body,
        "an escape": b"\\" in body,
        "a first # or ! escaped": body.startswith((b"\\#", b"\\!")),
        "spaces at the end": pattern.endswith(b" "),
        "capital letters": body != body.lower(),
        "bytes that are not UTF-8": b"\xff" in body or b"\xc3" in body,
    }
    return [name for name, holds in names.items() if holds]


FEATURES = 11


def git(top, *arguments, text=b""):
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    env.update(GIT_CONFIG_NOSYSTEM="1", HOME=os.fsdecode(top),
               XDG_CONFIG_HOME=os.fsdecode(top))
    done = subprocess.run(["git", *arguments], cwd=top, env=env, input=text,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    if done.returncode not in (0, 1):
        sys.exit("git: " + done.stderr.decode(errors="replace"))
    return done.stdout


def make_copies(top, paths):
    """The tree, once for each list of a group."""
    for i in range(GROUP):
        for path, is_dir in paths:
            full = os.path.join(top, b"%d" % i, path)
            os.makedirs(full if is_dir else os.path.dirname(full), exist_ok=True)
            if not is_dir:
                os.close(os.open(full, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC))
    git(top, "init", "-q", ".")


def git_answers(top, group, paths):
    """For each list and name the number of the line that decides, or 0."""
    for i, patterns in enumerate(group):
        with open(os.path.join(top, b"%d" % i, b".gitignore"), "wb") as file:
            file.write(b"".join(p + b"\n" for p in patterns))
    asked = b"".join(b"./%d/%s\0" % (i, path)
                     for i in range(len(group)) for path, _ in paths)
    fields = git(top, "check-ignore", "--no-index", "-v", "-n", "-z", "--stdin",
                 text=asked).split(b"\0")
    lines = [int(line or 0) for line in fields[1::4]]
    assert len(lines) == len(group) * len(paths)
    return [lines[i:i + len(paths)] for i in range(0, len(lines), len(paths))]


def our_answers(program, lists, paths):
    records = []
    for patterns in lists:
        records.append(b"n")
        records += [b"p" + p for p in patterns]
        records += [(b"d" if is_dir else b"f") + p for p, is_dir in paths]
    done = subprocess.run([program], input=b"".join(r + b"\0" for r in records),
                          stdout=subprocess.PIPE, check=True)
    answers = [int(a) for a in done.stdout.split()]
    assert len(answers) == len(lists) * len(paths)
    return [answers[i:i + len(paths)]
            for i in range(0, len(answers), len(paths))]


class Comparison:
    def __init__(self, program, seed):
        self.program = program
        self.rng = random.Random(seed)
        self.lists = self.asked = self.decided = self.wrong = 0
        self.seen = {}

    def compare(self, patterns, paths, ours, theirs):
        self.lists += 1
        self.asked += len(paths)
        for (path, is_dir), our, their in zip(paths, ours, theirs):
            if their:
                self.decided += 1
                for name in features(patterns[their - 1]):
                    self.seen[name] = self.seen.get(name, 0) + 1
            if our == their:
                continue
            self.wrong += 1
            if self.wrong <= 20:
                print(f"# {path!r} dir={is_dir}: ours {our}, git {their}, "
                      f"patterns {patterns!r}")

    def tree(self, top, count):
        paths = random_tree(self.rng)
        make_copies(top, paths)
        for first in range(0, count, GROUP):
            group = [[random_pattern(self.rng, paths)
                      for _ in range(self.rng.randrange(1, 9))]
                     for _ in range(min(GROUP, count - first))]
            ours = our_answers(self.program, group, paths)
            for answer in zip(group, ours, git_answers(top, group, paths)):
                self.compare(answer[0], paths, answer[1], answer[2])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--lists", type=int, default=2000)
    parser.add_argument("--seed", type=int,
                        default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    print(f"# seed {options.seed}")
    if not shutil.which("git"):
        print("# SKIP-REASON patterns: git is missing")
        print("1..1\nok 1 - patterns decide as git's do # SKIP git is missing")
        return 0
    comparison = Comparison(os.path.abspath(options.program), options.seed)
    for _ in range(TREES):
        with tempfile.TemporaryDirectory(prefix="linkfarm-patterns-") as top:
            comparison.tree(os.fsencode(top), options.lists // TREES)
    print(f"# {comparison.lists} lists, {comparison.asked} questions, "
          f"{comparison.decided} decided, {comparison.wrong} different")
    print("# decided by " + ", ".join(
        f"{name}: {n}" for name, n in sorted(comparison.seen.items())))
    laws = [("patterns decide as git's do", comparison.wrong == 0),
            ("every kind of pattern has decided something",
             len(comparison.seen) == FEATURES)]
    print(f"1..{len(laws)}")
    for i, (law, holds) in enumerate(laws):
        print(f"{'ok' if holds else 'not ok'} {i + 1} - {law}")
    return 0 if all(holds for _, holds in laws) else 1


if __name__ == "__main__":
    sys.exit(main())
