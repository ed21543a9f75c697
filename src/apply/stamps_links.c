/* SPDX-License-Identifier: MIT */
/*
 * stamps_links.c - what the farm has in directories that may have changed
 *
 * The ledger says what is to be there, and its lines are compared as they come: a
 * link costs one call, a directory three, and nothing is kept of either. A directory
 * in one of them that is itself unsure is looked at once, when its turn comes. As with
 * all stamps, the look at the directory comes first: a change after it shows in
 * the directory's ctime.
 */
#include "apply/stamps_format.h"

#include "base/path.h"
#include "base/util.h"
#include "ledger/scan.h"
#include "platform/root.h"

#include <stdatomic.h>
#include <stdlib.h>

enum {
    STRETCH = 16,      /* directories that a thread takes at a time */
    LEAST = 64 * 1024, /* bytes of records that are worth another thread */
};

struct verifying {
    struct lf_transaction *t;
    struct lf_unsures *unsures;
    int64_t since;
    size_t size; /* bytes of records */
    atomic_uint_least32_t next;
    atomic_bool failed;
};

/* What one thread knows. */
struct verifier {
    struct verifying *all;
    struct lf_near near; /* where this thread begins */
    struct lf_lines lines;
    struct lf_kept_clock clock;
    struct lf_buf below;
    char text[LF_PATH_LIMIT + 1];
};

static int compare_path(const void *path, const void *unsure)
{
    return lf_path_compare(
            *(const struct lf_str *)path,
            ((const struct lf_unsure *)unsure)->stamped.dir.path);
}

/* Whether a directory is opened by itself, which shows that it is one. */
static bool is_unsure(struct verifier *v, struct lf_str dir, struct lf_str name)
{
    const struct lf_unsures *unsures = v->all->unsures;
    lf_buf_clear(&v->below);
    lf_path_add(&v->below, dir, name);
    struct lf_str path = lf_buf_str(&v->below);
    return !lf_buf_failed(&v->below) &&
           bsearch(&path, unsures->list, unsures->n, sizeof(*unsures->list),
                   compare_path);
}

static bool is_right(struct verifier *v, int fd, struct lf_str dir,
                     const struct lf_scanned_record *record)
{
    struct lf_fs *fs = v->all->t->fs;
    if (record->kind == LF_RECORD_DIR) {
        struct lf_node node;
        return is_unsure(v, dir, record->name) ||
               (fs->stat(fs, fd, record->name.data, &node) == 0 &&
                node.kind == LF_NODE_DIR);
    }
    long length =
            fs->readlink(fs, fd, record->name.data, v->text, sizeof(v->text));
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
           (!stamped->exact_mode || unsure->now.mode == stamped->dir.node.mode);
}

static bool verify_in(struct verifier *v, int fd, struct lf_unsure *unsure)
{
    struct lf_fs *fs = v->all->t->fs;
    struct lf_node *now = &unsure->now;
    struct lf_scanned_record record;
    bool ok = true;
    if (fs->stat(fs, fd, "", now) < 0 || !is_same_dir(unsure))
        return false;
    if (!lf_watch_tells(now->ctime, v->all->since) ||
        !lf_clock_is_kept(&v->clock, fs, fd, now->dev))
        now->ctime = 0;
    v->lines.text = unsure->records;
    while (lf_scan_record(&v->lines, &record, &ok))
        if (!is_right(v, fd, unsure->stamped.dir.path, &record))
            return false;
    return ok;
}

static bool verify_one(struct verifier *v, struct lf_unsure *unsure)
{
    struct lf_fs *fs = v->all->t->fs;
    const char *rest;
    int at = lf_near_at(&v->near, unsure->stamped.dir.path, &rest);
    int fd = fs->open_dir(fs, at, rest, LF_DIR_PATH);
    if (fd < 0)
        return false;
    bool ok = verify_in(v, fd, unsure);
    fs->close(fs, fd);
    return ok;
}

static void verify_share(void *arg, unsigned index)
{
    struct lf_error ignored;
    struct verifying *all = arg;
    struct lf_transaction *t = all->t;
    struct verifier v = {.all = all, .lines = {.err = &ignored}};
    const struct lf_unsure *list = all->unsures->list;
    uint32_t count = all->unsures->n;
    int root_fd = lf_root_for(t->fs, t->root_fd, index);
    lf_near_begin(&v.near, t->fs, root_fd, list[count / 2].stamped.dir.path,
                  list[count - 1].stamped.dir.path);
    while (!atomic_load(&all->failed)) {
        uint32_t from = atomic_fetch_add(&all->next, STRETCH);
        if (from >= count)
            break;
        for (uint32_t i = from; i < count && i - from < STRETCH; i++)
            if (!verify_one(&v, &all->unsures->list[i]))
                atomic_store(&all->failed, true);
    }
    lf_near_end(&v.near);
    lf_root_done(t->fs, t->root_fd, root_fd);
    lf_buf_finish(&v.below);
    lf_lines_finish(&v.lines);
}

/* The records of each: both are in the order of paths. */
static bool find_records(struct verifying *all, struct lf_lines *lines)
{
    struct lf_unsure *unsure = all->unsures->list;
    const struct lf_unsure *end = unsure + all->unsures->n;
    struct lf_scanned dir;
    bool ok = true;
    while (unsure < end && lf_scan_dir(lines, &dir, &ok)) {
        while (unsure < end &&
               lf_path_compare(unsure->stamped.dir.path, dir.dir) < 0)
            unsure++;
        if (unsure < end && lf_str_equal(unsure->stamped.dir.path, dir.dir))
            unsure->records = dir.records;
        all->size += dir.records.len;
    }
    return ok;
}

/* With the ledger's text: all as it says. */
static bool verify_by(struct verifying *all, const struct lf_plan *plan,
                      struct lf_str text)
{
    struct lf_error ignored;
    struct lf_lines lines = {.err = &ignored};
    uint64_t generation;
    bool ok = lf_scan_farm(&lines, text, plan->farm, &generation) &&
              generation == plan->generation && find_records(all, &lines);
    lf_lines_finish(&lines);
    if (!ok)
        return false;
    lf_threads_run(lf_stamps_threads(all->t, all->size, LEAST), verify_share,
                   all);
    return !atomic_load(&all->failed);
}

bool lf_stamps_verify(struct lf_transaction *t, const struct lf_plan *plan,
                      const struct lf_node *ledger, struct lf_unsures *unsures,
                      int64_t since)
{
    struct lf_error ignored;
    struct lf_str text = {0};
    bool exists = false;
    struct verifying all = {.t = t, .unsures = unsures, .since = since};
    atomic_init(&all.next, 0);
    atomic_init(&all.failed, false);
    /* that it is the ledger of then is asked after it was read, too */
    bool ok = lf_state_read(&t->state, LF_LEDGER_FILE, &text, &exists,
                            &ignored) &&
              exists && lf_stamps_is_ledger(t, ledger) &&
              verify_by(&all, plan, text);
    lf_free_const(text.data);
    return ok;
}
