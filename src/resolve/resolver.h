/* SPDX-License-Identifier: MIT */
/*
 * resolver.h - a view with a cache, and what its directories' names led to
 */
#ifndef LF_RESOLVE_RESOLVER_H
#define LF_RESOLVE_RESOLVER_H

#include "resolve/walk.h"

/** A symlink that was followed on the way that the spelling of a directory leads. */
struct lf_spelled_link {
    size_t end; /* bytes of the spelling up to and with it; 0: it is not in
                             the spelling, but on the way that the one before it
                             leads */
    struct lf_place *dir; /* the directory that holds it */
    struct lf_str name;
};

/**
 * What the spelling of a directory led to. Owned by the resolver's arena; the
 * strings stay when the entry is made anew after a change.
 */
struct lf_spelled {
    struct lf_table_link link;
    int error;           /* errno; 0 if it leads somewhere */
    struct lf_str path;  /* the spelling */
    struct lf_str dir;   /* physical; where it ended, if `error` */
    struct lf_place *at; /* the deepest directory that exists */
    unsigned missing;    /* names of `dir` below `at` */
    enum lf_outcome outcome;
    uint64_t seen; /* generation of the view in which it is known */
    struct lf_place **deps;
    size_t n_deps;
    struct lf_spelled_link *links;
    size_t n_links;
};

struct lf_resolver {
    struct lf_tree tree;
    struct lf_arena arena; /* spelled directories */
    struct lf_scratch scratch;
    struct lf_buf out;       /* of resolution.c and reltext.c */
    struct lf_table spelled; /* by spelling */
    size_t many;             /* of those: see lf_resolver_trim() */
};

/**
 * The entry for directory `path` (absolute, without NUL), followed through any
 * links, missing ones as plain names. An error of the walk is in the entry.
 * `trusted`: search permission is not asked about.
 */
bool lf_spelled_get(struct lf_resolver *resolver, struct lf_str path,
                    bool trusted, const struct lf_spelled **ret,
                    struct lf_error *err);

/** Refuse paths with a NUL; `absolute`: and those that are not absolute. */
bool lf_check_request(struct lf_str path, bool absolute, struct lf_error *err);

/** LF_CODE_UNRESOLVED for `path`, with the errno. Returns false. */
bool lf_unresolved(struct lf_str path, int error, struct lf_error *err);
#ifdef __clang_analyzer__ /* as in error.h */
#define lf_unresolved(path, error, err) (lf_unresolved(path, error, err), false)
#endif

/** A place as it was spelled, split: see lf_place_get(). */
struct lf_split {
    const struct lf_spelled *dir;
    struct lf_str name; /* empty: the directory itself is meant */
};

/**
 * Split a spelled place into its directory, resolved, and its name, borrowed
 * from `path`. Where the spelling ends in `.` or `..`, or is the root, the
 * whole is the directory and the name is empty. LF_CODE_UNRESOLVED where the
 * directory leads nowhere and `must` is set.
 */
bool lf_place_get(struct lf_resolver *resolver, struct lf_str path, bool must,
                  struct lf_split *ret, struct lf_error *err);

#endif
