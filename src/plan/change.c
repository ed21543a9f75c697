/* SPDX-License-Identifier: MIT */
/*
 * change.c - the disk as a plan would make it
 */
#include "plan/prove.h"
#include "resolve/view.h"

static bool put_back(struct lf_view *overlay, const struct lf_planned *planned,
                     struct lf_error *err)
{
    struct lf_str path = lf_planned_path(planned);
    const struct lf_displaced *displaced = lf_planned_displaced(planned);
    if (displaced && displaced->kind == LF_NODE_DIR)
        return lf_view_remove(overlay, path, err) &&
               lf_view_put_dir(overlay, path, err);
    return lf_view_put_file(overlay, path, err);
}

/* The plan's texts outlive the overlay, which need not copy them. */
static bool put_link(struct lf_view *overlay, const struct lf_planned *planned,
                     struct lf_error *err)
{
    return lf_view_put_link_at(overlay, *planned->dir, lf_planned_name(planned),
                               lf_planned_text(planned), err);
}

/* Below an action that swaps a whole directory, removals happen by the swap. */
static bool goes_with_above(const struct lf_planned *planned)
{
    return planned->inside != LF_NO_ACTION &&
           (planned->kind == LF_ACTION_PRUNE ||
            planned->kind == LF_ACTION_RMDIR);
}

static bool change(struct lf_view *overlay, const struct lf_planned *planned,
                   struct lf_error *err)
{
    if (goes_with_above(planned))
        return true;
    switch ((enum lf_action_kind)planned->kind) {
    case LF_ACTION_CREATE:
    case LF_ACTION_RELINK:
    case LF_ACTION_BACKUP:
        return put_link(overlay, planned, err);
    case LF_ACTION_ADOPT:
        return lf_view_rename(overlay, lf_planned_path(planned),
                              lf_planned_source(planned), err) &&
               put_link(overlay, planned, err);
    case LF_ACTION_REPLACE:
        if (!planned->is_dir)
            return put_link(overlay, planned, err);
        return lf_view_remove(overlay, lf_planned_path(planned), err) &&
               lf_view_put_dir(overlay, lf_planned_path(planned), err);
    case LF_ACTION_MKDIR:
        return lf_view_put_dir(overlay, lf_planned_path(planned), err);
    case LF_ACTION_PRUNE:
    case LF_ACTION_RMDIR:
        return lf_view_remove(overlay, lf_planned_path(planned), err);
    case LF_ACTION_RESTORE:
        return put_back(overlay, planned, err);
    case LF_ACTION_KEEP:
    case LF_ACTION_CLAIM:
        /* its text was read when it was observed: no need to look again */
        return planned->is_dir || put_link(overlay, planned, err);
    case LF_ACTION_SKIP:
    case LF_ACTION_FORGET:
    case LF_ACTION_CONFLICT:
    case LF_ACTION_CHMOD:
    case LF_ACTION_DRIFT:
        break;
    }
    return true;
}

bool lf_plan_change(const struct lf_plan *plan, struct lf_view *overlay,
                    bool *ret_adopts, struct lf_error *err)
{
    *ret_adopts = false;
    for (uint32_t i = 0; i < plan->n_planned; i++) {
        const struct lf_planned *planned = &plan->planned[i];
        if (!change(overlay, planned, err))
            return false;
        *ret_adopts |= planned->kind == LF_ACTION_ADOPT;
    }
    return true;
}
