/* SPDX-License-Identifier: MIT */
/*
 * stamps_trust.c - stamps that do not all hold: which of them do
 */
#include "apply/stamps.h"

#include "apply/stamps_format.h"
#include "base/path.h"
#include "base/util.h"
#include "platform/root.h"

#include <stdatomic.h>
#include <stdlib.h>

enum verdict {
    UNKNOWN, /* not looked at */
    DUE,     /* to be looked at */
    HOLDS,
    TOUCHED, /* another may lie below it that holds */
    CHANGED,
};

enum {
    STRETCH = 128, /* directories that a thread takes at a time */
    LEAST = 512,   /* that are worth another thread */
};

/* The lines before the directories, as far as they are about the ledger. */
static bool head_holds(struct lf_transaction *t, struct lf_lines *lines,
                       struct lf_str farm)
{
    struct lf_str name;
    struct lf_node ledger;
    if (lf_lines_is(lines, "ledger"))
        return lf_stamps_get_node(lines, 1, &ledger) &&
               lf_stamps_is_ledger(t, &ledger);
    if (lf_lines_is(lines, "at"))
        return lf_stamps_time_holds(lines);
    return !lf_lines_is(lines, "farm") ||
           (lf_lines_text(lines, 1, 0, &name) && lf_str_equal(name, farm));
}

/* The latest directory so far that `path` lies below. They stand in the order
 * of a walk, so it is the last one or one above that. */
static uint32_t above(const struct lf_trust *trust, struct lf_str path)
{
    uint32_t at = trust->n_dirs ? trust->n_dirs - 1 : LF_TRUST_NONE;
    while (at != LF_TRUST_NONE &&
           !lf_path_within(path, trust->dirs[at].dir.path))
        at = trust->dirs[at].above;
    return at;
}

/* Of one that was made nothing is known, and so of none below it. */
static bool add_dir(struct lf_trust *trust, const struct lf_stamped *stamped)
{
    void *dirs = trust->dirs;
    struct lf_trusted one = {.dir = stamped->dir};
    struct lf_str path = stamped->dir.path;
    if (stamped->made)
        return true;
    if ((trust->n_dirs > 0 &&
         lf_path_compare(trust->dirs[trust->n_dirs - 1].dir.path, path) >= 0) ||
        !lf_array_reserve(&dirs, trust->n_dirs, &trust->capacity,
                          sizeof(*trust->dirs)))
        return false;
    trust->dirs = dirs;
    one.dir.path = lf_arena_str(&trust->arena, path);
    one.above = above(trust, path);
    trust->dirs[trust->n_dirs++] = one;
    return one.dir.path.data;
}

static bool read_trust(struct lf_trust *trust, struct lf_transaction *t,
                       struct lf_lines *lines, struct lf_str farm,
                       struct lf_str text)
{
    if (!lf_checked_open(lines, text, &lf_stamps_checked) ||
        !lf_lines_next(lines))
        return false;
    while (!lines->ended) {
        struct lf_stamped stamped;
        bool ok = false;
        if (!(lf_stamps_get_dir(lines, &stamped, &ok)
                      ? ok && add_dir(trust, &stamped)
                      : head_holds(t, lines, farm)) ||
            !lf_lines_next(lines))
            return false;
    }
    return true;
}

void lf_trust_read(struct lf_trust *trust, struct lf_transaction *t,
                   struct lf_str manifest, struct lf_str farm)
{
    struct lf_error ignored;
    struct lf_str text = {0};
    bool exists = false;
    *trust = (struct lf_trust){0};
    struct lf_lines lines = {.err = &ignored};
    bool ok = t->state.fd >= 0 &&
              lf_state_read(&t->state, lf_stamps_name(manifest).text, &text,
                            &exists, &ignored) &&
              exists && read_trust(trust, t, &lines, farm, text);
    lf_lines_finish(&lines);
    lf_free_const(text.data);
    if (!ok)
        trust->n_dirs = 0;
}

void lf_trust_finish(struct lf_trust *trust)
{
    lf_arena_finish(&trust->arena);
    free(trust->dirs);
    *trust = (struct lf_trust){0};
}

/* ---- looking ---- */

struct looking {
    struct lf_trust *trust;
    const struct lf_transaction *t;
    atomic_uint_least32_t next; /* directory that nobody has taken */
};

static enum verdict look_at(const struct lf_near *near,
                            const struct lf_watched *dir)
{
    switch (lf_watched_look(near, dir)) {
    case LF_WATCHED_SAME:
        return HOLDS;
    case LF_WATCHED_TOUCHED:
        return TOUCHED;
    case LF_WATCHED_OTHER:
        break;
    }
    return CHANGED;
}

/* The one in the middle and the last tell where most of them are. */
static void look_at_stretch(struct lf_trusted *dirs, uint32_t count,
                            struct lf_fs *fs, int root_fd)
{
    struct lf_near near;
    lf_near_begin(&near, fs, root_fd, dirs[count / 2].dir.path,
                  dirs[count - 1].dir.path);
    for (uint32_t i = 0; i < count; i++)
        if (dirs[i].verdict == DUE)
            dirs[i].verdict = (uint8_t)look_at(&near, &dirs[i].dir);
    lf_near_end(&near);
}

static void look_at_share(void *arg, unsigned index)
{
    struct looking *l = arg;
    struct lf_fs *fs = l->t->fs;
    uint32_t n = l->trust->n_dirs;
    int root_fd = lf_root_for(fs, l->t->root_fd, index);
    for (;;) {
        uint32_t from = atomic_fetch_add(&l->next, STRETCH);
        if (from >= n)
            break;
        look_at_stretch(&l->trust->dirs[from],
                        n - from < STRETCH ? n - from : STRETCH, fs, root_fd);
    }
    lf_root_done(fs, l->t->root_fd, root_fd);
}

/* From the deepest up: with each, those above it. */
static uint32_t choose(struct lf_trust *trust, const struct lf_set *only)
{
    uint32_t chosen = 0;
    for (uint32_t i = trust->n_dirs; i-- > 0;) {
        struct lf_trusted *one = &trust->dirs[i];
        if (one->verdict != DUE && only &&
            !lf_set_find_dir(only, one->dir.path))
            continue;
        one->verdict = DUE;
        chosen++;
        if (one->above != LF_TRUST_NONE)
            trust->dirs[one->above].verdict = DUE;
    }
    return chosen;
}

/* What lies below one that is another now is not what was looked at then. */
static void judge(struct lf_trust *trust)
{
    for (uint32_t i = 0; i < trust->n_dirs; i++) {
        struct lf_trusted *one = &trust->dirs[i];
        if (one->above != LF_TRUST_NONE &&
            trust->dirs[one->above].verdict == CHANGED)
            one->verdict = CHANGED;
    }
}

void lf_trust_look(struct lf_trust *trust, struct lf_transaction *t,
                   const struct lf_set *only)
{
    struct looking l = {.trust = trust, .t = t};
    atomic_init(&l.next, 0);
    unsigned threads = lf_stamps_threads(t, choose(trust, only), LEAST);
    lf_threads_run(threads, look_at_share, &l);
    judge(trust);
}

/* ---- asking ---- */

static int compare_path(const void *path, const void *trusted)
{
    return lf_path_compare(*(const struct lf_str *)path,
                           ((const struct lf_trusted *)trusted)->dir.path);
}

uint32_t lf_trust_find(const struct lf_trust *trust, struct lf_str path)
{
    const struct lf_trusted *found =
            trust->n_dirs == 0 ? NULL
                               : bsearch(&path, trust->dirs, trust->n_dirs,
                                         sizeof(*found), compare_path);
    return found ? (uint32_t)(found - trust->dirs) : LF_TRUST_NONE;
}

const struct lf_watched *lf_trust_at(const struct lf_trust *trust,
                                     uint32_t index)
{
    return index != LF_TRUST_NONE && trust->dirs[index].verdict == HOLDS
                   ? &trust->dirs[index].dir
                   : NULL;
}

const struct lf_watched *lf_trust_dir(const struct lf_trust *trust,
                                      struct lf_str path)
{
    return lf_trust_at(trust, lf_trust_find(trust, path));
}
