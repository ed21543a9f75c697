# SPDX-License-Identifier: MIT
"""embed.py - make a file's bytes an initialiser of a C array

    embed.py FILE OUTPUT

A string literal would do but for its length, which C17 bounds at 4,095 bytes.
"""

import pathlib
import sys

data = pathlib.Path(sys.argv[1]).read_bytes()
lines = [data[i:i + 20] for i in range(0, len(data), 20)]
pathlib.Path(sys.argv[2]).write_text(
    "".join(" ".join(f"{byte}," for byte in line) + "\n" for line in lines),
    encoding="ascii")
