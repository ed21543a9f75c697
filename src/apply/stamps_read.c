/* SPDX-License-Identifier: MIT */
/*
 * stamps_read.c - stamps, read back: whether they all hold, or which of them
 *
 * Nothing is kept of a file of which all holds, as that is the common case.
 * Otherwise it is read once more for its directories.
 */
#include "apply/stamps.h"

#include "apply/stamps_format.h"
#include "base/path.h"
#include "base/util.h"
#include "platform/sys.h"

#include <stdlib.h>

struct reader {
    struct lf_transaction *t;
    const struct lf_manifest_request *request;
    struct lf_str manifest;
    struct lf_lines lines;
    struct lf_plan *plan;
};

static bool get_number(struct reader *r, unsigned index, uint64_t *ret)
{
    return lf_lines_u64(&r->lines, index, UINT64_MAX, ret);
}

static bool get_size(struct reader *r, unsigned index, size_t *ret)
{
    uint64_t number;
    bool ok = lf_lines_u64(&r->lines, index, SIZE_MAX, &number);
    *ret = ok ? (size_t)number : 0;
    return ok;
}

static bool get_node(struct reader *r, unsigned index, struct lf_node *ret)
{
    uint64_t mtime, ctime;
    *ret = (struct lf_node){.kind = LF_NODE_DIR};
    bool ok = get_number(r, index, &ret->dev) &&
              get_number(r, index + 1, &ret->ino) &&
              get_number(r, index + 2, &ret->mount) &&
              lf_lines_u32(&r->lines, index + 3, &ret->mode) &&
              lf_lines_u32(&r->lines, index + 4, &ret->uid) &&
              lf_lines_u32(&r->lines, index + 5, &ret->gid) &&
              get_number(r, index + 6, &ret->size) &&
              get_number(r, index + 7, &mtime) &&
              get_number(r, index + 8, &ctime);
    if (ok) {
        ret->mtime = (int64_t)mtime;
        ret->ctime = (int64_t)ctime;
    }
    return ok;
}

/* A clock that was set back makes all times in the file worth nothing. */
static bool time_holds(struct reader *r)
{
    uint64_t at;
    return get_number(r, 1, &at) && lf_sys_realtime() >= (int64_t)at;
}

static bool take_farm(struct reader *r)
{
    struct lf_plan *plan = r->plan;
    struct lf_str name;
    if (!lf_lines_text(&r->lines, 1, 0, &name))
        return false;
    plan->farm = lf_arena_str(&plan->arena, name);
    return plan->farm.data && get_number(r, 2, &plan->generation) &&
           get_size(r, 3, &plan->counts[LF_ACTION_KEEP][0]) &&
           get_size(r, 4, &plan->counts[LF_ACTION_KEEP][1]);
}

static bool take_profile(struct reader *r)
{
    struct lf_plan *plan = r->plan;
    struct lf_str name;
    struct lf_str *all = lf_arena_alloc_array(
            &plan->arena, plan->head.n_profiles + 1u, sizeof(*all));
    if (!all || !lf_lines_text(&r->lines, 1, 0, &name))
        return false;
    for (uint32_t i = 0; i < plan->head.n_profiles; i++)
        all[i] = plan->head.profiles[i];
    all[plan->head.n_profiles] = lf_arena_str(&plan->arena, name);
    plan->head.profiles = all;
    return all[plan->head.n_profiles++].data;
}

static bool manifest_holds(struct reader *r)
{
    struct lf_str path;
    return lf_lines_text(&r->lines, 1, 0, &path) &&
           lf_str_equal(path, r->manifest);
}

static bool ledger_holds(struct reader *r)
{
    struct lf_node then, now;
    return get_node(r, 1, &then) && lf_stamps_ledger(r->t, &now) &&
           now.dev == then.dev && now.ino == then.ino &&
           now.size == then.size && now.mtime == then.mtime &&
           now.ctime == then.ctime;
}

static bool input_holds(struct reader *r, enum lf_input_kind input_kind)
{
    struct lf_input input = {.kind = input_kind, .name = lf_str("")};
    unsigned at = 1;
    if (input_kind != LF_INPUT_FACTS && input_kind != LF_INPUT_USER &&
        !lf_lines_text(&r->lines, at++, 0, &input.name))
        return false;
    return get_number(r, at, &input.digest) &&
           lf_input_holds(&input, r->request);
}

static bool dir_holds(struct reader *r, bool looked)
{
    struct lf_watched dir = {.looked = looked};
    return lf_lines_text(&r->lines, 1, 0, &dir.path) &&
           get_node(r, 2, &dir.node) && dir.path.len > 0 &&
           dir.path.data[0] == '/' &&
           lf_watched_holds(r->t->fs, r->t->root_fd, &dir);
}

static bool line_holds(struct reader *r)
{
    const struct lf_lines *lines = &r->lines;
    if (lf_lines_is(lines, "looked"))
        return dir_holds(r, true);
    if (lf_lines_is(lines, "passed"))
        return dir_holds(r, false);
    for (unsigned i = 0; i < LF_INPUT_KINDS; i++)
        if (lf_lines_is(lines, lf_stamps_words[i]))
            return input_holds(r, (enum lf_input_kind)i);
    if (lf_lines_is(lines, "at"))
        return time_holds(r);
    if (lf_lines_is(lines, "farm"))
        return take_farm(r);
    if (lf_lines_is(lines, "profile"))
        return take_profile(r);
    if (lf_lines_is(lines, "manifest"))
        return manifest_holds(r);
    return lf_lines_is(lines, "ledger") && ledger_holds(r);
}

static bool all_hold(struct reader *r, struct lf_str text)
{
    if (!lf_checked_open(&r->lines, text, &lf_stamps_checked) ||
        !lf_lines_next(&r->lines))
        return false;
    while (!r->lines.ended)
        if (!line_holds(r) || !lf_lines_next(&r->lines))
            return false;
    return true;
}

bool lf_stamps_hold(struct lf_transaction *t,
                    const struct lf_manifest_request *request,
                    struct lf_str manifest, struct lf_str text,
                    struct lf_plan **ret_plan)
{
    struct lf_error ignored;
    struct reader r = {.t = t,
                       .request = request,
                       .manifest = manifest,
                       .lines = {.err = &ignored},
                       .plan = calloc(1, sizeof(*r.plan))};
    if (!r.plan)
        return false;
    r.plan->purpose = LF_PURPOSE_APPLY;
    r.plan->head.manifest = lf_arena_str(&r.plan->arena, manifest);
    bool hold = r.plan->head.manifest.data && all_hold(&r, text);
    lf_lines_finish(&r.lines);
    if (!hold) {
        lf_plan_free(r.plan);
        return false;
    }
    *ret_plan = r.plan;
    return true;
}

/* ---- some of it ---- */

enum verdict {
    UNKNOWN,
    HOLDS,
    CHANGED,
};

/* The lines before the directories, as far as they are about the ledger. */
static bool head_holds(struct reader *r, struct lf_str farm)
{
    struct lf_str name;
    const struct lf_lines *lines = &r->lines;
    if (lf_lines_is(lines, "at"))
        return time_holds(r);
    if (lf_lines_is(lines, "farm"))
        return lf_lines_text(&r->lines, 1, 0, &name) &&
               lf_str_equal(name, farm);
    return !lf_lines_is(lines, "ledger") || ledger_holds(r);
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

static bool add_dir(struct lf_trust *trust, struct reader *r, bool looked)
{
    void *dirs = trust->dirs;
    struct lf_trusted one = {.dir.looked = looked};
    struct lf_str path;
    if (!lf_lines_text(&r->lines, 1, 0, &path) || path.len == 0 ||
        path.data[0] != '/' || !get_node(r, 2, &one.dir.node) ||
        (trust->n_dirs > 0 &&
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

static bool read_trust(struct lf_trust *trust, struct reader *r,
                       struct lf_str farm, struct lf_str text)
{
    if (!lf_checked_open(&r->lines, text, &lf_stamps_checked) ||
        !lf_lines_next(&r->lines))
        return false;
    while (!r->lines.ended) {
        bool looked = lf_lines_is(&r->lines, "looked");
        bool is_dir = looked || lf_lines_is(&r->lines, "passed");
        if (!(is_dir ? add_dir(trust, r, looked) : head_holds(r, farm)) ||
            !lf_lines_next(&r->lines))
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
    struct reader r = {.t = t, .lines = {.err = &ignored}};
    bool ok = t->state.fd >= 0 &&
              lf_state_read(&t->state, lf_stamps_name(manifest).text, &text,
                            &exists, &ignored) &&
              exists && read_trust(trust, &r, farm, text);
    lf_lines_finish(&r.lines);
    lf_free_const(text.data);
    if (!ok)
        trust->n_dirs = 0;
}

void lf_trust_finish(struct lf_trust *trust)
{
    lf_arena_finish(&trust->arena);
    free(trust->dirs);
}

static int compare_path(const void *path, const void *trusted)
{
    return lf_path_compare(*(const struct lf_str *)path,
                           ((const struct lf_trusted *)trusted)->dir.path);
}

/* From the nearest one above it that was asked for already, downwards: each is
 * looked at once, and only below what holds. */
static enum verdict judge(struct lf_trust *trust, uint32_t at)
{
    uint32_t below = LF_TRUST_NONE;
    enum verdict verdict = HOLDS;
    while (at != LF_TRUST_NONE && trust->dirs[at].verdict == UNKNOWN) {
        trust->dirs[at].below = below;
        below = at;
        at = trust->dirs[at].above;
    }
    if (at != LF_TRUST_NONE)
        verdict = trust->dirs[at].verdict;
    for (at = below; at != LF_TRUST_NONE; at = trust->dirs[at].below) {
        if (verdict == HOLDS &&
            !lf_watched_holds(trust->fs, trust->root_fd, &trust->dirs[at].dir))
            verdict = CHANGED;
        trust->dirs[at].verdict = (uint8_t)verdict;
    }
    return verdict;
}

const struct lf_watched *lf_trust_dir(struct lf_trust *trust,
                                      struct lf_str path)
{
    struct lf_trusted *found =
            trust->n_dirs == 0 ? NULL
                               : bsearch(&path, trust->dirs, trust->n_dirs,
                                         sizeof(*found), compare_path);
    return found && judge(trust, (uint32_t)(found - trust->dirs)) == HOLDS
                   ? &found->dir
                   : NULL;
}
