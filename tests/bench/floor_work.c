/* SPDX-License-Identifier: MIT */
/*
 * floor_work.c - the bare calls of each piece of work
 */
#define _GNU_SOURCE
#include "bench/floor.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { THREADS_MOST = 64 };

int floor_open_dir(int top, const char *path)
{
    int fd = openat(top, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        err(1, "open %s", path);
    return fd;
}

static void write_all(int fd, const char *bytes, size_t size, const char *what)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);
        if (n < 0)
            err(1, "write %s", what);
        bytes += n;
        size -= (size_t)n;
    }
}

void floor_write_state(int state, const char *name, const char *bytes,
                       size_t size)
{
    static const char fresh[] = "new";
    int fd =
            openat(state, fresh, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        err(1, "%s", fresh);
    write_all(fd, bytes, size, name);
    if (fsync(fd) < 0 || close(fd) < 0 ||
        renameat(state, fresh, state, name) < 0 || fsync(state) < 0)
        err(1, "%s", name);
}

/* ---- threads ---- */

struct share {
    const struct worklist *list;
    void (*work)(int top, const struct work_dir *dir);
    int top;
    size_t first, end;
};

static void *work_share(void *arg)
{
    const struct share *share = arg;
    for (size_t d = share->first; d < share->end; d++)
        share->work(share->top, &share->list->dirs[d]);
    return NULL;
}

void floor_each_dir(const struct worklist *list, int top, unsigned threads,
                    void (*work)(int top, const struct work_dir *dir))
{
    pthread_t ids[THREADS_MOST];
    struct share shares[THREADS_MOST];
    if (threads < 1 || threads > THREADS_MOST)
        errx(64, "from 1 to %d threads", THREADS_MOST);
    for (unsigned i = 0; i < threads; i++) {
        shares[i] = (struct share){list, work, top, list->n_dirs * i / threads,
                                   list->n_dirs * (i + 1) / threads};
        /* The last share is this thread's own. */
        int error = i + 1 < threads ? pthread_create(&ids[i], NULL, work_share,
                                                     &shares[i])
                                    : 0;
        if (error)
            errx(1, "pthread_create: %s", strerror(error));
    }
    work_share(&shares[threads - 1]);
    for (unsigned i = 0; i + 1 < threads; i++)
        pthread_join(ids[i], NULL);
}

/* ---- changes ---- */

void floor_make_links(int fd, const struct work_dir *dir)
{
    const char *at = dir->links, *text;
    for (uint32_t i = 0; i < dir->n; i++) {
        const char *name = worklist_next(&at, &text);
        if (symlinkat(text, fd, name) < 0)
            err(1, "symlink %s/%s", dir->path, name);
    }
    close(fd);
}

static void create_links(int top, const struct work_dir *dir)
{
    floor_make_links(floor_open_dir(top, dir->path), dir);
}

void floor_make_dirs(const struct worklist *list, int top)
{
    for (size_t d = 0; d < list->n_dirs; d++)
        if (strcmp(list->dirs[d].path, ".") != 0 &&
            mkdirat(top, list->dirs[d].path, 0755) < 0)
            err(1, "mkdir %s", list->dirs[d].path);
}

void floor_create(const struct worklist *list, int top, unsigned threads)
{
    floor_make_dirs(list, top);
    floor_each_dir(list, top, threads, create_links);
}

static void remove_links(int top, const struct work_dir *dir)
{
    const char *at = dir->links, *text;
    int fd = floor_open_dir(top, dir->path);
    for (uint32_t i = 0; i < dir->n; i++) {
        const char *name = worklist_next(&at, &text);
        if (unlinkat(fd, name, 0) < 0)
            err(1, "unlink %s/%s", dir->path, name);
    }
    close(fd);
}

void floor_remove_dirs(const struct worklist *list, int top)
{
    for (size_t d = list->n_dirs; d-- > 0;)
        if (strcmp(list->dirs[d].path, ".") != 0 &&
            unlinkat(top, list->dirs[d].path, AT_REMOVEDIR) < 0)
            err(1, "rmdir %s", list->dirs[d].path);
}

void floor_remove(const struct worklist *list, int top, unsigned threads)
{
    floor_each_dir(list, top, threads, remove_links);
    floor_remove_dirs(list, top);
}

static void change_links(int top, const struct work_dir *dir)
{
    const char *at = dir->links, *text;
    int fd = floor_open_dir(top, dir->path);
    for (uint32_t i = 0; i < dir->n; i++) {
        const char *name = worklist_next(&at, &text);
        if (symlinkat(text, fd, ".new") < 0 ||
            renameat(fd, ".new", fd, name) < 0)
            err(1, "replace %s/%s", dir->path, name);
    }
    close(fd);
}

void floor_change(const struct worklist *changed, int top, unsigned threads)
{
    floor_each_dir(changed, top, threads, change_links);
}

/* ---- looks ---- */

static void read_links(int top, const struct work_dir *dir)
{
    char got[PATH_MAX];
    const char *at = dir->links, *text;
    int fd = floor_open_dir(top, dir->path);
    for (uint32_t i = 0; i < dir->n; i++) {
        const char *name = worklist_next(&at, &text);
        ssize_t len = readlinkat(fd, name, got, sizeof(got));
        if (len < 0 || strlen(text) != (size_t)len ||
            memcmp(got, text, (size_t)len) != 0)
            errx(1, "%s/%s has changed", dir->path, name);
    }
    close(fd);
}

void floor_read(const struct worklist *list, int top, unsigned threads)
{
    floor_each_dir(list, top, threads, read_links);
}

static void look_at_dir(int top, const struct work_dir *dir)
{
    struct statx stx;
    if (statx(top, dir->path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &stx) < 0)
        err(1, "statx %s", dir->path);
    if (!S_ISDIR(stx.stx_mode))
        errx(1, "%s is no directory", dir->path);
}

void floor_look(const struct worklist *list, int top, unsigned threads)
{
    floor_each_dir(list, top, threads, look_at_dir);
}

/* ---- a small plan ---- */

void floor_read_whole(int at, const char *path)
{
    struct stat st;
    int fd = openat(at, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        err(1, "%s", path);
    char *bytes = malloc((size_t)st.st_size + 1);
    if (!bytes || read(fd, bytes, (size_t)st.st_size + 1) != st.st_size)
        err(1, "%s", path);
    free(bytes);
    close(fd);
}

void floor_list(int top, const char *path)
{
    int fd = openat(top, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        err(1, "%s", path);
    errno = 0;
    while (readdir(dir))
        continue;
    if (errno)
        err(1, "%s", path);
    closedir(dir);
}

void floor_plan(const char *manifest, const char *sources,
                const struct worklist *list, int top)
{
    floor_read_whole(AT_FDCWD, manifest);
    int from = open(sources, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (from < 0)
        err(1, "%s", sources);
    for (size_t d = 0; d < list->n_dirs; d++) {
        const struct work_dir *dir = &list->dirs[d];
        const char *at = dir->links, *text;
        struct stat st;
        floor_list(from, dir->path);
        for (uint32_t i = 0; i < dir->n; i++) {
            char path[PATH_MAX];
            const char *name = worklist_next(&at, &text);
            snprintf(path, sizeof(path), "%s/%s", dir->path, name);
            if (fstatat(top, path, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
                errno != ENOENT)
                errx(1, "%s: something is there", path);
            printf("  + %s -> %s\n", path, text);
        }
    }
    close(from);
    if (fflush(stdout) != 0)
        err(1, "standard output");
}
