/* SPDX-License-Identifier: MIT */
/*
 * trace.c - how a path leads where it leads, for people
 *
 * A line stands for a link, so texts are escaped here: one that holds a line
 * feed would look like two.
 */
#include "base/escape.h"
#include "plan/prove.h"

enum { SHOWN_STEPS = 8 };

static void add_steps(struct lf_buf *buf,
                      const struct lf_resolution *resolution)
{
    size_t shown = resolution->n_steps < SHOWN_STEPS ? resolution->n_steps
                                                     : SHOWN_STEPS;
    for (size_t i = 0; i < shown; i++) {
        const struct lf_hop *step = &resolution->steps[i];
        lf_escape_shown(buf, step->at);
        lf_buf_add(buf, LF_STR(" -> "));
        lf_escape_shown(buf, step->text);
        lf_buf_add_char(buf, '\n');
    }
    if (shown < resolution->n_steps)
        lf_buf_add_format(buf, "... and %zu more\n",
                          resolution->n_steps - shown);
    lf_escape_shown(buf, resolution->path);
    lf_buf_add_format(buf, ": %s",
                      resolution->error
                              ? lf_errno_name(resolution->error)
                              : lf_node_kind_name(resolution->node.kind));
}

bool lf_plan_trace(struct lf_plan *plan, struct lf_resolver *resolver,
                   struct lf_str path, struct lf_str *ret_trace,
                   struct lf_error *err)
{
    struct lf_resolve_request request = {.path = path,
                                         .flags = LF_RESOLVE_TRACE};
    struct lf_resolution *resolution;
    struct lf_buf buf = {0};
    if (!lf_resolve(resolver, &request, &resolution, err))
        return false;
    add_steps(&buf, resolution);
    lf_resolution_free(resolution);
    *ret_trace = (struct lf_str){0};
    if (!lf_buf_failed(&buf))
        *ret_trace = lf_arena_str(&plan->arena, lf_buf_str(&buf));
    lf_buf_finish(&buf);
    return ret_trace->data || lf_error_oom(err);
}
