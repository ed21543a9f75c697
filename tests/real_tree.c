/* SPDX-License-Identifier: MIT */
/*
 * real_tree.c - a described tree, made in the real file system
 */
#define _GNU_SOURCE
#include "tests/real_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

char *real_tree_new(void)
{
    const char *tmp = getenv("TMPDIR");
    char *path = NULL;
    if (asprintf(&path, "%s/lf-tree-XXXXXX", tmp && *tmp ? tmp : "/tmp") < 0)
        return NULL;
    if (mkdtemp(path) && chmod(path, 0755) == 0)
        return path;
    free(path);
    return NULL;
}

static int open_up(const char *path, const struct stat *st, int kind,
                   struct FTW *at)
{
    (void)st;
    (void)at;
    return kind == FTW_D || kind == FTW_DNR ? chmod(path, 0700) : 0;
}

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

void real_tree_free(char *root)
{
    if (!root)
        return;
    nftw(root, open_up, 16, FTW_PHYS | FTW_MOUNT);
    nftw(root, remove_one, 16, FTW_PHYS | FTW_DEPTH | FTW_MOUNT);
    free(root);
}

bool real_tree_isolate(void)
{
    return unshare(CLONE_NEWNS) == 0 &&
           mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* The place of `path` below `root`; NULL without memory. */
static char *below(const char *root, struct lf_str path)
{
    char *whole = NULL;
    if (asprintf(&whole, "%s/%.*s", root, (int)path.len, path.data) < 0)
        return NULL;
    return whole;
}

static bool make_parents(const char *root, char *path)
{
    char *slash = path + strlen(root);
    bool made = true;
    while (made && (slash = strchr(slash + 1, '/'))) {
        *slash = '\0';
        made = mkdir(path, 0755) == 0 || errno == EEXIST;
        *slash = '/';
    }
    return made;
}

static bool make_dir(const char *path, const char *mode)
{
    if (mkdir(path, 0755) != 0 && errno != EEXIST)
        return false;
    return !mode || chmod(path, (mode_t)strtol(mode, NULL, 8)) == 0;
}

static bool make_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    return fd >= 0 && close(fd) == 0;
}

static bool make(const char *kind, const char *path, const char *other)
{
    if (strcmp(kind, "d") == 0)
        return make_dir(path, other);
    if (strcmp(kind, "f") == 0)
        return make_file(path);
    if (strcmp(kind, "l") == 0)
        return symlink(other, path) == 0;
    if (strcmp(kind, "h") == 0)
        return linkat(AT_FDCWD, other, AT_FDCWD, path, 0) == 0;
    if (strcmp(kind, "fifo") == 0)
        return mkfifo(path, 0644) == 0;
    if (strcmp(kind, "mount") == 0)
        return make_dir(path, NULL) &&
               mount("tmpfs", path, "tmpfs", 0, "mode=0755") == 0;
    if (strcmp(kind, "bind") == 0)
        return make_dir(path, NULL) &&
               mount(other, path, NULL, MS_BIND, NULL) == 0;
    errno = EINVAL;
    return false;
}

bool real_tree_add(const char *root, const struct lf_str *fields,
                   size_t n_fields)
{
    const char *kind = n_fields > 1 ? fields[0].data : "";
    bool from_other = strcmp(kind, "h") == 0 || strcmp(kind, "bind") == 0;
    char *path = below(root, fields[from_other ? 2 : 1]);
    char *other = from_other ? below(root, fields[1]) : NULL;
    const char *text = from_other     ? other
                       : n_fields > 2 ? fields[2].data
                                      : NULL;
    bool made = path && make_parents(root, path) && make(kind, path, text);
    int error = errno;
    free(other);
    free(path);
    errno = error;
    return made;
}
