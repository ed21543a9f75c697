/* SPDX-License-Identifier: MIT */
/*
 * strmap.h - from strings to numbers
 *
 * Where the slots happen to lie in memory is the seed of the hash, so that nobody
 * can write a manifest whose keys all collide. It never shows in a result.
 */
#ifndef LF_BASE_STRMAP_H
#define LF_BASE_STRMAP_H

#include <linkfarm/str.h>
#include <stdint.h>

struct lf_strmap_slot {
    const char *key; /* NULL: free */
    uint32_t len;
    uint32_t value;
};

/** Zero-initialise before the first use. Borrows its keys. */
struct lf_strmap {
    struct lf_strmap_slot *slots;
    uint32_t capacity; /* 0 or a power of two */
    uint32_t count;
};

void lf_strmap_finish(struct lf_strmap *map);

/** Make room for `count` keys in all, which need not grow it then. False: no
 *  memory. */
bool lf_strmap_reserve(struct lf_strmap *map, uint32_t count);

/**
 * Map `key` (data not NULL, at most UINT32_MAX bytes) to `value` unless it is there
 * already: then `*ret_value` gets what it maps to, else `value`. False: no memory.
 */
bool lf_strmap_add(struct lf_strmap *map, struct lf_str key, uint32_t value,
                   uint32_t *ret_value);

/** Whether `key` is there; `*ret_value` gets what it maps to. */
bool lf_strmap_find(const struct lf_strmap *map, struct lf_str key,
                    uint32_t *ret_value);

#endif
