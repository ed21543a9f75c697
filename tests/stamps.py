#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""stamps.py - what is remembered as unchanged never hides a change

    stamps.py --program LINKFARM --racer STAMPS_RACE [--clock CLOCK.so]
              [--rounds N]

Lets an apply that changes nothing write its stamps, makes one change, and asks
`plan --exit-code`, which must find it: links, sources, directories, the
manifest, the environment, an optional file, the ledger; a mount, a backup that
was put back, a copied home, a change of an overlay's layer, another time of day.
Then the racer (stamps_race.c) changes a link at once after each apply, here and,
as root, on tmpfs and ext4. Prints TAP.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

SETTLED = 0.15      # seconds: more than the margin of the rule
ASAN = "verify_asan_link_order=0"   # where the program has a sanitizer


class Farm:
    def __init__(self, program, top):
        self.program, self.top = program, top
        self.home, self.state = top + "/home", top + "/state"
        self.env = {"HOME": self.home, "PATH": "/usr/bin:/bin", "WORD": "one",
                    "LINKFARM_STATE_DIR": self.state, "LC_ALL": "C.UTF-8"}
        self.traced = {}    # the environment of what is traced, besides
        os.makedirs(self.home)
        for name in ("a", "b", "d/c"):
            os.makedirs(os.path.dirname(f"{top}/src/{name}"), exist_ok=True)
            self.write(f"src/{name}", name)
        self.write("linkfarm.yaml",
                   "version: 1\nname: s\ninto: ~/\nvars: {v: \"${WORD}\"}\n"
                   "include: [\"more.yaml?\"]\n"
                   "defaults: {dangling: allow}\n"
                   "links: {~/x: {to: \"/${v}\"}, ~/no: {to: /no, "
                   "when: {user: nobody-at-all}}}\n"
                   "dirs: {~/m: {mode: \"0750\"}}\n"
                   "trees: [{from: src, into: ~/t}]\n")

    def write(self, name, text):
        with open(f"{self.top}/{name}", "w", encoding="utf-8") as file:
            file.write(text)

    def run(self, *arguments, before=()):
        return subprocess.run([*before, self.program, *arguments], check=False,
                              env=self.env, cwd=self.top, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def stamps(self):
        return [name for name in os.listdir(self.state)
                if name.startswith("stamps.")]

    def settle(self):
        """Apply, and let a later apply write down that all is right."""
        self.run("apply", "-q")
        time.sleep(SETTLED)
        return self.run("apply")

    def first(self):
        """Apply, when all that it reads has stood for some time."""
        time.sleep(SETTLED)
        return self.run("apply")

    def remembered(self):
        """The directories in the stamps, each with what counts of it: not the
        size and the times of one that was passed, in which others work."""
        with open(f"{self.state}/{self.stamps()[0]}", "rb") as file:
            return [line.split(b" ")[:-3] if line.startswith(b"passed ")
                    else line.split(b" ") for line in file
                    if line.startswith((b"looked ", b"listed ", b"passed ",
                                        b"places "))]

    def comment(self):
        with open(f"{self.top}/linkfarm.yaml", "a", encoding="utf-8") as file:
            file.write("# a comment\n")

    def trace(self, names, *arguments):
        """The calls of these names that a run makes, and what it says."""
        log = f"{self.top}/log"
        self.env["ASAN_OPTIONS"] = ASAN + ":detect_leaks=0"
        done = self.run(*arguments, before=[
            "strace", "-f", "-y", "-o", log, "-e", "trace=" + names,
            *(f"-E{name}={value}" for name, value in self.traced.items())])
        with open(log, encoding="utf-8", errors="replace") as file:
            calls = [line for line in file if any(
                f" {name}(" in line for name in names.split(","))]
        os.remove(log)
        return calls, done

    def reads(self, *arguments):
        """How many links a run reads, and what it says."""
        calls, done = self.trace("readlink,readlinkat", *arguments)
        # the dynamic linker's, or a sanitizer's
        return sum("/proc/" not in line for line in calls), done

    def lists(self, *arguments):
        """Which source directories a run lists, and what it says."""
        calls, done = self.trace("getdents64", *arguments)
        found = (line.split("<", 1)[1].split(">", 1)[0] for line in calls)
        return {os.path.relpath(path, f"{self.top}/src") for path in found
                if path.startswith(f"{self.top}/src")}, done

    def relink(self, name, text):
        os.symlink(text, f"{self.home}/new")
        os.rename(f"{self.home}/new", f"{self.home}/{name}")


def source_gone(farm):
    os.remove(f"{farm.top}/src/d/c")


def source_added(farm):
    farm.write("src/d/e", "new")


def dir_swapped(farm):
    os.rename(f"{farm.home}/t", f"{farm.home}/old")
    os.mkdir(f"{farm.home}/t")


def dir_linked(farm):
    os.rename(f"{farm.home}/t/d", f"{farm.home}/t/old")
    os.symlink("old", f"{farm.home}/t/d")


def dir_removed(farm):
    os.rename(f"{farm.home}/t/d", f"{farm.home}/old")


def ledger_gone(farm):
    os.remove(f"{farm.state}/ledger")


def environment(farm):
    farm.env["WORD"] = "two"


def manifest(farm):
    farm.write("linkfarm.yaml", "version: 1\nname: s\ninto: ~/\nlinks: {}\n")


CHANGES = [
    ("a link with another text", lambda f: f.relink("x", "/elsewhere")),
    ("a link that is gone", lambda f: os.remove(f"{f.home}/t/a")),
    ("a link in a directory below", lambda f: os.remove(f"{f.home}/t/d/c")),
    ("a source that is gone", source_gone),
    ("a source that is new", source_added),
    ("a directory's mode", lambda f: os.chmod(f"{f.home}/m", 0o700)),
    ("another directory in its place", dir_swapped),
    ("a link in the place of a directory", dir_linked),
    ("a directory that is gone", dir_removed),
    ("the manifest", manifest),
    ("a name of the environment", environment),
    ("an optional file that appears",
     lambda f: f.write("more.yaml", "links: {~/y: {to: /z}}\n")),
    ("a ledger that is gone", ledger_gone),
]


class Laws:
    def __init__(self):
        self.count, self.failed = 0, False

    def law(self, what, holds, detail=b""):
        self.count += 1
        print(f"{'ok' if holds else 'not ok'} {self.count} - {what}")
        if not holds:
            self.failed = True
            print("#", detail.decode(errors="replace").replace("\n", "\n# "))

    def end(self):
        print(f"1..{self.count}")
        return 1 if self.failed else 0


def known_file_system(farm):
    farm.settle()
    return bool(farm.stamps())


def find_changes(laws, program, scratch, how=""):
    """With a new comment: the manifest is another one to the byte, too, so that
    only what is known of single directories can be believed. At once: only the
    apply that made it all has remembered anything."""
    for number, (what, change) in enumerate(CHANGES):
        farm = Farm(program, f"{scratch}/{number}")
        done = farm.first() if how == ", at once" else farm.settle()
        kept = bool(farm.stamps())
        before = farm.run("plan", "--exit-code")
        change(farm)
        if how == ", with a new comment":
            farm.comment()
        after = farm.run("plan", "--exit-code")
        laws.law(f"found{how}: {what}",
                 kept and done.returncode == 0 and before.returncode == 0
                 and b"nothing to do" in before.stdout
                 and after.returncode in (2, 3), before.stdout + after.stdout)
        shutil.rmtree(farm.top)


def remember_what_was_known(laws, program, scratch):
    """A directory that need not be looked into is remembered all the same."""
    farm = Farm(program, f"{scratch}/partly")
    farm.settle()
    before = farm.remembered()
    farm.comment()
    done = farm.run("apply")
    laws.law("with a new comment all directories are remembered again",
             done.returncode == 0 and b"nothing to do" in done.stdout
             and len(before) > 6 and farm.remembered() == before, done.stdout)


def same_as_in_full(farm):
    """What a plan says that believes, and one that does not."""
    short, long = farm.run("plan", "--json"), farm.run("plan", "--full",
                                                       "--json")
    return (short.returncode, [line for line in short.stdout.splitlines()
                               if b'"summary"' in line]) == (
            long.returncode, [line for line in long.stdout.splitlines()
                              if b'"summary"' in line])


NAMES = [
    ("a file that is new", lambda d: open(f"{d}/new", "w").close()),
    ("a file that is gone", lambda d: os.remove(f"{d}/f3")),
    ("a file that has another name",
     lambda d: os.rename(f"{d}/f3", f"{d}/f33")),
    ("a file that is ignored now",
     lambda d: os.rename(f"{d}/f3", f"{d}/f3.bak")),
    ("a directory in the place of a file",
     lambda d: (os.remove(f"{d}/f3"), os.mkdir(f"{d}/f3"))),
    ("a link in the place of a file",
     lambda d: (os.remove(f"{d}/f3"), os.symlink("f4", f"{d}/f3"))),
    ("a fifo in the place of a file",
     lambda d: (os.remove(f"{d}/f3"), os.mkfifo(f"{d}/f3"))),
    ("a directory that is new",
     lambda d: (os.mkdir(f"{d}/dir"), open(f"{d}/dir/g", "w").close())),
    ("a directory that is gone", lambda d: shutil.rmtree(f"{d}/below")),
    ("a file in the place of a directory",
     lambda d: (shutil.rmtree(f"{d}/below"),
                open(f"{d}/below", "w").close())),
    ("two files that change places",
     lambda d: (os.rename(f"{d}/f3", f"{d}/x"), os.rename(f"{d}/f4", f"{d}/f3"),
                os.rename(f"{d}/x", f"{d}/f4"))),
    ("another directory in its place",
     lambda d: (os.rename(d, d + "-old"), os.mkdir(d),
                open(f"{d}/f3", "w").close())),
    ("a directory that cannot be listed", lambda d: os.chmod(d, 0o300)),
]


# What the manifest says of the tree, before and after.
TREES = [
    ("nothing is ignored any more", ', ignore: ["*.bak"]', ""),
    ("something else is ignored", '"*.bak"', '"f[0-4]"'),
    ("only some are chosen", ', ignore', ', only: ["mixed/**"], ignore'),
    ("the tree goes elsewhere", "into: ~/t", "into: ~/u"),
    ("the tree begins further down", "from: src/tree", "from: src/tree/mixed"),
    ("the texts are absolute", "into: ~/t", "into: ~/t, style: absolute"),
    ("directories are folded", "into: ~/t", "into: ~/t, fold: auto"),
    ("another tree comes to it", "{from: src/tree",
     "{from: src/single, into: ~/v}\n - {from: src/tree"),
]


class Names(Farm):
    """Sources of a tree, twice with an ignored name or a link among them; and of
    links that are written out."""

    def __init__(self, program, top):
        super().__init__(program, top)
        for place in ("tree/plain", "tree/mixed", "tree/linked", "single"):
            os.makedirs(f"{top}/src/{place}/below")
            for number in range(10):
                self.write(f"src/{place}/f{number}", "")
            self.write(f"src/{place}/below/g", "")
        self.write("src/tree/mixed/f.bak", "")
        os.symlink("f1", f"{top}/src/tree/linked/link")
        singles = ", ".join(f"s/f{i}: src/single/f{i}" for i in range(10))
        self.write("linkfarm.yaml",
                   "version: 1\nname: s\ninto: ~/\n"
                   "defaults: {dangling: allow}\n"
                   "trees:\n - {from: src/tree, into: ~/t, ignore: [\"*.bak\"]}\n"
                   f"links: {{{singles}}}\n")


def know_the_names(laws, program, scratch):
    """With another manifest: what is in source directories that have not changed is
    known from the links that were made; and what has changed is found."""
    farm = Names(program, f"{scratch}/names")
    farm.settle()
    if shutil.which("strace"):
        first, _ = farm.lists("plan", "--full")
        farm.comment()
        for how in ("for the first time", "again"):
            listed, done = farm.lists("apply")
            # of the single ones' directory nothing was ever linked from `below`
            laws.law(f"only what has other names is listed, {how}",
                     done.returncode == 0 and b"nothing to do" in done.stdout
                     and {"tree/plain", "tree/plain/below"} <= first
                     and listed == {"tree/mixed", "tree/linked", "single"},
                     repr((first, listed)).encode() + done.stdout)
            farm.comment()
    else:
        skip(laws, "which source directories are listed", "needs strace")
    shutil.rmtree(farm.top)
    for what, change in NAMES:
        for place in ("tree/plain", "tree/mixed", "tree/linked", "single"):
            farm = Names(program, f"{scratch}/names")
            farm.settle()
            before = farm.run("plan", "--json")
            change(f"{farm.top}/src/{place}")
            farm.comment()
            short = farm.run("plan", "--json")
            long = farm.run("plan", "--full", "--json")
            laws.law(f"{what}, in {place}", before.returncode == 0
                     and short.returncode == long.returncode
                     and short.stdout == long.stdout, short.stdout + long.stdout)
            if os.path.isdir(f"{farm.top}/src/{place}"):
                os.chmod(f"{farm.top}/src/{place}", 0o755)
            shutil.rmtree(farm.top)


def know_what_another_manifest_takes(laws, program, scratch):
    """The names that are known are all of a directory, whatever was made of them."""
    for what, old, new in TREES:
        farm = Names(program, f"{scratch}/trees")
        farm.settle()
        with open(f"{farm.top}/linkfarm.yaml", encoding="utf-8") as file:
            text = file.read()
        farm.write("linkfarm.yaml", text.replace(old, new))
        short = farm.run("plan", "--json", "--exit-code")
        long = farm.run("plan", "--full", "--json", "--exit-code")
        done = farm.run("apply", "-q")
        again = farm.run("plan", "--full", "--exit-code")
        laws.law(f"{what}: the plan is that of who looks at everything",
                 old in text and short.returncode == long.returncode == 2
                 and short.stdout == long.stdout and done.returncode == 0
                 and again.returncode == 0,
                 short.stdout + long.stdout + done.stdout + again.stdout)
        shutil.rmtree(farm.top)


def remember_what_was_made(laws, program, scratch):
    """After an apply that changes something the next run has nothing to plan: it
    reads the links in what was changed, and then that is remembered too."""
    if not shutil.which("strace"):
        skip(laws, "what an apply made is remembered", "needs strace")
        return
    farm = Farm(program, f"{scratch}/made")

    def is_read(what, links, count):
        farm.run("apply")
        time.sleep(SETTLED)
        few, done = farm.reads("apply")
        none, after = farm.reads("apply")
        laws.law(f"{what} are read once, and nothing is planned",
                 done.returncode == 0 and few == count and none == 0
                 and b"nothing to do, %d unchanged" % links in done.stdout
                 and after.stdout == done.stdout and same_as_in_full(farm),
                 b"%d %d " % (few, none) + done.stdout + after.stdout)

    time.sleep(SETTLED)
    is_read("all links of a new farm", 4, 4)
    farm.env["WORD"] = "two"
    is_read("the links beside one that leads elsewhere", 4, 1)
    farm.write("src/d/e", "new")
    time.sleep(SETTLED)
    is_read("the links beside a new one", 5, 2)
    with open(f"{farm.top}/linkfarm.yaml", encoding="utf-8") as file:
        text = file.read()
    farm.write("linkfarm.yaml", text.replace("0750", "0700"))
    is_read("no links beside a directory that gets another mode", 5, 0)
    done = farm.run("plan", "--exit-code")
    os.chmod(f"{farm.home}/m", 0o750)
    after = farm.run("plan", "--exit-code")
    laws.law("found: the mode of before", done.returncode == 0
             and after.returncode == 2, done.stdout + after.stdout)


def read_what_may_have_changed(laws, program, scratch):
    """A file of somebody else's in a directory with links: only the links in it
    are read, and what they are found to be is remembered."""
    if not shutil.which("strace"):
        skip(laws, "a directory that has changed", "needs strace")
        return
    farm = Farm(program, f"{scratch}/touched")
    farm.settle()
    farm.write("home/t/mine", "not a link of ours")
    time.sleep(SETTLED)
    for command, count in (("status", 2), ("plan", 2), ("apply", 2),
                           ("apply", 0), ("status", 0)):
        few, done = farm.reads(command)
        laws.law(f"a file beside links: {command} reads {count} of them",
                 done.returncode == 0 and few == count,
                 b"%d " % few + done.stdout)
    os.rename(f"{farm.home}/t", f"{farm.home}/old")
    subprocess.run(["cp", "-a", f"{farm.home}/old", f"{farm.home}/t"],
                   check=True)
    few, done = farm.reads("apply")
    laws.law("a directory like the one that was there is planned anew",
             done.returncode == 0 and few >= 3 and same_as_in_full(farm),
             b"%d " % few + done.stdout)


def look_at_what_is_not_ours(laws, program, scratch):
    """A link leads through one that is not the farm's, in a directory that the
    apply changed: that one matters, too, and any change there means a plan."""
    for what, change in (
            ("leads elsewhere", lambda f: f.relink("way", f"{f.top}/no")),
            ("is gone", lambda f: os.remove(f"{f.home}/way"))):
        farm = Farm(program, f"{scratch}/foreign")
        os.symlink(f"{farm.top}/src", f"{farm.home}/way")
        farm.write("linkfarm.yaml", "version: 1\nname: s\ninto: ~/\n"
                   "links: {~/x: {to: way/a}, ~/t/y: {to: ../way/b}}\n")
        for settle in (farm.first, farm.settle):
            done = settle()
            before = farm.run("plan", "--exit-code")
            change(farm)
            after = farm.run("plan", "--exit-code")
            farm.relink("way", f"{farm.top}/src")
            laws.law(f"found: a link on the way that {what}",
                     done.returncode == 0 and before.returncode == 0
                     and after.returncode == 3 and same_as_in_full(farm),
                     done.stdout + before.stdout + after.stdout)
        shutil.rmtree(farm.top)


def follow_links_to_the_manifest(laws, program, scratch):
    """What lies behind a link on the way to the manifest, in a root or not."""
    for root in ([], ["--root", f"{scratch}/way"]):
        top = f"{scratch}/way"
        for name in ("one", "two"):
            os.makedirs(f"{top}/{name}")
            for file, text in (("a", "a"), ("m.yaml", "version: 1\nname: w\n"
                                "from: .\nlinks: {%s/x: a}\n"
                                % ("/to" if root else f"{top}/to"))):
                with open(f"{top}/{name}/{file}", "w",
                          encoding="utf-8") as out:
                    out.write(text)
        os.mkdir(f"{top}/to")
        os.symlink("way/one", f"{scratch}/alias")

        def run(command):
            return subprocess.run(
                [program, command, *root, "--exit-code", "--state-dir",
                 f"{top}/state", f"{scratch}/alias/m.yaml"], check=False,
                env={"HOME": scratch, "PATH": "/usr/bin:/bin"}, timeout=60,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

        run("apply")
        time.sleep(SETTLED)
        before = run("apply")
        os.remove(f"{scratch}/alias")
        os.symlink("way/two", f"{scratch}/alias")
        after = run("plan")
        laws.law("found: another directory behind the link to the manifest"
                 + (", of another root" if root else ""),
                 before.returncode == 0 and b"nothing to do" in before.stdout
                 and after.returncode == 2, before.stdout + after.stdout)
        os.remove(f"{scratch}/alias")
        shutil.rmtree(top)


def believe_nothing_damaged(laws, program, scratch):
    farm = Farm(program, f"{scratch}/damaged")
    farm.settle()
    path = f"{farm.state}/{farm.stamps()[0]}"
    with open(path, "r+b") as file:
        text = file.read().replace(b"farm s 1 4", b"farm s 1 9")
        file.seek(0)
        file.write(text)
    done = farm.run("apply")
    laws.law("a damaged file is not believed",
             done.returncode == 0 and b"4 unchanged" in done.stdout,
             done.stdout)
    done = farm.run("apply", "--full", "-v")
    laws.law("--full looks at everything",
             done.returncode == 0 and b"src/d/c" in done.stdout, done.stdout)


def read_a_large_manifest(laws, program, scratch):
    """One that is read piece by piece: each of its bytes counts."""
    farm = Farm(program, f"{scratch}/large")
    with open(f"{farm.top}/linkfarm.yaml", encoding="utf-8") as file:
        text = file.read()
    pad = "# padding of a hundred bytes or so, again and again\n" * 12000
    farm.write("linkfarm.yaml", pad + text)
    farm.settle()
    before = farm.run("plan", "--exit-code")
    farm.write("linkfarm.yaml", pad + text.replace("/${v}", "/${v}y"))
    after = farm.run("plan", "--exit-code")
    farm.write("linkfarm.yaml", pad[:-1] + "x" + text)
    broken = farm.run("plan", "--exit-code")
    laws.law("found: another byte at the end of a large manifest",
             before.returncode == 0 and after.returncode == 2
             and broken.returncode not in (0, 2), after.stdout)


def read_many_profiles(laws, program, scratch):
    """They stand in the stamps one by one, and take memory for each once."""
    farm = Farm(program, f"{scratch}/profiles")
    command = [program, "apply", "-q",
               *(f"--profile=p{number}" for number in range(10000))]
    for _ in range(3):
        time.sleep(SETTLED)
        child = subprocess.Popen(command, env=farm.env, cwd=farm.top)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
    laws.law("10,000 profiles are read in less than 400 MiB",
             child.returncode == 0 and usage.ru_maxrss < 400 * 1024,
             f"status {child.returncode}, {usage.ru_maxrss} KiB".encode())


def know_the_farm(laws, program, scratch):
    """Who needs only the farm's name reads no manifest that is known; one that is
    not known, because a name of the environment or a byte is another, is read."""
    farm = Farm(program, f"{scratch}/name")
    farm.settle()
    name = f"{farm.top}/linkfarm.yaml"
    with open(name, encoding="utf-8") as file:
        text = file.read()
    known = farm.run("history")
    farm.write("linkfarm.yaml", text.replace("name: s", "name: r"))
    other = farm.run("history")
    laws.law("another name in the manifest is another farm",
             known.returncode == 0 and other.returncode not in (0, 4)
             and b"'r'" in other.stdout, known.stdout + other.stdout)
    farm.write("linkfarm.yaml", text + "x")
    broken = farm.run("remove", "-n")
    laws.law("a fault in the manifest is told", b"LF010" in broken.stdout,
             broken.stdout)
    farm.write("linkfarm.yaml", text)
    done = farm.run("remove")
    laws.law("a known manifest is removed", done.returncode == 0
             and b"Removed: 4 removed" in done.stdout
             and not os.listdir(farm.home), done.stdout)


def look_at_everything(laws, program, scratch):
    """Nothing is read that is remembered, and everything with --full."""
    if not shutil.which("strace"):
        skip(laws, "--full reads every link", "needs strace")
        return
    farm = Farm(program, f"{scratch}/full")
    farm.settle()
    links = 4
    for command in ("status", "plan", "apply"):
        few, done = farm.reads(command)
        laws.law(f"{command} reads no link", done.returncode == 0
                 and few == 0, b"%d " % few + done.stdout)
        all_of_them, done = farm.reads(command, "--full")
        laws.law(f"{command} --full reads every link", done.returncode == 0
                 and all_of_them >= links, b"%d " % all_of_them + done.stdout)


def remove_what_is_remembered(laws, program, scratch):
    """A removal believes what an apply of the manifest remembers, as long as it
    looks; before it drops a link it has read it."""
    if not shutil.which("strace"):
        skip(laws, "a removal plans what is remembered", "needs strace")
        return
    farm = Farm(program, f"{scratch}/remove")
    farm.settle()
    removal = ("remove", "--dry-run")
    few, done = farm.reads(*removal)
    # the proof looks at what stands beside the directories that go: at ~/x
    laws.law("a removal is planned without a look at links that are remembered",
             done.returncode == 0 and few == 1
             and b"4 to remove" in done.stdout, b"%d " % few + done.stdout)
    farm.relink("t/a", "/elsewhere")
    few, done = farm.reads(*removal)
    laws.law("found by a removal: a link that leads elsewhere",
             few >= 3 and b"3 to remove, 1 to forget" in done.stdout,
             b"%d " % few + done.stdout)
    few, done = farm.reads("remove")
    laws.law("each link that is removed was read, and what is not ours stays",
             done.returncode == 0 and few >= 2 + 3
             and os.readlink(f"{farm.home}/t/a") == "/elsewhere"
             and not os.path.lexists(f"{farm.home}/t/b")
             and not os.path.lexists(f"{farm.home}/x"),
             b"%d " % few + done.stdout)


def change_the_clock(laws, program, scratch, clock):
    """What was remembered in the future, as this clock says, is not believed,
    nor what was before the system was started; what was long ago is."""
    if not clock or not shutil.which("strace"):
        skip(laws, "a clock set back", "needs strace, and --clock")
        return
    farm = Farm(program, f"{scratch}/clock")
    farm.settle()
    with open(clock, "rb") as file:
        # a blank would end the path (ld.so(8)), and this has none
        farm.traced["LD_PRELOAD"] = f"/proc/{os.getpid()}/fd/{file.fileno()}"
        shift_the_clock(laws, farm)


def shift_the_clock(laws, farm):
    long = 86400 * 400
    for shift, up, believed in ((-3600, 0, False), (-60, 0, False),
                                (0, 0, True), (long, long, True),
                                (long, 0, False)):
        farm.traced["CLOCK_SHIFT"] = str(shift)
        farm.traced["UPTIME_SHIFT"] = str(up)
        few, done = farm.reads("plan")
        laws.law(f"a clock that is {shift} seconds off, {up} more since the "
                 "start: " + ("believed" if believed else "read again"),
                 done.returncode == 0 and (few == 0) == believed,
                 b"%d " % few + done.stdout)


def restore_a_backup(laws, program, scratch):
    """Names, texts and times are as they were; what was made since is gone."""
    farm = Farm(program, f"{scratch}/backup")
    farm.settle()
    backup = f"{farm.top}/backup"
    subprocess.run(["cp", "-a", farm.home, backup], check=True)
    farm.env["WORD"] = "two"
    farm.settle()
    before = farm.run("plan", "--exit-code")
    shutil.rmtree(farm.home)
    os.rename(backup, farm.home)
    after = farm.run("plan", "--exit-code")
    laws.law("found: a backup that was put back", before.returncode == 0
             and after.returncode in (2, 3), before.stdout + after.stdout)


def copy_a_home(laws, program, scratch):
    """Home, state, sources and manifest in another place, stamps and all."""
    farm = Farm(program, f"{scratch}/original")
    farm.settle()
    copy = Farm(program, f"{scratch}/copy")
    shutil.rmtree(copy.top)
    subprocess.run(["cp", "-a", farm.top, copy.top], check=True)
    os.remove(f"{copy.home}/t/a")
    done = copy.run("plan", "--exit-code")
    laws.law("found: another home, with a copy of the state",
             done.returncode in (2, 3) and b"nothing to do" not in done.stdout,
             done.stdout)
    farm.run("status", "--exit-code")
    laws.law("the original is left alone", farm.run(
        "plan", "--exit-code").returncode == 0)


def mount_over(laws, program, scratch):
    """Another file system over a directory, and the same directory over
    itself, of which only the number of the mount tells."""
    if not can_mount():
        skip(laws, "a mount over a directory", "needs root, and mounts")
        return
    for what, mount in (
            ("a mount over a directory of links",
             "mount -t tmpfs none home/t"),
            ("a mount over a directory of sources",
             "mount -t tmpfs none src/d"),
            ("an older directory mounted over it",
             "mount --bind home/old home/t"),
            # relative links there would lead elsewhere by the other way
            ("the directory mounted over itself",
             "mount --bind home/t home/t")):
        farm = Farm(program, f"{scratch}/mount")
        farm.settle()
        subprocess.run(["cp", "-a", f"{farm.home}/t", f"{farm.home}/old"],
                       check=True)
        os.remove(f"{farm.home}/old/a")
        farm.settle()
        before = farm.run("plan", "--exit-code")
        after = farm.run("plan", "--exit-code", before=[
            "unshare", "-m", "sh", "-ec", f'{mount}; exec "$@"', "sh"])
        laws.law(f"found: {what}", before.returncode == 0
                 and after.returncode in (2, 3), before.stdout + after.stdout)
        shutil.rmtree(farm.top)


LAYERS = """
    over() {
        mount -t overlay -o lowerdir=src,upperdir=up/u,workdir=up/w none src
    }
    mkdir up; mount -t tmpfs none up; mkdir up/u up/w
    over || exit 77
    touch src/d/above; sleep $0
    "$1" apply -q; sleep $0; "$1" apply; "$1" plan --exit-code
    umount src; touch src/d/below; over
    "$@"
"""


def change_a_layer(laws, program, scratch):
    """While an overlay is not mounted, a name comes into a layer below. The
    directory keeps the times of the layer above; the next mount would have the
    numbers of the first."""
    what = "found: a change of an overlay's layer below"
    if not can_mount():
        skip(laws, what, "needs root, and mounts")
        return
    farm = Farm(program, f"{scratch}/layers")
    done = farm.run("plan", "--exit-code", before=[
        "unshare", "-m", "sh", "-ec", LAYERS, str(SETTLED)])
    if done.returncode == 77:
        skip(laws, what, "needs overlays")
        return
    laws.law(what, done.returncode == 2 and b"t/d/below" in done.stdout,
             done.stdout)


def can_mount():
    return subprocess.run(
        ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/tmp"], check=False,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def skip(laws, what, why):
    print(f"# SKIP-REASON {what}: {why}")
    laws.law(f"{what} # SKIP {why}", True)


PLACES = [
    ("here", "true"),
    ("on tmpfs", "mount -t tmpfs none {0}"),
    ("on ext4", "truncate -s 64M {0}.image; PATH=$PATH:/sbin "
     "mkfs.ext4 -q -F {0}.image; mount -o loop {0}.image {0}"),
    ("on ext4 that keeps whole seconds", "truncate -s 64M {0}.image; "
     "PATH=$PATH:/sbin mkfs.ext4 -q -F -I 128 {0}.image; "
     "mount -o loop {0}.image {0}"),
]


def race(laws, options, scratch):
    """A change within the tick of the look is found: here, and on the file
    systems that the rule is for."""
    for number, (where, mount) in enumerate(PLACES):
        what = f"{options.rounds} changes at once after an apply, {where}"
        if number and not can_mount():
            skip(laws, what, "needs root, and mounts")
            continue
        place = f"{scratch}/place{number}"
        os.mkdir(place)
        done = subprocess.run(
            [*(["unshare", "-m"] if number else []), "sh", "-ec",
             mount.format(place) + ' >&2; exec "$@"', "sh",
             options.racer, place, str(options.rounds)],
            check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        laws.law(what + ", are all found", done.returncode == 0, done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--racer", required=True)
    parser.add_argument("--clock")
    parser.add_argument("--rounds", type=int, default=1000)
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    options.racer = os.path.abspath(options.racer)
    laws = Laws()
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="linkfarm-stamps-"))
    try:
        if not known_file_system(Farm(program, f"{scratch}/probe")):
            print("# SKIP-REASON stamps: not on this kind of file system")
            print("ok 1 - stamps # SKIP not on this kind of file system\n1..1")
            return 0
        find_changes(laws, program, scratch)
        find_changes(laws, program, scratch, ", with a new comment")
        find_changes(laws, program, scratch, ", at once")
        remember_what_was_known(laws, program, scratch)
        know_the_names(laws, program, scratch)
        know_what_another_manifest_takes(laws, program, scratch)
        remember_what_was_made(laws, program, scratch)
        read_what_may_have_changed(laws, program, scratch)
        look_at_what_is_not_ours(laws, program, scratch)
        follow_links_to_the_manifest(laws, program, scratch)
        believe_nothing_damaged(laws, program, scratch)
        look_at_everything(laws, program, scratch)
        read_a_large_manifest(laws, program, scratch)
        read_many_profiles(laws, program, scratch)
        know_the_farm(laws, program, scratch)
        remove_what_is_remembered(laws, program, scratch)
        change_the_clock(laws, program, scratch, options.clock)
        restore_a_backup(laws, program, scratch)
        copy_a_home(laws, program, scratch)
        mount_over(laws, program, scratch)
        change_a_layer(laws, program, scratch)
        race(laws, options, scratch)
        return laws.end()
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    sys.exit(main())
