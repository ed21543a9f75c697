/* SPDX-License-Identifier: MIT */
/*
 * pair.h - a text in two parts, made one
 */
#ifndef LF_BASE_PAIR_H
#define LF_BASE_PAIR_H

#include "base/path.h"

#include <assert.h>

/** What a path or link text is written into. */
struct lf_pair_room {
    char bytes[LF_PATH_LIMIT + 1];
};

/** The whole, followed by a NUL: it stands there already, or in `room`. `pair` has at
 *  most LF_PATH_LIMIT bytes. */
static inline struct lf_str lf_pair_join(struct lf_pair pair,
                                         struct lf_pair_room *room)
{
    size_t len = lf_pair_len(pair);
    if (pair.start.len == 0)
        return pair.rest;
    assert(len <= LF_PATH_LIMIT);
    memcpy(room->bytes, pair.start.data, pair.start.len);
    if (pair.rest.len > 0)
        memcpy(room->bytes + pair.start.len, pair.rest.data, pair.rest.len);
    room->bytes[len] = '\0';
    return lf_str_of(room->bytes, len);
}

#endif
