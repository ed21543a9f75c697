/* SPDX-License-Identifier: MIT */
/*
 * util.h - clean-up attributes and growing arrays
 */
#ifndef LF_BASE_UTIL_H
#define LF_BASE_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define LF_COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline void lf_auto_free(void *pointer)
{
    free(*(void **)pointer);
}

/** free(3) for memory that is owned, but seen through a view. */
static inline void lf_free_const(const void *pointer)
{
    free((void *)(uintptr_t)pointer);
}

/** Frees the variable's heap pointer when it goes out of scope. */
#define LF_AUTO_FREE __attribute__((cleanup(lf_auto_free)))

/**
 * Make room for one more element of `size` bytes in the heap array `*array`,
 * which has `count` elements and room for `*capacity`. Grows by doubling.
 * False, changing nothing, when memory runs out or 32 bits do not suffice.
 */
bool lf_array_reserve(void **array, uint32_t count, uint32_t *capacity,
                      size_t size);

#endif
