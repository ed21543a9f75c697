/* SPDX-License-Identifier: MIT */
/*
 * tree_walk.h - the state of walking a source tree
 */
#ifndef LF_MANIFEST_TREE_WALK_H
#define LF_MANIFEST_TREE_WALK_H

#include "manifest/expander.h"

#define LF_NO_RULE UINT32_MAX

/* Which rule decides each setting; a later rule wins over an earlier one. */
struct lf_ruling {
    uint32_t fold, style, conflict;
};

/* A directory that is to be read. */
struct lf_branch {
    struct lf_str source; /* physical */
    struct lf_str path;   /* link path of the directory, as spelled */
    struct lf_ruling ruling;
    uint32_t fold; /* index of its note in the expander, or LF_NO_FOLD */
    bool selected; /* `only` selects all below */
};

struct lf_child {
    struct lf_str name;
    enum lf_node_kind kind;
};

/* An entry as the rules change it. */
struct lf_variant {
    struct lf_ruling ruling;
    const struct lf_entry *entry;
    struct lf_mark mark; /* of the rule that decided last */
};

struct lf_tree_walk {
    struct lf_expander *expander;
    const struct lf_tree *tree;
    struct lf_patterns ignore; /* of every tree, then of this one */
    struct lf_arena arena;     /* paths of branches */
    struct lf_branch *stack;
    uint32_t depth, stack_capacity;
    struct lf_arena names; /* of the directory that is being read */
    struct lf_child *children;
    uint32_t n_children, child_capacity;
    bool no_memory;
    size_t top;             /* bytes of a physical path before the relative */
    struct lf_buf relative; /* path that patterns are matched against */
    struct lf_buf spelled;  /* source, as spelled */
    struct lf_buf link;     /* link path, as spelled */
    struct lf_variant *variants;
    uint32_t n_variants, variant_capacity;
    /* of the directory that is being read */
    struct lf_str link_dir; /* physical; data NULL: not asked for yet */
    bool searchable; /* names in it can be looked up, as far as that matters */
    bool misplaced;
    bool folding; /* some directories may become one link */
};

/* ---- tree_read.c ---- */

/** Fill `children` with what is in `branch`, sorted by name. Returns 0 or a
 *  negative errno; without memory `no_memory` is set. */
int lf_walk_read(struct lf_tree_walk *walk, const struct lf_branch *branch);

/* ---- tree_rules.c ---- */

/** Let the rules that match `relative` itself change `ruling`. */
void lf_walk_rules(const struct lf_tree_walk *walk, struct lf_str relative,
                   bool is_dir, struct lf_ruling *ruling);

bool lf_same_ruling(const struct lf_ruling *a, const struct lf_ruling *b);

/** How `ruling` settles `fold`. */
enum lf_fold lf_ruling_fold(const struct lf_tree *tree,
                            const struct lf_ruling *ruling);

/** The entry that `ruling` makes, kept for the next time; there are few. False:
 *  err is set. */
bool lf_walk_variant(struct lf_tree_walk *walk, const struct lf_ruling *ruling,
                     struct lf_variant *ret);

#endif
