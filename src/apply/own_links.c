/* SPDX-License-Identifier: MIT */
/*
 * own_links.c - links that are no way while a manifest is expanded
 */
#include "apply/own_links.h"

#include "base/path.h"
#include "base/util.h"

#include <stdlib.h>

static bool is_recorded(const struct lf_own_links *own, struct lf_str dir,
                        struct lf_str name)
{
    const struct lf_recorded *recorded = own->recorded;
    const struct lf_item *item =
            recorded ? lf_set_find(&recorded->set, dir, name) : NULL;
    return item && recorded->records[item->detail].kind == LF_RECORD_LINK;
}

/* The link at a place, noted if it is met for the first time; NULL without memory. */
static const struct lf_met_link *meet(struct lf_own_links *own,
                                      struct lf_str dir, struct lf_str name,
                                      struct lf_str text)
{
    struct lf_str path = lf_path_in(&own->room, dir, name);
    uint32_t at;
    if (path.data && lf_strmap_find(&own->index, path, &at))
        return &own->met[at];
    void *met = own->met;
    struct lf_met_link link = {
            .dir = lf_arena_str(&own->arena, dir),
            .name = lf_arena_str(&own->arena, name),
            .text = lf_arena_str(&own->arena, text),
    };
    if (path.data)
        path = lf_arena_str(&own->arena, path);
    if (!path.data || !link.dir.data || !link.name.data || !link.text.data ||
        !lf_array_reserve(&met, own->n_met, &own->met_capacity, sizeof(link)))
        return NULL;
    own->met = met;
    if (!lf_strmap_add(&own->index, path, own->n_met, &at))
        return NULL;
    own->met[own->n_met] = link;
    return &own->met[own->n_met++];
}

/* For lf_resolver_hide(). */
static bool hides(void *arg, struct lf_str dir, struct lf_str name,
                  const struct lf_node *node)
{
    struct lf_own_links *own = arg;
    if (is_recorded(own, dir, name))
        return true;
    const struct lf_met_link *link = meet(own, dir, name, node->text);
    own->failed |= !link;
    return link && link->taken;
}

void lf_own_links_hide(struct lf_own_links *own, struct lf_resolver *resolver)
{
    lf_resolver_hide(resolver, hides, own);
}

/* Whether the farm will have a link in the place of one that was met. What is left
 * alone there, or stops the plan, stays what it is. */
static bool is_wanted(const struct lf_desired *desired,
                      const struct lf_met_link *link)
{
    const struct lf_item *item =
            lf_set_find(&desired->set, link->dir, link->name);
    if (!item)
        return false;
    const struct lf_wish *wish = lf_desired_wish(desired, item->detail);
    return wish->kind == LF_WISH_LINK &&
           (wish->entry->conflict == LF_CONFLICT_BACKUP ||
            lf_pair_is(lf_desired_text(desired, wish), link->text));
}

bool lf_own_links_take(struct lf_own_links *own,
                       const struct lf_desired *desired, bool *ret_any,
                       struct lf_error *err)
{
    *ret_any = false;
    if (own->failed)
        return lf_error_oom(err);
    for (uint32_t i = 0; i < own->n_met; i++) {
        struct lf_met_link *link = &own->met[i];
        if (link->taken || !is_wanted(desired, link))
            continue;
        link->taken = true;
        *ret_any = true;
    }
    return true;
}

void lf_own_links_finish(struct lf_own_links *own)
{
    lf_arena_finish(&own->arena);
    lf_strmap_finish(&own->index);
    free(own->met);
    lf_buf_finish(&own->room);
}
