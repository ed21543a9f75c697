/* SPDX-License-Identifier: MIT */
/*
 * floor_checked.c - what a transaction looks at besides
 *
 * Between a plan and a step somebody else may have been there. So whose a directory
 * is gets looked at where something is to change in it; a link is read before it gives
 * way, when it has been taken, and before it is dropped, which is after the commit, as
 * until then everything can be put back.
 */
#define _GNU_SOURCE
#include "bench/floor.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The name that a link waits under. */
static const char aside[] = ".new";

static void look_at(int fd, const char *path)
{
    struct statx stx;
    if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &stx) < 0)
        err(1, "statx %s", path);
    if (stx.stx_uid != geteuid())
        errx(1, "%s is another user's", path);
}

static int enter(int top, const char *path)
{
    int fd = floor_open_dir(top, path);
    look_at(fd, path);
    return fd;
}

/* A link is there, whatever its text. */
static void read_link(int fd, const char *name)
{
    char text[PATH_MAX];
    if (readlinkat(fd, name, text, sizeof(text)) < 0)
        err(1, "read %s", name);
}

static void create_links(int top, const struct work_dir *dir)
{
    floor_make_links(enter(top, dir->path), dir);
}

void floor_create_checked(const struct worklist *list, int top,
                          unsigned threads)
{
    floor_make_dirs(list, top);
    floor_each_dir(list, top, threads, create_links);
}

/* What gives way waits under a name of its own. */
static void exchange_links(int top, const struct work_dir *dir)
{
    char old[PATH_MAX];
    const char *at = dir->links, *text;
    int fd = enter(top, dir->path);
    for (uint32_t i = 0; i < dir->n; i++) {
        const char *name = worklist_next(&at, &text);
        snprintf(old, sizeof(old), "%s%u", aside, (unsigned)i);
        if (symlinkat(text, fd, old) < 0)
            err(1, "symlink %s/%s", dir->path, old);
        read_link(fd, name);
        if (renameat2(fd, old, fd, name, RENAME_EXCHANGE) < 0)
            err(1, "exchange %s/%s", dir->path, name);
        read_link(fd, old);
    }
    close(fd);
}

void floor_change_checked(const struct worklist *changed, int top,
                          unsigned threads)
{
    floor_each_dir(changed, top, threads, exchange_links);
}

static void drop_links(int top, const struct work_dir *dir)
{
    char old[PATH_MAX];
    int fd = enter(top, dir->path);
    for (uint32_t i = 0; i < dir->n; i++) {
        snprintf(old, sizeof(old), "%s%u", aside, (unsigned)i);
        read_link(fd, old);
        if (unlinkat(fd, old, 0) < 0)
            err(1, "unlink %s/%s", dir->path, old);
    }
    close(fd);
}

void floor_drop_changed(const struct worklist *changed, int top,
                        unsigned threads)
{
    floor_each_dir(changed, top, threads, drop_links);
}

static void remove_links(int top, const struct work_dir *dir)
{
    const char *at = dir->links, *text;
    int fd = enter(top, dir->path);
    for (uint32_t i = 0; i < dir->n; i++) {
        const char *name = worklist_next(&at, &text);
        read_link(fd, name);
        if (unlinkat(fd, name, 0) < 0)
            err(1, "unlink %s/%s", dir->path, name);
    }
    close(fd);
}

void floor_remove_checked(const struct worklist *list, int top,
                          unsigned threads)
{
    floor_each_dir(list, top, threads, remove_links);
    floor_remove_dirs(list, top);
}

static void list_dir(int top, const struct work_dir *dir)
{
    floor_list(top, dir->path);
}

void floor_list_dirs(const struct worklist *list, int top, unsigned threads)
{
    floor_each_dir(list, top, threads, list_dir);
}

void floor_begin(int state)
{
    struct stat st;
    int fd = openat(state, "lock", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 || flock(fd, LOCK_EX) < 0) /* it is let go at the end */
        err(1, "lock");
    if (fstatat(state, "ledger", &st, 0) < 0)
        return;
    floor_read_whole(state, "ledger");
}
