/* SPDX-License-Identifier: MIT */
/*
 * worklist.c - mapping a list of links
 */
#define _GNU_SOURCE
#include "bench/worklist.h"

#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void map(struct worklist *list, const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        err(1, "%s", path);
    list->size = (size_t)st.st_size;
    if (list->size > 0) {
        void *data = mmap(NULL, list->size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (data == MAP_FAILED)
            err(1, "mmap %s", path);
        list->data = data;
        if (list->data[list->size - 1] != '\0')
            errx(1, "%s is not a list", path);
    }
    close(fd);
}

static void add_dir(struct worklist *list, const char *path, const char *links)
{
    if ((list->n_dirs & (list->n_dirs - 1)) == 0) {
        size_t capacity = list->n_dirs ? list->n_dirs * 2 : 1;
        list->dirs = realloc(list->dirs, capacity * sizeof(*list->dirs));
        if (!list->dirs)
            err(1, "realloc");
    }
    list->dirs[list->n_dirs++] = (struct work_dir){path, links, 0};
}

void worklist_open(struct worklist *list, const char *path)
{
    *list = (struct worklist){0};
    map(list, path);
    const char *at = list->data, *end = at + list->size, *text;
    while (at < end) {
        if (*at == 'd') {
            const char *dir = at + 1;
            at = dir + strlen(dir) + 1;
            add_dir(list, dir, at);
        } else if (*at == 'l' && list->n_dirs > 0) {
            worklist_next(&at, &text);
            list->dirs[list->n_dirs - 1].n++;
            list->n_links++;
        } else {
            errx(1, "%s is not a list", path);
        }
    }
}

void worklist_close(struct worklist *list)
{
    free(list->dirs);
    if (list->size > 0)
        munmap((void *)(uintptr_t)list->data, list->size);
}
