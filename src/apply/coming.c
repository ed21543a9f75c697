/* SPDX-License-Identifier: MIT */
/*
 * coming.c - sources that are not there before the apply
 */
#include "apply/coming.h"

#include "base/path.h"
#include "base/texts.h"
#include "resolve/resolver.h"

/* What stands at a place, a link as itself; LF_NODE_UNKNOWN where it cannot be seen. */
static bool kind_at(struct lf_resolver *resolver, struct lf_str dir,
                    struct lf_str name, enum lf_node_kind *ret,
                    struct lf_error *err)
{
    struct lf_buf path = {0};
    struct lf_resolution *found;
    lf_path_add(&path, dir, name);
    struct lf_resolve_request request = {.path = lf_buf_str(&path),
                                         .flags = LF_RESOLVE_NOFOLLOW};
    bool ok = lf_buf_failed(&path)
                      ? lf_error_oom(err)
                      : lf_resolve(resolver, &request, &found, err);
    lf_buf_finish(&path);
    if (!ok)
        return false;
    *ret = found->outcome == LF_OUTCOME_OK        ? found->node.kind
           : found->outcome == LF_OUTCOME_MISSING ? LF_NODE_NOTHING
                                                  : LF_NODE_UNKNOWN;
    lf_resolution_free(found);
    return true;
}

static bool is_listed(const struct lf_desired *desired, struct lf_str dir)
{
    while (dir.len > 1 &&
           !lf_texts_have(desired->sources, desired->n_sources, dir))
        dir = lf_path_dir(dir);
    return lf_texts_have(desired->sources, desired->n_sources, dir);
}

/* Whether a tree will find what the entry adopts, should it be a file. */
static bool may_come(const struct lf_desired *desired,
                     const struct lf_wish *wish, struct lf_str source)
{
    return wish->kind == LF_WISH_LINK && !wish->listed && source.len > 0 &&
           wish->entry->conflict == LF_CONFLICT_ADOPT &&
           is_listed(desired, source);
}

static bool add(struct lf_set *set, struct lf_str dir, struct lf_str name,
                struct lf_error *err)
{
    uint32_t index;
    return (lf_set_dir(set, dir, &index) && lf_set_add(set, index, name, 0)) ||
           lf_error_oom(err);
}

/* Add the source of an item to `next` if a file will go there, where none is yet. What
 * cannot be seen may be so: one too many is a link whose source is missing, which is
 * told. */
static bool take(struct lf_set *next, const struct lf_set *coming,
                 const struct lf_desired *desired, const struct lf_item *item,
                 struct lf_resolver *resolver, struct lf_error *err)
{
    const struct lf_wish *wish = lf_desired_wish(desired, item->detail);
    struct lf_str source = lf_desired_source_dir(desired, wish);
    struct lf_str name = lf_wish_source_name(wish);
    enum lf_node_kind there, here;
    if (!may_come(desired, wish, source) ||
        (coming->n_items > 0 && lf_set_find(coming, source, name)))
        return true;
    if (!kind_at(resolver, desired->set.dirs[lf_item_dir(item)].path,
                 lf_item_name(item), &here, err) ||
        !kind_at(resolver, source, name, &there, err))
        return false;
    bool file = here == LF_NODE_FILE || here == LF_NODE_UNKNOWN;
    bool is_free = there == LF_NODE_NOTHING || there == LF_NODE_UNKNOWN;
    return !file || !is_free || add(next, source, name, err);
}

/* A sealed set takes nothing more: what it has goes into the next one. */
static bool add_all(struct lf_set *next, const struct lf_set *coming,
                    struct lf_error *err)
{
    for (uint32_t i = 0; i < coming->n_items; i++) {
        const struct lf_item *item = &coming->items[i];
        if (!add(next, coming->dirs[lf_item_dir(item)].path, lf_item_name(item),
                 err))
            return false;
    }
    return lf_set_seal(next) || lf_error_oom(err);
}

bool lf_coming_find(struct lf_set *coming, const struct lf_desired *desired,
                    struct lf_resolver *resolver, bool *ret_any,
                    struct lf_error *err)
{
    struct lf_set next = {0};
    bool ok = true;
    *ret_any = false;
    if (!desired->adopts || desired->n_sources == 0)
        return true;
    for (uint32_t i = 0; ok && i < desired->set.n_items; i++)
        ok = take(&next, coming, desired, &desired->set.items[i], resolver,
                  err);
    *ret_any = ok && next.n_items > 0;
    if (*ret_any && add_all(&next, coming, err)) {
        lf_set_finish(coming);
        *coming = next;
        return true;
    }
    lf_set_finish(&next);
    return ok && !*ret_any;
}
