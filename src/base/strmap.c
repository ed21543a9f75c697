/* SPDX-License-Identifier: MIT */
/*
 * strmap.c - from strings to numbers
 *
 * Open addressing with linear probing, at most half full.
 */
#include "base/strmap.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

void lf_strmap_finish(struct lf_strmap *map)
{
    free(map->slots);
    *map = (struct lf_strmap){0};
}

static bool is_at(const struct lf_strmap_slot *slot, struct lf_str key)
{
    return slot->len == key.len && memcmp(slot->key, key.data, key.len) == 0;
}

/* The slot that holds `key`, or the free one where it belongs. */
static struct lf_strmap_slot *slot_of(const struct lf_strmap *map,
                                      struct lf_str key)
{
    uint64_t hash =
            XXH3_64bits_withSeed(key.data, key.len, (uintptr_t)map->slots);
    uint32_t at = (uint32_t)hash & (map->capacity - 1);
    while (map->slots[at].key && !is_at(&map->slots[at], key))
        at = (at + 1) & (map->capacity - 1);
    return &map->slots[at];
}

static bool grow(struct lf_strmap *map, uint32_t capacity)
{
    struct lf_strmap bigger = {.count = map->count, .capacity = capacity};
    bigger.slots = calloc(capacity, sizeof(*bigger.slots));
    if (!bigger.slots)
        return false;
    for (uint32_t i = 0; i < map->capacity; i++) {
        const struct lf_strmap_slot *slot = &map->slots[i];
        if (slot->key)
            *slot_of(&bigger, lf_str_of(slot->key, slot->len)) = *slot;
    }
    free(map->slots);
    *map = bigger;
    return true;
}

bool lf_strmap_reserve(struct lf_strmap *map, uint32_t count)
{
    uint32_t capacity = map->capacity ? map->capacity : 16;
    while (count > capacity / 2) {
        if (capacity > UINT32_MAX / 4)
            return false;
        capacity *= 2;
    }
    return capacity == map->capacity || grow(map, capacity);
}

bool lf_strmap_add(struct lf_strmap *map, struct lf_str key, uint32_t value,
                   uint32_t *ret_value)
{
    if (map->count >= map->capacity / 2 &&
        !lf_strmap_reserve(map, map->count + 1))
        return false;
    struct lf_strmap_slot *slot = slot_of(map, key);
    if (!slot->key) {
        *slot = (struct lf_strmap_slot){key.data, (uint32_t)key.len, value};
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
    if (!slot->key)
        return false;
    *ret_value = slot->value;
    return true;
}
