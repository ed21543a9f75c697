/* SPDX-License-Identifier: MIT */
/*
 * compile.c - a plan becomes steps
 *
 * One pass forward for what prepares and acts (a directory before what is in
 * it), one backward for what takes away and cleans up (the deepest first). An
 * action inside a directory that is swapped as a whole works on the prepared
 * directory before the swap, or on the one that came out, after the commit.
 */
#include "apply/compile.h"

#include "apply/journal.h"
#include "apply/store.h"
#include "base/path.h"
#include "base/util.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct compiler {
    const struct lf_compile_request *request;
    const struct lf_plan *plan;
    struct lf_compiled *out;
    struct lf_store store;
    struct lf_str *spares; /* by action: its spare name, or empty */
    uint32_t n_spares;     /* names given out */
    struct lf_buf spare;   /* the name being made; all begin alike */
    size_t spare_stem;
    const char *last_dir; /* of the action before, and its other spelling */
    struct lf_str swapped;
    struct lf_error *err;
};

static bool add(struct compiler *c, struct lf_step step)
{
    return lf_steps_add(&c->out->steps, &step) || lf_error_oom(c->err);
}

/* A name that nobody expects or guesses, and that run-parts and globs skip. */
static bool new_spare(struct compiler *c, struct lf_str *ret)
{
    struct lf_buf *name = &c->spare;
    if (name->len == 0) {
        lf_buf_add_format(name, ".lf-%016" PRIx64 "-", c->out->steps.tag);
        c->spare_stem = name->len;
    }
    lf_buf_truncate(name, c->spare_stem);
    lf_buf_add_u64(name, c->n_spares++);
    lf_buf_add_char(name, '~');
    *ret = (struct lf_str){0};
    if (!lf_buf_failed(name))
        *ret = lf_arena_str(&c->out->steps.arena, lf_buf_str(name));
    return ret->data || lf_error_oom(c->err);
}

static bool spare_of(struct compiler *c, uint32_t index, struct lf_str *ret)
{
    if (!c->spares[index].data && !new_spare(c, &c->spares[index]))
        return false;
    *ret = c->spares[index];
    return true;
}

/*
 * The directory of an action, as it is spelled while what is above is swapped
 * out: the part up to the swapped directory gives way to its spare name.
 */
static bool dir_of(struct compiler *c, const struct lf_action *action,
                   struct lf_str *ret)
{
    *ret = action->dir;
    if (action->inside == LF_NO_ACTION)
        return true;
    if (c->last_dir == action->dir.data) {
        *ret = c->swapped;
        return true;
    }
    const struct lf_action *above = &c->plan->planned[action->inside].action;
    struct lf_str spare;
    if (!spare_of(c, action->inside, &spare))
        return false;
    struct lf_buf buf = {0};
    lf_path_add(&buf, above->dir, spare);
    lf_buf_add(&buf, lf_str_of(action->dir.data + above->path.len,
                               action->dir.len - above->path.len));
    *ret = (struct lf_str){0};
    if (!lf_buf_failed(&buf))
        *ret = lf_arena_str(&c->out->steps.arena, lf_buf_str(&buf));
    lf_buf_finish(&buf);
    c->last_dir = action->dir.data;
    c->swapped = *ret;
    return ret->data || lf_error_oom(c->err);
}

static struct lf_image image_of(const struct lf_node *node)
{
    return (struct lf_image){node->kind, node->text, node->dev, node->ino};
}

static struct lf_image link_image(struct lf_str text)
{
    return (struct lf_image){.kind = LF_NODE_LINK, .text = text};
}

/* ---- forward ---- */

static bool compile_create(struct compiler *c, uint32_t index)
{
    const struct lf_action *action = &c->plan->planned[index].action;
    struct lf_step step = {
            .op = LF_OP_LINK,
            .phase = LF_PHASE_ACT,
            .name = action->name,
            .after = link_image(action->text),
    };
    if (!dir_of(c, action, &step.dir))
        return false;
    if (action->inside != LF_NO_ACTION)
        step.phase = LF_PHASE_PREPARE;
    else if (!spare_of(c, index, &step.name2))
        return false;
    return add(c, step);
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

static bool compile_mkdir(struct compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    struct lf_str dir;
    return dir_of(c, &planned->action, &dir) &&
           add(c, mkdir_step(planned, dir, planned->action.name));
}

/* Put what was prepared under the spare name in the place of what stands. */
static bool add_exchange(struct compiler *c, uint32_t index,
                         struct lf_image after)
{
    const struct lf_action *action = &c->plan->planned[index].action;
    struct lf_step step = {
            .op = LF_OP_EXCHANGE,
            .phase = LF_PHASE_ACT,
            .dir = action->dir,
            .name = action->name,
            .before = image_of(&action->expect),
            .after = after,
    };
    return spare_of(c, index, &step.name2) && add(c, step);
}

static bool prepare_link(struct compiler *c, uint32_t index)
{
    const struct lf_action *action = &c->plan->planned[index].action;
    struct lf_step step = {
            .op = LF_OP_LINK,
            .phase = LF_PHASE_PREPARE,
            .dir = action->dir,
            .after = link_image(action->text),
    };
    return spare_of(c, index, &step.name) && add(c, step);
}

static bool compile_prepare(struct compiler *c, uint32_t index)
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
        return spare_of(c, index, &spare) &&
               add(c, mkdir_step(planned, planned->action.dir, spare));
    case LF_ACTION_RELINK:
    case LF_ACTION_BACKUP:
    case LF_ACTION_ADOPT:
        return prepare_link(c, index);
    case LF_ACTION_RESTORE:
        return planned->action.expect.kind == LF_NODE_NOTHING ||
               (spare_of(c, index, &spare) &&
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

/* A directory of ours is exchanged for a link: what came out must hold our
 * own things and no more. */
static bool add_count(struct compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    struct lf_step step = {
            .op = LF_OP_COUNT,
            .phase = LF_PHASE_ACT,
            .dir = planned->action.dir,
            .name = planned->action.name,
            .count = planned->entries,
    };
    if (planned->action.kind == LF_ACTION_REPLACE)
        return spare_of(c, index, &step.name) && add(c, step);
    return dir_of(c, &planned->action, &step.dir) && add(c, step);
}

static bool compile_adopt(struct compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    struct lf_str spare, aside;
    struct lf_image old;
    if (!add_exchange(c, index, link_image(planned->action.text)) ||
        !spare_of(c, index, &spare) ||
        !lf_store_look(&c->store, planned->source_dir, planned->source_name,
                       &old, c->err))
        return false;
    if (old.kind != LF_NODE_NOTHING) {
        /* the old source waits under a spare name until after the commit */
        if (!new_spare(c, &aside) ||
            !add(c, (struct lf_step){.op = LF_OP_TAKE,
                                     .phase = LF_PHASE_ACT,
                                     .dir = planned->source_dir,
                                     .name = planned->source_name,
                                     .name2 = aside,
                                     .before = old}) ||
            !lf_store_put(&c->store, index, planned->source_dir, aside, &old,
                          c->err))
            return false;
    }
    return add(c,
               (struct lf_step){.op = LF_OP_MOVE,
                                .phase = LF_PHASE_ACT,
                                .dir = planned->action.dir,
                                .name = spare,
                                .dir2 = planned->source_dir,
                                .name2 = planned->source_name,
                                .before = image_of(&planned->action.expect)});
}

static bool compile_restore(struct compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    if (planned->action.expect.kind == LF_NODE_NOTHING)
        return lf_store_take(&c->store, planned->displaced, planned->action.dir,
                             planned->action.name, LF_PHASE_ACT, c->err);
    return add_exchange(c, index,
                        (struct lf_image){.kind = planned->displaced->kind,
                                          .dev = planned->displaced->dev,
                                          .ino = planned->displaced->ino});
}

static bool compile_chmod(struct compiler *c, uint32_t index)
{
    const struct lf_action *action = &c->plan->planned[index].action;
    return add(c, (struct lf_step){.op = LF_OP_CHMOD,
                                   .phase = LF_PHASE_ACT,
                                   .dir = action->dir,
                                   .name = action->name,
                                   .before = image_of(&action->expect),
                                   .mode = action->mode,
                                   .old_mode = action->expect.mode});
}

static bool in_replaced_dir(const struct compiler *c,
                            const struct lf_action *action)
{
    return action->inside != LF_NO_ACTION &&
           c->plan->planned[action->inside].action.kind == LF_ACTION_REPLACE;
}

static bool compile_act(struct compiler *c, uint32_t index)
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
               add_count(c, index);
    case LF_ACTION_RMDIR:
        return !in_replaced_dir(c, action) || add_count(c, index);
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

/* ---- backward ---- */

static bool compile_take(struct compiler *c, uint32_t index)
{
    const struct lf_action *action = &c->plan->planned[index].action;
    if (action->kind != LF_ACTION_PRUNE || action->inside != LF_NO_ACTION)
        return true;
    struct lf_step step = {
            .op = LF_OP_TAKE,
            .phase = LF_PHASE_ACT,
            .dir = action->dir,
            .name = action->name,
            .before = image_of(&action->expect),
    };
    return spare_of(c, index, &step.name2) && add(c, step);
}

static bool add_drop(struct compiler *c, struct lf_str dir, struct lf_str name,
                     struct lf_image image)
{
    return add(c, (struct lf_step){.op = LF_OP_DROP,
                                   .phase = LF_PHASE_CLEAN,
                                   .dir = dir,
                                   .name = name,
                                   .before = image});
}

static bool add_rmdir(struct compiler *c, struct lf_str dir, struct lf_str name,
                      struct lf_image image)
{
    return add(c, (struct lf_step){.op = LF_OP_RMDIR,
                                   .phase = LF_PHASE_CLEAN,
                                   .dir = dir,
                                   .name = name,
                                   .before = image});
}

static bool compile_clean(struct compiler *c, uint32_t index)
{
    const struct lf_planned *planned = &c->plan->planned[index];
    const struct lf_action *action = &planned->action;
    struct lf_image old = image_of(&action->expect);
    struct lf_str dir, spare;
    switch (action->kind) {
    case LF_ACTION_RELINK:
        return spare_of(c, index, &spare) &&
               add_drop(c, action->dir, spare, old);
    case LF_ACTION_REPLACE:
        if (!spare_of(c, index, &spare))
            return false;
        return action->is_dir ? add_drop(c, action->dir, spare, old)
                              : add_rmdir(c, action->dir, spare, old);
    case LF_ACTION_PRUNE:
        if (action->inside != LF_NO_ACTION)
            return dir_of(c, action, &dir) &&
                   add_drop(c, dir, action->name, old);
        return spare_of(c, index, &spare) &&
               add_drop(c, action->dir, spare, old);
    case LF_ACTION_RMDIR:
        return dir_of(c, action, &dir) && add_rmdir(c, dir, action->name, old);
    case LF_ACTION_BACKUP:
        return spare_of(c, index, &spare) &&
               lf_store_put(&c->store, index, action->dir, spare, &old, c->err);
    case LF_ACTION_RESTORE:
        return old.kind == LF_NODE_NOTHING ||
               (spare_of(c, index, &spare) &&
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

/* ---- the whole ---- */

static bool pass(struct compiler *c, bool backward,
                 bool (*one)(struct compiler *, uint32_t))
{
    uint32_t n = c->plan->n_planned;
    c->last_dir = NULL;
    for (uint32_t i = 0; i < n; i++)
        if (!one(c, backward ? n - 1 - i : i))
            return false;
    return true;
}

static int by_phase(const void *a, const void *b)
{
    const struct lf_step *const *left = a, *const *right = b;
    if ((*left)->phase != (*right)->phase)
        return (*left)->phase < (*right)->phase ? -1 : 1;
    return (*left > *right) - (*left < *right);
}

/* The store adds steps of other phases as it meets them; the sort is stable
 * because equal phases keep the order of their addresses. */
static bool sort_phases(struct lf_steps *steps)
{
    LF_AUTO_FREE const struct lf_step **order =
            malloc(sizeof(struct lf_step *) * ((size_t)steps->n + 1));
    struct lf_step *sorted = malloc(sizeof(*sorted) * ((size_t)steps->n + 1));
    if (!order || !sorted) {
        free(sorted);
        return false;
    }
    for (uint32_t i = 0; i < steps->n; i++)
        order[i] = &steps->list[i];
    qsort(order, steps->n, sizeof(const struct lf_step *), by_phase);
    for (uint32_t i = 0; i < steps->n; i++)
        sorted[i] = *order[i];
    free(steps->list);
    steps->list = sorted;
    steps->capacity = steps->n + 1;
    return true;
}

static bool compile_all(struct compiler *c)
{
    return pass(c, false, compile_prepare) && pass(c, false, compile_act) &&
           pass(c, true, compile_take) && pass(c, true, compile_clean) &&
           lf_store_tidy(&c->store, c->err) &&
           (sort_phases(&c->out->steps) || lf_error_oom(c->err));
}

bool lf_compile(const struct lf_compile_request *request,
                struct lf_compiled *ret_compiled, struct lf_error *err)
{
    struct lf_compiled out = {0};
    struct lf_node root;
    int result = request->fs->stat(request->fs, request->root_fd, "", &root);
    if (result < 0) {
        lf_error_set(err, LF_CODE_SYSTEM, -result,
                     "the root directory cannot be looked at: %s",
                     strerror(-result));
        return false;
    }
    out.steps.transaction = request->transaction;
    out.steps.tag = request->tag;
    out.steps.farm = request->plan->farm;
    out.steps.into = request->plan->into;
    out.steps.root_dev = root.dev;
    out.steps.root_ino = root.ino;
    LF_AUTO_FREE struct lf_str *spares =
            calloc((size_t)request->plan->n_planned + 1, sizeof(*spares));
    struct compiler c = {
            .request = request,
            .plan = request->plan,
            .out = &out,
            .spares = spares,
            .err = err,
    };
    lf_store_init(&c.store, request, &out);
    bool ok = spares ? compile_all(&c) : lf_error_oom(err);
    lf_store_finish(&c.store);
    lf_buf_finish(&c.spare);
    if (!ok) {
        lf_compiled_finish(&out);
        return false;
    }
    *ret_compiled = out;
    return true;
}

void lf_compiled_finish(struct lf_compiled *compiled)
{
    lf_steps_finish(&compiled->steps);
    free(compiled->stored);
    *compiled = (struct lf_compiled){0};
}
