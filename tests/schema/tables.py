# SPDX-License-Identifier: MIT
"""tables.py - hold the parser's tables, the schema and the manual equal

Each function returns a list of complaints. The tables come from dump_tables,
the manual is docs/man/linkfarm.yaml.5.scd.
"""

import re

# What the parser's check of a text is in the schema.
CHECKS = {
    None: {},
    "version": {"enum": [1, "1"]},
    "farm_name": {"pattern": "^(?!\\.\\.?$)[A-Za-z0-9._-]{1,64}$"},
    "mode": {"pattern": "^[0-7]{3,4}$"},
    "var_name": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
    "not_empty": {"minLength": 1},
    "profile": {"minLength": 1, "pattern": "^[^, \\t]*$"},
    "path_form": {"minLength": 1},
    "included": {"minLength": 1, "pattern": "^(?!\\?$)"},
    "value": {},
    "pattern": {"minLength": 1},
    "glob": {"minLength": 1},
    "rule": {"minLength": 1, "pattern": "^[^!]"},
}
CONSTRAINTS = ("pattern", "minLength", "maxLength", "minimum", "maximum",
               "multipleOf", "not", "if", "const")  # fmt: skip


def alternatives(schema, node):
    """The plain schemas that a node is, one for each kind of value."""
    if "$ref" in node:
        return alternatives(schema, schema["definitions"][
            node["$ref"].removeprefix("#/definitions/")])
    if "anyOf" in node:
        return [x for part in node["anyOf"] for x in alternatives(schema, part)]
    if "allOf" in node:
        (only,) = node["allOf"]
        return alternatives(schema, only)
    return [node]


def kind(node):
    if "enum" in node:
        return "text"
    types = node.get("type")
    if types is None:
        return "anything"
    return {"array": "list", "object": "map"}.get(str(types), "text")


class Walk:
    """The tables and the schema, side by side from their roots."""

    def __init__(self, tables, schema):
        self.tables, self.schema = tables, schema
        self.found, self.seen = [], set()

    def complain(self, path, text):
        self.found.append(f"{path or 'the manifest'}: {text}")

    def match(self, number, node, path):
        type_ = self.tables[number]
        parts = {kind(part): part for part in alternatives(self.schema, node)}
        if (number, id(node)) in self.seen:
            return
        self.seen.add((number, id(node)))
        want = {k for k in ("text", "list", "map", "anything") if type_[k]}
        if want != set(parts):
            self.complain(path, f"parser takes {sorted(want)}, "
                                f"schema {sorted(parts)}")
            return
        if type_["text"]:
            self.match_text(type_, parts["text"], path)
        if type_["list"]:
            self.match_list(type_, parts["list"], path)
        if type_["map"]:
            self.match_map(type_, parts["map"], path)

    def match_text(self, type_, node, path):
        if type_["words"]:
            if node.get("enum") != type_["words"]:
                self.complain(path, f"words are {type_['words']}")
        elif type_["check"] == "version":
            if node.get("enum") != CHECKS["version"]["enum"]:
                self.complain(path, "not the parser's version")
        else:
            self.match_check(type_["check"], node, path)

    def match_check(self, check, node, path):
        got = {k: node[k] for k in CONSTRAINTS if k in node}
        if got != CHECKS[check]:
            self.complain(path, f"parser checks {check}, schema {got}")

    def match_list(self, type_, node, path):
        if node.get("minItems", 0) != int(type_["some"]):
            self.complain(path, "may the list be empty?")
        self.match(type_["item"], node["items"], path + "[]")

    def match_map(self, type_, node, path):
        if not type_["keys"]:
            names = alternatives(self.schema, node["propertyNames"])[0]
            self.match_check(type_["check_key"], names, path + " keys")
            self.match(type_["value"], node["additionalProperties"], path + ".*")
            return
        if node.get("additionalProperties") is not False:
            self.complain(path, "the schema lets any key in")
        free = "^x-" in node.get("patternProperties", {})
        if free != type_["x_keys"]:
            self.complain(path, "are x- keys free?")
        keys = {k["name"]: k for k in type_["keys"] if k["name"] != "x-"}
        if list(keys) != list(node["properties"]):
            self.complain(path, f"keys are {list(keys)}, in the schema "
                                f"{list(node['properties'])}")
            return
        required = [k for k in keys if keys[k]["required"]]
        if required != node.get("required", []):
            self.complain(path, f"required are {required}")
        for name, key in keys.items():
            self.match(key["type"], node["properties"][name],
                       f"{path}.{name}".lstrip("."))


def schema_complaints(tables, schema):
    walk = Walk(tables, schema)
    walk.match(0, schema, "")
    included = schema["definitions"]["included"]
    may = [k["name"] for k in tables[0]["keys"]
           if not k["main"] and k["name"] != "x-"]
    if list(included["properties"]) != may:
        walk.complain("included", f"keys are {may}")
    for name in included["properties"]:
        if included["properties"][name] != schema["properties"].get(name):
            walk.complain("included", f"{name} is not as in a manifest")
    return walk.found


def help_complaints(schema):
    """Each key explains itself to an editor, and shows what to write."""
    found = []
    todo = [("", schema)]
    while todo:
        path, node = todo.pop()
        for name, child in node.get("properties", {}).items() \
                if isinstance(node, dict) else ():
            holders = [child, *alternatives(schema, child)]
            if "$ref" in child:
                holders.insert(0, schema["definitions"][
                    child["$ref"].removeprefix("#/definitions/")])
            if not any("description" in x for x in holders):
                found.append(f"{path}.{name}: no description")
            if not any("examples" in x or "enum" in x for x in holders):
                found.append(f"{path}.{name}: no example")
        if isinstance(node, dict):
            todo += [(f"{path}/{k}", v) for k, v in node.items()]
        elif isinstance(node, list):
            todo += [(f"{path}/{i}", v) for i, v in enumerate(node)]
    return found


# --- the manual -------------------------------------------------------------

# Where the manual explains the keys of which map.
SECTIONS = {
    "": "TOP LEVEL",
    "defaults": "Defaults",
    "policy": "Policy",
    "links.*": "LINKS",
    "trees[]": "TREES",
    "trees[].rules.*": "Rules",
    "dirs.*": "DIRECTORIES",
    "trees[].when": "CONDITIONS",
}


def map_at(schema, path):
    """The schema of the map that a path of SECTIONS leads to."""
    node = schema
    for step in path.replace("[]", ".[]").split(".") if path else ():
        (node,) = [x for x in alternatives(schema, node)
                   if kind(x) == ("list" if step == "[]" else "map")]
        node = {"[]": node.get("items"), "*": node.get("additionalProperties")} \
            .get(step) or node["properties"][step]
    (node,) = [x for x in alternatives(schema, node) if kind(x) == "map"]
    return node


def entries_of(text):
    """{section: {key: what stands below its term}} of a scdoc page."""
    found = {}
    for part in re.split(r"(?m)^##? ", text)[1:]:
        title, _, body = part.partition("\n")
        found[title] = {}
        for entry in re.finditer(r"(?m)^(\*.*)\n((?:\t.*\n|\n(?=\t))+)", body):
            for key in re.findall(r"\*([a-z_-]+)\*", entry.group(1)):
                found[title][key] = entry.group(0)
    return found


def manual_complaints(schema, text):
    entries = entries_of(text)
    found = []
    for path, title in SECTIONS.items():
        node = map_at(schema, path)
        keys, told = set(node["properties"]), entries.get(title, {})
        if not path:
            keys.add("x-")
        for key in sorted(keys ^ set(told)):
            found.append(f"{title}: {key} is " + (
                "not explained" if key in keys else "no key"))
        for key in keys & set(told) - {"x-"}:
            found += entry_complaints(schema, title, key, told[key],
                                      node["properties"][key],
                                      key in node.get("required", ()))
    return found


def entry_complaints(schema, title, key, told, node, required):
    """What is due, what it can be, what it is without, and an example."""
    found = []
    definition = schema["definitions"].get(
        node.get("$ref", "").removeprefix("#/definitions/"), {})
    parts = alternatives(schema, node)
    words = next((x["enum"] for x in parts if "enum" in x), [])
    if key == "deny":
        words = parts[0]["items"]["enum"]
    for word in words if key != "version" else ():
        if f"*{word}*" not in told:
            found.append(f"{title}: {key}: the word {word} is not explained")
    if required != ("(required)" in told.split("\n", maxsplit=1)[0]):
        found.append(f"{title}: {key}: is it required?")
    default = next((x["default"] for x in (node, definition, *parts)
                    if x.get("default")), None)
    if isinstance(default, str) and f"*{default}* (default)" not in told:
        found.append(f"{title}: {key}: the default, {default}, is not marked")
    if not required and not default and "Default:" not in told \
            and title != "CONDITIONS":
        found.append(f"{title}: {key}: no Default:")
    if "Example: " not in told:
        found.append(f"{title}: {key}: no Example:")
    return found
