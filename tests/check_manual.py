#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_manual.py - hold linkfarm(1), the README and the program equal

    check_manual.py SOURCE_ROOT --program LINKFARM

Every command and option that `linkfarm help` lists is explained in linkfarm(1),
every command stands in the README's table, and neither knows one that the
program does not. Prints TAP.
"""

import argparse
import pathlib
import re
import subprocess
import sys


def help_of(program, *words):
    return subprocess.run([program, "help", *words], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def commands_of(program):
    listed = help_of(program).split("\nCommands\n")[1].split("\n\n")[0]
    return re.findall(r"(?m)^  ([a-z]+)(?= |$)", listed)


def options_of(program, command):
    """{--long, -l} of a command."""
    found = set()
    for line in help_of(program, command).split("\nOptions\n")[1].splitlines():
        found |= set(re.findall(r"^  (?:(-\w), |    )(--[a-z-]+)", line)[0]
                     if re.match(r"^  (?:-\w, |    )--", line) else ())
    return found - {""}


def section(text, title):
    return re.search(rf"(?ms)^# {title}\n(.*?)(?=^# |\Z)", text).group(1)


def terms(text):
    """The lines of a scdoc page that have an explanation below them."""
    return re.findall(r"(?m)^(\*.*)\n(?=\t)", text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root")
    parser.add_argument("--program", required=True)
    asked = parser.parse_args()
    root = pathlib.Path(asked.root)
    page = (root / "docs/man/linkfarm.1.scd").read_text(encoding="utf-8")
    readme = (root / "README.md").read_text(encoding="utf-8")
    commands = set(commands_of(asked.program))
    options = {x for c in commands for x in options_of(asked.program, c)}
    explained = {name for line in terms(section(page, "COMMANDS"))
                 for name in re.findall(r"(?:^|, )\*([a-z]+)\*", line)}
    table = re.search(r"(?ms)^## Commands\n(.*?)^## ", readme).group(1)
    named = {name for line in re.findall(r"(?m)^\| (`.*?) \|", table)
             for name in re.findall(r"`([a-z]+)", line)}
    in_page = set(re.findall(r"(?<![\w-])--?[a-zA-Z][a-z-]*", re.sub(
        r"(?ms)^# (FIXTURES|SEE ALSO)\n.*?(?=^# )", "", page)))
    laws = [
        ("every command is explained in linkfarm(1), and no other",
         commands ^ explained),
        ("every command stands in the README's table, and no other",
         commands ^ named),
        ("every option stands in linkfarm(1)", options - in_page),
        ("linkfarm(1) names no option that there is not",
         {x for x in in_page if x.startswith("--")} - options),
        ("there are commands and options at all",
         set() if len(commands) > 10 and len(options) > 20 else {"none"}),
    ]
    for number, (title, differing) in enumerate(laws, 1):
        print(f"{'not ok' if differing else 'ok'} {number} - {title}")
        for name in sorted(differing):
            print(f"#   {name}")
    print(f"1..{len(laws)}")
    return 1 if any(differing for _, differing in laws) else 0


if __name__ == "__main__":
    sys.exit(main())
