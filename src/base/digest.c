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

uint64_t lf_digest_long(struct lf_str text)
{
    uint64_t digest = 0;
    do {
        size_t len = text.len < LF_DIGEST_STRIDE ? text.len : LF_DIGEST_STRIDE;
        digest = lf_digest(digest, lf_str_of(text.data, len));
        text = lf_str_of(text.data + len, text.len - len);
    } while (text.len > 0);
    return digest;
}
