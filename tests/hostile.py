#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""hostile.py - manifests that are made to hurt

    hostile.py --program LINKFARM [--no-limits]

Each must be answered with the right code within 2 seconds of processor time and
256 MiB, whatever it says: the system ends what takes more, and that it does is
tried first. --no-limits is for sanitizers, which need more of both. Prints TAP.
"""

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time

HEAD = b"version: 1\nname: t\ninto: ~/\n"
SECONDS, MEMORY = 2, 256 << 20
LARGEST = 64 << 20  # bytes of a manifest


def chain(count):
    """Files that include the next one, as (name, text)."""
    return [(b"i%d.yaml" % i, b"include: [i%d.yaml]\n" % (i + 1))
            for i in range(count)] + [(b"i%d.yaml" % count, b"links: {}\n")]


# (title, manifest, further files, wanted code; None: no fault)
CASES = [
    ("bytes that are not UTF-8", HEAD + b"links: {\xff: a}\n", [], 6),
    ("an overlong form of a slash", HEAD + b"links: {\xc0\xaf: a}\n", [], 6),
    ("a surrogate in UTF-8", HEAD + b"links: {\xed\xa0\x80: a}\n", [], 6),
    ("a control byte", HEAD + b"links: {a: \x07}\n", [], 7),
    ("a byte 0", HEAD + b"links: {a\0b: c}\n", [], 7),
    ("UTF-16", HEAD.decode().encode("utf-16"), [], 8),
    ("UTF-32", HEAD.decode().encode("utf-32"), [], 8),
    ("a byte 0 by an escape", HEAD + b'links: {"a\\0b": c}\n', [], 28),
    ("100,000 brackets", HEAD + b"x-a: " + b"[" * 100000, [], 23),
    ("100,000 braces", HEAD + b"x-a: " + b"{a: " * 100000, [], 23),
    ("100,000 indents", HEAD + b"x-a:\n" + b"".join(
        b" " * i + b"a:\n" for i in range(1, 2000)), [], 23),
    ("10,000 anchors", HEAD + b"x-a: [" + b", ".join(
        b"&a%d x" % i for i in range(10000)) + b"]\n", [], 16),
    ("10,000 anchors of one name", HEAD + b"x-a: [" + b", ".join(
        b"&a x" for _ in range(10000)) + b"]\n", [], 16),
    ("10,000 aliases", HEAD + b"x-a: &a b\nx-b: [" + b"*a, " * 10000 + b"]\n",
     [], 16),
    ("a billion laughs", HEAD + b"x-a: &a [l, l]\nx-b: &b [*a, *a]\n"
     b"x-c: &c [*b, *b]\n", [], 16),
    ("a text of 20 MiB", HEAD + b"x-a: " + b"y" * (20 << 20) + b"\n", [], 25),
    ("a text of 64 MiB", HEAD + b"x-a: " + b"y" * (LARGEST - len(HEAD) - 6)
     + b"\n", [], 25),
    ("a quoted text of 64 MiB in lines", HEAD + b'x-a: "' + b"y z\n " *
     ((LARGEST - len(HEAD) - 8) // 5) + b'"\n', [], 25),
    ("a block of 64 MiB", HEAD + b"x-a: |\n" + b"  yyyyy\n" *
     ((LARGEST - len(HEAD) - 8) // 8), [], 25),
    ("a comment of 20 MiB", HEAD + b"#" * (20 << 20) + b"\n", [], 25),
    ("a file of more than 64 MiB", HEAD + b"# x\n" * (17 << 20), [], 4),
    ("4,000,000 items", HEAD + b"x-a: [" + b"a," * 4000000 + b"]\n", [], 24),
    ("a million documents", HEAD + b"---\n" * 1000000, [], 21),
    ("100,000 unknown keys", HEAD + b"".join(b"k%d: v\n" % i for i in range(100000)),
     [], 12),
    ("100,000 duplicate keys", HEAD + b"links:\n" + b"  a: b\n" * 100000, [], 11),
    ("100,000 faults of values", HEAD + b"links:\n" + b"".join(
        b"  a%d: $\n" % i for i in range(100000)), [], 44),
    ("variables that double 64 times", HEAD + b"vars:\n  v0: xxxxxxxx\n" + b"".join(
        b"  v%d: ${v%d}${v%d}\n" % (i + 1, i, i) for i in range(64)), [], 36),
    ("a path of 5,000 bytes", HEAD + b"links: {a: " + b"a/" * 2500 + b"}\n", [], 36),
    ("defaults in defaults", HEAD + b'links: {a: "' + b"${X:-" * 1000 + b"}" * 1000
     + b'"}\n', [], 44),
    ("a chain of 10,000 includes", HEAD + b"include: [i0.yaml]\n", chain(10000), 52),
    ("10,000 includes in a list", HEAD + b"include: [" + b", ".join(
        b"i%d.yaml" % i for i in range(10000)) + b"]\n",
     [(b"i%d.yaml" % i, b"links: {}\n") for i in range(100)], 52),
    ("a pattern of stars", HEAD + b'trees: [{from: ., ignore: ["' + b"*a" * 5000
     + b'b", "' + b"**/" * 2000 + b'z"]}]\n',
     [(b"a" * 200, b""), (b"a" * 255, b"")], None),
    ("100,000 links", HEAD + b"links:\n" + b"".join(
        b"  l%d: {to: x, dangling: allow}\n" % i for i in range(100000)), [], None),
]


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


class Runner:
    def __init__(self, program, limits, scratch):
        self.program, self.limits = program, limits
        self.scratch = scratch
        self.count = self.failed = 0
        self.most = 0.0
        self.home = os.path.join(scratch, "home")
        os.makedirs(self.home)

    def law(self, title, why):
        self.count += 1
        self.failed += bool(why)
        print(f"{'not ok' if why else 'ok'} {self.count} - {title}")
        if why:
            print(f"#   {why[:300]}")

    def enforced(self):
        """What takes more than there is does not get it."""
        if not self.limits:
            return
        for title, command in [
                ("256 MiB are all", [sys.executable, "-c", f"bytearray({MEMORY})"]),
                ("2 seconds are all", ["/bin/sh", "-c", "while :; do :; done"])]:
            done = subprocess.run(command, stderr=subprocess.DEVNULL, check=False,
                                  timeout=120, preexec_fn=limit)
            self.law(title, "" if done.returncode else "it was not stopped")

    def run(self, farm, name="linkfarm.yaml", stdin=subprocess.DEVNULL):
        env = {"HOME": self.home, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8",
               "XDG_STATE_HOME": os.path.join(self.scratch, "state")}
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([self.program, "check", name], cwd=farm, env=env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              stdin=stdin, check=False, timeout=120,
                              preexec_fn=limit if self.limits else None)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took = (after.ru_utime + after.ru_stime) - (before.ru_utime
                                                    + before.ru_stime)
        self.most = max(self.most, took)
        return done

    def why_not(self, done, code, status):
        text = done.stderr.decode("utf-8", "replace")
        if code is None:
            return "" if done.returncode == 0 else f"exit {done.returncode}: {text}"
        codes = re.findall(r"error\[LF(\d+)\]", text)
        if done.returncode != status:
            return f"exit {done.returncode}, wanted {status}: {text}"
        if not codes or int(codes[0]) != code:
            return f"wanted LF{code:03d}: {text}"
        if len(codes) > 20:
            return f"{len(codes)} faults are shown"
        return "" if len(text) < 64 << 10 else f"{len(text)} bytes of messages"

    def manifest(self, title, text, files, code):
        farm = tempfile.mkdtemp(dir=self.scratch)
        for name, content in [(b"linkfarm.yaml", text), *files]:
            with open(os.path.join(os.fsencode(farm), name), "wb") as file:
                file.write(content)
        self.law(title, self.why_not(self.run(farm), code, 65))
        shutil.rmtree(farm)

    def nodes(self):
        farm = tempfile.mkdtemp(dir=self.scratch)
        os.mkfifo(os.path.join(farm, "fifo"))
        self.law("a FIFO", self.why_not(self.run(farm, "fifo"), 3, 66))
        self.law("a device", self.why_not(self.run(farm, "/dev/zero"), 3, 66))
        self.law("a directory", self.why_not(self.run(farm, farm), 3, 66))
        os.symlink("loop", os.path.join(farm, "loop"))
        self.law("a loop of links", self.why_not(self.run(farm, "loop"), 2, 66))
        path = os.path.join(farm, "secret")
        with open(path, "wb") as file:
            file.write(HEAD)
        os.chmod(path, 0)
        if os.geteuid() == 0:
            self.count += 1
            print("# SKIP-REASON a file without rights: root may read all")
            print(f"ok {self.count} - a file without rights # SKIP root")
        else:
            self.law("a file without rights",
                     self.why_not(self.run(farm, "secret"), 2, 66))

    def streams(self):
        """Standard input that does not end."""
        with open("/dev/zero", "rb") as zeros:
            self.law("an endless standard input of zeros",
                     self.why_not(self.run(self.scratch, "-", zeros), 4, 65))
        with subprocess.Popen(["yes", "--", "---"], stdout=subprocess.PIPE) as endless:
            self.law("an endless pipe of documents", self.why_not(
                self.run(self.scratch, "-", endless.stdout), 4, 65))
            endless.stdout.close()
            endless.terminate()

    def shrinking(self):
        """A file that is shorter than it says, and one that is cut meanwhile."""
        short = "/sys/devices/system/cpu/possible"
        title = "a file that has less in it than its size"
        if os.path.exists(short) and os.stat(short).st_size > 100:
            self.law(title, self.why_not(self.run(self.scratch, short), 5, 66))
        else:
            self.count += 1
            print(f"# SKIP-REASON {title}: there is no {short}")
            print(f"ok {self.count} - {title} # SKIP no sysfs")
        path = os.path.join(self.scratch, "cut.yaml")
        why = ""
        for delay in (0, 0.002, 0.005, 0.01, 0.02):
            with open(path, "wb") as file:
                file.write(HEAD + b"# comment\n" * (3 << 20))
            cutter = threading.Thread(
                target=lambda: (time.sleep(delay), os.truncate(path, 100)))
            cutter.start()
            done = self.run(self.scratch, path)
            cutter.join()
            text = done.stderr.decode("utf-8", "replace")
            if done.returncode != 0 and "error[LF0" not in text:
                why = f"exit {done.returncode}: {text}"
        os.unlink(path)
        self.law("a file that is cut while it is read", why)

    def deep_tree(self):
        """Deeper than any path that a call takes."""
        farm = tempfile.mkdtemp(dir=self.scratch)
        with open(os.path.join(farm, "linkfarm.yaml"), "wb") as file:
            file.write(HEAD + b"trees: [{from: deep}]\n")
        top = os.open(farm, os.O_RDONLY)
        os.mkdir("deep", dir_fd=top)
        fds = [top, os.open("deep", os.O_RDONLY, dir_fd=top)]
        for _ in range(60):
            os.mkdir("d" * 100, dir_fd=fds[-1])
            fds.append(os.open("d" * 100, os.O_RDONLY, dir_fd=fds[-1]))
        self.law("a tree deeper than 4,095 bytes",
                 self.why_not(self.run(farm), 36, 65))
        names = ["d" * 100] * 60
        while names:
            os.close(fds.pop())
            os.rmdir(names.pop(), dir_fd=fds[-1])
        os.close(fds.pop())
        os.close(fds.pop())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--no-limits", action="store_true")
    options = parser.parse_args()
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="linkfarm-hostile-"))
    try:
        runner = Runner(os.path.abspath(options.program), not options.no_limits,
                        scratch)
        runner.enforced()
        for title, text, files, code in CASES:
            runner.manifest(title, text, files, code)
        runner.nodes()
        runner.streams()
        runner.shrinking()
        runner.deep_tree()
        print(f"# the dearest took {runner.most:.2f} s of processor time")
        print(f"1..{runner.count}")
        return 1 if runner.failed else 0
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    sys.exit(main())
