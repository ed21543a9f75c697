#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run_cases.py - run behaviour cases against the real program

    run_cases.py --program PATH [--filter REGEX] [--jobs N] [--keep]
                 [--update] FILE|DIR...
    run_cases.py --self-test

tests/cases/README.md describes the format. Each case runs in a fresh scratch
directory, $T, with an environment of its own: HOME is $T/home, the farm and
the working directory are $T/farm, the state is in $T/state; nothing of the
caller's environment is passed on. Prints TAP, one line for each case.

--update rewrites the @stdout and @stderr blocks that differ, in place, for a
person to review with a diff. --keep leaves the scratch directories of failed
cases and names them.
"""

import argparse
import concurrent.futures
import difflib
import functools
import hashlib
import os
import pathlib
import re
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile

CODEC = {"encoding": "utf-8", "errors": "surrogateescape"}
TIMEOUT = 60 * int(os.environ.get("LF_TIMEOUT_MULTIPLIER", "1"))
SANITIZER = re.compile(r"(Address|Leak|Undefined\w*)Sanitizer|runtime error:")


class Broken(Exception):
    """The case file itself is wrong."""


class Failed(Exception):
    """What the case states does not hold."""


# --- reading ----------------------------------------------------------------


class Section:
    """`@name argument` and the indented block below it."""

    def __init__(self, name, argument, line):
        self.name, self.argument, self.line = name, argument, line
        self.block = []

    def text(self):
        return "".join(line + "\n" for line in self.block)


class Case:
    def __init__(self, file, title, line):
        self.file, self.title, self.line = file, title, line
        self.sections = []
        self.updates = []  # (Section, new lines)


NAMES = {
    "tree", "manifest", "file", "in", "env", "needs", "run", "sh", "expect",
    "exit", "stdin", "stdout", "stderr", "stdout~", "stderr~", "unchanged",
}  # fmt: skip
BELONGS_TO_RUN = {
    "exit", "stdin", "stdout", "stderr", "stdout~", "stderr~", "unchanged",
}  # fmt: skip


def read_cases(file, text):
    cases = []
    section = None
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("##"):
            continue
        if line.startswith("# "):
            cases.append(Case(file, line[2:].strip(), number))
            section = None
        elif line.startswith("@"):
            name, _, argument = line[1:].partition(" ")
            if not cases or name not in NAMES:
                raise Broken(f"{file}:{number}: stray or unknown @{name}")
            section = Section(name, argument.strip(), number)
            cases[-1].sections.append(section)
        elif line.startswith("  ") and section:
            section.block.append(line[2:])
        elif not line.strip():
            if section:
                section.block.append("")
        else:
            raise Broken(f"{file}:{number}: not a title, a section or a block")
    for case in cases:
        check_order(case)
    return cases


def check_order(case):
    ran = False
    for section in case.sections:
        while section.block and not section.block[-1]:
            section.block.pop()
        if section.name in BELONGS_TO_RUN and not ran:
            raise Broken(f"{case.file}:{section.line}: @{section.name} "
                         "belongs below a @run or @sh")
        ran = section.name in BELONGS_TO_RUN or section.name in ("run", "sh")
    if not any(s.name in ("run", "sh") for s in case.sections):
        raise Broken(f"{case.file}:{case.line}: a case without a @run")


ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|.)")
ESCAPES = {"n": b"\n", "t": b"\t", "r": b"\r", "0": b"\0", "\\": b"\\",
           '"': b'"', "s": b" "}  # fmt: skip


def unescape(text):
    """Bytes of a text with \\n \\t \\xNN and so on."""
    out, last = b"", 0
    for match in ESCAPE.finditer(text):
        out += text[last:match.start()].encode(**CODEC)
        escape = match.group(1)
        if len(escape) == 3:
            out += bytes([int(escape[1:], 16)])
        elif escape in ESCAPES:
            out += ESCAPES[escape]
        else:
            raise Broken(f"unknown escape \\{escape}")
        last = match.end()
    return out + text[last:].encode(**CODEC)


NODE = re.compile(
    r'(?P<kind>[dflph-]) +(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>\S+))'
    r"(?: +(?P<mode>0?[0-7]{3,4}))?"
    r"(?: +(?P<sign>->|=>|=)(?: (?P<rest>.*))?)? *"
)


class Node:
    """One line of @tree or @expect."""

    def __init__(self, line):
        match = NODE.fullmatch(line)
        if not match:
            raise Broken(f"not a node: {line}")
        self.line = line
        self.kind = match["kind"]
        quoted = match["quoted"]
        self.path = unescape(match["bare"] if quoted is None else quoted)
        self.mode = int(match["mode"], 8) if match["mode"] else None
        rest = match["rest"]
        self.rest = unescape(rest or "") if match["sign"] else None
        want = {"l": "->", "f": "=", "h": "=>"}.get(self.kind)
        if match["sign"] not in (want, None):
            raise Broken(f"'{match['sign']}' does not go with "
                         f"'{self.kind}': {line}")


# --- the scratch directory --------------------------------------------------


def unlock(name, above=None):
    """Open up what a case has closed, also where paths are too long."""
    os.chmod(name, 0o700, dir_fd=above)
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=above)
    try:
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                unlock(entry.name, folder)
    finally:
        os.close(folder)


class Scratch:
    def __init__(self, program):
        top = tempfile.mkdtemp(prefix="lf-case-")
        self.top = os.path.realpath(top)
        self.cwd = os.path.join(self.top, "farm")
        for folder in ("home", "farm", "state", "tmp", "run"):
            os.mkdir(os.path.join(self.top, folder), 0o755)
        home = os.path.join(self.top, "home")
        self.env = {
            "HOME": home,
            "LC_ALL": "C.UTF-8",
            "LOGNAME": "user",
            "PATH": os.path.dirname(program) + ":/usr/local/bin:/usr/bin:/bin",
            "TERM": "dumb",
            "TMPDIR": os.path.join(self.top, "tmp"),
            "TZ": "UTC",
            "USER": "user",
            "XDG_CACHE_HOME": os.path.join(home, ".cache"),
            "XDG_CONFIG_HOME": os.path.join(home, ".config"),
            "XDG_DATA_HOME": os.path.join(home, ".local/share"),
            "XDG_RUNTIME_DIR": os.path.join(self.top, "run"),
            "XDG_STATE_HOME": os.path.join(self.top, "state"),
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]

    def remove(self):
        unlock(self.top)
        shutil.rmtree(self.top)

    def substitute(self, text):
        return re.sub(r"\$T(?![A-Za-z0-9_])", lambda _: self.top, text)

    def path(self, relative):
        """An absolute path, as bytes, for a path of the case."""
        top = os.fsencode(self.top)
        if relative.startswith(top + b"/"):
            return relative
        return os.path.join(top, relative.lstrip(b"/"))

    def make(self, node):
        path = self.path(node.path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if node.kind == "d":
            os.makedirs(path, exist_ok=True)
        elif node.kind == "f":
            with open(path, "wb") as file:
                file.write(node.rest or b"")
        elif node.kind == "l":
            if node.rest is None:
                raise Broken(f"a link needs '-> text': {node.line}")
            os.symlink(node.rest, path)
        elif node.kind == "h":
            os.link(self.path(node.rest), path, follow_symlinks=False)
        elif node.kind == "p":
            os.mkfifo(path)
        elif node.kind == "-":
            raise Broken(f"'-' belongs in @expect: {node.line}")
        if node.mode is not None:
            os.chmod(path, node.mode)

    def fault_of(self, node):
        """How the disk differs from one line of @expect, or None."""
        path = self.path(node.path)
        try:
            st = os.lstat(path)
        except OSError as error:
            if node.kind == "-" and isinstance(
                error, (FileNotFoundError, NotADirectoryError)
            ):
                return None
            return error.strerror
        kind = kind_of(st)
        if node.kind == "-":
            return f"exists ({kind})"
        if kind != {"h": "f"}.get(node.kind, node.kind):
            text = f" -> {os.readlink(path)!r}" if kind == "l" else ""
            return f"is '{kind}'{text}"
        if node.mode is not None and stat.S_IMODE(st.st_mode) != node.mode:
            return f"mode is {stat.S_IMODE(st.st_mode):04o}"
        if node.rest is None:
            return None
        if kind == "l" and os.readlink(path) != node.rest:
            return f"text is {show(os.readlink(path))}"
        if node.kind == "h":
            other = os.lstat(self.path(node.rest))
            if (other.st_dev, other.st_ino) != (st.st_dev, st.st_ino):
                return "is another file"
        if node.kind == "f":
            with open(path, "rb") as file:
                content = file.read()
            if content != node.rest:
                return f"content is {show(content)}"
        return None

    def snapshot(self, everything):
        """{path: what stands there}; the state too when `everything`."""
        found = {}
        top = os.fsencode(self.top)
        todo = [top]
        while todo:
            folder = todo.pop()
            try:
                names = os.listdir(folder)
            except PermissionError:
                continue
            for path in (os.path.join(folder, name) for name in names):
                relative = os.path.relpath(path, top)
                if relative == b"state" and not everything:
                    continue
                st = os.lstat(path)
                kind = kind_of(st)
                node = [kind, f"{stat.S_IMODE(st.st_mode):04o}",
                        st.st_uid, st.st_gid]  # fmt: skip
                if kind == "l":
                    node.append(os.readlink(path))
                elif kind == "f":
                    node.append(digest(path))
                elif kind == "d":
                    todo.append(path)
                if everything:
                    node += [st.st_ino, st.st_mtime_ns]
                found[relative] = tuple(node)
        return found


def digest(path):
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()[:16]
    except PermissionError:
        return "not readable"


def kind_of(st):
    for letter, test in (("d", stat.S_ISDIR), ("f", stat.S_ISREG),
                         ("l", stat.S_ISLNK), ("p", stat.S_ISFIFO)):
        if test(st.st_mode):
            return letter
    return "other"


def show(data):
    text = data.decode(**CODEC)
    return "'" + "".join(
        c if c.isprintable() else
        "\\n" if c == "\n" else
        f"\\x{ord(c) & 0xFF:02x}" for c in text
    ) + "'"


# --- comparing --------------------------------------------------------------

ANY_LINES = "{{*}}"
NO_NEWLINE = "{{no newline}}"
PART = re.compile(r"\{\{(.*?)\}\}(?!\})")


def line_pattern(line):
    out, last = "", 0
    for match in PART.finditer(line):
        out += re.escape(line[last:match.start()]) + f"(?:{match.group(1)})"
        last = match.end()
    return out + re.escape(line[last:])


def to_lines(output):
    """Output as the lines of a block that states it."""
    lines = output.split("\n")
    if lines[-1] == "":
        lines.pop()
        if lines and lines[-1] == "":
            lines[-1] = "{{}}"  # a last line that is empty
    else:
        lines.append(NO_NEWLINE)
    return lines


def escape_braces(line):
    if line in ("{{}}", NO_NEWLINE):
        return line
    return line.replace("{{", r"{{\{\{}}")


def block_matches(block, lines):
    pattern = ""
    for line in block:
        if line == ANY_LINES:
            pattern += r"(?:[^\n]*\n)*"
        elif line == NO_NEWLINE:
            pattern += re.escape(NO_NEWLINE) + "\n"
        else:
            pattern += line_pattern(line) + "\n"
    text = "".join(("" if x == "{{}}" else x) + "\n" for x in lines)
    return re.fullmatch(pattern, text) is not None


def merged(block, lines):
    """The block that states `lines`, keeping patterns that still match."""
    patterns = [x for x in block if "{{" in x and x != ANY_LINES]
    out = []
    for line in lines:
        for index, pattern in enumerate(patterns):
            if re.fullmatch(line_pattern(pattern), line):
                out.append(pattern)
                del patterns[:index + 1]
                break
        else:
            out.append(escape_braces(line))
    return out


def difference(block, lines, what):
    return "\n".join(difflib.unified_diff(
        block, merged(block, lines), "wanted " + what, "got " + what,
        lineterm="", n=3,
    ))


# --- running ----------------------------------------------------------------


class Run:
    """One @run or @sh with the sections that belong to it."""

    def __init__(self, section):
        self.section = section
        self.parts = []

    def named(self, name):
        return [part for part in self.parts if part.name == name]


def steps(case):
    """The sections of a case, with each run's own sections gathered."""
    out = []
    for section in case.sections:
        if section.name in ("run", "sh"):
            out.append(Run(section))
        elif section.name in BELONGS_TO_RUN:
            out[-1].parts.append(section)
        else:
            out.append(section)
    return out


def command_of(run, scratch, program):
    section = run.section
    if section.name == "sh":
        script = section.argument + "\n" + section.text()
        return ["sh", "-ec", scratch.substitute(script)]
    home = os.path.join(scratch.top, "home")
    words = []
    for word in shlex.split(section.argument):
        word = scratch.substitute(word)
        if word == "~" or word.startswith("~/"):
            word = home + word[1:]
        words.append(os.fsdecode(unescape(word)) if "\\" in word else word)
    return [program] + words


def execute(command, scratch, stdin):
    try:
        return subprocess.run(
            command,
            cwd=scratch.cwd,
            env=scratch.env,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Failed(f"ran for more than {TIMEOUT} s") from error


def do_run(case, run, scratch, program, update):
    unchanged = run.named("unchanged")
    everything = any(part.argument == "all" for part in unchanged)
    before = scratch.snapshot(everything) if unchanged else None
    stdin = None
    for part in run.named("stdin"):
        stdin = scratch.substitute(part.text()).encode(**CODEC)
    done = execute(command_of(run, scratch, program), scratch, stdin)
    output = {}
    for name, data in (("stdout", done.stdout), ("stderr", done.stderr)):
        output[name] = data.decode(**CODEC).replace(scratch.top, "$T")
    faults = faults_of(case, run, done.returncode, output, update)
    if unchanged:
        faults += changes(before, scratch.snapshot(everything))
    if faults:
        said = f"{case.file}:{run.section.line}: @{run.section.name} "
        raise Failed("\n".join([said + run.section.argument] + faults))


def faults_of(case, run, status, output, update):
    faults = []
    exits = run.named("exit")
    want = int(exits[-1].argument) if exits else 0
    if status != want:
        faults.append(f"exit {status}, wanted {want}")
        for name, text in output.items():
            if not run.named(name):
                faults += [f"{name}: {x}" for x in text.splitlines()[:40]]
    if SANITIZER.search(output["stderr"]):
        faults.append(output["stderr"])
    for name, text in output.items():
        lines = to_lines(text)
        for part in run.named(name):
            if block_matches(part.block, lines):
                continue
            if update:
                case.updates.append((part, merged(part.block, lines)))
            else:
                faults.append(difference(part.block, lines, name))
        for part in run.named(name + "~"):
            for line in part.block:
                if not re.search(line_pattern(line), text):
                    faults.append(f"{name} lacks: {line}\n{name} is:\n{text}")
    return faults


def changes(before, after):
    faults = []
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old != new:
            faults.append(f"changed: {show(path)}: {old} became {new}")
    return faults


# What a system may have and not let this process use: tried before the case.
PROBES = {
    "chattr": "d=$(mktemp -d) && trap 'chattr -i $d; rmdir $d' 0 && "
              "chattr +i $d",
    "disk": "d=$(mktemp -d) && trap 'rmdir $d' 0 && "
            "! findmnt -no FSTYPE,OPTIONS -T $d | grep -Eq '^tmpfs|volatile'",
    "landlock": "python3 -c 'import ctypes, sys; "
                "sys.exit(ctypes.CDLL(None).syscall(444, 0, 0, 1) < 2)'",
    "mount": "unshare -m sh -c 'mount -t tmpfs none /tmp'",
    "terminal": "script -qec true /dev/null",
}


@functools.lru_cache(maxsize=None)
def works(command):
    done = subprocess.run(["sh", "-c", command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return done.returncode == 0


def missing_need(section):
    """Why this case cannot run here, or None."""
    for need in section.argument.split():
        if need in PROBES:
            if works(PROBES[need]):
                continue
            return f"needs {need} to work here"
        if need == "root" and os.geteuid() != 0:
            return "needs root"
        if need == "user" and os.geteuid() == 0:
            return "needs an ordinary user"
        if need.startswith("cmd:") and not shutil.which(need[4:]):
            return f"needs {need[4:]}"
        if not (need in ("root", "user") or need.startswith("cmd:")):
            raise Broken(f"unknown need '{need}'")
    return None


def do_section(section, scratch):
    if section.name == "tree":
        for line in filter(None, section.block):
            scratch.make(Node(scratch.substitute(line)))
    elif section.name in ("manifest", "file"):
        name = section.argument or "farm/linkfarm.yaml"
        path = scratch.path(unescape(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(scratch.substitute(section.text()).encode(**CODEC))
    elif section.name == "in":
        scratch.cwd = os.fsdecode(scratch.path(unescape(section.argument)))
    elif section.name == "env":
        for word in shlex.split(scratch.substitute(section.argument)):
            name, sign, value = word.partition("=")
            if sign:
                scratch.env[name] = value
            else:
                scratch.env.pop(name.lstrip("-"), None)
    elif section.name == "expect":
        faults = []
        for line in filter(None, section.block):
            fault = scratch.fault_of(Node(scratch.substitute(line)))
            if fault:
                faults.append(f"expected: {line}\n     but: {fault}")
        if faults:
            raise Failed("\n".join([f"@expect, line {section.line}"] + faults))


def run_case(case, program, options):
    """('ok' | 'not ok' | 'skip', text)"""
    scratch = Scratch(program)
    keep = False
    try:
        for section in case.sections:
            why = section.name == "needs" and missing_need(section)
            if why:
                return "skip", why
        for step in steps(case):
            if isinstance(step, Run):
                do_run(case, step, scratch, program, options.update)
            else:
                do_section(step, scratch)
        return "ok", ""
    except (Failed, Broken, OSError, ValueError, re.error) as error:
        keep = options.keep
        kept = f"\nkept: {scratch.top}" if keep else ""
        return "not ok", f"{error}{kept}"
    finally:
        if not keep:
            scratch.remove()


def write_updates(file, cases):
    """Put the new blocks into the file, from its end to its beginning."""
    updates = [update for case in cases for update in case.updates]
    if not updates:
        return
    lines = file.read_text(**CODEC).split("\n")
    for section, new in sorted(updates, key=lambda u: -u[0].line):
        start = section.line
        end = start
        while end < len(lines) and (
            lines[end].startswith("  ") or not lines[end].strip()
        ):
            end += 1
        while end > start and not lines[end - 1].strip():
            end -= 1
        lines[start:end] = ["  " + x if x else "" for x in new]
    file.write_text("\n".join(lines), **CODEC)
    print(f"# updated {len(updates)} blocks of {file}")


def find_files(operands):
    for operand in map(pathlib.Path, operands):
        if operand.is_dir():
            yield from sorted(operand.rglob("*.case"))
        else:
            yield operand


def run_files(options):
    by_file = {}
    wanted = re.compile(options.filter)
    for file in find_files(options.operands):
        by_file[file] = [
            case for case in read_cases(file, file.read_text(**CODEC))
            if wanted.search(f"{file}: {case.title}")
        ]
    cases = [case for group in by_file.values() for case in group]
    print(f"1..{len(cases)}", flush=True)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(
            lambda case: run_case(case, options.program, options), cases
        )
        for number, (case, result) in enumerate(zip(cases, results), 1):
            failed += result[0] == "not ok"
            report(number, f"{case.file.name}: {case.title}", result)
    for file, group in by_file.items():
        write_updates(file, group)
    return failed != 0 or not cases


def report(number, name, result):
    verdict, text = result
    if verdict == "skip":
        print(f"ok {number} - {name} # SKIP {text}")
        return
    print(f"{verdict} {number} - {name}")
    for line in text.splitlines():
        print(f"#   {line}")
    sys.stdout.flush()


# --- its own test -----------------------------------------------------------

# A stand-in for the program: it does what its arguments say.
STAND_IN = """#!/bin/sh
case $1 in
say) shift; printf '%b\\n' "$@" ;;
link) ln -s "$2" "$3" ;;
touch) : >"$2" ;;
cat) cat ;;
where) pwd; echo "$HOME" ;;
env) env | cut -d = -f 1 | sort | tr '\\n' ' ' ;;
fail) echo "no" >&2; exit "$2" ;;
esac
"""

SELF_TEST = [
    ("ok", "@run say hello\n@stdout\n  hello\n"),
    ("not ok", "@run say hello\n@stdout\n  hallo\n"),
    ("not ok", "@run say hello\n@stdout\n"),
    ("ok", "@run say h\\\\n\\\\nx\n@stdout\n  h\n\n  x\n"),
    ("ok", "@run say 'a 12 b'\n@stdout\n  a {{[0-9]+}} b\n"),
    ("not ok", "@run say 'a 12 b'\n@stdout\n  a {{[a-z]+}} b\n"),
    ("not ok", "@run say 'a.b'\n@stdout\n  aXb\n"),
    ("ok", "@run say '{{x'\n@stdout\n  {{\\{\\{}}x\n"),
    ("ok", "@run say 1\\\\n2\\\\n3\n@stdout\n  1\n  {{*}}\n  3\n"),
    ("ok", "@run say 1\\\\n2\\\\n3\n@stdout~\n  2\n"),
    ("not ok", "@run say 1\\\\n2\\\\n3\n@stdout~\n  4\n"),
    ("ok", "@sh printf x\n@stdout\n  x\n  {{no newline}}\n"),
    ("not ok", "@sh printf x\n@stdout\n  x\n"),
    ("ok", "@sh printf 'x\\n\\n'\n@stdout\n  x\n  {{}}\n"),
    ("ok", "@run where\n@stdout\n  $T/farm\n  $T/home\n"),
    ("ok", "@in home\n@run where\n@stdout\n  $T/home\n  $T/home\n"),
    ("ok", "@run cat\n@stdin\n  a $T\n@stdout\n  a $T\n"),
    ("ok", "@run cat\n@stdout\n"),
    ("ok", "@run fail 3\n@exit 3\n@stderr\n  no\n"),
    ("not ok", "@run fail 3\n"),
    ("not ok", "@run say\n@exit 3\n"),
    ("ok", "@run link x ~/a\n@expect\n  l home/a -> x\n  - home/b\n"),
    ("not ok", "@run link x ~/a\n@expect\n  l home/a -> y\n"),
    ("not ok", "@run link x ~/a\n@expect\n  f home/a\n"),
    ("not ok", "@run link x ~/a\n@expect\n  - home/a\n"),
    ("not ok", "@run say\n@expect\n  d home/a\n"),
    ("ok", '@tree\n  f "home/a b\\n" 0600 = x\\n\n  h h => home/a\\x20b\\n\n'
           '@run say\n@unchanged all\n@expect\n  f home/a\\x20b\\n 0600 = x\\n\n'
           "  h h => home/a\\x20b\\n\n"),
    ("not ok", "@tree\n  f a 0600\n@run say\n@expect\n  f a 0644\n"),
    ("not ok", "@tree\n  f a = 1\n@run say\n@expect\n  f a = 2\n"),
    ("ok", "@run touch $T/state/x\n@unchanged\n"),
    ("not ok", "@run touch $T/state/x\n@unchanged all\n"),
    ("not ok", "@run touch $T/home/x\n@unchanged\n"),
    ("not ok", "@tree\n  l home/a -> b\n@sh ln -sf c ../home/a\n@unchanged\n"),
    ("ok", "@manifest\n  a: $T\n   b\n@sh cat linkfarm.yaml\n"
           "@stdout\n  a: $T\n   b\n"),
    ("ok", "@file home/x\n  1\n@sh cat ../home/x\n@stdout\n  1\n"),
    ("ok", "@env A=1 -USER\n@sh echo \"$A ${USER-none}\"\n@stdout\n  1 none\n"),
    ("ok", "@sh\n  echo a\n  exit 4\n@exit 4\n@stdout\n  a\n"),
    ("not ok", "@sh\n  false\n  true\n"),
    ("not ok", "@sh echo 'x.c:1:2: runtime error: overflow' >&2\n"),
    ("ok", "@tree\n  f a/b 0000\n  d a 0000\n@run say\n@unchanged\n"),
    ("skip", "@needs cmd:no-such-command\n@run say\n"),
    ("skip", "@needs root user\n@run say\n"),
    ("broken", "@run say\n@expect\n  x home/a\n"),
    ("broken", "@stdout\n  x\n@run say\n"),
    ("broken", "@run say\n@nonsense\n"),
    ("broken", "@run say\nstray\n"),
    ("broken", "@tree\n  d x\n"),
]  # fmt: skip


def verdict_of(text, program, options):
    try:
        (case,) = read_cases(pathlib.Path("x.case"), text)
    except Broken as error:
        return "broken", str(error)
    verdict, said = run_case(case, program, options)
    if verdict == "not ok" and said.startswith("not a node"):
        verdict = "broken"
    return verdict, said


def self_test():
    options = argparse.Namespace(update=False, keep=False)
    print(f"1..{len(SELF_TEST) + 2}")
    bad = 0
    with tempfile.TemporaryDirectory(prefix="lf-self-") as folder:
        tempfile.tempdir = folder
        program = os.path.join(folder, "linkfarm")
        pathlib.Path(program).write_text(STAND_IN, encoding="utf-8")
        os.chmod(program, 0o755)
        for number, (want, body) in enumerate(SELF_TEST, 1):
            got, said = verdict_of("# law\n" + body, program, options)
            bad += got != want
            report(number, f"is {want}: {body!r}",
                   ("ok" if got == want else "not ok",
                    "" if got == want else f"is {got}: {said}"))
        good = update_works(pathlib.Path(folder), program)
        report(len(SELF_TEST) + 1, "--update makes a case true",
               ("ok" if good else "not ok", ""))
        leftover = [x for x in os.listdir(folder) if x.startswith("lf-")]
        report(len(SELF_TEST) + 2, "nothing is left behind",
               ("not ok" if leftover else "ok", str(leftover or "")))
    return bad != 0 or not good or bool(leftover)


def update_works(folder, program):
    """A wrong block is rewritten, its patterns kept, and passes then."""
    file = folder / "x.case"
    file.write_text(
        "# law\n@run say 'a 7' b '{{c'\n@stdout\n  a {{[0-9]}}\n  x\n\n"
        "# next\n@run fail 1\n@exit 1\n@stderr\n@expect\n  d home\n",
        encoding="utf-8",
    )
    options = argparse.Namespace(update=True, keep=False)
    cases = read_cases(file, file.read_text(**CODEC))
    for case in cases:
        run_case(case, program, options)
    write_updates(file, cases)
    return file.read_text(**CODEC) == (
        "# law\n@run say 'a 7' b '{{c'\n@stdout\n  a {{[0-9]}}\n  b\n"
        "  {{\\{\\{}}c\n\n"
        "# next\n@run fail 1\n@exit 1\n@stderr\n  no\n@expect\n  d home\n"
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=os.path.abspath)
    parser.add_argument("--filter", default="")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("operands", nargs="*")
    options = parser.parse_args()
    os.umask(0o022)
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    if options.self_test:
        return self_test()
    if not options.program or not options.operands:
        parser.error("--program and a FILE or DIR are needed")
    try:
        return run_files(options)
    except Broken as error:
        print(f"Bail out! {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
