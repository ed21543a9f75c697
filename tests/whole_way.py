#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""whole_way.py - a large tree of awkward names, there and back

    whole_way.py --program LINKFARM [--files N] [--seed N]

Makes a home and a source tree of N files (spaces, non-ASCII bytes, newlines,
deep directories, symlinks, FIFOs, empty directories) and holds these laws:
 - after apply every file has its link, and status is clean;
 - a second apply makes no system call that changes the tree or the state (by
   strace, where there is one);
 - after remove, without manifest and sources, the home is what it was before,
   to the byte, mode and time of modification of what was there before.
Prints TAP.
"""

import argparse
import os
import random
import re
import shutil
import stat
import subprocess
import sys
import tempfile

PIECES = [b"a", b"B c", b"\xc3\xa9t\xc3\xa9", b"\xff\xfe", b"new\nline", b"t\tab",
          b"-dash", b"'quote\"", b"*", b"$x", b".hidden", b"#", b"x" * 200, b"~"]

# Calls that change a file system; open calls are looked at one by one.
CHANGING = re.compile(
    r"^(?:\[pid +\d+\] |\d+ +)?(symlink|symlinkat|link|linkat|rename|renameat"
    r"|renameat2|unlink|unlinkat|mkdir|mkdirat|rmdir|chmod|fchmod|fchmodat"
    r"|fchmodat2|chown|fchown|lchown|fchownat|utime|utimes|utimensat|futimesat"
    r"|truncate|ftruncate|fallocate|setxattr|lsetxattr|fsetxattr|mknod|mknodat"
    r"|fsync|fdatasync|syncfs|sync)\(")
WRITING = re.compile(r"open(?:at2?)?\(.*(?:O_WRONLY|O_RDWR|O_CREAT|O_TRUNC)")


class Way:
    def __init__(self, program, files, rng, scratch):
        self.program, self.rng = program, rng
        self.home = os.path.join(os.fsencode(scratch), b"home")
        self.farm = os.path.join(os.fsencode(scratch), b"farm")
        self.state = os.path.join(os.fsencode(scratch), b"state")
        self.env = {"HOME": os.fsdecode(self.home), "PATH": "/usr/bin:/bin",
                    "XDG_STATE_HOME": os.fsdecode(self.state),
                    "LC_ALL": "C.UTF-8"}
        self.links = []
        self.count = 0
        self.failed = False
        os.makedirs(os.path.join(self.farm, b"tree"))
        os.makedirs(self.home)
        self.make_sources(files)
        self.make_home()
        with open(os.path.join(self.farm, b"linkfarm.yaml"), "wb") as file:
            file.write(b"version: 1\nname: whole\ninto: ~/\n"
                       b"defaults: {dangling: allow}\n"
                       b"links: {one/more: {to: /dev/null}}\n"
                       b"trees: [{from: tree}]\n")

    def make_sources(self, files):
        dirs = [b""]
        made = set()
        while len(self.links) < files:
            above = self.rng.choice(dirs)
            name = self.rng.choice(PIECES) + b"%d" % self.rng.randrange(1000)
            path = os.path.join(above, name)
            if path in made or len(path) > 2000:
                continue
            made.add(path)
            full = os.path.join(self.farm, b"tree", path)
            kind = self.rng.random()
            if kind < 0.25:
                os.mkdir(full)
                dirs.append(path)
                continue
            if kind < 0.3:
                os.mkdir(full)      # stays empty
                continue
            if kind < 0.4:
                os.symlink(self.rng.choice([b"nowhere", b".", b"/etc/passwd"]),
                           full)
            elif kind < 0.43:
                os.mkfifo(full)
            else:
                with open(full, "wb") as file:
                    file.write(name)
            self.links.append(path)

    def make_home(self):
        """Some directories of the sources stand already, with things in them."""
        with open(os.path.join(self.home, b"mine"), "wb") as file:
            file.write(b"my own")
        for path in self.links[::7]:
            above = os.path.join(self.home, os.path.dirname(path))
            os.makedirs(above, exist_ok=True)
            with open(os.path.join(above, b"mine too"), "wb") as file:
                file.write(path)

    def picture(self, top):
        nodes = {}
        for above, dirs, files in os.walk(top):
            for name in dirs + files:
                path = os.path.join(above, name)
                st = os.lstat(path)
                content = b""
                if stat.S_ISLNK(st.st_mode):
                    content = os.readlink(path)
                elif stat.S_ISREG(st.st_mode):
                    with open(path, "rb") as file:
                        content = file.read()
                times = None if stat.S_ISDIR(st.st_mode) else st.st_mtime_ns
                nodes[os.path.relpath(path, top)] = (st.st_mode, content, times)
        return nodes

    def run(self, *arguments, trace=None):
        command = [self.program, *arguments]
        if trace:
            command = ["strace", "-f", "-o", trace, *command]
        return subprocess.run(command, check=False, env=self.env, timeout=120,
                              cwd=self.farm, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)

    def law(self, what, holds, detail=""):
        self.count += 1
        print(f"{'ok' if holds else 'not ok'} {self.count} - {what}")
        if not holds:
            self.failed = True
            for line in str(detail).splitlines()[:20]:
                print(f"#   {line}")

    def skip(self, what, why):
        self.count += 1
        print(f"# SKIP-REASON {what}: {why}")
        print(f"ok {self.count} - {what} # SKIP {why}")

    def every_file_has_its_link(self):
        wrong = []
        for path in self.links:
            link = os.path.join(self.home, path)
            source = os.path.join(self.farm, b"tree", path)
            if not os.path.islink(link):
                wrong.append(link)
                continue
            leads = os.path.join(os.path.dirname(link), os.readlink(link))
            if os.path.normpath(leads) != source:
                wrong.append(link)
        return wrong

    def nothing_is_written(self, trace):
        what = "a second apply changes nothing, by its system calls"
        if not shutil.which("strace"):
            self.skip(what, "there is no strace")
            return
        done = self.run("apply", trace=trace)
        if done.returncode and b"ptrace" in done.stdout:
            self.skip(what, "strace may not trace here")
            return
        with open(trace, encoding="utf-8", errors="replace") as file:
            lines = file.readlines()
        wrong = [line for line in lines
                 if CHANGING.match(line) and "/lock" not in line
                 and '"stamps.' not in line
                 and "= -1" not in line and "ftruncate" not in line]
        wrong += [line for line in lines if WRITING.search(line)
                  and '"lock"' not in line and '"stamps.' not in line
                  and "= -1" not in line
                  and "/dev/" not in line]
        self.law(what, done.returncode == 0 and len(lines) > 20 and not wrong,
                 "".join(wrong) or done.stdout)

    def go(self, trace):
        before = self.picture(self.home)
        done = self.run("apply")
        self.law("apply succeeds", done.returncode == 0, done.stdout)
        wrong = self.every_file_has_its_link()
        self.law(f"each of {len(self.links)} files has its link", not wrong, wrong)
        done = self.run("status", "--exit-code")
        self.law("status is clean",
                 done.returncode == 0 and b"clean" in done.stdout, done.stdout)
        tree, state = self.picture(self.home), self.picture(self.state)
        self.nothing_is_written(trace)
        done = self.run("apply")
        now = self.picture(self.state)
        for files in (state, now):      # neither the lock nor what may be lost
            for name in list(files):
                if os.path.basename(name).startswith((b"lock", b"stamps.")):
                    del files[name]
        self.law("a second apply leaves tree and ledger untouched",
                 done.returncode == 0 and self.picture(self.home) == tree
                 and now == state, done.stdout)
        shutil.rmtree(os.path.join(self.farm, b"tree"))
        os.remove(os.path.join(self.farm, b"linkfarm.yaml"))
        done = self.run("remove", "--name", "whole")
        after = self.picture(self.home)
        different = [path for path in before.keys() | after.keys()
                     if before.get(path) != after.get(path)]
        self.law("remove works without manifest and sources",
                 done.returncode == 0, done.stdout)
        self.law("and the home is what it was, to the byte", not different,
                 different)
        print(f"1..{self.count}")
        return 1 if self.failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    seed = options.seed
    if seed is None:
        seed = random.SystemRandom().randrange(1 << 32)
    print(f"# seed {seed}")
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="linkfarm-way-"))
    try:
        way = Way(os.path.abspath(options.program), options.files,
                  random.Random(seed), scratch)
        return way.go(os.path.join(scratch, "trace"))
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    sys.exit(main())
