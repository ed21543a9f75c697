/* SPDX-License-Identifier: MIT */
/* picture.c - a whole home, byte for byte, and what the ledger says of it */
#define _GNU_SOURCE
#include "picture.h"

#include "base/path.h"
#include "support/check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { NAMES_MOST = 256 };

/* ---- nodes ---- */

static void add_content(struct lf_buf *out, int dir, const char *name)
{
    char text[4096];
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));
    assert_true(len >= 0);
    lf_buf_add(out, lf_str_of(text, (size_t)len));
    len = fgetxattr(fd, "user.mine", text, sizeof(text));
    if (len > 0) {
        lf_buf_add(out, LF_STR(" mine "));
        lf_buf_add(out, lf_str_of(text, (size_t)len));
    }
    close(fd);
}

/* All but its path. */
static void add_node(struct lf_buf *out, int dir, const char *name,
                     const struct stat *st)
{
    char text[4096];
    lf_buf_add_format(out, " %o %u:%u ", (unsigned)st->st_mode,
                      (unsigned)st->st_uid, (unsigned)st->st_gid);
    if (S_ISLNK(st->st_mode)) {
        ssize_t len = readlinkat(dir, name, text, sizeof(text));
        assert_true(len >= 0);
        lf_buf_add(out, lf_str_of(text, (size_t)len));
    } else if (S_ISREG(st->st_mode)) {
        lf_buf_add_format(out, "%lld.%09ld ", (long long)st->st_mtim.tv_sec,
                          st->st_mtim.tv_nsec);
        add_content(out, dir, name);
    }
    lf_buf_add_char(out, '\n');
}

static bool is_mine(const struct stat *st)
{
    return st->st_mtim.tv_sec == WORLD_TIME && st->st_mtim.tv_nsec == 2 &&
           !S_ISDIR(st->st_mode);
}

/* ---- trees ---- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t read_names(DIR *dir, char **names)
{
    size_t n = 0;
    for (const struct dirent *entry; (entry = readdir(dir));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        assert_true(n < NAMES_MOST);
        names[n++] = strdup(entry->d_name);
    }
    qsort(names, n, sizeof(names[0]), compare_names);
    return n;
}

/* Test trees are shallow, so this may recurse. `tree` is NULL in the store. */
static void add_tree(struct picture *picture, struct lf_buf *tree, int above,
                     const char *name, const char *path)
{
    int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    assert_true(fd >= 0);
    DIR *dir = fdopendir(fd);
    char *names[NAMES_MOST];
    size_t n = read_names(dir, names);
    for (size_t i = 0; i < n; i++) {
        char below[4096];
        struct stat st;
        snprintf(below, sizeof(below), "%s/%s", path, names[i]);
        assert_int_equal(fstatat(fd, names[i], &st, AT_SYMLINK_NOFOLLOW), 0);
        if (tree) {
            lf_buf_add(tree, lf_str(below));
            add_node(tree, fd, names[i], &st);
        }
        if (is_mine(&st)) {
            lf_buf_add_format(&picture->mine, "%llu",
                              (unsigned long long)st.st_ino);
            add_node(&picture->mine, fd, names[i], &st);
        }
        if (S_ISDIR(st.st_mode))
            add_tree(picture, tree, fd, names[i], below);
        free(names[i]);
    }
    closedir(dir);
}

/* ---- the ledger ---- */

static void add_farm(struct lf_buf *out, struct lf_transaction *t,
                     const char *farm)
{
    struct lf_plan *plan;
    struct lf_error err;
    if (!lf_transaction_plan_recorded(t, lf_str(farm), &plan, &err)) {
        lf_buf_add_format(out, "%s: LF%03d\n", farm, (int)err.code);
        return;
    }
    lf_buf_add_format(out, "%s: generation %llu\n", farm,
                      (unsigned long long)lf_plan_generation(plan));
    struct lf_action action;
    for (size_t i = 0; lf_plan_action(plan, i, &action); i++) {
        lf_buf_add_format(out, "%s ", lf_action_kind_name(action.kind));
        lf_path_add(out, action.dir, action.name);
        lf_buf_add_char(out, ' ');
        lf_buf_add(out, action.text.start);
        lf_buf_add(out, action.text.rest);
        lf_buf_add_char(out, '\n');
    }
    lf_plan_free(plan);
}

static void add_ledger(struct lf_buf *out, const struct world *world)
{
    struct lf_fs fs;
    struct lf_transaction *t;
    struct lf_error err;
    world_fs(&fs);
    assert_done(world_open(world, &fs, false, &t, &err), &err);
    add_farm(out, t, "t");
    add_farm(out, t, "other");
    lf_transaction_close(t);
}

/* ---- pictures ---- */

/* Each run has a directory of its own. */
static void strip_path(struct lf_buf *text, const char *path)
{
    struct lf_buf out = {0};
    const char *at = text->data, *end = text->data + text->len;
    size_t len = strlen(path);
    for (const char *hit; (hit = memmem(at, (size_t)(end - at), path, len));) {
        lf_buf_add(&out, lf_str_of(at, (size_t)(hit - at)));
        at = hit + len;
    }
    lf_buf_add(&out, lf_str_of(at, (size_t)(end - at)));
    lf_buf_finish(text);
    *text = out;
}

static void add_trees(struct picture *picture, struct lf_buf *tree,
                      const struct world *world)
{
    struct scratch *scratch = world->scratch;
    unlinkat(scratch->fd, "home/dot/m.yaml", 0);
    add_tree(picture, tree, scratch->fd, "home", "home");
    if (scratch_exists(scratch, "state/displaced"))
        add_tree(picture, NULL, scratch->fd, "state/displaced", "");
}

struct lf_buf picture_mine(const struct world *world)
{
    struct picture picture = {0};
    add_trees(&picture, NULL, world);
    return picture.mine;
}

struct picture picture_take(const struct world *world)
{
    struct picture picture = {0};
    struct scratch *scratch = world->scratch;
    add_trees(&picture, &picture.tree, world);
    add_ledger(&picture.ledger, world);
    strip_path(&picture.tree, scratch->path);
    strip_path(&picture.ledger, scratch->path);
    assert_false(lf_buf_failed(&picture.tree) ||
                 lf_buf_failed(&picture.ledger) ||
                 lf_buf_failed(&picture.mine));
    return picture;
}

void picture_free(struct picture *picture)
{
    lf_buf_finish(&picture->tree);
    lf_buf_finish(&picture->ledger);
    lf_buf_finish(&picture->mine);
}

/* The line at `*at`, which moves on; false at the end. */
static bool next_line(const struct lf_buf *text, size_t *at,
                      struct lf_str *ret_line)
{
    if (*at >= text->len)
        return false;
    const char *from = text->data + *at;
    const char *stop = memchr(from, '\n', text->len - *at);
    size_t len = stop ? (size_t)(stop + 1 - from) : text->len - *at;
    *ret_line = lf_str_of(from, len);
    *at += len;
    return true;
}

void picture_forget_spares(struct picture *picture)
{
    struct lf_buf out = {0};
    struct lf_str line;
    for (size_t at = 0; next_line(&picture->tree, &at, &line);)
        if (!memmem(line.data, line.len, "/.lf-", 5))
            lf_buf_add(&out, line);
    lf_buf_finish(&picture->tree);
    picture->tree = out;
}

bool picture_same(const struct picture *a, const struct picture *b)
{
    return lf_str_equal(lf_buf_str(&a->tree), lf_buf_str(&b->tree)) &&
           lf_str_equal(lf_buf_str(&a->ledger), lf_buf_str(&b->ledger));
}

bool picture_keeps(const struct lf_buf *mine, const struct picture *now)
{
    struct lf_str line;
    bool all = true;
    for (size_t at = 0; next_line(mine, &at, &line);) {
        if (memmem(now->mine.data, now->mine.len, line.data, line.len))
            continue;
        printf("# lost: %.*s", (int)line.len, line.data);
        all = false;
    }
    return all;
}

static void print_text(const char *title, const struct lf_buf *text)
{
    struct lf_str line;
    printf("# -- %s\n", title);
    for (size_t at = 0; next_line(text, &at, &line);)
        printf("#   %.*s", (int)line.len, line.data);
}

void picture_differ(const struct picture *got, const struct picture *want)
{
    print_text("got", &got->tree);
    print_text("its ledger", &got->ledger);
    print_text("wanted", &want->tree);
    print_text("its ledger", &want->ledger);
}
