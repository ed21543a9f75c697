/* SPDX-License-Identifier: MIT */
/*
 * compile_clean.c - the steps that take out, and those after the commit
 */
#include "apply/compiler.h"

/* Whether the directory of an action can be renamed. One that cannot be opened
 * is not there any more, and its own step will say so. */
static bool can_move(struct lf_compiler *c, const struct lf_planned *planned)
{
    const struct lf_compile_request *request = c->request;
    struct lf_fs *fs = request->fs;
    if (!fs->moves_dirs)
        return false;
    LF_AUTO_CLOSE struct lf_fd dir = {
            fs, fs->open_dir(fs, request->root_fd, planned->in->dir->data + 1,
                             LF_DIR_PATH)};
    return dir.fd >= 0 && fs->moves_dirs(fs, dir.fd) > 0;
}

/* All that is in the directory is ours. One rename takes it out, where each
 * link in it would need one, and two looks more. */
bool lf_compile_whole(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    c->whole[index] = planned->whole && can_move(c, planned);
    return true;
}

static bool add_take(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    struct lf_spare_room room;
    return lf_compiler_add(c,
                           (struct lf_step){
                                   .op = LF_OP_TAKE,
                                   .phase = LF_PHASE_ACT,
                                   .dir = *planned->in->dir,
                                   .name = lf_planned_name(planned),
                                   .name2 = lf_compiler_spare(c, index, &room),
                                   .before = lf_compiler_image(planned),
                                   .row = planned,
                           });
}

bool lf_compile_take(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    bool takes =
            planned->kind == LF_ACTION_RMDIR
                    ? lf_compiler_is_whole(c, index)
                    : planned->kind == LF_ACTION_PRUNE &&
                              lf_compiler_inside(c, planned) == LF_NO_ACTION;
    return !takes || add_take(c, index);
}

/* In what was taken out as a whole, nothing may have been added. */
bool lf_compile_taken(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    uint32_t inside = lf_compiler_inside(c, planned);
    bool taken = planned->kind == LF_ACTION_RMDIR &&
                 (lf_compiler_is_whole(c, index) ||
                  (inside != LF_NO_ACTION &&
                   c->plan->planned[inside].kind == LF_ACTION_RMDIR));
    return !taken || lf_compiler_count(c, index);
}

/* Of what was taken out to the action's spare name. */
static bool add_drop(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    struct lf_spare_room room;
    return lf_compiler_add(
            c, (struct lf_step){.op = LF_OP_DROP,
                                .phase = LF_PHASE_CLEAN,
                                .dir = *planned->in->dir,
                                .name = lf_compiler_spare(c, index, &room),
                                .before = lf_compiler_image(planned),
                                .row = planned});
}

/* `back`: where it goes if it is not empty; may be empty. */
static bool add_rmdir(struct lf_compiler *c, struct lf_str dir,
                      struct lf_str name, struct lf_str back,
                      struct lf_image image)
{
    return lf_compiler_add(c, (struct lf_step){.op = LF_OP_RMDIR,
                                               .phase = LF_PHASE_CLEAN,
                                               .dir = dir,
                                               .name = name,
                                               .name2 = back,
                                               .before = image});
}

static bool clean_prune(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    struct lf_step step = {
            .op = LF_OP_DROP,
            .phase = LF_PHASE_CLEAN,
            .flags = LF_MARK_UNSEEN,
            .name = lf_planned_name(planned),
            .before = lf_compiler_image(planned),
            .seen = lf_compiler_seen(c, planned->in->node),
            .row = planned,
    };
    return lf_compiler_inside(c, planned) == LF_NO_ACTION
                   ? add_drop(c, index)
                   : lf_compiler_dir(c, planned, &step.dir) &&
                             lf_compiler_add(c, step);
}

static bool clean_rmdir(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    struct lf_image old = lf_compiler_image(planned);
    struct lf_spare_room room;
    struct lf_str dir;
    if (lf_compiler_is_whole(c, index))
        return add_rmdir(c, *planned->in->dir,
                         lf_compiler_spare(c, index, &room),
                         lf_planned_name(planned), old);
    return lf_compiler_dir(c, planned, &dir) &&
           add_rmdir(c, dir, lf_planned_name(planned), lf_str(""), old);
}

bool lf_compile_clean(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    struct lf_image old = lf_compiler_image(planned);
    struct lf_str dir = *planned->in->dir;
    struct lf_spare_room room;
    switch ((enum lf_action_kind)planned->kind) {
    case LF_ACTION_RELINK:
        return add_drop(c, index);
    case LF_ACTION_REPLACE:
        return planned->is_dir
                       ? add_drop(c, index)
                       : add_rmdir(c, dir, lf_compiler_spare(c, index, &room),
                                   lf_str(""), old);
    case LF_ACTION_PRUNE:
        return clean_prune(c, index);
    case LF_ACTION_RMDIR:
        return clean_rmdir(c, index);
    case LF_ACTION_BACKUP:
        return lf_store_put(&c->store, index, dir,
                            lf_compiler_spare(c, index, &room), &old, c->err);
    case LF_ACTION_RESTORE:
        return old.kind == LF_NODE_NOTHING || add_drop(c, index);
    case LF_ACTION_CREATE:
    case LF_ACTION_KEEP:
    case LF_ACTION_CLAIM:
    case LF_ACTION_ADOPT:
    case LF_ACTION_SKIP:
    case LF_ACTION_FORGET:
    case LF_ACTION_CONFLICT:
    case LF_ACTION_MKDIR:
    case LF_ACTION_CHMOD:
    case LF_ACTION_DRIFT:
        break;
    }
    return true;
}
