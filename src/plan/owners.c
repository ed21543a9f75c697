/* SPDX-License-Identifier: MIT */
/*
 * owners.c - where root is not to be led
 *
 * Of an apply by root, every directory that it changes is reached through
 * directories that nobody else can have put there; `traverse` names those that
 * are meant all the same. That holds when the plan is made, and the
 * transaction looks again where anyone could change it.
 */
#include "observe/owners.h"
#include "base/path.h"
#include "plan/prove.h"
#include "platform/sys.h"
#include "resolve/view.h"

#define SHOW(str) (int)(str).len, (str).data ? (str).data : ""

struct guard {
    struct lf_plan *plan;
    const struct lf_plan_request *request;
    struct lf_held_way way;
    struct lf_str missing; /* the directory that was found missing last */
    struct lf_str told;    /* the directory that the latest finding is about */
    struct lf_error *err;
};

/* The directories that `traverse` names, as they are reached. */
static bool resolve_passable(struct guard *g)
{
    const struct lf_desired *desired = g->request->desired;
    struct lf_plan *plan = g->plan;
    struct lf_resolver *resolver = NULL;
    if (desired->n_traverse == 0)
        return true;
    plan->passable = lf_arena_alloc_array(&plan->arena, desired->n_traverse,
                                          sizeof(*plan->passable));
    if (!plan->passable)
        return lf_error_oom(g->err);
    bool ok = lf_resolver_new(g->request->view, &resolver, g->err);
    for (uint32_t i = 0; i < desired->n_traverse && ok; i++) {
        struct lf_str dir;
        int error = 0;
        ok = lf_resolve_dir(resolver, desired->traverse[i], &dir, &error,
                            g->err);
        if (!ok || error)
            continue;
        struct lf_str copy = lf_arena_str(&plan->arena, dir);
        ok = copy.data || lf_error_oom(g->err);
        if (ok)
            plan->passable[plan->n_passable++] = copy;
    }
    lf_resolver_free(resolver);
    return ok;
}

static bool tell(struct guard *g, const struct lf_planned *planned,
                 struct lf_str dir, const struct lf_way_owners *way)
{
    struct lf_plan *plan = g->plan;
    if (lf_str_equal(g->told, dir))
        return true;
    g->told = dir;
    struct lf_finding finding = {
            .code = LF_CODE_FOREIGN_DIR,
            .path = planned->action.path,
            .at = planned->action.at,
            .mark = planned->mark,
            .message = lf_plan_text(
                    plan,
                    "%.*s belongs to user %u and stands in a directory that "
                    "not only root may write (user %u, mode %04o)",
                    SHOW(dir), (unsigned)way->owner, (unsigned)way->above_owner,
                    (unsigned)way->above_mode),
            .help = lf_plan_text(
                    plan,
                    "see whose it is; if it is meant, say so at the top of the "
                    "manifest: traverse: [\"%.*s\"]",
                    SHOW(dir)),
    };
    if (!finding.message.data || !finding.help.data)
        return lf_error_oom(g->err);
    return lf_plan_find(plan, &finding, g->err);
}

static bool judge(struct guard *g, const struct lf_planned *planned,
                  struct lf_str dir)
{
    struct lf_fs *fs = g->request->fs;
    struct lf_way_owners way;
    /* what is below a directory that is to be made will be ours */
    if (g->missing.len > 0 && lf_path_within(dir, g->missing))
        return true;
    int fd = lf_held_way_open(&g->way, dir, &way);
    if (fd >= 0)
        fs->close(fs, fd);
    g->plan->shared |= way.shared;
    if (way.missing > 0)
        g->missing = lf_str_of(dir.data, way.missing);
    /* what else failed: a directory that is to be made, or the step says it */
    return way.foreign == 0 ||
           tell(g, planned, lf_str_of(dir.data, way.foreign), &way);
}

/* Actions of one directory stand together: each directory is judged once. */
static bool judge_all(struct guard *g)
{
    const struct lf_plan *plan = g->plan;
    struct lf_str last = {0};
    for (uint32_t i = 0; i < plan->n_planned; i++) {
        const struct lf_planned *planned = &plan->planned[i];
        struct lf_str dir = planned->action.dir;
        if (!lf_action_acts(planned->action.kind))
            continue;
        if (planned->action.kind == LF_ACTION_ADOPT &&
            !judge(g, planned, planned->source_dir))
            return false;
        if (last.data && lf_str_equal(last, dir))
            continue;
        last = dir;
        if (!judge(g, planned, dir))
            return false;
    }
    return true;
}

bool lf_plan_check_owners(struct lf_plan *plan,
                          const struct lf_plan_request *request,
                          struct lf_error *err)
{
    struct guard g = {.plan = plan, .request = request, .err = err};
    if (lf_sys_uid() != 0 || request->purpose != LF_PURPOSE_APPLY ||
        !request->fs || !request->desired)
        return true;
    if (!resolve_passable(&g))
        return false;
    struct lf_passable passable = {plan->passable, plan->n_passable};
    lf_held_way_init(&g.way, request->fs, request->root_fd, passable);
    bool ok = judge_all(&g);
    lf_held_way_forget(&g.way);
    return ok;
}
