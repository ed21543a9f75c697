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
