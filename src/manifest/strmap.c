/* SPDX-License-Identifier: MIT */
/*
 * strmap.c - from strings to numbers
 *
 * Open addressing with linear probing, at most half full.
 */
#include "manifest/strmap.h"

#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

void lf_strmap_finish(struct lf_strmap *map)
{
    free(map->slots);
    *map = (struct lf_strmap){0};
}

/* The slot that holds `key`, or the free one where it belongs. */
static struct lf_strmap_slot *slot_of(const struct lf_strmap *map,
                                      struct lf_str key)
{
    uint64_t hash = XXH3_64bits_withSeed(key.data, key.len, map->seed);
    uint32_t at = (uint32_t)hash & (map->capacity - 1);
    while (map->slots[at].key.data && !lf_str_equal(map->slots[at].key, key))
        at = (at + 1) & (map->capacity - 1);
    return &map->slots[at];
}

static bool grow(struct lf_strmap *map)
{
    struct lf_strmap bigger = {.seed = map->seed, .count = map->count};
    if (map->capacity > UINT32_MAX / 4)
        return false;
    bigger.capacity = map->capacity ? map->capacity * 2 : 16;
    bigger.slots = calloc(bigger.capacity, sizeof(*bigger.slots));
    if (!bigger.slots)
        return false;
    for (uint32_t i = 0; i < map->capacity; i++) {
        if (map->slots[i].key.data)
            *slot_of(&bigger, map->slots[i].key) = map->slots[i];
    }
    free(map->slots);
    *map = bigger;
    return true;
}

bool lf_strmap_add(struct lf_strmap *map, struct lf_str key, uint32_t value,
                   uint32_t *ret_value)
{
    if (map->count >= map->capacity / 2 && !grow(map))
        return false;
    struct lf_strmap_slot *slot = slot_of(map, key);
    if (!slot->key.data) {
        *slot = (struct lf_strmap_slot){key, value};
        map->count++;
    }
    *ret_value = slot->value;
    return true;
}

bool lf_strmap_find(const struct lf_strmap *map, struct lf_str key,
                    uint32_t *ret_value)
{
    if (map->capacity == 0)
        return false;
    const struct lf_strmap_slot *slot = slot_of(map, key);
    if (!slot->key.data)
        return false;
    *ret_value = slot->value;
    return true;
}
