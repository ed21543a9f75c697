/* SPDX-License-Identifier: MIT */
/*
 * adopt.c - which files can be adopted
 *
 * Adopting renames the foreign file to its source's place. A rename keeps
 * content, mode, owner, times and attributes as they are, which a copy can't
 * promise; so what can't be renamed can't be adopted, and is a conflict.
 */
#include "base/path.h"
#include "plan/plan.h"
#include "plan/prove.h"

#define SHOW(str) (int)(str).len, (str).data ? (str).data : ""

static bool refuse(struct lf_plan *plan, struct lf_planned *planned,
                   struct lf_str reason, const char *help, struct lf_error *err)
{
    if (!reason.data)
        return lf_error_oom(err);
    planned->action.kind = LF_ACTION_CONFLICT;
    planned->action.reason = reason;
    planned->action.help = lf_str(help);
    planned->fate = LF_FATE_NONE;
    (void)plan;
    return true;
}

static bool node_of(struct lf_resolver *resolver, struct lf_str path,
                    struct lf_node *ret, struct lf_error *err)
{
    struct lf_resolution *found;
    struct lf_resolve_request request = {.path = path,
                                         .flags = LF_RESOLVE_NOFOLLOW};
    if (!lf_resolve(resolver, &request, &found, err))
        return false;
    *ret = found->node;
    ret->text = lf_str("");
    if (found->outcome != LF_OUTCOME_OK)
        ret->kind = LF_NODE_NOTHING;
    lf_resolution_free(found);
    return true;
}

static bool check(struct lf_plan *plan, struct lf_resolver *resolver,
                  struct lf_planned *planned, struct lf_error *err)
{
    if (planned->action.source.len == 0)
        return refuse(plan, planned,
                      lf_str("there is no source to adopt it as"),
                      "an entry with `to` names only a link text; give it a "
                      "`from`, or write conflict: backup",
                      err);
    struct lf_node there, here;
    if (!node_of(resolver, planned->source_dir, &there, err) ||
        !node_of(resolver, planned->action.dir, &here, err))
        return false;
    if (there.kind != LF_NODE_DIR)
        return refuse(plan, planned,
                      lf_plan_text(plan,
                                   "the directory to adopt it into does "
                                   "not exist: %.*s",
                                   SHOW(planned->source_dir)),
                      "make that directory first", err);
    if (there.mount != here.mount)
        return refuse(plan, planned,
                      lf_plan_text(plan,
                                   "the source would be on another file "
                                   "system: %.*s",
                                   SHOW(planned->action.source)),
                      "move the file there yourself, or write conflict: backup",
                      err);
    return true;
}

bool lf_plan_check_adopts(struct lf_plan *plan, struct lf_view *view,
                          struct lf_error *err)
{
    struct lf_resolver *resolver = NULL;
    bool ok = true;
    for (uint32_t i = 0; ok && i < plan->n_planned; i++) {
        if (plan->planned[i].action.kind != LF_ACTION_ADOPT)
            continue;
        ok = (resolver || lf_resolver_new(view, &resolver, err)) &&
             check(plan, resolver, &plan->planned[i], err);
    }
    lf_resolver_free(resolver);
    return ok;
}
