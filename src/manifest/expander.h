/* SPDX-License-Identifier: MIT */
/*
 * expander.h - the state of expanding a manifest, and its stages
 *
 * Stages, each a file: expand_place (where a link path physically is),
 * expand_source (where its source is, and the text), expand_tree (which files
 * a tree has; with tree_rules), settle (who gets a place that several want),
 * fold (which directories may be one link), list_sources (which of the sources are
 * plain files).
 */
#ifndef LF_MANIFEST_EXPANDER_H
#define LF_MANIFEST_EXPANDER_H

#include "base/buf.h"
#include "base/strmap.h"
#include "manifest/desired.h"
#include "manifest/model.h"
#include "manifest/pattern_index.h"

/** The way from one physical directory to another, as link texts begin. */
struct lf_way {
    struct lf_buf dir;
    struct lf_str source_dir; /* data NULL: none yet */
    struct lf_str text;       /* empty, or ends in a slash */
    enum lf_reltext_reason reason;
};

#define LF_NO_FOLD UINT32_MAX

/** A directory that may become one link to the source directory. */
struct lf_fold_note {
    const struct lf_entry *entry; /* the tree, as the rules make it there */
    struct lf_str path;           /* physical */
    struct lf_str spelled;        /* link path */
    struct lf_str source;         /* physical */
    struct lf_str spelled_source;
    uint32_t above; /* note of the directory above, or LF_NO_FOLD */
    uint32_t links; /* of this tree, below */
    bool foldable;  /* as far as the tree alone can tell */
};

struct lf_expander {
    const struct lf_expand_request *request;
    const struct lf_manifest *manifest;
    struct lf_diags *diags;
    struct lf_error *err;
    struct lf_desired *desired;
    uint32_t misplaced_capacity;
    struct lf_pattern_index ignore; /* of every tree */
    struct lf_str *sources;         /* of trees, not yet sorted */
    uint32_t n_sources, source_capacity;
    struct lf_way way; /* the last one: callers come in runs */
    struct lf_fold_note *notes;
    uint32_t n_notes, note_capacity;
    struct lf_strmap fold_places; /* physical path -> index into notes */
    struct lf_buf guarded; /* the spelled directory that was found right last */
    struct lf_buf path;    /* scratch */
    struct lf_buf link, source; /* paths of the entry, as spelled */
};

/** How an entry came out. */
enum lf_expanded {
    LF_EXPANDED,
    LF_EXPANDED_NOT,    /* reported, as misplaced or as a diagnostic */
    LF_EXPANDED_FAILED, /* expander->err is set */
};

/* ---- expand_place.c ---- */

/**
 * The physical directory that holds link path `path`. Borrowed from the
 * resolver.
 */
enum lf_expanded lf_expand_place(struct lf_expander *expander,
                                 struct lf_str path, struct lf_mark mark,
                                 struct lf_str *ret_dir);

/**
 * Whether nobody leads the way to directory `dir`, as it is spelled, who may not:
 * something is to change there. Else `path` is reported.
 */
enum lf_expanded lf_expand_guard(struct lf_expander *expander,
                                 struct lf_str dir, struct lf_str path,
                                 struct lf_mark mark);

/**
 * The same without a report: `*ret_blocked` is what stands in the way, or
 * empty, and then `*ret_dir` is where the path would lead.
 */
bool lf_expand_find(struct lf_expander *expander, struct lf_str path,
                    struct lf_str *ret_dir, struct lf_str *ret_blocked);

/** Report what lf_expand_find() found to stand in the way. */
enum lf_expanded lf_expand_blocked(struct lf_expander *expander,
                                   struct lf_str path, struct lf_mark mark,
                                   struct lf_str dir, struct lf_str blocked);

/** Report a link path that cannot be taken; texts are copied. */
enum lf_expanded lf_expand_misplaced(struct lf_expander *expander,
                                     const struct lf_misplaced *misplaced);

/** Add a wish at a place, and all directories above it. False: err is set. */
bool lf_expand_wish(struct lf_expander *expander, struct lf_str dir,
                    struct lf_str name, const struct lf_wish *wish);

/* ---- expand_source.c ---- */

/** Where a link of an entry leads: the spelled source, and where it is. */
struct lf_led {
    const struct lf_entry *entry;
    struct lf_str path;                    /* the link path, for messages */
    struct lf_str source;                  /* absolute, spelled */
    struct lf_str source_dir, source_name; /* physical */
};

/** The physical directory and name of `source`, in the desired set's memory. */
enum lf_expanded lf_expand_source(struct lf_expander *expander,
                                  struct lf_led *led);

/** The text of the link that leads there from physical `dir`: its rest in the desired
 *  set's memory, how it starts borrowed until the next one. */
enum lf_expanded lf_expand_text(struct lf_expander *expander, struct lf_str dir,
                                const struct lf_led *led,
                                struct lf_pair *ret_text);

/* ---- expand_tree.c ---- */

/** Add the links of a tree. False: err is set. */
bool lf_expand_tree(struct lf_expander *expander, const struct lf_tree *tree);

/* ---- fold.c ---- */

/** Note a directory of a tree; `note` is copied, its texts are borrowed. False:
 *  err is set. */
bool lf_fold_note(struct lf_expander *expander, const struct lf_fold_note *note,
                  uint32_t *ret_index);

/** Something below, or the directory itself, must stay apart. */
void lf_fold_spoil(struct lf_expander *expander, uint32_t index);

/** The same of `path`, which is physical, and of all above it. */
void lf_fold_spoil_above(struct lf_expander *expander, struct lf_str path);

/** Of the settled set, gather the directories that one tree has alone. False:
 *  err is set. */
bool lf_fold_gather(struct lf_expander *expander);

/* ---- settle.c ---- */

/** Decide who gets each place; the set is sealed. False: err is set. */
bool lf_settle(struct lf_expander *expander);

/* ---- list_sources.c ---- */

/** List the directories from which many single links come, and mark the wishes
 *  for plain files in them as `listed`. False: err is set. */
bool lf_list_sources(struct lf_expander *expander);

#endif
