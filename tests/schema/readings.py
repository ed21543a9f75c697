# SPDX-License-Identifier: MIT
"""readings.py - how programs read the YAML of a manifest

Two readings. linkfarm's own: every scalar is a text, but for a lone ~. And the
one of editors, YAML 1.2's core schema, in which plain scalars may be numbers,
booleans or null; but a value that is not there is an empty text here, too. To
an editor it is null as well, and it complains where linkfarm takes the empty
text (`vars: {NAME: }`): "" is what a person should write. So it is with the
word null, which is a word like others here.
"""

import re

import yaml


class Faulty(Exception):
    """Not a YAML document that both readings agree on the shape of."""


CORE = [
    (re.compile(r"~$"), lambda _: None),
    (re.compile(r"(?:true|True|TRUE)$"), lambda _: True),
    (re.compile(r"(?:false|False|FALSE)$"), lambda _: False),
    (re.compile(r"[-+]?[0-9]+$"), int),
    (re.compile(r"0o[0-7]+$"), lambda text: int(text[2:], 8)),
    (re.compile(r"0x[0-9a-fA-F]+$"), lambda text: int(text, 16)),
    (re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
     float),
]


def own_scalar(text, plain):
    return None if plain and text == "~" else text


def core_scalar(text, plain):
    for pattern, value in CORE if plain else ():
        if pattern.match(text):
            return value(text)
    return text


def compose(data):
    """The one document in `data` (bytes), as nodes."""
    try:
        return yaml.compose(data.decode("utf-8"), Loader=yaml.BaseLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise Faulty(str(error)) from error


def is_empty(node):
    """Whether there is no document, or nothing in it."""
    return node is None or (isinstance(node, yaml.ScalarNode)
                            and node.style is None and not node.value)


def value_of(node, scalar):
    """What a document says, its scalars as `scalar` says."""
    return None if is_empty(node) else build(node, scalar)


def read(data, scalar):
    return value_of(compose(data), scalar)


def build(node, scalar):
    if isinstance(node, yaml.ScalarNode):
        return scalar(node.value, node.style is None)
    if isinstance(node, yaml.SequenceNode):
        return [build(item, scalar) for item in node.value]
    found = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise Faulty("a key that is not a scalar")
        found[key.value] = build(value, scalar)
    return found


class Plain(str):
    """A scalar that write() does not quote."""


def write(value):
    """A tree as YAML, in flow style."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{write(str(k))}: {write(v)}"
                               for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(write, value)) + "]"
    if isinstance(value, Plain):
        return str(value)
    if isinstance(value, str):
        text = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + text.replace("\n", "\\n") + '"'
    raise TypeError(f"cannot write {value!r}")


def write_with(tree, container, name, value):
    """write(tree), had `container` in it one key more."""
    container[name] = value
    text = write(tree)
    del container[name]
    return text
