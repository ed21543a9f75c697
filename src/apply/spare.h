/* SPDX-License-Identifier: MIT */
/*
 * spare.h - names for what nobody is to see yet, or any more
 *
 * ".lf-<tag>-<number>~": the tag, sixteen hexadecimal digits, is one that nobody
 * expects or guesses; and run-parts(8) and globs skip the whole. All spare names
 * of a transaction begin alike, so a number tells which one it is.
 */
#ifndef LF_APPLY_SPARE_H
#define LF_APPLY_SPARE_H

#include <linkfarm/str.h>
#include <stdint.h>

enum {
    LF_SPARE_LIMIT =
            64,         /* bytes of a spare name with its NUL, or of one that is
                            made from it */
    LF_SPARE_STEM = 21, /* bytes that all have in common */
};

/** What a spare name is written into. */
struct lf_spare_room {
    char text[LF_SPARE_LIMIT];
};

/** The spare names of a transaction. */
struct lf_spares {
    uint64_t tag;
    char stem[LF_SPARE_STEM];
};

void lf_spares_init(struct lf_spares *spares, uint64_t tag);

/** The name with that number, in `room`. */
struct lf_str lf_spare_name(const struct lf_spares *spares, uint32_t number,
                            struct lf_spare_room *room);

/** Whether `name` is one of them, and which. */
bool lf_spare_number(const struct lf_spares *spares, struct lf_str name,
                     uint32_t *ret_number);

/** Whether `name` looks like a spare name of any transaction. */
bool lf_is_spare(struct lf_str name);

#endif
