#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_json.py - every line that --json prints, against docs/output-1.schema.json

    check_json.py SOURCE_ROOT --program LINKFARM

Plays a farm's life with --json at every command, and validates each line with
python3-jsonschema; members that are rare have to be printed. Prints TAP, a line
a command.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import jsonschema

HEAD = "version: 1\nname: t\ninto: ~/\n"
ODD = "odd\udcff.yaml"


def write_odd(home, text):
    pathlib.Path(home, "../farm", ODD).write_text(HEAD + text, encoding="utf-8")


LIFE = [
    (HEAD + "links: {x: nosuch}\n", ["plan"]),
    (HEAD + "links: {x: nosuch}\n", ["check"]),
    (HEAD + "lnks: {x: nosuch}\n", ["check"]),
    (HEAD + "policy: {deny: [dangling, escape]}\n"
     "links: {x: {to: /nosuch, dangling: allow, when: {not: {os: plan9}}},"
     " y: {from: a, when: {os: plan9}}}\n", ["check"]),
    (HEAD + "links: {x: a, mine: a}\n", ["plan"]),
    (HEAD + "links: {x: a, mine: a}\n", ["check"]),
    (HEAD + "links: {x: a, mine: {from: a, conflict: skip}}\n", ["apply", "-v"]),
    (HEAD + "links: {x: b, mine: {from: a, conflict: backup}, d/y: a}\n"
     "trees: [{from: odd}]\n", ["apply", "-v"]),
    (None, ["apply", "-v", "--var=V=x"]),
    (None, ["why", "~/mine"]),
    (None, ["status"]),
    (HEAD + "dirs: {d: {mode: \"0700\"}, e: {mode: \"0700\"}}\nlinks: {z: a}\n",
     ["plan", "-v"]),
    (None, ["status", "-v"]),
    (None, ["status", "--name", "t"]),
    (None, ["apply"]),
    (None, ["status"], lambda home: (os.remove(f"{home}/z"),
                                     os.mkdir(f"{home}/z"))),
    (None, ["status"], lambda home: os.rmdir(f"{home}/z")),
    (None, ["status"], lambda home: os.symlink("else", f"{home}/z")),
    (None, ["apply"], lambda home: os.remove(f"{home}/z")),
    (None, ["history"]),
    (None, ["history", "-v"]),
    (None, ["init", "other.yaml"]),
    (None, ["init", "-n"]),
    (None, ["list"]),
    (None, ["resolve", "~/z"]),
    (None, ["resolve", "~/none"]),
    (None, ["resolve", "/proc/self/exe"]),
    (None, ["resolve", "--in-root=/", "/../x"]),
    (None, ["resolve", "--fixture=@/tests/vectors/win_resolve.jsonl#SW001",
            "C:\\alpha\\beta\\absLink\\gamma\\file"]),
    (None, ["resolve", "--fixture=@/tests/vectors/win_resolve.jsonl#SW001",
            "C:\\alpha\\beta\\bad\\x"]),
    (None, ["why", "~/z"]),
    (None, ["rollback", "1"]),
    (None, ["rollback", "-n"]),
    (None, ["recover"]),
    (None, ["doctor"]),
    (None, ["import", "links", "~"]),
    (None, ["import", "stow", "odd"]),
    (None, ["adopt", "~/own", "--into", "~/e/"]),
    (None, ["adopt", "~/own", "--into", "~/e", "-n"]),
    (None, ["unmanaged", "~"]),
    (None, ["remove", "-n"]),
    (None, ["gc", "-n", "--keep", "1"]),
    (None, ["remove"]),
    (None, ["history"], lambda home: pathlib.Path(
        home, "../state/linkfarm/farms/t/1").write_text("", encoding="utf-8")),
    (None, ["gc", "--keep", "1"]),
    (None, ["version"]),
    (None, ["--version"]),
    # what is not UTF-8 has its exact bytes beside it
    (None, ["plan", ODD], lambda home: write_odd(
        home, "links: {x: nosuch, y: {from: a, when: {not: {os: plan9}}}}\n")),
    (None, ["check", ODD]),
    (None, ["check", ODD], lambda home: write_odd(home, "links: {x: []}\n")),
    (None, ["status", ODD], lambda home: write_odd(
        home, "links: {x: a, mine: {from: b, conflict: adopt}}\n")),
    (None, ["apply", "--state-dir=~/state\udcff", ODD]),
    (None, ["list", "-v", "--state-dir=~/state\udcff"]),
    (None, ["plan", "--root=~/e\udcff", ODD],
     lambda home: os.mkdir(f"{home}/e\udcff")),
]

# Printed at least once, besides every type.
MEMBERS = {
    "check.conditions.at_b64", "check.diagnostics.file_b64",
    "check.findings.at_b64", "check.manifest_b64", "finding.at_b64",
    "history.generations.damaged",
    "list.farms.items.displaced", "list.farms.items.text",
    "list.farms.manifest_b64", "list.state_dir_b64", "status.entries.at_b64",
    "version.manifest_b64", "version.root_b64", "version.state_dir_b64",
    "version.vars", "why.owners.column", "why.owners.displaced",
    "why.owners.file", "why.owners.text",
}


def members_of(value, path):
    """The paths of all members, with dots."""
    if isinstance(value, list):
        return set().union(*(members_of(item, path) for item in value))
    if not isinstance(value, dict):
        return {path}
    return {path}.union(*(members_of(item, f"{path}.{key}")
                          for key, item in value.items()))


def left_open(schema, path):
    """What may hold members or items of which the schema says nothing."""
    if isinstance(schema, list):
        return [p for i, item in enumerate(schema)
                for p in left_open(item, f"{path}.{i}")]
    if not isinstance(schema, dict):
        return []
    open_ = {"array": "items", "object": "additionalProperties"}
    found = [path for kind, key in open_.items()
             if kind in (schema.get("type"), *schema.get("type", ()))
             and key not in schema]
    return found + [p for key, value in schema.items()
                    for p in left_open(value, f"{path}.{key}")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root")
    parser.add_argument("--program", required=True)
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    root = os.path.abspath(options.root)
    schema = json.loads(pathlib.Path(options.root, "docs/output-1.schema.json")
                        .read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="linkfarm-json-"))
    home, farm = os.path.join(scratch, "home"), os.path.join(scratch, "farm")
    failed, seen, members = 0, set(), set()
    try:
        os.makedirs(os.path.join(farm, "odd"))
        os.makedirs(os.path.join(home, "e"))
        for name in ("farm/a", "farm/b", "home/mine", "home/own"):
            pathlib.Path(scratch, name).write_text(name, encoding="utf-8")
        with open(os.path.join(os.fsencode(farm), b"odd", b"\xff\xfe"), "wb"):
            pass
        env = {"HOME": home, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8",
               "XDG_STATE_HOME": os.path.join(scratch, "state")}
        for number, (manifest, words, *happens) in enumerate(LIFE, 1):
            for happen in happens:
                happen(home)
            if manifest:
                pathlib.Path(farm, "linkfarm.yaml").write_text(
                    manifest, encoding="utf-8")
            words = [w.replace("~", home).replace("=@", "=" + root)
                     for w in words]
            done = subprocess.run([program, *words, "--json"], cwd=farm, env=env,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  check=False, timeout=60)
            lines = done.stdout.decode("utf-8").splitlines()
            faults = [] if lines else ["nothing was printed"]
            for line in lines:
                value = json.loads(line)
                seen.add(value.get("type"))
                members |= members_of(value, value.get("type"))
                error = jsonschema.exceptions.best_match(
                    validator.iter_errors(value))
                if error:
                    faults += [error.message[:300], line[:300]]
            failed += bool(faults)
            name = " ".join(words).replace("\udcff", "\\xff")
            print(f"{'not ok' if faults else 'ok'} {number} - {name}")
            for fault in faults[:6]:
                print(f"#   {fault}")
    finally:
        shutil.rmtree(scratch)
    branches = [schema["definitions"][ref["$ref"].rpartition("/")[2]]
                for ref in schema["oneOf"]]
    types = {branch["properties"]["type"]["const"] for branch in branches}
    wanted = (("every type is printed", types - seen - {"conflict"}),
              ("every rare member is printed", MEMBERS - members),
              ("the schema says what is in each list and object",
               left_open(schema["definitions"], "definitions")))
    for number, (what, left) in enumerate(wanted, len(LIFE) + 1):
        failed += bool(left)
        print(f"{'not ok' if left else 'ok'} {number} - {what}")
        if left:
            print(f"#   but for: {', '.join(sorted(left))}")
    print(f"1..{len(LIFE) + len(wanted)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
