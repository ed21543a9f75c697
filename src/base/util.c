/* SPDX-License-Identifier: MIT */
/*
 * util.c - growing arrays
 */
#include "base/util.h"

#include <assert.h>

bool lf_array_reserve(void **array, uint32_t count, uint32_t *capacity,
                      size_t size)
{
    assert(size != 0);
    if (count < *capacity)
        return true;
    if (count == UINT32_MAX)
        return false;
    uint32_t wanted = *capacity < 8 ? 8 : *capacity;
    while (wanted <= count)
        wanted = wanted > UINT32_MAX / 2 ? UINT32_MAX : wanted * 2;
    if (wanted > SIZE_MAX / size)
        return false;
    void *grown = realloc(*array, wanted * size);
    if (!grown)
        return false;
    *array = grown;
    *capacity = wanted;
    return true;
}
