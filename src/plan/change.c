/* SPDX-License-Identifier: MIT */
/*
 * change.c - the disk as a plan would make it
 */
#include "base/pair.h"
#include "plan/prove.h"
#include "resolve/view.h"

struct changer {
    struct lf_plan *plan;
    const struct lf_plan_request *request;
    struct lf_view *overlay;
    struct lf_buf room; /* for the path at hand */
    struct lf_error *err;
};

/* Move a displaced node back from where it is kept, with all that is in it: links
 * may lead through it. `*ret_moved` is false where it cannot be seen there. */
static bool move_back(struct changer *c, struct lf_planned *planned,
                      struct lf_str path, bool *ret_moved)
{
    struct lf_stored_at at;
    struct lf_error why;
    if (!lf_plan_stored(c->plan, c->request, lf_planned_displaced(planned), &at,
                        c->err))
        return false;
    planned->stored = at.is_it;
    *ret_moved = at.is_it;
    if (!at.is_it || lf_view_rename(c->overlay, at.place, path, &why))
        return true;
    /* the plan takes away what it is kept in, which is a finding of its own */
    *ret_moved = false;
    return why.code != LF_CODE_NO_MEMORY || lf_error_oom(c->err);
}

static bool put_back(struct changer *c, struct lf_planned *planned,
                     struct lf_str path)
{
    const struct lf_displaced *displaced = lf_planned_displaced(planned);
    bool moved = false;
    if (displaced && !move_back(c, planned, path, &moved))
        return false;
    if (moved)
        return true;
    if (displaced && displaced->kind == LF_NODE_DIR)
        return lf_view_remove(c->overlay, path, c->err) &&
               lf_view_put_dir(c->overlay, path, c->err);
    return lf_view_put_file(c->overlay, path, c->err);
}

static bool put_link(struct changer *c, const struct lf_planned *planned,
                     struct lf_str path)
{
    struct lf_pair_room room;
    return lf_view_put_link(c->overlay, path,
                            lf_pair_join(lf_planned_text(planned), &room),
                            c->err);
}

static bool adopt(struct changer *c, const struct lf_planned *planned,
                  struct lf_str path)
{
    struct lf_str source = lf_plan_source(c->plan, planned);
    return source.data ? lf_view_rename(c->overlay, path, source, c->err) &&
                                 put_link(c, planned, path)
                       : lf_error_oom(c->err);
}

/* Below an action that swaps a whole directory, removals happen by the swap. */
static bool goes_with_above(const struct lf_planned *planned)
{
    return planned->in->inside != LF_NO_ACTION &&
           (planned->kind == LF_ACTION_PRUNE ||
            planned->kind == LF_ACTION_RMDIR);
}

static bool change_at(struct changer *c, struct lf_planned *planned,
                      struct lf_str path)
{
    switch ((enum lf_action_kind)planned->kind) {
    case LF_ACTION_CREATE:
    case LF_ACTION_RELINK:
    case LF_ACTION_BACKUP:
        return put_link(c, planned, path);
    case LF_ACTION_ADOPT:
        return adopt(c, planned, path);
    case LF_ACTION_REPLACE:
        if (!planned->is_dir)
            return put_link(c, planned, path);
        return lf_view_remove(c->overlay, path, c->err) &&
               lf_view_put_dir(c->overlay, path, c->err);
    case LF_ACTION_MKDIR:
        return lf_view_put_dir(c->overlay, path, c->err);
    case LF_ACTION_PRUNE:
    case LF_ACTION_RMDIR:
        return lf_view_remove(c->overlay, path, c->err);
    case LF_ACTION_RESTORE:
        return put_back(c, planned, path);
    case LF_ACTION_KEEP:
    case LF_ACTION_CLAIM:
        /* its text was read when it was observed: no need to look again */
        return planned->is_dir || put_link(c, planned, path);
    case LF_ACTION_SKIP:
    case LF_ACTION_FORGET:
    case LF_ACTION_CONFLICT:
    case LF_ACTION_CHMOD:
    case LF_ACTION_DRIFT:
        break;
    }
    return true;
}

static bool change(struct changer *c, struct lf_planned *planned)
{
    if (goes_with_above(planned))
        return true;
    struct lf_str path = lf_planned_path(planned, &c->room);
    return path.data ? change_at(c, planned, path) : lf_error_oom(c->err);
}

/* ---- the links of a directory ---- */

/* For struct lf_link_run_ops; `arg` is the first of the directory's actions. */
static struct lf_str name_of(const void *arg, uint32_t index)
{
    const struct lf_planned *planned = arg;
    return lf_planned_name(&planned[index]);
}

static struct lf_pair text_of(const void *arg, uint32_t index)
{
    const struct lf_planned *planned = arg;
    return lf_planned_leaves_link(&planned[index])
                   ? lf_planned_text(&planned[index])
                   : lf_pair_of(LF_STR(""));
}

/* Most actions only say which links stand afterwards, which the overlay need not
 * be told one by one. What is adopted goes away before its link comes. */
static bool change_dir(struct changer *c, struct lf_planned *first,
                       uint32_t count, bool adopts)
{
    static const struct lf_link_run_ops ops = {name_of, text_of};
    struct lf_link_run run = {&ops, first, count};
    if (!adopts &&
        !lf_view_put_links(c->overlay, *first->in->dir, &run, c->err))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if ((adopts || !lf_planned_leaves_link(&first[i])) &&
            !change(c, &first[i]))
            return false;
    return true;
}

bool lf_plan_change(struct lf_plan *plan, const struct lf_plan_request *request,
                    struct lf_view *overlay, bool *ret_adopts,
                    struct lf_error *err)
{
    struct changer c = {
            .plan = plan, .request = request, .overlay = overlay, .err = err};
    struct lf_planned *list = plan->planned;
    bool ok = true;
    *ret_adopts = false;
    for (uint32_t from = 0, to; ok && from < plan->n_planned; from = to) {
        bool adopts = false;
        for (to = from;
             to < plan->n_planned && list[to].in->dir == list[from].in->dir;
             to++)
            adopts |= list[to].kind == LF_ACTION_ADOPT;
        *ret_adopts |= adopts;
        ok = change_dir(&c, &list[from], to - from, adopts);
    }
    lf_buf_finish(&c.room);
    return ok;
}
