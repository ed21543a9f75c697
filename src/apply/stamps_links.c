/* SPDX-License-Identifier: MIT */
/*
 * stamps_links.c - what the farm has in directories that have changed
 *
 * The ledger says what is to be there. A link costs one call, and a directory
 * three. As with all stamps, the look at the directory comes first: a change
 * after it shows in the directory's ctime.
 */
#include "apply/stamps_format.h"

#include "base/path.h"
#include "base/util.h"
#include "platform/threads.h"

#include <stdatomic.h>

enum {
    STRETCH = 16,        /* directories that a thread takes at a time */
    SHARED_LEAST = 2048, /* places that are worth another thread */
};

struct verifying {
    struct lf_fs *fs;
    int root_fd;
    const struct lf_recorded *farm;
    struct lf_unsure *unsure;
    uint32_t count;
    int64_t since;
    atomic_uint_least32_t next;
    atomic_bool failed;
};

/* What one thread knows. */
struct verifier {
    struct verifying *all;
    uint64_t known_dev; /* a file system that keeps its clock */
    bool has_known_dev;
    char text[LF_PATH_LIMIT + 1];
};

static bool is_right(struct verifier *v, int fd, const struct lf_item *item)
{
    struct lf_fs *fs = v->all->fs;
    const struct lf_record *record = &v->all->farm->records[item->detail];
    if (record->kind == LF_RECORD_DIR) {
        struct lf_node node;
        return fs->stat(fs, fd, item->name.data, &node) == 0 &&
               node.kind == LF_NODE_DIR;
    }
    long length =
            fs->readlink(fs, fd, item->name.data, v->text, sizeof(v->text));
    return length >= 0 &&
           lf_str_equal(lf_str_of(v->text, (size_t)length), record->text);
}

static bool is_same_dir(const struct lf_unsure *unsure)
{
    const struct lf_stamped *stamped = &unsure->stamped;
    if (!stamped->made)
        return lf_watched_compare(&stamped->dir, &unsure->now) !=
               LF_WATCHED_OTHER;
    return unsure->now.kind == LF_NODE_DIR &&
           (!stamped->exact_mode ||
            unsure->now.mode == stamped->dir.node.mode);
}

static bool keeps_clock(struct verifier *v, int fd, uint64_t dev)
{
    struct lf_fs *fs = v->all->fs;
    if (v->has_known_dev && v->known_dev == dev)
        return true;
    if (!fs->keeps_clock || fs->keeps_clock(fs, fd) <= 0)
        return false;
    v->known_dev = dev;
    v->has_known_dev = true;
    return true;
}

static bool verify_in(struct verifier *v, int fd, struct lf_unsure *unsure)
{
    const struct verifying *all = v->all;
    struct lf_node *now = &unsure->now;
    if (all->fs->stat(all->fs, fd, "", now) < 0 || !is_same_dir(unsure))
        return false;
    if (now->ctime > all->since - LF_WATCH_MARGIN_NS ||
        !keeps_clock(v, fd, now->dev))
        now->ctime = 0;
    for (uint32_t i = 0; i < unsure->count; i++)
        if (!is_right(v, fd, &all->farm->set.items[unsure->first + i]))
            return false;
    return true;
}

static bool verify_one(struct verifier *v, struct lf_unsure *unsure)
{
    struct lf_fs *fs = v->all->fs;
    int fd = fs->open_dir(fs, v->all->root_fd,
                          unsure->stamped.dir.path.data + 1, LF_DIR_PATH);
    if (fd < 0)
        return false;
    bool ok = verify_in(v, fd, unsure);
    fs->close(fs, fd);
    return ok;
}

static void verify_share(void *arg, unsigned index)
{
    struct verifier v = {.all = arg};
    struct verifying *all = v.all;
    (void)index;
    while (!atomic_load(&all->failed)) {
        uint32_t from = atomic_fetch_add(&all->next, STRETCH);
        for (uint32_t i = from; i < all->count && i - from < STRETCH; i++)
            if (!verify_one(&v, &all->unsure[i]))
                atomic_store(&all->failed, true);
        if (from >= all->count)
            return;
    }
}

/* Both are in the order of paths. Returns how many places there are. */
static uint32_t find_items(const struct lf_recorded *farm,
                           struct lf_unsure *unsure, uint32_t count)
{
    const struct lf_set *set = &farm->set;
    uint32_t dir = 0, places = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct lf_str path = unsure[i].stamped.dir.path;
        while (dir < set->n_dirs &&
               lf_path_compare(set->dirs[dir].path, path) < 0)
            dir++;
        bool has = dir < set->n_dirs &&
                   lf_str_equal(set->dirs[dir].path, path);
        unsure[i].first = has ? set->dirs[dir].first : 0;
        unsure[i].count = has ? set->dirs[dir].count : 0;
        places += unsure[i].count + 1;
    }
    return places;
}

bool lf_stamps_verify(struct lf_transaction *t, const struct lf_recorded *farm,
                      struct lf_unsure *unsure, uint32_t count, int64_t since)
{
    struct verifying all = {
            .fs = t->fs,
            .root_fd = t->root_fd,
            .farm = farm,
            .unsure = unsure,
            .count = count,
            .since = since,
    };
    uint32_t least = t->crew_least ? t->crew_least : SHARED_LEAST;
    bool shared = find_items(farm, unsure, count) >= least;
    atomic_init(&all.next, 0);
    atomic_init(&all.failed, false);
    lf_threads_run(shared && t->options.threads > 1 ? t->options.threads : 1,
                   verify_share, &all);
    return !atomic_load(&all.failed);
}
