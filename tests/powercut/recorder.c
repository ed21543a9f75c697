/* SPDX-License-Identifier: MIT */
/* recorder.c - disks that remember each write and each flush, in order */
#define _GNU_SOURCE
#define FUSE_USE_VERSION 35
#include "recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MARK = DISKS };

static const char *const names[] = {"/disk0", "/disk1", "/mark"};

/* One thread answers, so that there is one order. */
static struct {
    int images[DISKS]; /* private copies, in memory */
    int log;
} recorder;

static int number_of(const char *path)
{
    for (int i = 0; i <= MARK; i++)
        if (strcmp(path, names[i]) == 0)
            return i;
    return -1;
}

static int put_all(int fd, const void *data, size_t size)
{
    for (const char *at = data; size;) {
        ssize_t n = write(fd, at, size);
        if (n < 0)
            return -errno;
        at += n;
        size -= (size_t)n;
    }
    return 0;
}

static int note(enum event_kind kind, int disk, off_t offset, const void *data,
                size_t size)
{
    struct event event = {.kind = kind,
                          .disk = (uint32_t)disk,
                          .offset = (uint64_t)offset,
                          .size = size};
    int result = put_all(recorder.log, &event, sizeof(event));
    return result < 0 ? result : put_all(recorder.log, data, size);
}

/* ---- what the file system answers ---- */

static int do_getattr(const char *path, struct stat *st,
                      struct fuse_file_info *info)
{
    (void)info;
    int disk = number_of(path);
    *st = (struct stat){.st_mode = S_IFDIR | 0700, .st_nlink = 2};
    if (strcmp(path, "/") == 0)
        return 0;
    if (disk < 0)
        return -ENOENT;
    if (disk < MARK && fstat(recorder.images[disk], st) < 0)
        return -errno;
    st->st_mode = S_IFREG | 0600;
    st->st_nlink = 1;
    return 0;
}

/* Every write is to come here at once, none is to stay in a cache. */
static int do_open(const char *path, struct fuse_file_info *info)
{
    info->direct_io = 1;
    return number_of(path) < 0 ? -ENOENT : 0;
}

static int do_read(const char *path, char *data, size_t size, off_t offset,
                   struct fuse_file_info *info)
{
    (void)info;
    int disk = number_of(path);
    if (disk < 0 || disk == MARK)
        return -EIO;
    ssize_t n = pread(recorder.images[disk], data, size, offset);
    return n < 0 ? -errno : (int)n;
}

static int do_write(const char *path, const char *data, size_t size,
                    off_t offset, struct fuse_file_info *info)
{
    (void)info;
    int disk = number_of(path);
    if (disk < 0)
        return -EIO;
    if (disk == MARK) {
        int result = note(EVENT_MARK, disk, 0, NULL, 0);
        return result < 0 ? result : (int)size;
    }
    ssize_t n = pwrite(recorder.images[disk], data, size, offset);
    if (n < 0)
        return -errno;
    int result = note(EVENT_WRITE, disk, offset, data, (size_t)n);
    return result < 0 ? result : (int)n;
}

static int do_fsync(const char *path, int only_data,
                    struct fuse_file_info *info)
{
    (void)only_data;
    (void)info;
    int disk = number_of(path);
    return disk < 0 || disk == MARK ? -EIO
                                    : note(EVENT_FLUSH, disk, 0, NULL, 0);
}

static const struct fuse_operations operations = {
        .getattr = do_getattr,
        .open = do_open,
        .read = do_read,
        .write = do_write,
        .fsync = do_fsync,
};

/* ---- the process ---- */

static int copy_in_memory(const char *image)
{
    char block[65536];
    off_t at = 0;
    int from = open(image, O_RDONLY | O_CLOEXEC);
    int to = memfd_create("disk", MFD_CLOEXEC);
    struct stat st;
    if (from < 0 || to < 0 || fstat(from, &st) < 0 ||
        ftruncate(to, st.st_size) < 0)
        return -1;
    while ((at = lseek(from, at, SEEK_DATA)) >= 0) {
        ssize_t n = pread(from, block, sizeof(block), at);
        if (n <= 0 || pwrite(to, block, (size_t)n, at) != n)
            return -1;
        at += n;
    }
    close(from);
    return errno == ENXIO ? to : -1;
}

/*
 * Out of the namespace in which disks will be mounted over this one. They are
 * unmounted, and written for it, when the last process there ends; were it this
 * one, it would wait for itself.
 */
static int leave(const char *place)
{
    return unshare(CLONE_NEWNS) < 0 ? -1 : umount2(place, MNT_DETACH);
}

/* Does not return. */
static void serve(const char *place, const char *const images[DISKS],
                  const char *log, int ready)
{
    static char name[] = "recorder";
    char *argv[] = {name, NULL};
    struct fuse_args args = FUSE_ARGS_INIT(1, argv);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    recorder.log = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    for (int i = 0; i < DISKS; i++)
        recorder.images[i] = copy_in_memory(images[i]);
    struct fuse *fuse = fuse_new(&args, &operations, sizeof(operations), NULL);
    if (recorder.log < 0 || recorder.images[0] < 0 || recorder.images[1] < 0 ||
        !fuse || fuse_mount(fuse, place) < 0 || leave(place) < 0 ||
        put_all(ready, "", 1) < 0)
        _exit(1);
    int result = fuse_loop(fuse);
    fuse_unmount(fuse);
    fuse_destroy(fuse);
    _exit(result != 0);
}

int recorder_start(const char *place, const char *const images[DISKS],
                   const char *log, pid_t *ret_recorder)
{
    int ready[2];
    char byte;
    if (pipe2(ready, O_CLOEXEC) < 0)
        return -1;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        serve(place, images, log, ready[1]);
    close(ready[1]);
    bool started = child > 0 && read(ready[0], &byte, 1) == 1;
    close(ready[0]);
    if (child > 0 && !started)
        waitpid(child, NULL, 0);
    *ret_recorder = child;
    return started ? 0 : -1;
}

int recorder_mark(const char *place)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/mark", place);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int result = fd < 0 ? -1 : put_all(fd, "x", 1);
    if (fd >= 0)
        close(fd);
    return result;
}

int recorder_stop(const char *place, pid_t recorder_pid)
{
    int status;
    if (umount2(place, 0) < 0)
        return -1;
    return waitpid(recorder_pid, &status, 0) == recorder_pid && status == 0
                   ? 0
                   : -1;
}
