/* SPDX-License-Identifier: MIT */
/*
 * near.h - paths that are looked up from a directory near to them
 *
 * The kernel looks up a path component by component, and for a look at a directory
 * that is most of the work. Paths that begin alike need their beginning looked up
 * only once: a descriptor of the directory that two of them have in common serves
 * all that lie below it.
 */
#ifndef LF_PLATFORM_NEAR_H
#define LF_PLATFORM_NEAR_H

#include "platform/fs.h"

struct lf_near {
    struct lf_fs *fs; /* borrowed */
    int root_fd;      /* where all other paths begin; borrowed */
    int fd;           /* owned; negative: there is none near */
    size_t len;       /* of `dir` */
    char *dir;        /* owned */
};

/**
 * Open the deepest directory above both of two absolute paths, which are not kept.
 * That there is none but `root_fd`, that it cannot be opened, or that memory runs out
 * only costs time: paths begin at `root_fd` then. No link in its path is followed. To
 * be ended with lf_near_end().
 */
void lf_near_begin(struct lf_near *near, struct lf_fs *fs, int root_fd,
                   struct lf_str one, struct lf_str other);
void lf_near_end(struct lf_near *near);

/**
 * The descriptor at which the look-up of an absolute path begins, and what of the
 * path is left for it, which borrows `path` and ends in NUL as that must.
 */
int lf_near_at(const struct lf_near *near, struct lf_str path,
               const char **ret_rest);

#endif
