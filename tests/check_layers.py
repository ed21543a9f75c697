#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_layers.py - hold the #includes to the layers of docs/architecture.md

    check_layers.py ROOT         check ROOT/src and ROOT/include
    check_layers.py --self-test  show that each kind of fault is found

A folder of src/ is a layer. A file includes its own layer and lower ones;
layers of one rank never include each other. Public headers include only
public headers. System calls are made in src/platform alone, so every header
that declares one is refused elsewhere: what may be included is listed, so
that a header nobody thought of is refused too.

Prints TAP, one line for each file.
"""

import pathlib
import re
import sys
import tempfile

RANKS = [
    {"base"},
    {"platform"},
    {"resolve"},
    {"manifest", "ledger", "observe"},
    {"plan"},
    {"apply"},
    {"cli"},
]
RANK = {layer: rank for rank, layers in enumerate(RANKS) for layer in layers}

# ISO C without what talks to the system by itself (signal.h, time.h, ...).
PURE = {
    "assert.h", "ctype.h", "errno.h", "float.h", "inttypes.h", "limits.h",
    "stdalign.h", "stdarg.h", "stdbool.h", "stddef.h", "stdint.h",
    "stdio.h", "stdlib.h", "stdnoreturn.h", "string.h", "strings.h",
    "wchar.h", "wctype.h",
}  # fmt: skip

# Others, and the layers (or single files) that may have them.
ANY = set(RANK)
SPECIAL = {
    "fnmatch.h": {"manifest"},
    "getopt.h": {"cli"},
    "jansson.h": ANY - {"base", "platform", "resolve"},
    "locale.h": {"cli"},
    "stdatomic.h": ANY,
    "threads.h": {"platform"},
    "pthread.h": {"platform"},
    "utlist.h": ANY,
    "xxhash.h": ANY,
    "yaml.h": {"manifest/parse.h"},
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)


def includes(path):
    """The #includes of a file as (line, name), comments left out."""
    text = path.read_text(encoding="utf-8", errors="replace")

    # A comment goes, its lines stay, so that line numbers are right.
    text = COMMENT.sub(lambda m: "\n" * m.group().count("\n"), text)
    for match in INCLUDE.finditer(text):
        yield text.count("\n", 0, match.start(2)) + 1, match.group(2)


def fault_of_public(name):
    if name.startswith("linkfarm/") or name in PURE:
        return None
    return f"a public header includes <{name}>, which is not public"


def fault_of_source(layer, file, name):
    """Why `file` (LAYER/NAME) must not include `name`, or None."""
    if name.startswith("linkfarm/"):
        return None
    folder, slash, _ = name.partition("/")
    if not slash and (file.parent / name).exists():
        return None
    if slash and folder in RANK:
        if folder == layer or RANK[folder] < RANK[layer]:
            return None
        way = "sideways" if RANK[folder] == RANK[layer] else "upward"
        return f"{way}: {layer} must not include {name}"
    if layer == "platform" or name in PURE:
        return None
    allowed = SPECIAL.get(name, set())
    if layer in allowed or f"{layer}/{file.name}" in allowed:
        return None
    if allowed:
        return f"<{name}> belongs to {', '.join(sorted(allowed))} alone"
    return f"<{name}> is for src/platform alone"


def check_file(root, file):
    parts = file.relative_to(root).parts
    faults = []
    if parts[0] == "src" and parts[1] not in RANK:
        return [f"{'/'.join(parts[:2])} is not a layer"]
    for line, name in includes(file):
        if parts[0] == "include":
            fault = fault_of_public(name)
        else:
            fault = fault_of_source(parts[1], file, name)
        if fault:
            faults.append(f"{file.relative_to(root)}:{line}: {fault}")
    return faults


def check_tree(root):
    """Yield (file, faults) for each source file of a checkout."""
    for top in ("include", "src"):
        for file in sorted((root / top).rglob("*.[ch]")):
            yield file.relative_to(root), check_file(root, file)


SELF_TEST = [
    ("a lower layer may be included", "plan/a.c", '"base/x.h"', None),
    ("a public header may be included", "base/a.c", "<linkfarm/x.h>", None),
    ("its own layer may be included", "plan/a.c", '"plan/x.h"', None),
    ("a neighbour file may be included", "plan/a.c", '"a.h"', None),
    ("platform may call the system", "platform/a.c", "<fcntl.h>", None),
    ("the syntax reader has yaml.h", "manifest/parse.h", "<yaml.h>", None),
    ("upward is refused", "plan/a.c", '"apply/x.h"', "upward"),
    ("upward from base is refused", "base/a.c", '"platform/fs.h"', "upward"),
    ("upward in a header is refused", "plan/b.h", '"cli/x.h"', "upward"),
    ("sideways is refused", "ledger/a.c", '"observe/x.h"', "sideways"),
    ("a path with .. is refused", "plan/a.c", '"../apply/x.h"', "alone"),
    ("fcntl.h is refused", "apply/a.c", "<fcntl.h>", "platform alone"),
    ("unistd.h is refused", "cli/a.c", "<unistd.h>", "platform alone"),
    ("sys/stat.h is refused", "observe/a.c", "<sys/stat.h>", "alone"),
    ("time.h is refused", "cli/a.c", "<time.h>", "platform alone"),
    ("an unknown header is refused", "plan/a.c", "<odd.h>", "alone"),
    ("yaml.h elsewhere is refused", "manifest/b.c", "<yaml.h>", "alone"),
    ("a folder that is no layer is refused", "odd/a.c", "<stdio.h>", "layer"),
    ("a public header keeps to itself", "../include/linkfarm/b.h",
     '"base/x.h"', "not public"),
]  # fmt: skip


def self_test():
    failed = 0
    print(f"1..{len(SELF_TEST) + 1}")
    for number, (law, file, name, want) in enumerate(SELF_TEST, 1):
        with tempfile.TemporaryDirectory(prefix="lf-layers-") as scratch:
            root = pathlib.Path(scratch)
            path = root / "src" / file
            (root / "src").mkdir()
            path.parent.mkdir(parents=True)
            path.with_name("a.h").write_text("")
            path.resolve().write_text(f"/* x */\n#include {name}\n")
            faults = [f for _, found in check_tree(root) for f in found]
        good = not faults if want is None else (
            bool(faults) and all(want in fault for fault in faults)
        )
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {law}")
        if not good:
            print(f"# got {faults}")
    with tempfile.TemporaryDirectory(prefix="lf-layers-") as scratch:
        path = pathlib.Path(scratch) / "a.c"
        path.write_text("/*\n#include <a.h>\n*/\n// #include <b.h>\n"
                        "#  include\t<c.h>\n")
        good = list(includes(path)) == [(5, "c.h")]
    failed += not good
    print(f"{'ok' if good else 'not ok'} {len(SELF_TEST) + 1} "
          "- an include in a comment is none")
    return failed != 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 64
    results = list(check_tree(pathlib.Path(arguments[0]).resolve()))
    print(f"1..{len(results)}")
    for number, (file, faults) in enumerate(results, 1):
        print(f"{'not ok' if faults else 'ok'} {number} - layers: {file}")
        for fault in faults:
            print(f"# {fault}")
    return any(faults for _, faults in results) or not results


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
