/* SPDX-License-Identifier: MIT */
/*
 * import_wanted.c - which of dotbot's links stand in the end
 *
 * dotbot makes one after the other. Where a link stands already, it leaves that
 * alone, unless it is told to relink; a link without a source it does not make.
 */
#include "cli/import_dotbot.h"

#include "base/util.h"

#include <stdlib.h>

void lf_dotbot_links_finish(struct lf_dotbot_links *links)
{
    lf_strmap_finish(&links->places);
    free(links->items);
}

static bool same_style(const char *a, const char *b)
{
    return !a == !b;
}

static enum lf_dotbot_outcome meet(struct lf_dotbot_wanted *old,
                                   const struct lf_dotbot_wanted *wanted)
{
    if (lf_str_equal(old->link.source, wanted->link.source) &&
        same_style(old->link.style, wanted->link.style))
        return LF_DOTBOT_TAKEN;
    if (!wanted->made || (old->made && !wanted->relinks))
        return LF_DOTBOT_LEFT;
    *old = *wanted;
    return LF_DOTBOT_TAKEN;
}

enum lf_dotbot_outcome lf_dotbot_want(struct lf_dotbot_links *links,
                                      const struct lf_dotbot_wanted *wanted)
{
    void *items = links->items;
    uint32_t at;
    if (!lf_strmap_add(&links->places, wanted->link.key, links->count, &at))
        return LF_DOTBOT_NO_MEMORY;
    if (at < links->count)
        return meet(&links->items[at], wanted);
    if (!lf_array_reserve(&items, links->count, &links->capacity,
                          sizeof(*wanted)))
        return LF_DOTBOT_NO_MEMORY;
    links->items = items;
    links->items[links->count++] = *wanted;
    return LF_DOTBOT_TAKEN;
}
