/* SPDX-License-Identifier: MIT */
/*
 * merge.h - two sets in step
 *
 * Private to src/observe.
 */
#ifndef LF_OBSERVE_MERGE_H
#define LF_OBSERVE_MERGE_H

#include "observe/observe.h"

/** One run over both sets; the places come out in order, each once. */
struct lf_merge {
    const struct lf_expected *sides[2];
    uint32_t next[2]; /* item of each that is due */
};

struct lf_merged {
    struct lf_str dir, name;
    uint32_t details[2]; /* LF_NOT_MET where a side does not have it */
};

/** The next place; false at the end. */
bool lf_merge_next(struct lf_merge *merge, struct lf_merged *ret);

#endif
