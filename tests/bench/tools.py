# SPDX-License-Identifier: MIT
"""tools.py - what is measured, and how each is called

A tool's life is a chain of phases in the field that workload.c made:
    plan     nothing is there; say what would be done (few links only)
    create   make all links
    again    nothing is to be done
    again2   the same, after a run that could remember that
    look     one statx for each directory (floors)
    change   every hundredth link leads elsewhere
    remove   take all links away
Each is one process, run in the field. A tool without a phase skips it.
"""

import os
import shutil
import subprocess

PHASES = ["plan", "create", "again", "again2", "look", "change", "remove"]

FLAT_MOST = 1100000     # a manifest holds 64 MiB, and a link is 54 bytes


class Tool:
    """`kind` is linkfarm, floor, git, copy or manager. `check` is how links
    are held to the list: by their text, or by what they reach; `rest`, how what
    is left after a removal: empty, or bare when directories may remain.
    `most` is how many links it can do, where there is a limit."""

    def __init__(self, name, kind, commands, check="text", rest="empty",
                 prepare=None, before=None, most=None):
        self.name, self.kind = name, kind
        self.check, self.rest = check, rest
        self.commands, self.most = commands, most
        self.prepare = prepare or (lambda field: None)
        self.before = before or (lambda field, phase: None)


class Field:
    """A workload in a directory, and the environment of who works there."""

    def __init__(self, path, links):
        self.path, self.links = path, links
        self.into = self.at("t")
        self.env = {
            "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
            "HOME": self.at("home"), "XDG_STATE_HOME": self.at("state"),
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_DIR": self.at("git"), "GIT_WORK_TREE": self.into,
        }

    def at(self, *names):
        return os.path.join(self.path, *names)

    def words(self, command):
        return [word.replace("{field}", self.path) for word in command]

    def make(self, workload):
        for name in ("home", "state", "floor-state"):
            os.mkdir(self.at(name))
        subprocess.run([workload, self.path, str(self.links)], check=True,
                       stdout=subprocess.DEVNULL)

    def clear(self):
        """Nothing in `t`, whatever was left there, and nothing remembered."""
        for name in ("t", "state"):
            shutil.rmtree(self.at(name), ignore_errors=True)
            os.mkdir(self.at(name))


def linkfarm(program, manifest):
    """With --quiet, as the others print nothing; the rest is as it comes."""
    def before(field, phase):
        source = manifest + ("-changed" if phase == "change" else "") + ".yaml"
        if phase in ("plan", "create", "change"):
            shutil.copyfile(field.at(source), field.at("m.yaml.new"))
            os.rename(field.at("m.yaml.new"), field.at("m.yaml"))

    apply = [program, "apply", "--quiet", "m.yaml"]
    return Tool(f"linkfarm, {manifest}", "linkfarm", {
        "plan": [program, "plan", "m.yaml"], "create": apply, "again": apply,
        "again2": apply, "change": apply,
        "remove": [program, "remove", "--quiet", "m.yaml"],
    }, before=before, most=FLAT_MOST if manifest == "flat" else None)


def floor(program, name, *options):
    def call(*words):
        return [program, *options, *words]

    return Tool(name, "floor", {
        "plan": call("plan", "t", "list", "tree.yaml", "s"),
        "create": call("create", "t", "list"),
        "again": call("read", "t", "list"),
        "again2": call("read", "t", "list"),
        "look": call("look", "t", "list"),
        "change": call("change", "t", "list", "changed"),
        "remove": call("remove", "t", "list"),
    })


def checked_floor(program):
    """The crash-safe one, which looks where a transaction has to."""
    def call(sources, *words):
        return [program, "-s", "floor-state", "-c", *sources, *words]

    return Tool("floor, checked", "floor", {
        "create": call(["-l", "s"], "create", "t", "list"),
        "change": call(["-k", "s", "-l", "x"], "change", "t", "list",
                       "changed"),
        "remove": call([], "remove", "t", "list"),
    })


def read_list(path):
    """(path below `t`, text) of each link of a list; see worklist.h."""
    with open(path, "rb") as file:
        fields = file.read().split(b"\0")[:-1]
    links, at, directory = [], 0, b""
    while at < len(fields):
        if fields[at][:1] == b"d":
            directory = b"" if fields[at] == b"d." else fields[at][1:] + b"/"
            at += 1
        else:
            links.append((directory + fields[at][1:], fields[at + 1]))
            at += 2
    return links


def git(program):
    """A branch for each state of `t`; going to one is what git does best."""
    def commit(branch, links):
        yield b"commit refs/heads/%s\n" % branch
        yield b"committer b <b> 0 +0000\ndata 0\n"
        for path, text in links:
            yield b"M 120000 inline %s\ndata %d\n%s\n" % (path, len(text), text)

    def prepare(field):
        if os.path.exists(field.at("git")):
            return
        subprocess.run([program, "init", "-q", "-b", "none"], check=True,
                       env=field.env, cwd=field.path)
        stream = b"".join([
            *commit(b"none", []), *commit(b"base", read_list(field.at("list"))),
            *commit(b"over", read_list(field.at("list-changed")))])
        subprocess.run([program, "fast-import", "--quiet"], check=True,
                       env=field.env, cwd=field.path, input=stream)

    def to(branch):
        return [program, "checkout", "-q", branch]

    status = [program, "status", "--porcelain"]
    return Tool("git checkout, status", "git", {
        "create": to("base"), "again": status, "again2": status,
        "change": to("over"), "remove": to("none"),
    }, prepare=prepare)


def copies():
    """What makes links and keeps no record; find(1) takes them away."""
    remove = ["find", "t", "-mindepth", "1", "-delete"]
    again = ["cp", "-rsn", "{field}/s/.", "t"]
    yield "cp", Tool("cp -rs", "copy", {
        "create": ["cp", "-rs", "{field}/s/.", "t"], "again": again,
        "again2": again, "remove": remove,
    }, check="reach")
    again = ["lndir", "-silent", "../s", "t"]
    yield "lndir", Tool("lndir", "copy", {
        "create": again, "again": again, "again2": again, "remove": remove,
    }, check="text")


def managers():
    stow = ["stow", "--no-folding", "-d", ".", "-t", "t"]
    yield "stow", Tool("stow --no-folding", "manager", {
        "create": stow + ["s"], "again": stow + ["s"], "again2": stow + ["s"],
        "change": stow + ["--override=.", "x"],
        "remove": stow + ["-D", "s", "x"],
    }, rest="bare")
    xstow = ["xstow", "-d", ".", "-t", "t"]

    def directories(field, phase):
        # xstow cannot be told to make directories, only finds them.
        if phase != "create":
            return
        for top, names, _ in os.walk(field.at("s")):
            for name in names:
                os.makedirs(os.path.join(
                    field.into, os.path.relpath(top, field.at("s")), name),
                    exist_ok=True)

    yield "xstow", Tool("xstow, directories given", "manager", {
        "create": xstow + ["s"], "again": xstow + ["s"],
        "again2": xstow + ["s"], "remove": xstow + ["-D", "s"],
    }, before=directories)


def dotbot(program):
    """All links one by one: a glob would leave out what is nested."""
    def prepare(field):
        for name in ("list", "list-changed"):
            with open(field.at(name + ".dotbot"), "wb") as file:
                file.write(b"- defaults: {link: {relative: true, create: true, "
                           b"relink: true}}\n- link:\n")
                for path, text in read_list(field.at(name)):
                    file.write(b"    t/%s: %s\n" % (
                        path, text[text.rindex(b"../") + 3:]))

    def to(name):
        return [program, "-q", "-d", ".", "-c", name + ".dotbot"]

    return Tool("dotbot", "manager", {
        "create": to("list"), "again": to("list"), "again2": to("list"),
        "change": to("list-changed"),
        "remove": ["find", "t", "-mindepth", "1", "-delete"],
    }, prepare=prepare)


def chezmoi(program):
    """Its source says a link's text in a file for each link."""
    def prepare(field):
        if os.path.exists(field.at("list.chezmoi")):
            return
        for name in ("list", "list-changed"):
            for path, text in read_list(field.at(name)):
                directory, _, leaf = path.rpartition(b"/")
                directory = os.path.join(
                    os.fsencode(field.at(name + ".chezmoi")), directory)
                os.makedirs(directory, exist_ok=True)
                with open(os.path.join(directory,
                                       b"symlink_%s.literal" % leaf),
                          "wb") as file:
                    file.write(text)

    def to(name):
        return [program, "apply", "--force", "--no-tty", "--source",
                "{field}/" + name + ".chezmoi", "--destination", "{field}/t",
                "--config", "/dev/null", "--config-format", "yaml"]

    return Tool("chezmoi", "manager", {
        "create": to("list"), "again": to("list"), "again2": to("list"),
        "change": to("list-changed"),
        "remove": ["find", "t", "-mindepth", "1", "-delete"],
    }, prepare=prepare)


def all_tools(program, helpers, peers, given):
    """The tools to measure, and the names of the peers that are missing."""
    floor_program = os.path.join(helpers, "floor")
    tools = [
        linkfarm(program, "tree"), floor(floor_program, "floor"),
        floor(floor_program, "floor, crash-safe", "-s", "floor-state"),
        checked_floor(floor_program),
        linkfarm(program, "flat"),
        floor(floor_program, "floor, 2 threads", "-t", "2"),
    ]
    if not peers:
        return tools, []
    missing = []
    if shutil.which("git"):
        tools.append(git("git"))
    else:
        missing.append("git")
    for name, tool in (*copies(), *managers()):
        if shutil.which(name):
            tools.append(tool)
        else:
            missing.append(name)
    for name, make in (("dotbot", dotbot), ("chezmoi", chezmoi)):
        if given.get(name):
            tools.append(make(os.path.abspath(given[name])))
        else:
            missing.append(f"{name} (--{name}=PATH)")
    return tools, missing
