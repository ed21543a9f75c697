/* SPDX-License-Identifier: MIT */
/*
 * tree_walk.h - the state of walking a source tree
 */
#ifndef LF_MANIFEST_TREE_WALK_H
#define LF_MANIFEST_TREE_WALK_H

#include "manifest/expander.h"
#include "platform/ahead.h"

#define LF_NO_RULE UINT32_MAX

/* Which rule decides each setting; a later rule wins over an earlier one. */
struct lf_ruling {
    uint32_t fold, style, conflict;
};

struct lf_child {
    struct lf_str name;
    enum lf_node_kind kind;
};

/* What is in a directory, read by the walk or by a helper that goes ahead. */
struct lf_listing {
    struct lf_ahead_task task;
    struct lf_str dir;         /* physical, and ends in NUL */
    struct lf_arena names;     /* of the children, and what is made of them */
    struct lf_child *children; /* files by name, and directories */
    uint32_t n_children, child_capacity;
    int result; /* 0, or a negative errno */
    bool no_memory;
    bool recalled;       /* it was known, and not read */
    bool searchable;     /* names in it can be looked up */
    struct lf_node node; /* the directory itself, if it is searchable */
};

/* A directory that is to be read. */
struct lf_branch {
    struct lf_str source;       /* physical */
    struct lf_listing *listing; /* put up for helpers; NULL: it is not */
    struct lf_str path;         /* link path of the directory, as spelled */
    struct lf_ruling ruling;
    uint32_t fold; /* index of its note in the expander, or LF_NO_FOLD */
    bool selected; /* `only` selects all below */
};

/* An entry as the rules change it. */
struct lf_variant {
    struct lf_ruling ruling;
    const struct lf_entry
            *entry; /* stands where the rule does that decided last */
};

/* A path of a directory, and now and then of a name in it. */
struct lf_stem {
    struct lf_buf path;
    size_t len; /* of the directory's part, with its slash */
};

struct lf_tree_walk {
    struct lf_expander *expander;
    const struct lf_tree *tree;
    struct lf_pattern_index ignore, only;
    struct lf_pattern_index fold, style, conflict; /* rules that say it */
    struct lf_arena arena;                         /* paths of branches */
    struct lf_branch *stack;
    uint32_t depth, stack_capacity;
    uint32_t listed;            /* directories that had to be read */
    struct lf_ahead *ahead;     /* NULL: nobody helps */
    struct lf_watch *watches;   /* of the helpers */
    bool ok;                    /* of a walk with helpers */
    struct lf_listing alone;    /* of the one branch that nobody put up */
    struct lf_listing *listing; /* of the directory that is being read */
    size_t top;              /* bytes of a physical path before the relative */
    struct lf_stem relative; /* path that patterns are matched against */
    struct lf_stem spelled;  /* source, as spelled */
    struct lf_stem link;     /* link path, as spelled */
    struct lf_buf scratch;
    struct lf_variant *variants;
    uint32_t n_variants, variant_capacity;
    struct lf_strmap rulings; /* bytes of one -> index into variants */
    /* of the directory that is being read */
    struct lf_str link_dir; /* physical; data NULL: not asked for yet */
    bool misplaced;
    bool folding; /* some directories may become one link */
};

/* ---- expand_tree.c ---- */

/** Names of `branch` come next. False: err is set. */
bool lf_walk_enter(struct lf_tree_walk *walk, const struct lf_branch *branch);

/** What one name of a branch gives: a wish, a branch on the stack, or nothing.
 *  False: err is set. */
bool lf_walk_take(struct lf_tree_walk *walk, const struct lf_branch *branch,
                  const struct lf_child *child);

/** Say that a directory cannot be read; `dir` empty: the tree's own. True. */
bool lf_walk_unreadable(struct lf_tree_walk *walk, struct lf_str dir,
                        int error);

/* ---- tree_visit.c ---- */

/** Take all of what is on the stack, and what comes on it. False: err is set. */
bool lf_walk_all(struct lf_tree_walk *walk);

/* ---- tree_read.c ---- */

/** Read the names in `listing->dir` into the listing; what it held is gone. `watch` is
 *  the thread's own, or NULL. */
void lf_listing_read(struct lf_listing *listing,
                     const struct lf_expand_request *request,
                     struct lf_watch *watch);

/** Free what it holds; it can be read into again. */
void lf_listing_finish(struct lf_listing *listing);

/* ---- tree_rules.c ---- */

/** Index the rules by what they say. False: no memory. */
bool lf_walk_index_rules(struct lf_tree_walk *walk);

/** Let the rules that match `relative` itself change `ruling`. */
void lf_walk_rules(struct lf_tree_walk *walk, struct lf_str relative,
                   bool is_dir, struct lf_ruling *ruling);

/** Whether both settle the same, be it by other rules. */
bool lf_ruled_alike(const struct lf_tree *tree, const struct lf_ruling *a,
                    const struct lf_ruling *b);

/** How `ruling` settles `fold`. */
enum lf_fold lf_ruling_fold(const struct lf_tree *tree,
                            const struct lf_ruling *ruling);

/** The entry that `ruling` makes, kept for the next time. False: err is set. */
bool lf_walk_variant(struct lf_tree_walk *walk, const struct lf_ruling *ruling,
                     struct lf_variant *ret);

#endif
