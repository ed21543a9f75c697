#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""displaced.py - what was moved aside comes back as it was

    displaced.py --program LINKFARM

Nodes of every kind, with unusual modes, owners, times, attributes, access
lists and second names, give way to links and come back: by remove, by rollback,
and because their entries left the manifest; with the state on the same file
system and on another. Each is the same inode then, and no stat field but the
time of the change differs. When the user has put something new into a place
meanwhile, that is a conflict, and both are kept. As root, a state directory
that is full, read-only or somebody else's is said before anything is touched.
Prints TAP.
"""

import argparse
import os
import shutil
import stat
import struct
import subprocess
import sys
import tempfile

# Version 2; tag, permissions, id: owner rw, user 12345 r, group -, mask r, other -
ACCESS_LIST = struct.pack("<I" + "HHI" * 5, 2,
                          1, 6, 0xffffffff, 2, 4, 12345, 4, 0, 0xffffffff,
                          16, 4, 0xffffffff, 32, 0, 0xffffffff)


class Displaced:
    def __init__(self, program, scratch):
        self.program, self.scratch = program, scratch
        self.count = 0
        self.failed = False
        self.names = ["file", "suid", "link", "fifo", "dir", "twice"]

    def law(self, what, holds, detail=""):
        self.count += 1
        print(f"{'ok' if holds else 'not ok'} {self.count} - {what}", flush=True)
        if not holds:
            self.failed = True
            for line in str(detail).splitlines()[:30]:
                print(f"#   {line}")

    def skip(self, what, why):
        self.count += 1
        print(f"# SKIP-REASON {what}: {why}")
        print(f"ok {self.count} - {what} # SKIP {why}")

    # ---- nodes ----

    def fresh(self, state=None):
        self.home = os.path.join(self.scratch, "home")
        self.state = state or os.path.join(self.scratch, "state")
        for path in (self.home, self.state):
            shutil.rmtree(path, ignore_errors=True)
        os.makedirs(os.path.join(self.home, "dot"))
        self.write("dot/a", b"source")
        self.env = {"HOME": self.home, "PATH": "/usr/bin:/bin",
                    "LC_ALL": "C.UTF-8"}

    def write(self, name, content):
        with open(os.path.join(self.home, name), "wb") as file:
            file.write(content)

    def attribute(self, path, name, value):
        try:
            os.setxattr(path, name, value)
        except OSError as error:
            why = f"no {name} here: {error.strerror}"
            if why not in self.lacking:
                self.lacking.append(why)
                print(f"# SKIP-REASON attributes: {why}")

    def make_nodes(self):
        home = self.home
        self.lacking = getattr(self, "lacking", [])
        self.write("file", b"mine")
        self.write("suid", b"mine too")
        os.symlink("nowhere at all", os.path.join(home, "link"))
        os.mkfifo(os.path.join(home, "fifo"), 0o620)
        os.makedirs(os.path.join(home, "dir/deep"))
        self.write("dir/deep/file", b"deep")
        self.write("twice", b"two names")
        os.link(os.path.join(home, "twice"), os.path.join(home, "other name"))
        nodes = [os.path.join(home, name) for name in
                 (*self.names, "dir/deep", "dir/deep/file")]
        for i, path in enumerate(nodes):
            if os.geteuid() == 0:
                os.chown(path, 1000 + i, 2000 + i, follow_symlinks=False)
        for name in ("file", "dir", "dir/deep/file"):
            self.attribute(os.path.join(home, name), "user.note", b"\0bytes")
        for name, mode in (("file", 0o604), ("suid", 0o4751), ("dir", 0o1771),
                           ("dir/deep", 0o2750), ("dir/deep/file", 0o440)):
            os.chmod(os.path.join(home, name), mode)
        self.attribute(os.path.join(home, "twice"), "system.posix_acl_access",
                       ACCESS_LIST)
        for i, path in enumerate(reversed(nodes)):
            os.utime(path, ns=(10**18 + i, 10**18 + 1000 + i),
                     follow_symlinks=False)

    def picture(self):
        """Everything of the home but the sources; looked at before it is
        read, which changes the time of access."""
        nodes = {}
        for above, dirs, files in os.walk(self.home):
            if above == self.home:
                dirs.remove("dot")
            for name in dirs + files:
                path = os.path.join(above, name)
                st = os.lstat(path)
                content = None
                if stat.S_ISLNK(st.st_mode):
                    content = os.readlink(path)
                elif stat.S_ISREG(st.st_mode) and os.access(path, os.R_OK):
                    with open(path, "rb") as file:
                        content = file.read()
                attributes = {key: os.getxattr(path, key, follow_symlinks=False)
                              for key in os.listxattr(path,
                                                      follow_symlinks=False)}
                # what reads names, texts or the other name changes it, too
                own = stat.S_ISFIFO(st.st_mode) or (
                    stat.S_ISREG(st.st_mode) and st.st_nlink == 1)
                atime = st.st_atime_ns if own else None
                nodes[os.path.relpath(path, self.home)] = (
                    st.st_mode, st.st_ino, st.st_dev, st.st_nlink, st.st_uid,
                    st.st_gid, st.st_size, atime, st.st_mtime_ns, content,
                    attributes)
        return nodes

    # ---- runs ----

    def manifest(self, links):
        with open(os.path.join(self.home, "dot/m.yaml"), "w",
                  encoding="ascii") as file:
            file.write("version: 1\nname: t\ninto: ~/\n"
                       "defaults: {conflict: backup}\nlinks:\n  one: a\n")
            file.writelines(f"  {name}: a\n" for name in links)

    def run(self, *arguments):
        done = subprocess.run(
            [self.program, *arguments, "--state-dir", self.state], check=False,
            env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=60)
        return done.returncode, done.stdout

    def apply(self, links):
        self.manifest(links)
        return self.run("apply", os.path.join(self.home, "dot/m.yaml"))

    @staticmethod
    def differences(a, b):
        return "\n".join(f"{path}: {a.get(path)}\n  {b.get(path)}"
                         for path in sorted(a.keys() | b.keys())
                         if a.get(path) != b.get(path))

    def comes_back(self, how, back, state=None, store=None):
        self.fresh(state)
        self.apply([])
        self.make_nodes()
        self.picture()
        before = self.picture()
        done = self.apply(self.names)
        linked = all(os.readlink(os.path.join(self.home, name)) == "dot/a"
                     for name in self.names) if done[0] == 0 else False
        stored = store is None or os.path.isdir(os.path.join(self.home, store))
        undone = back()
        after = self.picture()
        if "one" not in after:      # remove took it as well
            before.pop("one")
        self.law(f"{how}: every node is the same inode, and nothing of it "
                 "has changed",
                 linked and stored and undone[0] == 0 and before == after,
                 f"{done}{undone}{self.differences(before, after)}")

    def conflict(self, how, *arguments):
        self.fresh()
        self.apply([])
        self.make_nodes()
        self.picture()
        kept = self.picture()["file"]
        self.apply(["file", "dir"])
        os.remove(os.path.join(self.home, "file"))
        self.write("file", b"new")
        self.picture()
        before = self.picture()
        status, output = self.run(*arguments)
        after = self.picture()
        self.law(f"{how}: what the user has put there is a conflict, and both "
                 "are kept",
                 status == 3 and after == before and "file" in output,
                 output + self.differences(before, after))
        os.rename(os.path.join(self.home, "file"),
                  os.path.join(self.home, "file.new"))
        status, output = self.run(*arguments)
        after = self.picture()
        self.law(f"{how}: once it is out of the way, the old one comes back",
                 status == 0 and after["file"] == kept
                 and after["file.new"][-2] == b"new",
                 f"{output}{kept}\n{after['file']}")

    # ---- the state directory ----

    def refused(self, what, code, before):
        """Nothing of the home differs, and then it goes."""
        status, output = self.apply(["file", "dir"])
        after = self.picture()
        self.law(f"a state directory that is {what} is said before anything is "
                 "touched",
                 status == 1 and code in output and before == after,
                 output + self.differences(before, after))

    def state_directory(self):
        what = "a state directory that is full, read-only, somebody else's"
        if os.geteuid() != 0:
            self.skip(what, "only root can mount and give away")
            return
        self.fresh()
        self.make_nodes()
        self.picture()
        before = self.picture()
        os.makedirs(self.state, 0o700)
        os.chown(self.state, 65534, 65534)
        self.refused("somebody else's", "LF200", before)
        os.chown(self.state, 0, 0)
        mount = ["mount", "-t", "tmpfs", "-o", "mode=700,size=64k", "none",
                 self.state]
        if subprocess.run(mount, check=False, stderr=subprocess.PIPE).returncode:
            self.skip(what, "nothing can be mounted here")
            return
        try:
            subprocess.run(["mount", "-o", "remount,ro", self.state], check=True)
            self.refused("read-only", "LF201", before)
            subprocess.run(["mount", "-o", "remount,rw", self.state], check=True)
            self.full(before)
        finally:
            subprocess.run(["umount", self.state], check=True)

    def full(self, before):
        """With room for ever more of what it has to hold, until it goes."""
        filler = os.path.join(self.state, "filler")
        with open(filler, "wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096) == 4096:
                    pass
            except OSError:
                pass
        room = os.path.getsize(filler)
        refused = 0
        while True:
            status, output = self.apply(["file", "dir"])
            after = self.picture()
            if status == 0:
                break
            refused += 1
            room -= 4096
            if "LF201" not in output or before != after or room < 0:
                break
            os.truncate(filler, room)
        self.law("a state directory that is full is said before anything is "
                 f"touched, {refused} times", status == 0 and refused >= 2,
                 output + self.differences(before, after))

    def go(self):
        self.comes_back("remove", lambda: self.run("remove", "--name", "t"))
        self.comes_back("rollback 1",
                        lambda: self.run("rollback", "1", "--name", "t"))
        self.comes_back("an apply without the entries", lambda: self.apply([]))
        memory = "/dev/shm"
        what = "with the state on another file system"
        if (os.access(memory, os.W_OK | os.X_OK)
                and os.stat(memory).st_dev != os.stat(self.scratch).st_dev):
            with tempfile.TemporaryDirectory(prefix="linkfarm-state-",
                                             dir=memory) as state:
                for how, back in (
                        ("remove", ["remove", "--name", "t"]),
                        ("rollback 1", ["rollback", "1", "--name", "t"])):
                    self.comes_back(f"{how}, {what}",
                                    lambda back=back: self.run(*back),
                                    os.path.join(state, "state"),
                                    ".linkfarm-displaced")
        else:
            self.skip(what, "/dev/shm cannot be written, or is no other one")
        self.conflict("remove", "remove", "--name", "t")
        self.conflict("rollback 1", "rollback", "1", "--name", "t")
        self.state_directory()
        print(f"1..{self.count}")
        return 1 if self.failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    options = parser.parse_args()
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="linkfarm-displaced-"))
    try:
        return Displaced(os.path.abspath(options.program), scratch).go()
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    sys.exit(main())
