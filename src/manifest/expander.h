/* SPDX-License-Identifier: MIT */
/*
 * expander.h - the state of expanding a manifest, and its stages
 *
 * Stages, each a file: expand_place (where a link path physically is),
 * expand_source (where its source is, and the text), expand_tree (which files
 * a tree has), settle (who gets a place that several want).
 */
#ifndef LF_MANIFEST_EXPANDER_H
#define LF_MANIFEST_EXPANDER_H

#include "base/buf.h"
#include "manifest/desired.h"
#include "manifest/model.h"

/** The way from one physical directory to another, as link texts begin. */
struct lf_way {
    struct lf_str dir, source_dir; /* data NULL: none yet */
    struct lf_str text;            /* empty, or ends in a slash */
    enum lf_reltext_reason reason;
};

struct lf_expander {
    const struct lf_expand_request *request;
    const struct lf_manifest *manifest;
    struct lf_diags *diags;
    struct lf_error *err;
    struct lf_desired *desired;
    uint32_t wish_capacity, misplaced_capacity;
    struct lf_str *sources; /* of trees, not yet sorted */
    uint32_t n_sources, source_capacity;
    struct lf_way way;  /* the last one: callers come in runs */
    struct lf_buf path; /* scratch */
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

/** The text of the link that leads there from physical `dir`. */
enum lf_expanded lf_expand_text(struct lf_expander *expander, struct lf_str dir,
                                const struct lf_led *led,
                                struct lf_str *ret_text);

/* ---- expand_tree.c ---- */

/** Add the links of a tree. False: err is set. */
bool lf_expand_tree(struct lf_expander *expander, const struct lf_tree *tree);

/* ---- settle.c ---- */

/** Decide who gets each place; the set is sealed. False: err is set. */
bool lf_settle(struct lf_expander *expander);

#endif
