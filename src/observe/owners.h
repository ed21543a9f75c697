/* SPDX-License-Identifier: MIT */
/*
 * owners.h - ways that lead through what someone else may have put there
 *
 * In a directory that others than root may write, any of them can put a
 * directory at a name, or take one away and put another there. Who works as
 * root must not follow them: of what stands in such a directory, only what is
 * root's or the directory's owner's own is passed.
 */
#ifndef LF_OBSERVE_OWNERS_H
#define LF_OBSERVE_OWNERS_H

#include "platform/fs.h"

/** Physical directories that are passed, whoever they belong to. */
struct lf_passable {
    const struct lf_str *dirs;
    uint32_t count;
};

/** What was met on a way. */
struct lf_way_owners {
    bool shared;          /* someone else than root may change a part of it */
    size_t foreign;       /* bytes of the path up to and with the directory that
                             is not to be passed; 0: none */
    uint32_t owner;       /* its owner */
    uint32_t above_owner; /* of the directory that it stands in, */
    uint32_t above_mode;  /* and that one's mode */
};

/**
 * Open the directory `path`, absolute and physical, below `root_fd`, one name
 * after the other, so that what was looked at is what is passed. Returns a
 * descriptor for reaching what is below it, which the caller closes; -EPERM
 * with `ret->foreign` set at a directory that is not to be passed; or what else
 * failed. `ret` is set in any case, as far as the way went.
 */
int lf_owners_open(struct lf_fs *fs, int root_fd, struct lf_str path,
                   struct lf_passable passable, struct lf_way_owners *ret);

#endif
