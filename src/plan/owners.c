/* SPDX-License-Identifier: MIT */
/*
 * owners.c - where root is not to be led
 *
 * Of what root does, every directory that changes is reached through
 * directories that nobody else can have put there; `traverse` names those that
 * are meant all the same. That holds when the plan is made, and the
 * transaction looks again where anyone could change it.
 *
 * What `traverse` says now decides where something is made. Something is
 * cleared where what it said then let it be made: the ledger holds that.
 */
#include "observe/owners.h"
#include "base/path.h"
#include "base/texts.h"
#include "manifest/model.h"
#include "plan/prove.h"
#include "platform/sys.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOW(str) (int)(str).len, (str).data ? (str).data : ""

/* ---- what may be passed ---- */

/* Of a manifest, where what it names leads; one that is missing leads nowhere
 * yet. What a generation recorded is that already. */
static bool resolve_traverse(struct lf_plan *plan,
                             const struct lf_desired *desired,
                             struct lf_resolver *after, struct lf_error *err)
{
    uint32_t count = 0;
    struct lf_str *dirs = lf_arena_alloc_array(
            &plan->arena, desired->n_traverse, sizeof(*dirs));
    if (!dirs)
        return lf_error_oom(err);
    for (uint32_t i = 0; i < desired->n_traverse; i++) {
        struct lf_str dir = desired->traverse[i];
        int error = 0;
        if (plan->purpose == LF_PURPOSE_APPLY &&
            !lf_resolve_dir(after, dir, &dir, &error, err))
            return false;
        if (error)
            continue;
        dirs[count] = lf_arena_str(&plan->arena, dir);
        if (!dirs[count++].data)
            return lf_error_oom(err);
    }
    plan->head.traverse = dirs;
    plan->head.n_traverse = lf_texts_sort(dirs, count);
    return true;
}

static bool join(struct lf_plan *plan, const struct lf_recorded_head *before,
                 struct lf_error *err)
{
    const struct lf_recorded_head *after = &plan->head;
    struct lf_str *all = lf_arena_alloc_array(
            &plan->arena, (size_t)before->n_traverse + after->n_traverse,
            sizeof(*all));
    if (!all)
        return lf_error_oom(err);
    for (uint32_t i = 0; i < after->n_traverse; i++)
        all[i] = after->traverse[i];
    for (uint32_t i = 0; i < before->n_traverse; i++) {
        struct lf_str *to = &all[after->n_traverse + i];
        *to = lf_arena_str(&plan->arena, before->traverse[i]);
        if (!to->data)
            return lf_error_oom(err);
    }
    plan->passable = all;
    plan->n_passable =
            lf_texts_sort(all, before->n_traverse + after->n_traverse);
    return true;
}

bool lf_plan_traverse(struct lf_plan *plan,
                      const struct lf_plan_request *request,
                      struct lf_resolver *after, struct lf_error *err)
{
    static const struct lf_recorded_head none;
    bool anew = plan->purpose == LF_PURPOSE_APPLY ||
                plan->purpose == LF_PURPOSE_ROLLBACK;
    if (anew && request->desired &&
        !resolve_traverse(plan, request->desired, after, err))
        return false;
    return join(plan, request->recorded ? &request->recorded->head : &none,
                err);
}

/* ---- who owns the ways ---- */

struct guard {
    struct lf_plan *plan;
    const struct lf_plan_request *request;
    /* for what is made, by what `traverse` says now, and for what is cleared; the
     * same way where both may pass the same */
    struct lf_held_way ways[2];
    struct lf_held_way *way; /* for the action that is judged */
    struct lf_str missing;   /* the directory that was found missing last */
    struct lf_str told; /* the directory that the latest finding is about */
    struct lf_error *err;
};

static struct lf_str words_of_cure(struct lf_plan *plan, struct lf_str named)
{
    switch (plan->purpose) {
    case LF_PURPOSE_REMOVE:
    case LF_PURPOSE_ROLLBACK:
        return lf_plan_text(
                plan,
                "see whose it is; if it is meant, name it in the manifest, "
                "%.*s, and apply that first",
                SHOW(named));
    case LF_PURPOSE_ADOPT:
        return lf_plan_text(plan,
                            "see whose it is; adopt as that user, or name it "
                            "in a manifest, %.*s, that links the file with "
                            "`conflict: adopt`",
                            SHOW(named));
    case LF_PURPOSE_APPLY:
    case LF_PURPOSE_STATUS:
        break;
    }
    return lf_plan_text(plan,
                        "see whose it is; if it is meant, say so at the top of "
                        "the manifest: %.*s",
                        SHOW(named));
}

/* `dir` is in the words, ready to be pasted. No data: no memory. */
static struct lf_str cure_of(struct lf_plan *plan, struct lf_str dir)
{
    struct lf_buf named = {0};
    struct lf_str cure = {0};
    lf_traverse_add(&named, dir);
    if (!lf_buf_failed(&named))
        cure = words_of_cure(plan, lf_buf_str(&named));
    lf_buf_finish(&named);
    return cure;
}

static bool tell(struct guard *g, const struct lf_planned *planned,
                 struct lf_str dir, const struct lf_way_owners *way)
{
    struct lf_plan *plan = g->plan;
    if (lf_str_equal(g->told, dir))
        return true;
    g->told = dir;
    return lf_plan_find_at(
            plan, planned, LF_CODE_FOREIGN_DIR,
            lf_plan_text(plan,
                         "%.*s belongs to user %u and stands in a directory "
                         "that not only root may write (user %u, mode %04o)",
                         SHOW(dir), (unsigned)way->owner,
                         (unsigned)way->above_owner, (unsigned)way->above_mode),
            cure_of(plan, dir), g->err);
}

static const struct lf_node *seen(const struct guard *g, struct lf_str dir)
{
    const struct lf_seen *seen = g->request->seen;
    return seen ? seen->dir(seen->arg, dir) : NULL;
}

/* The way to a directory that was looked at when its links were, by what was seen of
 * it then. False where that is not all of it. */
static bool pass_seen(const struct guard *g, struct lf_str dir,
                      struct lf_way_owners *owners)
{
    struct lf_way_part above, at;
    struct lf_str rest = dir;
    const struct lf_node *node = seen(g, dir) ? seen(g, LF_STR("/")) : NULL;
    *owners = (struct lf_way_owners){0};
    if (!node)
        return false;
    at = lf_way_root(node);
    for (;;) {
        struct lf_str name = lf_path_next(&rest);
        owners->shared = at.shared;
        owners->mover = at.mover;
        if (name.len == 0)
            return true;
        struct lf_str upto =
                lf_str_of(dir.data, (size_t)(name.data - dir.data) + name.len);
        node = seen(g, upto);
        above = at;
        if (!node)
            return false;
        if (!lf_way_pass(g->way->passable, &above, node, upto, &at, owners))
            return true;
    }
}

static void open_way(struct guard *g, struct lf_str dir,
                     struct lf_way_owners *ret)
{
    int fd = lf_held_way_open(g->way, dir, ret);
    if (fd >= 0)
        lf_held_way_close(g->way, fd);
}

/* `ret` is what was met on the way. */
static bool judge_way(struct guard *g, const struct lf_planned *planned,
                      struct lf_str dir, struct lf_way_owners *ret)
{
    *ret = (struct lf_way_owners){.mover = LF_ANYBODY};
    /* what is below a directory that is to be made will be ours */
    if (g->missing.len > 0 && lf_path_within(dir, g->missing))
        return true;
    if (!pass_seen(g, dir, ret))
        open_way(g, dir, ret);
    g->plan->shared |= ret->shared;
    if (ret->missing > 0)
        g->missing = lf_str_of(dir.data, ret->missing);
    /* what else failed: a directory that is to be made, or the step says it */
    return ret->foreign == 0 ||
           tell(g, planned, lf_str_of(dir.data, ret->foreign), ret);
}

static bool judge(struct guard *g, const struct lf_planned *planned,
                  struct lf_str dir)
{
    struct lf_way_owners way;
    return judge_way(g, planned, dir, &way);
}

/* Whether an action only takes away what was made, and puts back what stood
 * there before. */
static bool clears(enum lf_action_kind kind)
{
    return kind == LF_ACTION_PRUNE || kind == LF_ACTION_RESTORE ||
           kind == LF_ACTION_RMDIR;
}

static bool tell_moved(struct guard *g, const struct lf_planned *planned,
                       struct lf_str dir, uint32_t mover)
{
    struct lf_plan *plan = g->plan;
    char who[32] = "any user";
    if (mover != LF_ANYBODY)
        snprintf(who, sizeof(who), "user %u", (unsigned)mover);
    return lf_plan_find_at(
            plan, planned, LF_CODE_FOREIGN_DIR,
            lf_plan_text(plan,
                         "%.*s may be another directory than was made, put "
                         "there by %s, and mode %04o gives rights in it that "
                         "mode %04o does not",
                         SHOW(dir), who, (unsigned)lf_planned_mode(planned),
                         (unsigned)lf_planned_expect(planned).mode),
            cure_of(plan, dir), g->err);
}

/* The mode of a directory that we made, and of which no more is known than its path:
 * who may write where it stands, or above, may have put another one there. A private
 * one of somebody else, root's too, is not opened to them. */
static bool judge_mode(struct guard *g, const struct lf_planned *planned)
{
    enum { OTHERS = 077 };
    struct lf_way_owners way;
    if (planned->kind != LF_ACTION_CHMOD)
        return true;
    struct lf_str dir = lf_planned_dir_path(planned);
    struct lf_node is = lf_planned_expect(planned);
    if (!judge_way(g, planned, dir, &way))
        return false;
    bool gives = lf_planned_mode(planned) & ~is.mode & OTHERS;
    return !gives || way.foreign > 0 || way.mover == 0 || way.mover == is.uid ||
           tell_moved(g, planned, dir, way.mover);
}

/* Actions of one directory stand together: each directory is judged once for what is
 * made in it, and once for what is cleared. */
static bool judge_all(struct guard *g, unsigned clearing)
{
    const struct lf_plan *plan = g->plan;
    const struct lf_str *last[2] = {NULL, NULL};
    for (uint32_t i = 0; i < plan->n_planned; i++) {
        const struct lf_planned *planned = &plan->planned[i];
        if (!lf_action_acts(planned->kind))
            continue;
        unsigned which = clears(planned->kind) ? clearing : 0;
        g->way = &g->ways[which];
        if (planned->kind == LF_ACTION_ADOPT &&
            !judge(g, planned, lf_planned_source_dir(planned)))
            return false;
        if (!judge_mode(g, planned))
            return false;
        if (last[which] == planned->in->dir)
            continue;
        last[which] = planned->in->dir;
        if (!judge(g, planned, *planned->in->dir))
            return false;
    }
    return true;
}

bool lf_plan_check_owners(struct lf_plan *plan,
                          const struct lf_plan_request *request,
                          struct lf_error *err)
{
    struct guard g = {.plan = plan, .request = request, .err = err};
    if (lf_sys_uid() != 0 || !request->fs)
        return true;
    struct lf_passable now = {plan->head.traverse, plan->head.n_traverse};
    struct lf_passable ever = {plan->passable, plan->n_passable};
    lf_held_way_init(&g.ways[0], request->fs, request->root_fd, now);
    lf_held_way_init(&g.ways[1], request->fs, request->root_fd, ever);
    bool ok = judge_all(&g, ever.count == now.count ? 0 : 1);
    lf_held_way_forget(&g.ways[0]);
    lf_held_way_forget(&g.ways[1]);
    return ok;
}
