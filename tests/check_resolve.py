#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_resolve.py - `resolve --fixture`, held to the vectors

    check_resolve.py SOURCE_ROOT --program LINKFARM

Asks every `resolve` case of tests/vectors of the program, by its id, and
compares what `--json` prints and the exit status. A case that needs what no
option says (a user, RESOLVE_NO_SYMLINKS, RESOLVE_NO_XDEV) is left out, and
counted. A sample is asked again as block YAML. Prints TAP, a line a file.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

TYPES = {"dir": "directory", "missing": "nothing", "other": "special file"}
FIELDS = ["error", "format", "kind", "links", "mount", "path", "trace", "type"]
STEP = ["at", "becomes", "text"]
WIN32 = {2: "ERROR_FILE_NOT_FOUND", 3: "ERROR_PATH_NOT_FOUND",
         5: "ERROR_ACCESS_DENIED", 67: "ERROR_BAD_NET_NAME",
         123: "ERROR_INVALID_NAME", 267: "ERROR_DIRECTORY",
         1463: "ERROR_SYMLINK_CLASS_DISABLED",
         1921: "ERROR_CANT_RESOLVE_FILENAME",
         4392: "ERROR_INVALID_REPARSE_DATA"}


def options_of(case):
    """The command line for the options of a case; None if there is none."""
    opts = case["opts"]
    if {"uid", "no_symlinks", "no_xdev"} & opts.keys():
        return None
    words = []
    if opts.get("follow") is False:
        words.append("--no-follow")
    if opts.get("missing") == "final_ok":
        words.append("--allow-missing")
    if "scope" in opts:
        words.append(f"--{opts['scope'].replace('_', '-')}={opts['root']}")
    return words


def ask(program, fixture, case, words):
    command = [program, "resolve", "--json", f"--fixture={fixture}", *words]
    return subprocess.run([*command, "--", case["path"]], check=False,
                          capture_output=True, text=True, timeout=60)


def wanted(case):
    expect = case["expect"]
    if "error" in expect:
        return {"error": WIN32.get(expect.get("win32"), expect["error"])}
    want = {"error": None, "links": expect["links"],
            "kind": TYPES.get(expect["type"], expect["type"])}
    if case["flavour"] == "windows":
        volume = expect["volume"]
        if volume[:6].lower() == "volume":
            volume = "\\\\?\\" + volume
        want |= {"path": expect["final"], "rewritten": expect["result"],
                 "mount": volume}
    else:
        want |= {"path": expect["path"], "mount": expect["mount"]}
    return want


def complaint(case, run):
    if run.returncode not in (0, 1) or run.stderr:
        return f"exit {run.returncode}: {run.stderr}"
    got = json.loads(run.stdout)
    windows = case["flavour"] == "windows"
    if sorted(got) != sorted(FIELDS + ["rewritten"] * windows):
        return f"fields {sorted(got)}"
    want = wanted(case)
    for key, value in want.items():
        if got[key] != value:
            return f"{key} is {got[key]!r}, not {value!r}"
    if run.returncode != (want["error"] is not None):
        return f"exit {run.returncode}"
    if any(sorted(set(step) - {"flags"}) != STEP for step in got["trace"]):
        return f"steps {got['trace']}"
    steps = [[step["at"], step["text"]] for step in got["trace"]]
    if "trace" in case["expect"]:
        trace = [step[-2:] for step in case["expect"]["trace"]]
        if steps != trace:
            return f"trace {steps}, not {trace}"
    return ""


def block_yaml(case):
    """The tree as a person would write it: strings in YAML's JSON form."""
    lines = [f"{key}: {json.dumps(case[key])}" for key in ("flavour", "cwd")]
    lines.append("tree:")
    lines += [f"  - {json.dumps(entry)}" for entry in case["tree"]]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root")
    parser.add_argument("--program", required=True)
    options = parser.parse_args()
    vectors = pathlib.Path(options.root, "tests/vectors")
    count, bad = 0, 0
    for name in ("posix_resolve.jsonl", "win_resolve.jsonl"):
        file = vectors / name
        lines = file.read_text(encoding="utf-8").splitlines()
        cases = [json.loads(line) for line in lines]
        asked = faults = 0
        for number, case in enumerate(cases):
            words = options_of(case)
            if words is None or case.get("contested"):
                continue
            asked += 1
            runs = [ask(options.program, f"{file}#{case['id']}", case, words)]
            if number % 10 == 0 and not case["opts"].get("policy"):
                with tempfile.NamedTemporaryFile("w", suffix=".yaml",
                                                 encoding="utf-8") as yaml:
                    yaml.write(block_yaml(case))
                    yaml.flush()
                    runs.append(ask(options.program, yaml.name, case, words))
            for run in runs:
                why = complaint(case, run)
                if why:
                    faults += 1
                    print(f"# {case['id']}: {why}")
        count += 1
        bad += bool(faults) or asked * 2 < len(cases)
        print(f"{'not ok' if faults else 'ok'} {count} - {name}: {asked} of "
              f"{len(cases)} cases asked")
    print(f"1..{count}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
