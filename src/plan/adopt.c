/* SPDX-License-Identifier: MIT */
/*
 * adopt.c - which files can be adopted
 *
 * Adopting renames the foreign file to its source's place. A rename keeps
 * content, mode, owner, times and attributes as they are, which a copy can't
 * promise; so what can't be renamed can't be adopted, and is a conflict.
 */
#include "base/strmap.h"
#include "plan/plan.h"
#include "plan/prove.h"
#include "platform/sys.h"

#define SHOW(str) (int)(str).len, (str).data ? (str).data : ""

static bool refuse(struct lf_plan *plan, struct lf_planned *planned,
                   struct lf_str reason, const char *help, struct lf_error *err)
{
    struct lf_rare *rare = lf_plan_rare(plan, planned);
    if (!reason.data || !rare)
        return lf_error_oom(err);
    planned->kind = LF_ACTION_CONFLICT;
    rare->reason = reason;
    rare->help = lf_str(help);
    lf_planned_set_fate(planned, LF_FATE_NONE);
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

/* That what is the source now gives way, and where it will not come back from. */
static bool tell_old_source(struct lf_plan *plan, struct lf_planned *planned,
                            struct lf_str source, const struct lf_node *node,
                            struct lf_error *err)
{
    struct lf_rare *rare = lf_plan_rare(plan, planned);
    if (!rare)
        return lf_error_oom(err);
    const char *between = rare->help.len ? "\n" : "";
    rare->help = lf_plan_text(plan,
                              "%.*s%sthe %s that is %.*s now is moved to the "
                              "store, and stays there",
                              SHOW(rare->help), between,
                              lf_node_kind_name(node->kind), SHOW(source));
    return rare->help.data || lf_error_oom(err);
}

/* The one place that a file goes to, which is free or has an old source that is moved
 * to the store. A directory is not: what is in it may not be meant. */
static bool check_source(struct lf_plan *plan, struct lf_resolver *resolver,
                         uint32_t index, struct lf_strmap *sources,
                         struct lf_error *err)
{
    struct lf_planned *planned = &plan->planned[index];
    struct lf_str source = lf_plan_source(plan, planned);
    struct lf_node node;
    uint32_t first;
    if (!source.data || !lf_strmap_add(sources, source, index, &first))
        return lf_error_oom(err);
    if (first != index)
        return refuse(plan, planned,
                      lf_plan_text(plan,
                                   "another file would become %.*s as well",
                                   SHOW(source)),
                      plan->purpose == LF_PURPOSE_ADOPT
                              ? "adopt the two into two directories"
                              : "give one of them another source, or write "
                                "conflict: backup",
                      err);
    if (!node_of(resolver, source, &node, err))
        return false;
    if (node.kind == LF_NODE_DIR)
        return refuse(plan, planned,
                      lf_plan_text(plan, "the source is a directory: %.*s",
                                   SHOW(source)),
                      "correct the source, or write conflict: backup", err);
    return node.kind == LF_NODE_NOTHING ||
           tell_old_source(plan, planned, source, &node, err);
}

/* Its owner may write it for ever, and what becomes a source is read by whoever has a
 * link to it: root takes no source from another user, but for a directory of theirs.
 * Who adopts by hand has named the very file. */
static bool check_owner(struct lf_plan *plan, struct lf_resolver *resolver,
                        struct lf_planned *planned, const struct lf_node *there,
                        struct lf_error *err)
{
    struct lf_node file;
    struct lf_str path = lf_plan_path(plan, planned);
    if (lf_sys_uid() != 0 || plan->purpose == LF_PURPOSE_ADOPT)
        return true;
    if (!path.data)
        return lf_error_oom(err);
    if (!node_of(resolver, path, &file, err))
        return false;
    if (file.uid == 0 || file.uid == there->uid)
        return true;
    return refuse(plan, planned,
                  lf_plan_text(plan,
                               "it belongs to user %u, and would become a "
                               "source in a directory of user %u",
                               (unsigned)file.uid, (unsigned)there->uid),
                  "look at what is in it, then give it to root (chown), or "
                  "move it aside: conflict: backup",
                  err);
}

/* Between what no rename leads; NULL: nothing. Subvolumes of btrfs are on one mount,
 * each with a device of its own. */
static const char *apart(const struct lf_node *there,
                         const struct lf_node *here)
{
    if (there->mount == here->mount && there->dev == here->dev)
        return NULL;
    return there->mount != 0 && there->mount == here->mount ? "subvolume"
                                                            : "file system";
}

static bool check(struct lf_plan *plan, struct lf_resolver *resolver,
                  uint32_t index, struct lf_strmap *sources,
                  struct lf_error *err)
{
    struct lf_planned *planned = &plan->planned[index];
    if (lf_planned_stands(planned) != LF_NODE_FILE)
        return refuse(plan, planned,
                      lf_str("only files are adopted, and this is none"),
                      "move it aside: conflict: backup", err);
    if (!planned->in->source_dir)
        return refuse(plan, planned,
                      lf_str("there is no source to adopt it as"),
                      "an entry with `to` names only a link text; give it a "
                      "`from`, or write conflict: backup",
                      err);
    struct lf_node there, here;
    if (!node_of(resolver, lf_planned_source_dir(planned), &there, err) ||
        !node_of(resolver, *planned->in->dir, &here, err))
        return false;
    if (there.kind != LF_NODE_DIR)
        return refuse(plan, planned,
                      lf_plan_text(plan,
                                   "the directory to adopt it into does "
                                   "not exist: %.*s",
                                   SHOW(lf_planned_source_dir(planned))),
                      "make that directory first", err);
    if (!apart(&there, &here))
        return check_owner(plan, resolver, planned, &there, err) &&
               (planned->kind != LF_ACTION_ADOPT ||
                check_source(plan, resolver, index, sources, err));
    struct lf_str source = lf_plan_source(plan, planned);
    return source.data
                   ? refuse(plan, planned,
                            lf_plan_text(plan,
                                         "the source would be on another "
                                         "%s: %.*s",
                                         apart(&there, &here), SHOW(source)),
                            "move the file there yourself, or write "
                            "conflict: backup",
                            err)
                   : lf_error_oom(err);
}

/* ---- by hand ---- */

/* Nothing is recorded, so nothing could be put back: what stands at the new
 * place stays where it is. */
static bool check_place(struct lf_plan *plan, struct lf_resolver *resolver,
                        uint32_t index, struct lf_error *err)
{
    struct lf_planned *planned = &plan->planned[index];
    struct lf_str source = lf_plan_source(plan, planned);
    struct lf_str path = lf_plan_path(plan, planned);
    struct lf_node there;
    if (!source.data || !path.data)
        return lf_error_oom(err);
    if (lf_str_equal(source, path))
        return refuse(plan, planned,
                      lf_str("it is in the directory to adopt it into"),
                      "adopt into another directory", err);
    if (!node_of(resolver, source, &there, err))
        return false;
    if (there.kind != LF_NODE_NOTHING)
        return refuse(
                plan, planned,
                lf_plan_text(plan, "%.*s stands there already", SHOW(source)),
                "move it away, or adopt into another directory", err);
    return true;
}

static bool check_by_hand(struct lf_plan *plan, struct lf_resolver *resolver,
                          uint32_t index, struct lf_error *err)
{
    struct lf_planned *planned = &plan->planned[index];
    lf_planned_set_fate(planned, LF_FATE_NONE);
    if (planned->kind == LF_ACTION_CLAIM)
        planned->kind =
                LF_ACTION_KEEP; /* done already, and not ours to record */
    if (planned->kind == LF_ACTION_KEEP)
        return true;
    switch (lf_planned_stands(planned)) {
    case LF_NODE_FILE:
        return planned->kind != LF_ACTION_ADOPT ||
               check_place(plan, resolver, index, err);
    case LF_NODE_NOTHING:
        return refuse(plan, planned, lf_str("there is nothing to adopt"),
                      "name a file that exists", err);
    case LF_NODE_LINK:
        return refuse(plan, planned, lf_str("a link is not adopted"),
                      "adopt the file that it leads to, and remove the link",
                      err);
    case LF_NODE_DIR:
        return refuse(plan, planned, lf_str("a directory is not adopted"),
                      "name the files in it, or move it there yourself: apply "
                      "makes the link",
                      err);
    case LF_NODE_UNKNOWN:
        return true; /* a conflict already, which says why */
    case LF_NODE_OTHER:
        break;
    }
    return refuse(plan, planned, lf_str("only files are adopted"),
                  "leave it where it is", err);
}

static bool check_all_by_hand(struct lf_plan *plan, struct lf_view *view,
                              struct lf_error *err)
{
    struct lf_resolver *resolver;
    bool ok = true;
    if (!lf_resolver_new(view, &resolver, err))
        return false;
    for (uint32_t i = 0; ok && i < plan->n_planned; i++)
        ok = check_by_hand(plan, resolver, i, err);
    plan->ledger_changes = false;
    lf_resolver_free(resolver);
    return ok;
}

/* ---- all ---- */

bool lf_plan_check_adopts(struct lf_plan *plan, struct lf_view *view,
                          struct lf_error *err)
{
    struct lf_resolver *resolver = NULL;
    struct lf_strmap sources = {0};
    bool ok = plan->purpose != LF_PURPOSE_ADOPT ||
              check_all_by_hand(plan, view, err);
    for (uint32_t i = 0; ok && i < plan->n_planned; i++) {
        if (plan->planned[i].kind != LF_ACTION_ADOPT)
            continue;
        ok = (resolver || lf_resolver_new(view, &resolver, err)) &&
             check(plan, resolver, i, &sources, err);
    }
    lf_strmap_finish(&sources);
    lf_resolver_free(resolver);
    return ok;
}
