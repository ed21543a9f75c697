/* SPDX-License-Identifier: MIT */
/*
 * owned.c - what all farms own, to be looked up
 */
#include "cli/owned.h"

#include "base/path.h"

static bool add_item(struct lf_listing *owned, struct lf_arena *arena,
                     const struct lf_farm_item *item, struct lf_error *err)
{
    struct lf_listed listed = {
            .path = lf_arena_str(arena, item->path),
            .kind = item->kind == LF_RECORD_DIR ? LF_NODE_DIR : LF_NODE_LINK,
            .text = lf_arena_str(arena, item->text),
    };
    if (!listed.path.data || !listed.text.data)
        return lf_error_oom(err);
    return lf_listing_add(owned, &listed, err);
}

static bool add_farm(struct lf_listing *owned, struct lf_arena *arena,
                     struct lf_farms *farms, struct lf_str name,
                     struct lf_error *err)
{
    struct lf_generation *generation;
    bool done = true;
    if (!lf_generation_open(farms, name, 0, &generation, err))
        return false;
    for (size_t i = 0; done && i < lf_generation_count(generation); i++) {
        struct lf_farm_item item;
        done = lf_generation_item(generation, i, &item, err) &&
               add_item(owned, arena, &item, err);
    }
    lf_generation_free(generation);
    return done;
}

bool lf_owned_load(struct lf_session *session, struct lf_arena *arena,
                   struct lf_listing *owned, struct lf_error *err)
{
    struct lf_farms *farms;
    if (!lf_session_show_farms(session, &farms, err))
        return false;
    for (size_t i = 0; i < lf_farms_count(farms); i++)
        if (!add_farm(owned, arena, farms, lf_farms_info(farms, i)->name, err))
            return false;
    lf_listing_sort(owned);
    return true;
}

/* Two farms may have made one directory. */
bool lf_owned_has(const struct lf_listing *owned, const struct lf_listed *item)
{
    for (uint32_t i = lf_listing_find(owned, item->path);
         i < owned->count && lf_str_equal(owned->items[i].path, item->path);
         i++) {
        if (owned->items[i].kind == item->kind &&
            lf_str_equal(owned->items[i].text, item->text))
            return true;
    }
    return false;
}

bool lf_owned_below(const struct lf_listing *owned, struct lf_str path)
{
    uint32_t i = lf_listing_find(owned, path);
    while (i < owned->count && lf_str_equal(owned->items[i].path, path))
        i++;
    return i < owned->count && lf_path_within(owned->items[i].path, path);
}
