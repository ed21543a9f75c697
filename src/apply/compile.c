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

static bool pass(struct lf_compiler *c, bool backward,
                 bool (*one)(struct lf_compiler *, uint32_t))
{
    uint32_t n = c->plan->n_planned;
    c->last_dir = NULL;
    for (uint32_t i = 0; i < n; i++)
        if (!one(c, backward ? n - 1 - i : i))
            return false;
    return true;
}

/* The store adds steps of other phases as it meets them; those of one phase stay
 * in order. Most lists need nothing. */
static bool sort_phases(struct lf_steps *steps)
{
    bool sorted = true;
    for (uint32_t i = 1; i < steps->n; i++)
        sorted = sorted && steps->list[i - 1].phase <= steps->list[i].phase;
    if (sorted)
        return true;
    struct lf_step *list = malloc(sizeof(*list) * ((size_t)steps->n + 1));
    uint32_t n = 0;
    if (!list)
        return false;
    for (unsigned phase = LF_PHASE_PREPARE; phase <= LF_PHASE_CLEAN; phase++)
        for (uint32_t i = 0; i < steps->n; i++)
            if (steps->list[i].phase == phase)
                list[n++] = steps->list[i];
    free(steps->list);
    steps->list = list;
    steps->capacity = steps->n + 1;
    return true;
}

static bool compile_all(struct lf_compiler *c)
{
    return pass(c, false, lf_compile_whole) &&
           pass(c, false, lf_compile_prepare) &&
           pass(c, false, lf_compile_act) && pass(c, true, lf_compile_take) &&
           pass(c, false, lf_compile_taken) &&
           pass(c, true, lf_compile_clean) &&
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
    out.steps.into = request->plan->head.into;
    out.steps.root_dev = root.dev;
    out.steps.root_ino = root.ino;
    out.steps.position = request->position;
    LF_AUTO_FREE struct lf_str *spares =
            calloc((size_t)request->plan->n_planned + 1, sizeof(*spares));
    struct lf_compiler c = {
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
