/* SPDX-License-Identifier: MIT */
/*
 * compile_act.c - the steps that prepare, and those that a user sees
 */
#include "apply/compiler.h"

#include "base/path.h"
#include "platform/sys.h"

static struct lf_image link_image(struct lf_pair text)
{
    return (struct lf_image){.kind = LF_NODE_LINK, .text = text};
}

static bool compile_create(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    struct lf_step step = {
            .op = LF_OP_LINK,
            .phase = LF_PHASE_ACT,
            .name = lf_planned_name(planned),
            .after = link_image(lf_planned_text(planned)),
            .row = planned,
    };
    struct lf_spare_room room;
    if (!lf_compiler_dir(c, planned, &step.dir))
        return false;
    if (planned->in->inside != LF_NO_ACTION)
        step.phase = LF_PHASE_PREPARE;
    else
        step.name2 = lf_compiler_spare(c, index, &room);
    return lf_compiler_add(c, step);
}

enum {
    WORKING = 0300, /* what its owner needs to work in a directory */
    OWNERS = 0700,
};

/* The mode that a directory gets would keep us out, who are not root: it gets it when
 * all is in it. */
static bool is_late(const struct lf_planned *planned)
{
    return planned->is_dir && planned->exact_mode &&
           (planned->kind == LF_ACTION_MKDIR ||
            planned->kind == LF_ACTION_REPLACE) &&
           (lf_planned_mode(planned) & WORKING) != WORKING && lf_sys_uid() != 0;
}

/* Rows stand in the order of their directories: those in and below one together. */
static bool acts_below(const struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *rows = c->plan->planned;
    struct lf_str path = lf_planned_dir_path(&rows[index]);
    uint32_t low = index + 1, high = c->plan->n_planned;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (lf_path_compare(*rows[middle].in->dir, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < c->plan->n_planned && lf_path_within(*rows[low].in->dir, path);
         low++)
        if (lf_action_acts(rows[low].kind))
            return true;
    return false;
}

/* The same of one that is there, and ours to change: it is then the last that is
 * done, because what is taken out of it goes after the commit. */
static bool is_last(const struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    const struct lf_node *node = lf_planned_node(planned);
    return planned->kind == LF_ACTION_CHMOD && node && lf_sys_uid() != 0 &&
           node->uid == lf_sys_uid() &&
           (node->mode & WORKING & ~lf_planned_mode(planned)) != 0 &&
           acts_below(c, index);
}

/* An explicit mode is exact; an implied directory honours the umask. */
static struct lf_step mkdir_step(const struct lf_planned *planned,
                                 struct lf_str dir, struct lf_str name)
{
    if (is_late(planned))
        return (struct lf_step){
                .op = LF_OP_MKDIR,
                .phase = LF_PHASE_PREPARE,
                .dir = dir,
                .name = name,
                .mode = OWNERS,
                .flags = LF_MARK_EXACT_MODE | LF_MARK_LATE_MODE,
                .after = {.kind = LF_NODE_DIR},
        };
    return (struct lf_step){
            .op = LF_OP_MKDIR,
            .phase = LF_PHASE_PREPARE,
            .dir = dir,
            .name = name,
            .mode = lf_planned_mode(planned),
            .flags = planned->exact_mode ? LF_MARK_EXACT_MODE : 0,
            .after = {.kind = LF_NODE_DIR},
            .row = planned,
    };
}

static bool compile_mkdir(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    struct lf_str dir;
    return lf_compiler_dir(c, planned, &dir) &&
           lf_compiler_add(c,
                           mkdir_step(planned, dir, lf_planned_name(planned)));
}

/* Put what was prepared under the spare name in the place of what stands. */
static bool add_exchange(struct lf_compiler *c, uint32_t index,
                         struct lf_image after)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    struct lf_spare_room room;
    return lf_compiler_add(c,
                           (struct lf_step){
                                   .op = LF_OP_EXCHANGE,
                                   .phase = LF_PHASE_ACT,
                                   .dir = *planned->in->dir,
                                   .name = lf_planned_name(planned),
                                   .name2 = lf_compiler_spare(c, index, &room),
                                   .before = lf_compiler_image(planned),
                                   .after = after,
                           });
}

static bool prepare_link(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    struct lf_spare_room room;
    return lf_compiler_add(
            c, (struct lf_step){
                       .op = LF_OP_LINK,
                       .phase = LF_PHASE_PREPARE,
                       .dir = *planned->in->dir,
                       .name = lf_compiler_spare(c, index, &room),
                       .after = link_image(lf_planned_text(planned)),
                       .row = planned,
               });
}

bool lf_compile_prepare(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    struct lf_spare_room room;
    switch ((enum lf_action_kind)planned->kind) {
    case LF_ACTION_MKDIR:
        return compile_mkdir(c, index);
    case LF_ACTION_CREATE:
        return planned->in->inside == LF_NO_ACTION || compile_create(c, index);
    case LF_ACTION_REPLACE:
        if (!planned->is_dir)
            return prepare_link(c, index);
        return lf_compiler_add(c,
                               mkdir_step(planned, *planned->in->dir,
                                          lf_compiler_spare(c, index, &room)));
    case LF_ACTION_RELINK:
    case LF_ACTION_BACKUP:
    case LF_ACTION_ADOPT:
        return prepare_link(c, index);
    case LF_ACTION_RESTORE:
        return lf_planned_stands(planned) == LF_NODE_NOTHING ||
               lf_store_take(&c->store, lf_planned_displaced(planned),
                             *planned->in->dir,
                             lf_compiler_spare(c, index, &room),
                             LF_PHASE_PREPARE, c->err);
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
            .dir = *planned->in->dir,
            .name = lf_planned_name(planned),
            .count = lf_planned_entries(planned),
    };
    struct lf_spare_room room;
    if (planned->kind == LF_ACTION_REPLACE || lf_compiler_is_whole(c, index)) {
        step.name = lf_compiler_spare(c, index, &room);
        return lf_compiler_add(c, step);
    }
    /* one that was renamed is not as it was seen */
    step.seen = lf_compiler_seen(c, lf_planned_node(planned));
    return lf_compiler_dir(c, planned, &step.dir) && lf_compiler_add(c, step);
}

/* Nobody would remember where it went. */
static bool stale_source(struct lf_compiler *c,
                         const struct lf_planned *planned)
{
    struct lf_str dir = lf_planned_source_dir(planned);
    struct lf_str name = lf_planned_source_name(planned);
    lf_error_set(c->err, LF_CODE_STALE, 0,
                 "%.*s%s%.*s is not what it was when the plan was made",
                 (int)dir.len, dir.data, dir.len > 1 ? "/" : "", (int)name.len,
                 name.data);
    lf_error_help(c->err, "nothing was done; run the command again");
    return false;
}

static bool compile_adopt(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    struct lf_str from = lf_planned_source_dir(planned);
    struct lf_str from_name = lf_planned_source_name(planned);
    struct lf_spare_room room, aside_room;
    struct lf_image old;
    if (!add_exchange(c, index, link_image(lf_planned_text(planned))) ||
        !lf_store_look(&c->store, from, from_name, &old, c->err))
        return false;
    if (old.kind != LF_NODE_NOTHING && c->plan->purpose == LF_PURPOSE_ADOPT)
        return stale_source(c, planned);
    if (old.kind != LF_NODE_NOTHING) {
        /* the old source waits under a spare name until after the commit */
        struct lf_str aside = lf_compiler_new_spare(c, &aside_room);
        if (!lf_compiler_add(c, (struct lf_step){.op = LF_OP_TAKE,
                                                 .phase = LF_PHASE_ACT,
                                                 .dir = from,
                                                 .name = from_name,
                                                 .name2 = aside,
                                                 .before = old}) ||
            !lf_store_put(&c->store, index, from, aside, &old, c->err))
            return false;
    }
    return lf_compiler_add(
            c, (struct lf_step){.op = LF_OP_MOVE,
                                .phase = LF_PHASE_ACT,
                                .dir = *planned->in->dir,
                                .name = lf_compiler_spare(c, index, &room),
                                .dir2 = from,
                                .name2 = from_name,
                                .before = lf_compiler_image(planned)});
}

static bool compile_restore(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    const struct lf_displaced *displaced = lf_planned_displaced(planned);
    if (lf_planned_stands(planned) == LF_NODE_NOTHING)
        return lf_store_take(&c->store, displaced, *planned->in->dir,
                             lf_planned_name(planned), LF_PHASE_ACT, c->err);
    struct lf_image node;
    return lf_store_node(&c->store, displaced, *planned->in->dir, &node,
                         c->err) &&
           add_exchange(c, index, node);
}

static bool add_chmod(struct lf_compiler *c, uint32_t index,
                      enum lf_phase phase)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    return lf_compiler_add(
            c, (struct lf_step){.op = LF_OP_CHMOD,
                                .phase = phase,
                                .dir = *planned->in->dir,
                                .name = lf_planned_name(planned),
                                .before = lf_compiler_image(planned),
                                .mode = lf_planned_mode(planned),
                                .old_mode = lf_planned_expect(planned).mode});
}

/* Of a new one; it is where it was made, if it is still to be exchanged. */
static bool add_late_mode(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    bool replaces = planned->kind == LF_ACTION_REPLACE;
    bool inside = planned->in->inside != LF_NO_ACTION;
    struct lf_spare_room room;
    struct lf_step step = {
            .op = LF_OP_CHMOD,
            .phase = replaces || inside ? LF_PHASE_PREPARE : LF_PHASE_ACT,
            .name = replaces ? lf_compiler_spare(c, index, &room)
                             : lf_planned_name(planned),
            .before = {.kind = LF_NODE_DIR},
            .mode = lf_planned_mode(planned),
            .old_mode = OWNERS,
    };
    return lf_compiler_dir(c, planned, &step.dir) && lf_compiler_add(c, step);
}

bool lf_compile_modes(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    if (is_last(c, index))
        return add_chmod(c, index, LF_PHASE_CLEAN);
    return !is_late(planned) || add_late_mode(c, index);
}

static bool in_replaced_dir(const struct lf_compiler *c,
                            const struct lf_planned *planned)
{
    return planned->in->inside != LF_NO_ACTION &&
           c->plan->planned[planned->in->inside].kind == LF_ACTION_REPLACE;
}

bool lf_compile_act(struct lf_compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    switch ((enum lf_action_kind)planned->kind) {
    case LF_ACTION_CREATE:
        return planned->in->inside != LF_NO_ACTION || compile_create(c, index);
    case LF_ACTION_RELINK:
    case LF_ACTION_BACKUP:
        return add_exchange(c, index, link_image(lf_planned_text(planned)));
    case LF_ACTION_REPLACE:
        if (planned->is_dir)
            return add_exchange(c, index,
                                (struct lf_image){.kind = LF_NODE_DIR});
        return add_exchange(c, index, link_image(lf_planned_text(planned))) &&
               lf_compiler_count(c, index);
    case LF_ACTION_RMDIR:
        return !in_replaced_dir(c, planned) || lf_compiler_count(c, index);
    case LF_ACTION_ADOPT:
        return compile_adopt(c, index);
    case LF_ACTION_RESTORE:
        return compile_restore(c, index);
    case LF_ACTION_CHMOD:
        return is_last(c, index) || add_chmod(c, index, LF_PHASE_ACT);
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
