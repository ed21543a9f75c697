# SPDX-License-Identifier: MIT
"""Random lists of patterns against random names: ours and git's answers.

usage: pattern_oracle.py PATTERN_MATCH [SEED [LISTS]]

For each name both must name the same line of the list as the deciding one.
Prints TAP. Differences are printed with all that is needed to see them again.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile

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
          b"[[:cntrl:]]", b"[[:graph:]]", b"[[:xdigit:]]", b"[[a]", b"[\\",
          b"\\/", b"[a-\\c]", b"[c-a]", b"[[:alpha:]-c]"]


def random_name(rng):
    length = rng.choice([1, 1, 2, 2, 3, 4])
    while True:
        name = b"".join(rng.choices(ALPHABET, NAME_WEIGHTS, k=length))
        if name not in (b".", b"..", b".git", b".gitignore"):
            return name


def make_tree(rng, top):
    """Directories three deep with files; returns (path, is_dir) pairs."""
    paths, dirs = [], [b""]
    while len(paths) < 220:
        parent = rng.choice(dirs)
        path = os.path.join(parent, random_name(rng))
        full = os.path.join(top, path)
        if os.path.lexists(full):
            continue
        is_dir = parent.count(b"/") < 3 and rng.random() < 0.35
        if is_dir:
            os.mkdir(full)
            dirs.append(path)
        else:
            open(full, "wb").close()
        paths.append((path, is_dir))
    return paths


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
    text = (b"!" if rng.random() < 0.25 else b"") + \
        (b"/" if rng.random() < 0.15 else b"") + text + \
        (b"/" if rng.random() < 0.15 else b"") + \
        (b" " if rng.random() < 0.05 else b"")
    return text.replace(b"\n", b"?").replace(b"\r", b"?")


def git_answers(top, patterns, paths):
    with open(os.path.join(top, b".gitignore"), "wb") as file:
        file.write(b"".join(p + b"\n" for p in patterns))
    env = dict(os.environ, GIT_CONFIG_NOSYSTEM="1", HOME=os.fsdecode(top),
               XDG_CONFIG_HOME=os.fsdecode(top))
    for name in [n for n in env if n.startswith("GIT_") and
                 n != "GIT_CONFIG_NOSYSTEM"]:
        del env[name]
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", "-v", "-n", "-z", "--stdin"],
        cwd=top, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        input=b"".join(b"./" + p + b"\0" for p, _ in paths), check=False)
    if done.returncode not in (0, 1):
        sys.exit("git: " + done.stderr.decode(errors="replace"))
    fields = done.stdout.split(b"\0")
    return [int(line or 0) for line in fields[1::4]]


def our_answers(program, lists, paths):
    records = []
    for patterns in lists:
        records.append(b"n")
        records += [b"p" + p for p in patterns]
        records += [(b"d" if is_dir else b"f") + p for p, is_dir in paths]
    done = subprocess.run([program], input=b"".join(r + b"\0" for r in records),
                          stdout=subprocess.PIPE, check=True)
    answers = [int(a) for a in done.stdout.split()]
    return [answers[i:i + len(paths)]
            for i in range(0, len(answers), len(paths))]


def compare(program, seed, count, top):
    rng = random.Random(seed)
    paths = make_tree(rng, top)
    subprocess.run(["git", "init", "-q", "."], cwd=top, check=True)
    lists = [[random_pattern(rng, paths) for _ in range(rng.randrange(1, 9))]
             for _ in range(count)]
    wrong = decided = 0
    for patterns, ours in zip(lists, our_answers(program, lists, paths)):
        theirs = git_answers(top, patterns, paths)
        assert len(theirs) == len(ours) == len(paths)
        for (path, is_dir), our, their in zip(paths, ours, theirs):
            decided += their != 0
            if our == their:
                continue
            wrong += 1
            if wrong <= 20:
                print(f"# {path!r} dir={is_dir}: ours {our}, git {their}, "
                      f"patterns {patterns!r}")
    print(f"# seed {seed}: {count} lists, {count * len(paths)} questions, "
          f"{decided} decided, {wrong} different")
    return wrong == 0


def main():
    program = os.path.abspath(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 300
    print("1..1")
    if not shutil.which("git"):
        print("ok 1 # SKIP git is missing")
        return
    with tempfile.TemporaryDirectory() as top:
        good = compare(program, seed, count, os.fsencode(top))
    print("ok 1" if good else "not ok 1", "- patterns decide as git's do")


main()
