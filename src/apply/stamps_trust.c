/* SPDX-License-Identifier: MIT */
/*
 * stamps_trust.c - stamps that do not all hold: which of them do
 */
#include "apply/stamps.h"

#include "apply/stamps_format.h"
#include "base/path.h"
#include "base/util.h"

#include <stdlib.h>

enum verdict {
    UNKNOWN,
    HOLDS,
    TOUCHED, /* another may lie below it that holds */
    CHANGED,
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
    *trust = (struct lf_trust){.fs = t->fs, .root_fd = t->root_fd};
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

static int compare_path(const void *path, const void *trusted)
{
    return lf_path_compare(*(const struct lf_str *)path,
                           ((const struct lf_trusted *)trusted)->dir.path);
}

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

/* From the nearest one above it that was asked for already, downwards: each is
 * looked at once, and only below what is still there. */
static enum verdict judge(const struct lf_trust *trust,
                          struct lf_trust_looks *all, uint32_t at)
{
    struct lf_trust_look *looks = all->dirs;
    uint32_t below = LF_TRUST_NONE;
    enum verdict verdict = HOLDS;
    while (at != LF_TRUST_NONE && looks[at].verdict == UNKNOWN) {
        looks[at].below = below;
        below = at;
        at = trust->dirs[at].above;
    }
    if (at != LF_TRUST_NONE)
        verdict = looks[at].verdict;
    for (at = below; at != LF_TRUST_NONE; at = looks[at].below) {
        if (verdict != CHANGED)
            verdict = look_at(&all->near, &trust->dirs[at].dir);
        looks[at].verdict = (uint8_t)verdict;
    }
    return verdict;
}

/* Those of the second half tell where most are: a farm's links or its sources. */
static void begin_looks(const struct lf_trust *trust,
                        struct lf_trust_looks *looks)
{
    looks->dirs = calloc(trust->n_dirs, sizeof(*looks->dirs));
    if (looks->dirs)
        lf_near_begin(&looks->near, trust->fs, trust->root_fd,
                      trust->dirs[trust->n_dirs / 2].dir.path,
                      trust->dirs[trust->n_dirs - 1].dir.path);
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
                                     struct lf_trust_looks *looks,
                                     uint32_t index)
{
    if (index != LF_TRUST_NONE && !looks->dirs)
        begin_looks(trust, looks);
    return index != LF_TRUST_NONE && looks->dirs &&
                           judge(trust, looks, index) == HOLDS
                   ? &trust->dirs[index].dir
                   : NULL;
}

const struct lf_watched *lf_trust_dir(const struct lf_trust *trust,
                                      struct lf_trust_looks *looks,
                                      struct lf_str path)
{
    return lf_trust_at(trust, looks, lf_trust_find(trust, path));
}

void lf_trust_looks_finish(struct lf_trust_looks *looks)
{
    if (looks->dirs)
        lf_near_end(&looks->near);
    free(looks->dirs);
    looks->dirs = NULL;
}
