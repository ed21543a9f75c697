/* SPDX-License-Identifier: MIT */
/*
 * compile.c - a plan becomes steps
 *
 * Forward for what prepares and acts (a directory before what is in it),
 * backward for what takes away and cleans up (the deepest first). An action
 * inside a directory that is swapped as a whole works on the prepared directory
 * before the swap, or on the one that came out, after the commit. A directory
 * that is to be removed comes out as a whole, too, where it can be renamed.
 */
#include "apply/compiler.h"

#include "base/util.h"
#include <stdlib.h>
#include <string.h>

/* Of a large farm most actions change nothing, or all of them make links: then each
 * is its own index. */
static bool find_acting(struct lf_compiler *c)
{
    const struct lf_plan *plan = c->plan;
    for (uint32_t i = 0; i < plan->n_planned; i++)
        c->n_acting += lf_action_acts(plan->planned[i].kind);
    if (c->n_acting == plan->n_planned)
        return true;
    c->acting = calloc((size_t)c->n_acting + 1, sizeof(*c->acting));
    if (!c->acting)
        return lf_error_oom(c->err);
    uint32_t n = 0;
    for (uint32_t i = 0; i < plan->n_planned; i++)
        if (lf_action_acts(plan->planned[i].kind))
            c->acting[n++] = i;
    return true;
}

static bool pass(struct lf_compiler *c, bool backward,
                 bool (*one)(struct lf_compiler *, uint32_t))
{
    uint32_t n = c->n_acting;
    c->last_dir = NULL;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = backward ? n - 1 - i : i;
        if (!one(c, c->acting ? c->acting[at] : at))
            return false;
    }
    return true;
}

static bool has(const struct lf_compiler *c, enum lf_action_kind kind)
{
    return c->plan->counts[kind][false] + c->plan->counts[kind][true] > 0;
}

/* Nothing else is taken out, or leaves anything to clean up. */
static bool takes(const struct lf_compiler *c)
{
    return has(c, LF_ACTION_PRUNE) || has(c, LF_ACTION_RMDIR);
}

static bool cleans(const struct lf_compiler *c)
{
    return takes(c) || has(c, LF_ACTION_RELINK) || has(c, LF_ACTION_REPLACE) ||
           has(c, LF_ACTION_BACKUP) || has(c, LF_ACTION_RESTORE);
}

static bool sets_modes(const struct lf_compiler *c)
{
    return has(c, LF_ACTION_CHMOD) || has(c, LF_ACTION_MKDIR) ||
           has(c, LF_ACTION_REPLACE);
}

static bool find_whole(struct lf_compiler *c)
{
    c->whole = calloc((size_t)c->plan->n_planned + 1, sizeof(*c->whole));
    return c->whole ? pass(c, false, lf_compile_whole) : lf_error_oom(c->err);
}

static bool compile_all(struct lf_compiler *c)
{
    return find_acting(c) && (!takes(c) || find_whole(c)) &&
           pass(c, false, lf_compile_prepare) &&
           pass(c, false, lf_compile_act) &&
           (!takes(c) || (pass(c, true, lf_compile_take) &&
                          pass(c, false, lf_compile_taken))) &&
           (!cleans(c) || pass(c, true, lf_compile_clean)) &&
           (!sets_modes(c) || pass(c, true, lf_compile_modes)) &&
           lf_store_tidy(&c->store, c->err) &&
           /* the store adds steps of other phases as it meets them */
           ((lf_steps_sort(&c->out->steps) &&
             lf_steps_find_dirs(&c->out->steps, c->request->fs,
                                c->request->root_fd)) ||
            lf_error_oom(c->err));
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
    lf_spares_init(&out.steps.spares, request->tag);
    out.steps.rows = request->plan->planned;
    out.steps.farm = request->plan->farm;
    out.steps.into = request->plan->head.into;
    out.steps.root_dev = root.dev;
    out.steps.root_ino = root.ino;
    out.steps.position = request->position;
    struct lf_compiler c = {
            .request = request,
            .plan = request->plan,
            .out = &out,
            .err = err,
    };
    lf_store_init(&c.store, request, &out);
    bool ok = compile_all(&c);
    lf_store_finish(&c.store);
    free(c.acting);
    free(c.whole);
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
