#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_readme.py - the README's manifest and session are what really happens

    check_readme.py SOURCE_ROOT --program LINKFARM [--update]

Takes the ```yaml manifest, runs the commands of the ```console session in a
scratch home, and compares what they print. Prints TAP, a line a command.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FILES = ["vim/vimrc", "config/git/config", "config/htop/htoprc"]


def block(text, kind):
    return re.search(rf"(?ms)^```{kind}\n(.*?)^```", text).group(1)


def commands(session):
    found = []
    for line in session.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def play(text, program, scratch):
    """Yield (command, wanted lines, got lines)."""
    home = os.path.join(scratch, "home")
    farm = os.path.join(home, "dotfiles")
    for name in FILES:
        path = pathlib.Path(farm, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name + "\n")
    pathlib.Path(farm, "linkfarm.yaml").write_text(block(text, "yaml"))
    env = {"HOME": home, "LC_ALL": "C.UTF-8", "XDG_STATE_HOME": scratch + "/state",
           "PATH": os.path.dirname(program) + ":/usr/bin:/bin"}
    for command, wanted in commands(block(text, "console")):
        done = subprocess.run(["sh", "-c", command], cwd=farm, env=env, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=False, timeout=60)
        yield command, wanted, done.stdout.replace(home, "~").splitlines()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root")
    parser.add_argument("--program", required=True)
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args()
    readme = pathlib.Path(options.root, "README.md")
    text = readme.read_text(encoding="utf-8")
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="linkfarm-readme-"))
    failed, session, count = 0, "", 0
    try:
        for command, wanted, got in play(text, os.path.abspath(options.program),
                                         scratch):
            count += 1
            session += "".join(line + "\n" for line in ["$ " + command, *got])
            same = wanted == got
            failed += not same
            print(f"{'ok' if same else 'not ok'} {count} - {command}")
            if not same:
                print("".join(f"#   {line}\n" for line in got), end="")
    finally:
        shutil.rmtree(scratch)
    print(f"1..{count}")
    if options.update and failed:
        readme.write_text(text.replace(block(text, "console"), session),
                          encoding="utf-8")
        return 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
