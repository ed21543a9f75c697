/* SPDX-License-Identifier: MIT */
/*
 * verify.c - hold a tree to a list of links
 *
 *     verify text INTO LIST     every link is there with just the list's text
 *     verify reach INTO LIST    every link leads to what the list's text names
 *     verify empty INTO         nothing is there
 *     verify bare INTO          nothing but directories is there
 *
 * In each case there is nothing else in the tree. Exits 1 with a message about
 * the first fault.
 */
#define _GNU_SOURCE
#include "bench/worklist.h"

#include <err.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* nftw(3) hands nothing through. */
static size_t n_nodes, n_dirs;

static int count_node(const char *path, const struct stat *st, int type,
                      struct FTW *where)
{
    (void)path;
    (void)st;
    (void)where;
    n_nodes++;
    n_dirs += type == FTW_D;
    return type == FTW_DNR || type == FTW_NS;
}

static void check_link(int dir, const char *path, const char *name,
                       const char *text, bool exact)
{
    char got[PATH_MAX];
    struct stat here, there;
    ssize_t len = readlinkat(dir, name, got, sizeof(got) - 1);
    if (len < 0)
        err(1, "%s/%s", path, name);
    got[len] = '\0';
    if (exact && strcmp(got, text) != 0)
        errx(1, "%s/%s leads to %s, not to %s", path, name, got, text);
    if (exact)
        return;
    if (fstatat(dir, name, &here, 0) < 0 || fstatat(dir, text, &there, 0) < 0)
        err(1, "%s/%s", path, name);
    if (here.st_dev != there.st_dev || here.st_ino != there.st_ino)
        errx(1, "%s/%s leads to %s, not to the same as %s", path, name, got,
             text);
}

static void check_list(const struct worklist *list, int top, bool exact)
{
    for (size_t d = 0; d < list->n_dirs; d++) {
        const struct work_dir *dir = &list->dirs[d];
        const char *at = dir->links, *text;
        int fd = openat(top, dir->path,
                        O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
            err(1, "%s", dir->path);
        for (uint32_t i = 0; i < dir->n; i++) {
            const char *name = worklist_next(&at, &text);
            check_link(fd, dir->path, name, text, exact);
        }
        close(fd);
    }
}

int main(int argc, char **argv)
{
    bool empty = argc == 3 && strcmp(argv[1], "empty") == 0;
    bool exact = argc == 4 && strcmp(argv[1], "text") == 0;
    bool bare = argc == 3 && strcmp(argv[1], "bare") == 0;
    bool reach = argc == 4 && strcmp(argv[1], "reach") == 0;
    if (!empty && !bare && !exact && !reach)
        errx(64, "usage: verify text|reach INTO LIST, verify empty|bare INTO");
    struct worklist list = {.n_dirs = 1};
    int top = open(argv[2], O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (top < 0)
        err(1, "%s", argv[2]);
    if (exact || reach) {
        worklist_open(&list, argv[3]);
        check_list(&list, top, exact);
    }
    if (nftw(argv[2], count_node, 32, FTW_PHYS) != 0)
        err(1, "cannot walk %s", argv[2]);
    /* The top is one of the directories. */
    size_t want = list.n_links + (bare ? n_dirs : list.n_dirs);
    if (n_nodes != want)
        errx(1, "%s holds %zu nodes instead of %zu", argv[2], n_nodes - 1,
             want - 1);
    worklist_close(&list);
    close(top);
    return 0;
}
