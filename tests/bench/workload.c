/* SPDX-License-Identifier: MIT */
/*
 * workload.c - make a farm to measure with
 *
 *     workload DIR LINKS [LINKS-IN-A-DIRECTORY]
 *
 * Makes in the empty directory DIR, always the same from the same numbers:
 *   s/              the source tree: a file for each link
 *   x/              other sources for every hundredth link
 *   t/              empty; the links go here
 *   tree.yaml       a manifest of one tree entry; tree-changed.yaml: x over s
 *   flat.yaml       the same links one by one; flat-changed.yaml
 *   list            the links as worklist.h says; list-changed
 *   changed         only those in which list-changed differs from list
 *
 * The tree is like those that people link: sixteen branches to a directory,
 * files at every level, few in most directories and many in some. Names are
 * short, so that a relative text stays below 60 bytes, which ext4 keeps in the
 * inode; longer ones would measure the disk's block allocation.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BRANCHES = 16, PATH_MOST = 256, CHANGED_EVERY = 100 };

static const char *const branches[BRANCHES] = {
        "bin", "etc", "lib",  "doc",   "man", "src", "conf", "share",
        "www", "img", "test", "tools", "emx", "zsh", "vim",  "data"};
static const char *const leaves[] = {"init.lua", "rc",     "util.h", "README",
                                     "main.c",   "theme",  "conf",   "mod.py",
                                     "keys.map", "x.tmpl", "run",    "a.svg"};
/* How many links a directory has beside the one that each has, by turns. */
static const unsigned weights[] = {1, 4, 8, 13, 19, 25, 33, 49};

struct output {
    FILE *list, *list_changed, *changed, *flat, *flat_changed;
};

struct workload {
    uint64_t links, dirs;
    uint64_t n_links; /* made so far */
    struct output out;
};

static void make_dir(const char *path)
{
    if (mkdir(path, 0755) < 0 && errno != EEXIST)
        err(1, "mkdir %s", path);
}

static void make_file(const char *path)
{
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    if (fd < 0)
        err(1, "%s", path);
    close(fd);
}

/* Make the directories above `path`, which is changed and put back. */
static void make_parents(char *path)
{
    for (char *slash = strchr(path, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        make_dir(path);
        *slash = '/';
    }
}

static FILE *create(const char *path)
{
    FILE *file = fopen(path, "we");
    if (!file)
        err(1, "%s", path);
    return file;
}

static void finish(FILE *file, const char *path)
{
    if (ferror(file) | fclose(file))
        err(1, "%s", path);
}

/* The path of directory `n` below the top, with a slash after each part. */
static unsigned dir_path(uint64_t n, char path[PATH_MOST])
{
    uint64_t way[16];
    unsigned depth = 0;
    for (; n > 0; n = (n - 1) / BRANCHES)
        way[depth++] = (n - 1) % BRANCHES;
    size_t len = 0;
    path[0] = '\0';
    for (unsigned i = depth; i-- > 0;)
        len += (size_t)sprintf(path + len, "%s/", branches[way[i]]);
    return depth;
}

/* How many of the links that are dealt by weight go to directories before
 * `n`; the sum over all is `spare`. */
static uint64_t dealt_before(const struct workload *w, uint64_t n)
{
    enum { TURN = sizeof(weights) / sizeof(*weights) };
    uint64_t sums[TURN + 1] = {0};
    for (unsigned i = 0; i < TURN; i++)
        sums[i + 1] = sums[i] + weights[i];
    uint64_t before = n / TURN * sums[TURN] + sums[n % TURN];
    uint64_t all = w->dirs / TURN * sums[TURN] + sums[w->dirs % TURN];
    return before * (w->links - w->dirs) / all;
}

static void put_link(FILE *file, const char *name, const char *up, char tree,
                     const char *dir)
{
    fprintf(file, "l%s%c%s%c/%s%s%c", name, 0, up, tree, dir, name, 0);
}

static void make_link(struct workload *w, const char *dir, const char *up,
                      const char *name)
{
    char path[PATH_MOST];
    bool changes = w->n_links++ % CHANGED_EVERY == 0;
    snprintf(path, sizeof(path), "s/%s%s", dir, name);
    make_file(path);
    put_link(w->out.list, name, up, 's', dir);
    put_link(w->out.list_changed, name, up, changes ? 'x' : 's', dir);
    fprintf(w->out.flat, "  %s%s: s/%s%s\n", dir, name, dir, name);
    fprintf(w->out.flat_changed, "  %s%s: %c/%s%s\n", dir, name,
            changes ? 'x' : 's', dir, name);
    if (!changes)
        return;
    put_link(w->out.changed, name, up, 'x', dir);
    path[0] = 'x';
    make_parents(path);
    make_file(path);
}

/* Whether one of the next `count` links changes. */
static bool some_change(const struct workload *w, uint64_t count)
{
    uint64_t next = (w->n_links + CHANGED_EVERY - 1) / CHANGED_EVERY;
    return next * CHANGED_EVERY < w->n_links + count;
}

static void put_dir(FILE *file, const char *dir)
{
    size_t len = strlen(dir);
    fprintf(file, "d%.*s%c", len ? (int)len - 1 : 1, len ? dir : ".", 0);
}

static void make_directory(struct workload *w, uint64_t n)
{
    char dir[PATH_MOST], path[PATH_MOST + 8], up[64], name[32];
    unsigned depth = dir_path(n, dir);
    uint64_t count = 1 + dealt_before(w, n + 1) - dealt_before(w, n);
    snprintf(path, sizeof(path), "s/%s", dir);
    make_dir(path);
    for (size_t i = 0; i <= depth; i++)
        memcpy(up + 3 * i, "../", sizeof("../"));
    put_dir(w->out.list, dir);
    put_dir(w->out.list_changed, dir);
    if (some_change(w, count))
        put_dir(w->out.changed, dir);
    for (uint64_t i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "%u%s", (unsigned)(i / 12),
                 leaves[i % 12]);
        make_link(w, dir, up, name);
    }
}

static void write_manifests(void)
{
    static const char head[] = "version: 1\nname: bench\ninto: t\n";
    FILE *tree = create("tree.yaml");
    fprintf(tree, "%strees:\n  - {name: base, from: s}\n", head);
    finish(tree, "tree.yaml");
    tree = create("tree-changed.yaml");
    fprintf(tree,
            "%strees:\n  - {name: base, from: s}\n"
            "  - {name: over, from: x, overrides: [base]}\n",
            head);
    finish(tree, "tree-changed.yaml");
}

static FILE *create_flat(const char *path)
{
    FILE *file = create(path);
    fputs("version: 1\nname: bench\ninto: t\nlinks:\n", file);
    return file;
}

static void make(struct workload *w)
{
    struct output *out = &w->out;
    out->list = create("list");
    out->list_changed = create("list-changed");
    out->changed = create("changed");
    out->flat = create_flat("flat.yaml");
    out->flat_changed = create_flat("flat-changed.yaml");
    make_dir("t");
    for (uint64_t n = 0; n < w->dirs; n++)
        make_directory(w, n);
    finish(out->list, "list");
    finish(out->list_changed, "list-changed");
    finish(out->changed, "changed");
    finish(out->flat, "flat.yaml");
    finish(out->flat_changed, "flat-changed.yaml");
    write_manifests();
}

static uint64_t number(const char *text)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno || *end || end == text || value == 0 || value > 10000000)
        errx(64, "'%s' is not a number from 1 to 10,000,000", text);
    return value;
}

int main(int argc, char **argv)
{
    if (argc != 3 && argc != 4)
        errx(64, "usage: workload DIR LINKS [LINKS-IN-A-DIRECTORY]");
    uint64_t links = number(argv[2]);
    uint64_t per_dir = argc == 4 ? number(argv[3]) : 20;
    struct workload w = {.links = links,
                         .dirs = links > per_dir ? links / per_dir : 1};
    if (chdir(argv[1]) < 0)
        err(1, "%s", argv[1]);
    make(&w);
    printf("%llu links, %llu directories\n", (unsigned long long)w.n_links,
           (unsigned long long)w.dirs);
    return 0;
}
