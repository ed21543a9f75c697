/* SPDX-License-Identifier: MIT */
/*
 * list_sources.c - source directories from which many single links come
 *
 * A tree knows its files from listing them. Of links that are written out one by
 * one each source would have to be looked at; where many lie in one directory,
 * a listing is cheaper, and says the same of plain files.
 */
#include "base/path.h"
#include "manifest/expander.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEAST = 8,         /* links that are worth the calls of a listing */
    STRETCH = 16,      /* directories that a thread takes at a time */
    SHARED_LEAST = 64, /* directories that are worth another thread */
    SIZE_BASE = 4096,  /* bytes that the smallest directory has on some disks */
    SIZE_OF_LINK = 256, /* bytes of a directory that may be read for a link */
};

/* The sources in one directory, sorted by name; one may have several links. */
struct listing {
    struct lf_wish *wishes;
    const struct lf_item *items;
    uint32_t count;
};

/* The directories, and who lists them; each has wishes of its own. */
struct sharing {
    const struct lf_expander *expander;
    struct lf_set set;
    struct lf_watch watches[LF_THREADS_MOST];
    atomic_uint_least32_t next;
};

static bool is_single(const struct lf_wish *wish)
{
    return wish->kind == LF_WISH_LINK && wish->source_dir.len > 0 &&
           wish->source_name.len > 0 && !wish->listed;
}

static int compare_name(const void *key, const void *item)
{
    return lf_str_compare(*(const struct lf_str *)key,
                          ((const struct lf_item *)item)->name);
}

static bool note_file(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    struct listing *listing = arg;
    if (kind != LF_NODE_FILE)
        return true;
    const struct lf_item *end = listing->items + listing->count;
    const struct lf_item *item = bsearch(&name, listing->items, listing->count,
                                         sizeof(*listing->items), compare_name);
    if (!item)
        return true;
    while (item > listing->items && lf_str_equal(item[-1].name, name))
        item--;
    for (; item < end && lf_str_equal(item->name, name); item++)
        listing->wishes[item->detail].listed = true;
    return true;
}

/* A directory that is large for other reasons is not worth reading. One that can be
 * listed may still keep us from what is in it: for `.` as for any other name the
 * right to search is needed (path_resolution(7)). */
static bool is_worth_it(struct lf_fs *fs, int fd, uint32_t count)
{
    struct lf_node node;
    return fs->stat(fs, fd, ".", &node) == 0 &&
           node.size <= SIZE_BASE + (uint64_t)count * SIZE_OF_LINK;
}

/* What cannot be listed, or not be searched, is looked at file by file, and
 * whatever is wrong there comes out then. */
static void list_one(const struct sharing *s, struct lf_fs *fs,
                     const struct lf_dir *dir)
{
    const struct lf_expander *expander = s->expander;
    struct listing listing = {.wishes = expander->desired->wishes,
                              .items = &s->set.items[dir->first],
                              .count = dir->count};
    LF_AUTO_CLOSE struct lf_fd fd = {fs, -1};
    fd.fd = fs->open_dir(fs, expander->request->root_fd, dir->path.data + 1,
                         LF_DIR_READ);
    if (fd.fd < 0 || !is_worth_it(fs, fd.fd, dir->count))
        return;
    bool ok = fs->list(fs, fd.fd, note_file, &listing) == 0;
    for (uint32_t i = 0; !ok && i < dir->count; i++)
        listing.wishes[listing.items[i].detail].listed = false;
}

static bool gather(const struct lf_desired *desired, struct lf_set *set)
{
    for (uint32_t i = 0; i < desired->set.n_items; i++) {
        uint32_t dir, index = desired->set.items[i].detail;
        const struct lf_wish *wish = &desired->wishes[index];
        if (is_single(wish) &&
            (!lf_set_dir(set, wish->source_dir, &dir) ||
             !lf_set_borrow(set, dir, wish->source_name, index)))
            return false;
    }
    return lf_set_seal(set);
}

static void list_share(void *arg, unsigned index)
{
    struct sharing *s = arg;
    const struct lf_expand_request *request = s->expander->request;
    struct lf_fs *fs = request->watch ? &s->watches[index].fs : request->fs;
    for (;;) {
        uint32_t from = atomic_fetch_add(&s->next, STRETCH);
        if (from >= s->set.n_dirs)
            return;
        for (uint32_t i = from; i < s->set.n_dirs && i - from < STRETCH; i++)
            if (s->set.dirs[i].count >= LEAST)
                list_one(s, fs, &s->set.dirs[i]);
    }
}

bool lf_list_sources(struct lf_expander *expander)
{
    const struct lf_expand_request *request = expander->request;
    struct sharing s = {.expander = expander};
    uint32_t least = request->least ? request->least : SHARED_LEAST;
    bool ok = gather(expander->desired, &s.set);
    unsigned threads = request->threads > 1 && s.set.n_dirs >= least
                               ? request->threads
                               : 1;
    atomic_init(&s.next, 0);
    lf_watch_split(request->watch, s.watches, threads);
    if (ok)
        lf_threads_run(threads, list_share, &s);
    lf_watch_unsplit(request->watch, s.watches, threads, ok);
    lf_set_finish(&s.set);
    return ok || lf_error_oom(expander->err);
}
