/* SPDX-License-Identifier: MIT */
/*
 * pattern.h - lists of gitignore patterns
 *
 * A list is what one .gitignore file at the top of a source tree would be:
 * patterns are matched by bytes against paths relative to the tree, and the
 * last one that matches decides. `git check-ignore --no-index` is the oracle.
 */
#ifndef LF_MANIFEST_PATTERN_H
#define LF_MANIFEST_PATTERN_H

#include "base/arena.h"
#include <linkfarm/error.h>

#define LF_NO_PATTERN UINT32_MAX

struct lf_pattern;

/** Zero-initialise (`= {0}`) before the first use. The list owns its array;
 *  the patterns are in the arena that they were added with. */
struct lf_patterns {
    struct lf_pattern *items;
    uint32_t count, capacity;
};

/** Free the array; the list is then empty. */
void lf_patterns_finish(struct lf_patterns *list);

/**
 * Add one pattern, copied into `arena`. A pattern that can match nothing (an
 * empty one, a comment, an open bracket) is not added: `*ret_fault` then says
 * why, and is NULL otherwise. False: no memory.
 */
bool lf_patterns_add(struct lf_patterns *list, struct lf_arena *arena,
                     struct lf_str text, const char **ret_fault);

/**
 * The index of the last pattern that matches `path` itself (relative, without
 * a slash at either end), or LF_NO_PATTERN.
 */
uint32_t lf_patterns_last(const struct lf_patterns *list, struct lf_str path,
                          bool is_dir);

/**
 * The same with the rule that nothing below an excluded directory can be taken
 * back: the first directory on the way whose last pattern is not negative
 * decides for all below it.
 */
uint32_t lf_patterns_decide(const struct lf_patterns *list, struct lf_str path,
                            bool is_dir);

/** Whether pattern `index`, negative or not, matches `path` itself. */
bool lf_pattern_matches(const struct lf_patterns *list, uint32_t index,
                        struct lf_str path, bool is_dir);

/** What all that a pattern matches begins with, or ends with. */
struct lf_pattern_key {
    struct lf_str text; /* borrowed */
    bool by_name;       /* the name does, else the path */
    bool at_end;
};

/** The longer of both, if anything is common to all that pattern `index` matches. */
bool lf_pattern_key(const struct lf_patterns *list, uint32_t index,
                    struct lf_pattern_key *ret_key);

/** Whether pattern `index` begins with `!`. */
bool lf_pattern_negative(const struct lf_patterns *list, uint32_t index);

/** Whether `index` is a pattern, and not a negative one. */
bool lf_pattern_selects(const struct lf_patterns *list, uint32_t index);

/** Pattern `index` as it was written. Borrowed. */
struct lf_str lf_pattern_text(const struct lf_patterns *list, uint32_t index);

/** Say where pattern `index` stands, and be told. No place at first. */
void lf_pattern_put(struct lf_patterns *list, uint32_t index,
                    struct lf_mark mark);
struct lf_mark lf_pattern_mark(const struct lf_patterns *list, uint32_t index);

#endif
