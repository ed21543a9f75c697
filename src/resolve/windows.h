/* SPDX-License-Identifier: MIT */
/*
 * windows.h - what the files of the Windows flavour share
 */
#ifndef LF_RESOLVE_WINDOWS_H
#define LF_RESOLVE_WINDOWS_H

#include "base/arena.h"
#include "base/buf.h"
#include "resolve/table.h"
#include <linkfarm/resolve_windows.h>

enum {
    LF_WIN_NAME_LIMIT = 255,      /* UTF-16 units in a component */
    LF_WIN_LINK_LIMIT = 63,       /* reparse points in one look-up */
    LF_WIN_REPARSE_LIMIT = 16384, /* bytes of a reparse buffer */
};

/* ---- names ---- */

/** Append `name` as it is compared: in upper case, by Unicode's simple mapping
 *  for the scripts that have one. */
void lf_win_fold(struct lf_buf *buf, struct lf_str name);

/** Whether two names are the same without regard to case. */
bool lf_win_same_name(struct lf_str a, struct lf_str b);

/** Whether NTFS would take `name` at all, whatever Win32 makes of it: no
 *  forbidden character, no dots, not too long. */
bool lf_win_is_name(struct lf_str name);

/** The reserved name that `name` is ("CON" of "CON.txt"), borrowed from it;
 *  empty if it is none. */
struct lf_str lf_win_device(struct lf_str name);

/** The next component, at either kind of slash if `slashes`. Empty at the
 *  end. */
struct lf_str lf_win_next(struct lf_str *rest, bool slashes);

/* ---- roots ---- */

/** The root that a full path begins with. */
struct lf_win_root {
    struct lf_str volume; /* "C:", "\\server\share" or "Volume{...}", borrowed
                             from the path if `owned` is empty */
    struct lf_buf owned;  /* holds the volume where the path spells it else */
    struct lf_str rest;   /* components below it, borrowed from the path */
    bool remote;
};

/**
 * Split the root off a full path: "C:\", "\\server\share", "Volume{...}\", any
 * of them behind "\\?\", "\\.\" or "\??\" ("UNC\server\share" there). False
 * if it has none of these; `*ret_failed` if memory ran out.
 */
bool lf_win_split_root(struct lf_str path, struct lf_win_root *ret,
                       bool *ret_failed);

/** Append a volume's root as paths show it, without a slash at the end. */
void lf_win_add_root(struct lf_buf *buf, struct lf_str volume);

/* ---- trees ---- */

struct lf_win_node {
    struct lf_table_link link;
    struct lf_win_node *parent; /* NULL: the root of `volume` */
    struct lf_win_volume *volume;
    struct lf_str name; /* as on disk */
    struct lf_str folded;
    enum lf_win_kind kind;
    struct lf_str substitute, print; /* of links */
    bool relative;
    struct lf_win_volume *mounted; /* of a mounted folder */
};

struct lf_win_volume {
    struct lf_win_volume *next;
    struct lf_str name; /* "C:", "\\server\share", "Volume{...}" */
    bool remote;
    struct lf_win_node root;
};

struct lf_win_tree {
    struct lf_arena arena;
    struct lf_win_volume *volumes;
    struct lf_table nodes; /* by parent and folded name */
    struct lf_buf folded;
};

/** The volume of that name, or NULL. */
struct lf_win_volume *lf_win_find_volume(const struct lf_win_tree *tree,
                                         struct lf_str name);

/** What `name` in directory `dir` is, or NULL. `*ret_failed` if memory ran
 *  out. */
struct lf_win_node *lf_win_find(struct lf_win_tree *tree,
                                const struct lf_win_node *dir,
                                struct lf_str name, bool *ret_failed);

/** Append the final path of `node`, with a slash at the end of a root. */
void lf_win_add_final(struct lf_buf *buf, const struct lf_win_node *node);

/* ---- the walk ---- */

/** A component of the path as rewritten. */
struct lf_win_comp {
    struct lf_str name;       /* as on disk; as spelled if missing */
    struct lf_win_node *node; /* what it leads to; NULL if missing */
    bool junction;            /* kept by name, but leads elsewhere */
};

/** A path on its way: the one asked for, or a junction's. */
struct lf_win_frame {
    struct lf_win_volume *volume;
    uint32_t first;   /* its components: comps[first..] up to the next frame */
    size_t rest, end; /* what is left of it: log[rest..end) */
};

/** A link that was followed; offsets are into the log. */
struct lf_win_followed {
    const struct lf_win_node *node;
    size_t becomes, becomes_len;
    unsigned flags;
};

/** Or-ed with LF_RESOLVE_NOFOLLOW, LF_RESOLVE_MISSING_FINAL and
 *  LF_RESOLVE_MISSING_TAIL. */
struct lf_win_walk {
    /* to be set */
    struct lf_win_tree *tree;
    unsigned flags, policy;
    bool cross_volume;
    /* the answer */
    enum lf_win_error error;
    struct lf_win_node *node; /* where it ended; NULL if that is missing */
    struct lf_win_comp *comps;
    uint32_t n_comps, comps_capacity;
    struct lf_win_frame frames[LF_WIN_LINK_LIMIT + 1];
    uint32_t n_frames; /* 1 at the end, but after an error */
    struct lf_win_followed hops[LF_WIN_LINK_LIMIT];
    unsigned n_hops;
    /* the state */
    struct lf_buf log;
    bool slash;                 /* the path ends in a slash */
    bool wants_dir, wants_file; /* by the kinds of links in the last place */
    bool failed;                /* memory has run out */
};

/** Walk full path `path`. False when memory ran out; free with
 *  lf_win_walk_finish() in any case. */
bool lf_win_walk(struct lf_win_walk *walk, struct lf_str path);
void lf_win_walk_finish(struct lf_win_walk *walk);

/** The directory that is reached so far; NULL while it is missing. */
struct lf_win_node *lf_win_walk_dir(const struct lf_win_walk *walk);

/* ---- a walk from a path as it was typed ---- */

struct lf_win_walked {
    struct lf_win_full_path full;
    struct lf_win_walk walk;
};

/** Both stages. What is to be set of `walked->walk` is set by the caller, who
 *  frees with lf_win_walked_finish() in any case. */
bool lf_win_walk_typed(struct lf_win_walked *walked, struct lf_str path,
                       const struct lf_win_context *context,
                       struct lf_error *err);
void lf_win_walked_finish(struct lf_win_walked *walked);

/** What of the path exists, and how many components come behind it. */
const struct lf_win_node *lf_win_deepest(const struct lf_win_walk *walk,
                                         uint32_t *ret_missing);

/** Append the final path of where a walk ended, missing names at its end. */
void lf_win_add_end(struct lf_buf *buf, const struct lf_win_walk *walk);

/** Append a component. */
void lf_win_add_name(struct lf_buf *buf, struct lf_str name);

#endif
