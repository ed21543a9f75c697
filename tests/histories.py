#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""histories.py - what is believed unread never tells another story

    histories.py --program LINKFARM [--farms N] [--rounds N] [--seed N]

Small farms, two in each home, live through random histories: sources, links,
directories, profiles and manifests change, with and without time to settle.
Whatever has happened,
 - plan and status say to the byte what they say with --full, which believes
   nothing, and status says what plan says;
 - apply, rollback and remove do what the plan said, at each place, or nothing,
   and after an apply nothing is left to do;
 - a rollback that is rolled back leaves what was there before;
 - gc drops what it said, and what is kept can be gone back to as before;
 - no source is touched, and no file of the user's is lost;
 - remove leaves no link of the farm behind.
A farm that breaks a law is told by the seed that makes it again. Prints TAP.
"""

import argparse
import json
import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile
import time

SETTLED = 0.12      # seconds: more than the margin of the rule
DIRS = ("", "a", "b", "a/c", "a/c/d", "b/.e", "dot-f")
NAMES = ("x", "y", "z", ".rc", "dot-q", "w.bak", "n1", "n2", "n3", "n4", "n5",
         "n6", "n7")
INTOS = ("~/", "~/t", "~/u", "~/t/a", "~/l/x")
PATTERNS = ("*.bak", "n[1-3]", "a/", "c/*", ".rc", "b/**", "x")
UMASK = 0o022
CONFLICTS = {"fail": 3, "skip": 2, "backup": 4, "adopt": 1}
WHENS = ("{profile: p}", "{not: {profile: p}}", "{profile: [q, r]}",
         "{any: [{profile: q}, {not: {profile: [p, r]}}]}")


class Broken(Exception):
    """A law did not hold."""


def is_below(path, top):
    """Whether it is `top`, or in it."""
    return path == top or path.startswith(top + "/")


class Manifest:
    """What is written down, and how it changes."""

    def __init__(self, rng, name):
        self.rng, self.name = rng, name
        self.trees = [self.tree()]
        self.links = {}
        self.dirs = {}
        self.head = ""
        self.included = 0       # how many of the trees are in another file
        self.defaults = [f"conflict: {self.conflict()}",
                         f"dangling: {rng.choice(['allow', 'allow', 'deny'])}"]

    def conflict(self):
        return self.rng.choices(list(CONFLICTS), list(CONFLICTS.values()))[0]

    def tree(self):
        rng = self.rng
        keys = [f"from: {rng.choice(['s1', 's2', 's1/a', 's2/b'])}",
                f"into: {rng.choice(INTOS)}"]
        if rng.random() < 0.3:
            keys.append(f"ignore: [\"{rng.choice(PATTERNS)}\"]")
        if rng.random() < 0.15:
            keys.append(f"only: [\"{rng.choice(PATTERNS)}\"]")
        if rng.random() < 0.3:
            keys.append(f"dot: {rng.choice(['marked', 'top'])}")
        if rng.random() < 0.25:
            keys.append("fold: auto")
        if rng.random() < 0.2:
            keys.append("style: absolute")
        if rng.random() < 0.2:
            keys.append(f"conflict: {self.conflict()}")
        if rng.random() < 0.3:
            keys.append(f"when: {rng.choice(WHENS)}")
        if rng.random() < 0.2:
            keys.append(f"rules: {{\"{rng.choice(PATTERNS)}\": "
                        f"{{style: absolute, conflict: {self.conflict()}}}}}")
        return keys

    def change(self):
        rng = self.rng
        kind = rng.random()
        if kind < 0.2:
            self.trees.insert(rng.randrange(len(self.trees) + 1), self.tree())
        elif kind < 0.35 and self.trees:
            self.trees.pop(rng.randrange(len(self.trees)))
        elif kind < 0.5 and self.trees:
            self.trees[rng.randrange(len(self.trees))] = self.tree()
        elif kind < 0.7:
            path = (f"{rng.choice(['~/l', '~/l/m', *INTOS])}/"
                    f"{rng.choice(NAMES)}")
            source = f"{rng.choice(['s1', 's2'])}/{rng.choice(DIRS)}"
            self.links[path] = rng.choice(
                [f"{source}/{rng.choice(NAMES)}", "{to: /dev/null}",
                 "{to: nowhere}", source, source,
                 f"{{to: /dev/null, when: {rng.choice(WHENS)}}}",
                 # behind what may be a link of the farm's own
                 f"~/l/{rng.choice(NAMES)}", f"{path}/../x/n1"])
        elif kind < 0.75:
            source = f"{rng.choice(['s1', 's2'])}/{rng.choice(DIRS)}"
            for name in NAMES:
                self.links[f"~/v/{name}"] = f"{source}/{name}"
        elif kind < 0.8 and self.links:
            self.links.pop(rng.choice(list(self.links)))
        elif kind < 0.85:
            self.links.clear()
        elif kind < 0.92:
            self.dirs[f"{rng.choice(INTOS)}/{rng.choice(DIRS)}"] = rng.choice(
                ["{}", "{mode: \"0700\"}", "{mode: \"1755\"}"])
        elif kind < 0.95:
            self.dirs.clear()
        elif kind < 0.96:
            self.included = rng.randrange(len(self.trees) + 1)
        elif kind < 0.97:
            self.defaults = [f"conflict: {self.conflict()}",
                             f"dangling: {rng.choice(['allow', 'deny'])}"]
        else:
            self.head += "# another line\n"

    def texts(self):
        """By the names of its files."""
        trees = [f" - {{name: t{index}, overrides: "
                 f"[{', '.join(f't{i}' for i in range(index))}], "
                 f"{', '.join(keys)}}}\n"
                 for index, keys in enumerate(self.trees)]
        own, included = trees[self.included:], trees[:self.included]
        links = "".join(f" {path}: {source}\n"
                        for path, source in self.links.items())
        dirs = "".join(f" {path}: {value}\n"
                       for path, value in self.dirs.items())
        other = f"{self.name}-trees.yaml"
        files = {f"{self.name}.yaml":
                 f"{self.head}version: 1\nname: {self.name}\ninto: ~/\n"
                 f"defaults: {{{', '.join(self.defaults)}}}\n"
                 + (f"include: [{other}]\n" if included else "")
                 + (f"trees:\n{''.join(own)}" if own else "")
                 + (f"links:\n{links}" if links else "")
                 + (f"dirs:\n{dirs}" if dirs else "")}
        if included:
            files[other] = f"trees:\n{''.join(included)}"
        return files


class History:
    def __init__(self, program, top, rng):
        self.program, self.top, self.rng = program, top, rng
        self.home = top + "/home"
        self.env = {"HOME": self.home, "PATH": "/usr/bin:/bin", "LC_ALL": "C",
                    "LINKFARM_STATE_DIR": top + "/state"}
        self.written = 0
        self.told = []
        # two farms that may want the same places
        self.farms = ("h", "i")
        self.manifests = {name: Manifest(rng, name) for name in self.farms}
        os.makedirs(self.home)
        for source in ("s1", "s2"):
            for folder in DIRS:
                os.makedirs(f"{top}/{source}/{folder}", exist_ok=True)
                for name in rng.sample(NAMES, rng.randrange(len(NAMES))):
                    self.write(f"{top}/{source}/{folder}/{name}")

    def tell(self, *what):
        self.told.append(" ".join(map(str, what)))

    def write(self, path):
        """A text that no other file has, so that it is known wherever it is."""
        self.written += 1
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"text {self.written}\n")

    # ---- what happens ----

    def any_dir(self, top):
        """A directory at or below `top`, never through a link."""
        found = [top] + [os.path.join(above, name)
                         for above, dirs, _ in os.walk(top) for name in dirs
                         if not os.path.islink(os.path.join(above, name))]
        return self.rng.choice(found)

    @staticmethod
    def take_away(path):
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        elif os.path.lexists(path):
            os.remove(path)

    def happen(self):
        """One change by somebody else, in the sources or where links are."""
        rng = self.rng
        home = rng.random() < 0.5
        folder = self.any_dir(self.home if home
                              else f"{self.top}/{rng.choice(['s1', 's2'])}")
        names = sorted(os.listdir(folder))
        path = f"{folder}/{rng.choice(names) if names else 'x'}"
        new = f"{folder}/{rng.choice(NAMES)}"
        kind = rng.randrange(11)
        self.tell("happen", kind, path, new)
        if kind in (0, 1) and not os.path.lexists(new):
            self.write(new)
        elif kind == 2:
            self.take_away(path)
        elif kind == 3 and names and not os.path.lexists(new):
            os.rename(path, new)
        elif kind == 4:
            self.take_away(path)
            os.symlink(rng.choice(["user", "/dev/null", "x", "."]), path)
        elif kind == 5:
            self.take_away(path)
            self.write(path)
        elif kind == 6:
            self.take_away(path)
            os.mkdir(path)
            self.write(f"{path}/x")
        elif kind == 7 and folder not in (self.home, f"{self.top}/s1",
                                          f"{self.top}/s2"):
            # another directory in its place, with the same in it
            shutil.copytree(folder, folder + "-copy", symlinks=True)
            shutil.rmtree(folder)
            os.rename(folder + "-copy", folder)
        elif kind == 8:
            os.chmod(folder, rng.choice([0o755, 0o700]))
        elif kind == 9 and os.path.islink(path):
            # the same link made anew, or as good as that
            text = os.readlink(path)
            os.remove(path)
            os.symlink(text, path)
        elif kind == 10 and folder not in (self.home, f"{self.top}/s1",
                                           f"{self.top}/s2"):
            # through a link from now on
            away = f"{self.home}/away{self.written}"
            self.written += 1
            os.rename(folder, away)
            os.symlink(away, folder)

    # ---- what is seen ----

    def run(self, *arguments):
        return subprocess.run([self.program, *arguments], check=False,
                              env=self.env, cwd=self.top, timeout=120,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)

    @staticmethod
    def picture(top):
        nodes = {}
        for above, dirs, files in os.walk(top):
            for name in dirs + files:
                path = os.path.join(above, name)
                st = os.lstat(path)
                what = ""
                if stat.S_ISLNK(st.st_mode):
                    what = os.readlink(path)
                elif stat.S_ISREG(st.st_mode):
                    with open(path, errors="replace",
                              encoding="utf-8") as file:
                        what = file.read()
                nodes[path] = (st.st_mode, what)
        return nodes

    def texts(self):
        """What is in the files of the user's, wherever they are: also where
        the farm keeps what it moved aside."""
        return {what for mode, what in self.picture(self.top).values()
                if stat.S_ISREG(mode) and what.startswith("text ")}

    def sources(self):
        return {path: node for source in ("s1", "s2")
                for path, node in self.picture(f"{self.top}/{source}").items()}

    @staticmethod
    def actions(plan):
        """Of a plan's lines, or of the object that other commands print."""
        lines = [json.loads(line) for line in plan.stdout.splitlines()]
        if len(lines) == 1 and "actions" in lines[0]:
            lines = lines[0]["actions"]
        return [line for line in lines if line["type"] in ("action",
                                                           "conflict")]

    def foretold(self, home, actions):
        """The home as the actions say that it will be. What a restored node
        is, they do not say, nor the mode of a directory for a link."""
        nodes = dict(home)
        for action in actions:
            if action["op"] in ("backup", "replace", "restore"):
                for path in [path for path in nodes
                             if is_below(path, action["path"])]:
                    del nodes[path]
            elif action["op"] in ("prune", "rmdir", "relink", "adopt"):
                nodes.pop(action["path"], None)
            if action["op"] == "adopt" and is_below(action["source"],
                                                    self.home):
                nodes[action["source"]] = home[action["path"]]
        for action in actions:
            path, is_dir = action["path"], action["kind"] == "directory"
            if action["op"] in ("create", "relink", "backup", "adopt",
                                "replace") and not is_dir:
                nodes[path] = (stat.S_IFLNK | 0o777, action["text"])
            elif action["op"] in ("mkdir", "chmod"):
                mode = action.get("mode", oct(0o777 & ~UMASK)[2:])
                nodes[path] = (stat.S_IFDIR | int(mode, 8), "")
            elif action["op"] in ("replace", "restore"):
                nodes[path] = None
        return nodes

    def differences(self, foretold):
        """Where the home is not as it was foretold."""
        now = self.picture(self.home)
        open_ends = [path for path, node in foretold.items() if not node]
        return [(path, foretold.get(path), now.get(path))
                for path in sorted(foretold.keys() | now.keys())
                if foretold.get(path) != now.get(path)
                and not (path in now and any(is_below(path, end)
                                             for end in open_ends))]

    def law(self, what, holds, *said):
        if not holds:
            raise Broken("\n".join([what, *map(str, said)]))

    def said_alike(self, *arguments):
        """What is said, with and without belief in what is remembered."""
        short = self.run(*arguments)
        full = self.run(*arguments, "--full")
        same = (short.returncode, short.stdout, short.stderr) == (
            full.returncode, full.stdout, full.stderr)
        self.law(f"{' '.join(arguments)} says what it says with --full", same,
                 short.returncode, short.stdout, short.stderr,
                 full.returncode, full.stdout, full.stderr)
        return short

    def agree(self, plan, status):
        entries = json.loads(status.stdout)["entries"] if status.stdout else []
        does = {(action["path"], action["op"])
                for action in self.actions(plan)}
        told = {(entry["path"], entry["change"]) for entry in entries
                if entry["change"]}
        self.law("status says what plan says", does == told, does ^ told)
        self.law("what plan would do is not clean", plan.returncode != 2
                 or status.returncode == 2, plan.stdout, status.stdout)

    def act(self, command, plan):
        """Carry out what was planned: all of it, or nothing."""
        home, sources, texts = (self.picture(self.home), self.sources(),
                                self.texts())
        threads = self.rng.choice((1, 2, 8))
        done = self.run(*command, f"--threads={threads}")
        self.tell(*command, done.returncode)
        self.law(f"{' '.join(command)} ends as the plan does",
                 done.returncode == (0 if plan.returncode == 2
                                     else plan.returncode), plan.returncode,
                 plan.stdout, done.returncode, done.stdout, done.stderr)
        now = self.sources()
        adopts = b'"adopt"' in plan.stdout
        self.law("no source is touched", adopts or now == sources,
                 set(now.items()) ^ set(sources.items()))
        self.law("no file is lost", texts <= self.texts(),
                 texts - self.texts())
        self.law("what fails does nothing", done.returncode == 0
                 or self.picture(self.home) == home)
        wrong = (self.differences(self.foretold(home, self.actions(plan)))
                 if done.returncode == 0 else [])
        self.law(f"{' '.join(command)} does what the plan says", not wrong,
                 wrong, plan.stdout)
        return done.returncode == 0

    def apply(self, manifest, profiles, plan):
        full = self.rng.choice(([], [], ["--full"]))
        if self.act(["apply", *full, *profiles, manifest], plan):
            if b'"adopt"' in plan.stdout:
                return      # a tree may have got another source by that
            left = self.run("plan", "--full", "--exit-code", manifest)
            self.law("nothing is left to do", left.returncode == 0,
                     left.stdout, left.stderr)

    def generations(self, farm):
        done = self.run("history", "--json", "--name", farm)
        return [entry["generation"]
                for entry in json.loads(done.stdout)["generations"]
                ] if done.returncode == 0 and done.stdout else []

    def plan_back(self, farm, number):
        command = (["remove", "--name", farm] if number is None
                   else ["rollback", str(number), "--name", farm])
        return command, self.run(*command, "--dry-run", "--json")

    def go_back(self, farm):
        """To any generation that there is, or to nothing; and mostly back."""
        numbers = self.generations(farm)
        if not numbers or self.rng.random() < 0.3:
            self.act(*self.plan_back(farm, None))
            return
        clean = self.run("status", "--exit-code", "--name", farm)
        home = self.picture(self.home)
        if (self.act(*self.plan_back(farm, self.rng.choice([0, *numbers])))
                and clean.returncode == 0 and self.rng.random() < 0.7
                and self.act(*self.plan_back(farm, numbers[-1]))):
            # a mode that nobody named is not remembered; what the plan says
            # of modes was held already
            wrong = [(path, was, now)
                     for path, was, now in self.differences(home)
                     if not (was and now and stat.S_ISDIR(was[0])
                             and stat.S_ISDIR(now[0]))]
            self.law("a rollback can be rolled back", not wrong, wrong)

    def collect(self):
        """gc, held to what it says and to what it leaves."""
        keep = f"--keep={self.rng.choice((1, 2, 3))}"
        said = json.loads(self.run("gc", keep, "-n", "--json").stdout)
        dropped = {(entry["farm"], entry["generation"])
                   for entry in said["generations"]}
        kept = {(farm, number): self.plan_back(farm, number)[1].stdout
                for farm in self.farms
                for number in [*self.generations(farm), None]
                if (farm, number) not in dropped
                and farm not in said["farms"]}
        home, texts = self.picture(self.home), self.texts()
        named = {what for entry in said["displaced"]
                 for path, (_, what) in self.picture(
                     os.path.dirname(entry["path"])).items()
                 if is_below(path, entry["path"])}
        done = json.loads(self.run("gc", keep, "--json").stdout)
        self.tell("gc", keep, len(dropped), len(said["displaced"]))
        self.law("gc does what it said", done == {**said, "dropped": True},
                 said, done)
        self.law("gc is for the state", home == self.picture(self.home))
        lost = texts - self.texts()
        self.law("no file is lost by gc but those it named", lost <= named,
                 lost, named)
        for (farm, number), plan in kept.items():
            now = self.plan_back(farm, number)[1].stdout
            self.law(f"what gc keeps stays: {farm} {number}", now == plan,
                     plan, now)

    def live(self, rounds):
        codes = []
        for _ in range(rounds):
            farm = self.rng.choice(self.farms)
            manifest = f"{farm}.yaml"
            for _ in range(self.rng.choice((0, 1, 1, 2, 4))):
                self.happen()
            if (not os.path.exists(f"{self.top}/{manifest}")
                    or self.rng.random() < 0.5):
                self.manifests[farm].change()
                for name, text in self.manifests[farm].texts().items():
                    with open(f"{self.top}/{name}", "w",
                              encoding="utf-8") as file:
                        file.write(text)
                    self.tell("manifest", text)
            if self.rng.random() < 0.6:
                time.sleep(SETTLED)
                self.tell("settled")
            profiles = self.rng.choice(([], [], ["--profile=p"],
                                        ["--profile=q"]))
            asked = ["--json", "--exit-code", *profiles, manifest]
            plan = self.said_alike("plan", *asked)
            codes.append(plan.returncode)
            self.agree(plan, self.said_alike("status", *asked))
            what = self.rng.random()
            if what < 0.7:
                self.apply(manifest, profiles, plan)
            elif what < 0.9:
                self.go_back(farm)
            elif what < 0.95:
                self.collect()
        for farm in self.farms:
            self.leave(farm)
        return codes

    def leave(self, farm):
        """Whatever stands in the way of a link that is gone stays."""
        done = self.run("status", "--json", "-v", "--name", farm)
        entries = json.loads(done.stdout)["entries"] if done.stdout else []
        ours = {entry["path"]: entry.get("text") for entry in entries
                if entry["kind"] == "link" and entry["drift"] is None}
        texts = self.texts()
        done = self.run("remove", "--name", farm)
        left = [path for path, text in ours.items()
                if os.path.islink(path) and os.readlink(path) == text]
        self.law("no link is left", done.returncode != 0 or not left,
                 left, done.stdout)
        self.law("no file is lost by remove", texts <= self.texts(),
                 texts - self.texts(), done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--farms", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=14)
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    os.umask(UMASK)
    seed = options.seed
    if seed is None:
        seed = random.SystemRandom().randrange(1 << 32)
    failed = False
    codes = []
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="linkfarm-hist-"))
    try:
        for number in range(seed, seed + options.farms):
            top = f"{scratch}/farm"
            history = History(os.path.abspath(options.program), top,
                              random.Random(number))
            try:
                codes += history.live(options.rounds)
                print(f"ok {number - seed + 1} - farm of seed {number}",
                      flush=True)
            except Broken as broken:
                failed = True
                print(f"not ok {number - seed + 1} - farm of seed {number}")
                for line in (str(broken) + "\n"
                             + "\n".join(history.told)).splitlines():
                    print(f"#   {line}", flush=True)
            shutil.rmtree(top)
        # a test in which nothing happens holds nothing
        print(f"# plans by their exit status: "
              f"{ {code: codes.count(code) for code in sorted(set(codes))} }")
        print(f"1..{options.farms}")
        return 1 if failed else 0
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    sys.exit(main())
