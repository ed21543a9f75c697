/* SPDX-License-Identifier: MIT */
/*
 * kept.c - what linkfarm needs itself, and must find again
 *
 * The state directory and the stores of displaced nodes may lie below what the plan
 * moves aside or leads elsewhere. They would be there still, but nobody would find
 * them: so each of them has to lead where it leads now.
 */
#include "base/path.h"
#include "plan/prove.h"

#define SHOW(str) (int)(str).len, (str).data ? (str).data : ""

/* The action that takes `dir` away; NULL: none is known. */
static const struct lf_planned *taker_of(const struct lf_plan *plan,
                                         struct lf_str dir)
{
    for (uint32_t i = 0; i < plan->n_planned; i++) {
        const struct lf_planned *planned = &plan->planned[i];
        if (lf_action_acts(planned->kind) &&
            lf_path_below(dir, *planned->in->dir, lf_planned_name(planned)))
            return planned;
    }
    return NULL;
}

static bool report(struct lf_plan *plan, const struct lf_kept_dir *kept,
                   struct lf_str now, struct lf_error *err)
{
    const struct lf_planned *taker = taker_of(plan, now);
    struct lf_finding finding = {
            .code = LF_CODE_KEPT_DIR,
            .path = taker ? lf_plan_path(plan, taker) : now,
            .at = taker ? lf_plan_at(plan, lf_planned_at(taker)) : LF_STR(""),
            .message =
                    lf_plan_text(plan, "%s, %.*s, would not be found again",
                                 kept->is_state ? "the state directory"
                                                : "a store of displaced files",
                                 SHOW(kept->dir)),
            .help = kept->is_state
                            ? lf_plan_text(plan,
                                           "move it first, and say where it is "
                                           "then: --state-dir=DIR")
                            : lf_str("take this entry out, or first remove the "
                                     "farm that has displaced files there"),
    };
    if (taker)
        finding.mark = lf_planned_mark(taker);
    if (!finding.path.data || !finding.at.data || !finding.message.data ||
        !finding.help.data)
        return lf_error_oom(err);
    return lf_plan_find(plan, &finding, err);
}

static bool judge(struct lf_plan *plan, const struct lf_plan_request *request,
                  struct lf_resolver *after, const struct lf_kept_dir *kept,
                  struct lf_error *err)
{
    struct lf_str now, then;
    int now_error, then_error;
    if (!lf_resolve_dir(request->resolver, kept->dir, &now, &now_error, err) ||
        !lf_resolve_dir(after, kept->dir, &then, &then_error, err))
        return false;
    return now_error != 0 || (then_error == 0 && lf_str_equal(now, then)) ||
           report(plan, kept, now, err);
}

bool lf_plan_check_kept(struct lf_plan *plan,
                        const struct lf_plan_request *request,
                        struct lf_resolver *after, struct lf_error *err)
{
    for (uint32_t i = 0; i < request->n_kept; i++)
        if (!judge(plan, request, after, &request->kept[i], err))
            return false;
    return true;
}
