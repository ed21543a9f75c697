/* SPDX-License-Identifier: MIT */
/*
 * compile_act.c - the steps that prepare, and those that a user sees
 */
#include "apply/compiler.h"

static struct lf_image link_image(struct lf_str text)
{
    return (struct lf_image){.kind = LF_NODE_LINK, .text = text};
}

static bool compile_create(struct lf_compiler *c, uint32_t index)
{
    const struct lf_action *action = &c->plan->planned[index].action;
    struct lf_step step = {
            .op = LF_OP_LINK,
            .phase = LF_PHASE_ACT,
            .name = action->name,
            .after = link_image(action->text),
    };
    if (!lf_compiler_dir(c, action, &step.dir))
        return false;
    if (action->inside != LF_NO_ACTION)
        step.phase = LF_PHASE_PREPARE;
    else if (!lf_compiler_spare(c, index, &step.name2))
        return false;
    return lf_compiler_add(c, step);
}

/* An explicit mode is exact; an implied directory honours the umask. */
static struct lf_step mkdir_step(const struct lf_planned *planned,
                                 struct lf_str dir, struct lf_str name)
{
    return (struct lf_step){
            .op = LF_OP_MKDIR,
            .phase = LF_PHASE_PREPARE,
            .dir = dir,
            .name = name,
            .mode = planned->action.mode,
            .flags = planned->exact_mode ? LF_MARK_EXACT_MODE : 0,
            .after = {.kind = LF_NODE_DIR},
    };
}

static bool compile_mkdir(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    struct lf_str dir;
    return lf_compiler_dir(c, &planned->action, &dir) &&
           lf_compiler_add(c, mkdir_step(planned, dir, planned->action.name));
}

/* Put what was prepared under the spare name in the place of what stands. */
static bool add_exchange(struct lf_compiler *c, uint32_t index,
                         struct lf_image after)
{
    const struct lf_action *action = &c->plan->planned[index].action;
    struct lf_step step = {
            .op = LF_OP_EXCHANGE,
            .phase = LF_PHASE_ACT,
            .dir = action->dir,
            .name = action->name,
            .before = lf_compiler_image(action->expect),
            .after = after,
    };
    return lf_compiler_spare(c, index, &step.name2) && lf_compiler_add(c, step);
}

static bool prepare_link(struct lf_compiler *c, uint32_t index)
{
    const struct lf_action *action = &c->plan->planned[index].action;
    struct lf_step step = {
            .op = LF_OP_LINK,
            .phase = LF_PHASE_PREPARE,
            .dir = action->dir,
            .after = link_image(action->text),
    };
    return lf_compiler_spare(c, index, &step.name) && lf_compiler_add(c, step);
}

bool lf_compile_prepare(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    struct lf_str spare;
    switch (planned->action.kind) {
    case LF_ACTION_MKDIR:
        return compile_mkdir(c, index);
    case LF_ACTION_CREATE:
        return planned->action.inside == LF_NO_ACTION ||
               compile_create(c, index);
    case LF_ACTION_REPLACE:
        if (!planned->action.is_dir)
            return prepare_link(c, index);
        return lf_compiler_spare(c, index, &spare) &&
               lf_compiler_add(c,
                               mkdir_step(planned, planned->action.dir, spare));
    case LF_ACTION_RELINK:
    case LF_ACTION_BACKUP:
    case LF_ACTION_ADOPT:
        return prepare_link(c, index);
    case LF_ACTION_RESTORE:
        return planned->action.expect->kind == LF_NODE_NOTHING ||
               (lf_compiler_spare(c, index, &spare) &&
                lf_store_take(&c->store, planned->displaced,
                              planned->action.dir, spare, LF_PHASE_PREPARE,
                              c->err));
    case LF_ACTION_KEEP:
    case LF_ACTION_CLAIM:
    case LF_ACTION_SKIP:
    case LF_ACTION_PRUNE:
    case LF_ACTION_FORGET:
    case LF_ACTION_CONFLICT:
    case LF_ACTION_RMDIR:
    case LF_ACTION_CHMOD:
    case LF_ACTION_DRIFT:
        break;
    }
    return true;
}

/* What came out must hold our own things and no more. */
bool lf_compiler_count(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    struct lf_step step = {
            .op = LF_OP_COUNT,
            .phase = LF_PHASE_ACT,
            .dir = planned->action.dir,
            .name = planned->action.name,
            .count = planned->entries,
    };
    if (planned->action.kind == LF_ACTION_REPLACE || c->spares[index].data)
        return lf_compiler_spare(c, index, &step.name) &&
               lf_compiler_add(c, step);
    return lf_compiler_dir(c, &planned->action, &step.dir) &&
           lf_compiler_add(c, step);
}

/* Nobody would remember where it went. */
static bool stale_source(struct lf_compiler *c,
                         const struct lf_planned *planned)
{
    lf_error_set(c->err, LF_CODE_STALE, 0,
                 "%.*s is not what it was when the plan was made",
                 (int)planned->action.source.len, planned->action.source.data);
    lf_error_help(c->err, "nothing was done; run the command again");
    return false;
}

static bool compile_adopt(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    struct lf_str spare, aside;
    struct lf_image old;
    if (!add_exchange(c, index, link_image(planned->action.text)) ||
        !lf_compiler_spare(c, index, &spare) ||
        !lf_store_look(&c->store, planned->source_dir, planned->source_name,
                       &old, c->err))
        return false;
    if (old.kind != LF_NODE_NOTHING && c->plan->purpose == LF_PURPOSE_ADOPT)
        return stale_source(c, planned);
    if (old.kind != LF_NODE_NOTHING) {
        /* the old source waits under a spare name until after the commit */
        if (!lf_compiler_new_spare(c, &aside) ||
            !lf_compiler_add(c, (struct lf_step){.op = LF_OP_TAKE,
                                                 .phase = LF_PHASE_ACT,
                                                 .dir = planned->source_dir,
                                                 .name = planned->source_name,
                                                 .name2 = aside,
                                                 .before = old}) ||
            !lf_store_put(&c->store, index, planned->source_dir, aside, &old,
                          c->err))
            return false;
    }
    return lf_compiler_add(
            c, (struct lf_step){
                       .op = LF_OP_MOVE,
                       .phase = LF_PHASE_ACT,
                       .dir = planned->action.dir,
                       .name = spare,
                       .dir2 = planned->source_dir,
                       .name2 = planned->source_name,
                       .before = lf_compiler_image(planned->action.expect)});
}

static bool compile_restore(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    if (planned->action.expect->kind == LF_NODE_NOTHING)
        return lf_store_take(&c->store, planned->displaced, planned->action.dir,
                             planned->action.name, LF_PHASE_ACT, c->err);
    /* its device may have another number by now */
    return add_exchange(c, index,
                        (struct lf_image){.kind = planned->displaced->kind,
                                          .ino = planned->displaced->ino});
}

static bool compile_chmod(struct lf_compiler *c, uint32_t index)
{
    const struct lf_action *action = &c->plan->planned[index].action;
    return lf_compiler_add(
            c, (struct lf_step){.op = LF_OP_CHMOD,
                                .phase = LF_PHASE_ACT,
                                .dir = action->dir,
                                .name = action->name,
                                .before = lf_compiler_image(action->expect),
                                .mode = action->mode,
                                .old_mode = action->expect->mode});
}

static bool in_replaced_dir(const struct lf_compiler *c,
                            const struct lf_action *action)
{
    return action->inside != LF_NO_ACTION &&
           c->plan->planned[action->inside].action.kind == LF_ACTION_REPLACE;
}

bool lf_compile_act(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    const struct lf_action *action = &planned->action;
    switch (action->kind) {
    case LF_ACTION_CREATE:
        return action->inside != LF_NO_ACTION || compile_create(c, index);
    case LF_ACTION_RELINK:
    case LF_ACTION_BACKUP:
        return add_exchange(c, index, link_image(action->text));
    case LF_ACTION_REPLACE:
        if (action->is_dir)
            return add_exchange(c, index,
                                (struct lf_image){.kind = LF_NODE_DIR});
        return add_exchange(c, index, link_image(action->text)) &&
               lf_compiler_count(c, index);
    case LF_ACTION_RMDIR:
        return !in_replaced_dir(c, action) || lf_compiler_count(c, index);
    case LF_ACTION_ADOPT:
        return compile_adopt(c, index);
    case LF_ACTION_RESTORE:
        return compile_restore(c, index);
    case LF_ACTION_CHMOD:
        return compile_chmod(c, index);
    case LF_ACTION_KEEP:
    case LF_ACTION_CLAIM:
    case LF_ACTION_SKIP:
    case LF_ACTION_PRUNE:
    case LF_ACTION_FORGET:
    case LF_ACTION_CONFLICT:
    case LF_ACTION_MKDIR:
    case LF_ACTION_DRIFT:
        break;
    }
    return true;
}
