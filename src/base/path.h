/* SPDX-License-Identifier: MIT */
/*
 * path.h - paths as bytes: joining, splitting, ordering
 *
 * Lexical only; nothing here looks at a file system. A *physical* path is
 * absolute, has no `.`, `..`, empty component or trailing slash, and no
 * component of its directory is a symbolic link.
 */
#ifndef LF_BASE_PATH_H
#define LF_BASE_PATH_H

#include "base/arena.h"
#include "base/buf.h"

enum {
    LF_NAME_LIMIT = 255,  /* bytes in a component: NAME_MAX of Linux */
    LF_PATH_LIMIT = 4095, /* bytes in a path or link text: PATH_MAX less NUL */
    LF_LINK_LIMIT = 40,   /* links in one look-up: path_resolution(7) */
};

/** Take the next component off `*rest`, skipping slashes. Empty at the end. */
struct lf_str lf_path_next(struct lf_str *rest);

/** Whether a component is `.` or `..`. */
bool lf_path_has_dots(struct lf_str path);

/** The last component: "c" of "/a/b/c", "" of "/". Borrows `path`. */
struct lf_str lf_path_name(struct lf_str path);

/** What stands before the last component: "/a/b" of "/a/b/c", "/" of "/a". */
struct lf_str lf_path_dir(struct lf_str path);

/** `dir` and `name` with one slash between, in `arena`; data NULL without memory. */
struct lf_str lf_path_join(struct lf_arena *arena, struct lf_str dir,
                           struct lf_str name);

/** The same, in `room` until that is used again. data is NULL without memory. */
struct lf_str lf_path_in(struct lf_buf *room, struct lf_str dir,
                         struct lf_str name);

/** The same, appended to `buf`. */
void lf_path_add(struct lf_buf *buf, struct lf_str dir, struct lf_str name);

/** Whether `path` is `dir` or lies below it, by whole components. */
bool lf_path_within(struct lf_str path, struct lf_str dir);

/** Whether `path` is the name `name` in `dir`, or lies below it. An empty `dir`
 *  is the one that `path` is relative to. */
bool lf_path_below(struct lf_str path, struct lf_str dir, struct lf_str name);

/**
 * Order paths so that a directory comes directly before all that lies below
 * it: by bytes, with '/' before every other byte.
 */
int lf_path_compare(struct lf_str a, struct lf_str b);

/**
 * Append the normal form of an absolute path: repeated slashes and `.` dropped,
 * `..` collapsed as text (so only for paths in which no symlink stands before
 * it). Returns false, leaving `buf` as it was, if `path` is not absolute.
 */
bool lf_path_normalise(struct lf_buf *buf, struct lf_str path);

#endif
