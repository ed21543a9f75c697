/* SPDX-License-Identifier: MIT */
/*
 * pattern_index.h - the last pattern of a long list that matches
 *
 * Most patterns are plain names, or begin or end with some. Of these only those are
 * tried whose text a path begins or ends with, so that many patterns and many names
 * cost what both do, and not their product. What comes out is what trying all of
 * them would give.
 */
#ifndef LF_MANIFEST_PATTERN_INDEX_H
#define LF_MANIFEST_PATTERN_INDEX_H

#include "manifest/pattern.h"

/* Patterns of the same text. */
struct lf_pattern_group {
    struct lf_str key;
    uint32_t first, count; /* in the items of the order */
    uint32_t above;        /* the longest other key that this one begins with */
};

/* Patterns by what paths, or names, begin with, or end with. */
struct lf_pattern_order {
    uint32_t *items; /* in order of the texts, then of the list */
    struct lf_pattern_group *groups;
    uint32_t n_groups;
};

/** Zero-initialise before it is made. Borrows the list. */
struct lf_pattern_index {
    const struct lf_patterns *list;
    struct lf_pattern_order orders[2][2]; /* by name, at the end */
    uint32_t *others;                     /* to be tried with all paths */
    uint32_t n_others;
    bool ordered;   /* some are in the orders */
    uint64_t tried; /* patterns, in all questions */
};

/** Which patterns of a list are in an index; `arg` is the caller's. */
typedef bool lf_pattern_filter(const void *arg, uint32_t index);

/** Index the patterns of `list` that pass `filter` (NULL: all). Whatever comes of it,
 *  lf_pattern_index_finish() frees it. False: no memory. */
bool lf_pattern_index_make(struct lf_pattern_index *index,
                           const struct lf_patterns *list,
                           lf_pattern_filter *filter, const void *arg);

void lf_pattern_index_finish(struct lf_pattern_index *index);

uint32_t lf_pattern_index_search(struct lf_pattern_index *index,
                                 struct lf_str path, bool is_dir);

/** As lf_patterns_last(), of the patterns that are in the index. */
static inline uint32_t lf_pattern_index_last(struct lf_pattern_index *index,
                                             struct lf_str path, bool is_dir)
{
    /* of most trees there are none, and each name is asked for */
    return index->ordered || index->n_others > 0
                   ? lf_pattern_index_search(index, path, is_dir)
                   : LF_NO_PATTERN;
}

#endif
