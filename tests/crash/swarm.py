#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""swarm.py - many linkfarms at once

    swarm.py --program LINKFARM [--rounds N]

Two, and sixty-four, processes apply at the same time: one manifest, two that
take turns for one farm, or a farm each; with one state directory or two; left
alone or killed at random. Each run ends as if it had been alone, or with 75,
the disk and the ledger say what those did that ended well, no lock outlives
its holder, and the next apply finds a way on. At last, Ctrl-C on a terminal
leaves no colour behind. Prints TAP.
"""

import argparse
import os
import pty
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time


class Swarm:
    def __init__(self, program, rng, scratch):
        self.program, self.rng, self.scratch = program, rng, scratch
        self.count = 0
        self.failed = False

    def law(self, what, holds, detail=""):
        self.count += 1
        print(f"{'ok' if holds else 'not ok'} {self.count} - {what}", flush=True)
        if not holds:
            self.failed = True
            for line in str(detail).splitlines()[:30]:
                print(f"#   {line}")

    # ---- a home ----

    def fresh(self):
        self.home = os.path.join(self.scratch, "home")
        shutil.rmtree(self.home, ignore_errors=True)
        os.makedirs(os.path.join(self.home, "dot"))
        for name in "ab":
            with open(os.path.join(self.home, "dot", name), "w",
                      encoding="ascii") as file:
                file.write(name)
        self.env = {"HOME": self.home, "PATH": "/usr/bin:/bin",
                    "LC_ALL": "C.UTF-8", "ASAN_OPTIONS": "detect_leaks=0"}

    def manifest(self, name, farm, links):
        path = os.path.join(self.home, "dot", name)
        with open(path, "w", encoding="ascii") as file:
            file.write(f"version: 1\nname: {farm}\ninto: ~/\nlinks:\n")
            file.writelines(f"  {link}: {source}\n"
                            for link, source in links.items())
        return path

    def start(self, *arguments, state="state"):
        state = os.path.join(self.home, state)
        return subprocess.Popen(
            [self.program, *arguments, "--state-dir", state], env=self.env,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run(self, *arguments, state="state"):
        process = self.start(*arguments, state=state)
        output = process.communicate(timeout=60)[0]
        return process.returncode, output

    @staticmethod
    def ends(processes):
        outputs = [process.communicate(timeout=120)[0] for process in processes]
        return [process.returncode for process in processes], outputs

    def links(self):
        return {name: os.readlink(os.path.join(self.home, name))
                for name in os.listdir(self.home)
                if os.path.islink(os.path.join(self.home, name))}

    def leftovers(self):
        return [name for above, dirs, files in os.walk(self.home)
                for name in dirs + files
                if name.startswith(".lf-") or name in ("journal", "ledger.new")]

    # ---- the laws ----

    def one_manifest(self, n, timeout):
        self.fresh()
        path = self.manifest("m.yaml", "one", {"x": "a", "d/y": "b"})
        statuses, outputs = self.ends(
            [self.start("apply", f"--lock-timeout={timeout}", path)
             for _ in range(n)])
        allowed = {0} if timeout else {0, 75}
        status, output = self.run("status", "--exit-code", path)
        history = self.run("history", "--name=one")[1]
        self.law(f"{n} applies of one manifest, waiting {timeout} s: it is "
                 "applied once",
                 set(statuses) <= allowed and 0 in statuses and status == 0
                 and not self.leftovers() and self.links() == {"x": "dot/a"}
                 and len(re.findall(r"(?m)^\*? +\d+  ", history)) == 1,
                 f"{statuses}\n{output}{history}{''.join(outputs)}")

    def one_farm(self, n):
        """Each run makes the farm its own; the last one's is what stands."""
        self.fresh()
        paths = [self.manifest(f"{name}.yaml", "one", {"x": name, name * 3: name})
                 for name in "ab"]
        statuses, outputs = self.ends(
            [self.start("apply", "--lock-timeout=60", paths[i % 2])
             for i in range(n)])
        links = self.links()
        self.law(f"{n} applies of two manifests for one farm: one of the two "
                 "is applied",
                 set(statuses) == {0} and not self.leftovers()
                 and links in ({"x": "dot/a", "aaa": "dot/a"},
                               {"x": "dot/b", "bbb": "dot/b"})
                 and self.run("status", "--exit-code", paths[
                     "bbb" in links])[0] == 0,
                 f"{statuses}\n{links}{''.join(outputs)}")

    def farms(self, n, timeout, states):
        self.fresh()
        paths = [self.manifest(f"{i}.yaml", f"farm{i}", {f"x{i}": "a"})
                 for i in range(n)]
        state = [f"state{i % states}" for i in range(n)]
        statuses, outputs = self.ends(
            [self.start("apply", f"--lock-timeout={timeout}", paths[i],
                        state=state[i]) for i in range(n)])
        wanted = {f"x{i}": "dot/a" for i in range(n) if statuses[i] == 0}
        clean = all(self.run("status", "--exit-code", paths[i],
                             state=state[i])[0] == 0
                    for i in range(0, n, max(1, n // 8)) if statuses[i] == 0)
        unnamed = [output for status, output in zip(statuses, outputs)
                   if status == 75 and "LF203" not in output]
        self.law(f"{n} farms in {states} state directories, waiting {timeout} s: "
                 "those that ended well are applied, the others not at all",
                 set(statuses) <= ({0, 75} if timeout < 10 else {0})
                 and self.links() == wanted and wanted and clean
                 and not unnamed and not self.leftovers(),
                 f"{statuses}\n{self.links()}{''.join(outputs)}")

    def killed(self, n):
        self.fresh()
        paths = [self.manifest(f"{i}.yaml", f"farm{i}", {f"x{i}": "a"})
                 for i in range(n)]
        processes = [self.start("apply", "--lock-timeout=60", path)
                     for path in paths]
        for process in self.rng.sample(processes, n // 2):
            time.sleep(self.rng.random() * 0.01)
            process.send_signal(signal.SIGKILL)
        statuses, outputs = self.ends(processes)
        recovered, output = self.run("recover", "--lock-timeout=0")
        links = self.links()
        well = all(f"x{i}" in links for i in range(n) if statuses[i] == 0)
        again = [self.run("apply", "--lock-timeout=0", path)[0]
                 for path in paths]
        self.law(f"{n} applies of which half are killed: no lock is left, and "
                 "the rest goes on",
                 set(statuses) <= {0, -9} and recovered == 0 and well
                 and set(again) == {0} and len(self.links()) == n
                 and not self.leftovers(),
                 f"{statuses}\n{links}{output}{''.join(outputs)}")

    # ---- the terminal ----

    def ctrl_c(self):
        """The terminal is full in the middle of a line when Ctrl-C comes."""
        what = "Ctrl-C leaves no colour on the terminal"
        self.fresh()
        path = self.manifest("m.yaml", "one",
                             {f"x{i:05}": "a" for i in range(3000)})
        try:
            child, master = pty.fork()
        except OSError as error:
            print(f"# SKIP-REASON {what}: {error}")
            self.law(f"{what} # SKIP no terminal", True)
            return
        if child == 0:
            os.execve(self.program, [self.program, "plan", "--color=always",
                                     "--state-dir", self.home + "/state", path],
                      dict(self.env, TERM="xterm"))
        time.sleep(0.5)
        os.write(master, b"\x03")
        output = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:      # nobody has the other end open
                break
            if not piece:
                break
            output += piece
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.close(master)
        self.law(what, status == 130 and output.endswith(b"\x1b[0m"),
                 f"{status}, {output[-200:]}")

    def go(self, rounds):
        for _ in range(rounds):
            for n in (2, 64):
                self.one_manifest(n, 60)
                self.one_manifest(n, 0)
                self.one_farm(n)
                self.farms(n, 60, 1)
                self.farms(n, 0, 1)
                self.farms(n, 60, 2)
                self.killed(n)
        self.ctrl_c()
        print(f"1..{self.count}")
        return 1 if self.failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    rounds = options.rounds
    if rounds is None:
        rounds = 20 if "LF_CRASH_FULL" in os.environ else 1
    seed = options.seed
    if seed is None:
        seed = random.SystemRandom().randrange(1 << 32)
    print(f"# seed {seed}")
    memory = "/dev/shm"      # the same calls, but no disk to wait for
    if "TMPDIR" in os.environ or not os.access(memory, os.W_OK | os.X_OK):
        memory = None
    scratch = os.path.realpath(
        tempfile.mkdtemp(prefix="linkfarm-swarm-", dir=memory))
    try:
        return Swarm(os.path.abspath(options.program), random.Random(seed),
                     scratch).go(rounds)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    sys.exit(main())
