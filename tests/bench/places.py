# SPDX-License-Identifier: MIT
"""places.py - file systems to measure on, made and taken down

ext4 has a journal, whatever the machine's own has: without one it does not
reuse inodes that were freed in the last minute, and a create after a great
removal costs sixty times as much. Who may mount gets both newly made, in a
mount namespace of our own, so that a runner that is killed leaves no mount
behind. Others measure where they may write.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile


NAMESPACE = "LF_BENCH_NAMESPACE"  # set when we are in our own


def enter_namespace():
    """As root, begin the program again where mounts end with the process."""
    if os.geteuid() != 0 or NAMESPACE in os.environ:
        return
    unshare = ["unshare", "--mount", "--propagation", "private"]
    if subprocess.run([*unshare, "true"], capture_output=True).returncode == 0:
        os.environ[NAMESPACE] = "1"
        os.execvp("unshare", [*unshare, sys.executable, *sys.argv])


def can_mount():
    return os.geteuid() == 0 and NAMESPACE in os.environ


def run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL)


def filesystem_of(path):
    """The type of the file system that holds `path`."""
    return subprocess.run(["stat", "-f", "-c", "%T", path], check=True,
                          capture_output=True, text=True).stdout.strip()


@contextlib.contextmanager
def scratch(parent):
    # A short name: longer paths cost each tool that names links by them.
    path = tempfile.mkdtemp(prefix="lf", dir=parent)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def mounted(point, *mount):
    run("mount", *mount, point)
    try:
        yield point
    finally:
        subprocess.run(["umount", "--lazy", point], check=False)


def make_image(path, links):
    """An ext4 for `links` links, their sources, and as many again."""
    with open(path, "wb") as image:
        image.truncate((1 << 30) + links * 4096)
    run("mkfs.ext4", "-q", "-F", "-b", "4096", "-J", "size=128",
        "-N", str(100000 + links * 4), path)


@contextlib.contextmanager
def ext4_image(links, image_dir):
    with scratch("/tmp") as point:
        descriptor, image = tempfile.mkstemp(prefix="lf-bench-", suffix=".img",
                                             dir=image_dir)
        os.close(descriptor)
        with contextlib.ExitStack() as stack:
            try:
                make_image(image, links)
                # No thread of the kernel shall fill in inode tables meanwhile.
                stack.enter_context(mounted(point, "-o", "loop,noinit_itable",
                                            image))
            finally:
                os.unlink(image)  # while it is mounted, the loop holds it
            yield point


def ext4(stack, links, image_dir):
    if can_mount():
        path = stack.enter_context(ext4_image(links, image_dir))
        return path, "ext4 with a journal, in a loop image"
    path = stack.enter_context(scratch(None))
    return path, (filesystem_of(path) + ", the machine's own; only root can "
                  "make one that is known")


def tmpfs(stack, _links, _image_dir):
    if can_mount():
        path = stack.enter_context(scratch("/tmp"))
        stack.enter_context(mounted(path, "-t", "tmpfs", "-o",
                                    "nr_inodes=0,mode=755", "lf-bench"))
        return path, "tmpfs"
    path = stack.enter_context(scratch("/dev/shm"))
    return path, filesystem_of(path) + ", /dev/shm"


MAKERS = {"ext4": ext4, "tmpfs": tmpfs}


@contextlib.contextmanager
def place(name, links, image_dir):
    """Yield a directory on a file system of that name, and what it really is;
    or None and why there is none."""
    with contextlib.ExitStack() as stack:
        try:
            path, what = MAKERS[name](stack, links, image_dir)
        except (OSError, subprocess.CalledProcessError) as error:
            path, what = None, f"it cannot be made: {error}"
        yield path, what
