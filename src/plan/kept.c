/* SPDX-License-Identifier: MIT */
/*
 * kept.c - what linkfarm keeps, and must find again
 *
 * The state directory and the stores of displaced nodes may lie below what the plan
 * moves aside or leads elsewhere. They would be there still, but nobody would find
 * them: so each of them has to lead where it leads now.
 */
#include "base/path.h"
#include "plan/prove.h"

#include <errno.h>
#include <string.h>

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

/* ---- what is in the store ---- */

/* Empty where the state lies outside of the root directory that is looked at. */
static struct lf_str state_of(const struct lf_plan_request *request)
{
    return request->n_kept > 0 && request->kept[0].is_state
                   ? request->kept[0].dir
                   : LF_STR("");
}

static struct lf_str place_of(struct lf_plan *plan,
                              const struct lf_plan_request *request,
                              const struct lf_displaced *node)
{
    struct lf_buf buf = {0};
    struct lf_str state = state_of(request), path = {0};
    if (node->store.len == 0 && state.len == 0)
        return LF_STR("");
    lf_displaced_add_path(&buf, state, node);
    if (!lf_buf_failed(&buf))
        path = lf_arena_str(&plan->arena, lf_buf_str(&buf));
    lf_buf_finish(&buf);
    return path;
}

bool lf_plan_stored(struct lf_plan *plan, const struct lf_plan_request *request,
                    const struct lf_displaced *node, struct lf_stored_at *ret,
                    struct lf_error *err)
{
    struct lf_str place = place_of(plan, request, node);
    struct lf_resolve_request way = {.path = place,
                                     .flags = LF_RESOLVE_NOFOLLOW};
    struct lf_resolution *found;
    *ret = (struct lf_stored_at){.place = place, .kind = LF_NODE_NOTHING};
    if (!place.data)
        return lf_error_oom(err);
    if (place.len == 0)
        return true;
    if (!lf_resolve(request->resolver, &way, &found, err))
        return false;
    if (found->outcome == LF_OUTCOME_OK)
        ret->kind = found->node.kind;
    /* where nobody may look, it may be there all the same */
    if (found->outcome == LF_OUTCOME_DENIED ||
        found->outcome == LF_OUTCOME_FAILED)
        ret->error = found->error;
    ret->is_it = ret->kind == node->kind && found->node.ino == node->ino;
    lf_resolution_free(found);
    return true;
}

/* Where another one stands: a copy of the state has copies in its store. */
static bool report_lost(struct lf_plan *plan,
                        const struct lf_plan_request *request,
                        const struct lf_planned *planned,
                        const struct lf_stored_at *at, struct lf_error *err)
{
    struct lf_str message, help;
    if (at->error) {
        message = lf_plan_text(plan,
                               "what this link covers cannot be looked at in "
                               "the store: %.*s: %s",
                               SHOW(at->place), strerror(at->error));
        help = at->error == EACCES
                       ? LF_STR("give yourself the rights to what it is in, "
                                "then run the command again")
                       : LF_STR("remove the cause, then run the command again");
    } else if (at->kind == LF_NODE_NOTHING && request->interrupted) {
        message = lf_plan_text(plan,
                               "what this link covers is not in the store "
                               "yet, or not any more: %.*s",
                               SHOW(at->place));
        help = LF_STR("when no other linkfarm runs: linkfarm recover; then run "
                      "the command again");
    } else if (at->kind == LF_NODE_NOTHING) {
        message = lf_plan_text(plan,
                               "what this link covers is not in the store any "
                               "more: %.*s",
                               SHOW(at->place));
        help = LF_STR("put it back there; or put what you have in the place of "
                      "the link, and apply a manifest without its entry, which "
                      "forgets the old one");
    } else {
        message = lf_plan_text(plan,
                               "another %s is in the store in place of what "
                               "this link covers: %.*s",
                               lf_node_kind_name(at->kind), SHOW(at->place));
        help = LF_STR("if it is a copy, as of a restored backup, move it into "
                      "the place of the link, and apply a manifest without its "
                      "entry, which forgets the old one");
    }
    return lf_plan_find_at(plan, planned, LF_CODE_STORE_LOST, message, help,
                           err);
}

static bool judge_store(struct lf_plan *plan,
                        const struct lf_plan_request *request,
                        const struct lf_planned *planned, struct lf_error *err)
{
    struct lf_stored_at at;
    return lf_plan_stored(plan, request, lf_planned_displaced(planned), &at,
                          err) &&
           (at.is_it || at.place.len == 0 ||
            report_lost(plan, request, planned, &at, err));
}

bool lf_plan_check_store(struct lf_plan *plan,
                         const struct lf_plan_request *request,
                         struct lf_error *err)
{
    for (uint32_t i = 0; i < plan->n_planned; i++)
        if (plan->planned[i].kind == LF_ACTION_RESTORE &&
            !plan->planned[i].stored &&
            !judge_store(plan, request, &plan->planned[i], err))
            return false;
    return true;
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
