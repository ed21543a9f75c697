#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_schema.py - hold the schema of a manifest and the parser equal

    check_schema.py SOURCE_ROOT --program LINKFARM --tables DUMP_TABLES
                    [--ajv DIRECTORY]

Takes every manifest there is, in the cases, the examples, the manual and what
`linkfarm init` writes, and hundreds that differ from a good one in one place;
asks the parser and the schema about each, once as a manifest and once as an
included file; and complains where they differ. What a schema cannot say is
listed here by code, with the reason. The verdicts of python3-jsonschema are
held against those of ajv where that is installed. With LF_SCHEMA_FULL all of
the changed manifests are tried, else one of --step. Prints TAP.
"""

import argparse
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import jsonschema

sys.dont_write_bytecode = True  # nothing is left in the source tree
import readings  # noqa: E402
import tables  # noqa: E402

# Faults that the schema finds too.
STRUCTURE = {
    12: "unknown keys", 13: "missing keys", 14: "types", 15: "words",
    22: "an empty document", 27: "a lone ~", 30: "the version",
    31: "names of farms", 32: "modes", 33: "names of variables",
    34: "empty texts", 35: "empty lists", 40: "either from or to",
    53: "keys of included files", 56: "names of profiles",
}  # fmt: skip

# Faults that it cannot find, and why.
BEYOND = {
    **dict.fromkeys((1, 2, 3, 4, 5), "about the file, not about what it says"),
    **dict.fromkeys((6, 7, 8, 20), "about bytes, before there is a document"),
    10: "there is no document",
    11: "a reader of YAML keeps one of the two keys",
    **dict.fromkeys((16, 17, 18, 19), "a reader of YAML has resolved it"),
    21: "a reader of YAML takes one document at a time",
    **dict.fromkeys((23, 24, 25), "a schema has no measure of the document"),
    26: "JSON has no other keys than texts",
    28: "a regular expression for it would say nothing to a person",
    **dict.fromkeys((36, 37), "a length in bytes, after expansion"),
    38: "the form of a path, after expansion",
    39: "depends on what a key expands to",
    41: "a schema does not compare the values of items",
    42: "a schema does not compare the values of items",
    43: "what a pattern can match is no regular language of its text",
    **dict.fromkeys((44, 45, 46, 47, 48), "expansion"),
    **dict.fromkeys((49, 50, 51, 52, 54), "about other files"),
    55: "a schema does not compare the values of items",
    **dict.fromkeys((60, 61, 62, 63, 64), "about paths and source trees"),
}

# Of these, the ones that leave no one document to hold against the schema.
NO_DOCUMENT = {1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 16, 17, 18, 19, 20, 21, 23, 24,
               25, 26, 28}  # fmt: skip

# What a pattern cannot match may be something that the schema refuses as well.
EITHER = {43}

HEAD = "version: 1\nname: t\ninto: ~/\n"


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def law(self, title, complaints):
        self.count += 1
        self.failed += bool(complaints)
        print(f"{'not ok' if complaints else 'ok'} {self.count} - {title}")
        for line in complaints[:20]:
            print("#   " + line.replace("\n", "\n#   "))
        if len(complaints) > 20:
            print(f"#   and {len(complaints) - 20} more")

    def skip(self, title, why):
        self.count += 1
        print(f"ok {self.count} - {title} # SKIP {why}")


# --- where manifests come from ----------------------------------------------


def of_cases(root):
    for file in sorted((root / "tests/cases").rglob("*.case")):
        text = file.read_text(encoding="utf-8", errors="surrogateescape")
        for match in re.finditer(
                r"(?m)^@(manifest|file \S+\.yaml)\n((?:  .*\n|\n)*)", text):
            line = text[:match.start()].count("\n") + 1
            lines = [x[2:] for x in match.group(2).rstrip("\n").split("\n")]
            yield f"{file.name}:{line}", "\n".join(lines) + "\n"


def of_manual(root):
    text = (root / "docs/man/linkfarm.yaml.5.scd").read_text(encoding="utf-8")
    for number, match in enumerate(
            re.finditer(r"(?ms)^```\n(.*?)^```", text), 1):
        body = match.group(1)
        if not body.startswith(("linkfarm", "#")):
            yield (f"the manual's example {number}",
                   body if body.startswith("version:") else HEAD + body)


def of_starter(program):
    starter = subprocess.run([program, "init", "-n"], check=True, text=True,
                             stdout=subprocess.PIPE).stdout
    yield "the starter", starter
    # what is commented out is meant to be taken in: it begins with '#' alone
    taken = re.sub(r"(?m)^links: \{\}$", "links:", starter)
    yield "the starter, taken in", re.sub(r"(?m)^#(?! )", "", re.sub(
        r"(?m)^#  ", "  ", taken))


def of_examples(root):
    for file in sorted((root / "examples").rglob("*.yaml")):
        yield str(file.relative_to(root)), file.read_text(encoding="utf-8")


# Small manifests which together use every key; mutants() changes each place.
SEEDS = [
    'from: .\nvars: {A: x}\ndefaults: {conflict: skip, style: absolute, '
    'fold: auto, dangling: allow}\n',
    'ignore: ["*.o"]\ntraverse: [/bin]\ninclude: ["x.yaml?"]\nx-more: [1]\n'
    'policy: {deny: [escape], allow_under: [~/]}\n',
    'links: {a: b, c: {from: d, style: absolute, conflict: adopt, '
    'dangling: allow, when: {os: linux}}, e: [{to: /f}, g]}\n',
    'dirs: {a: {}, b: {mode: "0700", when: {not: {os: x}}}}\n',
    'trees: [{name: n, from: a, into: b, only: [c], ignore: [d], dot: top, '
    'fold: auto, style: relative, conflict: skip, dangling: allow, '
    'rules: {e: {fold: never, style: absolute, conflict: fail}}, '
    'when: {user: [u, v]}, overrides: [m]}, {name: m, from: x}]\n',
    'dirs: {a: {when: {os: [linux], arch: x, host: "v*", user: u, '
    'profile: [p], env: {A: b, C: [d, ""]}, exists: /x, not: {any: [{os: y}, '
    '{}]}, any: [{os: linux}, {not: {}}]}}}\n',
]

STAND_INS = [
    "", "word", "!word", "7", "0700", "true", "~", [], ["word"], [[]], {},
    {"word": "word"}, {"from": "word"}, {"from": "a", "to": "b"},
    {"os": "linux"}, [{"os": "linux"}], ["fail"],
]  # fmt: skip


def places(value):
    """Each place of a tree, as (container, key)."""
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], (dict, list)):
            yield from places(value[key])


def mutants():
    for seed in SEEDS:
        tree = readings.read((HEAD + seed).encode(), readings.own_scalar)
        yield readings.write(tree)
        for container, key in list(places(tree)):
            old = container[key]
            for new in [*STAND_INS, readings.Plain("~"), readings.Plain("")]:
                if not (new == "" and isinstance(container, list)
                        and isinstance(new, readings.Plain)):
                    container[key] = new
                    yield readings.write(tree)
            container[key] = old
            if isinstance(container, dict):
                del container[key]
                yield readings.write(tree)
                for name in ("", "nokey", "!x", "x-y"):
                    yield readings.write_with(tree, container, name, old)
                container[key] = old


# --- asking -----------------------------------------------------------------


class Parser:
    def __init__(self, program, scratch):
        self.program, self.scratch = program, scratch
        self.env = {"HOME": str(scratch / "home"), "PATH": "/usr/bin:/bin",
                    "LC_ALL": "C.UTF-8", "XDG_STATE_HOME": str(scratch / "s")}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]
        (scratch / "home").mkdir()
        (scratch / "farm").mkdir()
        (scratch / "farm/outer.yaml").write_text(HEAD + "include: [inner.yaml]\n")

    def faults(self, data, included):
        """{code: a message} of the errors in a file."""
        name = "inner.yaml" if included else "linkfarm.yaml"
        file = self.scratch / "farm" / name
        file.write_bytes(data)
        asked = "outer.yaml" if included else name
        done = subprocess.run(
            [self.program, "check", "--json", asked], cwd=self.scratch / "farm",
            env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            check=False, timeout=60)
        if done.returncode not in (0, 2, 65, 66):
            raise RuntimeError(f"exit {done.returncode}: "
                               f"{done.stderr.decode(errors='replace')}")
        if not done.stdout:
            return {1: done.stderr.decode(errors="replace")}
        return {int(x["code"][2:]): x["message"]
                for x in json.loads(done.stdout)["diagnostics"]
                if x["severity"] == "error"
                and pathlib.Path(x.get("file", name)).name == name}


def sort_of(code, message):
    """'structure', 'beyond', or None for a code in neither list."""
    if code == 34 and "expands to nothing" in message:
        return "beyond"
    if code in STRUCTURE:
        return "structure"
    return "beyond" if code in BEYOND or code >= 100 else None


def difference(faults, refused):
    """How the parser's verdict and the schema's differ; None if they do not."""
    sorts = {code: sort_of(code, text) for code, text in faults.items()}
    unknown = [f"LF{code:03d}" for code, sort in sorts.items() if not sort]
    if unknown:
        return f"{', '.join(unknown)} is in neither list of check_schema.py"
    if "structure" in sorts.values():
        return None if refused else \
            f"the parser refuses it ({faults}), the schema does not"
    if refused and not EITHER & set(faults):
        return f"the schema refuses it ({refused}), the parser does not"
    return None


class Schema:
    def __init__(self, schema):
        self.whole = jsonschema.Draft7Validator(schema)
        included = dict(schema["definitions"]["included"])
        included["definitions"] = schema["definitions"]
        self.included = jsonschema.Draft7Validator(included)

    def refused(self, instance, included):
        """Why, or '' when it is accepted."""
        validator = self.included if included else self.whole
        error = next(validator.iter_errors(instance), None)
        return f"{error.message[:200]}" if error else ""


# --- the laws ---------------------------------------------------------------


def compare(parser, schema, origin, data, corpus, both=True):
    for included in (False, True)[:1 + both]:
        title = f"{origin}{' as an included file' if included else ''}"
        faults = parser.faults(data, included)
        if NO_DOCUMENT & set(faults):
            continue
        try:
            node = readings.compose(data)
            instance = readings.value_of(node, readings.own_scalar)
            seen = readings.value_of(node, readings.core_scalar)
        except readings.Faulty as why:
            yield f"{title}: the parser reads it, PyYAML does not: {why}"
            continue
        refused = schema.refused(instance, included)
        corpus.append((included, instance, not refused))
        corpus.append((included, seen, not schema.refused(seen, included)))
        why = difference(faults, refused)
        if why:
            yield f"{title}: {why}\n{data.decode(errors='replace')[:400]}"
        elif not faults and schema.refused(seen, included):
            yield (f"{title}: an editor would complain: "
                   f"{schema.refused(seen, included)}")


def example_complaints(schema):
    """Each example in the schema is accepted where it stands."""
    found, todo = [], [schema]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            todo += node.values()
            rule = {k: v for k, v in node.items() if k != "definitions"}
            rule["definitions"] = schema["definitions"]
            for example in node.get("examples", ()) \
                    if isinstance(node.get("examples"), list) else ():
                found += [f"{example}: {e.message}" for e in
                          jsonschema.Draft7Validator(rule).iter_errors(example)]
            if "default" in node:
                found += [f"default {node['default']}: {e.message}" for e in
                          jsonschema.Draft7Validator(rule).iter_errors(
                              node["default"])]
        elif isinstance(node, list):
            todo += node
    return found


def list_complaints(root):
    text = (root / "include/linkfarm/codes.h").read_text(encoding="utf-8")
    codes = {int(x) for x in re.findall(r"LF_CODE_ENUM\((\d+),", text)}
    manifest = {code for code in codes if code < 100}
    found = [f"LF{code:03d} is in neither list"
             for code in manifest - set(STRUCTURE) - set(BEYOND)]
    found += [f"LF{code:03d} is in both lists"
              for code in set(STRUCTURE) & set(BEYOND)]
    return found + [f"LF{code:03d} is no code of a manifest"
                    for code in (set(STRUCTURE) | set(BEYOND)) - manifest]


def ask_ajv(tap, schema, corpus, folder):
    title = f"ajv says the same of all {len(corpus)} documents"
    script = pathlib.Path(__file__).with_name("ajv.js")
    node = shutil.which("node") or shutil.which("nodejs")
    if not node:
        tap.skip(title, "there is no node")
        return
    lines = "".join(json.dumps([included, instance, accepted]) + "\n"
                    for included, instance, accepted in corpus)
    done = subprocess.run(
        [node, script, folder or ""], check=False, timeout=240, text=True,
        input=json.dumps(schema) + "\n" + lines, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    if done.returncode == 77:
        tap.skip(title, "ajv is not installed; './dev ajv' fetches it from npm")
        return
    tap.law(title, [] if done.returncode == 0
            else done.stdout.splitlines() or [f"exit {done.returncode}"])


def run(options, tap, scratch):
    root = pathlib.Path(options.root)
    file = root / "docs/linkfarm-1.schema.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    dump = json.loads(subprocess.run([options.tables], check=True, text=True,
                                     stdout=subprocess.PIPE).stdout)
    manual = (root / "docs/man/linkfarm.yaml.5.scd").read_text(encoding="utf-8")
    printed = subprocess.run([options.program, "schema"], check=True,
                             stdout=subprocess.PIPE).stdout
    jsonschema.Draft7Validator.check_schema(schema)
    tap.law("linkfarm schema prints the file that is installed",
            [] if printed == file.read_bytes() else ["it does not"])
    tap.law("the schema has the parser's keys, types and words",
            tables.schema_complaints(dump, schema))
    tap.law("each key of the schema has a description and an example",
            tables.help_complaints(schema))
    tap.law("the manual explains the same keys, words and defaults",
            tables.manual_complaints(schema, manual))
    tap.law("the schema's examples and defaults are accepted",
            example_complaints(schema))
    tap.law("each code of a manifest is in one list", list_complaints(root))

    parser, schema_ = Parser(options.program, scratch), Schema(schema)
    corpus, found, count = [], {}, 0
    for origin, text in itertools.chain(
            of_cases(root), of_examples(root), of_manual(root),
            of_starter(options.program)):
        data = text.replace("$T", str(scratch)).encode(errors="surrogateescape")
        group = origin.partition(":")[0]
        found.setdefault(group, [])
        found[group] += compare(parser, schema_, origin, data, corpus)
        count += 1
    for group, complaints in found.items():
        tap.law(f"{group}: schema and parser say the same", complaints)
    accepted = [origin for origin, text in itertools.chain(
        of_manual(root), of_starter(options.program))
        if set(parser.faults(text.encode(), False)) - {62, 45, 49}]
    tap.law("the parser accepts the starter and what the manual shows", accepted)
    complaints, changed = [], 0
    step = 1 if os.environ.get("LF_SCHEMA_FULL") else options.step
    for text in list(dict.fromkeys(mutants()))[::step]:
        changed += 1
        complaints += compare(parser, schema_, "changed", text.encode(), corpus,
                              both=changed % 5 == 0)
    tap.law(f"{changed} manifests with one change", complaints)
    tap.law("enough was looked at",
            [] if count > 150 and changed > 2400 // step else [f"{count}, {changed}"])
    ask_ajv(tap, schema, corpus, options.ajv)


def main():
    cli = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    cli.add_argument("root")
    cli.add_argument("--program", required=True, type=os.path.abspath)
    cli.add_argument("--tables", required=True, type=os.path.abspath)
    cli.add_argument("--step", type=int, default=3,
                     help="take one of so many changed manifests")
    cli.add_argument("--ajv", default=os.environ.get("LF_AJV"))
    options = cli.parse_args()
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="linkfarm-schema-") as scratch:
        run(options, tap, pathlib.Path(os.path.realpath(scratch)))
    print(f"1..{tap.count}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
