/* SPDX-License-Identifier: MIT */
/*
 * row.c - a row of the plan, and the action that it stands for
 */
#include "base/path.h"
#include "plan/plan.h"

bool lf_planned_leaves_link(const struct lf_planned *planned)
{
    switch ((enum lf_action_kind)planned->kind) {
    case LF_ACTION_CREATE:
    case LF_ACTION_KEEP:
    case LF_ACTION_CLAIM:
    case LF_ACTION_RELINK:
    case LF_ACTION_REPLACE:
    case LF_ACTION_BACKUP:
    case LF_ACTION_ADOPT:
        return !planned->is_dir;
    case LF_ACTION_SKIP:
    case LF_ACTION_PRUNE:
    case LF_ACTION_RESTORE:
    case LF_ACTION_FORGET:
    case LF_ACTION_CONFLICT:
    case LF_ACTION_MKDIR:
    case LF_ACTION_RMDIR:
    case LF_ACTION_CHMOD:
    case LF_ACTION_DRIFT:
        break;
    }
    return false;
}

struct lf_rare *lf_plan_rare(struct lf_plan *plan, struct lf_planned *planned)
{
    if (!planned->rare)
        planned->rare = lf_arena_alloc(&plan->arena, sizeof(*planned->rare));
    return planned->rare;
}

struct lf_str lf_planned_path(const struct lf_planned *planned,
                              struct lf_buf *room)
{
    return planned->is_dir ? lf_planned_dir_path(planned)
                           : lf_path_in(room, *planned->in->dir,
                                        lf_planned_name(planned));
}

bool lf_planned_has_source(const struct lf_planned *planned, struct lf_str path)
{
    const struct lf_str *dir = planned->in->source_dir;
    struct lf_str name = lf_planned_source_name(planned);
    size_t name_len = name.len;
    return dir && path.len == lf_planned_len(dir, name_len) &&
           memcmp(path.data, dir->data, dir->len) == 0 &&
           path.data[path.len - name_len - 1] == '/' &&
           memcmp(path.data + path.len - name_len, name.data, name_len) == 0;
}

struct lf_str lf_plan_path(struct lf_plan *plan,
                           const struct lf_planned *planned)
{
    return planned->is_dir ? lf_planned_dir_path(planned)
                           : lf_path_join(&plan->arena, *planned->in->dir,
                                          lf_planned_name(planned));
}

struct lf_str lf_plan_source(struct lf_plan *plan,
                             const struct lf_planned *planned)
{
    return planned->in->source_dir
                   ? lf_path_join(&plan->arena, *planned->in->source_dir,
                                  lf_planned_source_name(planned))
                   : LF_STR("");
}

static struct lf_str or_empty(struct lf_str text)
{
    return text.data ? text : lf_str("");
}

struct lf_action lf_planned_action(const struct lf_planned *planned)
{
    static const struct lf_rare none = {0};
    const struct lf_rare *rare = planned->rare ? planned->rare : &none;
    return (struct lf_action){
            .kind = (enum lf_action_kind)planned->kind,
            .is_dir = planned->is_dir,
            .row = planned->row,
            .dir = *planned->in->dir,
            .name = lf_planned_name(planned),
            .text = lf_planned_text(planned),
            .mode = lf_planned_mode(planned),
            .exact_mode = planned->exact_mode,
            .expect = lf_planned_expect(planned),
            .old_text = lf_planned_old_text(planned),
            .source_dir = lf_planned_source_dir(planned),
            .source_name = lf_planned_source_name(planned),
            .at = lf_planned_at(planned),
            .reason = or_empty(rare->reason),
            .help = or_empty(rare->help),
            .inside = planned->in->inside,
            .direct = planned->direct,
            .resolves_to = lf_planned_resolves_to(planned),
            .links = planned->links,
    };
}
