/* SPDX-License-Identifier: MIT */
/* digest.c - a number that tells texts apart */
#include "base/digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t lf_digest(uint64_t seed, struct lf_str text)
{
    if (!text.data)
        return XXH3_64bits_withSeed("", 0, ~seed);
    return XXH3_64bits_withSeed(text.data, text.len, seed);
}
