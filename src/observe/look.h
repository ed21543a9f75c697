/* SPDX-License-Identifier: MIT */
/*
 * look.h - what stands at one place after the other
 *
 * Private to src/observe.
 */
#ifndef LF_OBSERVE_LOOK_H
#define LF_OBSERVE_LOOK_H

#include "base/buf.h"
#include "observe/merge.h"

/** Who looks, in one directory at a time. Zero-initialise `dir.fd` to -1 and
 *  what is not said to be private, and end with lf_looker_finish(). */
struct lf_looker {
    struct lf_fs *fs;
    int root_fd;
    const struct lf_expected *sides[2];
    const struct lf_known *known; /* may be NULL, */
    const struct lf_seen *seen;   /* and so may this */
    struct lf_arena *arena;       /* for what is not borrowed */
    struct lf_watch *watch;       /* whose operations `fs` is; or NULL */
    struct lf_fd dir;

    /* private */
    struct lf_str path;    /* of the directory being looked at */
    bool unchanged;        /* its links stand as the second set says */
    bool entered;          /* opening it was tried */
    int dir_error;         /* errno of opening it, 0 if open */
    struct lf_str missing; /* the directory that was found missing last */
    struct lf_buf below;   /* the path of a directory in it */
};

/** Go to the physical directory `path`, which must live until the next one. */
void lf_looker_go(struct lf_looker *looker, struct lf_str path);

/** Look at a place in it; `ret_look` is zeroed. False: no memory. */
bool lf_looker_look(struct lf_looker *looker, const struct lf_merged *place,
                    struct lf_sighting *ret_look);

void lf_looker_finish(struct lf_looker *looker);

#endif
