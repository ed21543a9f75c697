/* SPDX-License-Identifier: MIT */
/*
 * digest.h - a number that tells texts apart
 *
 * XXH3 with 64 bits: for texts that nobody has a reason to forge, such as a
 * user's own manifest of yesterday and of today.
 */
#ifndef LF_BASE_DIGEST_H
#define LF_BASE_DIGEST_H

#include <linkfarm/str.h>
#include <stdint.h>

/** The digest of `text`, with that of what came before it as `seed` (or 0).
 *  A text whose data is NULL has another one than an empty text. */
uint64_t lf_digest(uint64_t seed, struct lf_str text);

/** Bytes that lf_digest_long() takes at a time. As few as a heap hands out
 *  again, and as a processor has near at hand: fresh pages for all of a long text
 *  cost more than its digest. */
enum { LF_DIGEST_STRIDE = 32 * 1024 };

/** The digest of a text that may be long: lf_digest() of one stride after the
 *  other, each with that of the strides before it as seed, so that nobody needs
 *  all of it at once. */
uint64_t lf_digest_long(struct lf_str text);

#endif
