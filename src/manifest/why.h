/* SPDX-License-Identifier: MIT */
/*
 * why.h - why a manifest makes a link at a place, or makes none
 */
#ifndef LF_MANIFEST_WHY_H
#define LF_MANIFEST_WHY_H

#include <linkfarm/manifest.h>
#include <linkfarm/resolve.h>

enum lf_why_kind {
    LF_WHY_ENTRY,    /* an entry is for this very place */
    LF_WHY_TREE,     /* a tree has it, and takes it */
    LF_WHY_IGNORED,  /* a tree has it; a pattern of `ignore` leaves it out */
    LF_WHY_NOT_ONLY, /* a tree has it; no pattern of `only` takes it */
    LF_WHY_LOST,     /* a tree takes it; another one overrides that */
    LF_WHY_UNMET,    /* a condition does not hold */
};

/** One reason. Texts are borrowed while it is told. */
struct lf_why {
    enum lf_why_kind kind;
    struct lf_mark at;         /* of the link path, tree or directory */
    struct lf_mark condition;  /* of the `when` that decided; else no place */
    struct lf_mark winner_at;  /* LF_WHY_LOST: of the tree that overrides */
    struct lf_str pattern;     /* of `ignore` or `only` that decided; may be */
    struct lf_mark pattern_at; /* empty */
    struct lf_str rule;        /* the last rule of the tree that fits */
    struct lf_mark rule_at;
    struct lf_str source; /* what a tree has, as spelled; else empty */
};

/**
 * Tell every reason that `manifest`, which has no errors, has for `path`, a
 * physical one. Looks at sources through `resolver`. `tell` returns false to
 * end it, which is not a failure. False: memory ran out.
 */
bool lf_manifest_why(const struct lf_manifest *manifest,
                     struct lf_resolver *resolver, struct lf_str path,
                     bool (*tell)(void *arg, const struct lf_why *why),
                     void *arg, struct lf_error *err);

#endif
