#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_symbols.py - hold the built library to its manners

    check_symbols.py ARCHIVE SHARED_OBJECT
    check_symbols.py --self-test CC

The library has no mutable globals, prefixes what it links, exports what is
LF_PUBLIC alone, and never prints, ends or changes the process: what it defines
and what it calls are read from the objects. Prints TAP.
"""

import os
import re
import subprocess
import sys
import tempfile

# Only programs link it; see its header.
FOR_PROGRAMS = {"platform_program.c.o", "platform_signal.c.o"}
# Its own threads begin with the mask of the caller's, which gets it back.
MAY = {("platform_threads.c.o", "pthread_sigmask")}

PRINTS = """
    printf vprintf fprintf vfprintf dprintf puts fputs putchar fputc putc
    fwrite fopen fopen64 freopen perror stdin stdout stderr
""".split()
ENDS = "exit _exit _Exit quick_exit abort atexit fork execve execvp".split()
CHANGES = """
    chdir fchdir chroot umask setlocale signal sigaction sigprocmask
    pthread_sigmask setenv unsetenv putenv clearenv system popen
    setuid seteuid setgid setegid setrlimit srand srandom
""".split()
FORBIDDEN = dict(
    [(name, "prints or uses a stream") for name in PRINTS]
    + [(name, "ends the process or starts one") for name in ENDS]
    + [(name, "changes the process") for name in CHANGES]
)
# Ours, or the compiler's own, which finds addresses by them on 32-bit machines.
NAMED = re.compile(r"lf_|__x86\.get_pc_thunk\.")
FORTIFIED = re.compile(r"__(\w+)_chk$")


def output_of(*command):
    environment = dict(os.environ, LC_ALL="C")
    return subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment
    ).stdout


def faults_of_archive(archive):
    """(object, fault) for each; an object without a fault gives (object, None)."""
    for line in output_of("nm", "-A", archive).splitlines():
        where, _, rest = line.partition(".o:")
        name = where.rpartition(":")[2] + ".o"
        kind, symbol = rest.split()[-2:]
        yield name, fault_of_symbol(name, kind, symbol)
    yield from faults_of_sections(archive)


def fault_of_symbol(name, kind, symbol):
    if kind == "U":
        plain = FORTIFIED.sub(r"\1", symbol)
        why = FORBIDDEN.get(plain)
        if why and name not in FOR_PROGRAMS and (name, plain) not in MAY:
            return f"calls {plain}, which {why}"
    elif kind.isupper() and kind not in "UWV" and not NAMED.match(symbol):
        return f"defines {symbol}, without the prefix lf_"
    return None


def faults_of_sections(archive):
    """Mutable globals: symbols of .data and .bss (.data.rel.ro is constant)."""
    name = ""
    for line in output_of("objdump", "-t", archive).splitlines():
        if match := re.match(r"(.*):\s+file format", line):
            name = os.path.basename(match.group(1))
        match = re.search(r"(?:O \.(?:data|bss)| \.t(?:data|bss))\b(\S*)\s.*\s(\S+)$",
                          line)
        if not match or match.group(1).startswith(".rel.ro"):
            continue
        if name not in FOR_PROGRAMS and not match.group(2).startswith("."):
            yield name, f"has the mutable global {match.group(2)}"


def faults_of_exports(shared):
    for line in output_of("nm", "-D", "--defined-only", shared).splitlines():
        symbol = line.split()[-1]
        if symbol.startswith("lf_"):
            yield symbol, None
        else:
            yield symbol, f"exports {symbol}, without the prefix lf_"


def report(number, name, faults):
    print(f"{'not ok' if faults else 'ok'} {number} - symbols: {name}")
    for fault in faults:
        print(f"# {fault}")
    return bool(faults)


def check(archive, shared):
    by_object = {}
    for name, fault in faults_of_archive(archive):
        by_object.setdefault(name, []).extend([fault] if fault else [])
    exports = list(faults_of_exports(shared))
    bad = [fault for _, fault in exports if fault]
    if not exports:
        bad = ["exports nothing"]
    print(f"1..{len(by_object) + 1}")
    failed = report(1, f"{len(exports)} exports", bad)
    for number, (name, faults) in enumerate(sorted(by_object.items()), 2):
        failed |= report(number, name, faults)
    return failed


SELF_TEST = [
    ("int lf_a(void); int lf_a(void) { return 1; }", None),
    ("static const char *const t[] = {\"a\"};\n"
     "const char *lf_a(int i) { return t[i]; }", None),
    ("int a(void) { return 1; }", "prefix"),
    ("static int n; int lf_a(void) { return n++; }", "mutable"),
    ("int lf_n = 4;", "mutable"),
    ("int lf_a(void) { static _Thread_local int n; return n++; }", "mutable"),
    ("#include <stdio.h>\nvoid lf_a(int i) { printf(\"%d\", i); }", "prints"),
    ("#include <stdlib.h>\nvoid lf_a(void) { exit(1); }", "ends"),
    ("#include <unistd.h>\nint lf_a(void) { return chdir(\"/\"); }",
     "changes"),
]  # fmt: skip


def self_test(compiler):
    failed = False
    print(f"1..{len(SELF_TEST)}")
    with tempfile.TemporaryDirectory(prefix="lf-symbols-") as folder:
        for number, (source, want) in enumerate(SELF_TEST, 1):
            stem = os.path.join(folder, f"t{number}")
            with open(stem + ".c", "w", encoding="utf-8") as file:
                file.write(source)
            # At -O0, or the compiler folds a global that is never read.
            subprocess.run(
                compiler + ["-w", "-O0", "-fPIC", "-c", stem + ".c", "-o",
                            stem + ".o"], check=True,
            )
            output_of("ar", "rc", stem + ".a", stem + ".o")
            found = [x for _, x in faults_of_archive(stem + ".a") if x]
            good = (not found if want is None
                    else len(found) == 1 and want in found[0])
            failed |= report(number, f"self-test {number}",
                             [] if good else [f"want {want}, got {found}"])
    return failed


def main(arguments):
    if len(arguments) > 1 and arguments[0] == "--self-test":
        return self_test(arguments[1:])
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 64
    return check(*arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
