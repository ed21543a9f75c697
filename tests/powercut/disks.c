/* SPDX-License-Identifier: MIT */
/* disks.c - images of disks, mounted through loop devices */
#define _GNU_SOURCE
#include "disks.h"

#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/loop.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1024 * 1024, BLOCK = 4096 };

extern char **environ;

static const struct kind_of_fs kinds[] = {
        {"ext4",
         "",          (size_t)24 * MIB,
         {"mkfs.ext4", "-q", "-F", "-E", "nodiscard,lazy_itable_init=0", NULL}},
        {"xfs",   "", (size_t)300 * MIB, {"mkfs.xfs", "-q", "-K", NULL}       },
        {"btrfs",
         "nodiscard", (size_t)128 * MIB,
         {"mkfs.btrfs", "-q", "-K", NULL}                                     },
};

const struct kind_of_fs *disks_kind(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

/* ---- making ---- */

static int run(const char *const words[], const char *last)
{
    char *argv[16];
    size_t n = 0;
    pid_t child;
    int status;
    for (; words[n]; n++)
        argv[n] = (char *)(uintptr_t)words[n];
    argv[n++] = (char *)(uintptr_t)last;
    argv[n] = NULL;
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    /* some talk without being asked */
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    int result = posix_spawnp(&child, argv[0], &files, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    if (result != 0 || waitpid(child, &status, 0) != child ||
        !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

static bool knows(const char *name)
{
    char line[64], want[64];
    bool found = false;
    FILE *list = fopen("/proc/filesystems", "re");
    snprintf(want, sizeof(want), "\t%s\n", name);
    while (list && !found && fgets(line, sizeof(line), list))
        found = strcmp(line, want) == 0;
    if (list)
        fclose(list);
    return found;
}

bool disks_have(const struct kind_of_fs *kind, const char **ret_why)
{
    static const char script[] = "command -v \"$0\" >/dev/null";
    const char *const look[] = {"sh", "-c", script, NULL};
    *ret_why = !knows(kind->name) ? "the kernel has not this file system"
               : run(look, kind->make[0]) ? "its mkfs is missing"
                                          : NULL;
    return *ret_why == NULL;
}

void disks_make(const struct kind_of_fs *kind, const char *image)
{
    int fd = open(image, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)kind->size), 0);
    close(fd);
    assert_int_equal(run(kind->make, image), 0);
}

static bool is_zero(const char *block, size_t size)
{
    return block[0] == 0 && memcmp(block, block + 1, size - 1) == 0;
}

void disks_copy(const char *from, const char *to)
{
    char block[BLOCK];
    struct stat st;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(in >= 0 && out >= 0);
    assert_int_equal(fstat(in, &st), 0);
    assert_int_equal(ftruncate(out, st.st_size), 0);
    for (off_t at = 0; (at = lseek(in, at, SEEK_DATA)) >= 0;) {
        ssize_t n = pread(in, block, sizeof(block), at);
        assert_true(n > 0);
        if (!is_zero(block, (size_t)n))
            assert_int_equal(pwrite(out, block, (size_t)n, at), n);
        at += n;
    }
    close(in);
    close(out);
}

/* ---- mounting ---- */

/* A loop device over the image, which goes when its last user does. */
static int open_loop(const char *image, char *ret_path, size_t size)
{
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    int file = open(image, O_RDWR | O_CLOEXEC);
    int loop = -1;
    struct loop_config config = {
            .fd = (uint32_t)file,
            .info = {.lo_flags = LO_FLAGS_AUTOCLEAR},
    };
    for (int tries = 0; loop < 0 && control >= 0 && file >= 0 && tries < 50;
         tries++) {
        int number = ioctl(control, LOOP_CTL_GET_FREE);
        snprintf(ret_path, size, "/dev/loop%d", number);
        loop = number < 0 ? -1 : open(ret_path, O_RDWR | O_CLOEXEC);
        /* somebody else may have been quicker */
        if (loop >= 0 && ioctl(loop, LOOP_CONFIGURE, &config) < 0) {
            close(loop);
            loop = -1;
        }
    }
    int error = errno;
    if (control >= 0)
        close(control);
    if (file >= 0)
        close(file);
    errno = error;
    return loop;
}

bool disks_mount(const struct kind_of_fs *kind, const char *image,
                 const char *place)
{
    char path[64];
    int loop = open_loop(image, path, sizeof(path));
    if (loop < 0)
        return false;
    int result = mount(path, place, kind->name, 0, kind->options);
    int error = errno;
    close(loop);
    errno = error;
    return result == 0;
}

/* btrfs refuses an older image of a disk that it remembers. */
static void forget(void)
{
    int control = open("/dev/btrfs-control", O_RDWR | O_CLOEXEC);
    struct btrfs_ioctl_vol_args all = {0};
    if (control < 0)
        return;
    ioctl(control, BTRFS_IOC_FORGET_DEV, &all);
    close(control);
}

void disks_unmount(const struct kind_of_fs *kind, const char *place)
{
    int result = -1;
    for (int tries = 0; result < 0 && tries < 200; tries++) {
        result = umount2(place, 0);
        if (result < 0 && errno == EBUSY)
            usleep(10000);
        else if (result < 0)
            break;
    }
    assert_int_equal(result, 0);
    if (strcmp(kind->name, "btrfs") == 0)
        forget();
}
