/* SPDX-License-Identifier: MIT */
/*
 * list_sources.c - source directories from which many single links come
 *
 * A tree knows its files from listing them. Of links that are written out one by
 * one each source would have to be looked at; where many lie in one directory,
 * a listing is cheaper, and says the same of plain files.
 */
#include "manifest/expander.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEAST = 8,          /* links that are worth the calls of a listing */
    STRETCH = 16,       /* directories that a thread takes at a time */
    SHARED_LEAST = 64,  /* directories that are worth another thread */
    OTHERS_BASE = 256,  /* names that a directory may have beside ours, */
    OTHERS_OF_LINK = 8, /* and for each of ours */
};

/* The sources in one directory, sorted by name; one may have several links. */
struct listing {
    const struct lf_desired *desired;
    const struct lf_item *items;
    uint32_t count;
    uint64_t others; /* names that may still be met beside them */
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
    return wish->kind == LF_WISH_LINK && wish->source &&
           wish->source_name_len > 0 && !wish->listed;
}

static int compare_name(const void *key, const void *item)
{
    return lf_str_compare(*(const struct lf_str *)key, lf_item_name(item));
}

static bool note_file(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    struct listing *listing = arg;
    const struct lf_item *end = listing->items + listing->count;
    const struct lf_item *item = bsearch(&name, listing->items, listing->count,
                                         sizeof(*listing->items), compare_name);
    if (!item)
        return listing->others-- > 0;
    if (kind != LF_NODE_FILE)
        return true;
    while (item > listing->items && lf_str_equal(lf_item_name(item - 1), name))
        item--;
    for (; item < end && lf_str_equal(lf_item_name(item), name); item++)
        lf_desired_wish(listing->desired, item->detail)->listed = true;
    return true;
}

/* What cannot be listed, or not be searched, is looked at file by file, and
 * whatever is wrong there comes out then. So is what a listing did not come to,
 * as it met too many others. */
static void list_one(const struct sharing *s, struct lf_watch *watch,
                     const struct lf_dir *dir)
{
    const struct lf_expander *expander = s->expander;
    const struct lf_expand_request *request = expander->request;
    struct lf_fs *fs = watch ? &watch->fs : request->fs;
    struct listing listing = {.desired = expander->desired,
                              .items = &s->set.items[dir->first],
                              .count = dir->count,
                              .others = OTHERS_BASE +
                                        (uint64_t)dir->count * OTHERS_OF_LINK};
    if (request->listed &&
        request->listed->tell(request->listed->arg, watch, dir->path, note_file,
                              &listing))
        return;
    LF_AUTO_CLOSE struct lf_fd fd = {fs, -1};
    fd.fd = fs->open_dir(fs, request->root_fd, dir->path.data + 1,
                         LF_DIR_READ | LF_DIR_SEARCH);
    if (fd.fd < 0)
        return;
    bool ok = fs->list(fs, fd.fd, note_file, &listing) == 0;
    for (uint32_t i = 0; !ok && i < dir->count; i++)
        lf_desired_wish(expander->desired, listing.items[i].detail)->listed =
                false;
}

static bool gather(const struct lf_desired *desired, struct lf_set *set)
{
    for (uint32_t i = 0; i < desired->set.n_items; i++) {
        uint32_t dir, index = desired->set.items[i].detail;
        const struct lf_wish *wish = lf_desired_wish(desired, index);
        if (is_single(wish) &&
            (!lf_set_dir(set, lf_desired_source_dir(desired, wish), &dir) ||
             !lf_set_borrow(set, dir, lf_wish_source_name(wish), index)))
            return false;
    }
    return lf_set_seal(set);
}

static void list_share(void *arg, unsigned index)
{
    struct sharing *s = arg;
    const struct lf_expand_request *request = s->expander->request;
    struct lf_watch *watch = request->watch ? &s->watches[index] : NULL;
    for (;;) {
        uint32_t from = atomic_fetch_add(&s->next, STRETCH);
        if (from >= s->set.n_dirs)
            return;
        for (uint32_t i = from; i < s->set.n_dirs && i - from < STRETCH; i++)
            if (s->set.dirs[i].count >= LEAST)
                list_one(s, watch, &s->set.dirs[i]);
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
    lf_watch_inform(request->watch, s.watches, threads);
    if (ok)
        lf_threads_run(threads, list_share, &s);
    lf_watch_unsplit(request->watch, s.watches, threads, ok);
    lf_set_finish(&s.set);
    return ok || lf_error_oom(expander->err);
}
