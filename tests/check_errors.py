#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_errors.py - hold docs/errors.md and include/linkfarm/codes.h equal

    check_errors.py SOURCE_ROOT

Each code has one section, in order, with its meaning and exit status in the
heading, an explanation, an example and a cure; and there is no other section.
Each code is used: it stands somewhere in src besides the table. Prints TAP.
"""

import pathlib
import re
import sys

CODE = re.compile(
    r'LF_CODE_ENUM\(\s*(\d+),\s*(\w+),\s*(\d+),\s*"((?:[^"\\]|\\.)*)"\)')


def sections(text):
    found = {}
    for part in re.split(r"(?m)^## ", text)[1:]:
        heading, _, body = part.partition("\n")
        found[heading] = body
    return found


def complaint(body):
    paragraphs = [p for p in body.strip().split("\n\n") if p.strip()]
    if not paragraphs or paragraphs[0].startswith("-"):
        return "no explanation"
    for word in ("- Example: ", "- Cure: "):
        if not re.search(rf"(?m)^{word}\S", body):
            return f"no line '{word}'"
    return ""


def main():
    root = pathlib.Path(sys.argv[1])
    codes = CODE.findall((root / "include/linkfarm/codes.h").read_text())
    found = sections((root / "docs/errors.md").read_text())
    sources = "".join(path.read_text() for path in (root / "src").rglob("*.[ch]"))
    headings, failed, count = list(found), 0, 0
    wanted = [f"LF{int(n):03d} {meaning} [{status}]"
              for n, _, status, meaning in codes]
    for heading, (_, name, _, _) in zip(wanted, codes):
        count += 1
        why = "no such section" if heading not in found else complaint(found[heading])
        if not why and not re.search(rf"\bLF_CODE_{name}\b", sources):
            why = f"LF_CODE_{name} is used nowhere"
        failed += bool(why)
        print(f"{'not ok' if why else 'ok'} {count} - {heading}{': ' if why else ''}{why}")
    count += 1
    same = headings == wanted
    failed += not same
    print(f"{'ok' if same else 'not ok'} {count} - the sections, and their order")
    print(f"1..{count}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
