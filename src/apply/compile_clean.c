/* SPDX-License-Identifier: MIT */
/*
 * compile_clean.c - the steps that take out, and those after the commit
 */
#include "apply/compiler.h"

bool lf_compile_take(struct lf_compiler *c, uint32_t index)
{
    const struct lf_action *action = &c->plan->planned[index].action;
    if (action->kind != LF_ACTION_PRUNE || action->inside != LF_NO_ACTION)
        return true;
    struct lf_step step = {
            .op = LF_OP_TAKE,
            .phase = LF_PHASE_ACT,
            .dir = action->dir,
            .name = action->name,
            .before = lf_compiler_image(&action->expect),
    };
    return lf_compiler_spare(c, index, &step.name2) && lf_compiler_add(c, step);
}

static bool add_drop(struct lf_compiler *c, struct lf_str dir,
                     struct lf_str name, struct lf_image image)
{
    return lf_compiler_add(c, (struct lf_step){.op = LF_OP_DROP,
                                               .phase = LF_PHASE_CLEAN,
                                               .dir = dir,
                                               .name = name,
                                               .before = image});
}

static bool add_rmdir(struct lf_compiler *c, struct lf_str dir,
                      struct lf_str name, struct lf_image image)
{
    return lf_compiler_add(c, (struct lf_step){.op = LF_OP_RMDIR,
                                               .phase = LF_PHASE_CLEAN,
                                               .dir = dir,
                                               .name = name,
                                               .before = image});
}

bool lf_compile_clean(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    const struct lf_action *action = &planned->action;
    struct lf_image old = lf_compiler_image(&action->expect);
    struct lf_str dir, spare;
    switch (action->kind) {
    case LF_ACTION_RELINK:
        return lf_compiler_spare(c, index, &spare) &&
               add_drop(c, action->dir, spare, old);
    case LF_ACTION_REPLACE:
        if (!lf_compiler_spare(c, index, &spare))
            return false;
        return action->is_dir ? add_drop(c, action->dir, spare, old)
                              : add_rmdir(c, action->dir, spare, old);
    case LF_ACTION_PRUNE:
        if (action->inside != LF_NO_ACTION)
            return lf_compiler_dir(c, action, &dir) &&
                   add_drop(c, dir, action->name, old);
        return lf_compiler_spare(c, index, &spare) &&
               add_drop(c, action->dir, spare, old);
    case LF_ACTION_RMDIR:
        return lf_compiler_dir(c, action, &dir) &&
               add_rmdir(c, dir, action->name, old);
    case LF_ACTION_BACKUP:
        return lf_compiler_spare(c, index, &spare) &&
               lf_store_put(&c->store, index, action->dir, spare, &old, c->err);
    case LF_ACTION_RESTORE:
        return old.kind == LF_NODE_NOTHING ||
               (lf_compiler_spare(c, index, &spare) &&
                add_drop(c, action->dir, spare, old));
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
